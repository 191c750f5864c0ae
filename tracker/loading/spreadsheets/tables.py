"""Tables as offices keep them, .csv and .xlsx, as rows of cells of which each knows its place."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from unicodedata import normalize

from tracker.errors import Fault, Malformed, Place
from tracker.formulas import unquoted

LARGEST = 100 * 1024 * 1024
"""The largest file, or content of a workbook, that is read: bytes."""
ENDINGS = (".xlsx", ".csv")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds something: text (NFC, trimmed), a number, a yes or no, or a date.

    ``fault`` is what is wrong with it whatever it is read as: a formula without a value, an error.
    """

    value: Any
    place: Place
    fault: Fault | None = None

    @property
    def text(self) -> str:
        """Give what it says as text; a whole number without decimals, a date as a day."""
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
    def is_date(self) -> bool:
        """Whether a spreadsheet holds it as a date."""
        return isinstance(self.value, date | datetime)


@dataclass(slots=True)
class Line:
    """A row: its number in the sheet (in CSV: the line it begins on), and its cells by column, from 1."""

    number: int
    cells: dict[int, Cell]

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.cells


@dataclass(slots=True)
class Table:
    """A sheet: the file's name, the sheet's (None in CSV), and its rows that are not blank."""

    file: str
    name: str | None
    lines: list[Line] = field(default_factory=list)

    @property
    def called(self) -> str:
        """Give what a person calls it."""
        return self.file if self.name is None else f"{self.file}:{self.name}"

    def place(self, line: Line, column: int | None = None) -> Place:
        """Give the place of a cell, also of one that is blank; without a column that of the row."""
        cell = line.cells.get(column or 0)
        if cell is not None:
            return cell.place
        if self.name is None:
            before = [each.place for number, each in line.cells.items() if number <= (column or 0)]
            return before[-1] if before else Place(self.file, line.number, 1)
        return cell_place(self.file, self.name, line.number, column or min(line.cells, default=1))


def read_tables(path: Path, name: str) -> list[Table]:
    """Read every sheet of a .csv or .xlsx file that is not hidden; raises Malformed and OSError.

    ``name`` is what faults call the file.
    """
    if path.suffix.lower() == ".csv":
        if path.stat().st_size > LARGEST:
            raise Malformed([too_large(name)])
        return [read_csv(name, path.read_bytes())]
    from tracker.loading.spreadsheets.workbooks import read_workbook

    return read_workbook(path, name)


def read_csv(name: str, raw: bytes) -> Table:
    """Read CSV (RFC 4180): UTF-8, UTF-16 or CP949; commas, semicolons or tabs; raises Malformed.

    Apostrophes that keep a spreadsheet from taking a cell for a formula are dropped.
    """
    text = _decoded(name, raw).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        before = text[: text.index("\0")].split("\n")
        at = Place(name, len(before), len(before[-1]) + 1)
        raise Malformed([Fault("nul", "a NUL character (U+0000) cannot be stored", "remove it", place=at)])
    table = Table(name, None)
    for number, record in _records(name, text, _delimiter(text)):
        cells = {}
        for column, (value, place) in enumerate(record, start=1):
            said = normalize("NFC", unquoted(value)).strip()
            if said:
                cells[column] = Cell(said, place)
        if cells:
            table.lines.append(Line(number, cells))
    return table


def cell_place(file: str, sheet: str, row: int, column: int) -> Place:
    """Give the place of a workbook's cell."""
    return Place(file, row, column, f"{sheet}!{letters(column)}{row}")


def letters(column: int) -> str:
    """Give a column's letters: 1 is A, 28 is AB."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def too_large(name: str) -> Fault:
    """Give the fault of a file that is larger than any register."""
    detail = f"`{name}` holds more than {LARGEST // 1024 // 1024} MiB"
    return Fault("too_large", detail, "split it, or load JSON Lines", place=Place(name, 1, 1))


def _decoded(name: str, raw: bytes) -> str:
    encoding = _encoding(raw)
    try:
        if encoding is not None:
            return raw.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError:
        pass
    detail = "the text is neither UTF-8 nor CP949 nor UTF-16"
    raise Malformed([Fault("bad_encoding", detail, "save it as CSV UTF-8", place=Place(name, 1, 1))])


def _encoding(raw: bytes) -> str | None:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = raw[:2000].count(0)  # in UTF-16 every ASCII letter has one
    if zeros * 8 > len(raw[:2000]) or (zeros and not _is_utf_8(raw)):
        even, odd = raw[:2000:2].count(0), raw[1:2000:2].count(0)
        return "utf-16-le" if odd > even else "utf-16-be"
    if _is_utf_8(raw):
        return "utf-8"
    try:
        raw.decode("cp949")
    except UnicodeDecodeError:
        return None
    return "cp949"


def _is_utf_8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Give what separates the cells of the first lines, quotes left aside; a comma where nothing does."""
    head = re.sub(r'"(?:[^"]|"")*"?', "", text[:20_000])
    lines = [line for line in head.splitlines() if line.strip()][:20]
    counts = {each: max((line.count(each) for line in lines), default=0) for each in ",\t;"}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else ","


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[tuple[str, Place]]]]:
    """Give the records with the line on which each begins, and where each of their cells does."""
    cell = re.compile(rf'("(?:[^"]|"")*"|[^"{delimiter}\n][^{delimiter}\n]*|)({delimiter}|\n|\Z|)')
    line, start, at, first = 1, 0, 0, 1
    record: list[tuple[str, Place]] = []
    while at <= len(text):
        found = cell.match(text, at)
        place = Place(name, line, at - start + 1)
        if found is None or (not found[2] and found.end() < len(text)):
            raise Malformed([_broken(text, at, place)])
        value: str = found[1]
        breaks = value.count("\n")
        if breaks:
            line, start = line + breaks, found.start(1) + value.rindex("\n") + 1
        record.append((value[1:-1].replace('""', '"') if value.startswith('"') else value, place))
        at = found.end()
        if found[2] != delimiter:
            yield first, record
            record = []
            line, start = line + 1, at
            first = line
            if found[2] == "" or at == len(text):
                return


def _broken(text: str, at: int, place: Place) -> Fault:
    if text.count('"', at) % 2 and not re.match(r'"(?:[^"]|"")*"', text[at:]):
        return Fault("syntax", "the text in quotes that begins here is not closed", "close it", place=place)
    hint = 'write `"` inside a cell as `""`, and the whole cell in quotes'
    return Fault("syntax", "a quotation mark stands where a cell cannot have one", hint, place=place)


def csv_text(rows: Iterator[list[str]]) -> str:
    """Write rows as CSV (RFC 4180), every cell harmless to spreadsheets."""
    import io

    from tracker.formulas import harmless

    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue()
