"""What changed since an earlier report: statuses, due dates, what is new or gone, and what was backdated.

Follow-ups are known by their ids, not by when they claim to have been recorded: one that the earlier report
did not have although it took effect by that report's day was recorded, or put in, after it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from tracker import dates
from tracker.errors import Fault, Malformed
from tracker.queries.report import Values
from tracker.reports.making import VERSION

LARGEST = 256 * 1024 * 1024


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


class _History(msgspec.Struct):
    place: int
    digest: str


class _Named(msgspec.Struct):
    id: str


class Earlier(msgspec.Struct):
    """What a comparison reads of an earlier report."""

    tracker_report: Literal[1]
    as_of: str
    made_at: str
    history: _History
    scope: dict[str, list[_Named]]
    register: list[_Agreement]


def earlier_report(raw: bytes) -> Earlier:
    """Read a report made earlier; raises Malformed where it is none."""
    hint = "give the file that `tracker report --format json` wrote"
    try:
        found = msgspec.json.decode(raw, type=Earlier)
        dates.parse_day(found.as_of)
        for agreement in found.register:
            for clause in agreement.clauses:
                for each in clause.follow_ups:
                    dates.parse(each.effective_on)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, dates.NotADate) as error:
        said = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        detail = f"`compare`: that is no report (version {VERSION}) as JSON: {said[:300]}"
        raise Malformed([Fault("not_a_report", detail, hint, parameter="compare")]) from None
    return found


def compared(report: Values, earlier: Earlier) -> Values:
    """Give what changed between two reports on the same scope; raises Malformed where they do not compare."""
    _check(report, earlier)
    was = {agreement.id: agreement for agreement in earlier.register}
    now = {agreement["id"]: agreement for agreement in report["register"]}
    old = {clause.id: clause for agreement in earlier.register for clause in agreement.clauses}
    new = {clause["id"]: clause for agreement in report["register"] for clause in agreement["clauses"]}
    backdated, altered = _records(new, old, earlier.as_of)
    late = {each["clause"] for each in backdated}
    touched = {each["clause"] for each in altered}
    both = [id for id in new if id in old]
    return {
        "as_of": earlier.as_of,
        "made_at": earlier.made_at,
        "history": {"place": earlier.history.place, "digest": earlier.history.digest},
        "status_changes": [
            {
                "clause": id,
                "before": old[id].status,
                "before_basis": old[id].basis,
                "after": new[id]["status"],
                "after_basis": new[id]["basis"],
                "because": "altered" if id in touched else "backdated" if id in late else "recorded",
            }
            for id in both
            if (old[id].status, old[id].basis) != (new[id]["status"], new[id]["basis"])
        ],
        "moved_due_dates": [
            {"clause": id, "before": old[id].due, "after": new[id]["due"]}
            for id in both
            if old[id].due != new[id]["due"]
        ],
        "backdated": backdated,
        "altered": altered,
        "new_agreements": [
            {"agreement": id, "backdated": _by(agreement["signed_on"], earlier.as_of)}
            for id, agreement in now.items()
            if id not in was
        ],
        "removed_agreements": [
            {"agreement": id, "title": each.title} for id, each in was.items() if id not in now
        ],
        "new_clauses": [
            {"clause": clause["id"]}
            for id, agreement in now.items()
            if id in was
            for clause in agreement["clauses"]
            if clause["id"] not in old
        ],
        "removed_clauses": [
            {"clause": clause.id, "text": clause.text}
            for id, each in was.items()
            if id in now
            for clause in each.clauses
            if clause.id not in new
        ],
    }


def _check(report: Values, earlier: Earlier) -> None:
    faults = []
    scopes = [
        {name: sorted(each["id"] for each in chosen) for name, chosen in report["scope"].items()},
        {name: sorted(each.id for each in chosen) for name, chosen in earlier.scope.items()},
    ]
    if scopes[0] != scopes[1]:
        detail = "`compare`: that report is of other parties or series"
        hint = f"it is of {_scope(scopes[1])}; ask for the same"
        faults.append(Fault("other_scope", detail, hint, parameter="compare"))
    if earlier.as_of > report["as_of"]:
        detail = f"`compare`: that report is as of {earlier.as_of}, later than {report['as_of']}"
        faults.append(Fault("later_report", detail, "compare with an earlier one", parameter="compare"))
    if faults:
        raise Malformed(faults)


def _scope(scope: dict[str, list[str]]) -> str:
    return ", ".join(f"{name} {','.join(ids)}" for name, ids in scope.items() if ids) or "everything"


def _records(new: dict[str, Values], old: dict[str, _Clause], day: str) -> tuple[list[Values], list[Values]]:
    """Give the follow-ups that came after a report but took effect by its day, and those changed or gone."""
    backdated: list[Values] = []
    altered: list[Values] = []
    for id, clause in new.items():
        known = {each.id: each for each in old[id].follow_ups} if id in old else {}
        for each in clause["follow_ups"]:
            before = known.pop(each["id"], None)
            said = {"clause": id, **{name: each[name] for name in _TOLD}}
            if before is None:
                if _by(each["effective_on"], day):
                    backdated.append(said)
            elif before.version != each["version"]:
                was = {name: getattr(before, name) for name in ("status", "effective_on")}
                altered.append(said | {"what": "altered", "before": was})
        altered += [
            {
                "clause": id,
                **{name: getattr(each, name) for name in _TOLD},
                "what": "withdrawn",
                "before": None,
            }
            for each in known.values()
            if _by(each.effective_on, day)
        ]
    return backdated, altered


_TOLD = ("id", "track", "status", "effective_on", "recorded_by", "recorded_at")


def _by(day: str | None, last: str) -> bool:
    """Whether a partial date lies, with its latest day, on a day or before."""
    latest = None if day is None else dates.parse(day).latest
    return latest is not None and latest <= last
