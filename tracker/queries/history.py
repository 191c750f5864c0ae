"""Reading history: entries with their texts put back, cut down to the resource that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, TypedDict

import msgspec
from sqlalchemy import bindparam, select, union

from tracker.database.changes import Snapshot
from tracker.database.engine import Database
from tracker.database.statements import Among, Fetch, Row, Statement
from tracker.kinds import KINDS
from tracker.models import (
    ChangeResource,
    ChangeText,
    Clause,
    FollowUp,
    HistoryEntry,
    MergedParty,
    Party,
    Resource,
    table_of,
)

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200

ERASED = object()
"""Stands for a text that was redacted."""

_Key = tuple[str, str]
"""The kind and id of a resource."""


class Entry(TypedDict):
    """One entry of history, as readers see it."""

    id: int
    at: str
    actor: str
    request: str | None
    action: str
    resource: str
    resource_id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    comment: str | None
    root: str
    sequence: int
    previous: str | None
    digest: str


def changes(
    database: Database, *, after: int = 0, limit: int = DEFAULT_LIMIT
) -> tuple[list[Entry], int | None]:
    """Return history after a position, in commit order, and the position to go on from (None at the end)."""
    rows = database.rows(_ALL, after, limit + 1)
    return _shown(database.rows, rows[:limit], None), _following(rows, limit)


def history_of(
    fetch: Fetch,
    model: type[Resource],
    id: str,
    *,
    after: int = 0,
    limit: int = DEFAULT_LIMIT,
    with_follow_ups: bool = False,
) -> tuple[list[Entry], int | None]:
    """Return the history of one resource, removed or not; an agreement's is its whole chain.

    A party's holds that of the parties that were merged into it. The entry of a load or a merge is cut down
    to this resource, unless the resource is the root. ``with_follow_ups`` a clause's holds that of its
    follow-ups.
    """
    kind = model.__tablename__
    if with_follow_ups and model is Clause:
        rows = fetch(_OF_CLAUSE, id, after, limit + 1)
    else:
        ids = with_merged(fetch, model, id)
        rows = sorted(
            (row for own in ids for row in fetch(_OF_RESOURCE, kind, own, after, limit + 1)),
            key=itemgetter(0),
        )[: limit + 1]
    cut = (kind, id) if KINDS[kind].parent else None
    return _shown(fetch, rows[:limit], cut, with_follow_ups=with_follow_ups), _following(rows, limit)


def with_merged(fetch: Fetch, model: type[Resource], id: str) -> list[str]:
    """Return an id, and those of the parties that were merged into it."""
    return [id, *(merged for (merged,) in fetch(_MERGED_INTO, id))] if model is Party else [id]


def positions_of(fetch: Fetch, model: type[Resource], id: str) -> list[int]:
    """Return the position of every entry of history that holds something of one resource."""
    kind, ids = model.__tablename__, with_merged(fetch, model, id)
    return sorted(position for own in ids for (position,) in fetch(_POSITIONS, kind, own))


def was_removed(fetch: Fetch, model: type[Resource], id: str) -> bool:
    """Return whether history knows a resource that is not there any more."""
    return bool(fetch(_OF_RESOURCE, model.__tablename__, id, 0, 1))


def sides_of(fetch: Fetch, position: int) -> tuple[str, Snapshot, Snapshot] | None:
    """Return an entry's action and what stood before and after it; None where there is none.

    A text that was erased is ``ERASED``.
    """
    rows = fetch(_ALL, position - 1, 1)
    if not rows or rows[0][0] != position:
        return None
    stored = dict(zip(_NAMES, rows[0], strict=True))
    texts: dict[str, Any] = {
        digest: ERASED if text is None else text for _, digest, text in fetch(_TEXTS, [position])
    }
    before, after = (
        {} if stored[side] is None else with_texts(msgspec.json.decode(stored[side]), texts)
        for side in _SIDES
    )
    return stored["action"], before, after


def with_texts(value: Any, texts: Mapping[str, Any]) -> Any:
    """Return JSON with free texts in the place of their digests; an erased one stays null."""
    if isinstance(value, dict):
        if value.keys() == {"sha256"}:
            return texts.get(value["sha256"])
        return {name: with_texts(inner, texts) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner, texts) for inner in value]
    return value


def _following(rows: Sequence[Row], limit: int) -> int | None:
    return rows[limit - 1][0] if len(rows) > limit else None


def _shown(
    fetch: Fetch, rows: Sequence[Row], cut: _Key | None, *, with_follow_ups: bool = False
) -> list[Entry]:
    texts: dict[int, dict[str, str | None]] = {}
    if rows:
        for position, digest, text in fetch(_TEXTS, [row[0] for row in rows]):
            texts.setdefault(position, {})[digest] = text
    return [_entry(row, texts.get(row[0], {}), cut, with_follow_ups=with_follow_ups) for row in rows]


def _entry(row: Row, texts: Mapping[str, str | None], cut: _Key | None, *, with_follow_ups: bool) -> Entry:
    stored = dict(zip(_NAMES, row, strict=True))
    key = cut or (stored["resource"], stored["resource_id"])
    if cut is not None and stored["resource"] == FollowUp.__tablename__:
        key = stored["resource"], stored["resource_id"]  # one of those of the clause that was asked for
    before, after = (
        _side(stored[side], texts, key, cut=cut is not None, with_follow_ups=with_follow_ups)
        for side in _SIDES
    )
    return {
        "id": stored["place"],
        "at": stored["at"],
        "actor": stored["actor"],
        "request": stored["request"],
        "action": stored["action"],
        "resource": key[0],
        "resource_id": key[1],
        "before": before,
        "after": after,
        "comment": texts.get(stored["comment"]) if stored["comment"] else None,
        "root": stored["root"],
        "sequence": stored["sequence"],
        "previous": stored["previous"],
        "digest": stored["digest"],
    }


def _side(
    stored: str | None, texts: Mapping[str, str | None], key: _Key, *, cut: bool, with_follow_ups: bool
) -> dict[str, Any] | None:
    """Return one side of an entry: the resource's own values, and unless it is ``cut`` what came with it."""
    if stored is None:
        return None
    kind, id = key
    snapshot: Snapshot = with_texts(msgspec.json.decode(stored), texts)
    values = snapshot.get(kind, {}).get(id)
    if cut:
        follow_ups = snapshot.get(FollowUp.__tablename__, {}).values() if with_follow_ups else ()
        own = [follow_up for follow_up in follow_ups if follow_up["clause"] == id]
        return values if not own else (values or {"id": id}) | {"follow_ups": own}
    others = {
        KINDS[other].plural: list(resources.values())
        for other, resources in snapshot.items()
        if other != kind and resources
    }
    return (values or {"id": id}) | others if others else values


_SIDES = ("before", "after")
_entry_columns = table_of(HistoryEntry).columns
_NAMES = tuple(column.name for column in _entry_columns)
_ALL = Statement(
    select(*_entry_columns)
    .where(HistoryEntry.position > bindparam("after"))
    .order_by(HistoryEntry.position)
    .limit(bindparam("limit")),
    "after",
    "limit",
)
_is_of_resource = (ChangeResource.resource == bindparam("kind")) & (
    ChangeResource.resource_id == bindparam("id")
)
_is_later = ChangeResource.change > bindparam("after")
_OF_RESOURCE = Statement(
    select(*_entry_columns)
    .join(ChangeResource, ChangeResource.change == HistoryEntry.position)
    .where(_is_of_resource, _is_later)
    .order_by(ChangeResource.change)
    .limit(bindparam("limit")),
    "kind",
    "id",
    "after",
    "limit",
)
_of_clause = union(
    select(ChangeResource.change).where(
        ChangeResource.resource == Clause.__tablename__,
        ChangeResource.resource_id == bindparam("id"),
        _is_later,
    ),
    select(ChangeResource.change).where(ChangeResource.clause == bindparam("id"), _is_later),
).subquery()
_OF_CLAUSE = Statement(
    select(*_entry_columns)
    .join(_of_clause, _of_clause.c.change == HistoryEntry.position)
    .order_by(_of_clause.c.change)
    .limit(bindparam("limit")),
    "id",
    "after",
    "limit",
)
"""A clause's entries and those of its follow-ups."""
_POSITIONS = Statement(select(ChangeResource.change).where(_is_of_resource), "kind", "id")
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.text).where(
        Among(table_of(ChangeText).c.change, "positions")
    ),
    "positions",
)
_MERGED_INTO = Statement(
    select(MergedParty.id).where(MergedParty.party == bindparam("party")).order_by(MergedParty.id), "party"
)
