"""Tables as offices keep them: rows of cells, each of which knows its place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from tracker.errors import Fault, Place
from tracker.text import REPLACEMENT, UnfitText, storable

LARGEST = 100 * 1024 * 1024
"""The largest file, or content of a workbook, that is read: bytes."""
ENDINGS = (".xlsx", ".csv")

_FIRST_1904, _LAST_1904 = 16_800, 71_600
"""1949 to 2099, as workbooks count that begin with 1904."""
_ERROR = re.compile(
    r"#(?:REF!|VALUE!|N/A|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|EXTERNAL!"
    r"|GETTING_DATA)|Err:[0-9]{3}|#{3,}"
)
_SCIENTIFIC = re.compile(r"[+-]?[0-9](?:[.,][0-9]+)?E\+?[0-9]{2,3}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds something: text (NFC, trimmed), a number, a yes or no, or a date.

    ``fault`` is what is wrong with it whatever it is read as: a formula without a value, an error. ``shown`` is
    what a number format shows where that is not the value: 1.10, 0007, Aug-20 (its value is then `2020-08`).
    """

    value: object
    place: Place
    fault: Fault | None = None
    shown: str | None = None
    is_date: bool = False
    """Whether a spreadsheet holds it as a date."""
    is_from_1904: bool = False
    """Whether its days are counted from 1904."""

    @property
    def text(self) -> str:
        """What the cell shows; a whole number without decimals, a date as a day."""
        return self.plain if self.shown is None else self.shown

    @property
    def plain(self) -> str:
        """The value as text, whatever its number format shows."""
        value = self.value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, float):
            return f"{value:.0f}" if value.is_integer() else f"{value:.11g}"
        if isinstance(value, datetime):
            return value.isoformat(sep=" ", timespec="minutes")
        return str(value)

    @property
    def as_date(self) -> object:
        """What is read where a date is needed: a number counts days from 1900."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            return self.value
        if self.shown is not None:
            return self.shown
        moves = self.is_from_1904 and _FIRST_1904 <= self.value <= _LAST_1904
        return self.value + 1_462 if moves else self.value

    @property
    def line_of_text(self) -> str:
        """The text on one line."""
        return " ".join(self.text.split())


def text_cell(text: str, place: Place) -> Cell | None:
    """Return a cell with a text in NFC, trimmed; None where nothing is left."""
    try:
        trimmed = storable(text).strip()
    except UnfitText as error:
        return Cell(REPLACEMENT, place, Fault("marks", f"the cell {error}", error.hint))
    return Cell(trimmed, place, _destroyed(trimmed)) if trimmed else None


@dataclass(slots=True)
class Line:
    """A row: its number in the sheet (in CSV: the line it begins on), and its cells by column, from 1."""

    number: int
    cells: dict[int, Cell]
    width: int | None = None
    """How many cells stand in it, blank ones too; None where a sheet has as many as it likes."""

    @property
    def first_text(self) -> str:
        """The text of its first cell."""
        return next((cell.text for cell in self.cells.values()), "")


@dataclass(slots=True)
class Table:
    """A sheet: the file's name, the sheet's (None in CSV), and its rows that are not blank.

    ``notes`` says what a person should know of how it was read: what is hidden, in which encoding it stood.
    """

    file: str
    name: str | None
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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


def _destroyed(text: str) -> Fault | None:
    """Return the fault of a text that is all a spreadsheet program has left of a value: `#REF!`, `2.02E+11`."""
    if _ERROR.fullmatch(text):
        return Fault(
            "cell_error", f"the cell holds the error {text}", "mend its formula, or write what it should say"
        )
    if _SCIENTIFIC.fullmatch(text):
        detail = f"`{text}` is what a spreadsheet has left of a longer number"
        return Fault("lost_digits", detail, "format the column as text and write it again")
    return None


def listed(numbers: Iterable[int], most: int = 8) -> str:
    """Return numbers as a person lists them: `4, 7–9`, and how many more there are."""
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(sorted(numbers)), lambda each: each[1] - each[0])
    ]
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:most]]
    rest = sum(map(len, runs[most:]))
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def too_large(name: str) -> Fault:
    """Return the fault of a file that is larger than any register."""
    detail = f"`{name}` holds more than {LARGEST // 1024 // 1024} MiB"
    return Fault("too_large", detail, "split it, or load JSON Lines", place=Place(name, 1, 1))
