"""The id of the agreement that the rows of a register are about: the one that is there, else a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tracker.errors import Fault, Place
from tracker.loading.spreadsheets.cell_document import CellValue
from tracker.loading.spreadsheets.grids import Grid
from tracker.loading.spreadsheets.grouping import Group
from tracker.loading.spreadsheets.identity import Identity, KnownAgreements, Signing, title_key
from tracker.loading.spreadsheets.names import Ambiguous, made_id
from tracker.loading.spreadsheets.numbering import StoredClause
from tracker.loading.spreadsheets.sheet_columns import IDENTIFIER
from tracker.models import Agreement
from tracker.queries.representation import stored
from tracker.romanisation import slug


def seen_of(agreement: Mapping[str, object], signed: Sequence[str]) -> Signing:
    """Return what a sheet shows of an agreement."""
    title, day = (
        value if isinstance(value := agreement.get(name), str) else "" for name in ("title", "signed_on")
    )
    return Signing(title, day, frozenset(signed))


class AgreementIds:
    """Finds or makes the ids of one sheet's agreements."""

    def __init__(self, grid: Grid, agreements: KnownAgreements, notes: list[str]) -> None:
        self._grid = grid
        self._agreements = agreements
        self._notes = notes

    def id_of(self, group: Group, seen: Signing, signed: Sequence[str]) -> CellValue:
        """Return the id of an agreement: as given, else what its number means, else title, day and parties."""
        given, number = group.first("agreement.id"), group.first(IDENTIFIER.name)
        try:
            id = (
                given
                or self._id_by_number(group, number, seen, signed)
                or self._id_by_title(group, seen, signed)
            )
        except Ambiguous as error:
            return CellValue(None, group.place if number is None else number.place, error.fault)
        return self._once(id, group, seen)

    def uncontradicted(
        self,
        id: CellValue,
        group: Group,
        seen: Signing,
        texts: Sequence[str],
        clauses: Sequence[StoredClause],
    ) -> CellValue:
        """Return an id, or a fault where the rows show another agreement than the one that it means."""
        number, by_id = group.first(IDENTIFIER.name), group.key[0] == "id"
        if id.text is None or not self._agreements.is_contradicted(
            id.text, seen, texts, clauses, by_id=by_id
        ):
            return id
        called = (
            "this id" if by_id or number is None else f"{self._grid.heading(IDENTIFIER.name)} {number.text}"
        )
        signing = self._agreements.signing(id.text)
        detail = f"{called} is agreement {id.text}, {signing}, but this row shows {seen}"
        hint = (
            "give another agreement a number of its own, or its id in a column of its own; where numbers start "
            "again each year, say `numbers: yearly` in the map; to correct the stored one, load a seed file"
        )
        return CellValue(None, id.place, Fault("other_agreement", detail, hint))

    def _id_by_number(
        self, group: Group, number: CellValue | None, seen: Signing, signed: Sequence[str]
    ) -> CellValue | None:
        """Return the id of the agreement that has a number, else one made from it; None where it gives none."""
        if number is None:
            return None
        if number.text is None:
            return CellValue(None, number.place, number.fault)
        scheme = self._grid.heading(IDENTIFIER.name)
        year = seen.year if self._grid.numbers_start_again else None
        if year == "":
            return None
        known = self._agreements.numbered(scheme, number.text, year)
        if known is not None:
            return CellValue(known, number.place)
        if not slug(number.text):
            return None
        own = signed[0] if self._grid.map.party and signed else ""
        id = made_id([own, year or "", slug(number.text)])
        if self._grid.numbers_start_again:
            id = self._agreements.new_id(id, group.key, seen.title)
        taken = stored(self._agreements.fetch, Agreement, id)
        if taken is not None and taken["identifiers"]:
            detail = f"the id `{id}`, made from {scheme} {number.text}, is another agreement's"
            hint = "give the agreement's id in a column of its own, or name the register's `party` in the map"
            return CellValue(None, number.place, Fault("id_taken", detail, hint))
        if taken is None:
            self._name_doubles(id, seen, number.place)
        return CellValue(id, number.place)

    def _id_by_title(self, group: Group, seen: Signing, signed: Sequence[str]) -> CellValue:
        """Return the id of the agreement with this title, day and parties, else one made from them."""
        known = self._agreements.signed(seen) if seen.title else None
        if known is not None:
            return CellValue(known, group.place)
        names = [slug(party, 34) for party in signed[:2]]
        base = made_id([*names, seen.year] if names else [slug(seen.title, 60), seen.year])
        if not base:
            fault = Fault("no_id", "nothing here gives an id", "give a number, a title, or an id of its own")
            return CellValue(None, group.place, fault)
        id = self._agreements.new_id(base, _identity(seen), seen.title)
        self._name_doubles(id, seen, group.place)
        return CellValue(id, group.place)

    def _once(self, id: CellValue, group: Group, seen: Signing) -> CellValue:
        """Return an id, or a fault where another row of the sheets has it too."""
        if id.text is None:
            return id
        identity = group.key if group.key[0] != "title" else _identity(seen)
        first = self._agreements.identities.setdefault(id.text, (identity, group.place))
        if first[0] == identity:
            return id
        detail = f"this row and {first[1]} are both agreement {id.text}"
        hint = "give each agreement a number of its own, or its id in a column of its own"
        return CellValue(None, id.place, Fault("two_rows", detail, hint))

    def _name_doubles(self, id: str, seen: Signing, place: Place) -> None:
        for other in self._agreements.doubles(seen):
            if id not in self._agreements.identities and other != id:
                self._notes.append(
                    f"{place}: agreement {id}, {seen}, is new, but may be {other}, {self._agreements.signing(other)}; "
                    f"if so, say `{other}` in a column that fills in agreement.id"
                )


def _identity(seen: Signing) -> Identity:
    """Return what identifies an agreement without a number."""
    return ("title", title_key(seen.title), seen.signed_on, *sorted(seen.parties))
