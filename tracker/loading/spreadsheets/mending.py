"""The rows of a sheet that were not loaded, written to a sheet of the same form, with a column that says why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracker.errors import Place
from tracker.formulas import put_text
from tracker.loading.spreadsheets.delimited import csv_text
from tracker.loading.spreadsheets.tables import Line, Table
from tracker.loading.spreadsheets.worksheets import put_file
from tracker.validation import match_key

if TYPE_CHECKING:
    from openpyxl import Workbook

WHY = "적재되지 않은 이유"
"""The heading of the column that says why a row was not loaded."""
_LOST = "#N/A"
"""What stands for a cell whose value the spreadsheet had not stored: nobody takes it for a blank."""


class RowKey(NamedTuple):
    """A row of a sheet."""

    file: str
    sheet: str | None
    line: int

    @classmethod
    def of(cls, place: Place) -> RowKey:
        """Return the row of a place."""
        return cls(place.file, None if place.cell is None else place.cell.rpartition("!")[0], place.line)


@dataclass(slots=True)
class SelectedRows:
    """The rows of one run: those that are left out, and which of the others go in together."""

    left_out: Collection[RowKey] = frozenset()
    together: dict[RowKey, list[RowKey]] = field(default_factory=dict)

    def is_free(self, place: Place) -> bool:
        """Return whether the row of a place goes in with no other."""
        return RowKey.of(place) not in self.together

    def add(self, places: Iterable[Place]) -> None:
        """Let rows go in together or not at all."""
        keys = [RowKey.of(place) for place in places]
        self.together.update(dict.fromkeys(keys, keys))


class KeptTable(NamedTuple):
    """A table that was read, with the row of its headings."""

    path: Path
    table: Table
    header: int


def is_rest(table: Table) -> bool:
    """Return whether a sheet holds only the rows that an earlier load left."""
    return any(
        match_key(cell.text) == match_key(WHY) for line in table.lines[:30] for cell in line.cells.values()
    )


def write_rest(tables: Iterable[KeptTable], reasons: Mapping[RowKey, Sequence[str]]) -> list[Path]:
    """Write what is left of each file beside it, under a name that no file has; return the files.

    The headings stand in the same row and columns, so that the same map reads it.
    """
    by_file: dict[Path, list[tuple[Table, list[list[str]]]]] = {}
    for path, table, header in tables:
        rows = _rows(table, header, reasons)
        if rows is not None:
            by_file.setdefault(path, []).append((table, rows))
    files = []
    for path, sheets in by_file.items():
        file = _free(path)
        if path.suffix.lower() == ".csv":
            ((_, rows),) = sheets
            raw = ("\ufeff" + csv_text(iter(rows))).encode()
            put_file(file, partial(_write_bytes, raw=raw))
        else:
            put_file(file, _book(sheets).save)
        files.append(file)
    return files


def _rows(table: Table, header: int, reasons: Mapping[RowKey, Sequence[str]]) -> list[list[str]] | None:
    """Return the headings of a table and its rows that were left, each with the reasons; None where none was."""
    left = [
        (line, reasons[key])
        for line in table.lines
        if (key := RowKey(table.file, table.name, line.number)) in reasons
    ]
    if not left:
        return None
    above = {line.number: line for line in table.lines if line.number <= header}
    last = max(column for line in table.lines for column in line.cells)
    why = next((column for column, cell in above[header].cells.items() if cell.text == WHY), last + 1)
    rows = [_texts(above.get(number, Line(number, {})), last) for number in range(1, header + 1)]
    rows += [_texts(line, last) for line, _ in left]
    for row, words in zip(rows[header - 1 :], [WHY, *("\n".join(each) for _, each in left)], strict=True):
        row[:] = [*row[: why - 1], words, *row[why:]]
    return rows


def _texts(line: Line, last: int) -> list[str]:
    cells = (line.cells.get(column) for column in range(1, last + 1))
    return ["" if cell is None else cell.text or _LOST for cell in cells]


def _write_bytes(path: Path, *, raw: bytes) -> None:
    path.write_bytes(raw)


def _free(path: Path) -> Path:
    stem = path.stem.partition("-to-mend")[0]
    for number in count(1):
        file = path.with_name(f"{stem}-to-mend{'' if number == 1 else f'-{number}'}{path.suffix.lower()}")
        if not file.exists():
            return file
    raise AssertionError("numbers never end")


def _book(sheets: Sequence[tuple[Table, list[list[str]]]]) -> Workbook:
    from tracker.loading.spreadsheets.workbooks import required

    book: Workbook = required().Workbook()
    book.remove(book.worksheets[0])
    for table, rows in sheets:
        sheet = book.create_sheet(table.name)
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row, start=1):
                cell = sheet.cell(number, column)
                put_text(cell, text)
                cell.number_format = "@"
    return book
