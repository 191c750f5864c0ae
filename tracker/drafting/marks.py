"""Quotation marks: what stands between them, in every style that articles use.

A scan goes through a paragraph once. Inside an opened mark nothing else opens but a mark of another
kind that is closed again; so a phrase nested in single marks never becomes a piece of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice


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
        """Whether its marks are single ones, which are apostrophes and scare quotes as well."""
        return self.mark in "‘'"


def marked(text: str, start: int, end: int) -> Iterator[Marked]:
    """Give the marked pieces of a paragraph, in order, none inside another."""
    at = start
    while at < end:
        found = _MARKS.search(text, at, end)
        if found is None:
            return
        at = found.start()
        mark = text[at]
        piece = _piece(text, at, mark, start, end)
        if piece is None:
            at += 1
            continue
        if piece.end > piece.start:
            yield piece
        at = max(piece.after, at + 1)


def _piece(text: str, at: int, mark: str, start: int, end: int) -> Marked | None:
    """Give what a mark opens, or None where it opens nothing."""
    if mark in _PAIRS:
        close = text.find(_PAIRS[mark], at + 1, end)
        return _trimmed(text, at, close if close >= 0 else end, mark, close >= 0, end)
    if mark in "‘'":
        return _single(text, at, mark, start, end)
    if not _opens(text, at, mark, start, end):
        return None
    return _double(text, at, mark, end)


def _opens(text: str, at: int, mark: str, start: int, end: int) -> bool:
    """Whether a double mark at depth nought opens something."""
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
    closers = '“”"' if mark == "„" else '”"'
    place = at + 1
    depth = 0
    while True:
        found = _DOUBLE.search(text, place, end)
        if found is None:
            return _unclosed(text, at, mark, end)
        place = found.start()
        letter = text[place]
        before, after = text[place - 1], text[place + 1] if place + 1 < end else " "
        if mark == "„" and letter in closers:
            return _trimmed(text, at, place, mark, closed=True, limit=end)
        opening = letter in "“„" and not (not before.isspace() and (after.isspace() or after in ",.)”"))
        if opening and letter == "“" and place > at + 1:
            if (_nests(text, place, end) and not before.isspace()) or _nests_two(text, place, end):
                depth += 1
                place += 1
                continue
            return _unclosed(text, at, mark, place)
        if opening and place == at + 1:
            place += 1
            continue
        if letter == '"' and before.isspace() and not after.isspace() and place > at + 1:
            # A straight mark that can only open: the one before it was never closed.
            ahead = text.count('"', place, min(end, place + 2_000)) + text.count(
                "”", place, min(end, place + 2_000)
            )
            if mark == "“" and depth == 0 and ahead >= 2 and text.find("“", place + 1, place + 2_000) < 0:
                depth += 1
                place += 1
                continue
            if mark == '"' and ahead % 2 == 0 and ahead:
                return _unclosed(text, at, mark, place)
        if depth:
            depth -= 1
            place += 1
            continue
        return _trimmed(text, at, place, mark, closed=True, limit=end)


def _nests(text: str, place: int, end: int) -> bool:
    return text.find("”", place, min(end, place + 200)) >= 0


def _nests_two(text: str, place: int, end: int) -> bool:
    """Whether after a “ inside a quotation two marks close before the next opens."""
    following = [text[found.start()] for found in _SOME.finditer(text, place + 1, min(end, place + 1_200))][
        :2
    ]
    return following == ["”", "”"]


def _unclosed(text: str, at: int, mark: str, limit: int) -> Marked:
    """Give what a mark opens that is never closed: up to who says it, else up to the limit."""
    said = _SAID.search(text, at, min(limit, at + 3_000))
    stop = said.end("end") if said else limit
    while stop > at + 1 and text[stop - 1].isspace():
        stop -= 1
    return Marked(at + 1, stop, mark, False, stop if said else limit)


def _single(text: str, at: int, mark: str, start: int, end: int) -> Marked | None:
    """Find the partner of a single mark, among all the apostrophes."""
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    if not (before.isspace() or before in '([—–:"“-/…·,') or after.isspace():
        return None
    close = "’" if mark == "‘" else "'"
    weak = -1
    candidates = re.finditer(close if mark == "'" else "[’']", text[at + 1 : min(end, at + 1_500)])
    for found in islice(candidates, 25):
        place = at + 1 + found.start()
        following = text[place + 1] if place + 1 < end else " "
        last = text[place - 1]
        if last.isspace() or (following.isalnum() and not "가" <= following <= "힣"):
            continue
        if last in ",.!?…" or (following in ",.;:)" and last != "s"):
            return _trimmed(text, at, place, mark, closed=True, limit=end)
        if weak < 0 and not (last == "s" and following == " "):
            weak = place
            break
        if weak < 0:
            weak = place
    if weak < 0:
        return _unclosed_line(text, at, mark, start, end)
    return _trimmed(text, at, weak, mark, closed=True, limit=end)


def _unclosed_line(text: str, at: int, mark: str, start: int, end: int) -> Marked | None:
    """Give a whole paragraph that a single mark opens, where the next one is opened by the same mark."""
    following = text[end : end + 80].lstrip()
    if text[start:at].strip() or not following.startswith(mark):
        return None
    return _trimmed(text, at, end, mark, closed=False, limit=end)


def _trimmed(text: str, at: int, close: int, mark: str, closed: bool, limit: int) -> Marked:  # noqa: FBT001 - a fact
    start, stop = at + 1, close
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    return Marked(start, stop, mark, closed, min(close + 1, limit))


_PAIRS = {"「": "」", "『": "』", "«": "»", "〝": "〞", "＂": "＂"}
_MARKS = re.compile("[“”\"„‘'「『«〝＂]")
_DOUBLE = re.compile('[“”"„]')
_SOME = re.compile("[“”]")
_SAID = re.compile(
    r"(?P<end>[,.?!])(?=\s(?:(?:he|she|they)\s(?:said|says|added|told)|said|says|added|(?:[A-Z][\w’'.-]{0,20}\s){1,5}(?:said|says|added)\b))"
)
