"""Parties that may be one and the same: those that share a name, as match keys compare names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, literal, select, union_all

from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.models import Party, PartyName


@dataclass(frozen=True, slots=True)
class Double:
    """One party of a group that may be one and the same, and the names that it shares with the others."""

    group: int
    id: str
    kind: str
    name: str
    shares: tuple[tuple[str, str], ...]
    """Each name with its kind; `name` for the party's own."""


def doubles(database: Database) -> Iterator[Double]:
    """Yield the groups of parties of one kind that share a match key, each party with the names that it shares.

    Groups are proposals; whether they are one and the same, a person has to say.
    """
    groups: dict[frozenset[str], dict[str, list[tuple[str, str]]]] = {}
    parties: dict[str, tuple[str, str]] = {}
    for _, rows in groupby(database.rows(_SHARED), key=lambda row: (row[0], row[1])):
        shares: dict[str, list[tuple[str, str]]] = {}
        for _, kind, id, own, name, name_kind in rows:
            parties[id] = (kind, own)
            shares.setdefault(id, []).append((name, name_kind))
        group = groups.setdefault(frozenset(shares), {})
        for id, names in shares.items():
            group.setdefault(id, []).extend(names)
    for number, group in enumerate(groups.values(), 1):
        for id in sorted(group):
            yield Double(number, id, *parties[id], tuple(dict.fromkeys(group[id])))


_names = union_all(
    select(
        Party.match_key,
        Party.kind,
        Party.id,
        Party.name.label("own"),
        Party.name,
        literal("name").label("name_kind"),
    ),
    select(
        PartyName.match_key, Party.kind, Party.id, Party.name.label("own"), PartyName.name, PartyName.kind
    ).join(Party, Party.id == PartyName.party),
).cte("names")
_keys = (
    select(_names.c.match_key, _names.c.kind)
    .group_by(_names.c.match_key, _names.c.kind)
    .having(func.count(_names.c.id.distinct()) > 1)
    .subquery()
)
_SHARED = Statement(
    select(_names)
    .join(_keys, (_keys.c.match_key == _names.c.match_key) & (_keys.c.kind == _names.c.kind))
    .order_by(_names.c.match_key, _names.c.kind, _names.c.id)
)
