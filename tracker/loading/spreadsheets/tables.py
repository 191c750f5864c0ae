"""Tables as offices keep them: rows of cells, each of which knows its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time

from tracker.errors import Fault, Place
from tracker.text import REPLACEMENT, UnfitText, normalised

LARGEST = 100 * 1024 * 1024
"""The largest file, or content of a workbook, that is read: bytes."""
ENDINGS = (".xlsx", ".csv")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds something: text (NFC, trimmed), a number, a yes or no, or a date.

    ``fault`` is what is wrong with it whatever it is read as: a formula without a value, an error.
    """

    value: object
    place: Place
    fault: Fault | None = None

    @property
    def text(self) -> str:
        """The value as text; a whole number without decimals, a date as a day."""
        value = self.value
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, datetime):
            midnight = value.time() == time()
            return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="minutes")
        if isinstance(value, bool):
            return str(value).upper()
        return str(value)

    @property
    def line_of_text(self) -> str:
        """The text on one line."""
        return " ".join(self.text.split())

    @property
    def is_date(self) -> bool:
        """Whether a spreadsheet holds it as a date."""
        return isinstance(self.value, date | datetime)


def text_cell(text: str, place: Place) -> Cell | None:
    """Return a cell with a text in NFC, trimmed; None where nothing is left."""
    try:
        trimmed = normalised(text).strip()
    except UnfitText as error:
        return Cell(REPLACEMENT, place, Fault("marks", f"the cell {error}", error.hint))
    return Cell(trimmed, place) if trimmed else None


@dataclass(slots=True)
class Line:
    """A row: its number in the sheet (in CSV: the line it begins on), and its cells by column, from 1."""

    number: int
    cells: dict[int, Cell]

    @property
    def first_text(self) -> str:
        """The text of its first cell."""
        return next((cell.text for cell in self.cells.values()), "")


@dataclass(slots=True)
class Table:
    """A sheet: the file's name, the sheet's (None in CSV), and its rows that are not blank."""

    file: str
    name: str | None
    lines: list[Line] = field(default_factory=list)

    @property
    def called(self) -> str:
        """What a person calls it."""
        return self.file if self.name is None else f"{self.file}:{self.name}"

    @property
    def beginning(self) -> Place:
        """The place of its first row."""
        return self.place(self.lines[0] if self.lines else Line(1, {}))

    def place(self, line: Line, column: int | None = None) -> Place:
        """Return the place of a cell, also of one that is blank; without a column that of the row."""
        cell = line.cells.get(column or 0)
        if cell is not None:
            return cell.place
        if self.name is None:
            before = [cell.place for number, cell in line.cells.items() if number <= (column or 0)]
            return before[-1] if before else Place(self.file, line.number, 1)
        return cell_place(self.file, self.name, line.number, column or min(line.cells, default=1))


def cell_place(file: str, sheet: str, row: int, column: int) -> Place:
    """Return the place of a workbook's cell."""
    return Place(file, row, column, f"{sheet}!{letters(column)}{row}")


def letters(column: int) -> str:
    """Return a column's letters: 1 is A, 28 is AB. openpyxl, which has this too, is not there for CSV."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def too_large(name: str) -> Fault:
    """Return the fault of a file that is larger than any register."""
    detail = f"`{name}` holds more than {LARGEST // 1024 // 1024} MiB"
    return Fault("too_large", detail, "split it, or load JSON Lines", place=Place(name, 1, 1))
