"""Which rows of a register are about one agreement, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tracker.errors import Fault, Place
from tracker.loading.spreadsheets.cell_document import CellValue
from tracker.loading.spreadsheets.grids import Row
from tracker.loading.spreadsheets.identity import Identity, title_key
from tracker.loading.spreadsheets.sheet_columns import IDENTIFIER, IDENTITY, PARTIES


@dataclass(slots=True)
class GroupedRow:
    """A row of an agreement, and whether it only goes on the one above: it names none itself."""

    cells: Row
    place: Place
    goes_on: bool = False


@dataclass(slots=True)
class Group:
    """The rows of one agreement."""

    key: Identity
    place: Place
    rows: list[GroupedRow] = field(default_factory=list)

    def first(self, name: str) -> CellValue | None:
        """Return the first cell of a column that says anything."""
        return next((row.cells[name] for row in self.rows if name in row.cells), None)


def grouped(rows: Iterable[tuple[Place, Row]], *, yearly: bool, faults: list[Fault]) -> list[Group]:
    """Return the rows of each agreement: the same id, number (``yearly`` with its year), or title, day and parties.

    A row that leaves day or parties out belongs to the only agreement that it can mean; one that names no
    agreement goes on the one above.
    """
    groups: dict[Identity, Group] = {}
    last: Group | None = None
    for place, row in rows:
        goes_on = last is not None and not any(name in row for name in (*IDENTITY, "agreement.signed_on"))
        if last is None or not goes_on:
            key = _key(row, yearly=yearly)
            last = groups.setdefault(key, Group(key, place))
        last.rows.append(GroupedRow(row, place, goes_on))
    return _joined(groups, faults)


def _key(row: Row, *, yearly: bool) -> Identity:
    given = {name: cell.text for name in IDENTITY[:2] if (cell := row.get(name)) is not None and cell.text}
    if "agreement.id" in given:
        return "id", given["agreement.id"]
    signed_on = row.get("agreement.signed_on")
    day = None if signed_on is None else signed_on.text
    if IDENTIFIER.name in given:
        number = given[IDENTIFIER.name]
        return ("number", number, day and day[:4]) if yearly else ("number", number)
    cells = (row.get(name) for name in ("agreement.title", PARTIES.name))
    title, parties = (None if cell is None or cell.text is None else title_key(cell.text) for cell in cells)
    return "title", title, day, parties


def _joined(groups: dict[Identity, Group], faults: list[Fault]) -> list[Group]:
    """Return the groups, those of which the key leaves something out joined to the only one that they mean."""
    whole: dict[Identity, list[Group]] = {}
    for group in groups.values():
        if None not in group.key:
            whole.setdefault(group.key[:2], []).append(group)
    result = []
    for group in groups.values():
        meant = (
            []
            if None not in group.key
            else [other for other in whole.get(group.key[:2], ()) if _fits(group.key, other.key)]
        )
        if len(meant) == 1:
            meant[0].rows = sorted(meant[0].rows + group.rows, key=lambda row: row.place.line)
            continue
        if meant:
            places = " or ".join(str(other.place) for other in meant)
            detail = f"this row may be about the agreement of {places}"
            hint = "write the day of signing, the parties or a number in each row"
            faults.append(Fault("unclear_agreement", detail, hint).at(group.place))
        result.append(group)
    return result


def _fits(part: Identity, whole: Identity) -> bool:
    return all(one in (None, other) for one, other in zip(part, whole, strict=True))
