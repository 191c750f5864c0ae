"""Spreadsheets in a run of the loader: registers by a map or by a template's headings, filled-in worksheets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from tracker.database.statements import Fetch, no_rows
from tracker.errors import Fault, Malformed, Place
from tracker.loading.document import Document
from tracker.loading.spreadsheets import grids
from tracker.loading.spreadsheets.column_map import ColumnMap
from tracker.loading.spreadsheets.files import read_tables
from tracker.loading.spreadsheets.identity import KnownAgreements
from tracker.loading.spreadsheets.mending import KeptTable, RowKey, SelectedRows
from tracker.loading.spreadsheets.names import KnownNames
from tracker.loading.spreadsheets.registers import register_document
from tracker.loading.spreadsheets.returns import is_return, return_document
from tracker.loading.spreadsheets.tables import Table
from tracker.loading.spreadsheets.worksheets import CODES

MOST_LISTED = 20
"""How many agreements that left a register are named before the rest is only counted."""


class Sheets:
    """How the spreadsheets of one run are read; ``notes`` says what a person should know of that.

    With ``renumber`` other words under a number that has follow-ups are a new clause. ``when_read`` is called
    when all is read, before anything is written.
    """

    def __init__(self, column_map: ColumnMap | None = None, *, renumber: bool = False) -> None:
        self.notes: list[str] = []
        self.when_read: Callable[[], None] | None = None
        self._map = column_map
        self._renumber = renumber
        self._today = ""
        self._rows = SelectedRows()
        self._tables: list[KeptTable] = []
        self._names = KnownNames(no_rows, self.notes)
        self._agreements = KnownAgreements(no_rows)

    def beside(self, fetch: Fetch, today: str) -> Sheets:
        """Let a run be beside what the database knows; ``today`` is the day it is."""
        self._today = today
        self._names = KnownNames(fetch, self.notes)
        self._agreements = KnownAgreements(fetch)
        self._tables = []
        return self

    def leave_out(self, rows: Collection[RowKey]) -> None:
        """Leave rows out when all is read the next time, from the beginning."""
        self.notes.clear()
        self._rows = SelectedRows(frozenset(rows))

    def rows_of(self, place: Place | None) -> list[RowKey]:
        """Return the rows that go in together with that of a place, none where it is in no row."""
        return [] if place is None else self._rows.together.get(RowKey.of(place), [])

    def kept_tables(self) -> list[KeptTable]:
        """Return the tables that were read, with the rows of their headings."""
        return self._tables

    def finish(self) -> None:
        """Note, when all is read and nothing written, which agreements have left the registers."""
        left = self._agreements.left()
        if left:
            named = [f"{id} (`{self._agreements.signing(id).title[:40]}`)" for id in left[:MOST_LISTED]]
            more = len(left) - len(named)
            words = ", ".join(named) + (f" and {more:,} more" if more else "")
            self.notes.append(f"not in the register any more, and left as they are: {words}")
        if self.when_read is not None:
            self.when_read()

    def documents(self, path: Path, name: str) -> Iterator[Document | Malformed]:
        """Read each sheet of a file as a seed document; what is wrong comes as Malformed. Raises OSError."""
        try:
            tables = read_tables(path, name)
        except Malformed as malformed:
            yield malformed
            return
        sheets = [table for table in tables if table.name not in CODES]
        is_read = False
        for table in sheets:
            self.notes += table.notes
            document: Document | Malformed | None = None
            if table.lines:
                try:
                    document = self._document(path, table, alone=len(tables) == 1)
                except Malformed as malformed:
                    document = malformed
            else:
                self.notes.append(f"{table.called} is empty")
            if document is not None:
                yield document
            is_read = is_read or document is not None or not table.lines
        if not is_read:
            yield Malformed([self._nothing_mapped(tables)] if self._map else map(grids.not_ours, sheets))

    def _document(self, path: Path, table: Table, *, alone: bool) -> Document | None:
        if is_return(table):
            document = return_document(table, self._names, self._today, self.notes, self._rows)
            self._tables.append(KeptTable(path, table, document.place(()).line))
            return document
        column_map = self._map or grids.own_map(table)
        if column_map is None:
            if not alone:
                self.notes.append(f"{table.called} is not loaded: it has no columns of a template")
            return None
        grid = grids.grid(table, column_map, self._today)
        if grid is None:
            self.notes.append(f"{table.called} is not loaded: the map does not speak of it")
            return None
        document = register_document(
            grid, self._names, self._agreements, self.notes, self._rows, renumber=self._renumber
        )
        self._tables.append(KeptTable(path, table, grid.header.number))
        unread = grid.unread()
        if unread:
            self.notes.append(f"{table.called}: not loaded are the columns {', '.join(unread)}")
        if not document.content["agreements"] and not document.faults:
            self.notes.append(f"{table.called} has no rows under its headings")
        return document

    def _nothing_mapped(self, tables: list[Table]) -> Fault:
        file = tables[0].file
        names = self._map.sheets if self._map else ()
        missing = f"sheet called {' or '.join(names)}" if names else "sheet with the map's columns"
        hint = f"its sheets are {', '.join(table.name or '' for table in tables)}; mend the map"
        return Fault("no_sheet", f"`{file}` has no {missing}", hint, place=Place(file, 1, 1))
