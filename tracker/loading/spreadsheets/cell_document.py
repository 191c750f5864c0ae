"""A seed document put together from a spreadsheet's cells: each of its values knows its cell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracker.errors import Fault, Place
from tracker.loading.document import Document
from tracker.loading.spreadsheets.tables import letters

Path = tuple[str | int, ...]

UNREADABLE: dict[str, object] = {}
"""What stands in a document for a value that could not be read; no shape accepts it."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_KIND_OF_LIST = {"follow_ups": "follow_up", "clauses": "clause", "agreements": "agreement"}


@dataclass(frozen=True, slots=True)
class CellValue:
    """A cell, read as what its column fills in: its text is None where that cannot be, and ``fault`` says why."""

    text: str | None
    place: Place
    fault: Fault | None = None
    printed: str = ""
    """How the text stands in the cell, where that is worth keeping: a date."""

    @property
    def content(self) -> object:
        """What stands for it in a document."""
        return UNREADABLE if self.text is None else self.text


@dataclass(slots=True)
class CellDocument(Document):
    """A document put together from cells: the places of its values are theirs."""

    places: dict[Path, Place] = field(default_factory=dict, repr=False, compare=False)
    faults: list[Fault] = field(default_factory=list)
    """Faults of rows; those of values stand in ``found``."""
    headings: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False, compare=False)
    """The column and the heading of what the sheet can fill in, by its name: `follow_up.reason`."""

    @property
    def is_sheet(self) -> bool:
        """Whether it is put together from the cells of a spreadsheet."""
        return True

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:  # noqa: ARG002 - cells have no keys
        """Return the cell of the value at a path, or where it would stand: else that of the nearest value around it."""
        steps = tuple(path)
        if steps in self.places:
            return self.places[steps]
        while steps not in self.places and steps:
            steps = steps[:-1]
        around = self.places.get(steps, Place(self.name, 1, 1))
        column, _ = self.headings.get(_column_name(path), (None, ""))
        if column is None or around.cell is None or not steps:
            return around
        sheet = around.cell.rpartition("!")[0]
        return replace(around, column=column, cell=f"{sheet}!{letters(column)}{around.line}")

    def worded(self, fault: Fault, path: Sequence[str | int]) -> Fault:
        """Return a fault that calls fields by the headings of the sheet."""
        kind = _column_name(path).partition(".")[0]

        def with_headings(text: str) -> str:
            def heading(field: re.Match[str]) -> str:
                return f"`{self.headings.get(f'{kind}.{field[1]}', (0, field[1]))[1]}`"

            return re.sub("`([a-z_]+)`", heading, text)

        return replace(
            fault, detail=with_headings(fault.detail), hint=fault.hint and with_headings(fault.hint)
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An object of a document: its path, and its values, which are filled in from cells."""

    document: CellDocument
    path: Path
    values: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, cell: CellValue) -> None:
        """Set a value to what a cell says, with its place and what is wrong with it."""
        self.values[name] = cell.content
        self.document.places[*self.path, name] = cell.place
        if cell.fault is not None:
            self.document.found[*self.path, name] = cell.fault

    def put_evidence(self, cell: CellValue) -> None:
        """Set the evidence to what a cell names, one a line or between semicolons: addresses or documents' numbers."""
        self.put("evidence", cell)
        if cell.text is not None:
            items = [item.strip() for item in re.split(r"[\n;]", cell.text) if item.strip()]
            self.values["evidence"] = [
                {"url" if _ADDRESS.match(item) else "reference": item} for item in items
            ]

    def add(self, name: str, place: Place) -> Entry:
        """Append an empty object to one of the lists, and return it."""
        objects = self.values.setdefault(name, [])
        entry = Entry(self.document, (*self.path, name, len(objects)))
        objects.append(entry.values)
        self.document.places[entry.path] = place
        return entry


def cell_document(name: str, place: Place, *, partial: bool = False) -> CellDocument:
    """Return an empty document, whose place is that of its headings."""
    content: dict[str, list[Any]] = {"parties": [], "agreements": []}
    return CellDocument(name, content, True, partial=partial, places={(): place})


def _column_name(path: Sequence[str | int]) -> str:
    """Return the name of the column that fills in the field at a path: `follow_up.reason`."""
    kind = next((_KIND_OF_LIST[step] for step in reversed(path) if step in _KIND_OF_LIST), "")
    return f"{kind}.{path[-1] if path else ''}"
