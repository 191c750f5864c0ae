"""What documents are made of: sections, tables, columns, cells, bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tracker import codes
from tracker.reports.words import Words

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Bar:
    """How many clauses have which status, as parts of a whole; ``text`` says the same in words."""

    by_status: Mapping[str, int]
    total: int
    text: str = ""

    def pieces(self) -> Iterator[tuple[str, float, float]]:
        """Yield each group of statuses that some have, where it begins and how wide it is, in percent."""
        start = 0.0
        for group, statuses in GROUPS.items():
            if count := sum(self.by_status.get(status, 0) for status in statuses):
                width = 100 * count / self.total
                yield group, start, width
                start += width


Cell = str | Bar
"""A text, with line feeds between its lines, or a bar."""


def text_of(cell: Cell) -> str:
    """Return a cell in words."""
    return cell.text if isinstance(cell, Bar) else cell


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: the key of its heading in ``Words``, its width (on paper in percent), its cell of a row."""

    heading: str
    width: float
    cell: Callable[[Row, Words], Cell]
    right: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column, and its width (on paper in percent)."""

    text: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has a cell for each heading."""

    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]


def table(columns: Sequence[Column[Row]], rows: Iterable[Row], words: Words) -> Table:
    """Return the table that some columns make of rows."""
    headings = [Heading(words(each.heading), each.width, each.right) for each in columns]
    return Table(headings, [[each.cell(row, words) for each in columns] for row in rows])


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a level (1 or 2) with a table, if there is one; ``empty`` stands for one without rows."""

    key: str
    title: str
    level: int
    table: Table | None = None
    note: str = ""
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed: a title, what it is of, and sections; ``foot`` stands on every page."""

    lang: str
    title: str
    foot: str
    meta: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    words: Words = field(repr=False)


MARKS: dict[str, str] = {
    "met": "●", "met_ongoing": "●", "partially_met": "◐", "in_progress": "▷", "not_started": "▷",
    "behind": "△", "stalled": "△", "not_met": "×", "dropped": "×", "no_evidence": "?",
    "not_assessed": "○", "waived": "–", "superseded": "–",
}  # fmt: skip
"""A sign for each status that survives a black and white copier; the words always stand beside it."""
GROUPS: dict[str, tuple[str, ...]] = {
    "met": codes.MET,
    "part": ("partially_met",),
    "open": ("in_progress", "not_started"),
    "late": ("behind", "stalled"),
    "not": ("not_met", "dropped"),
    "none": ("no_evidence",),
    "unknown": (codes.NOT_ASSESSED,),
    "out": codes.EXCLUDED,
}
"""The pieces of a bar, in order, and the statuses that each stands for."""
