"""Strict JSON (RFC 8259 and I-JSON, RFC 7493), shared by the API and the loader.

msgspec reads it, and refuses what is no JSON. What it takes all the same (a key that stands twice, deep
nesting, NUL, integers beyond 64 bits) a few cheap looks find. Only text that is refused, or may hold such,
is read again, token by token, to name every fault with its place.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import isinf
from typing import Any
from unicodedata import is_normalized

import msgspec

from tracker.errors import Fault, Malformed, Place
from tracker.text import MOST_MARKS, UnfitText, legible, normalised

DEEPEST = 32
FAULTS_AT_MOST = 1000  # a file of another kind has a fault in every byte

NUL = Fault("nul", "a NUL character (U+0000) cannot be stored", "remove it")
SURROGATE = Fault("surrogate", "half of a surrogate pair is not a character", "write the character itself")
MARKS = Fault("marks", f"a text has more than {MOST_MARKS} combining marks in a row", "remove them")
TOO_DEEP = Fault("too_deep", f"the text nests deeper than {DEEPEST} levels")

_UTF16 = Fault("not_utf_8", "the text is UTF-16 or UTF-32, not UTF-8", "save it as UTF-8")
_QUOTES = "write text in double quotes"

# Matches anywhere: blanks, then a token, or nothing where none begins.
_TOKEN = re.compile(r"""[ \t\n\r]*+("[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|-?[0-9][\w.+-]*+|-?\w++|[\[\]{},:]|)""")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][-+]?[0-9]++)?")
_ESCAPE_OR_CONTROL = re.compile(r"[\x00-\x1f]|\\u([0-9a-fA-F]{4})|\\.")
_SECOND_HALF = re.compile(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_HALF = re.compile("[\ud800-\udfff]")
_NO_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^"\[\]{}]++', re.DOTALL)
_HANGUL = re.compile("[가-힣]")
_UNUSUAL_ESCAPES = ("\\u0000", "\\u003a", "\\u003A")
_MANY_DIGITS = b"0" * 19
_DIGITS_AS_0 = bytes.maketrans(b"123456789", b"000000000")


def read(raw: bytes | str, *, file: str | None = None, line: int = 1) -> Any:
    """Read one JSON value; every string and key comes back in NFC, every integer fits 64 bits.

    Raises Malformed with every fault that can be found. With ``file`` the faults carry a Place in it
    (``line`` is the number of the text's first line there); without, their sentences name the line
    and column. Both count from 1, columns in code points.
    """
    text = decoded(raw, file=file, line=line)
    try:
        content = msgspec.json.decode(text)
        if not _is_unusual(text, content):
            # Parts of NFC text are NFC (UAX 15), so the strings need a look of their own only after this.
            return _composed(content) if "\\u" in text or not is_normalized("NFC", text) else content
    except (msgspec.DecodeError, OverflowError, RecursionError, UnfitText, _SameKey):
        pass
    lines = Lines(text, first=line)
    faults = list(islice(_findings(text, lines), FAULTS_AT_MOST))
    if faults:
        raise _malformed(lines, faults, file)
    return _composed(msgspec.json.decode(text))


def read_on(text: str, *, file: str, line: int = 1) -> tuple[Any, Sequence[Fault]]:
    """Read as ``read`` does, past every fault that leaves the text to be understood, and give those beside it.

    Of a key that stands twice the last value counts; null stands for a number that does not fit, U+FFFD
    for a letter. Raises Malformed where the grammar is broken.
    """
    try:
        return read(text, file=file, line=line), ()
    except Malformed as malformed:
        if any(fault.code == TOO_DEEP.code for fault in malformed.faults):
            raise
        try:
            return _mended(_LENIENT.decode(text)), malformed.faults
        except ValueError:
            raise malformed from None


def decoded(raw: bytes | str, *, file: str | None = None, line: int = 1) -> str:
    """Decode strict UTF-8 and drop a byte order mark; raises Malformed as ``read`` does."""
    if isinstance(raw, str):
        text = raw.removeprefix("\ufeff")
        half = None if text.isascii() else _HALF.search(text)
        if half is not None:
            raise _malformed(Lines(text, first=line), [(half.start(), SURROGATE)], file)
        return text
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw[:4].count(0) > 1:
        raise _malformed(Lines("", first=line), [(0, _UTF16)], file)
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8").removeprefix("\ufeff")
        korean = before.isascii() and _is_cp949(raw)  # its first Korean word is never UTF-8
        hint = "it looks like CP949 (EUC-KR): save it as UTF-8" if korean else "save it as UTF-8"
        fault = Fault("not_utf_8", f"the byte 0x{raw[error.start]:02X} is not UTF-8", hint)
        raise _malformed(Lines(before, first=line), [(len(before), fault)], file) from None


def positions(text: str, *, line: int = 1) -> Positions:
    """Find where each value and key of a JSON text stands; the text is one that ``read_on`` understands."""
    lines, result = Lines(text, first=line), Positions()
    nodes: list[int] = []
    key: str | None = None
    key_at = (1, 1)
    for kind, at, token in _tokens(text):
        if kind == "close":
            result.close(nodes.pop())
        elif kind == "key":
            key, key_at = legible(_LENIENT.decode(token)), lines.at(at)
        else:
            node = result.add(lines.at(at), key, key_at)
            key = None
            if kind == "open":
                nodes.append(node)
    return result


class Positions:
    """Where each value and key of a document stands: (line, column) by path, both from 1.

    A path is a sequence of keys and list indexes. All is kept flat, in document order: 32 bytes a value.
    """

    __slots__ = ("_after", "_children", "_keys", "_keys_at", "_values_at")

    def __init__(self) -> None:
        self._keys: list[str | None] = []
        self._keys_at = array("Q")
        self._values_at = array("Q")
        self._after = array("Q")  # the node that follows a node and everything in it
        self._children: dict[int, dict[str | int, int]] = {}

    def add(self, at: tuple[int, int], key: str | None = None, key_at: tuple[int, int] = (1, 1)) -> int:
        """Note the next value in document order, with its key if it stands in an object; give its node."""
        self._keys.append(key)
        self._keys_at.append(key_at[0] << 32 | key_at[1])
        self._values_at.append(at[0] << 32 | at[1])
        self._after.append(len(self._keys))
        return len(self._keys) - 1

    def close(self, node: int) -> None:
        """Note that the list or object at this node is complete."""
        self._after[node] = len(self._keys)

    def at(self, path: Sequence[str | int], *, key: bool = False) -> tuple[int, int]:
        """Return where the value at the path (or its key) stands, or else its nearest ancestor's value."""
        if not self._keys:
            return 1, 1
        node = 0
        for step in path:
            child = self._children_of(node).get(step)
            if child is None:
                key = False
                break
            node = child
        packed = self._keys_at[node] if key and self._keys[node] is not None else self._values_at[node]
        return packed >> 32, packed & 0xFFFFFFFF

    def _children_of(self, node: int) -> dict[str | int, int]:
        children = self._children.get(node)
        if children is None:
            children = self._children[node] = {}
            child = node + 1
            while child < self._after[node]:
                key = self._keys[child]
                children[len(children) if key is None else key] = child
                child = self._after[child]
        return children


class Lines:
    """The lines of a text, the first of which has the number ``first``; columns count code points from 1."""

    __slots__ = ("_first", "_starts")

    def __init__(self, text: str, *, first: int = 1) -> None:
        self._starts = array("Q", (0, *(result.end() for result in re.finditer("\n", text))))
        self._first = first

    def at(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset."""
        index = bisect_right(self._starts, offset) - 1
        return self._first + index, offset - self._starts[index] + 1


def shown(words: str) -> str:
    """Return the start of what stands in a text so that it fits a sentence and cannot steer a terminal."""
    short = words if len(words) <= 40 else words[:40] + "…"
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in short)


def duplicate_key(key: str, line: int, column: int) -> Fault:
    """Return the fault of a key that stands first at this line and column, and then once more."""
    return Fault(
        "duplicate_key",
        f"the key `{shown(key)}` stands twice",
        f"it stands first at line {line}, column {column}",
    )


class _SameKey(ValueError):
    """Two keys of an object are the same in NFC."""


class _Stop(Exception):
    """The grammar is broken at this offset, so that nothing after it can be understood."""

    def __init__(self, at: int, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.at = at
        self.fault = fault


def _fits(digits: str) -> bool:
    # int() refuses more than 4,300 digits with words of its own, and is quadratic below that.
    return len(digits) < 21 and -(2**63) <= int(digits) < 2**63


_LENIENT = json.JSONDecoder(
    strict=False,
    parse_int=lambda digits: int(digits) if _fits(digits) else None,
    parse_float=lambda digits: None if isinf(float(digits)) else float(digits),
    parse_constant=lambda _word: None,
)


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    # Only brackets outside strings are left, all of one kind; each round takes the innermost ones away,
    # so the number of rounds is the depth. A loop over the brackets in Python takes 20 times as long.
    brackets = _NO_BRACKET.sub("", text).replace("{", "[").replace("}", "]")
    for _ in range(DEEPEST):
        brackets = brackets.replace("[]", "")
        if not brackets:
            return False
    return True


def _is_unusual(text: str, content: Any) -> bool:
    """Return whether a text may hold what its content does not show: NUL, a repeated key, a large integer, depth.

    A text of which keys are missing from the content has more colons than the content, written again.
    Raises OverflowError for an integer that msgspec cannot write.
    """
    if any(escape in text for escape in _UNUSUAL_ESCAPES) or _is_too_deep(text):
        return True
    written = msgspec.json.encode(content)
    return text.count(":") != written.count(b":") or _MANY_DIGITS in written.translate(_DIGITS_AS_0)


def _composed(value: Any) -> Any:
    """Return a value with every string in NFC; raises _SameKey where keys become the same, UnfitText for marks."""
    if isinstance(value, str):
        return normalised(value)
    if isinstance(value, dict):
        members = {_composed(key): _composed(member) for key, member in value.items()}
        if len(members) != len(value):
            raise _SameKey
        return members
    if isinstance(value, list):
        return [_composed(item) for item in value]
    return value


def _mended(value: Any) -> Any:
    """Return a value with every string in NFC, with U+FFFD for what no text may hold."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, dict):
        return {_mended(key): _mended(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_mended(item) for item in value]
    return value


def _is_cp949(raw: bytes) -> bool:
    try:
        return _HANGUL.search(raw.decode("cp949")) is not None
    except UnicodeDecodeError:
        return False


def _malformed(lines: Lines, findings: Iterable[tuple[int, Fault]], file: str | None) -> Malformed:
    return Malformed([_placed(fault, *lines.at(at), file) for at, fault in findings])


def _placed(fault: Fault, line: int, column: int, file: str | None) -> Fault:
    if file is not None:
        return fault.at(Place(file, line, column))
    if fault.code == "empty":
        return fault
    return replace(fault, detail=f"{fault.detail} (line {line}, column {column})")


def _findings(text: str, lines: Lines) -> Iterator[tuple[int, Fault]]:
    """Find every fault in the order it stands, with its offset, up to the first break of the grammar."""
    if not text.strip(" \t\n\r"):
        yield 0, Fault("empty", "the JSON text is empty")
        return
    objects: list[dict[str, int]] = []
    try:
        for kind, at, token in _tokens(text):
            if kind == "open":
                objects.append({})
            elif kind == "close":
                objects.pop()
            elif token[0] != '"':
                yield from _number_or_word_findings(token, at)
            else:
                wrong = list(_string_findings(token, at))
                key = token if wrong else json.loads(token)
                try:
                    key = normalised(key)
                except UnfitText:
                    wrong.append((at, MARKS))
                yield from wrong
                if kind == "key":
                    first = objects[-1].setdefault(key, at)
                    if first != at:
                        yield at, duplicate_key(key, *lines.at(first))
    except _Stop as stop:
        yield stop.at, stop.fault


def _tokens(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield (open, close, key or scalar; offset; token) of a text, checking the grammar; raises _Stop.

    The inside of strings, numbers and words is not checked here.
    """
    closers: list[str] = []
    expected = "value"
    for result in _TOKEN.finditer(text):
        at, token = result.start(1), result[1]
        if closers and token == closers[-1] and expected in ("first item", "first key", "next"):
            yield "close", at, closers.pop()
            expected = "next"
        elif expected == "next" and closers and token == ",":
            expected = "key" if closers[-1] == "}" else "item"
        elif expected == "colon" and token == ":":
            expected = "value"
        elif expected in ("key", "first key") and token.startswith('"'):
            yield "key", at, token
            expected = "colon"
        elif expected in ("value", "item", "first item") and token in ("[", "{"):
            if len(closers) == DEEPEST:
                raise _Stop(at, TOO_DEEP)
            yield "open", at, token
            closers.append("]" if token == "[" else "}")
            expected = "first item" if token == "[" else "first key"
        elif expected in ("value", "item", "first item") and token not in ("", "]", "}", ",", ":"):
            yield "scalar", at, token
            expected = "next"
        elif closers or at < len(text):
            raise _Stop(at, _unexpected(text, at, token, expected, closers[-1:]))


def _unexpected(text: str, at: int, token: str, expected: str, closer: list[str]) -> Fault:
    if at == len(text):
        return Fault("syntax", "the JSON text ends too early", f"`{closer[0]}` is missing")
    if text[at] == "\0":
        return NUL
    if text[at] == '"' and not token:
        hint = 'write `"` after it, and a line break inside it as `\\n`'
        return Fault("syntax", "the text that begins here is not closed on its line", hint)
    if expected in ("item", "key") and token == closer[0]:
        return Fault("syntax", f"a comma stands before `{token}`", "remove the comma")
    here = f"`{shown(token or text[at])}`"
    if expected == "next" and not closer:
        return Fault("several_values", f"{here} follows the end of the JSON value", "give one JSON value")
    wanted = {
        "colon": "`:`",
        "next": "`,` or " + "".join(f"`{bracket}`" for bracket in closer),
        "key": "a key in double quotes",
        "first key": "a key in double quotes",
    }.get(expected, "a value")
    return Fault("syntax", f"{wanted} is expected here, not {here}")


def _number_or_word_findings(token: str, at: int) -> Iterator[tuple[int, Fault]]:
    number = _NUMBER.fullmatch(token)
    if token in ("true", "false", "null"):
        return
    if token.lstrip("-") in ("NaN", "Infinity"):
        yield at, Fault("number", f"{token} is not a JSON number", "write null for an unknown number")
    elif number is None:
        known = "a JSON number" if token.lstrip("-")[0].isdigit() else "true, false or null"
        yield at, Fault("syntax", f"`{shown(token)}` is not {known}", _QUOTES)
    elif number[1] or number[2]:
        if isinf(float(token)):
            yield at, Fault("number", f"the number {shown(token)} is too large", _QUOTES)
    elif not _fits(token):
        yield at, Fault("number", f"the number {shown(token)} does not fit 64 bits", _QUOTES)


def _string_findings(token: str, start: int) -> Iterator[tuple[int, Fault]]:
    second_half = -1
    for result in _ESCAPE_OR_CONTROL.finditer(token):
        at, piece = start + result.start(), result[0]
        if piece in ("\0", "\\u0000"):
            yield at, NUL
        elif len(piece) == 1:
            sentence = f"the control character U+{ord(piece):04X} must be escaped"
            yield at, Fault("syntax", sentence, f"write it as `\\u{ord(piece):04x}`")
        elif result[1]:
            code = int(result[1], 16)
            if 0xD800 <= code < 0xDC00 and _SECOND_HALF.match(token, result.end()):
                second_half = result.end()
            elif 0xD800 <= code < 0xE000 and result.start() != second_half:
                yield at, SURROGATE
        elif piece[1] not in '"\\/bfnrt':
            hint = "`\\u` needs four hexadecimal digits" if piece == "\\u" else "write a backslash as `\\\\`"
            yield at, Fault("syntax", f"`{shown(piece)}` is not a JSON escape", hint)
