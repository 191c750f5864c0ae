"""Workbooks (.xlsx, ECMA-376): guarded, then read with openpyxl, each cell with its place.

A workbook is a zip of XML, and both can be bombs: its size unpacked is bounded before anything is unpacked,
and a document type, which entities need, is refused. Values of formulas are those that the spreadsheet
program stored; a formula without one is a fault of its cell. A merged cell says the same in all its rows.
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

from tracker.errors import Fault, Malformed, Place, TrackerError
from tracker.loading.spreadsheets.tables import LARGEST, Cell, Line, Table, cell_place, text_cell, too_large

MOST_MEMBERS = 2_000
MOST_MERGED = 1_000_000
"""How many cells may be filled from merged ones in a sheet."""

_ERRORS = ("#REF!", "#VALUE!", "#N/A", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA")
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
                book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
                return [
                    _table(sheet, name, findings.get(_member(sheet), _Findings()), book.epoch)
                    for sheet in book.worksheets
                    if sheet.sheet_state == "visible"
                ]
        except Malformed:
            raise
        except Exception as error:  # what openpyxl raises on a broken workbook has no common root
            raise Malformed([_broken(name)]) from error


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
    """What openpyxl's reading mode leaves out of a sheet: its merged cells, its formulas without a value."""

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    unvalued: set[str] = field(default_factory=set)


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


class _Scan:
    """Reads a sheet token by token, for its merged cells and its formulas without a value."""

    def __init__(self) -> None:
        self.found = _Findings()
        self._cell = ""
        self._has_formula = self._has_value = self._in_value = False

    def opened(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        match tag.rpartition(" ")[2]:
            case "row" if not _ROW.fullmatch(attributes.get("r", "1")):
                raise ValueError(attributes["r"])  # openpyxl would count up to it
            case "c":
                self._cell, self._has_formula, self._has_value = attributes.get("r", ""), False, False
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
    table = Table(name, sheet.title)
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
    table.lines = [Line(number, dict(sorted(lines[number].cells.items()))) for number in sorted(lines)]
    return table


def _cell(cell: Any, table: Table, epoch: datetime) -> Cell | None:
    place = cell_place(table.file, table.name or "", cell.row, cell.column)
    value = cell.value
    if isinstance(value, str):
        if cell.data_type == "e" or value in _ERRORS:
            return Cell(
                value, place, Fault("cell_error", f"the cell holds the error {value}", "mend its formula")
            )
        return text_cell(value.replace("\r\n", "\n").replace("\r", "\n"), place)
    if isinstance(value, timedelta):
        return Cell(str(value), place)
    if isinstance(value, int | float) and not isinstance(value, bool) and epoch.year == 1904:
        return Cell(_from_1904(value), place)
    return Cell(value, place)


def _from_1904(value: float) -> float:
    """Return a number of a workbook that counts days from 1904 as one that counts from 1900, if it is a day."""
    return value + 1_462 if 16_800 <= value <= 71_600 else value


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


def _broken(name: str) -> Fault:
    hint = "open it in a spreadsheet program and save it as .xlsx"
    return Fault("not_a_workbook", f"`{name}` cannot be read as a workbook", hint, place=Place(name, 1, 1))
