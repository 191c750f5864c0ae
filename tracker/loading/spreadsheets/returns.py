"""Departments' worksheets that come back filled in: each filled row is a report of what became of a clause.

A row that nobody touched says nothing. "No change" confirms the report that the sheet shows: the same status
from the same day, looked at again. What someone recorded after the sheet was written stays; it is named.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from tracker.codes import LANGS
from tracker.errors import Fault, Place
from tracker.loading.seeds import FOLLOW_UPS, dated, follow_up_id
from tracker.loading.spreadsheets.cell_document import (
    UNREADABLE,
    CellDocument,
    CellValue,
    Entry,
    cell_document,
)
from tracker.loading.spreadsheets.column_map import ColumnMap
from tracker.loading.spreadsheets.grids import Grid
from tracker.loading.spreadsheets.mending import RowKey, SelectedRows
from tracker.loading.spreadsheets.names import Ambiguous, KnownNames
from tracker.loading.spreadsheets.sheet_columns import (
    EVIDENCE,
    FOLLOW_UP_COLUMNS,
    PARTIES,
    is_blank,
    means_no_change,
)
from tracker.loading.spreadsheets.tables import Line, Table
from tracker.loading.spreadsheets.worksheets import NO_REPORT, collection_headings, department_of
from tracker.loading.wording import former_values, once_said, same_words, shown
from tracker.models import Agreement, Clause, FollowUp
from tracker.models.values import AgreementPartyValues, AgreementValues, ClauseValues
from tracker.queries.representation import stored
from tracker.services.statuses import last, stored_findings
from tracker.validation import match_key

_FIELDS = tuple(
    column
    for column in FOLLOW_UP_COLUMNS
    if column.kind != "names" and column.field not in ("track", "status")
)
"""The columns of a follow-up that a row fills in as they stand."""
_AS_WRITTEN = "take ids, agreements and words from the sheet as it was written (`tracker worksheet`)"


def is_return(table: Table) -> bool:
    """Return whether a table has the columns of a department's worksheet."""
    return _header(table) is not None


def return_document(
    table: Table, known: KnownNames, today: str, notes: list[str], rows: SelectedRows
) -> CellDocument:
    """Return the filled rows of a worksheet as a seed document of reported follow-ups."""
    header, columns = _header(table) or (table.lines[0], {})
    document = cell_document(table.file, table.place(header), partial=True)
    filled_in = {column: name for column, name in columns.items() if name.startswith("follow_up.")}
    grid = Grid(table, ColumnMap({}), header, filled_in, today)
    document.headings = grid.headings()
    worksheet = _Return(grid, columns, known, notes, document)
    for line in table.lines:
        place = table.place(line)
        if line.number > header.number and RowKey.of(place) not in rows.left_out:
            rows.add([place])
            worksheet.line(line)
    if not document.content["agreements"] and not document.faults:
        notes.append(f"{table.called}: no row is filled in")
    return document


class _Return:
    """Turns the rows of one worksheet into a document."""

    def __init__(
        self, grid: Grid, columns: dict[int, str], known: KnownNames, notes: list[str], document: CellDocument
    ) -> None:
        self.grid = grid
        self.known = known
        self.notes = notes
        self.document = document
        self.column = {name: column for column, name in columns.items()}
        self.entries: dict[str, Entry] = {}
        """The agreements and clauses of the document, by id."""

    def line(self, line: Line) -> None:
        """Read one row; nothing where nothing is filled in."""
        filled_in = line.cells.keys() & self.grid.columns.keys()
        if all(is_blank(line.cells[column].text) for column in filled_in):
            return
        self.document.faults.extend(self.grid.beyond(line))
        id = self._text(line, "clause")
        clause = None if id is None else stored(self.known.fetch, Clause, id)
        if clause is None:
            detail = "the clause of this row is not named" if id is None else f"there is no clause {id[:92]}"
            hint = "the hidden first column holds its id; take it from the sheet as it was written"
            self._fault(Fault("no_clause", detail, hint), self._place(line, "clause"))
            return
        other = self._shows_another(line, clause)
        if other is not None:
            self._fault(other, self._place(line, "clause"))
            return
        place = self._place(line, "follow_up.status")
        entry = self._clause_entry(clause)
        if not self._report(line, clause, entry.add("follow_ups", place), place):
            entry.values["follow_ups"].pop()

    def _shows_another(self, line: Line, clause: ClauseValues) -> Fault | None:
        """Return the fault of a row that shows another promise than its id names; what was shown once is none.

        Ids are changed by spreadsheets (1.10 becomes 1.1), and columns are sorted and moved alone.
        """
        id, words = clause["id"], self._text(line, "clause.text")
        agreement = stored(self.known.fetch, Agreement, clause["agreement"])
        assert agreement is not None
        title, day = self._text(line, "agreement.title"), self._day(line)
        if words is None or title is None:
            return Fault(
                "no_words", f"this row does not show the words and the agreement of {id}", _AS_WRITTEN
            )
        if not same_words(words, clause["text"]) and not once_said(self.known.fetch, id, words):
            detail = f"this row shows {shown(words)}, but {id} is {shown(clause['text'])}"
            return Fault("other_words", detail, _AS_WRITTEN)
        sides = {
            "title": (title, same_words(title, agreement["title"])),
            "signed_on": (day, day in (None, agreement["signed_on"])),
            "parties": (self._text(line, PARTIES.name), self._are_parties(line, agreement)),
        }
        for name, (text, is_same) in sides.items():
            if is_same or text in former_values(self.known.fetch, Agreement, agreement["id"], name):
                continue
            stands = _party_names(self.known, agreement) if name == "parties" else str(dict(agreement)[name])
            detail = f"this row shows {shown(str(text))}, but {id} is of {agreement['id']}, {shown(stands)}"
            return Fault("other_agreement", detail, _AS_WRITTEN)
        seen = self._text(line, "seen") or NO_REPORT
        report = None if seen == NO_REPORT else stored(self.known.fetch, FollowUp, seen)
        if report is not None and report["clause"] != id:
            detail = f"this row shows the last report of {report['clause']}, but its id is {id}"
            return Fault("other_report", detail, _AS_WRITTEN)
        return None

    def _day(self, line: Line) -> str | None:
        """Return the day of signing that a row shows, as EDTF; None where it cannot be told."""
        cell = self._cell(line, "agreement.signed_on")
        return None if cell is None else cell.text

    def _are_parties(self, line: Line, agreement: AgreementValues) -> bool:
        """Return whether a row shows the parties of an agreement, now or before they changed."""
        cell = self._text(line, PARTIES.name)
        if cell is None:
            return True
        keys = {match_key(name) for name in cell.splitlines() if name.strip()}
        if self._are_names_of(keys, agreement["parties"]):
            return True
        former = former_values(self.known.fetch, Agreement, agreement["id"], "parties")
        return any(self._are_names_of(keys, parties) for parties in former)

    def _are_names_of(self, keys: set[str], parties: Sequence[AgreementPartyValues]) -> bool:
        return len(keys) == len(parties) and all(
            not keys.isdisjoint(map(match_key, self.known.names_of(party["party"]))) for party in parties
        )

    def _clause_entry(self, clause: ClauseValues) -> Entry:
        """Return a clause's entry in the document, a new one for its first row."""
        id, agreement = clause["id"], clause["agreement"]
        above = self.document.places[()]
        if agreement not in self.entries:
            self.entries[agreement] = Entry(self.document, (), self.document.content).add("agreements", above)
            self.entries[agreement].values["id"] = agreement
        if id not in self.entries:
            self.entries[id] = self.entries[agreement].add("clauses", above)
            self.entries[id].values["number"] = str(clause["number"])
        return self.entries[id]

    def _report(self, line: Line, clause: ClauseValues, entry: Entry, place: Place) -> bool:
        """Fill in what a row reports of a clause; return whether it reports anything."""
        entry.values["track"] = "reported"
        status = line.cells.get(self.column["follow_up.status"])
        if status is None or is_blank(status.text):
            hint = "say which, or that there is no change (변동 없음)"
            self._fault(Fault("required", "this row is filled in, but has no status", hint), place)
            return False
        for column in _FIELDS:
            cell = self._cell(line, column.name)
            if cell is not None:
                entry.put(column.field, cell)
            else:
                self.document.places[*entry.path, column.field] = self._place(line, column.name)
        evidence = self._cell(line, EVIDENCE.name)
        if evidence is not None:
            entry.put_evidence(evidence)
        stated_by = self._stated_by(line, clause)
        if stated_by is not None:
            entry.put("stated_by", stated_by)
        if means_no_change(status.text):
            if not self._confirm(line, entry.values, clause["id"], place):
                return False
        else:
            detail = f"`{status.text}` is what a clause is before anyone looked"
            fault = Fault("unknown_code", detail, "leave the row blank")
            cell = self._cell(line, "follow_up.status") or CellValue(None, place, fault)
            entry.put("status", cell)
        self._name_newer(line, entry.values, clause["id"], place)
        return True

    def _stated_by(self, line: Line, clause: ClauseValues) -> CellValue | None:
        """Return whose word it is: the party that is named, else the only one whose department it is."""
        place = self._place(line, "follow_up.stated_by")
        cell = self._cell(line, "follow_up.stated_by")
        if cell is not None:
            return cell if cell.text is None else self._party(cell.text, place)
        agreement = stored(self.known.fetch, Agreement, clause["agreement"])
        assert agreement is not None
        department = department_of(clause, agreement)
        parties = {
            party["party"]
            for party in agreement["parties"]
            if department is not None and party["department"] == department
        }
        return CellValue(parties.pop(), place) if len(parties) == 1 else None

    def _party(self, name: str, place: Place) -> CellValue:
        try:
            id = self.known.known_party(name)
        except Ambiguous as error:
            return CellValue(None, place, error.fault)
        if id is None:
            detail = f"no party is called `{name[:80]}`"
            return CellValue(None, place, Fault("no_party", detail, "write its id or its whole name"))
        return CellValue(id, place)

    def _confirm(self, line: Line, values: dict[str, Any], clause: str, place: Place) -> bool:
        """Let a follow-up repeat the report that the sheet shows; return whether there is one to repeat."""
        seen = self._text(line, "seen") or NO_REPORT
        report = stored(self.known.fetch, FollowUp, seen) if seen != NO_REPORT else None
        if report is None or report["clause"] != clause or report["track"] != "reported":
            detail = "nothing was reported that could be unchanged"
            if seen != NO_REPORT:
                detail = "the report that this row calls unchanged is not there any more"
            self._fault(Fault("nothing_to_confirm", detail, "say the status itself"), place)
            return False
        if values.get("effective_on", UNREADABLE) not in (UNREADABLE, report["effective_on"]):
            detail = f"what has not changed holds since {report['effective_on']}"
            fault = Fault("changed_after_all", detail, "leave it blank, or say the status itself")
            self._fault(fault, self._place(line, "follow_up.effective_on"))
            return False
        identity = (clause, seen, "no change", str(values.get("stated_by") or ""))
        values["id"] = str(uuid.uuid5(FOLLOW_UPS, "\n".join(identity)))
        values["status"], values["effective_on"] = report["status"], report["effective_on"]
        if report["reason"] is not None:
            values.setdefault("reason", report["reason"])
        if "checked_on" not in values:
            earlier = stored(self.known.fetch, FollowUp, values["id"])
            values["checked_on"] = self.grid.today if earlier is None else earlier["checked_on"]
        return True

    def _name_newer(self, line: Line, values: dict[str, Any], clause: str, place: Place) -> None:
        """Note what was recorded since the sheet was written."""
        if "effective_on" not in values or UNREADABLE in values.values():
            return  # it is at fault, so that nothing is recorded beside anything
        own = values.get("id") or follow_up_id(clause, dated(values))
        findings = stored_findings(self.known.fetch, [clause]).get(clause, ())
        newest = last([finding for finding in findings if finding.id != own], "reported")
        if newest is None or newest.id == (self._text(line, "seen") or NO_REPORT):
            return
        report = stored(self.known.fetch, FollowUp, newest.id)
        assert report is not None
        self.notes.append(
            f"{place}: since this sheet was written, {report['recorded_by']} recorded `{report['status']}` "
            f"as of {report['effective_on']} for {clause}; both stay"
        )

    def _text(self, line: Line, name: str) -> str | None:
        cell = line.cells.get(self.column.get(name, 0))
        return None if cell is None else cell.text

    def _cell(self, line: Line, name: str) -> CellValue | None:
        cell = line.cells.get(self.column.get(name, 0))
        return None if cell is None else self.grid.read(name, cell)

    def _place(self, line: Line, name: str) -> Place:
        return self.grid.table.place(line, self.column.get(name))

    def _fault(self, fault: Fault, place: Place) -> None:
        self.document.faults.append(fault.at(place))


def _party_names(known: KnownNames, agreement: AgreementValues) -> str:
    return (
        ", ".join(known.names_of(party["party"])[-1] for party in agreement["parties"]) or "without parties"
    )


def _header(table: Table) -> tuple[Line, dict[int, str]] | None:
    """Return the row of a worksheet's headings, with what its columns hold; None where there is none."""
    for lang in LANGS:
        known = {match_key(heading.text): heading.name for heading in collection_headings(lang)}
        for line in table.lines[:5]:
            keys = {column: match_key(cell.text) for column, cell in line.cells.items()}
            columns = {column: known[key] for column, key in keys.items() if key in known}
            if {"clause", "seen", "follow_up.status"} <= set(columns.values()):
                return line, columns
    return None
