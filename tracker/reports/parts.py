"""What documents are made of: sections, tables, cells, bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker import codes

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bar:
    """Where clauses stand, as parts of a whole; ``text`` says the same in words."""

    by_status: Mapping[str, int]
    total: int
    text: str = ""


Cell = str | Bar
"""A text, with line feeds between its lines, or a bar."""


def text_of(cell: Cell) -> str:
    """Give a cell in words."""
    return cell.text if isinstance(cell, Bar) else cell


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and its share of the width, in percent."""

    heading: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has a cell for each column."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a level (1 or 2) with a table, if there is one; ``empty`` stands for one without rows."""

    key: str
    title: str
    level: int
    table: Table | None = None
    note: str = ""
    empty: str = ""


def local(instant: str, time_zone: str) -> str:
    """Give an instant to the second as clocks of a time zone show it, and which zone that is."""
    try:
        there = datetime.fromisoformat(instant).astimezone(ZoneInfo(time_zone))
    except (ValueError, OverflowError):  # what an earlier report says is anybody's word
        return instant[:40]
    return f"{there:%Y-%m-%d %H:%M:%S} ({time_zone}, UTC{there:%z})"


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
