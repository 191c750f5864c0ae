"""Reading history: entries with their texts put back, cut down to the thing that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, literal_column, select

from tracker.database.engine import Database
from tracker.database.statements import Fetch, Row, Statement
from tracker.models import RESOURCES, ChangeText, HistoryEntry, MergedParty, Resource, table_of

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200

Entry = dict[str, Any]
Side = dict[str, dict[str, dict[str, Any]]]
"""One side of a change: things by table and id."""
ERASED = object()
"""Stands for a text that was redacted."""


def changes(
    database: Database, *, after: int = 0, limit: int = DEFAULT_LIMIT
) -> tuple[list[Entry], int | None]:
    """Give history after a place, in commit order, and the place to go on from (None at the end)."""
    rows = database.rows(_ALL, after, limit + 1)
    return _shown(database.rows, rows[:limit], None), rows[limit - 1][0] if len(rows) > limit else None


def history_of(
    fetch: Fetch,
    model: type[Resource],
    id: str,
    *,
    after: int = 0,
    limit: int = DEFAULT_LIMIT,
    with_follow_ups: bool = False,
) -> tuple[list[Entry], int | None]:
    """Give the history of one thing, removed or not; an agreement's is its whole chain.

    A party's holds that of the parties that were merged into it. A load's or a
    merge's entry is cut down to this thing, unless the thing is the root. ``with_follow_ups`` a clause's
    holds that of its follow-ups.
    """
    table = model.__tablename__
    root = _root_of(table, id)
    if with_follow_ups and root is not None and table == "clause":
        rows = fetch(_OF_CLAUSE, *root, table, id, _key(id), f'%"clause":"{id}"%', after, limit + 1)
    elif root is None:
        rows = _follow_up_rows(fetch, id, after, limit + 1)
    elif table == "party":
        rows = _party_rows(fetch, id, after, limit + 1)
    elif root == (table, id):
        rows = fetch(_OF_ROOT, *root, after, limit + 1)
    else:
        rows = fetch(_OF_PART, *root, table, id, _key(id), after, limit + 1)
    cut = None if root == (table, id) else (table, id)
    following = rows[limit - 1][0] if len(rows) > limit else None
    return _shown(fetch, rows[:limit], cut, with_follow_ups=with_follow_ups), following


def places_of(fetch: Fetch, model: type[Resource], id: str) -> list[int]:
    """Give the place of every entry of history that holds something of one thing."""
    places: list[int] = []
    following: int | None = 0
    while following is not None:
        entries, following = history_of(fetch, model, id, after=following, limit=LARGEST_LIMIT)
        places += [entry["id"] for entry in entries]
    return places


def sides_of(fetch: Fetch, place: int) -> tuple[str, Side, Side] | None:
    """Give an entry's action and what stood before and after it, by table and id; None where there is none.

    A text that was erased is ``ERASED``.
    """
    rows = fetch(_ALL, place - 1, 1)
    if not rows or rows[0][0] != place:
        return None
    stored = dict(zip(_NAMES, rows[0], strict=True))
    texts: dict[str, Any] = {
        digest: ERASED if words is None else words for _, digest, words in fetch(_TEXTS, place, place)
    }
    before, after = (
        {} if stored[side] is None else unsealed(msgspec.json.decode(stored[side]), texts)
        for side in ("before", "after")
    )
    return stored["action"], before, after


def _key(id: str) -> str:
    """Give the pattern of JSON in which a thing stands under its id."""
    return f'%"{id}":%'


def _root_of(table: str, id: str) -> tuple[str, str] | None:
    if table in ("clause", "quote"):
        return "agreement", id.partition(".")[0]
    return None if table == "follow_up" else (table, id)


def _party_rows(fetch: Fetch, id: str, after: int, limit: int) -> list[Row]:
    """Give the entries of a party and of those that were merged into it, in commit order."""
    roots = [id, *(row[0] for row in fetch(_MERGED_INTO, id))]
    found = [row for root in roots for row in fetch(_OF_ROOT, "party", root, after, limit)]
    return sorted(found, key=lambda row: int(row[0]))[:limit]


def _follow_up_rows(fetch: Fetch, id: str, after: int, limit: int) -> list[Row]:
    """Give the entries of a follow-up: its own, and the loads of its agreement that touched it."""
    agreement = _agreement_of_follow_up(fetch, id)
    if agreement is None:
        return []
    return fetch(_OF_PART, "agreement", agreement, "follow_up", id, _key(id), after, limit)


def _agreement_of_follow_up(fetch: Fetch, id: str) -> str | None:
    own = fetch(_OF_THING, "follow_up", id, 0, 1)
    if own:
        return str(own[0][2])
    found = fetch(_AGREEMENT_OF, id) or fetch(_REVERTED, _key(id))
    return found[0][0] if found else None


def was_removed(fetch: Fetch, model: type[Resource], id: str) -> bool:
    """Whether history knows a thing that is not there any more."""
    table = model.__tablename__
    if table != "follow_up":
        root = _root_of(table, id) or (table, id)
        return bool(fetch(_REMOVED, *root, table, id, _key(id)))
    return _agreement_of_follow_up(fetch, id) is not None


def _shown(
    fetch: Fetch, rows: Sequence[Row], cut: tuple[str, str] | None, *, with_follow_ups: bool = False
) -> list[Entry]:
    texts: dict[int, dict[str, str | None]] = {}
    if rows:
        for place, digest, words in fetch(_TEXTS, rows[0][0], rows[-1][0]):
            texts.setdefault(place, {})[digest] = words
    return [_entry(row, texts.get(row[0], {}), cut, with_follow_ups=with_follow_ups) for row in rows]


def _entry(
    row: Row, texts: Mapping[str, str | None], cut: tuple[str, str] | None, *, with_follow_ups: bool
) -> Entry:
    stored = dict(zip(_NAMES, row, strict=True))
    thing = cut or (stored["resource"], stored["resource_id"])
    if cut is not None and stored["resource"] == "follow_up":
        thing = stored["resource"], stored["resource_id"]  # one of those of the clause that was asked for
    return {
        "id": stored["place"],
        "at": stored["at"],
        "actor": stored["actor"],
        "request": stored["request"],
        "action": stored["action"],
        "resource": thing[0],
        "resource_id": thing[1],
        **{
            side: _side(stored[side], texts, thing, cut=cut is not None, more=with_follow_ups)
            for side in _SIDES
        },
        "comment": texts.get(stored["comment"]) if stored["comment"] else None,
        "root": stored["root"],
        "sequence": stored["sequence"],
        "previous": stored["previous"],
        "digest": stored["digest"],
    }


def _side(
    stored: str | None, texts: Mapping[str, str | None], thing: tuple[str, str], *, cut: bool, more: bool
) -> dict[str, Any] | None:
    """Give one side of a change: the thing's own values, and unless it is ``cut`` what came with it.

    With ``more`` a clause's follow-ups stay.
    """
    if stored is None:
        return None
    opened = unsealed(msgspec.json.decode(stored), texts)
    values: dict[str, Any] | None = opened.get(thing[0], {}).get(thing[1])
    if cut:
        own = more and [each for each in opened.get("follow_up", {}).values() if each["clause"] == thing[1]]
        return values if not own else (values or {"id": thing[1]}) | {"follow_ups": own}
    others = {
        RESOURCES[table].plural: list(found.values())
        for table, found in opened.items()
        if table != thing[0] and found
    }
    return (values or {"id": thing[1]}) | others if others else values


def unsealed(value: Any, texts: Mapping[str, Any]) -> Any:
    """Put free texts back in the place of their digests; an erased one stays null."""
    if isinstance(value, dict):
        if value.keys() == {"sha256"}:
            return texts.get(value["sha256"])
        return {name: unsealed(each, texts) for name, each in value.items()}
    if isinstance(value, list):
        return [unsealed(each, texts) for each in value]
    return value


_SIDES = ("before", "after")
_NAMES = tuple(column.name for column in table_of(HistoryEntry).columns)
_entries = (
    select(*table_of(HistoryEntry).columns)
    .where(HistoryEntry.place > bindparam("after"))
    .order_by(HistoryEntry.place)
)
_ALL = Statement(_entries.limit(bindparam("limit")), "after", "limit")
_OF_ROOT = Statement(
    _entries.where(
        HistoryEntry.root_kind == bindparam("root_kind"), HistoryEntry.root == bindparam("root")
    ).limit(bindparam("limit")),
    "root_kind",
    "root",
    "after",
    "limit",
)
_OF_THING = Statement(
    _entries.where(
        HistoryEntry.resource == bindparam("kind"), HistoryEntry.resource_id == bindparam("id")
    ).limit(bindparam("limit")),
    "kind",
    "id",
    "after",
    "limit",
)
_in_chain = (HistoryEntry.root_kind == bindparam("root_kind")) & (HistoryEntry.root == bindparam("root"))
_is_own = (HistoryEntry.resource == bindparam("kind")) & (HistoryEntry.resource_id == bindparam("id"))
_was_inside = HistoryEntry.before.like(bindparam("key"))
_names_it = _is_own | (
    (HistoryEntry.resource == HistoryEntry.root_kind)
    & (_was_inside | HistoryEntry.after.like(bindparam("key")))
)
_OF_PART = Statement(
    _entries.where(_in_chain, _names_it).limit(bindparam("limit")),
    *("root_kind", "root", "kind", "id", "key", "after", "limit"),
)
_OF_CLAUSE = Statement(
    _entries.where(
        _in_chain,
        _names_it
        | HistoryEntry.before.like(bindparam("whose"))
        | HistoryEntry.after.like(bindparam("whose")),
    ).limit(bindparam("limit")),
    *("root_kind", "root", "kind", "id", "key", "whose", "after", "limit"),
)
"""A clause's entries and those of its follow-ups, which say whose they are in plain JSON."""
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.text).where(
        ChangeText.change.between(bindparam("first"), bindparam("last"))
    ),
    "first",
    "last",
)
_MERGED_INTO = Statement(
    select(MergedParty.id).where(MergedParty.party == bindparam("party")).order_by(MergedParty.id), "party"
)
_REVERTED = Statement(
    select(HistoryEntry.root).where(HistoryEntry.action == literal_column("'revert'"), _was_inside).limit(1),
    "key",
)
"""The agreement from which a follow-up was taken by undoing what had made it."""
_REMOVED = Statement(
    select(HistoryEntry.place).where((_in_chain & _was_inside) | _is_own).limit(1),
    *("root_kind", "root", "kind", "id", "key"),
)
_AGREEMENT_OF = Statement(
    select(RESOURCES["clause"].__table__.c.agreement).where(
        RESOURCES["clause"].__table__.c.id
        == select(RESOURCES["follow_up"].__table__.c.clause)
        .where(RESOURCES["follow_up"].__table__.c.id == bindparam("id"))
        .scalar_subquery()
    ),
    "id",
)
