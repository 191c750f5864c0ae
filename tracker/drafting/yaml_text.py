"""A draft as YAML for people: a seed file with what to look at as comments above each thing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

HEADING = """\
# A draft: read it against the article before it is loaded.
# `start` and `end` count Unicode code points (half-open) in the article's text, which `sha256` identifies.
# Comments and `draft` say how sure each thing is, and what to look at; loading ignores them.
"""


def yaml_of(document: dict[str, Any]) -> str:
    """Return a draft as YAML that the seed reader takes as it is."""
    lines = [HEADING.rstrip("\n")]
    for key, value in document.items():
        if isinstance(value, list):
            lines += ["", f"{key}:" if value else f"{key}: []"]
            lines += _list(value, "  ")
        else:
            lines += _entry(key, value, "")
    return "\n".join(lines) + "\n"


def _list(values: list[Any], indent: str) -> Iterator[str]:
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            yield f"{indent}- {_scalar(value)}"
            continue
        if number and len(value) > 4:
            yield ""
        yield from (
            f"{indent}# look at: {_comment(words)}" for words in value.get("draft", {}).get("look_at", ())
        )
        mark = "- "
        for key, inner in value.items():
            for line in _entry(key, inner, indent + "  "):
                yield (indent + mark + line[len(indent) + 2 :]) if mark == "- " else line
                mark = "  "


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    if key == "draft" and value.get("not_taken"):
        yield f"{indent}draft:"
        for name, inner in value.items():
            yield from _entry(name, inner, indent + "  ")
    elif (
        key == "draft"
        or (isinstance(value, dict) and value)
        or (isinstance(value, list) and value and not isinstance(value[0], dict))
    ):
        yield f"{indent}{key}: {_flow(value)}"
    elif isinstance(value, list) and value:
        yield f"{indent}{key}:"
        if all(len(item) <= 4 for item in value):
            for item in value:
                for words in item.get("draft", {}).get("look_at", ()):
                    yield f"{indent}  # look at: {_comment(words)}"
                yield f"{indent}  - {_flow(item)}"
        else:
            yield from _list(value, indent + "  ")
    elif isinstance(value, list):
        yield f"{indent}{key}: []"
    else:
        yield f"{indent}{key}: {_scalar(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not _NUMBER.fullmatch(value):
        return str(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _comment(words: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", words).split())


_PLAIN = re.compile(
    r"[A-Za-z가-힣][A-Za-z0-9가-힣_/-]*(?: [A-Za-z0-9가-힣(][A-Za-z0-9가-힣_()/-]*)*|"
    r"\d{4}-\d{2}-\d{2}|[0-9a-f]{64}"
)
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n", "~"))
_NUMBER = re.compile(r"[0-9a-f]{64}(?<=\d{64})|[+-]?\d+")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\U000e0000-\U000e0fff\ue000-\uf8ff]")
