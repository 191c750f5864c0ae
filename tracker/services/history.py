"""The append-only history: every change of a transaction, written with it, chained for each root.

Services say what they changed with ``note``; the entries are written just before the transaction
commits, so that a change and its history stand or fall together. Digests are SHA-256 over RFC 8785
JSON (all keys are ASCII and all numbers whole, so sorted compact JSON is that form).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Text, bindparam, event, func, select
from sqlalchemy.orm import Session

from tracker import dates
from tracker.database.engine import Author
from tracker.database.statements import Among, Insertion, Statement
from tracker.models import RESOURCES, Base, Change, ChangeText, fields_of, table_of

Snapshot = dict[str, dict[str, Any]]
"""Things by table and id: ``{"clause": {"gwangju-kdata-2020.1": {…}}}``."""

LOCK = 7_277_253
"""The advisory lock under which PostgreSQL's writers take their places in history."""

_canonical = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Noted:
    """One change, noted but not yet written."""

    root_kind: str
    root: str
    action: str
    resource: str
    resource_id: str
    before: Snapshot | None
    after: Snapshot | None


def note(
    session: Session,
    root: tuple[str, str],
    action: str,
    thing: tuple[str, str],
    before: Snapshot | None,
    after: Snapshot | None,
) -> None:
    """Note a change for history; ``root`` and ``thing`` are table and id."""
    session.info.setdefault("noted", []).append(Noted(*root, action, *thing, before, after))


def gather(session: Session, action: str) -> None:
    """Let all that was noted in this transaction be one change for each root, called ``action``."""
    gathered: dict[tuple[str, str], Noted] = {}
    for each in session.info.pop("noted", []):
        root = (each.root_kind, each.root)
        first = gathered.get(root)
        if first is None:
            gathered[root] = replace(each, action=action)
        else:
            gathered[root] = replace(
                first,
                resource=first.resource if first.resource_id == each.resource_id else each.root_kind,
                resource_id=first.resource_id if first.resource_id == each.resource_id else each.root,
                before=_both(each.before, first.before),
                after=_both(first.after, each.after),
            )
    session.info["noted"] = list(gathered.values())


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


COLUMNS = tuple(fields_of(Change))
_in_order = itemgetter(*COLUMNS)

_INSERT = Insertion(table_of(Change), COLUMNS)
_INSERT_TEXT = Insertion(table_of(ChangeText), tuple(fields_of(ChangeText)))
_TAKE_TURN = Statement(select(func.pg_advisory_xact_lock(LOCK).cast(Text)))
LAST_PLACE = Statement(select(func.coalesce(func.max(Change.place), 0)))
"""The place of the last change, 0 where there is none; it grows with everything that is written."""
_LAST_OF_ROOT = Statement(
    select(Change.sequence, Change.digest)
    .where(Change.root_kind == bindparam("root_kind"), Change.root == bindparam("root"))
    .order_by(Change.sequence.desc())
    .limit(1),
    "root_kind",
    "root",
)
_other = table_of(Change).alias("other")
_LAST_OF_ROOTS = Statement(
    select(Change.root, Change.sequence, Change.digest).where(
        Change.root_kind == bindparam("root_kind"),
        Among(table_of(Change).c.root, "roots"),
        Change.sequence
        == select(func.max(_other.c.sequence))
        .where(_other.c.root_kind == Change.root_kind, _other.c.root == Change.root)
        .scalar_subquery(),
    ),
    "root_kind",
    "roots",
)


@event.listens_for(Session, "before_commit")
def write_noted(session: Session) -> None:
    """Write what has been noted so far; so does every commit, by itself."""
    noted: list[Noted] = session.info.pop("noted", [])
    if noted:
        entries, texts = zip(*_entries(session, noted), strict=True)
        _INSERT.many(session, list(map(_in_order, entries)))
        _INSERT_TEXT.many(session, [row for rows in texts for row in rows])


def _entries(
    session: Session, noted: list[Noted]
) -> Iterator[tuple[dict[str, Any], list[tuple[int, str, str, str]]]]:
    by: Author = session.info["by"]
    sides = [(sealed(change.before), sealed(change.after)) for change in noted]
    if session.get_bind().dialect.name == "postgresql":
        # A place is taken in commit order: whoever holds this lock is the next to commit.
        _TAKE_TURN.rows(session)
    place = LAST_PLACE.rows(session)[0][0]
    now = dates.utc_now()
    ends = _ends(session, {(change.root_kind, change.root) for change in noted})
    for change, ((before, texts_before), (after, texts_after)) in zip(noted, sides, strict=True):
        place += 1
        root = (change.root_kind, change.root)
        sequence, previous = ends.get(root, (0, None))
        comment = [] if by.comment is None else [seal(by.comment)]
        entry = {
            "place": place,
            "root_kind": change.root_kind,
            "root": change.root,
            "sequence": sequence + 1,
            "at": now,
            "actor": by.name,
            "request": by.request,
            "action": change.action,
            "resource": change.resource,
            "resource_id": change.resource_id,
            "before": before,
            "after": after,
            "comment": comment[0][0] if comment else None,
            "previous": previous,
        }
        entry["digest"] = digest(entry)
        ends[root] = (sequence + 1, entry["digest"])
        yield entry, [(place, *each) for each in (*texts_before, *texts_after, *comment)]


def _ends(session: Session, roots: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str | None]]:
    """Give sequence and digest of the last entry of each chain that has one."""
    if len(roots) == 1:
        (root,) = roots
        found = _LAST_OF_ROOT.rows(session, *root)
        return {root: (found[0][0], found[0][1])} if found else {}
    return {
        (kind, row[0]): (row[1], row[2])
        for kind in {kind for kind, _ in roots}
        for row in _LAST_OF_ROOTS.rows(session, kind, [id for table, id in roots if table == kind])
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
