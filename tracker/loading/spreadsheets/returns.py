"""Departments' worksheets that come back filled in: each filled row is a report of what became of a clause.

A row that nobody touched says nothing. "No change" confirms the report that the sheet shows: the same status
from the same day, looked at again. What someone recorded after the sheet was written stays; it is named.
"""

from __future__ import annotations

import uuid
from typing import Any

from tracker.codes import LANGS
from tracker.errors import Fault, Place
from tracker.loading.seeds import FOLLOW_UPS, dated, follow_up_id
from tracker.loading.spreadsheets.column_map import ColumnMap
from tracker.loading.spreadsheets.grids import WRONG, Grid, Read
from tracker.loading.spreadsheets.names import KnownNames, Unclear
from tracker.loading.spreadsheets.registers import CellDocument, Path, cell_document, evidence_in
from tracker.loading.spreadsheets.sheet_columns import FOLLOW_UP_COLUMNS, means_no_change
from tracker.loading.spreadsheets.tables import Line, Table
from tracker.loading.spreadsheets.worksheets import NO_REPORT, collection_headings, department_of
from tracker.models import Agreement, Clause, FollowUp, Resource
from tracker.queries.representation import one, representation
from tracker.services.resources import Values
from tracker.services.statuses import last, stored_findings
from tracker.validation import match_key

_FIELDS = tuple(
    column.field
    for column in FOLLOW_UP_COLUMNS
    if column.kind != "names" and column.field not in ("track", "status")
)
"""The fields of a follow-up that a row fills in as they stand."""


def is_return(table: Table) -> bool:
    """Return whether a table has the columns of a department's worksheet."""
    return _header(table) is not None


def return_document(table: Table, known: KnownNames, today: str, notes: list[str]) -> CellDocument:
    """Turn the filled rows of a worksheet into a seed document of reported follow-ups."""
    header, columns = _header(table) or (table.lines[0], {})
    document = cell_document(table.file, table.place(header), partial=True)
    names = {column: name for column, name in columns.items() if name.startswith("follow_up.")}
    grid = Grid(table, ColumnMap({}), header, names, today)
    document.headings = {name: (column, grid.heading(name)) for column, name in names.items()}
    reading = _Return(grid, columns, known, notes, document)
    for line in table.lines:
        if line.number > header.number:
            reading.line(line)
    if not document.content["agreements"] and not document.faults:
        notes.append(f"{table.called}: no row is filled in")
    return document


class _Return:
    """One worksheet's way into its document."""

    def __init__(
        self, grid: Grid, columns: dict[int, str], known: KnownNames, notes: list[str], document: CellDocument
    ) -> None:
        self.grid = grid
        self.known = known
        self.notes = notes
        self.document = document
        self.column = {name: column for column, name in columns.items()}

    def line(self, line: Line) -> None:
        """Read one row; nothing where nothing is filled in."""
        filled = [name for column, name in self.grid.columns.items() if column in line.cells]
        if not filled:
            return
        id = self._text(line, "clause")
        clause = None if id is None else self._stored(Clause, id)
        if clause is None:
            detail = "the clause of this row is not named" if id is None else f"there is no clause {id[:92]}"
            hint = "the hidden first column holds its id; take it from the sheet as it was written"
            self._fault(Fault("no_clause", detail, hint), self._place(line, "clause"))
            return
        agreement = self._stored(Agreement, clause["agreement"])
        assert agreement is not None
        path, entry = self._entry(clause)
        said: Values = {"track": "reported"}
        place = self._place(line, "follow_up.status")
        self.document.places[path] = place
        status = line.cells.get(self.column["follow_up.status"])
        if status is None:
            hint = "say which, or that there is no change (변동 없음)"
            self._fault(Fault("required", "this row is filled in, but has no status", hint), place)
            return
        self._fields(line, path, said)
        self._stated_by(line, path, said, clause, agreement)
        if means_no_change(status.text):
            if not self._confirm(line, said, clause["id"], place):
                return
        else:
            read = self.grid.read("follow_up.status", status) or Read(
                WRONG,
                place,
                Fault(
                    "unknown_code",
                    f"`{status.text}` is what a clause is before anyone looked",
                    "leave the row blank",
                ),
            )
            self.document.put(said, path, "status", read)
        self._name_newer(line, said, clause["id"], place)
        entry["follow_ups"].append(said)

    def _entry(self, clause: Values) -> tuple[Path, Values]:
        """Return the clause's place in the document, and the path of its next follow-up."""
        agreements = self.document.content["agreements"]
        result = [place for place, each in enumerate(agreements) if each["id"] == clause["agreement"]]
        if not result:
            agreements.append({"id": clause["agreement"], "clauses": []})
        at = result[0] if result else len(agreements) - 1
        clauses = agreements[at]["clauses"]
        inside = [place for place, each in enumerate(clauses) if each["number"] == str(clause["number"])]
        if not inside:
            clauses.append({"number": str(clause["number"]), "follow_ups": []})
        within = inside[0] if inside else len(clauses) - 1
        entry = clauses[within]
        return ("agreements", at, "clauses", within, "follow_ups", len(entry["follow_ups"])), entry

    def _fields(self, line: Line, path: Path, said: Values) -> None:
        for name in _FIELDS:
            column = self.column.get(f"follow_up.{name}")
            cell = None if column is None else line.cells.get(column)
            read = None if cell is None else self.grid.read(f"follow_up.{name}", cell)
            if read is not None:
                self.document.put(said, path, name, read)
            else:
                self.document.places[*path, name] = self._place(line, f"follow_up.{name}")
        shown = self._text(line, "follow_up.evidence")
        if shown is not None:
            said["evidence"] = evidence_in(shown)
            self.document.places[*path, "evidence"] = self._place(line, "follow_up.evidence")

    def _stated_by(self, line: Line, path: Path, said: Values, clause: Values, agreement: Values) -> None:
        """Say whose word it is: the party that is named, else the one whose department it is, if only one is."""
        name = self._text(line, "follow_up.stated_by")
        place = self._place(line, "follow_up.stated_by")
        if name is not None:
            self.document.put(said, path, "stated_by", self._party(name, place))
            return
        department = department_of(clause, agreement)
        parties = {
            each["party"] for each in agreement["parties"] if department and each["department"] == department
        }
        if len(parties) == 1:
            said["stated_by"] = parties.pop()
            self.document.places[*path, "stated_by"] = place

    def _party(self, name: str, place: Place) -> Read:
        try:
            id = self.known.known_party(name)
        except Unclear as error:
            return Read(WRONG, place, Fault("unclear_party", str(error), "write the party's id"))
        if id is None:
            return Read(
                WRONG,
                place,
                Fault("no_party", f"no party is called `{name[:80]}`", "write its id or its whole name"),
            )
        return Read(id, place)

    def _confirm(self, line: Line, said: Values, clause: str, place: Place) -> bool:
        """Let a follow-up say again what the sheet shows; whether there was anything to say again."""
        seen = self._text(line, "seen") or NO_REPORT
        report = self._stored(FollowUp, seen) if seen != NO_REPORT else None
        if report is None or report["clause"] != clause or report["track"] != "reported":
            detail = "nothing was reported that could be unchanged"
            if seen != NO_REPORT:
                detail = "the report that this row calls unchanged is not there any more"
            self._fault(Fault("nothing_to_confirm", detail, "say the status itself"), place)
            return False
        if "effective_on" in said and said["effective_on"] not in (WRONG, report["effective_on"]):
            at = self._place(line, "follow_up.effective_on")
            hint = "leave it blank, or say the status itself"
            detail = f"what has not changed holds since {report['effective_on']}"
            self._fault(Fault("changed_after_all", detail, hint), at)
            return False
        identity = (clause, seen, "no change", str(said.get("stated_by") or ""))
        said["id"] = str(uuid.uuid5(FOLLOW_UPS, "\n".join(identity)))
        for name in ("status", "effective_on"):
            said[name] = report[name]
        if report["reason"] is not None:
            said.setdefault("reason", report["reason"])
        if "checked_on" not in said:
            earlier = self._stored(FollowUp, said["id"])
            said["checked_on"] = self.grid.today if earlier is None else earlier["checked_on"]
        return True

    def _name_newer(self, line: Line, said: Values, clause: str, place: Place) -> None:
        """Name what was recorded since the sheet was written."""
        if not all(isinstance(value, str | list) for value in said.values()) or "effective_on" not in said:
            return  # it is at fault, so that nothing is recorded beside anything
        own = said.get("id") or follow_up_id(clause, dated(said))
        findings = stored_findings(self.known.fetch, [clause]).get(clause, ())
        now = last([finding for finding in findings if finding.id != own], "reported")
        if now is None or now.id == (self._text(line, "seen") or NO_REPORT):
            return
        report = self._stored(FollowUp, now.id)
        assert report is not None
        self.notes.append(
            f"{place}: since this sheet was written, {report['recorded_by']} recorded `{report['status']}` "
            f"as of {report['effective_on']} for {clause}; both stay"
        )

    def _stored(self, model: type[Resource], id: str) -> Values | None:
        rows = self.known.fetch(one(model), id)
        return representation(model).values(rows[0]) if rows else None

    def _text(self, line: Line, name: str) -> str | None:
        column = self.column.get(name)
        cell = None if column is None else line.cells.get(column)
        return None if cell is None else cell.text

    def _place(self, line: Line, name: str) -> Place:
        return self.grid.table.place(line, self.column.get(name))

    def _fault(self, fault: Fault, place: Place) -> None:
        self.document.faults.append(fault.at(place))


def _header(table: Table) -> tuple[Line, dict[int, str]] | None:
    for lang in LANGS:
        known = {match_key(heading.text): heading.name for heading in collection_headings(lang)}
        for line in table.lines[:5]:
            result: dict[int, Any] = {
                column: known[match_key(cell.text)]
                for column, cell in line.cells.items()
                if match_key(cell.text) in known
            }
            if {"clause", "seen", "follow_up.status"} <= set(result.values()):
                return line, result
    return None
