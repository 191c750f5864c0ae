"""Follow-ups: recording, changing and removing what became of a clause.

Each change sets the clause's current statuses in the same transaction; the clause's version stays,
so that a new follow-up does not stand in the way of a new due date.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import cast

from sqlalchemy import func, select

from tracker import dates
from tracker.codes import STATUSES
from tracker.database.changes import Change
from tracker.database.statements import Statement
from tracker.errors import Fault, Invalid
from tracker.kinds import KINDS, is_id
from tracker.models import Clause, FollowUp, table_of
from tracker.models.values import FollowUpValues
from tracker.services import history, references, rows
from tracker.services.resources import Match, accept, existing, merged, raise_faults, with_defaults
from tracker.services.scopes import refuse_other_follow_ups
from tracker.services.statuses import Finding, before, current, finding_of, stored_findings
from tracker.validation import Purpose, check, pointer


def record_follow_up(change: Change, clause: str, content: object) -> str:
    """Record what became of a clause and give the follow-up's id (a UUID, version 7).

    Raises NotFound or Gone for the clause, Invalid with every fault, Refused where the token may
    not write that track.
    """
    _lock_clause(change, clause)
    body, faults = _check(content, "create")
    body = _in_own_words(change, body)
    values = _new(change, body, clause, recording_instant(change))
    others = _checked(change, values, values, faults)
    rows.insert_row(change, FollowUp, values)
    _settle(change, "create", clause, None, with_defaults(FollowUp, values | {"version": 1}), others)
    return values["id"]


def record_follow_ups(change: Change, content: object) -> list[str]:
    """Record many follow-ups at once, each with its `clause`, all or none, and give their ids in order.

    ``content`` is ``{"follow_ups": [{"clause": …, "track": …, …}, …]}``, 1,000 at most. Each counts as if
    it had been recorded by itself, one after the other. Raises Invalid with the faults of all of them,
    Refused where the token may not write a track.
    """
    entries = _entries(content)
    clauses = _held_clauses(change, entries)
    faults: list[Fault] = []
    recorded: list[FollowUpValues] = []
    beside = {clause: findings_of(change, clause) for clause in clauses}
    instant = recording_instant(change)
    for place, entry in enumerate(entries):
        values, result = _recorded(change, entry, clauses, beside, instant)
        instant = dates.instant_after(instant)
        faults += [fault.below(f"/follow_ups/{place}") for fault in result]
        recorded.append(values)
    raise_faults(faults)
    rows.insert_rows(change, FollowUp, recorded)
    for clause, findings in beside.items():  # by now, with those of the batch
        _set_current(change, clause, findings)
    for values in recorded:
        _noted(change, "create", values["clause"], None, with_defaults(FollowUp, values | {"version": 1}))
    return [values["id"] for values in recorded]


def change_follow_up(change: Change, id: str, content: object, match: Match) -> None:
    """Change fields of a follow-up; what is the same already makes no new version.

    Raises NotFound, Gone, VersionRequired, Stale, Invalid and Refused.
    """
    now = existing(change, FollowUp, id)
    values, faults = _check(_without_same(content, now), "change")
    changes = merged(FollowUp, now, values)
    accept(match, FollowUp, now, made=bool(values) and not (changes or faults))
    _lock_clause(change, now["clause"])
    others = _checked(change, now | values, values, faults, now)
    if changes:
        rows.update_row(change, FollowUp, id, now["version"], changes, any_version=match.any)
        _settle(change, "update", now["clause"], now, existing(change, FollowUp, id), others)


def remove_follow_up(change: Change, id: str, match: Match) -> None:
    """Remove a follow-up from today's state; its history stays.

    Raises NotFound, Gone, VersionRequired, Stale and Refused.
    """
    now = existing(change, FollowUp, id, match)
    refuse_other_follow_ups(change, now["clause"], now)
    _lock_clause(change, now["clause"])
    rows.delete_row(change, FollowUp, id, now["version"], any_version=match.any)
    _settle(change, "delete", now["clause"], now, None, findings_of(change, now["clause"]))


def restore_follow_up(change: Change, removed: Mapping[str, object], version: int) -> None:
    """Bring back a follow-up that was removed, as history has it; raises as ``record_follow_up`` does."""
    values = cast("FollowUpValues", removed)
    _lock_clause(change, values["clause"])
    others = _checked(change, values, values, [])
    rows.insert_row(change, FollowUp, values, version=version)
    after = with_defaults(FollowUp, values | {"version": version})
    _settle(change, "create", values["clause"], None, after, others)


def restore_follow_up_fields(change: Change, id: str, earlier: Mapping[str, object]) -> None:
    """Set fields of a follow-up to values that they had before; raises as ``change_follow_up`` does."""
    changes = cast("FollowUpValues", earlier)
    now = existing(change, FollowUp, id)
    _lock_clause(change, now["clause"])
    others = _checked(change, now | changes, changes, [], now)
    rows.update_row(change, FollowUp, id, now["version"], changes, any_version=True)
    _settle(change, "update", now["clause"], now, existing(change, FollowUp, id), others)


def refresh_clause(change: Change, clause: str) -> None:
    """Set a clause's current statuses from its follow-ups."""
    _set_current(change, clause, findings_of(change, clause))


def completed(values: FollowUpValues, checked: str) -> FollowUpValues:
    """Fill in what a follow-up may leave out: the day someone looked, and for a search without a find its day."""
    known = {name: value for name, value in values.items() if value is not None}
    complete = cast("FollowUpValues", {"checked_on": checked} | known)
    if complete.get("status") == "no_evidence":
        complete.setdefault("effective_on", complete["checked_on"])
    return complete


def follow_up_faults(values: FollowUpValues, today: str, stored: Iterable[Finding]) -> list[Fault]:
    """Return the faults of a whole follow-up: its days, its reason, its evidence, against those before it."""
    faults: list[Fault] = []
    status = STATUSES[values["status"]] if "status" in values else None
    effective = dates.parse(values["effective_on"]) if values.get("effective_on") else None
    if effective is None and values.get("status") != "no_evidence":
        hint = "the day, month or year in which that state was reached"
        faults.append(Fault("required", "`effective_on` is missing", hint, "/effective_on"))
    if effective is not None:
        faults += _day_faults(effective, today)
    if values.get("checked_on") and values["checked_on"] > today:
        faults.append(Fault("in_future", f"`checked_on` is after today, {today}", None, "/checked_on"))
    if status is None:
        return faults
    if status.needs_reason and values.get("reason") is None:
        faults.append(Fault("needs_reason", f"`{status.code}` needs a reason", "give `reason`", "/reason"))
    elif values.get("reason") is None and effective is not None and effective.latest and values.get("track"):
        finding = finding_of(values, values["id"])
        earlier = None if finding is None else before(stored, finding)
        if earlier is not None and _goes_back(earlier.status, status.code):
            detail = f"going back from `{earlier.status}` to `{status.code}` needs a reason"
            faults.append(Fault("needs_reason", detail, "give `reason`, such as correction", "/reason"))
    supported = any(item.get("stance") in (None, "supports") for item in values.get("evidence") or ())
    if status.needs_evidence and values.get("track") == "verified" and not supported:
        detail = f"a verified `{status.code}` needs evidence that supports it"
        faults.append(Fault("needs_evidence", detail, "give `url`, `source` or `reference`", "/evidence"))
    return faults + _evidence_faults(values) + _replacement_faults(values)


def findings_of(change: Change, clause: str) -> list[Finding]:
    """Return the findings of a clause's follow-ups."""
    return stored_findings(change.rows, [clause]).get(clause, [])


def recording_instant(change: Change) -> str:
    """Return the instant that it is, or one after the last follow-up where a clock was set back, or stands."""
    last = change.rows(_LAST_RECORDED)[0][0]
    return max(dates.utc_now(), dates.instant_after(last) if last else "")


def new_id() -> str:
    """Return a UUID version 7 (RFC 9562) of this moment."""
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return timed(str(uuid.UUID(int=(0x7 << 76) | (0b10 << 62) | random)), dates.utc_now())


def timed(id: str, instant: str) -> str:
    """Return a UUID version 7 with another instant in it: later ones sort behind, to the microsecond.

    It holds milliseconds and their fraction in 12 bits (RFC 9562 section 6.2, method 3), then random bits.
    """
    milliseconds, fraction = divmod(dates.microseconds(instant), 1_000)
    random = uuid.UUID(id).int & (1 << 64) - 1
    time = (milliseconds << 80) | (0x7 << 76) | ((fraction * 4_096 // 1_000) << 64)
    return str(uuid.UUID(int=time | random))


def _check(content: object, purpose: Purpose) -> tuple[FollowUpValues, list[Fault]]:
    values, faults = check(FollowUp, content, purpose)
    return cast("FollowUpValues", values), faults


def _new(change: Change, body: FollowUpValues, clause: str, now: str) -> FollowUpValues:
    """Return a follow-up as it is recorded now, from its body."""
    new: FollowUpValues = {
        "id": timed(new_id(), now),
        "clause": clause,
        "recorded_by": change.who.name,
        "recorded_at": now,
    }
    return completed(body, change.today) | new


def _checked(
    change: Change,
    after: FollowUpValues,
    written: FollowUpValues,
    faults: list[Fault],
    now: FollowUpValues | None = None,
) -> list[Finding]:
    """Check a whole follow-up, and give what counts of the others of its clause; raises Invalid and Refused."""
    refuse_other_follow_ups(change, after["clause"], now, after)
    stored = findings_of(change, after["clause"])
    raise_faults(_all_faults(change, after, written, faults, stored))
    return [finding for finding in stored if finding.id != after["id"]]


def _all_faults(
    change: Change,
    after: FollowUpValues,
    written: FollowUpValues,
    faults: list[Fault],
    stored: Iterable[Finding],
) -> list[Fault]:
    """Return the faults of a follow-up's form with those of what it says."""
    named = {f"{fault.pointer}/" for fault in faults}
    if "/" in named:  # the body is no object; there is nothing to look into
        return faults
    # Where days or status are at fault themselves, nobody knows which follow-up stands before this one.
    unknown = named & {"/track/", "/status/", "/effective_on/", "/checked_on/"}
    further = [
        fault
        for fault in follow_up_faults(after, change.today, () if unknown else stored)
        if not any(name.startswith(f"{fault.pointer}/") for name in named)
    ]
    return [*faults, *further, *references.faults_in(change, FollowUp, written)]


MOST_AT_ONCE = 1_000
"""How many follow-ups are recorded in one batch."""


def _entries(content: object) -> list[object]:
    """Return the entries of a batch; raises Invalid where it has another form."""
    hint = 'send {"follow_ups": [{"clause": …, "track": …, "status": …}, …]}'
    if not isinstance(content, dict):
        raise Invalid([Fault("wrong_type", "the body must be an object", hint, "")])
    faults = [
        Fault("unknown_key", f"`{key[:80]}` is not a field of a batch", hint, pointer([key]))
        for key in content
        if key != "follow_ups"
    ]
    entries = content.get("follow_ups")
    if "follow_ups" not in content:
        faults.append(Fault("required", "`follow_ups` is missing", hint, "/follow_ups"))
    elif not isinstance(entries, list):
        faults.append(Fault("wrong_type", "`follow_ups` must be a list", hint, "/follow_ups"))
    elif not 1 <= len(entries) <= MOST_AT_ONCE:
        detail = f"`follow_ups` has {len(entries):,} entries; 1 to {MOST_AT_ONCE:,} are recorded at once"
        faults.append(Fault("too_long" if entries else "empty", detail, None, "/follow_ups"))
    raise_faults(faults)
    return list(entries or ())


def _held_clauses(change: Change, entries: Iterable[object]) -> set[str]:
    """Lock the clauses that a batch names, always in the same order, and give those that are there."""
    named = [entry.get("clause") for entry in entries if isinstance(entry, dict)]
    ids = sorted({id for id in named if isinstance(id, str) and is_id("clause", id)})
    return {id for id in ids if change.rows(rows.lock(Clause), id)}


def _recorded(
    change: Change, entry: object, clauses: Collection[str], beside: dict[str, list[Finding]], now: str
) -> tuple[FollowUpValues, list[Fault]]:
    """Return one follow-up of a batch as it will be recorded after those in ``beside``, or its faults."""
    if not isinstance(entry, dict):
        return {}, [Fault("wrong_type", "a follow-up must be an object", None, "")]
    clause = entry.get("clause")
    content = {name: value for name, value in entry.items() if name != "clause"}
    body, faults = _check(content, "create")
    body = _in_own_words(change, body)
    values = _new(change, body, cast("str", clause), now)  # of another type it is at fault below
    if isinstance(clause, str) and clause in clauses:
        refuse_other_follow_ups(change, clause, values)
    if "clause" not in entry:
        faults.insert(0, Fault("required", "`clause` is missing", "say which clause it is about", "/clause"))
    elif not isinstance(clause, str) or clause not in clauses:
        faults.insert(0, _no_clause(change, clause))
    result = _all_faults(change, values, body, faults, beside.get(str(clause), ()))
    if not result:
        finding = finding_of(values, values["id"])
        assert finding is not None
        beside[values["clause"]].append(finding)
    return values, result


def _no_clause(change: Change, clause: object) -> Fault:
    if not isinstance(clause, str) or not is_id("clause", clause):
        hint = f"for example {KINDS['clause'].id_example}"
        return Fault("bad_id", "`clause` does not have the form of a clause's id", hint, "/clause")
    near = references.alike("clause", clause, references.stored_ids(change, "clause", clause))
    return Fault("unknown_reference", f"clause `{clause}` is not defined", near, "/clause")


def _in_own_words(change: Change, body: FollowUpValues) -> FollowUpValues:
    """Let a body that does not say whose word it is be the word of the party whose token it came with."""
    party = None if change.scope is None else change.scope.party
    return body if party is None else cast("FollowUpValues", {"stated_by": party, **body})


def _set_current(change: Change, clause: str, findings: Iterable[Finding]) -> None:
    rows.set_columns(change, Clause, clause, current(findings).columns())


def _lock_clause(change: Change, clause: str) -> None:
    if not change.rows(rows.lock(Clause), clause):
        existing(change, Clause, clause)


def _settle(
    change: Change,
    action: str,
    clause: str,
    before: FollowUpValues | None,
    after: FollowUpValues | None,
    others: list[Finding],
) -> None:
    """Set the clause's current statuses and note the change; ``others`` are its other follow-ups."""
    finding = None if after is None else finding_of(after, after["id"])
    _set_current(change, clause, others if finding is None else [*others, finding])
    _noted(change, action, clause, before, after)


def _noted(
    change: Change, action: str, clause: str, before: FollowUpValues | None, after: FollowUpValues | None
) -> None:
    followed = after or before
    assert followed is not None
    history.record(
        change,
        ("agreement", clause.partition(".")[0]),
        action,
        ("follow_up", followed["id"]),
        None if before is None else history.snapshot("follow_up", before),
        None if after is None else history.snapshot("follow_up", after),
    )


def _without_same(content: object, now: FollowUpValues) -> object:
    """Let a body repeat who recorded it and when, as long as it says what is stored."""
    if not isinstance(content, dict):
        return content
    return {
        name: value
        for name, value in content.items()
        if not (name in ("recorded_by", "recorded_at") and _same(value, str(now.get(name))))
    }


def _same(value: object, stored: str) -> bool:
    """Return whether a value says what is stored; an instant may say it in another offset."""
    try:
        return value == stored or dates.parse_instant(str(value)) == stored
    except dates.NotAnInstant:
        return False


def _goes_back(earlier: str, later: str) -> bool:
    settled = STATUSES[earlier].group in ("outcome", "excluded", "dropped")
    return settled and (STATUSES[later].group == "open" or later == "no_evidence")


def _day_faults(effective: dates.PartialDate, today: str) -> list[Fault]:
    if effective.earliest is None or effective.latest is None:
        detail = f"`effective_on`: `{effective.text}` has no first or no last day"
        return [Fault("bad_date", detail, "give a day, a month or a year", "/effective_on")]
    if effective.latest > today:
        detail = f"`effective_on` ends on {effective.latest}, after today, {today}"
        return [Fault("in_future", detail, "record what has happened, not what is planned", "/effective_on")]
    return []


def _evidence_faults(values: FollowUpValues) -> list[Fault]:
    faults = []
    for place, item in enumerate(values.get("evidence") or ()):
        given = [name for name in ("url", "source", "reference") if item.get(name) is not None]
        if len(given) != 1:
            detail = f"`evidence[{place}]` has {'none' if not given else ' and '.join(given)}"
            faults.append(
                Fault(
                    "one_place",
                    f"{detail} of url, source and reference",
                    "give exactly one",
                    f"/evidence/{place}",
                )
            )
    return faults


def _replacement_faults(values: FollowUpValues) -> list[Fault]:
    if values.get("replaced_by") is not None and values["replaced_by"] == values["clause"]:
        return [Fault("replaced_by_itself", "a clause cannot be replaced by itself", None, "/replaced_by")]
    return []


_LAST_RECORDED = Statement(select(func.max(table_of(FollowUp).c.recorded_at)))
