"""Quotation marks: what stands between them, in every style that articles use.

A scan goes through a paragraph once. Inside an opened mark nothing else opens but a mark of another
kind that is closed again; so a phrase nested in single marks never becomes a piece of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from tracker.drafting.rules import rule


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands between a mark and its partner: ``start`` and ``end`` without the marks themselves."""

    start: int
    end: int
    mark: str
    closed: bool
    after: int
    """Where the text goes on behind the closing mark."""

    @property
    def before(self) -> int:
        """Where the opening mark stands."""
        return self.start - 1

    @property
    def is_single(self) -> bool:
        """Return whether its marks are single ones, which are apostrophes and scare quotes as well."""
        return self.mark in "‘'"


def marked(text: str, start: int, end: int) -> Iterator[Marked]:
    """Yield the marked pieces of a paragraph, in order, none inside another."""
    at = start
    while at < end:
        match = _MARKS.search(text, at, end)
        if match is None:
            return
        at = match.start()
        mark = text[at]
        piece = _piece(text, at, mark, start, end)
        if piece is None:
            at += 1
            continue
        if piece.end > piece.start:
            yield piece
        at = max(piece.after, at + 1)


def _piece(text: str, at: int, mark: str, start: int, end: int) -> Marked | None:
    """Return what a mark opens, or None where it opens nothing."""
    if mark in _PAIRS:
        close = text.find(_PAIRS[mark], at + 1, end)
        return _trimmed(text, at, close if close >= 0 else end, mark, closed=close >= 0, limit=end)
    if mark in "‘'":
        return _single(text, at, mark, start, end)
    if not _opens(text, at, mark, start, end):
        return None
    return _double(text, at, mark, end)


def _opens(text: str, at: int, mark: str, start: int, end: int) -> bool:
    """Return whether a double mark at depth nought opens something."""
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    if mark in {"“", "„"}:
        return True
    if mark == '"':
        if before.isdigit() and (after.isspace() or after in ",.;)x×"):
            return False  # inches
        return not after.isspace()
    return (before.isspace() or before in "([:") and not after.isspace()  # ” the wrong way round


def _double(text: str, at: int, mark: str, end: int) -> Marked:
    """Find the partner of a double mark: a closing one of any shape, or where the next one opens."""
    position = at + 1
    while True:
        match = _DOUBLE.search(text, position, end)
        if match is None:
            return _unclosed(text, at, mark, end)
        position = match.start()
        before, after = text[position - 1], text[position + 1] if position + 1 < end else " "
        closes = not before.isspace() and (after.isspace() or after in ",.)”")
        if mark == "„" or text[position] not in "“„" or closes:
            return _trimmed(text, at, position, mark, closed=True, limit=end)
        if position > at + 1:
            return _unclosed(text, at, mark, position)
        position += 1


def _unclosed(text: str, at: int, mark: str, limit: int) -> Marked:
    """Return what a mark opens that is never closed: up to who says it, else up to the limit."""
    verb = _SAID.search(text, at, min(limit, at + 3_000))
    stop = verb.end("end") if verb else limit
    while stop > at + 1 and text[stop - 1].isspace():
        stop -= 1
    return Marked(at + 1, stop, mark, False, stop if verb else limit)


def _single(text: str, at: int, mark: str, start: int, end: int) -> Marked | None:
    """Find the partner of a single mark, among all the apostrophes."""
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    if not (before.isspace() or before in '([—–:"“-/…·,') or after.isspace():
        return None
    close = "’" if mark == "‘" else "'"
    weak = -1
    candidates = re.finditer(close if mark == "'" else "[’']", text[at + 1 : min(end, at + 1_500)])
    for match in islice(candidates, 25):
        position = at + 1 + match.start()
        following = text[position + 1] if position + 1 < end else " "
        last = text[position - 1]
        if last.isspace() or (following.isalnum() and not "가" <= following <= "힣"):
            continue
        if last in ",.!?…" or (following in ",.;:)" and last != "s"):
            return _trimmed(text, at, position, mark, closed=True, limit=end)
        if weak < 0 and not (last == "s" and following == " "):
            weak = position
            break
        if weak < 0:
            weak = position
    if weak < 0:
        return _unclosed_line(text, at, mark, start, end)
    return _trimmed(text, at, weak, mark, closed=True, limit=end)


def _unclosed_line(text: str, at: int, mark: str, start: int, end: int) -> Marked | None:
    """Return a whole paragraph that a single mark opens, where the next one is opened by the same mark."""
    following = text[end : end + 80].lstrip()
    if text[start:at].strip() or not following.startswith(mark):
        return None
    return _trimmed(text, at, end, mark, closed=False, limit=end)


def _trimmed(text: str, at: int, close: int, mark: str, *, closed: bool, limit: int) -> Marked:
    start, stop = at + 1, close
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return Marked(start, stop, mark, closed, min(close + 1, limit))


_PAIRS = {"「": "」", "『": "』", "«": "»", "〝": "〞", "＂": "＂"}
_MARKS = rule("[“”\"„‘'「『«〝＂]", "opens a quotation", 'Mere Paki said: "We waited forty')
_DOUBLE = rule('[“”"„]', "opens or closes a quotation", "trains are back,” said Transport")
_SAID = rule(
    r"(?P<end>[,.?!])(?=\s(?:(?:he|she|they)\s(?:said|says|added|told)|said|says|added|"
    r"(?:[A-Z][\w’'.-]{0,20}\s){1,5}(?:said|says|added)\b))",
    "ends a quotation whose closing mark is missing",
    "for our students, said Professor",
)
