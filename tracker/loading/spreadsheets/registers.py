"""Registers: rows of clauses or agreements become a seed document of which each value knows its cell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracker.errors import Fault, Place
from tracker.loading.document import Document
from tracker.loading.spreadsheets.grids import WRONG, Grid, Read
from tracker.loading.spreadsheets.names import KnownNames, Unclear, made_id
from tracker.loading.spreadsheets.numbering import Promise, number
from tracker.loading.spreadsheets.sheet_columns import (
    AGREEMENT_COLUMNS,
    CLAUSE_COLUMNS,
    FOLLOW_UP_COLUMNS,
    PERIOD,
)
from tracker.loading.spreadsheets.splitting import parts
from tracker.loading.spreadsheets.tables import Cell, letters
from tracker.romanisation import slug
from tracker.services.resources import Values
from tracker.validation import match_key

Path = tuple[str | int, ...]

_IDENTITY = ("agreement.id", "agreement.identifier", "agreement.title")
_OTHERS = re.compile(r"\s*외\s*\d+\s*(?:개\s*)?(?:기관|곳|개사|개소|개|사)?\s*$")
_NAMES = re.compile(r"\s*(?:[\n;、/]|,(?!\s*(?:inc|ltd|llc|co|corp|gmbh|plc)\b))\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(slots=True)
class CellDocument(Document):
    """A document put together from cells: the places of its values are theirs."""

    places: dict[Path, Place] = field(default_factory=dict, repr=False, compare=False)
    faults: list[Fault] = field(default_factory=list)
    """Faults of rows; those of values stand in ``found``."""
    headings: dict[str, tuple[int, str]] = field(default_factory=dict, repr=False, compare=False)
    """The column and the heading of what the sheet can fill in, by its name: `follow_up.reason`."""

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:  # noqa: ARG002 - cells have no keys
        """Return the cell of the value at a path, or where it would stand: else that of the nearest value around it."""
        steps = tuple(path)
        if steps in self.places:
            return self.places[steps]
        while steps not in self.places and steps:
            steps = steps[:-1]
        around = self.places.get(steps, Place(self.name, 1, 1))
        column, _ = self.headings.get(_named(path), (None, ""))
        if column is None or around.cell is None or not steps:
            return around
        sheet = around.cell.rpartition("!")[0]
        return replace(around, column=column, cell=f"{sheet}!{letters(column)}{around.line}")

    def worded(self, fault: Fault, path: Sequence[str | int]) -> Fault:
        """Return a fault with the headings of the sheet in the place of the fields that they stand for."""
        kind = _named(path).partition(".")[0]
        names = {
            name.partition(".")[2]: heading
            for name, (_, heading) in self.headings.items()
            if name.startswith(f"{kind}.")
        }

        def words(said: str) -> str:
            return re.sub("`([a-z_]+)`", lambda match: f"`{names.get(match[1], match[1])}`", said)

        return replace(fault, detail=words(fault.detail), hint=fault.hint and words(fault.hint))

    def put(self, at: Values, path: Path, name: str, read: Read) -> None:
        """Put what a cell says where it belongs, with its place and what is wrong with it."""
        at[name] = read.value
        self.places[*path, name] = read.place
        if read.fault is not None:
            self.found[*path, name] = read.fault


def _named(path: Sequence[str | int]) -> str:
    """Return what a sheet calls the field at a path: `follow_up.reason`."""
    lists = {"follow_ups": "follow_up", "clauses": "clause", "agreements": "agreement"}
    kind = next((lists[step] for step in reversed(path) if step in lists), "")
    return f"{kind}.{path[-1] if path else ''}"


def cell_document(name: str, place: Place, *, partial: bool = False) -> CellDocument:
    """Return an empty document, whose place is that of its headings."""
    document = CellDocument(name, {"parties": [], "agreements": []}, True, partial=partial)
    document.places[()] = place
    return document


@dataclass(slots=True)
class _Group:
    """The rows of one agreement."""

    place: Place
    rows: list[tuple[Place, dict[str, Read]]] = field(default_factory=list)

    def first(self, name: str) -> Read | None:
        """Return what its rows say first under a name."""
        return next((row[name] for _, row in self.rows if name in row), None)


def register_document(grid: Grid, known: KnownNames, notes: list[str]) -> CellDocument:
    """Turn the rows of a register into a seed document; faults stand in it at their cells."""
    table = grid.table
    document = cell_document(table.file, table.place(grid.header))
    document.headings = {name: (column, grid.heading(name)) for column, name in grid.columns.items()}
    register = _Register(grid, known, notes, document)
    for group in register.groups():
        register.agreement(group)
    for id, party in known.new_parties.items():
        place = register.first_named.get(id)
        if place is not None:
            document.places["parties", len(document.content["parties"])] = place
            document.content["parties"].append(dict(party))
    return document


def evidence_in(cell: str) -> list[Values]:
    """Return the evidence that a cell names, one a line or between semicolons: addresses or documents' numbers."""
    items = [each.strip() for each in re.split(r"[\n;]", cell) if each.strip()]
    return [{"url" if _ADDRESS.match(each) else "reference": each} for each in items]


class _Register:
    """One sheet's way into its document."""

    def __init__(self, grid: Grid, known: KnownNames, notes: list[str], document: CellDocument) -> None:
        self.grid = grid
        self.known = known
        self.notes = notes
        self.document = document
        self.first_named: dict[str, Place] = {}
        self.lonely: dict[str, tuple[int, Place]] = {}

    def groups(self) -> Iterator[_Group]:
        """Return the rows of each agreement: the same number, id, or title and day; a row without goes on."""
        result: dict[tuple[Any, ...], _Group] = {}
        last: _Group | None = None
        for line, cells in self.grid.rows(self.notes):
            row = self._with_defaults(cells)
            place = self.grid.table.place(line)
            key = _key(row)
            goes_on = last is not None and not any(
                name in row for name in (*_IDENTITY, "agreement.signed_on")
            )
            group = last if goes_on and last is not None else result.setdefault(key, _Group(place))
            if group.rows and not goes_on and self.grid.map.rows == "agreement":
                hint = "say `rows: clause` in the map, or give each agreement one row"
                detail = f"this agreement has a row already, {group.place}"
                self._fault(Fault("two_rows", detail, hint), place)
            group.rows.append((place, row))
            last = group
        return iter(result.values())

    def agreement(self, group: _Group) -> None:
        """Write one agreement with its clauses."""
        agreements = self.document.content["agreements"]
        path: Path = ("agreements", len(agreements))
        entry: Values = {}
        self.document.places[path] = group.place
        self._plain(group, entry, path)
        signed = self._parties(group, entry, path)
        id = self._id(group, entry, path, signed)
        agreements.append(entry)
        stored = self.known.agreement(id) if isinstance(id, str) else None
        self._keep_stored(entry, stored)
        clauses = list(self._clauses(group, id if stored is not None else None))
        if clauses:
            entry["clauses"] = []
            for clause in clauses:
                self._clause(clause, entry, path, is_new=clause.is_new)

    def _plain(self, group: _Group, entry: Values, path: Path) -> None:
        for column in AGREEMENT_COLUMNS:
            read = self._same(group, column.name) if column.field != "id" else None
            if read is not None:
                self.document.put(entry, path, column.field, read)
        period = self._same(group, PERIOD.name)
        if period is not None:
            bounds = period.value if isinstance(period.value, tuple) else (WRONG, None)
            for name, bound in zip(("starts", "ends"), bounds, strict=True):
                if bound is not None and name not in entry:
                    self.document.put(entry, path, name, Read(bound, period.place, period.fault))
        signed = group.first("agreement.signed_on")
        if signed is not None and signed.fault is None and signed.printed not in ("", signed.value):
            self.document.put(entry, path, "signed_as_printed", Read(signed.printed, signed.place))

    def _parties(self, group: _Group, entry: Values, path: Path) -> list[str]:
        own = self.grid.map.party
        read = self._same(group, "agreement.parties")
        place = group.place if read is None else read.place
        names = [own] if own else []
        if read is not None and read.fault is None:
            names += self._names(read)
        listed: list[Values] = []
        signed: list[str] = []
        for name in names:
            party = self._party(name, place)
            if isinstance(party.value, str) and party.value in signed:
                continue
            each: Values = {}
            at: Path = (*path, "parties", len(listed))
            self.document.put(each, at, "party", party)
            self.document.places[at] = place
            listed.append(each)
            signed.append(party.value if isinstance(party.value, str) else "")
        department = group.first("department")
        if own and department is not None and listed:
            self.document.put(listed[0], (*path, "parties", 0), "department", department)
        if read is not None and read.fault is not None:
            self.document.put(entry, path, "parties", read)
        elif listed:
            entry["parties"] = listed
            self.document.places[*path, "parties"] = place
        return [party for party in signed if party]

    def _names(self, read: Read) -> Iterator[str]:
        if self.known.knows_party(read.value):
            yield read.value
            return
        _, pieces = parts(read.value)
        for piece in pieces:
            for name in _NAMES.split(piece.text):
                short = _OTHERS.sub("", name)
                if short != name:
                    self.notes.append(
                        f"{read.place}: `{name}` does not name all parties; only `{short}` is recorded"
                    )
                if short.strip():
                    yield short.strip()

    def _party(self, name: str, place: Place) -> Read:
        try:
            id = self.known.party(name)
        except Unclear as error:
            hint = "write the party's id"
            return Read(WRONG, place, Fault("unclear_party", str(error), hint), name)
        self.first_named.setdefault(id, place)
        return Read(id, place, printed=name)

    def _id(self, group: _Group, entry: Values, path: Path, signed: list[str]) -> str | dict[str, Any]:
        said, number = self._same(group, "agreement.id"), self._same(group, "agreement.identifier")
        scheme = self.grid.heading("agreement.identifier")
        if number is not None:
            identifier: Values = {"scheme": scheme}
            self.document.put(identifier, (*path, "identifiers", 0), "value", number)
            entry["identifiers"] = [identifier]
        made = said or self._made_id(group, entry, signed, number, scheme)
        self.document.put(entry, path, "id", made)
        id: str | dict[str, Any] = made.value
        return id

    def _made_id(
        self, group: _Group, entry: Values, signed: list[str], number: Read | None, scheme: str
    ) -> Read:
        title = entry.get("title") if isinstance(entry.get("title"), str) else ""
        day = entry.get("signed_on") if isinstance(entry.get("signed_on"), str) else ""
        own = signed[0] if self.grid.map.party and signed else ""
        if number is not None and isinstance(number.value, str):
            try:
                result = self.known.numbered(scheme, number.value)
            except Unclear as error:
                hint = "give the agreement's id in a column of its own"
                return Read(WRONG, number.place, Fault("unclear_number", str(error), hint))
            base = made_id([own, slug(number.value)]) if slug(number.value) else ""
            if result or base:
                return self._numbered(result or base, result is not None, scheme, number)
        if number is not None and number.fault is not None:
            return Read(WRONG, number.place, number.fault)
        year = day[:4] if day and day[:4].isdigit() else ""
        names = [slug(party, 34) for party in signed[:2]]
        base = made_id([*names, year] if names else [slug(title or "", 60), year])
        if not base:
            fault = Fault("no_id", "nothing here gives an id", "give a number, a title, or an id of its own")
            return Read(WRONG, group.place, fault)
        return Read(self.known.agreement_id(base, (title or "", day or "", *signed)), group.place)

    def _numbered(self, id: str, is_known: bool, scheme: str, number: Read) -> Read:  # noqa: FBT001 - two ways to come by an id
        stored = None if is_known else self.known.agreement(id)
        said = self.known.agreements.setdefault(id, (scheme, number.value))
        if said != (scheme, number.value) or (stored is not None and stored["identifiers"]):
            detail = f"the id `{id}`, made from {scheme} {number.value}, is another agreement's"
            hint = "give the agreement's id in a column of its own, or name the register's `party` in the map"
            return Read(WRONG, number.place, Fault("id_taken", detail, hint))
        return Read(id, number.place)

    def _keep_stored(self, entry: Values, stored: Values | None) -> None:
        """Leave in lists what the register does not speak of: who signed, other roles, other numbers."""
        if stored is None:
            return
        known = {each["party"]: each for each in stored["parties"] if each["role"] == "party"}
        if "parties" in entry and isinstance(entry["parties"], list):
            said = list(entry["parties"])
            whole = [{**_given(known.get(_hashable(each["party"]), {})), **each} for each in said]
            if {_hashable(each["party"]) for each in said} == known.keys():
                order = list(known)
                whole.sort(key=lambda each: order.index(each["party"]))
            entry["parties"] = whole + [_given(each) for each in stored["parties"] if each["role"] != "party"]
        if "identifiers" in entry:
            ours = entry["identifiers"][0]
            others = [each for each in stored["identifiers"] if each["scheme"] != ours["scheme"]]
            places = [
                place for place, each in enumerate(stored["identifiers"]) if each["scheme"] == ours["scheme"]
            ]
            others.insert(places[0] if places else len(others), ours)
            entry["identifiers"] = others

    def _clauses(self, group: _Group, stored_in: Any) -> Iterator[Promise]:
        result: list[Promise] = []
        for _, row in group.rows:
            read, given = row.get("clause.text"), row.get("clause.number")
            if read is None:
                if any(name.startswith(("clause.", "follow_up.")) for name in row if name in _TELLING):
                    self._without_text(row)
                continue
            split = self.grid.map.split if given is None and read.fault is None else "none"
            lead, pieces = parts(read.value, split) if read.fault is None else ("", [])
            if lead:
                self.notes.append(f"{read.place}: the words before the first mark are left out: {lead[:60]}")
            if read.fault is not None:
                result.append(Promise(row, read, row.get("clause.label"), given))
            for piece in pieces:
                label = Read(piece.label, read.place) if piece.label else row.get("clause.label")
                result.append(Promise(row, Read(piece.text, read.place), label, given))
        number(result, self.known.clauses(stored_in) if stored_in is not None else [])
        return iter(result)

    def _without_text(self, row: dict[str, Read]) -> None:
        read = next(read for name, read in row.items() if name in _TELLING)
        fault = Fault("no_clause", "this row says something of a clause, but has no clause", "give its text")
        self._fault(fault, read.place)

    def _clause(self, clause: Promise, agreement: Values, path: Path, *, is_new: bool) -> None:
        at: Path = (*path, "clauses", len(agreement["clauses"]))
        entry: Values = {}
        self.document.places[at] = clause.text.place
        self.document.put(entry, at, "number", clause.number or Read(str(clause.found), clause.text.place))
        if is_new:
            entry["kind"] = "listed"
        self.document.put(entry, at, "text", clause.text)
        if clause.label is not None:
            self.document.put(entry, at, "label", clause.label)
        for column in CLAUSE_COLUMNS:
            if column.name in clause.row and column.field not in entry:
                self.document.put(entry, at, column.field, clause.row[column.name])
        self._department(clause, entry, agreement, at)
        self._follow_up(clause, entry, at)
        agreement["clauses"].append(entry)

    def _department(self, clause: Promise, entry: Values, agreement: Values, at: Path) -> None:
        read = clause.row.get("department")
        listed = agreement.get("parties")
        shared = (
            self.grid.map.party
            and isinstance(listed, list)
            and any(each.get("department") == (read and read.value) for each in listed)
        )
        if read is not None and not shared:
            self.document.put(entry, at, "department", read)

    def _follow_up(self, clause: Promise, entry: Values, at: Path) -> None:
        row = clause.row
        status = row.get("follow_up.status")
        if status is None:
            for name in ("note", "next_steps", "evidence", "reason"):
                read = row.get(f"follow_up.{name}")
                if read is not None:
                    count, first = self.lonely.get(name, (0, read.place))
                    self.lonely[name] = count + 1, first
            return
        path: Path = (*at, "follow_ups", 0)
        said: Values = {"track": "reported"}
        self.document.places[path] = status.place
        for column in FOLLOW_UP_COLUMNS:
            read = row.get(column.name)
            if read is not None and column.kind == "names":
                read = self._party(str(read.value), read.place)
            if read is not None:
                self.document.put(said, path, column.field, read)
        shown = row.get("follow_up.evidence")
        if shown is not None:
            said["evidence"] = evidence_in(str(shown.value))
            self.document.places[*path, "evidence"] = shown.place
        entry["follow_ups"] = [said]

    def _with_defaults(self, row: dict[str, Read]) -> dict[str, Read]:
        """Add what the map says of every row that does not say it."""
        if not row:
            return row
        place = next(iter(row.values())).place
        result = dict(row)
        for name, value in self.grid.map.defaults.items():
            concerned = name.startswith("agreement.") or "clause.text" in row
            if name.startswith("follow_up.") and "follow_up.status" not in row and name != "follow_up.status":
                continue
            if name not in result and concerned:
                said = self.grid.read(name, Cell(value, place))
                if said is not None:
                    result[name] = said
        return result

    def _same(self, group: _Group, name: str) -> Read | None:
        """Return what the rows of an agreement say of it; a fault where they say two things."""
        first = group.first(name)
        if first is None:
            return None
        for _, row in group.rows:
            read = row.get(name)
            if read is not None and read.value != first.value and read.fault is None and first.fault is None:
                heading = self.grid.heading(name)
                detail = f"`{heading}` differs from what {first.place} says of the same agreement"
                self._fault(Fault("two_contents", detail, "keep one of the two"), read.place)
        return first

    def _fault(self, fault: Fault, place: Place) -> None:
        self.document.faults.append(fault.at(place))


_TELLING = ("clause.number", "clause.due", "clause.label", "follow_up.status")


def _key(row: dict[str, Read]) -> tuple[Any, ...]:
    for name in ("agreement.id", "agreement.identifier"):
        read = row.get(name)
        if read is not None and isinstance(read.value, str):
            return name, read.value
    said = [row.get(name) for name in ("agreement.title", "agreement.signed_on", "agreement.parties")]
    return tuple(
        match_key(str(read.value)) if read is not None and isinstance(read.value, str) else None
        for read in said
    )


def _given(values: Values) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _hashable(value: Any) -> str:
    return value if isinstance(value, str) else ""
