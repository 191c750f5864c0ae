"""Workbooks (.xlsx, ECMA-376): guarded, then read with openpyxl, each cell with its place.

A workbook is a zip of XML, and both can be bombs: its size unpacked is bounded before anything is unpacked,
and a document type, which entities need, is refused. Values of formulas are those that the spreadsheet
program stored; a formula without one is a fault of its cell. A merged cell says the same in all its rows.
A cell is what its number format shows. Hidden sheets and rows are left out, and named.
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from tracker.errors import Fault, Malformed, Place, TrackerError
from tracker.loading.spreadsheets.number_formats import shown_date, shown_number
from tracker.loading.spreadsheets.tables import (
    LARGEST,
    Cell,
    Line,
    Table,
    cell_place,
    listed,
    text_cell,
    too_large,
)
from tracker.text import comparable

MOST_MEMBERS = 2_000
MOST_MERGED = 1_000_000
"""How many cells may be filled from merged ones in a sheet."""

_FIRST_LOST = 10**15
"""Spreadsheets keep 15 digits of a number."""
_LAST_MINUTES = time(23, 58)
"""Programs that count in local time as it was before time zones miss midnight by up to two minutes."""
_KOREAN_FORMATS = {
    27: "yyyy-mm-dd", 28: "mm-dd", 29: "mm-dd", 30: "mm-dd-yy", 31: "yyyy-mm-dd", 32: "h:mm", 33: "h:mm:ss",
    34: "yyyy-mm-dd", 35: "yyyy-mm-dd", 36: "yyyy-mm-dd", 50: "yyyy-mm-dd", 51: "mm-dd", 52: "yyyy-mm-dd",
    53: "yyyy-mm-dd", 54: "mm-dd", 55: "yyyy-mm-dd", 56: "mm-dd", 57: "yyyy-mm-dd", 58: "mm-dd",
}  # fmt: skip
"""Formats that Excel has in Korean (ECMA-376 part 1, §18.8.30) and openpyxl does not know, by what they show."""
_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = (
    (_STRICT + b"spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        _STRICT + b"officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(path: Path, name: str) -> list[Table]:
    """Read the sheets of a workbook that are not hidden.

    Raises Malformed, OSError, and TrackerError where the extra `excel` is not installed.
    """
    import warnings

    openpyxl = required()
    with path.open("rb") as stream:
        findings = _guarded(stream, name)
        stream.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # openpyxl's, on what it does not read: charts, extensions
                book = openpyxl.load_workbook(
                    _transitional(stream), read_only=True, data_only=True, keep_links=False
                )
                hidden = [
                    comparable(sheet.title, "NFC")
                    for sheet in book.worksheets
                    if sheet.sheet_state != "visible"
                ]
                tables = [
                    _table(sheet, name, findings.get(_member(sheet), _Findings()), book.epoch)
                    for sheet in book.worksheets
                    if sheet.sheet_state == "visible"
                ]
        except Malformed:
            raise
        except Exception as error:  # what openpyxl raises on a broken workbook has no common root
            raise Malformed([_broken(name)]) from error
    if not tables:
        raise Malformed([_nothing_to_see(name, hidden)])
    if hidden:
        tables[0].notes.insert(0, f"{name}: hidden sheets are not loaded: {', '.join(hidden)}")
    return tables


def required() -> Any:
    """Return openpyxl; raises TrackerError with the way to install it."""
    try:
        import defusedxml  # noqa: F401 - openpyxl takes it up where it is there
        import openpyxl
    except ImportError:
        raise TrackerError(
            "workbooks (.xlsx) need the extra `excel`",
            hint="pip install openpyxl, or save the sheet as CSV UTF-8",
        ) from None
    return openpyxl


@dataclass(slots=True)
class _Findings:
    """What openpyxl's reading mode leaves out of a sheet."""

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unvalued: set[str] = field(default_factory=set)
    """The cells whose formula has no stored value."""
    hidden: set[int] = field(default_factory=set)
    """The rows that are hidden, by hand or by a filter."""


def _guarded(stream: BinaryIO, name: str) -> dict[str, _Findings]:
    """Refuse what is no workbook or unpacks too far; give what was found in each sheet, by member."""
    if stream.read(8) == _OLE:
        detail = f"`{name}` is an old .xls workbook, or one with a password"
        hint = "save it as .xlsx without a password"
        raise Malformed([Fault("not_a_workbook", detail, hint, place=Place(name, 1, 1))])
    try:
        archive = zipfile.ZipFile(stream)
        members = archive.infolist()
        if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > LARGEST:
            raise Malformed([too_large(name)])  # noqa: TRY301 - what else is raised here is not ours
        return {
            member.filename: _scanned(archive, member, name)
            for member in members
            if member.filename.lower().endswith((".xml", ".rels", ".vml"))
        }
    except (Malformed, OSError):
        raise
    except Exception as error:  # zipfile, zlib and expat have no common root
        raise Malformed([_broken(name)]) from error


def _transitional(stream: BinaryIO) -> BinaryIO:
    """Return a workbook in the form that openpyxl reads, also of one in the strict form of ECMA-376 part 1."""
    with zipfile.ZipFile(stream) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        if not any(_STRICT in archive.read(name) for name in names if name.endswith("workbook.xml")):
            stream.seek(0)
            return stream
        members = {name: archive.read(name) for name in names}
        result = BytesIO()
        with zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as rewritten:
            for name, content in members.items():
                for strict, transitional in _TRANSITIONAL:
                    content = content.replace(strict, transitional)  # noqa: PLW2901
                rewritten.writestr(name, content)
    return result


class _Scan:
    """Reads a sheet token by token, for what openpyxl leaves out."""

    def __init__(self) -> None:
        self.found = _Findings()
        self._cell = ""
        self._row = 0
        self._has_formula = self._has_value = self._in_value = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        match tag.rpartition(" ")[2]:
            case "row":
                if not _ROW.fullmatch(attributes.get("r", "1")):
                    raise ValueError(attributes["r"])  # openpyxl would count up to it
                self._row = int(attributes.get("r", self._row + 1))
                if attributes.get("hidden") in ("1", "true") or _NO_HEIGHT.fullmatch(
                    attributes.get("ht", "")
                ):
                    self.found.hidden.add(self._row)
            case "c":
                self._cell, self._has_formula = attributes.get("r", ""), False
                self._has_value = attributes.get("t") == "str"  # the value of a formula may be an empty text
            case "f":
                self._has_formula = True
            case "v":
                self._in_value = True
            case "mergeCell":
                merged = _bounds(attributes.get("ref", ""))
                if merged is not None:
                    self.found.merged.append(merged)

    def said(self, words: str) -> None:
        """Take text."""
        if self._in_value and words:
            self._has_value = True

    def closed(self, tag: str) -> None:
        """Take the end of an element."""
        match tag.rpartition(" ")[2]:
            case "v":
                self._in_value = False
            case "c" if self._has_formula and not self._has_value:
                self.found.unvalued.add(self._cell)


def _scanned(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> _Findings:
    """Read a member once, refusing document types."""
    scan = _Scan()
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        detail = f"`{name}` declares a document type, which no workbook needs"
        hint = "save it anew with a spreadsheet program"
        raise Malformed([Fault("document_type", detail, hint, place=Place(name, 1, 1))])

    parser.StartDoctypeDeclHandler = refuse
    if "sharedStrings" not in member.filename:
        parser.StartElementHandler, parser.EndElementHandler = scan.opened, scan.closed
        parser.CharacterDataHandler = scan.said
    with archive.open(member) as stream:
        parser.ParseFile(stream)
    return scan.found


def _table(sheet: Any, name: str, found: _Findings, epoch: datetime) -> Table:
    table = Table(name, comparable(sheet.title, "NFC"))
    sheet.reset_dimensions()  # what a file says of its size need not be so
    lines: dict[int, Line] = {}
    for row in sheet.iter_rows():
        cells = {}
        for cell in row:
            read = None if cell.value is None else _cell(cell, table, epoch)
            if read is not None:
                cells[cell.column] = read
        number = next((cell.row for cell in row if cell.value is not None), None)
        if number is not None and cells:
            lines[number] = Line(number, cells)
    for address in found.unvalued:
        _add_unvalued(address, table, lines)
    _fill_merged(found.merged, lines, table)
    hidden = found.hidden & lines.keys()
    if hidden:
        table.notes.append(f"{table.called}: hidden rows are not loaded: {listed(hidden)}")
    table.lines = [
        Line(number, dict(sorted(lines[number].cells.items()))) for number in sorted(lines.keys() - hidden)
    ]
    return table


def _cell(cell: Any, table: Table, epoch: datetime) -> Cell | None:
    place = cell_place(table.file, table.name or "", cell.row, cell.column)
    value = cell.value
    if isinstance(value, str):
        return _text_cell(value, place)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    number_format = _KOREAN_FORMATS.get(cell.style_array.numFmtId) if is_number else None
    if number_format is not None:
        value, is_number = _date_of(value, epoch), False
    if isinstance(value, date | time):
        return _date_cell(value, number_format or cell.number_format, place)
    if not is_number:
        return Cell(str(value) if isinstance(value, timedelta) else value, place)
    if abs(value) >= _FIRST_LOST:
        detail = "a number of more than 15 digits has lost the others"
        fault = Fault("lost_digits", detail, "format the column as text and write it again")
        return Cell(value, place, fault)
    shown = shown_number(value, cell.number_format)
    return Cell(value, place, shown=shown, is_from_1904=epoch.year == 1904)


def _text_cell(value: str, place: Place) -> Cell | None:
    """Return a cell with a text, whose escapes (ST_Xstring: `_x000D_`) are the characters that they stand for."""
    from openpyxl.utils.escape import unescape

    units = unescape(value).encode("utf-16-le", "surrogatepass")
    text = units.decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text_cell(text, place)


def _date_of(serial: float, epoch: datetime) -> Any:
    from openpyxl.utils.datetime import from_excel

    return from_excel(serial, epoch)


def _date_cell(value: date | time, number_format: str, place: Place) -> Cell:
    """Return a cell with a date: a day, a month or a year, whichever its format shows."""
    shown = shown_date(value, number_format)
    moment = value.time() if isinstance(value, datetime) else time()
    if shown.edtf is None:  # it shows no year
        return Cell(shown.text, place, is_date=True)
    if len(shown.edtf) < 10:
        return Cell(shown.edtf, place, shown=shown.text, is_date=True)
    if shown.has_time and moment != time():
        return Cell(value, place, is_date=True)
    fault = None
    if moment >= _LAST_MINUTES and isinstance(value, datetime):
        following = value.date() + timedelta(days=1)
        detail = f"the cell shows {shown.edtf}, but holds {moment:%H:%M:%S} of that day, which may mean {following}"
        fault = Fault("before_midnight", detail, "write the day that is meant")
    return Cell(value.date() if isinstance(value, datetime) else value, place, fault, is_date=True)


def _add_unvalued(address: str, table: Table, lines: dict[int, Line]) -> None:
    bounds = _bounds(address)
    if bounds is None:
        return
    column, row, _, _ = bounds
    place = cell_place(table.file, table.name or "", row, column)
    hint = "open the workbook in a spreadsheet program and save it, or paste the values"
    fault = Fault("no_value", "the formula in this cell has no stored value", hint)
    lines.setdefault(row, Line(row, {})).cells[column] = Cell("", place, fault)


def _fill_merged(merged: list[tuple[int, int, int, int]], lines: dict[int, Line], table: Table) -> None:
    """Let each row of a merged cell say what its first row says; the place stays that of the first."""
    numbers = sorted(lines)
    looked_at = 0
    for left, top, _, bottom in merged:
        anchor = lines[top].cells.get(left) if top in lines else None
        if anchor is None:
            continue
        for number in numbers[bisect_right(numbers, top) : bisect_right(numbers, bottom)]:
            lines[number].cells.setdefault(left, anchor)
            looked_at += 1
        if looked_at > MOST_MERGED:
            raise Malformed([too_large(table.file)])


_ROW = re.compile("[1-9][0-9]{0,6}")
_NO_HEIGHT = re.compile(r"0+(?:\.0*)?")


def _bounds(reference: str) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of a reference's cells; None where it names none."""
    from openpyxl.utils.cell import range_boundaries

    try:
        left, top, right, bottom = range_boundaries(reference)
    except ValueError:
        return None
    return (left, top, right, bottom) if left and top and right and bottom else None


def _member(sheet: Any) -> str:
    """Return the member of the archive that holds a sheet."""
    return str(sheet._worksheet_path).lstrip("/")  # noqa: SLF001 - openpyxl keeps it there alone


def _nothing_to_see(name: str, hidden: list[str]) -> Fault:
    if not hidden:
        return _broken(name)
    detail = f"every sheet of `{name}` is hidden: {', '.join(hidden)}"
    return Fault("no_sheet", detail, "unhide the sheet that is to be read", place=Place(name, 1, 1))


def _broken(name: str) -> Fault:
    hint = "open it in a spreadsheet program and save it as .xlsx"
    return Fault("not_a_workbook", f"`{name}` cannot be read as a workbook", hint, place=Place(name, 1, 1))
