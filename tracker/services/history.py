"""The append-only history: every change of a transaction, written with it, chained for each root.

Services say what they changed with ``record``; the entries, their texts and the index of what they hold are
written just before the transaction commits, so that a change and its history stand or fall together. Digests are SHA-256 over RFC 8785
JSON (all keys are ASCII and all numbers whole, so sorted compact JSON is that form).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from operator import itemgetter
from typing import NamedTuple, cast

import msgspec
import sqlalchemy
from sqlalchemy import bindparam, func, select

from tracker import dates
from tracker.database.changes import Change, Record, Snapshot
from tracker.database.statements import Among, Insertion, Row, Statement
from tracker.models import (
    RESOURCES,
    Base,
    ChangeResource,
    ChangeText,
    FollowUp,
    HistoryEntry,
    Token,
    fields_of,
    shown_fields,
    table_of,
)
from tracker.models.values import ResourceValues, Values
from tracker.services import idempotency
from tracker.services.scopes import refuse_other_records

LOCK = 7_277_253
"""The advisory lock under which PostgreSQL's writers take their positions in history."""

Held = dict[tuple[str, str], str | None]
"""The kind and id of everything that an entry holds something of; the value is the clause of a follow-up."""

_canonical = msgspec.json.Encoder(order="deterministic")


class Text(NamedTuple):
    """A free text, and what stands for it in an entry."""

    digest: str
    salt: str
    text: str


def record(
    change: Change,
    root: tuple[str, str],
    action: str,
    resource: tuple[str, str],
    before: Snapshot | None,
    after: Snapshot | None,
) -> None:
    """Record for history what a change did; ``root`` and ``resource`` are kind and id.

    Raises Refused for what the change may not write.
    """
    entry = Record(*root, action, *resource, before, after)
    refuse_other_records(change, entry)
    change.records.append(entry)
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
    """Return the resources of two snapshots; of a resource in both, what the second says."""
    if weaker is None or stronger is None:
        return weaker or stronger
    return {
        kind: {**weaker.get(kind, {}), **stronger.get(kind, {})}
        for kind in dict.fromkeys([*weaker, *stronger])
    }


def snapshot(kind: str, values: ResourceValues) -> Snapshot:
    """Return one resource as history keeps it."""
    return {kind: {values["id"]: kept(kind, values)}}


def kept(kind: str, values: Mapping[str, object]) -> Values:
    """Return what history keeps of a resource's values."""
    return {name: values[name] for name in kept_names(kind) if name in values}


@cache
def kept_names(kind: str) -> tuple[str, ...]:
    """Return the names of what history keeps of a resource's values."""
    model = _MODELS[kind]
    names = [name for name, field in shown_fields(model).items() if field.in_history]
    return (*names, *(nested.name for nested in getattr(model, "nested", ())))


def redactable_digest(text: str) -> Text:
    """Return a text with its digest, under a salt of its own."""
    salt = os.urandom(16)
    return Text(hashlib.sha256(salt + text.encode()).hexdigest(), salt.hex(), text)


def digest(entry: Mapping[str, object]) -> str:
    """Return the digest of a history entry from its columns, `digest` itself left out."""
    content = {name: value for name, value in entry.items() if name != "digest"}
    for side in ("before", "after"):
        if content[side] is not None:
            content[side] = msgspec.Raw(cast("str", content[side]))
    return hashlib.sha256(_canonical.encode(content)).hexdigest()


def write_records(change: Change) -> None:
    """Write what a change has recorded so far; so does every commit, by itself."""
    if not change.records:
        return
    entries: list[Row] = []
    texts: list[Row] = []
    resources: list[Row] = []
    if not change.who.loading:
        idempotency.erase(change, _cleared(change))
    for entry, own_texts, held in _entries(change):
        position = entry["place"]
        entries.append(_in_order(entry))
        texts += [(position, *text) for text in own_texts]
        resources += [(position, *key, clause) for key, clause in held.items()]
    change.records.clear()
    change.insert(_INSERT, entries)
    change.insert(_INSERT_TEXT, texts)
    change.insert(_INSERT_RESOURCE, resources)


def _entries(change: Change) -> Iterator[tuple[Values, list[Text], Held]]:
    """Yield the columns of each entry that a change records, with its texts and what it holds."""
    who, records = change.who, change.records
    sides = [(_redactable(record.before), _redactable(record.after)) for record in records]
    if not change.is_sqlite:
        # A position is taken in commit order: whoever holds this lock is the next to commit.
        change.rows(_TAKE_TURN)
    last, last_at = (change.rows(_LAST) or [(0, "")])[0]
    now = max(dates.utc_now(), last_at)  # a clock that was set back sets no change before the last
    ends = _ends(change, {(record.root_kind, record.root) for record in records})
    for position, (record, ((before, texts_before), (after, texts_after))) in enumerate(
        zip(records, sides, strict=True), last + 1
    ):
        root = (record.root_kind, record.root)
        sequence, previous = ends.get(root, (0, None))
        comment = [] if who.comment is None else [redactable_digest(who.comment)]
        entry: Values = {
            "place": position,
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
            "comment": comment[0].digest if comment else None,
            "previous": previous,
        }
        entry["digest"] = own = digest(entry)
        ends[root] = (sequence + 1, own)
        yield entry, [*texts_before, *texts_after, *comment], _held(record)


def _cleared(change: Change) -> set[str]:
    """Return the free texts that a change takes away and puts nothing in their place."""
    cleared: set[str] = set()
    for record in change.records:
        for kind, resources in (record.before or {}).items():
            free, lists = _free_names(_MODELS[kind])
            for id, before in resources.items():
                after = (record.after or {}).get(kind, {}).get(id)
                if after is None:
                    continue
                names = [name for name in (*free, *(name for name, _ in lists)) if not after.get(name)]
                names += [name for name, _ in lists if after.get(name) and after[name] != before.get(name)]
                cleared |= _texts_of(kind, {name: before.get(name) for name in names})
                cleared -= _texts_of(kind, after)
    return cleared


def _texts_of(kind: str, values: Values) -> set[str]:
    texts: list[Text] = []
    _closed(_MODELS[kind], {name: value for name, value in values.items() if value is not None}, texts)
    return {text.text for text in texts}


def _held(record: Record) -> Held:
    held: Held = {(record.root_kind, record.root): None, (record.kind, record.id): None}
    for side in (record.before, record.after):
        for kind, resources in (side or {}).items():
            for id, values in resources.items():
                held[kind, id] = str(values["clause"]) if kind == FollowUp.__tablename__ else None
    return held


def _redactable(snapshot: Snapshot | None) -> tuple[str | None, list[Text]]:
    """Return a snapshot as canonical JSON in which digests stand for free texts, and the texts."""
    if snapshot is None:
        return None, []
    texts: list[Text] = []
    closed = {
        kind: {id: _closed(_MODELS[kind], values, texts) for id, values in resources.items()}
        for kind, resources in snapshot.items()
    }
    return _canonical.encode(closed).decode(), texts


def _closed(model: type[Base], values: Values, texts: list[Text]) -> Values:
    """Return values with digests for their free texts, which are added to ``texts``."""
    free, lists = _free_names(model)
    closed = dict(values)
    for name in free:
        if closed.get(name) is not None:
            text = redactable_digest(str(closed[name]))
            texts.append(text)
            closed[name] = {"sha256": text.digest}
    for name, inner in lists:
        if name in closed:
            closed[name] = [_closed(inner, entry, texts) for entry in cast("list[Values]", closed[name])]
    return closed


@cache
def _free_names(model: type[Base]) -> tuple[tuple[str, ...], tuple[tuple[str, type[Base]], ...]]:
    """Return the names of a model's free texts, and its lists with the models of their entries."""
    free = tuple(name for name, field in fields_of(model).items() if field.free)
    lists = tuple(
        (nested.name, nested.model) for nested in getattr(model, "nested", ()) if nested.scalar is None
    )
    return free, lists


def _ends(change: Change, roots: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str | None]]:
    """Return sequence and digest of the last entry of each chain that has one."""
    if len(roots) == 1:
        (root,) = roots
        last = change.rows(_LAST_OF_ROOT, *root)
        return {root: (last[0][0], last[0][1])} if last else {}
    return {
        (kind, id): (sequence, end)
        for kind in {kind for kind, _ in roots}
        for id, sequence, end in change.rows(
            _LAST_OF_ROOTS, kind, [id for root_kind, id in roots if root_kind == kind]
        )
    }


_MODELS: dict[str, type[Base]] = {**RESOURCES, Token.__tablename__: Token}
"""What history keeps something of."""
COLUMNS = tuple(fields_of(HistoryEntry))
_in_order = itemgetter(*COLUMNS)
_INSERT = Insertion(table_of(HistoryEntry), COLUMNS)
_INSERT_TEXT = Insertion(table_of(ChangeText), tuple(fields_of(ChangeText)))
_INSERT_RESOURCE = Insertion(table_of(ChangeResource), tuple(fields_of(ChangeResource)))
_TAKE_TURN = Statement(select(func.pg_advisory_xact_lock(LOCK).cast(sqlalchemy.Text)))
LAST_POSITION = Statement(select(func.coalesce(func.max(HistoryEntry.position), 0)))
"""The position of the last change, 0 where there is none; it grows with everything that is written."""
_LAST = Statement(
    select(HistoryEntry.position, HistoryEntry.at).order_by(HistoryEntry.position.desc()).limit(1)
)
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
