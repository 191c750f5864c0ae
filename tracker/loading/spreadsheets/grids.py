"""A table with its headings understood: which column fills in what, and each row's cells read as that."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from tracker.codes import CURRENT_STATUS, NOT_ASSESSED, RECORDED_STATUS, Codelist
from tracker.dates import NotADate
from tracker.errors import Fault, Malformed, Place, nearest
from tracker.loading.spreadsheets.cell_document import CellValue
from tracker.loading.spreadsheets.column_map import ColumnMap
from tracker.loading.spreadsheets.mending import WHY, RowKey
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.sheet_columns import (
    COLUMNS,
    DEPARTMENT,
    EVIDENCE,
    IDENTIFIER,
    IDENTITY,
    PARTIES,
    PERIOD,
    Column,
    code_for,
    counts_rows,
    headings,
    is_blank,
    is_total,
    known_words,
)
from tracker.loading.spreadsheets.tables import Cell, Line, Table, letters
from tracker.validation import match_key

HEADER_WITHIN = 30
"""The headings stand in one of so many first rows."""
_BEGINS = (*IDENTITY, "agreement.signed_on")
"""The columns of which one is filled in a row that begins an agreement."""
Row = dict[str, CellValue]
"""The cells of a row by what they fill in."""
_NO_DATES = (*IDENTITY, PARTIES.name, DEPARTMENT.name, EVIDENCE.name, "clause.number", "clause.label")
"""What is never a date: a spreadsheet has made one of `2020-8` or `1-1`."""
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_MADE_A_DATE = re.compile(
    rf"(?:[0-9]{{1,2}}-)?{_MONTH}-[0-9]{{2}}|[0-9]{{1,2}}-{_MONTH}|[0-9]{{1,2}}월 [0-9]{{1,2}}일"
)
_NOTE = re.compile(
    r"[※□■◇◆◎▣☐❏❖★☆▶►]|\*|(?:자료|출처|주|비고|단위|작성|기준일?|참고)\s*[:：)]|주\s*[0-9]?\s*\)|[Ⅰ-Ⅻ]\s*\."
)
"""How notes and headings of sections begin that stand between the rows of a table."""
_GUESS = (
    "`tracker worksheet --guess FILE` proposes a map for columns of your own; `tracker load --map` takes it"
)


class Note(NamedTuple):
    """What a person should know of a place; equal words become one line."""

    place: Place
    words: str


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose headings are understood."""

    table: Table
    map: ColumnMap
    header: Line
    columns: dict[int, str]
    """What each column fills in."""
    today: str
    notes: list[Note] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """Faults of whole rows."""

    def heading(self, name: str) -> str:
        """Return the heading of the column that fills in a name."""
        cells = (
            self.header.cells.get(column) for column, filled_in in self.columns.items() if filled_in == name
        )
        return next((cell.text for cell in cells if cell is not None), COLUMNS[name].label.ko)

    @property
    def numbers_start_again(self) -> bool:
        """Whether the numbers of agreements start again each year, so that the year of signing belongs to them."""
        return self.map.yearly_numbers or counts_rows(self.heading(IDENTIFIER.name))

    def headings(self) -> dict[str, tuple[int, str]]:
        """Return column and heading of each name that is filled in."""
        return {name: (column, self.heading(name)) for column, name in self.columns.items()}

    def unread(self) -> list[str]:
        """Return the headings of columns that fill in nothing."""
        return [
            cell.text
            for column, cell in self.header.cells.items()
            if column not in self.columns and cell.text != WHY
        ]

    def rows(self, notes: list[str], without: Container[RowKey] = frozenset()) -> Iterator[tuple[Line, Row]]:
        """Yield each row under the headings that says anything, with its cells by what they fill in.

        Notes, headings of sections, sums and headings said again are left out, and named in ``notes``.
        """
        lines = [
            line
            for line in self.table.lines
            if line.number > self.header.number
            and RowKey(self.table.file, self.table.name, line.number) not in without
        ]
        goes_on = True
        for line, following in zip_longest(lines, lines[1:]):
            row = self.row(line)
            why = self._left_out(line, row, following)
            if why is not None:
                self.notes.append(Note(self.table.place(line), f"{why}: not loaded"))
                goes_on = goes_on and "sum" in why
                continue
            self.faults.extend(self.beyond(line))
            begins = any(name in row for name in _BEGINS)
            if row and not goes_on and not begins:
                detail = "no agreement stands in this row, and the row above it is none"
                hint = "write the agreement's number or title in this row"
                self.faults.append(Fault("no_agreement", detail, hint, place=self.table.place(line)))
            elif row:
                goes_on = True
                yield line, row
        notes += said_once(self.notes)

    def _left_out(self, line: Line, row: Row, following: Line | None) -> str | None:
        """Return why a row is no agreement or clause; None where it is one."""
        text = line.first_text
        if is_total(text):
            return f"the row `{text[:40]}` is a sum"
        if (
            len(line.cells) > 1
            and {match_key(cell.text) for cell in line.cells.values()} <= self._heading_keys()
        ):
            return "the row repeats the headings"
        if len(line.cells) > 1 and row.keys() - {"agreement.title"}:
            return None
        if not line.cells.keys() & self.columns.keys() or (
            row and row.keys() <= {"clause.text"} and not _NOTE.match(text)
        ):
            return None
        if _NOTE.match(text):
            return f"`{' '.join(text[:40].split())}` is a note or the heading of a section"
        begins = following is None or any(name in self.row(following) for name in _BEGINS)
        is_alone = min(line.cells) == min(self.header.cells) or row.keys() == {"agreement.title"}
        return "rows that fill only one cell are no agreements" if is_alone and begins else None

    def _heading_keys(self) -> set[str]:
        return {match_key(cell.text) for cell in self.header.cells.values()}

    def beyond(self, line: Line) -> Iterator[Fault]:
        """Yield the fault of a row of CSV that has more cells than there are headings."""
        width = self.header.width
        if width is None or line.width is None or max(line.cells) <= width:
            return
        detail = f"{max(line.cells)} cells stand under {width} headings"
        hint = "put the cell that holds the separator in quotes"
        yield Fault("too_many_cells", detail, hint, place=self.table.place(line))

    def row(self, line: Line) -> Row:
        """Return the cells of a row by what they fill in, without those that say nothing."""
        cells: Row = {}
        names = sorted(self.columns.items(), key=lambda column: column[1] == PERIOD.name)
        for column, name in names:  # a period may be counted from the day of signing
            if column in line.cells:
                cell = self.read(name, line.cells[column], cells.get("agreement.signed_on"))
                if cell is not None:
                    cells[name] = cell
        return {name: cells[name] for name in self.columns.values() if name in cells}

    def read(self, name: str, cell: Cell, signed_on: CellValue | None = None) -> CellValue | None:
        """Return a cell read as what its column fills in; None where that is nothing.

        A period may be counted from the day of signing.
        """
        if cell.fault is not None:
            return CellValue(None, cell.place, cell.fault)
        column = COLUMNS[name]
        said = cell.plain if column.kind == "number" and not cell.is_date else cell.text
        text = self._meaning(name, said)
        if text is None:
            return None
        if column.codelist is not None:
            return self._code(column.codelist, text, cell)
        if is_blank(text):
            return None
        if column is PERIOD:
            return self._period(
                text if text != said or isinstance(cell.value, str) else cell.value, cell, signed_on
            )
        if column.kind == "date":
            return self._date(column, cell.as_date if text == said else text, cell)
        if text == said and name in _NO_DATES and (cell.is_date or _MADE_A_DATE.fullmatch(text)):
            hint = "format the column as text and write it again"
            detail = f"the spreadsheet has turned `{self.heading(name)}` into the date {cell.text}"
            return CellValue(None, cell.place, Fault("turned_into_a_date", detail, hint))
        return CellValue(" ".join(text.split()) if column.one_line else text, cell.place)

    def _meaning(self, name: str, text: str) -> str | None:
        """Return what the map says that a cell's text means, else the text."""
        for heading, filled_in in self.map.columns.items():
            if filled_in == name:
                for word, meaning in self.map.values.get(heading, {}).items():
                    if match_key(word) == match_key(text):
                        return meaning
        return text

    def _code(self, codelist: Codelist, text: str, cell: Cell) -> CellValue | None:
        code = code_for(codelist, text)
        if code is not None:
            return CellValue(code, cell.place)
        if is_blank(text) or (codelist == RECORDED_STATUS and code_for(CURRENT_STATUS, text) == NOT_ASSESSED):
            return None
        known = known_words(codelist)
        hint = nearest(text, known) or f"one of {', '.join(known[: len(codelist.codes)])}"
        detail = f"`{text[:60]}` is no {codelist.name.replace('_', ' ')} that is known"
        return CellValue(None, cell.place, Fault("unknown_code", detail, hint))

    def _date(self, column: Column, value: object, cell: Cell) -> CellValue:
        try:
            today = self.today if column.not_ahead else None
            date = office_date(value, today=today, year_first=self.map.year_first)
        except NotADate as error:
            fault = Fault("bad_date", f"`{self.heading(column.name)}`: {error}")
            return CellValue(None, cell.place, fault)
        is_plain = cell.is_date and cell.shown is None
        return CellValue(date, cell.place, printed="" if is_plain else cell.text)

    def _period(self, value: object, cell: Cell, signed_on: CellValue | None) -> CellValue:
        day = None if signed_on is None else signed_on.text
        try:
            period = office_period(value, year_first=self.map.year_first, signed_on=day)
        except NotADate as error:
            fault = Fault("bad_date", f"`{self.heading(PERIOD.name)}`: {error}")
            return CellValue(None, cell.place, fault)
        if period.note:
            self.notes.append(Note(cell.place, f"`{self.heading(PERIOD.name)}` {period.note}"))
        return CellValue(f"{period.starts or '..'} {period.ends or '..'}", cell.place)


def said_once(notes: Iterable[Note]) -> Iterator[str]:
    """Yield notes with their places: equal ones in one line, with the first three places."""
    places: dict[str, dict[str, None]] = {}
    for note in notes:
        places.setdefault(note.words, {})[str(note.place)] = None
    for words, at in places.items():
        first = list(at)[:3]
        rest = len(at) - len(first)
        yield f"{', '.join(first)}{f' and {rest} more' if rest else ''}: {words}"


def grid(table: Table, column_map: ColumnMap, today: str) -> Grid | None:
    """Return a table with its headings understood; None where it has none of the map's, and the map names no sheet.

    Raises Malformed where the map's columns are not all there.
    """
    if column_map.sheets and table.name not in column_map.sheets:
        return None
    header = _header(table, column_map)
    if header is None:
        if not column_map.sheets and table.name is not None:
            return None
        detail = f"`{table.called}` has none of the columns {', '.join(column_map.columns)}"
        raise Malformed([Fault("no_header", detail, "mend the map", place=table.beginning)])
    return Grid(table, column_map, header, _columns(table, header, column_map), today)


def own_map(table: Table) -> ColumnMap | None:
    """Return the map of a table whose headings are those of our templates, or None.

    Raises Malformed where another heading is nearly, but not quite, one of a template's.
    """
    known = headings(own_only=True)
    for line in table.lines[:HEADER_WITHIN]:
        texts = [cell.text for cell in line.cells.values()]
        columns = {text: known[match_key(text)] for text in texts if match_key(text) in known}
        if len(columns) >= 2 and set(IDENTITY) & set(columns.values()):
            faults = list(_mistyped(cell for cell in line.cells.values() if cell.text not in columns))
            if faults:
                raise Malformed(faults)
            return ColumnMap(columns, header=line.number, rows="clause")
    return None


def _mistyped(cells: Iterable[Cell]) -> Iterator[Fault]:
    known = [word for column in COLUMNS.values() for word in (column.label.ko, column.label.en)]
    for cell in cells:
        hint = nearest(cell.text, known)
        if hint is not None:
            detail = f"`{cell.text[:60]}` is not a column of a template"
            yield Fault("unknown_column", detail, f"{hint} Or else: {_GUESS}", place=cell.place)


def not_ours(table: Table) -> Fault:
    """Return the fault of a table with columns of its own, for which no map was given."""
    return Fault("no_map", "these columns are not those of a template", _GUESS, place=table.beginning)


def _header(table: Table, column_map: ColumnMap) -> Line | None:
    """Return the row that the map names, else the first of those with most of its headings."""
    if column_map.header is not None:
        return next((line for line in table.lines if line.number == column_map.header), None)
    keys = {match_key(heading) for heading in column_map.columns}
    counts = [
        (len(keys & {match_key(cell.text) for cell in line.cells.values()}), line)
        for line in table.lines[:HEADER_WITHIN]
    ]
    count, line = max(counts, key=lambda counted: counted[0], default=(0, None))
    return line if count else None


def _columns(table: Table, header: Line, column_map: ColumnMap) -> dict[int, str]:
    """Return what each column fills in, found by its heading or its letter; raises Malformed."""
    filled_in: dict[int, str] = {}
    faults = []
    for heading, name in column_map.columns.items():
        key = match_key(heading)
        columns = [column for column, cell in header.cells.items() if match_key(cell.text) == key] or [
            column for column in range(1, max(header.cells, default=0) + 1) if letters(column) == heading
        ]
        if len(columns) == 1:
            filled_in[columns[0]] = name
            continue
        known = [cell.text for cell in header.cells.values()]
        if columns:
            amount, hint = "more than one column", f"say its letter: {' or '.join(map(letters, columns))}"
        else:
            amount, hint = "no column", nearest(heading, known) or f"there are {', '.join(known)}"
        detail = f"there is {amount} `{heading}`"
        faults.append(Fault("no_column", detail, hint, place=table.place(header)))
    if faults:
        raise Malformed(faults)
    return filled_in
