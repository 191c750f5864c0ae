"""Registers: rows of clauses or agreements become a seed document of which each value knows its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracker.codes import NEED_A_REASON
from tracker.errors import Fault, Place
from tracker.loading.spreadsheets.agreement_ids import AgreementIds, seen_of
from tracker.loading.spreadsheets.cell_document import CellDocument, CellValue, Entry, cell_document
from tracker.loading.spreadsheets.grids import Grid, Row
from tracker.loading.spreadsheets.grouping import Group, grouped
from tracker.loading.spreadsheets.identity import KnownAgreements, Register, StoredClauses
from tracker.loading.spreadsheets.mending import SelectedRows, is_rest
from tracker.loading.spreadsheets.names import Ambiguous, KnownNames
from tracker.loading.spreadsheets.numbering import Numbering, RegisterClause
from tracker.loading.spreadsheets.party_cells import NamedParty, parties_in
from tracker.loading.spreadsheets.sheet_columns import (
    AGREEMENT_COLUMNS,
    CLAUSE_COLUMNS,
    EVIDENCE,
    FOLLOW_UP_COLUMNS,
    IDENTIFIER,
    PARTIES,
    PERIOD,
)
from tracker.loading.spreadsheets.splitting import parts
from tracker.loading.spreadsheets.tables import Cell
from tracker.loading.wording import shown
from tracker.models import Agreement
from tracker.models.values import AgreementValues, Values
from tracker.queries.representation import stored

_OF_A_CLAUSE = ("clause.number", "clause.due", "clause.label", "follow_up.status")
"""The columns that say something of a clause, and so need one."""
_STATE = ("follow_up.status", "follow_up.effective_on")


def register_document(
    grid: Grid,
    names: KnownNames,
    agreements: KnownAgreements,
    notes: list[str],
    rows: SelectedRows,
    *,
    renumber: bool = False,
) -> CellDocument:
    """Return the rows of a register as a seed document; faults stand in it at their cells.

    With ``renumber`` other words under a number that has follow-ups are a new clause.
    """
    document = cell_document(grid.table.file, grid.table.place(grid.header))
    document.headings = grid.headings()
    root = Entry(document, (), document.content)
    register = _Register(grid, names, agreements, notes, rows, root, renumber=renumber)
    for group in register.groups():
        register.agreement(group)
    document.faults += grid.faults
    register.refuse_moved()
    if not rows.left_out and not is_rest(grid.table):
        agreements.registers.append(register.kept())
    for id, name in names.new_parties.items():
        if id in register.first_named:
            party = root.add("parties", register.first_named[id])
            party.values.update(id=id, kind="person" if id in names.persons else "organisation", name=name)
    return document


class _Register:
    """Turns the rows of one sheet into a document."""

    def __init__(
        self,
        grid: Grid,
        names: KnownNames,
        agreements: KnownAgreements,
        notes: list[str],
        rows: SelectedRows,
        root: Entry,
        *,
        renumber: bool,
    ) -> None:
        self.grid = grid
        self.names = names
        self.agreements = agreements
        self.ids = AgreementIds(grid, agreements, notes)
        self.notes = notes
        self.rows = rows
        self.root = root
        self.renumber = renumber
        self.own: str | None = None
        self.years: set[str] = set()
        self.first_named: dict[str, Place] = {}
        self.gone_on: list[tuple[str, RegisterClause]] = []
        """The new clauses of rows that name no agreement, with the id of the one above."""
        self.missing: dict[tuple[str, ...], str] = {}
        """The stored clauses that the sheet has no more, by their words."""

    def groups(self) -> list[Group]:
        """Return the rows of each agreement."""
        rows = (
            (self.grid.table.place(line), self._with_defaults(cells))
            for line, cells in self.grid.rows(self.notes, self.rows.left_out)
        )
        groups = grouped(rows, yearly=self.grid.numbers_start_again, faults=self.root.document.faults)
        for group in groups:
            self.rows.add([row.place for row in group.rows])
        for fault in self.grid.faults:
            if fault.place is not None and self.rows.is_free(fault.place):
                self.rows.add([fault.place])
        if self.grid.map.rows == "agreement":
            for group in groups:
                for row in group.rows[1:]:
                    hint = "say `rows: clause` in the map, or give each agreement one row"
                    detail = f"this agreement has a row already, {group.place}"
                    self._fault(Fault("two_rows", detail, hint), row.place)
        return groups

    def agreement(self, group: Group) -> None:
        """Write one agreement with its clauses."""
        entry = self.root.add("agreements", group.place)
        self._fields(group, entry)
        signed = self._parties(group, entry)
        number = self._same(group, IDENTIFIER.name)
        if number is not None:
            scheme = self.grid.heading(IDENTIFIER.name)
            identifier = Entry(entry.document, (*entry.path, "identifiers", 0), {"scheme": scheme})
            identifier.put("value", number)
            entry.values["identifiers"] = [identifier.values]
        clauses = list(self._clauses(group))
        seen = seen_of(entry.values, signed)
        self.years.add(seen.year)
        self.own = signed[0] if self.grid.map.party and signed else self.own
        id = self.ids.id_of(group, seen, signed)
        agreement = None if id.text is None else stored(self.agreements.fetch, Agreement, id.text)
        known = StoredClauses([], [])
        if agreement is not None:
            known = self.agreements.clauses(agreement["id"])
            id = self.ids.uncontradicted(id, group, seen, [clause.words for clause in clauses], known.clauses)
            _keep_stored(entry.values, agreement)
        entry.put("id", id)
        self._number(clauses, known, id.text or "")
        for clause in clauses:
            self._clause(clause, entry)

    def kept(self) -> Register:
        """Return what says which stored agreements this register has to speak of."""
        has_numbers = IDENTIFIER.name in self.grid.columns.values()
        scheme = self.grid.heading(IDENTIFIER.name) if has_numbers else None
        is_yearly = has_numbers and self.grid.numbers_start_again
        return Register(scheme, self.own, frozenset(self.years) if is_yearly else None)

    def refuse_moved(self) -> None:
        """Refuse rows that went on another agreement until the sheet was sorted or rows of it were hidden."""
        for agreement, clause in self.gone_on:
            moved = self.missing.get(tuple(clause.words.split()))
            if moved is not None:
                detail = (
                    f"this row names no agreement and so goes on the one above, {agreement}, "
                    f"but it shows {shown(clause.words)}, which is clause {moved}"
                )
                hint = "write the agreement's number or title in each row; were rows sorted or hidden?"
                self._fault(Fault("moved_row", detail, hint), clause.text.place)

    def _fields(self, group: Group, entry: Entry) -> None:
        for column in AGREEMENT_COLUMNS:
            cell = self._same(group, column.name) if column.field != "id" else None
            if cell is not None:
                entry.put(column.field, cell)
        period = self._same(group, PERIOD.name)
        if period is not None:
            bounds = [None] if period.text is None else period.text.split()
            for name, text in zip(("starts", "ends"), bounds, strict=False):
                if text != ".." and name not in entry.values:
                    entry.put(name, CellValue(text, period.place, period.fault))
        signed = group.first("agreement.signed_on")
        if signed is not None and signed.fault is None and signed.printed not in ("", signed.text):
            entry.put("signed_as_printed", CellValue(signed.printed, signed.place))

    def _parties(self, group: Group, entry: Entry) -> list[str]:
        """Write who signed, whoever keeps the register first, and return their ids."""
        own = self.grid.map.party
        cell = self._same(group, PARTIES.name)
        place = group.place if cell is None else cell.place
        named = [NamedParty(own)] if own else []
        if cell is not None and cell.text is not None:
            notes = self.notes

            def point_out(words: str) -> None:
                notes.append(f"{place}: {words}")

            named += parties_in(cell.text, self.names.knows_party, point_out)
        signed: list[str] = []
        for each in named:
            party = self._party(each.name, place)
            if party.text in signed:
                continue
            listed = entry.add("parties", place)
            listed.put("party", party)
            self._put_signer(listed, each, place)
            if own and len(entry.values["parties"]) == 1 and (department := group.first("department")):
                listed.put("department", department)
            if party.text is not None:
                signed.append(party.text)
        if cell is not None and cell.fault is not None:
            entry.put("parties", cell)
        elif named:
            entry.document.places[*entry.path, "parties"] = place
        return signed

    def _put_signer(self, listed: Entry, named: NamedParty, place: Place) -> None:
        """Write who signed for a party, as what, and which department has it in charge."""
        if named.signed_by is not None:
            person = self._party(named.signed_by, place)
            if person.text is not None:
                self.names.persons.add(person.text)
            listed.put("signed_by", person)
        for field, text in (("signed_as", named.signed_as), ("department", named.department)):
            if text is not None:
                listed.put(field, CellValue(text, place))

    def _party(self, name: str, place: Place) -> CellValue:
        try:
            id = self.names.party(name)
        except Ambiguous as error:
            return CellValue(None, place, error.fault)
        self.first_named.setdefault(id, place)
        return CellValue(id, place)

    def _number(self, clauses: list[RegisterClause], known: StoredClauses, agreement: str) -> None:
        """Number the clauses that have no number, and note what the sheet lacks and what only goes on."""
        self._refuse_alike(clauses)
        numbering = Numbering(
            clauses,
            known.clauses,
            known.removed,
            lambda number: self.agreements.former_words(agreement, number),
            renumber=self.renumber,
        )
        for clause in numbering.assign():
            self.missing[tuple(clause.text.split())] = f"{agreement}.{clause.number}"
        self.gone_on += [(agreement, clause) for clause in clauses if clause.goes_on and clause.is_new]

    def _refuse_alike(self, clauses: Sequence[RegisterClause]) -> None:
        """Refuse rows with the same words and different statuses: nothing says which is which next time."""
        first: dict[tuple[str | None, ...], RegisterClause] = {}
        for clause in clauses:
            if clause.number is not None or not clause.words:
                continue
            other = first.setdefault((*clause.words.split(), clause.says("department")), clause)
            if any(clause.says(name) != other.says(name) for name in _STATE):
                detail = f"{other.text.place} has the same words and another status"
                hint = "number the clauses in a column that fills in clause.number, or keep one of the two"
                self._fault(Fault("same_words", detail, hint), clause.text.place)

    def _clauses(self, group: Group) -> Iterator[RegisterClause]:
        for grouped_row in group.rows:
            row = grouped_row.cells
            cell, number = row.get("clause.text"), row.get("clause.number")
            if cell is None:
                of_a_clause = next((value for name, value in row.items() if name in _OF_A_CLAUSE), None)
                if of_a_clause is not None:
                    detail = "this row says something of a clause, but has no clause"
                    self._fault(Fault("no_clause", detail, "give its text"), of_a_clause.place)
                continue
            if cell.text is None:
                yield RegisterClause(row, cell, row.get("clause.label"), number, goes_on=grouped_row.goes_on)
                continue
            lead, pieces = parts(cell.text, self.grid.map.split if number is None else "none")
            if lead:
                self.notes.append(f"{cell.place}: the words before the first mark are left out: {lead[:60]}")
            for piece in pieces:
                label = CellValue(piece.label, cell.place) if piece.label else row.get("clause.label")
                text = CellValue(piece.text, cell.place)
                yield RegisterClause(row, text, label, number, goes_on=grouped_row.goes_on)

    def _clause(self, clause: RegisterClause, agreement: Entry) -> None:
        entry = agreement.add("clauses", clause.text.place)
        entry.put("number", clause.number or CellValue(str(clause.assigned), clause.text.place))
        if clause.is_new:
            entry.values["kind"] = "listed"
        entry.put("text", clause.text)
        if clause.label is not None:
            entry.put("label", clause.label)
        for column in CLAUSE_COLUMNS:
            if column.name in clause.row and column.field not in entry.values:
                entry.put(column.field, clause.row[column.name])
        department = clause.row.get("department")
        if department is not None and not self._is_of_a_party(department.content, agreement):
            entry.put("department", department)
        status = clause.row.get("follow_up.status")
        if status is not None:
            self._follow_up(clause.row, entry.add("follow_ups", status.place))

    def _is_of_a_party(self, department: object, agreement: Entry) -> bool:
        """Return whether one of the parties has a department, so that its clauses need not name it."""
        listed = agreement.values.get("parties")
        return (
            bool(self.grid.map.party)
            and isinstance(listed, list)
            and any(party.get("department") == department for party in listed)
        )

    def _follow_up(self, row: Row, entry: Entry) -> None:
        entry.values["track"] = "reported"
        for column in FOLLOW_UP_COLUMNS:
            cell = row.get(column.name)
            if cell is not None:
                if column.kind == "names" and cell.text is not None:
                    cell = self._party(cell.text, cell.place)
                entry.put(column.field, cell)
        evidence = row.get(EVIDENCE.name)
        if evidence is not None:
            entry.put_evidence(evidence)

    def _with_defaults(self, row: Row) -> Row:
        """Return a row with what the map says of every row that does not say it."""
        place = next(iter(row.values())).place
        filled = dict(row)
        for name, value in self.grid.map.defaults.items():
            if name.startswith("follow_up.") and "follow_up.status" not in row and name != "follow_up.status":
                continue
            if name == "follow_up.reason" and not _needs_a_reason(filled):
                continue
            if name not in filled and (name.startswith("agreement.") or "clause.text" in row):
                cell = self.grid.read(name, Cell(value, place))
                if cell is not None:
                    filled[name] = cell
        return filled

    def _same(self, group: Group, name: str) -> CellValue | None:
        """Return what the rows of an agreement say of it; a fault where they say two things."""
        first = group.first(name)
        for row in group.rows:
            cell = row.cells.get(name)
            if cell and first and None not in (cell.text, first.text) and cell.text != first.text:
                detail = (
                    f"`{self.grid.heading(name)}` is {shown(str(cell.text))} here and {shown(str(first.text))} "
                    f"at {first.place}, which is the same agreement"
                )
                hint = "keep one of the two, or give each agreement a number of its own"
                self._fault(Fault("two_contents", detail, hint), cell.place)
        return first

    def _fault(self, fault: Fault, place: Place) -> None:
        self.root.document.faults.append(fault.at(place))


def _needs_a_reason(row: Row) -> bool:
    status = row.get("follow_up.status")
    return status is not None and status.text in NEED_A_REASON


def _keep_stored(entry: dict[str, Any], stored: AgreementValues) -> None:
    """Leave in lists what the register does not speak of: who signed, other roles, other numbers."""
    if isinstance(entry.get("parties"), list):
        known = {party["party"]: party for party in stored["parties"] if party["role"] == "party"}
        listed = [{**_not_null(known.get(str(party["party"]), {})), **party} for party in entry["parties"]]
        if {str(party["party"]) for party in listed} == known.keys():
            order = list(known)
            listed.sort(key=lambda party: order.index(party["party"]))
        entry["parties"] = listed + [
            _not_null(party) for party in stored["parties"] if party["role"] != "party"
        ]
    for own in entry.get("identifiers", ()):
        schemes = [identifier["scheme"] for identifier in stored["identifiers"]]
        others = [identifier for identifier in stored["identifiers"] if identifier["scheme"] != own["scheme"]]
        index = schemes.index(own["scheme"]) if own["scheme"] in schemes else len(others)
        entry["identifiers"] = [*others[:index], own, *others[index:]]


def _not_null(values: Mapping[str, object]) -> Values:
    return {name: value for name, value in values.items() if value is not None}
