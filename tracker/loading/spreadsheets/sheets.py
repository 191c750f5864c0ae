"""Spreadsheets in a run of the loader: registers by a map or by a template's headings, filled-in worksheets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.database.statements import Fetch, no_rows
from tracker.errors import Fault, Malformed, Place
from tracker.loading.document import Document
from tracker.loading.spreadsheets import grids
from tracker.loading.spreadsheets.column_map import ColumnMap
from tracker.loading.spreadsheets.files import read_tables
from tracker.loading.spreadsheets.names import KnownNames
from tracker.loading.spreadsheets.registers import register_document
from tracker.loading.spreadsheets.returns import is_return, return_document
from tracker.loading.spreadsheets.tables import Table
from tracker.loading.spreadsheets.worksheets import CODES


class Sheets:
    """How the spreadsheets of one run are read; ``notes`` says what a person should know of that."""

    def __init__(self, column_map: ColumnMap | None = None) -> None:
        self.notes: list[str] = []
        self._map = column_map
        self._today = ""
        self._known = KnownNames(no_rows, self.notes)

    def beside(self, fetch: Fetch, today: str) -> Sheets:
        """Let a run be beside what the database knows; ``today`` is the day it is."""
        self._today = today
        self._known = KnownNames(fetch, self.notes)
        return self

    def documents(self, path: Path, name: str) -> Iterator[Document | Malformed]:
        """Read each sheet of a file as a seed document; what is wrong comes as Malformed. Raises OSError."""
        try:
            tables = read_tables(path, name)
        except Malformed as malformed:
            yield malformed
            return
        read = 0
        for table in tables:
            if table.name in CODES:
                continue
            if not table.lines:
                self.notes.append(f"{table.called} is empty")
                read += 1
                continue
            try:
                document = self._document(table, alone=len(tables) == 1)
            except Malformed as malformed:
                yield malformed
                read += 1
                continue
            if document is None:
                continue
            read += 1
            yield document
        if not read:
            if self._map is not None:
                yield self._nothing_mapped(tables)
            else:
                yield Malformed([grids.not_ours(table) for table in tables if table.name not in CODES])

    def _document(self, table: Table, *, alone: bool) -> Any:
        if is_return(table):
            return return_document(table, self._known, self._today, self.notes)
        column_map = self._map
        if column_map is None:
            column_map = grids.own_map(table)
            if column_map is None:
                if not alone:
                    self.notes.append(f"{table.called} is not loaded: it has no columns of a template")
                return None
            mistyped = grids.mistyped_headings(table, column_map)
            if mistyped:
                raise Malformed(mistyped)
        grid = grids.grid(table, column_map, self._today)
        if grid is None:
            self.notes.append(f"{table.called} is not loaded: the map does not speak of it")
            return None
        document = register_document(grid, self._known, self.notes)
        if grid.unread:
            self.notes.append(f"{table.called}: not loaded are the columns {', '.join(grid.unread)}")
        if not document.content["agreements"] and not document.faults:
            self.notes.append(f"{table.called} has no rows under its headings")
        return document

    def _nothing_mapped(self, tables: list[Table]) -> Malformed:
        table = tables[0]
        column_map = self._map
        assert column_map is not None
        wanted = "sheet with the map's columns"
        if column_map.sheets:
            wanted = f"sheet called {' or '.join(column_map.sheets)}"
        hint = f"its sheets are {', '.join(each.name or '' for each in tables)}; mend the map"
        fault = Fault("no_sheet", f"`{table.file}` has no {wanted}", hint, place=Place(table.file, 1, 1))
        return Malformed([fault])
