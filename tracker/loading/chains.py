"""What history says of many resources at once: each entry is read once, however many of them it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select

from tracker.database.statements import Among, Fetch, Statement
from tracker.models import ChangeResource, ChangeText, HistoryEntry, table_of
from tracker.queries.history import with_texts

ENTRIES_AT_ONCE = 50
"""How many entries of history are held in memory together; each may hold a whole agreement."""

Key = tuple[str, str]


class Entry(NamedTuple):
    """What one history entry says of one resource."""

    position: int
    actor: str
    at: str
    action: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


def histories(every: Iterable[Key], by_person: Iterable[Key], fetch: Fetch) -> dict[Key, list[Entry]]:
    """Return what history says of resources, from the first entry, by kind and id.

    Of those ``by_person`` nothing is returned where only loads ever touched them: nothing that a person did
    could matter.
    """
    needed = set(every)
    ids: dict[str, list[str]] = {}
    for kind, id in dict.fromkeys([*needed, *by_person]):
        ids.setdefault(kind, []).append(id)
    positions: dict[Key, list[int]] = {}
    for kind, own in ids.items():
        for id, position, action in fetch(_POSITIONS, kind, own):
            positions.setdefault((kind, id), []).append(position)
            if action != "load":
                needed.add((kind, id))
    keys: dict[int, list[Key]] = {}
    for key in positions.keys() & needed:
        for position in positions[key]:
            keys.setdefault(position, []).append(key)
    ordered = sorted(keys)
    entries: dict[Key, list[Entry]] = {}
    for first in range(0, len(ordered), ENTRIES_AT_ONCE):
        _read(ordered[first : first + ENTRIES_AT_ONCE], keys, fetch, entries)
    return entries


def _read(
    positions: list[int], keys: dict[int, list[Key]], fetch: Fetch, entries: dict[Key, list[Entry]]
) -> None:
    """Read the entries at these positions and keep what they say of the resources that are needed."""
    texts: dict[int, dict[str, str | None]] = {}
    for position, digest, text in fetch(_TEXTS, positions):
        texts.setdefault(position, {})[digest] = text
    for position, actor, at, action, resource, id, *stored in fetch(_ENTRIES, positions):
        sides = [{} if side is None else msgspec.json.decode(side) for side in stored]
        for key in keys[position]:
            before, after = (
                with_texts(side.get(key[0], {}).get(key[1]), texts.get(position, {})) for side in sides
            )
            if key == (resource, id):  # it may name only what is in it: then it was there
                before, after = (
                    {"id": id} if values is None and side is not None else values
                    for values, side in zip((before, after), stored, strict=True)
                )
            elif before is after is None:
                continue
            entries.setdefault(key, []).append(Entry(position, actor, at, action, before, after))


_entry = table_of(HistoryEntry).c
_held = table_of(ChangeResource).c
_POSITIONS = Statement(
    select(_held.resource_id, _held.change, _entry.action)
    .join(table_of(HistoryEntry), _entry.place == _held.change)
    .where(_held.resource == bindparam("kind"), Among(_held.resource_id, "ids"))
    .order_by(_held.change),
    "kind",
    "ids",
)
_ENTRIES = Statement(
    select(
        _entry.place,
        _entry.actor,
        _entry.at,
        _entry.action,
        _entry.resource,
        _entry.resource_id,
        _entry.before,
        _entry.after,
    )
    .where(Among(_entry.place, "positions"))
    .order_by(_entry.place),
    "positions",
)
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.text).where(
        Among(table_of(ChangeText).c.change, "positions")
    ),
    "positions",
)
