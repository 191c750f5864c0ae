"""Text in a terminal's cells: how wide it is, where it breaks, tables that fit the screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

GAP = 2
"""Blank cells between two columns."""
NARROWEST = 4
"""No column becomes narrower than this, however narrow the terminal."""


def width(text: str) -> int:
    """Return how many cells a text takes: East Asian wide letters two, combining marks none (UAX #11)."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def printable(text: str) -> str:
    """Return a text that no terminal obeys: control characters stand as `\\x1b`, tabs as blanks, lines break."""
    if text.isprintable():
        return text
    return "".join(letter if letter == "\n" else _visible(letter) for letter in text.replace("\t", " "))


def wrapped(text: str, room: int) -> list[str]:
    """Break a text into lines of at most ``room`` cells, between words where it can."""
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, room)]


def cut(text: str, room: int) -> str:
    """Shorten a text to ``room`` cells; an ellipsis stands for what is missing."""
    if width(text) <= room:
        return text
    return _head(text, room - 1).rstrip() + "…"


def table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], room: int, *, most_lines: int | None = None
) -> Iterator[str]:
    """Yield the lines of a table that is at most ``room`` cells wide, the headings first.

    Texts that do not fit are wrapped, to at most ``most_lines`` lines a row.
    """
    widths = column_widths(headings, rows, room)
    yield line_of(headings, widths)
    for row in rows:
        yield from row_lines(row, widths, most_lines)


def column_widths(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Share the room among columns: narrow ones take what they need, wide ones what is left."""
    needed = [
        max(width(line) for cell in column for line in cell.split("\n"))
        for column in zip(headings, *rows, strict=True)
    ]
    left = room - GAP * (len(needed) - 1)
    widths = [0] * len(needed)
    by_need = sorted(range(len(needed)), key=needed.__getitem__)
    for count, column in enumerate(by_need):
        share = max(left // (len(needed) - count), NARROWEST)
        widths[column] = min(needed[column], share)
        left -= widths[column]
    return widths


def row_lines(row: Sequence[str], widths: Sequence[int], most_lines: int | None = None) -> Iterator[str]:
    """Yield the lines of one row of a table."""
    cells = [_at_most(wrapped(cell, room), most_lines, room) for cell, room in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells), default=0)):
        yield line_of([cell[number] if number < len(cell) else "" for cell in cells], widths)


def line_of(texts: Sequence[str], widths: Sequence[int]) -> str:
    """Return one line of a table, each text cut and padded to its column."""
    cells = [cut(text, room) for text, room in zip(texts, widths, strict=True)]
    padded = [text + " " * (room - width(text)) for text, room in zip(cells, widths, strict=True)]
    return (" " * GAP).join(padded).rstrip()


@lru_cache(4096)
def _cells(letter: str) -> int:
    # Vowels and finals of conjoining Jamo sit on the consonant before them.
    if unicodedata.category(letter) in ("Mn", "Me", "Cf") or "\u1160" <= letter <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _visible(letter: str) -> str:
    """Spell out what moves a cursor or turns the direction of writing; the rest stays."""
    kind = unicodedata.category(letter)
    if kind in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(letter) in _TURNS:
        return letter.encode("unicode_escape").decode()
    return letter


_TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def _wrapped(text: str, room: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        line = word
        while width(line) > room:
            head = _head(line, room)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line]


def _head(text: str, room: int) -> str:
    """Return as much of a text as fits, one letter at least, its combining marks with it."""
    taken = 0
    for index, letter in enumerate(text):
        taken += _cells(letter)
        if taken > room and index > 0:
            return text[:index]
    return text


def _at_most(lines: list[str], most: int | None, room: int) -> list[str]:
    if most is None or len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(last) > room - 1:
        last = last[:-1]
    return [*lines[: most - 1], f"{last.rstrip()}…"]
