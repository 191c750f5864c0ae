"""YAML for people, as plain content: read from the parser's events, so that nothing hides or multiplies.

Scalars stay text (``NO`` is not false, ``0123`` is not 83, ``12:30`` is not 750), but for a plain null or
nothing at all. Anchors, aliases, tags and duplicate keys are refused; composing nodes would hide them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml

from tracker import strict_json
from tracker.errors import Fault, Malformed, Place
from tracker.strict_json import (
    DEEPEST,
    FAULTS_AT_MOST,
    MARKS,
    NUL,
    SURROGATE,
    TOO_DEEP,
    Lines,
    Positions,
    shown,
)
from tracker.text import REPLACEMENT, UnfitText, normalised

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_HALF = re.compile("[\ud800-\udfff]")

# YAML 1.1 §5.1, and those of its line breaks that editors show as something else or not at all.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_QUOTES = "put the text in quotes"
_TAG = Fault("tag", "a tag is not allowed", "remove it; a text that begins with `!` needs quotes")


def read(name: str, raw: bytes) -> tuple[Any, Positions, list[Fault]]:
    """Read one YAML document: its content, where each of its values and keys stands, and its faults.

    Strings come back in NFC. Anchors, tags, aliases (null in their place) and duplicate keys are faults
    that leave the content to be understood; where it cannot be, raises Malformed with every fault.
    """
    text = strict_json.decoded(raw, file=name)
    faults = list(islice(_unprintable_faults(name, text), FAULTS_AT_MOST))
    if faults:
        raise Malformed(faults)
    content = _taken(name, text, _LOADER)
    if content.is_empty:
        content.faults.append(Fault("empty", "the file is empty", place=Place(name, 1, 1)))
    if content.is_empty or content.is_unclear:
        raise Malformed(content.faults)
    return content.root, content.positions, content.faults


def _taken(name: str, text: str, loader: Any) -> _Content:
    content = _Content(name)
    try:
        for event in yaml.parse(text, Loader=loader):
            content.take(event)
    except _Stop:
        raise Malformed(content.faults) from None
    except yaml.MarkedYAMLError as error:
        if loader is not yaml.SafeLoader and "nesting depth" in str(error.problem):
            # libyaml reads ahead up to a limit of its own; the other parser tells where ours is passed.
            return _taken(name, text, yaml.SafeLoader)
        raise Malformed([*content.faults, _syntax_fault(name, text, error)]) from None
    except (yaml.YAMLError, ValueError):  # PyYAML's own loader, on an escape or a version beyond all bounds
        fault = Fault("syntax", "this cannot be read as YAML", place=Place(name, 1, 1))
        raise Malformed([*content.faults, fault]) from None
    return content


class _Stop(Exception):
    """Nothing after this can be understood, or there are faults enough."""


class _Frame:
    """A mapping or list that is still open; ``key`` is None where a mapping's next key is due."""

    __slots__ = ("container", "firsts", "key", "key_at", "node")

    def __init__(self, container: dict[str, Any] | list[Any], node: int) -> None:
        self.container = container
        self.node = node
        self.key: str | None = None
        self.key_at = (1, 1)
        self.firsts: dict[str, tuple[int, int]] = {}


class _Content:
    """Builds a document from the parser's events, going on past each fault as long as it can."""

    def __init__(self, name: str) -> None:
        self.root: Any = None
        self.is_empty = True
        self.is_unclear = False
        self.positions = Positions()
        self.faults: list[Fault] = []
        self._name = name
        self._documents = 0
        self._frames: list[_Frame] = []

    def take(self, event: Any) -> None:
        """Take the next event; raises _Stop where it makes no sense to go on."""
        kind = type(event)
        at = _position(event.start_mark)
        if kind is yaml.ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                self._refuse_anchor_and_tag(event, at)
            self._scalar(event, at)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._refuse_anchor_and_tag(event, at)
            self._open({} if kind is yaml.MappingStartEvent else [], at)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self.positions.close(self._frames.pop().node)
        elif kind is yaml.AliasEvent:
            hint = "write out what it stands for; a text that begins with `*` needs quotes"
            self._fault(Fault("alias", f"the alias `*{shown(event.anchor)}` is not allowed", hint), at)
            self._add(None, at)
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                hint = "give each document a file of its own"
                self._fault(Fault("several_values", "a second document begins here", hint), at)
                raise _Stop

    def _scalar(self, event: Any, at: tuple[int, int]) -> None:
        text: str = event.value
        is_plain = event.implicit[0]
        if "\0" in text:
            self._fault(NUL, at)
            text = text.replace("\0", REPLACEMENT)
        if not text.isascii():
            text = self._composed(text, at)
        if self._awaits_key():
            self._key(text, at)
        elif self._frames or text or not is_plain:
            self._add(None if is_plain and text in _NULLS else text, at)

    def _composed(self, text: str, at: tuple[int, int]) -> str:
        if _HALF.search(text):
            self._fault(SURROGATE, at)
            text = _HALF.sub(REPLACEMENT, text)
        try:
            return normalised(text)
        except UnfitText:
            self._fault(MARKS, at)
            return REPLACEMENT

    def _key(self, key: str, at: tuple[int, int]) -> None:
        frame = self._frames[-1]
        first = frame.firsts.setdefault(key, at)
        if first is not at:
            self._fault(strict_json.duplicate_key(key, *first), at)
        frame.key, frame.key_at = sys.intern(key), at

    def _open(self, container: dict[str, Any] | list[Any], at: tuple[int, int]) -> None:
        if len(self._frames) == DEEPEST:
            self._fault(TOO_DEEP, at)
            raise _Stop
        if self._awaits_key():
            hint = "put a text that begins with `{` or `[` in quotes"
            self._fault(Fault("key", "a list or a mapping cannot be a key", hint), at)
            self.is_unclear = True
        self._frames.append(_Frame(container, self._add(container, at)))

    def _add(self, value: Any, at: tuple[int, int]) -> int:
        """Put a value where it belongs and give its node."""
        self.is_empty = False
        if not self._frames:
            self.root = value
            return self.positions.add(at)
        frame = self._frames[-1]
        key, frame.key = frame.key, None
        if isinstance(frame.container, list):
            frame.container.append(value)
        elif key is None:
            frame.key = ""  # stands in for what cannot be a key, which is a fault already
        else:
            frame.container[key] = value
        return self.positions.add(at, key, frame.key_at)

    def _awaits_key(self) -> bool:
        frame = self._frames[-1] if self._frames else None
        return frame is not None and frame.key is None and isinstance(frame.container, dict)

    def _refuse_anchor_and_tag(self, event: Any, at: tuple[int, int]) -> None:
        if event.anchor is not None:
            hint = "remove it; a text that begins with `&` needs quotes"
            self._fault(Fault("anchor", f"the anchor `&{shown(event.anchor)}` is not allowed", hint), at)
        if event.tag is not None:
            self._fault(_TAG, at)

    def _fault(self, fault: Fault, at: tuple[int, int]) -> None:
        self.faults.append(fault.at(Place(self._name, *at)))
        if len(self.faults) == FAULTS_AT_MOST:
            raise _Stop


# What PyYAML's two loaders say ("context: problem", and the character there), what it means to a person,
# and the next step. The first three are placed where the context begins.
_SYNTAX = (
    (
        r"quoted scalar: .*(end of stream|document)",
        "the text in quotes that begins here is not closed",
        "close it",
    ),
    (r"expected ':'", "a key begins here, but no `:` follows it", "put a text of several lines in quotes"),
    (r"(alias|anchor|tag): |tag handle", "a text cannot begin with `&`, `*` or `!`", _QUOTES),
    (r"tab character|any token \t$", "a tab stands where only spaces can", "indent with spaces"),
    (r"any token", "a text cannot begin with `{2}`", _QUOTES),
    (
        r"mapping values",
        "`:` cannot stand here",
        "put a text that holds `: ` in quotes, or mend the indentation",
    ),
    (
        r"expected ',' or",
        "`,` or the closing bracket is missing here",
        "the bracket opens at line {0}, column {1}",
    ),
    (r"Unicode character", "this escape is not a character", "write the character itself"),
    (r"escape|hexdecimal", "this is not an escape that YAML knows", r"write a backslash as `\\`"),
    (r"expected|allowed", "this does not fit what stands before it", "mend the indentation or the quotes"),
)


def _syntax_fault(name: str, text: str, error: yaml.MarkedYAMLError) -> Fault:
    mark, opening = error.problem_mark, _position(error.context_mark)
    at, here = _position(mark), "" if mark is None else text[mark.index : mark.index + 1]
    sentence, hint = f"this is not YAML: {error.problem}", None
    for rank, (pattern, *meaning) in enumerate(_SYNTAX):
        if re.search(pattern, f"{error.context}: {error.problem} {here}"):
            sentence, hint = (words.format(*opening, here) for words in meaning)
            at = opening if rank < 3 else at
            break
    return Fault("syntax", sentence, hint, place=Place(name, *at))


def _position(mark: yaml.Mark | None) -> tuple[int, int]:
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _unprintable_faults(name: str, text: str) -> Iterator[Fault]:
    lines: Lines | None = None
    for result in _UNPRINTABLE.finditer(text):
        lines = lines or Lines(text)
        code = ord(result[0])
        hint = f"remove it, or write it in double quotes as `\\u{code:04x}`"
        fault = (
            Fault("control_character", f"the character U+{code:04X} cannot stand here", hint) if code else NUL
        )
        yield fault.at(Place(name, *lines.at(result.start())))
