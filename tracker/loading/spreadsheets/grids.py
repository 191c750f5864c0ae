"""A table with its headings understood: which column fills in what, and each row's cells read as that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.codes import NOT_ASSESSED
from tracker.dates import NotADate
from tracker.errors import Fault, Malformed, Place, nearest
from tracker.loading.spreadsheets.column_map import ColumnMap
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.sheet_columns import (
    COLUMNS,
    PERIOD,
    code_for,
    headings,
    is_total,
    known_words,
)
from tracker.loading.spreadsheets.tables import Cell, Line, Table, letters
from tracker.validation import match_key

HEADER_WITHIN = 30
"""The headings stand in one of so many first rows."""
WRONG: dict[str, Any] = {}
"""What stands in a document for a value that could not be read; no shape accepts it."""


@dataclass(frozen=True, slots=True)
class Read:
    """A cell, read as what its column says: the value, its place, and what is wrong with it."""

    value: Any
    place: Place
    fault: Fault | None = None
    printed: str = ""


@dataclass(slots=True)
class Grid:
    """A table whose headings are understood."""

    table: Table
    map: ColumnMap
    header: Line
    columns: dict[int, str]
    """What each column fills in."""
    today: str
    unread: list[str] = field(default_factory=list)
    """The headings of columns that fill in nothing."""

    def heading(self, name: str) -> str:
        """Return the heading of what fills in a name."""
        return next(
            (
                self.header.cells[column].text
                for column, each in self.columns.items()
                if each == name and column in self.header.cells
            ),
            COLUMNS[name].label.ko,
        )

    def rows(self, notes: list[str]) -> Iterator[tuple[Line, dict[str, Read]]]:
        """Yield each row under the headings that says anything, with its cells by what they fill in."""
        for line in self.table.lines:
            if line.number <= self.header.number:
                continue
            said = [cell.text for _, cell in sorted(line.cells.items())]
            if is_total(said):
                notes.append(f"{self.table.place(line)}: the row `{said[0]}` is a sum and not loaded")
                continue
            cells = {
                name: self.read(name, line.cells[column])
                for column, name in self.columns.items()
                if column in line.cells
            }
            result = {name: read for name, read in cells.items() if read is not None}
            if result:
                yield line, result

    def read(self, name: str, cell: Cell) -> Read | None:
        """Read a cell as what its column fills in; None where that is nothing."""
        if cell.fault is not None:
            return Read(WRONG, cell.place, cell.fault)
        words = self._meaning(name, cell)
        if words is None:
            return None
        column = COLUMNS[name]
        value = cell.value if words == cell.text else words
        if column.codelist is not None:
            return self._code(name, words, cell)
        if column.kind == "date":
            return self._date(name, value, cell)
        if cell.is_date and name in ("agreement.identifier", "agreement.id", "agreement.title"):
            hint = "format the column as text and write it again"
            detail = f"the spreadsheet has turned `{self.heading(name)}` into the date {cell.text}"
            return Read(WRONG, cell.place, Fault("turned_into_a_date", detail, hint))
        return Read(words, cell.place, printed=words)

    def _meaning(self, name: str, cell: Cell) -> str | None:
        """Return a cell's words, or what the map says that they mean."""
        said = cell.text
        for heading, name_there in self.map.columns.items():
            if name_there == name:
                meanings = self.map.values.get(heading, {})
                for word, meaning in meanings.items():
                    if word == said or match_key(word) == match_key(said):
                        return meaning
        return said

    def _code(self, name: str, words: str, cell: Cell) -> Read | None:
        codelist = COLUMNS[name].codelist
        assert codelist is not None
        code = code_for(codelist, words)
        if code is not None:
            return Read(code, cell.place, printed=cell.text)
        if name == "follow_up.status" and match_key(words) in (match_key(NOT_ASSESSED), "미평가"):
            return None
        known = known_words(codelist)
        hint = nearest(words, known) or f"one of {', '.join(known[: len(codelist.codes)])}"
        detail = f"`{words[:60]}` is no {codelist.name.replace('_', ' ')} that is known"
        return Read(WRONG, cell.place, Fault("unknown_code", detail, hint), cell.text)

    def _date(self, name: str, value: Any, cell: Cell) -> Read:
        try:
            if name == PERIOD.name:
                period = office_period(value, year_first=self.map.year_first)
                return Read(period, cell.place, printed=cell.text)
            today = self.today if COLUMNS[name].not_ahead else None
            date = office_date(value, today=today, year_first=self.map.year_first)
        except NotADate as error:
            return Read(WRONG, cell.place, Fault("bad_date", f"`{self.heading(name)}`: {error}"), cell.text)
        return Read(date, cell.place, printed="" if cell.is_date else cell.text)


def grid(table: Table, column_map: ColumnMap, today: str) -> Grid | None:
    """Find the headings of a table; None where it has none of the map's, and the map names no sheet.

    Raises Malformed where the map's columns are not all there.
    """
    if column_map.sheets and table.name not in column_map.sheets:
        return None
    header = _header(table, column_map)
    if header is None:
        if not column_map.sheets and table.name is not None:
            return None
        first = table.lines[0] if table.lines else Line(1, {})
        wanted = ", ".join(column_map.columns)
        detail = f"`{table.called}` has none of the columns {wanted}"
        raise Malformed([Fault("no_header", detail, "mend the map", place=table.place(first))])
    columns, faults = _columns(table, header, column_map.columns)
    if faults:
        raise Malformed(faults)
    unread = [cell.text for column, cell in sorted(header.cells.items()) if column not in columns]
    return Grid(table, column_map, header, columns, today, unread)


def own_map(table: Table) -> ColumnMap | None:
    """Return the map of a table whose headings are those of our templates, or None."""
    known = headings(own_only=True)
    for line in table.lines[:HEADER_WITHIN]:
        result = {
            cell.text: known[match_key(cell.text)]
            for cell in line.cells.values()
            if match_key(cell.text) in known
        }
        if len(result) >= 2 and {"agreement.title", "agreement.id", "agreement.identifier"} & set(
            result.values()
        ):
            return ColumnMap(result, header=line.number, rows="clause")
    return None


def mistyped_headings(table: Table, column_map: ColumnMap) -> list[Fault]:
    """Return a fault for each heading that is nearly, but not quite, one of a template's."""
    line = next(line for line in table.lines if line.number == column_map.header)
    known = [word for column in COLUMNS.values() for word in (column.label.ko, column.label.en)]
    faults = []
    for cell in line.cells.values():
        hint = None if cell.text in column_map.columns else nearest(cell.text, known)
        if hint is not None:
            detail = f"`{cell.text[:60]}` is not a column of a template"
            faults.append(Fault("unknown_column", detail, f"{hint} Or else: {_GUESS}", place=cell.place))
    return faults


_GUESS = (
    "`tracker worksheet --guess FILE` proposes a map for columns of your own; `tracker load --map` takes it"
)


def not_ours(table: Table) -> Fault:
    """Return the fault of a table with columns of its own, for which no map was given."""
    first = table.lines[0] if table.lines else Line(1, {})
    return Fault("no_map", "these columns are not those of a template", _GUESS, place=table.place(first))


def _header(table: Table, column_map: ColumnMap) -> Line | None:
    if column_map.header is not None:
        return next((line for line in table.lines if line.number == column_map.header), None)
    wanted = {match_key(heading) for heading in column_map.columns}
    best, most = None, 0
    for line in table.lines[:HEADER_WITHIN]:
        count = len(wanted & {match_key(cell.text) for cell in line.cells.values()})
        if count > most:
            best, most = line, count
    return best


def _columns(table: Table, header: Line, wanted: Mapping[str, str]) -> tuple[dict[int, str], list[Fault]]:
    by_key: dict[str, list[int]] = {}
    for column, cell in header.cells.items():
        by_key.setdefault(match_key(cell.text), []).append(column)
    by_letter = {letters(column): column for column in range(1, max(header.cells, default=0) + 1)}
    result: dict[int, str] = {}
    faults = []
    for heading, name in wanted.items():
        columns = by_key.get(match_key(heading)) or ([by_letter[heading]] if heading in by_letter else [])
        if len(columns) != 1:
            known = [cell.text for cell in header.cells.values()]
            what = "no column" if not columns else "more than one column"
            hint = (
                f"say its letter: {' or '.join(letters(each) for each in columns)}"
                if columns
                else nearest(heading, known) or f"there are {', '.join(known)}"
            )
            faults.append(Fault("no_column", f"there is {what} `{heading}`", hint, place=table.place(header)))
        else:
            result[columns[0]] = name
    return result, faults
