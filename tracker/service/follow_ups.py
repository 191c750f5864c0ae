"""Follow-ups: recording, changing and removing what became of a clause.

Each change sets the clause's current statuses in the same transaction; the clause's version stays,
so that a new follow-up does not stand in the way of a new due date.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tracker import dates
from tracker.codes import STATUSES
from tracker.errors import Fault, Refused
from tracker.models import Clause, FollowUp, table_of
from tracker.service import history, references, rows
from tracker.service.statuses import Finding, before, current
from tracker.service.things import Match, Values, found, merged, raise_faults, whole
from tracker.shapes import examine
from tracker.statements import Statement


def record_follow_up(session: Session, clause: str, content: object) -> str:
    """Record what became of a clause and give the follow-up's id (a UUID, version 7).

    Raises NotFound or Gone for the clause, Invalid with every fault, Refused where the token may
    not write that track.
    """
    _lock_clause(session, clause)
    values, faults = examine(FollowUp, content, "create")
    values = completed(values, session.info["today"]) | {
        "id": new_id(),
        "clause": clause,
        "recorded_by": session.info["by"].name,
        "recorded_at": dates.utc_now(),
    }
    others = _checked(session, values, values, faults)
    rows.insert_thing(session, FollowUp, values)
    _settle(session, "create", clause, None, whole(FollowUp, {**values, "version": 1}), others)
    return str(values["id"])


def change_follow_up(session: Session, id: str, content: object, match: Match) -> None:
    """Change fields of a follow-up; what is the same already makes no new version.

    Raises NotFound, Gone, VersionRequired, Stale, Invalid and Refused.
    """
    now = found(session, FollowUp, id, match)
    _lock_clause(session, now["clause"])
    values, faults = examine(FollowUp, _without_same(content, now), "change")
    changes = merged(FollowUp, now, values)
    others = _checked(session, now | values, values, faults, now)
    if changes:
        rows.update_thing(session, FollowUp, id, now["version"], changes, any_version=match.any)
        _settle(session, "update", now["clause"], now, found(session, FollowUp, id), others)


def remove_follow_up(session: Session, id: str, match: Match) -> None:
    """Remove a follow-up from today's state; its history stays.

    Raises NotFound, Gone, VersionRequired, Stale and Refused.
    """
    now = found(session, FollowUp, id, match)
    _refuse_other_track(session, now["track"])
    _lock_clause(session, now["clause"])
    rows.delete_thing(session, FollowUp, id, now["version"], any_version=match.any)
    _settle(session, "delete", now["clause"], now, None, findings_of(session, now["clause"]))


def refresh_clause(session: Session, clause: str) -> None:
    """Set a clause's current statuses from its follow-ups."""
    _set_current(session, clause, findings_of(session, clause))


def completed(values: Values, checked: str) -> Values:
    """Fill in what a follow-up may leave out: the day someone looked, and for a search without a find its day."""
    values = {"checked_on": checked} | {name: value for name, value in values.items() if value is not None}
    if values.get("status") == "no_evidence":
        values.setdefault("effective_on", values["checked_on"])
    return values


def follow_up_faults(values: Values, today: str, stored: Iterable[Finding]) -> list[Fault]:
    """Give the faults of a whole follow-up: its days, its reason, its evidence, against those before it."""
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
        earlier = before(stored, _finding(values))
        if earlier is not None and _goes_back(earlier.status, status.code):
            detail = f"going back from `{earlier.status}` to `{status.code}` needs a reason"
            faults.append(Fault("needs_reason", detail, "give `reason`, such as correction", "/reason"))
    supported = any(item.get("stance") in (None, "supports") for item in values.get("evidence") or ())
    if status.needs_evidence and values.get("track") == "verified" and not supported:
        detail = f"a verified `{status.code}` needs evidence that supports it"
        faults.append(Fault("needs_evidence", detail, "give `url`, `source` or `reference`", "/evidence"))
    return faults + _evidence_faults(values) + _replacement_faults(values)


def findings_of(session: Session, clause: str) -> list[Finding]:
    """Give what counts of a clause's follow-ups."""
    return [Finding(*row) for row in FINDINGS.rows(session, clause)]


def new_id() -> str:
    """Give a UUID version 7 (RFC 9562): the time in milliseconds, then random bits."""
    random = int.from_bytes(os.urandom(10))
    milliseconds = time.time_ns() // 1_000_000
    value = (
        (milliseconds << 80)
        | (0x7 << 76)
        | ((random >> 62 & 0xFFF) << 64)
        | (0b10 << 62)
        | (random & (1 << 62) - 1)
    )
    return str(uuid.UUID(int=value))


def _checked(
    session: Session,
    whole: Values,
    given: Values,
    faults: list[Fault],
    now: Values | None = None,
) -> list[Finding]:
    """Check a whole follow-up, and give what counts of the others of its clause; raises Invalid and Refused."""
    if "track" in whole:
        _refuse_other_track(session, whole["track"])
    if now is not None:
        _refuse_other_track(session, now["track"])
    named = {f"{fault.pointer}/" for fault in faults}
    if "/" in named:  # the body is no object; there is nothing to look into
        raise_faults(faults)
    # Where days or status are at fault themselves, nobody knows which follow-up stands before this one.
    unknown = named & {"/track/", "/status/", "/effective_on/", "/checked_on/"}
    stored = [] if unknown else findings_of(session, whole["clause"])
    further = [
        fault
        for fault in follow_up_faults(whole, session.info["today"], stored)
        if not any(name.startswith(f"{fault.pointer}/") for name in named)
    ]
    raise_faults([*faults, *further, *references.faults_in(session, FollowUp, given)])
    return [finding for finding in stored if finding.id != whole["id"]]


def _refuse_other_track(session: Session, track: str) -> None:
    only = session.info.get("only_track")
    if only is not None and track != only:
        raise Refused(
            f"this token may write the {only} track only", hint="ask for a token without that limit"
        )


def _set_current(session: Session, clause: str, findings: Iterable[Finding]) -> None:
    rows.set_columns(session, Clause, clause, current(findings).columns())


def _lock_clause(session: Session, clause: str) -> None:
    if not rows.lock(Clause).rows(session, clause):
        found(session, Clause, clause)


def _settle(
    session: Session,
    action: str,
    clause: str,
    before: Values | None,
    after: Values | None,
    others: list[Finding],
) -> None:
    """Set the clause's current statuses and note the change; ``others`` are its other follow-ups."""
    _set_current(session, clause, others if after is None else [*others, _finding(after)])
    thing: Any = after or before
    history.note(
        session,
        ("agreement", clause.partition(".")[0]),
        action,
        ("follow_up", thing["id"]),
        before and history.snapshot("follow_up", before),
        after and history.snapshot("follow_up", after),
    )


def _without_same(content: object, now: Values) -> object:
    """Let a body repeat who recorded it and when, as long as it says what is stored."""
    if not isinstance(content, dict):
        return content
    return {
        name: value
        for name, value in content.items()
        if not (name in ("recorded_by", "recorded_at") and _same(value, now[name]))
    }


def _same(said: object, stored: str) -> bool:
    """Whether a value says what is stored; an instant may say it in another offset."""
    try:
        return said == stored or dates.parse_instant(str(said)) == stored
    except dates.NotAnInstant:
        return False


def _goes_back(earlier: str, later: str) -> bool:
    settled = STATUSES[earlier].group in ("outcome", "excluded", "dropped")
    return settled and (STATUSES[later].group == "open" or later == "no_evidence")


def _finding(values: Values) -> Finding:
    return Finding(
        values["track"],
        values["status"],
        dates.parse(values["effective_on"]).latest or "",
        values["checked_on"],
        values["recorded_at"],
        values["id"],
    )


def _day_faults(effective: dates.PartialDate, today: str) -> list[Fault]:
    if effective.earliest is None or effective.latest is None:
        detail = f"`effective_on`: `{effective.text}` has no first or no last day"
        return [Fault("bad_date", detail, "give a day, a month or a year", "/effective_on")]
    if effective.latest > today:
        detail = f"`effective_on` ends on {effective.latest}, after today, {today}"
        return [Fault("in_future", detail, "record what has happened, not what is planned", "/effective_on")]
    return []


def _evidence_faults(values: Values) -> list[Fault]:
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


def _replacement_faults(values: Values) -> list[Fault]:
    if values.get("replaced_by") is not None and values["replaced_by"] == values["clause"]:
        return [Fault("replaced_by_itself", "a clause cannot be replaced by itself", None, "/replaced_by")]
    return []


_stored = table_of(FollowUp).c
FINDINGS = Statement(
    select(
        _stored.track,
        _stored.status,
        _stored.effective_on_latest,
        _stored.checked_on,
        _stored.recorded_at,
        _stored.id,
    ).where(_stored.clause == bindparam("clause")),
    "clause",
)
