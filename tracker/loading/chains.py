"""What history says of many things at once: each chain is read once, however many of its things are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from tracker.database.statements import Among, Fetch, Statement
from tracker.loading.seeds import Thing
from tracker.models import ChangeResource, ChangeText, FollowUp, HistoryEntry, table_of
from tracker.queries.history import with_texts

CHAINS_AT_ONCE = 50
"""How many chains are held in memory together; each may be long."""

Key = tuple[str, str]


class Entry(NamedTuple):
    """What one history entry says of one thing."""

    place: int
    actor: str
    at: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def histories(missing: Iterable[Thing], changed: Iterable[Thing], fetch: Fetch) -> dict[Key, list[Entry]]:
    """Give what history says of things, from the first entry, by table and id.

    Of the ``changed`` nothing is given where only loads ever touched their chain: nothing that a
    person did could matter.
    """
    wanted: dict[Key, set[Key]] = {}
    whole: set[Key] = set()
    missing = list(missing)
    for thing in missing:
        wanted.setdefault(thing.root, set()).add(thing.key)
        whole.add(thing.root)
    for thing in changed:
        wanted.setdefault(thing.root, set()).add(thing.key)
    for thing, root in _elsewhere(missing, fetch):
        wanted.setdefault(root, set()).add(thing.key)
        whole.add(root)
    places: dict[Key, list[int]] = {}
    by_people: set[Key] = set()
    for kind in {kind for kind, _ in wanted}:
        for root, place, action in fetch(_HEADS, kind, [root for table, root in wanted if table == kind]):
            places.setdefault((kind, root), []).append(place)
            if action != "load":
                by_people.add((kind, root))
    found: dict[Key, list[Entry]] = {}
    needed = [root for root in places if root in whole or root in by_people]
    for first in range(0, len(needed), CHAINS_AT_ONCE):
        roots = needed[first : first + CHAINS_AT_ONCE]
        _read([place for root in roots for place in places[root]], wanted, fetch, found)
    for entries in found.values():
        entries.sort(key=lambda entry: entry.place)
    return found


def _elsewhere(things: Iterable[Thing], fetch: Fetch) -> Iterator[tuple[Thing, Key]]:
    """Give follow-ups that were recorded in another agreement than the one in which a file has them."""
    follow_ups = {thing.id: thing for thing in things if thing.model is FollowUp}
    if follow_ups:
        for id, root in fetch(_ROOTS_OF_FOLLOW_UPS, list(follow_ups)):
            if root != follow_ups[id].root[1]:
                yield follow_ups[id], ("agreement", root)


def _read(
    places: list[int], wanted: dict[Key, set[Key]], fetch: Fetch, found: dict[Key, list[Entry]]
) -> None:
    """Read the entries at these places and keep what they say of the things that are wanted."""
    texts: dict[int, dict[str, str | None]] = {}
    for place, digest, words in fetch(_TEXTS, places):
        texts.setdefault(place, {})[digest] = words
    for place, kind, root, actor, at, action, resource, id, *sides in fetch(_ENTRIES, places):
        opened = [None if side is None else msgspec.json.decode(side) for side in sides]
        own = texts.get(place, {})
        for table, thing in wanted[kind, root]:
            is_own = (resource, id) == (table, thing)
            if not is_own and (resource != kind or (table, thing) == (kind, root)):
                continue
            said = [_said(side, table, thing, own, is_own=is_own) for side in opened]
            if is_own or said != [None, None]:
                found.setdefault((table, thing), []).append(Entry(place, actor, at, action, *said))


def _said(
    side: dict[str, Any] | None, table: str, id: str, texts: dict[str, str | None], *, is_own: bool
) -> dict[str, Any] | None:
    if side is None:
        return None
    values = side.get(table, {}).get(id)
    if values is None:
        # An entry of the thing itself that only names what is in it: the thing was there.
        return {"id": id} if is_own else None
    opened: dict[str, Any] = with_texts(values, texts)
    return opened


_change = table_of(HistoryEntry).c
_HEADS = Statement(
    select(_change.root, _change.place, _change.action)
    .where(_change.root_kind == bindparam("root_kind"), Among(_change.root, "roots"))
    .order_by(_change.place),
    "root_kind",
    "roots",
)
_ENTRIES = Statement(
    select(
        _change.place,
        _change.root_kind,
        _change.root,
        _change.actor,
        _change.at,
        _change.action,
        _change.resource,
        _change.resource_id,
        _change.before,
        _change.after,
    )
    .where(Among(_change.place, "places"))
    .order_by(_change.place),
    "places",
)
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.text).where(
        Among(table_of(ChangeText).c.change, "places")
    ),
    "places",
)
_held = table_of(ChangeResource).c
_ROOTS_OF_FOLLOW_UPS = Statement(
    select(_change.resource_id, _change.root)
    .join(table_of(ChangeResource), _held.change == _change.place)
    .where(
        _held.resource == FollowUp.__tablename__,
        Among(_held.resource_id, "ids"),
        _change.resource == _held.resource,
    )
    .distinct(),
    "ids",
)
