"""Creating, changing and removing things: one way for all of them.

What differs between kinds stands in ``rules`` (what must hold) and in the short functions below (what
follows from other fields, what goes along). Follow-ups have a service of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

import msgspec
from sqlalchemy import bindparam, func, select

from tracker.database.changes import Change, Snapshot
from tracker.database.statements import Statement
from tracker.errors import Conflict, Fault
from tracker.kinds import KINDS
from tracker.models import (
    RESOURCES,
    Agreement,
    ChangeResource,
    Clause,
    FollowUp,
    HistoryEntry,
    Resource,
    Source,
    table_of,
)
from tracker.models.columns import LARGEST_NUMBER
from tracker.models.values import ClauseValues, PrintedValues, ResourceValues, SourceValues, Values
from tracker.queries.merged import now_of
from tracker.queries.representation import current, representation
from tracker.queries.sources import TEXT
from tracker.services import history, rows, rules
from tracker.services.resources import (
    Match,
    accept,
    existing,
    merged,
    missing,
    raise_faults,
    refuse_if_referenced,
    with_defaults,
)
from tracker.services.spans import measured
from tracker.validation import check

PARTS: dict[type[Resource], str] = {
    RESOURCES[kind.name]: kind.numbered for kind in KINDS.values() if kind.numbered is not None
}
"""What belongs to an agreement and counts in it, and what stands in its id before the number."""
Parts = dict[type[Resource], list[PrintedValues]]


def create_resource(change: Change, model: type[Resource], content: object) -> str:
    """Create a party, source, initiative or agreement and give its id.

    Raises Invalid with every fault, Conflict where the id is taken. An id that was removed may be
    used again: versions go on from there.
    """
    given, faults = check(model, content, "create")
    values = _completed(model, given, None)
    _raise_faults(change, model, values, values, faults)
    _refuse_taken(change, model, values["id"])
    return _created(change, model, values)


def create_part(change: Change, model: type[Resource], agreement: str, content: object) -> str:
    """Add a clause or a quote to an agreement and give its id; without a number it takes the next one.

    Raises NotFound for the agreement, Invalid with every fault, Conflict where the number is taken.
    """
    existing(change, Agreement, agreement)
    if not change.rows(rows.lock(Agreement), agreement):  # it went while this waited
        raise missing(change.rows, Agreement, agreement)
    given, faults = check(model, content, "create")
    values = cast("PrintedValues", {**_completed(model, given, None), "agreement": agreement})
    _raise_faults(change, model, values, values, faults)
    number = values.get("number") or _next_number(change, model, agreement)
    values |= {"number": number, "id": f"{agreement}{PARTS[model]}{number}"}
    if current(change, model, values["id"]) is not None:
        raise Conflict(
            f"{model.noun} {values['id']} is there already", hint="leave `number` out to take the next one"
        )
    return _created(change, model, values)


def update_resource(change: Change, model: type[Resource], id: str, content: object, match: Match) -> None:
    """Change fields of a thing, by JSON Merge Patch; what is the same already makes no new version.

    Raises NotFound, Gone, VersionRequired, Stale and Invalid.
    """
    now = _stored(change, model, id)
    values, faults = check(model, content, "change")
    changes = merged(model, now, _completed(model, values, now))
    accept(match, model, now, made=bool(values) and not (changes or faults))
    _raise_faults(change, model, {**now, **changes}, changes, faults)
    if changes:
        rows.update_row(change, model, id, now["version"], changes, any_version=match.any)
        _note(change, model, "update", now, existing(change, model, id))


def remove_resource(change: Change, model: type[Resource], id: str, match: Match) -> None:
    """Remove a thing from today's state; its history stays.

    An agreement takes its clauses and quotes along. Raises Conflict naming the follow-ups, and what
    else refers to it from elsewhere, besides what change raises.
    """
    if model is Agreement:
        change.rows(rows.lock(Agreement), id)
    now = existing(change, model, id, match)
    parts = _parts_of(change, id) if model is Agreement else {}
    _refuse_followed_up(change, model, id)
    for part in reversed(parts):
        for values in parts[part]:
            refuse_if_referenced(change, part, values["id"], within=id)
    refuse_if_referenced(change, model, id, within=id if parts else None)
    for part in reversed(parts):
        for values in parts[part]:
            rows.delete_row(change, part, values["id"], values["version"], any_version=True)
    rows.delete_row(change, model, id, now["version"], any_version=match.any)
    _note(change, model, "delete", now, None, parts)


def restore_resource(change: Change, model: type[Resource], values: Values) -> None:
    """Bring back a thing that was removed, as history has it; raises as ``create_resource`` does."""
    restored = cast("PrintedValues", values)
    if model in PARTS:
        existing(change, Agreement, restored["agreement"])
    _raise_faults(change, model, values, values, ())
    _refuse_taken(change, model, restored["id"])
    _created(change, model, restored)


def restore_fields(change: Change, model: type[Resource], id: str, changes: Values) -> None:
    """Return fields of a thing values that they had before; raises as ``update_resource`` does."""
    now = existing(change, model, id)
    _raise_faults(change, model, {**now, **changes}, changes, ())
    rows.update_row(change, model, id, now["version"], changes, any_version=True)
    _note(change, model, "update", now, existing(change, model, id))


def _created(change: Change, model: type[Resource], values: ResourceValues) -> str:
    id, version = values["id"], next_version(change, model, values["id"])
    rows.insert_row(change, model, values, version=version)
    values["version"] = version
    _note(change, model, "create", None, with_defaults(model, values))
    return id


def _stored(change: Change, model: type[Resource], id: str) -> ResourceValues:
    """Return a resource's values as they are now, a source's with its text."""
    now = existing(change, model, id)
    if model is Source:
        cast("SourceValues", now)["text"] = change.rows(TEXT, id)[0][0]
    return now


def _completed(
    model: type[Resource], values: Mapping[str, object], now: ResourceValues | None
) -> ResourceValues:
    """Return what is written with what follows from it: the first due date, the measures of a text."""
    if model is Clause:
        return cast("ResourceValues", with_first_due(values, now))
    if model is Source:
        return _with_measures(cast("SourceValues", values), cast("SourceValues | None", now))
    return cast("ResourceValues", values)


def with_first_due(values: Mapping[str, object], now: ResourceValues | None) -> Values:
    """Return what is written of a clause with its first due date, where it has had none until now."""
    clause, stored = cast("ClauseValues", values), cast("ClauseValues | None", now)
    due = clause.get("due")
    if due is None or (stored is not None and stored["first_due"] is not None):
        return dict(values)
    return {**values, "first_due": clause.get("first_due", due)}


def _with_measures(values: SourceValues, now: SourceValues | None) -> SourceValues:
    text = values.get("text") if "text" in values or now is None else now["text"]
    is_new = "text" in values and (now is None or text != now["text"])
    made = measured({**values, "text": text})
    return cast(
        "SourceValues",
        {**values, **{name: value for name, value in made.items() if is_new or name in values}},
    )


def _raise_faults(
    change: Change,
    model: type[Resource],
    after: Mapping[str, object],
    changes: Mapping[str, object],
    faults: Sequence[Fault],
) -> None:
    wrong = {fault.pointer[1:] for fault in faults if fault.pointer and fault.pointer.count("/") == 1}
    raise_faults([*faults, *rules.faults(rules.Stored(change), model, after, changes, wrong=wrong)])


def _refuse_taken(change: Change, model: type[Resource], id: str) -> None:
    if current(change, model, id) is not None:
        raise Conflict(
            f"{model.noun} {id} is there already", hint="choose another id, or change it with PATCH"
        )
    into = now_of(change.rows, model, id)
    if into is not None:
        raise Conflict(f"party {id} was merged into {into}", hint=f"choose another id, or change {into}")


def _refuse_followed_up(change: Change, model: type[Resource], id: str) -> None:
    if model not in (Agreement, Clause):
        return
    count = change.rows(_FOLLOW_UPS[model], id)[0][0]
    if count:
        follow_ups = "1 follow-up" if count == 1 else f"{count} follow-ups"
        raise Conflict(f"{model.noun} {id} has {follow_ups}", hint="remove them first")


def _parts_of(change: Change, agreement: str) -> Parts:
    """Return an agreement's clauses and quotes, in order."""
    return {
        model: [
            cast("PrintedValues", representation(model).values(row))
            for row in change.rows(_parts(model), agreement)
        ]
        for model in PARTS
    }


def _note(
    change: Change,
    model: type[Resource],
    action: str,
    before: ResourceValues | None,
    after: ResourceValues | None,
    parts: Parts | None = None,
) -> None:
    values = cast("PrintedValues", after or before)
    kind, id = model.__tablename__, values["id"]
    root = ("agreement", values["agreement"]) if model in PARTS else (kind, id)
    old = None if before is None else history.snapshot(kind, before) | _snapshots(parts or {})
    new = None if after is None else history.snapshot(kind, after)
    history.record(change, root, action, (kind, id), old, new)


def _snapshots(parts: Parts) -> Snapshot:
    return {
        model.__tablename__: {values["id"]: history.kept(model.__tablename__, values) for values in result}
        for model, result in parts.items()
        if result
    }


def _next_number(change: Change, model: type[Resource], agreement: str) -> int:
    """Return the number after the largest that was ever used, that of removed parts included."""
    used = {change.rows(_largest(model), agreement)[0][0] or 0}
    # Ids in an agreement begin with its own and a full stop; the sign after that in ASCII is a slash.
    ids = change.rows(_USED, model.__tablename__, f"{agreement}.", f"{agreement}/")
    used |= {int(id.rpartition(PARTS[model])[2]) for (id,) in ids}
    if max(used) == LARGEST_NUMBER:
        raise Conflict(
            f"agreement {agreement} has no number left after {LARGEST_NUMBER}", hint="give `number`"
        )
    return 1 + max(used)


def next_version(change: Change, model: type[Resource], id: str) -> int:
    """Return the version that a thing takes: 1, or one that none of its earlier lives had."""
    table = model.__tablename__
    lives = change.rows(_LAST_LIFE, table, id)
    last = msgspec.json.decode(lives[0][0]).get(table, {}).get(id) if lives else None
    return 1 + (last["version"] if last else 0)


@cache
def _parts(model: type[Resource]) -> Statement:
    table = table_of(model)
    query = select(*representation(model).columns).where(table.c.agreement == bindparam("agreement"))
    return Statement(query.order_by(table.c.number), "agreement")


@cache
def _largest(model: type[Resource]) -> Statement:
    table = table_of(model)
    query = select(func.max(table.c.number)).where(table.c.agreement == bindparam("agreement"))
    return Statement(query, "agreement")


_USED = Statement(
    select(ChangeResource.resource_id)
    .where(
        ChangeResource.resource == bindparam("kind"),
        ChangeResource.resource_id > bindparam("first"),
        ChangeResource.resource_id < bindparam("last"),
    )
    .distinct(),
    "kind",
    "first",
    "last",
)
_LAST_LIFE = Statement(
    select(HistoryEntry.before)
    .join(ChangeResource, ChangeResource.change == HistoryEntry.position)
    .where(
        ChangeResource.resource == bindparam("kind"),
        ChangeResource.resource_id == bindparam("id"),
        HistoryEntry.before.is_not(None),
    )
    .order_by(ChangeResource.change.desc())
    .limit(1),
    "kind",
    "id",
)
"""The entry that took a resource away: what stood before it holds the resource as it was."""
_FOLLOW_UPS: dict[type[Resource], Statement] = {
    Clause: Statement(select(func.count()).where(FollowUp.clause == bindparam("clause")), "clause"),
    Agreement: Statement(
        select(func.count())
        .select_from(FollowUp)
        .join(Clause, Clause.id == FollowUp.clause)
        .where(Clause.agreement == bindparam("agreement")),
        "agreement",
    ),
}
