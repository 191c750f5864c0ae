"""What changed since an earlier report: statuses, due dates, what is new or gone, and what was backdated.

Follow-ups are recognised by their ids, not by when they claim to have been recorded: one that the earlier
report did not have although it took effect by that report's day was recorded, or put in, after it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tracker import dates
from tracker.errors import Fault, Malformed
from tracker.reports.content import (
    VERSION,
    AlteredRecord,
    ClauseEntry,
    Comparison,
    History,
    Named,
    Record,
    Report,
)


class _FollowUp(msgspec.Struct):
    id: str
    version: int
    track: str
    status: str
    effective_on: str
    recorded_by: str
    recorded_at: str


class _Clause(msgspec.Struct):
    id: str
    text: str
    status: str
    due: str | None
    follow_ups: list[_FollowUp]
    basis: str | None = None


class _Agreement(msgspec.Struct):
    id: str
    title: str
    clauses: list[_Clause]


class EarlierReport(msgspec.Struct):
    """What a comparison reads of an earlier report."""

    tracker_report: Literal[1]
    as_of: str
    made_at: str
    history: History
    scope: dict[str, list[Named]]
    register: list[_Agreement]


def earlier_report(raw: bytes) -> EarlierReport:
    """Read a report made earlier; raises Malformed where it is none."""
    try:
        earlier = msgspec.json.decode(raw, type=EarlierReport)
        dates.parse_day(earlier.as_of)
        for agreement in earlier.register:
            for clause in agreement.clauses:
                for follow_up in clause.follow_ups:
                    dates.parse(follow_up.effective_on)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, dates.NotADate) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        detail = f"`compare`: that is no report (version {VERSION}) as JSON: {reason[:300]}"
        hint = "give the file that `tracker report --format json` wrote"
        raise Malformed([Fault("not_a_report", detail, hint, parameter="compare")]) from None
    return earlier


def compared(report: Report, earlier: EarlierReport) -> Comparison:
    """Return what changed between two reports on the same scope; raises Malformed where they do not compare."""
    _check(report, earlier)
    was = {agreement.id: agreement for agreement in earlier.register}
    now = {agreement["id"]: agreement for agreement in report["register"]}
    old = {clause.id: clause for agreement in earlier.register for clause in agreement.clauses}
    new = {clause["id"]: clause for agreement in report["register"] for clause in agreement["clauses"]}
    backdated, altered = _records(new, old, earlier.as_of)
    because = dict.fromkeys((record["clause"] for record in backdated), "backdated")
    because |= dict.fromkeys((record["clause"] for record in altered), "altered")
    both = [(id, old[id], clause) for id, clause in new.items() if id in old]
    return {
        "as_of": earlier.as_of,
        "made_at": earlier.made_at,
        "history": earlier.history,
        "status_changes": [
            {
                "clause": id,
                "before": before.status,
                "before_basis": before.basis,
                "after": after["status"],
                "after_basis": after["basis"],
                "because": because.get(id, "recorded"),
            }
            for id, before, after in both
            if (before.status, before.basis) != (after["status"], after["basis"])
        ],
        "moved_due_dates": [
            {"clause": id, "before": before.due, "after": after["due"]}
            for id, before, after in both
            if before.due != after["due"]
        ],
        "backdated": backdated,
        "altered": altered,
        "new_agreements": [
            {"agreement": id, "backdated": _by(agreement["signed_on"], earlier.as_of)}
            for id, agreement in now.items()
            if id not in was
        ],
        "removed_agreements": [
            {"agreement": id, "title": agreement.title} for id, agreement in was.items() if id not in now
        ],
        "new_clauses": [
            {"clause": clause["id"]}
            for id, agreement in now.items()
            if id in was
            for clause in agreement["clauses"]
            if clause["id"] not in old
        ],
        "removed_clauses": [
            {"clause": removed.id, "text": removed.text}
            for id, earlier_agreement in was.items()
            if id in now
            for removed in earlier_agreement.clauses
            if removed.id not in new
        ],
    }


def _check(report: Report, earlier: EarlierReport) -> None:
    faults = []
    scope, earlier_scope = (
        {name: sorted(one["id"] for one in chosen) for name, chosen in scope.items()}
        for scope in (report["scope"], earlier.scope)
    )
    if scope != earlier_scope:
        detail = "`compare`: that report is of other parties or series"
        parts = [f"{name} {','.join(ids)}" for name, ids in earlier_scope.items() if ids]
        hint = f"it is of {', '.join(parts) or 'everything'}; ask for the same"
        faults.append(Fault("other_scope", detail, hint, parameter="compare"))
    if earlier.as_of > report["as_of"]:
        detail = f"`compare`: that report is as of {earlier.as_of}, later than {report['as_of']}"
        faults.append(Fault("later_report", detail, "compare with an earlier one", parameter="compare"))
    if faults:
        raise Malformed(faults)


def _records(
    new: dict[str, ClauseEntry], old: dict[str, _Clause], day: str
) -> tuple[list[Record], list[AlteredRecord]]:
    """Return the follow-ups that came after a report but took effect by its day, and those changed or gone."""
    backdated: list[Record] = []
    altered: list[AlteredRecord] = []
    for id, clause in new.items():
        earlier = {follow_up.id: follow_up for follow_up in old[id].follow_ups} if id in old else {}
        for follow_up in msgspec.convert(clause["follow_ups"], list[_FollowUp]):
            before = earlier.pop(follow_up.id, None)
            if before is None:
                if _by(follow_up.effective_on, day):
                    backdated.append(_record(id, follow_up))
            elif before.version != follow_up.version:
                altered.append(
                    {
                        **_record(id, follow_up),
                        "what": "altered",
                        "before": {"status": before.status, "effective_on": before.effective_on},
                    }
                )
        altered += [
            {**_record(id, withdrawn), "what": "withdrawn", "before": None}
            for withdrawn in earlier.values()
            if _by(withdrawn.effective_on, day)
        ]
    return backdated, altered


def _record(clause: str, follow_up: _FollowUp) -> Record:
    return {
        "clause": clause,
        "id": follow_up.id,
        "track": follow_up.track,
        "status": follow_up.status,
        "effective_on": follow_up.effective_on,
        "recorded_by": follow_up.recorded_by,
        "recorded_at": follow_up.recorded_at,
    }


def _by(day: str | None, last: str) -> bool:
    """Return whether a partial date lies, with its latest day, on a day or before."""
    latest = None if day is None else dates.parse(day).latest
    return latest is not None and latest <= last
