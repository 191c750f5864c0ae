"""What documents are made of: sections, tables, columns, cells, bars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

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
        for name, group in GROUPS.items():
            if count := sum(self.by_status.get(status, 0) for status in group.statuses):
                width = 100 * count / self.total
                yield name, start, width
                start += width


Cell = str | Bar
"""A text, with line feeds between its lines, or a bar."""


def text_of(cell: Cell) -> str:
    """Return a cell in words."""
    return cell.text if isinstance(cell, Bar) else cell


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: its heading, or the key of it in ``Words``, its width (on paper in percent), its cell of a row."""

    heading: str | codes.Label
    width: int
    cell: Callable[[Row, Words], Cell]
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has a cell for each column."""

    columns: Sequence[Column[Any]]
    rows: Sequence[Sequence[Cell]]


def table(columns: Sequence[Column[Row]], rows: Iterable[Row], words: Words) -> Table:
    """Return the table that some columns make of rows."""
    return Table(columns, [[column.cell(row, words) for column in columns] for row in rows])


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

    title: str
    foot: str
    meta: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    words: Words = field(repr=False)


class Group(NamedTuple):
    """A piece of a bar: statuses, and their sign, which survives a black and white copier."""

    mark: str
    statuses: tuple[str, ...]


GROUPS = {
    "met": Group("●", codes.MET),
    "part": Group("◐", ("partially_met",)),
    "open": Group("▷", ("in_progress", "not_started")),
    "late": Group("△", ("behind", "stalled")),
    "not": Group("×", ("not_met", "dropped")),
    "none": Group("?", ("no_evidence",)),
    "unknown": Group("○", (codes.NOT_ASSESSED,)),
    "out": Group("–", codes.EXCLUDED),
}
"""The pieces of a bar, in order."""
MARKS = {status: group.mark for group in GROUPS.values() for status in group.statuses}
"""The sign of each status; the words always stand beside it."""
