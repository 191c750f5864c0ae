"""Seed content as text: what a file says of a thing, and YAML and JSON that the loader reads back.

The YAML is the loader's, and reads the same to every reader of YAML 1.1 and 1.2: a text that one of them
takes for something else stands in quotes, as does one whose blanks or characters cannot be seen. Only
full days and months are plain wherever a field is a date, as people write them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, cast

from tracker.models import CHILDREN, RESOURCES, Base, Clause, Resource, fields_of
from tracker.models.values import ClauseValues, Values
from tracker.queries.representation import encoder
from tracker.validation import writable

WIDEST = 110
"""Columns that a short list or mapping may take on one line."""


def seed_content(
    model: type[Resource], values: Mapping[str, object], *, complete: bool = False
) -> dict[str, Any]:
    """Return what a seed file says of a thing with all in it; ``values`` are as readers see them.

    What is unknown or empty is left out, and `first_due` where it is `due`; ``complete`` says all of it,
    null and [] included.
    """
    content = _fields(model, values, complete=complete)
    if model is Clause and not complete:
        clause = cast("ClauseValues", values)
        first_due = clause["first_due"]
        if first_due == clause["due"]:
            content.pop("first_due", None)
        elif first_due is None:  # the loader would take `due` for it
            content["first_due"] = None
    for nested in model.nested:
        entries = cast("list[Any]", values[nested.name])
        if nested.scalar is None:
            entries = [_fields(nested.model, entry, complete=complete) for entry in entries]
        if entries or complete:
            content[nested.name] = entries
    for name, child in CHILDREN.get(model, {}).items():
        children = cast("list[Values]", values[name])
        if children or complete:
            content[name] = [seed_content(child, each, complete=complete) for each in children]
    return content


def json_of(content: Any) -> bytes:
    """Return content as compact JSON on one line."""
    return encoder.encode(content)


def yaml_item(content: Mapping[str, Any]) -> str:
    """Return one entry of a section: block style, short lists and mappings on one line."""
    lines: list[str] = []
    _item(content, 2, lines)
    lines.append("")
    return "\n".join(lines)


def _fields(model: type[Base], values: Mapping[str, object], *, complete: bool) -> dict[str, Any]:
    if complete:
        return {name: values[name] for name in _names(model)}
    return {name: values[name] for name in _names(model) if values[name] is not None}


@cache
def _names(model: type[Base]) -> tuple[str, ...]:
    return tuple(name for name, field in writable(model, "seed").items() if not field.hidden)


def _item(content: Mapping[str, Any], indent: int, lines: list[str]) -> None:
    """Write the lines of an entry of a list: a dash before its first key."""
    first = len(lines)
    _mapping(content, indent + 2, lines)
    lines[first] = " " * indent + "- " + lines[first][indent + 2 :]


def _mapping(content: Mapping[str, Any], indent: int, lines: list[str]) -> None:
    space = " " * indent
    for key, value in content.items():
        if not isinstance(value, list):
            lines.append(f"{space}{key}: {_value(key, value, indent)}")
        elif not value:
            lines.append(f"{space}{key}: []")
        elif isinstance(value[0], dict):
            _entries(key, value, indent, lines)
        else:
            line = f"{space}{key}: [{', '.join([_scalar(key, each, inside=True) for each in value])}]"
            if len(line) <= WIDEST:
                lines.append(line)
            else:
                lines.append(f"{space}{key}:")
                lines += [f"{space}  - {_scalar(key, each)}" for each in value]


def _entries(key: str, entries: Sequence[Mapping[str, Any]], indent: int, lines: list[str]) -> None:
    """Write a list of mappings; a blank line stands around what has lines of its own in a section's entry."""
    space = " " * indent
    spaced = key in _SPACED
    if spaced:
        lines.append("")
    lines.append(f"{space}{key}:")
    for place, entry in enumerate(entries):
        if key not in _BLOCKS:
            line = f"{space}  - {_flow(entry)}"
            if len(line) <= WIDEST and "\\n" not in line:
                lines.append(line)
                continue
        if spaced and place:
            lines.append("")
        _item(entry, indent + 2, lines)


def _flow(entry: Mapping[str, Any]) -> str:
    pairs = [f"{key}: {_scalar(key, value, inside=True)}" for key, value in entry.items()]
    return f"{{{', '.join(pairs)}}}"


def _value(key: str, value: Any, indent: int) -> str:
    """Return a value after its key: a text of several lines as a literal block, where that says the same."""
    if isinstance(value, str) and "\n" in value and _LITERAL.fullmatch(value) and _is_visible(value):
        space = "\n" + " " * (indent + 2)
        ends = "|" if value.endswith("\n") else "|-"
        lines = value.removesuffix("\n").split("\n")
        return ends + "".join(space + line if line else "\n" for line in lines)
    return _scalar(key, value)


def _scalar(key: str, value: Any, *, inside: bool = False) -> str:
    """Return a value on one line; ``inside`` says that brackets stand around it."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return str(value)
    words = _frequently_written if len(value) <= _FREQUENT else _written
    return words(value, key in _DATES, inside)


def _written(text: str, is_date: bool, inside: bool) -> str:  # noqa: FBT001 - cached by position
    if _is_plain(text, inside=inside) or (is_date and _DATE.fullmatch(text)) or _UUID.fullmatch(text):
        return text
    return f'"{_UNSEEN_OR_MARK.sub(_escaped, text)}"'


_FREQUENT = 24
"""Codes, days and many ids are at most so long, and come again and again."""
_frequently_written = lru_cache(8192)(_written)


def _is_plain(text: str, *, inside: bool) -> bool:
    first = text[0]
    return (
        (first.isalpha() or (not first.isascii() and unicodedata.category(first) == "So"))
        and text.casefold() not in _WORDS
        and not (_MARKS_INSIDE if inside else _MARKS).search(text)
        and not text[-1].isspace()
        and "\n" not in text
        and _is_visible(text)
    )


def _is_visible(text: str) -> bool:
    return _UNSEEN.search(text) is None


@cache
def _dates() -> frozenset[str]:
    """Return the names of fields that are dates; in no table such a name is anything else."""
    models: list[type[Base]] = [
        each for model in RESOURCES.values() for each in (model, *(nested.model for nested in model.nested))
    ]
    every = [(name, field.kind) for model in models for name, field in fields_of(model).items()]
    dates = frozenset(name for name, kind in every if kind in ("date", "day"))
    assert not [name for name, kind in every if name in dates and kind not in ("date", "day")]
    return dates


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_DATES = _dates()
_SPACED = frozenset(("clauses", "quotes"))
_BLOCKS = frozenset(("clauses", "quotes", "follow_ups"))
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

# What some reader of YAML 1.1 or 1.2 takes for a truth, a null or a number, whatever its case.
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"])
_MARKS = re.compile(r":(?=\s|$)|\s#")
_MARKS_INSIDE = re.compile(r"[,\[\]{}:?]|\s#")  # PyYAML's own parser takes no `?` there
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Lines of which the first is not blank and none ends in blanks; at most one line break at the end.
_LITERAL = re.compile(r"(?! )[^\n]*[^\s](\n+[^\n]*[^\s])*\n?")
# Controls, line breaks that are none to most readers, and what turns or joins without being seen; the two
# joiners of emoji and of several scripts stay.
_UNSEEN_CHARS = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{_UNSEEN_CHARS}]")
_UNSEEN_OR_MARK = re.compile(rf'[{_UNSEEN_CHARS}\n"\\]')
