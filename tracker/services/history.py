"""The append-only history: every change of a transaction, written with it, chained for each root.

Services say what they changed with ``record``; the entries are written just before the transaction
commits, so that a change and its history stand or fall together. Digests are SHA-256 over RFC 8785
JSON (all keys are ASCII and all numbers whole, so sorted compact JSON is that form).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, func, select

from tracker import dates
from tracker.database.changes import Change, Record, Snapshot
from tracker.database.statements import Among, Insertion, Statement
from tracker.models import RESOURCES, Base, ChangeText, HistoryEntry, fields_of, table_of

LOCK = 7_277_253
"""The advisory lock under which PostgreSQL's writers take their places in history."""

_canonical = msgspec.json.Encoder(order="deterministic")


def record(
    change: Change,
    root: tuple[str, str],
    action: str,
    resource: tuple[str, str],
    before: Snapshot | None,
    after: Snapshot | None,
) -> None:
    """Record for history what a change did; ``root`` and ``resource`` are kind and id."""
    change.records.append(Record(*root, action, *resource, before, after))
    change.before_commit = write_records


def gather(change: Change, action: str) -> None:
    """Let all that a change recorded be one entry for each root, called ``action``."""
    gathered: dict[tuple[str, str], Record] = {}
    for later in change.records:
        root = (later.root_kind, later.root)
        first = gathered.get(root)
        if first is None:
            gathered[root] = later._replace(action=action)
        else:
            gathered[root] = first._replace(
                kind=first.kind if first.id == later.id else later.root_kind,
                id=first.id if first.id == later.id else later.root,
                before=_both(later.before, first.before),
                after=_both(first.after, later.after),
            )
    change.records[:] = gathered.values()


def _both(weaker: Snapshot | None, stronger: Snapshot | None) -> Snapshot | None:
    """Give the things of two snapshots; of a thing in both, what the second says."""
    if weaker is None or stronger is None:
        return weaker or stronger
    return {
        table: {**weaker.get(table, {}), **stronger.get(table, {})}
        for table in dict.fromkeys([*weaker, *stronger])
    }


def snapshot(table: str, values: dict[str, Any]) -> Snapshot:
    """Give one thing as history keeps it: without what is computed, and without when it was touched."""
    return {table: {values["id"]: kept(table, values)}}


def kept(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give what history keeps of a thing's values."""
    return {name: values[name] for name in kept_names(table) if name in values}


def sealed(snapshot: Snapshot | None) -> tuple[str | None, list[tuple[str, str, str]]]:
    """Give a snapshot as canonical JSON in which each free text is a salted digest.

    The second part lists digest, salt and text of each.
    """
    if snapshot is None:
        return None, []
    texts: list[tuple[str, str, str]] = []
    closed = {
        table: {id: _sealed_values(RESOURCES[table], values, texts) for id, values in things.items()}
        for table, things in snapshot.items()
    }
    return _canonical.encode(closed).decode(), texts


def seal(words: str) -> tuple[str, str, str]:
    """Give a text's digest with a salt of its own: digest, salt, text."""
    salt = os.urandom(16)
    return hashlib.sha256(salt + words.encode()).hexdigest(), salt.hex(), words


def digest(entry: dict[str, Any]) -> str:
    """Give the digest of a history entry from its columns, `digest` itself left out."""
    content: dict[str, Any] = {name: value for name, value in entry.items() if name != "digest"}
    for side in ("before", "after"):
        if content[side] is not None:
            content[side] = msgspec.Raw(content[side])
    return hashlib.sha256(_canonical.encode(content)).hexdigest()


COLUMNS = tuple(fields_of(HistoryEntry))
_in_order = itemgetter(*COLUMNS)

_INSERT = Insertion(table_of(HistoryEntry), COLUMNS)
_INSERT_TEXT = Insertion(table_of(ChangeText), tuple(fields_of(ChangeText)))
_TAKE_TURN = Statement(select(func.pg_advisory_xact_lock(LOCK).cast(Text)))
LAST_PLACE = Statement(select(func.coalesce(func.max(HistoryEntry.place), 0)))
"""The place of the last change, 0 where there is none; it grows with everything that is written."""
_LAST_OF_ROOT = Statement(
    select(HistoryEntry.sequence, HistoryEntry.digest)
    .where(HistoryEntry.root_kind == bindparam("root_kind"), HistoryEntry.root == bindparam("root"))
    .order_by(HistoryEntry.sequence.desc())
    .limit(1),
    "root_kind",
    "root",
)
_other = table_of(HistoryEntry).alias("other")
_LAST_OF_ROOTS = Statement(
    select(HistoryEntry.root, HistoryEntry.sequence, HistoryEntry.digest).where(
        HistoryEntry.root_kind == bindparam("root_kind"),
        Among(table_of(HistoryEntry).c.root, "roots"),
        HistoryEntry.sequence
        == select(func.max(_other.c.sequence))
        .where(_other.c.root_kind == HistoryEntry.root_kind, _other.c.root == HistoryEntry.root)
        .scalar_subquery(),
    ),
    "root_kind",
    "roots",
)


def write_records(change: Change) -> None:
    """Write what a change has recorded so far; so does every commit, by itself."""
    if change.records:
        entries, texts = zip(*_entries(change), strict=True)
        change.records.clear()
        change.insert(_INSERT, list(map(_in_order, entries)))
        change.insert(_INSERT_TEXT, [row for rows in texts for row in rows])


def _entries(change: Change) -> Iterator[tuple[dict[str, Any], list[tuple[int, str, str, str]]]]:
    who, records = change.who, change.records
    sides = [(sealed(record.before), sealed(record.after)) for record in records]
    if not change.is_sqlite:
        # A place is taken in commit order: whoever holds this lock is the next to commit.
        change.rows(_TAKE_TURN)
    place = change.rows(LAST_PLACE)[0][0]
    now = dates.utc_now()
    ends = _ends(change, {(record.root_kind, record.root) for record in records})
    for record, ((before, texts_before), (after, texts_after)) in zip(records, sides, strict=True):
        place += 1
        root = (record.root_kind, record.root)
        sequence, previous = ends.get(root, (0, None))
        comment = [] if who.comment is None else [seal(who.comment)]
        entry = {
            "place": place,
            "root_kind": record.root_kind,
            "root": record.root,
            "sequence": sequence + 1,
            "at": now,
            "actor": who.name,
            "request": who.request,
            "action": record.action,
            "resource": record.kind,
            "resource_id": record.id,
            "before": before,
            "after": after,
            "comment": comment[0][0] if comment else None,
            "previous": previous,
        }
        entry["digest"] = digest(entry)
        ends[root] = (sequence + 1, entry["digest"])
        yield entry, [(place, *each) for each in (*texts_before, *texts_after, *comment)]


def _ends(change: Change, roots: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str | None]]:
    """Give sequence and digest of the last entry of each chain that has one."""
    if len(roots) == 1:
        (root,) = roots
        found = change.rows(_LAST_OF_ROOT, *root)
        return {root: (found[0][0], found[0][1])} if found else {}
    return {
        (kind, row[0]): (row[1], row[2])
        for kind in {kind for kind, _ in roots}
        for row in change.rows(_LAST_OF_ROOTS, kind, [id for table, id in roots if table == kind])
    }


@cache
def kept_names(table: str) -> tuple[str, ...]:
    """Give the names of what history keeps of a thing's values."""
    model = RESOURCES[table]
    computed = {"created_at", "updated_at"} | (
        {"reported_status", "verified_status", "status", "met_on", "reviewed_on"}
        if table == "clause"
        else set()
    )
    shown = [name for name, field in fields_of(model).items() if not field.hidden and name not in computed]
    return (*shown, *(nested.name for nested in model.nested))


def _sealed_values(
    model: type[Base], values: dict[str, Any], texts: list[tuple[str, str, str]]
) -> dict[str, Any]:
    free, lists = _free_names(model)
    closed = dict(values)
    for name in free:
        if closed.get(name) is not None:
            found = seal(closed[name])
            texts.append(found)
            closed[name] = {"sha256": found[0]}
    for name, inner in lists:
        if name in closed:
            closed[name] = [_sealed_values(inner, entry, texts) for entry in closed[name]]
    return closed


@cache
def _free_names(model: type[Base]) -> tuple[tuple[str, ...], tuple[tuple[str, type[Base]], ...]]:
    free = tuple(name for name, field in fields_of(model).items() if field.free)
    lists = tuple(
        (nested.name, nested.model) for nested in getattr(model, "nested", ()) if nested.scalar is None
    )
    return free, lists
