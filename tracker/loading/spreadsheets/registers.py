"""Registers: rows of clauses or agreements become a seed document of which each value knows its cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.errors import Fault, Place
from tracker.loading.spreadsheets.cell_document import CellDocument, CellValue, Entry, cell_document
from tracker.loading.spreadsheets.grids import Grid, Row
from tracker.loading.spreadsheets.names import Ambiguous, KnownNames, made_id
from tracker.loading.spreadsheets.numbering import RegisterClause, assign_numbers
from tracker.loading.spreadsheets.sheet_columns import (
    AGREEMENT_COLUMNS,
    CLAUSE_COLUMNS,
    EVIDENCE,
    FOLLOW_UP_COLUMNS,
    IDENTIFIER,
    IDENTITY,
    PARTIES,
    PERIOD,
)
from tracker.loading.spreadsheets.splitting import parts
from tracker.loading.spreadsheets.tables import Cell
from tracker.models import Agreement
from tracker.models.values import AgreementValues, Values
from tracker.queries.representation import stored
from tracker.romanisation import slug
from tracker.validation import match_key

_OTHERS = re.compile(r"\s*외\s*\d+\s*(?:개\s*)?(?:기관|곳|개사|개소|개|사)?\s*$")
_NAMES = re.compile(r"\s*(?:[\n;、/]|,(?!\s*(?:inc|ltd|llc|co|corp|gmbh|plc)\b))\s*", re.IGNORECASE)
_OF_A_CLAUSE = ("clause.number", "clause.due", "clause.label", "follow_up.status")
"""The columns that say something of a clause, and so need one."""


@dataclass(slots=True)
class _Group:
    """The rows of one agreement."""

    place: Place
    rows: list[Row] = field(default_factory=list)

    def first(self, name: str) -> CellValue | None:
        """Return the first cell of a column that says anything."""
        return next((row[name] for row in self.rows if name in row), None)


def register_document(grid: Grid, known: KnownNames, notes: list[str]) -> CellDocument:
    """Return the rows of a register as a seed document; faults stand in it at their cells."""
    document = cell_document(grid.table.file, grid.table.place(grid.header))
    document.headings = grid.headings()
    root = Entry(document, (), document.content)
    register = _Register(grid, known, notes, root)
    for group in register.groups():
        register.agreement(group)
    for id, name in known.new_parties.items():
        if id in register.first_named:
            party = root.add("parties", register.first_named[id])
            party.values.update(id=id, kind="organisation", name=name)
    return document


class _Register:
    """Turns the rows of one sheet into a document."""

    def __init__(self, grid: Grid, known: KnownNames, notes: list[str], root: Entry) -> None:
        self.grid = grid
        self.known = known
        self.notes = notes
        self.root = root
        self.first_named: dict[str, Place] = {}

    def groups(self) -> Iterable[_Group]:
        """Return the rows of each agreement: the same number, id, or title and day; a row without goes on."""
        groups: dict[tuple[str | None, ...], _Group] = {}
        last: _Group | None = None
        for line, cells in self.grid.rows(self.notes):
            row = self._with_defaults(cells)
            place = self.grid.table.place(line)
            if last is not None and not any(name in row for name in (*IDENTITY, "agreement.signed_on")):
                last.rows.append(row)
                continue
            last = groups.setdefault(_key(row), _Group(place))
            if last.rows and self.grid.map.rows == "agreement":
                hint = "say `rows: clause` in the map, or give each agreement one row"
                detail = f"this agreement has a row already, {last.place}"
                self._fault(Fault("two_rows", detail, hint), place)
            last.rows.append(row)
        return groups.values()

    def agreement(self, group: _Group) -> None:
        """Write one agreement with its clauses."""
        entry = self.root.add("agreements", group.place)
        self._fields(group, entry)
        signed = self._parties(group, entry)
        id = self._id(group, entry, signed)
        entry.put("id", id)
        agreement = None if id.text is None else stored(self.known.fetch, Agreement, id.text)
        if agreement is not None:
            _keep_stored(entry.values, agreement)
        clauses = list(self._clauses(group))
        assign_numbers(clauses, [] if agreement is None else self.known.clauses(agreement["id"]))
        for clause in clauses:
            self._clause(clause, entry)

    def _fields(self, group: _Group, entry: Entry) -> None:
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

    def _parties(self, group: _Group, entry: Entry) -> list[str]:
        """Write who signed, whoever keeps the register first, and return their ids."""
        own = self.grid.map.party
        cell = self._same(group, PARTIES.name)
        place = group.place if cell is None else cell.place
        names = [own] if own else []
        if cell is not None and cell.text is not None:
            names += self._names(cell.text, cell.place)
        signed: list[str] = []
        for name in names:
            party = self._party(name, place)
            if party.text in signed:
                continue
            listed = entry.add("parties", place)
            listed.put("party", party)
            if own and len(entry.values["parties"]) == 1 and (department := group.first("department")):
                listed.put("department", department)
            if party.text is not None:
                signed.append(party.text)
        if cell is not None and cell.fault is not None:
            entry.put("parties", cell)
        elif names:
            entry.document.places[*entry.path, "parties"] = place
        return signed

    def _names(self, text: str, place: Place) -> Iterator[str]:
        if self.known.knows_party(text):
            yield text
            return
        _, pieces = parts(text)
        for name in (name for piece in pieces for name in _NAMES.split(piece.text)):
            short = _OTHERS.sub("", name)
            if short != name:
                self.notes.append(f"{place}: `{name}` does not name all parties; only `{short}` is recorded")
            if short.strip():
                yield short.strip()

    def _party(self, name: str, place: Place) -> CellValue:
        try:
            id = self.known.party(name)
        except Ambiguous as error:
            return CellValue(None, place, error.fault)
        self.first_named.setdefault(id, place)
        return CellValue(id, place)

    def _id(self, group: _Group, entry: Entry, signed: list[str]) -> CellValue:
        """Write the number of an agreement, and return the id: as given, else made from number, names or title."""
        given, number = self._same(group, "agreement.id"), self._same(group, IDENTIFIER.name)
        scheme = self.grid.heading(IDENTIFIER.name)
        if number is not None:
            identifier = Entry(entry.document, (*entry.path, "identifiers", 0), {"scheme": scheme})
            identifier.put("value", number)
            entry.values["identifiers"] = [identifier.values]
        if given is not None:
            return given
        made = None if number is None else self._id_by_number(scheme, number, signed)
        if made is not None:
            return made
        title, day = (
            value if isinstance(value := entry.values.get(name), str) else ""
            for name in ("title", "signed_on")
        )
        year = day[:4] if day[:4].isdigit() else ""
        names = [slug(party, 34) for party in signed[:2]]
        base = made_id([*names, year] if names else [slug(title, 60), year])
        if not base:
            fault = Fault("no_id", "nothing here gives an id", "give a number, a title, or an id of its own")
            return CellValue(None, group.place, fault)
        return CellValue(self.known.agreement_id(base, title, day, signed), group.place)

    def _id_by_number(self, scheme: str, number: CellValue, signed: list[str]) -> CellValue | None:
        """Return the id of the agreement that has a number, else one made from it; None where it gives none."""
        if number.text is None:
            return CellValue(None, number.place, number.fault)
        try:
            known = self.known.agreement_numbered(scheme, number.text)
        except Ambiguous as error:
            return CellValue(None, number.place, error.fault)
        own = signed[0] if self.grid.map.party and signed else ""
        id = known or (made_id([own, slug(number.text)]) if slug(number.text) else "")
        if not id:
            return None
        agreement = None if known else stored(self.known.fetch, Agreement, id)
        identity = self.known.agreements.setdefault(id, (scheme, number.text))
        if identity != (scheme, number.text) or (agreement is not None and agreement["identifiers"]):
            detail = f"the id `{id}`, made from {scheme} {number.text}, is another agreement's"
            hint = "give the agreement's id in a column of its own, or name the register's `party` in the map"
            return CellValue(None, number.place, Fault("id_taken", detail, hint))
        return CellValue(id, number.place)

    def _clauses(self, group: _Group) -> Iterator[RegisterClause]:
        for row in group.rows:
            cell, number = row.get("clause.text"), row.get("clause.number")
            if cell is None:
                of_a_clause = next((value for name, value in row.items() if name in _OF_A_CLAUSE), None)
                if of_a_clause is not None:
                    detail = "this row says something of a clause, but has no clause"
                    self._fault(Fault("no_clause", detail, "give its text"), of_a_clause.place)
                continue
            if cell.text is None:
                yield RegisterClause(row, cell, row.get("clause.label"), number)
                continue
            lead, pieces = parts(cell.text, self.grid.map.split if number is None else "none")
            if lead:
                self.notes.append(f"{cell.place}: the words before the first mark are left out: {lead[:60]}")
            for piece in pieces:
                label = CellValue(piece.label, cell.place) if piece.label else row.get("clause.label")
                yield RegisterClause(row, CellValue(piece.text, cell.place), label, number)

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
            if name not in filled and (name.startswith("agreement.") or "clause.text" in row):
                cell = self.grid.read(name, Cell(value, place))
                if cell is not None:
                    filled[name] = cell
        return filled

    def _same(self, group: _Group, name: str) -> CellValue | None:
        """Return what the rows of an agreement say of it; a fault where they say two things."""
        first = group.first(name)
        for row in group.rows:
            cell = row.get(name)
            if cell and first and None not in (cell.text, first.text) and cell.text != first.text:
                detail = (
                    f"`{self.grid.heading(name)}` differs from what {first.place} says of the same agreement"
                )
                self._fault(Fault("two_contents", detail, "keep one of the two"), cell.place)
        return first

    def _fault(self, fault: Fault, place: Place) -> None:
        self.root.document.faults.append(fault.at(place))


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


def _key(row: Row) -> tuple[str | None, ...]:
    """Return what says which agreement a row is about: its id or number, else its title, day and parties."""
    for name in IDENTITY[:2]:
        cell = row.get(name)
        if cell is not None and cell.text is not None:
            return name, cell.text
    cells = (row.get(name) for name in ("agreement.title", "agreement.signed_on", PARTIES.name))
    return tuple(None if cell is None or cell.text is None else match_key(cell.text) for cell in cells)


def _not_null(values: Mapping[str, object]) -> Values:
    return {name: value for name, value in values.items() if value is not None}
