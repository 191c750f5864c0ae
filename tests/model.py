"""The rules of statuses (.github/DECISIONS.md) in plain Python, without SQL: what the database is held against."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tracker import dates

MET = ("met", "met_ongoing")
OUTCOMES = ("partially_met", "met", "met_ongoing", "not_met")
EXCLUDED = ("waived", "superseded")
OPEN = ("not_started", "in_progress", "behind", "stalled")
STATUSES = ("not_assessed", "no_evidence", *OPEN, *OUTCOMES, *EXCLUDED, "dropped")


@dataclass(frozen=True)
class Said:
    """A follow-up: what counts of it."""

    track: str
    status: str
    effective: str
    """The latest day of effective_on."""
    checked: str
    recorded: str
    id: str


@dataclass(frozen=True)
class Promise:
    """A clause, with what its agreement says about signing and reviews."""

    due: str | None
    first_due: str | None
    signed_on: str | None
    recorded_on: str
    """The day in the configured zone on which the agreement was recorded."""
    review_every_months: int
    said: tuple[Said, ...]
    kind: str = "listed"


def standing(promise: Promise, day: str) -> dict[str, Any]:
    """Return all that is computed of a clause as of a day."""
    known = [one for one in promise.said if one.effective <= day]
    runs = {track: _run([one for one in known if one.track == track]) for track in ("reported", "verified")}
    deciding = runs["verified"] or runs["reported"]
    met = list(itertools.takewhile(lambda one: one.status in MET, deciding))
    looks = [one.checked for one in promise.said if one.checked <= day]
    found: dict[str, Any] = {
        "reported_status": runs["reported"][0].status if runs["reported"] else None,
        "verified_status": runs["verified"][0].status if runs["verified"] else None,
        "status": deciding[0].status if deciding else "not_assessed",
        "met_on": met[-1].effective if met else None,
        "reviewed_on": max(looks) if looks else None,
    }
    found |= _flags(runs["reported"], runs["verified"])
    found |= _schedule(promise, found, day)
    return found | _freshness(promise, found["reviewed_on"], day)


def row(standings: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the roll-up row of clauses, without its key and label."""
    statuses = [one["status"] for one in standings]
    total = len(statuses)
    met = sum(status in MET for status in statuses)
    met_verified = sum(one["status"] in MET and one["verified_status"] is not None for one in standings)
    excluded = sum(status in EXCLUDED for status in statuses)
    assessed = total - statuses.count("not_assessed")
    return {
        "total": total,
        "by_status": {status: statuses.count(status) for status in STATUSES},
        "assessed": assessed,
        "assessed_verified": sum(one["verified_status"] is not None for one in standings),
        "open": sum(status in OPEN for status in statuses),
        "met": met,
        "met_verified": met_verified,
        "excluded": excluded,
        "overdue": sum(one["schedule"] == "overdue" for one in standings),
        "stale": sum(one["freshness"] in ("stale", "very_stale") for one in standings),
        "disagreement": sum(one["disagreement"] for one in standings),
        "awaiting_verification": sum(one["awaiting_verification"] for one in standings),
        "fulfilment": {"numerator": met, "denominator": total - excluded} if total > excluded else None,
        "coverage": {"numerator": assessed, "denominator": total},
        "headline": _headline(statuses),
        "basis": None if not met else "verified" if met_verified == met else "reported",
    }


def least_fresh(standings: Iterable[dict[str, Any]]) -> tuple[str | None, str | None]:
    """Return an agreement's freshness and next review: those of its least fresh clause that still counts."""
    order = ["very_stale", "stale", "never", "fresh"]
    counted = [one for one in standings if one["status"] not in (*EXCLUDED, "dropped")]
    worst = min(
        counted,
        key=lambda one: (order.index(one["freshness"]), one["next_review_on"] or "9999-12-32"),
        default=None,
    )
    return (None, None) if worst is None else (worst["freshness"], worst["next_review_on"])


def _headline(statuses: Sequence[str]) -> str:
    counted = [status for status in statuses if status not in EXCLUDED]
    if not statuses:
        return "empty"
    if not counted:
        return "closed"
    if all(status == "not_assessed" for status in statuses):
        return "not_tracked"
    if all(status in MET for status in counted):
        return "fulfilled"
    if all(status in ("not_met", "dropped") for status in counted):
        return "not_fulfilled"
    if any(status in (*MET, "partially_met") for status in counted):
        return "partially_fulfilled"
    return "open"


def _run(track: Sequence[Said]) -> list[Said]:
    """Return a track's follow-ups that count, the current one first."""
    counted = [one for one in track if not _stands_back(one, track)]
    return sorted(counted, key=lambda one: (one.effective, one.checked, one.recorded, one.id), reverse=True)


def _stands_back(one: Said, track: Sequence[Said]) -> bool:
    if one.status != "no_evidence":
        return False
    return any(
        other.checked > one.checked or (other.checked == one.checked and other.recorded > one.recorded)
        for other in track
    )


def _flags(reported: Sequence[Said], verified: Sequence[Said]) -> dict[str, bool]:
    if not reported:
        return {"disagreement": False, "awaiting_verification": False}
    if not verified:
        return {"disagreement": False, "awaiting_verification": True}
    mine, theirs = reported[0], verified[0]
    same = mine.status == theirs.status or (mine.status in MET and theirs.status in MET)
    later = theirs.checked >= mine.effective
    return {"disagreement": not same and later, "awaiting_verification": not same and not later}


def _schedule(promise: Promise, found: dict[str, Any], day: str) -> dict[str, Any]:
    due = dates.parse(promise.due).latest if promise.due else None
    first = dates.parse(promise.first_due).latest if promise.first_due else None
    said = _scheduled(promise.due is not None, due, found, day)
    return {
        "schedule": said,
        "overdue_since": _add_days(str(due), 1) if said == "overdue" else None,
        "slippage_days": _days_between(first, due) if first and due else None,
    }


def _scheduled(dated: bool, due: str | None, found: dict[str, Any], day: str) -> str:
    if not dated:
        return "no_deadline"
    if found["met_on"] is not None:
        return "met_on_time" if due is None or found["met_on"] <= due else "met_late"
    if found["status"] in (*OUTCOMES, *EXCLUDED, "dropped"):
        return "closed"
    if due is None:
        return "not_due"
    if day > due:
        return "overdue"
    return "due_soon" if _days_between(day, due) <= 30 else "not_due"


def _freshness(promise: Promise, reviewed: str | None, day: str) -> dict[str, Any]:
    signed = dates.parse(promise.signed_on).latest if promise.signed_on else None
    base = reviewed or signed or promise.recorded_on
    ends = [_later(base, promise.review_every_months * times) for times in (1, 2)]
    if ends[0] is None or day <= ends[0]:
        said = "fresh" if reviewed else "never"
    else:
        said = "stale" if ends[1] is None or day <= ends[1] else "very_stale"
    return {"freshness": said, "next_review_on": ends[0]}


def _later(day: str, months: int) -> str | None:
    try:
        return dates.add_months(day, months)
    except dates.NotADate:
        return None


def _add_days(day: str, count: int) -> str:
    from datetime import date, timedelta

    return (date.fromisoformat(day) + timedelta(count)).isoformat()


def _days_between(first: str, second: str) -> int:
    from datetime import date

    return (date.fromisoformat(second) - date.fromisoformat(first)).days
