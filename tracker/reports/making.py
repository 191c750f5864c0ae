"""The content of a report: the register with all clauses, and lists of what a council asks for.

It is what the JSON format says; the other formats are made from it. Figures and statuses come from
``tracker.queries``; what is decided here is only what goes into which list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracker import codes, dates
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Row, Statement
from tracker.errors import Fault, Malformed
from tracker.queries.names import name_in
from tracker.queries.report import Facts, Values, Wanted, read
from tracker.queries.rollup import Counts, SummaryRow, in_the_count, summary_row
from tracker.services.chains import head

VERSION = 1
_OUTCOMES = tuple(code for code, status in codes.STATUSES.items() if status.group == "outcome")
_OPEN = tuple(code for code, status in codes.STATUSES.items() if status.group in ("none", "finding", "open"))


@dataclass(frozen=True, slots=True)
class Period:
    """From which day to which, as far as the day of the report; the first may be open."""

    first: str | None
    last: str
    as_of: str

    def holds(self, day: str | None) -> bool:
        """Whether a day lies in it; one that is unknown does not."""
        return (
            day is not None
            and (self.first is None or self.first <= day)
            and day <= min(self.last, self.as_of)
        )


def report(database: Database, asked: Wanted) -> dict[str, Any]:
    """Make a report; everything in it, the head of history included, is of one moment.

    Raises Malformed where it would hold too many agreements, or the period begins after the day of the report.
    """
    as_of = asked.as_of_day(database)
    period = Period(asked.first, asked.last or as_of.day, as_of.day)
    if period.first is not None and period.first > period.last:
        hint = "name a later `to`, or an earlier `from`"
        detail = f"`from` is after {period.last}, the day of the report"
        raise Malformed([Fault("bad_range", detail, hint, parameter="from")])
    with database.snapshot() as fetch:
        made_at = dates.utc_now()
        facts = read(fetch, asked, as_of)
        place, digest = head(_Snapshot(fetch))
    total = summary_row(None, None, _together(facts))
    register = [_agreement(values, facts, asked) for values in facts.agreements]
    return {
        "tracker_report": VERSION,
        "lang": asked.lang,
        "as_of": as_of.day,
        "made_at": made_at,
        "time_zone": database.time_zone,
        "history": {"place": place, "digest": digest},
        "scope": {
            "party": _filtered(facts, "party", asked.lang),
            "series": _filtered(facts, "series", asked.lang),
        },
        "period": {"from": period.first, "to": period.last},
        "summary": total,
        "as_reported": _as_reported(total, [clause for each in register for clause in each["clauses"]]),
        "agreements": len(register),
        "lists": _lists(register, period),
        "register": register,
    }


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What the head of history is read from: the moment of the report."""

    fetch: Fetch

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        return self.fetch(statement, *values)


def _together(facts: Facts) -> Counts:
    total = Counts()
    for counts in facts.counts.values():
        total.add_all(counts)
    return total


def _filtered(facts: Facts, name: str, lang: str) -> list[Values]:
    ids = facts.filtered.get(name, [])
    if name == "series":
        return [{"id": id, "name": facts.series.get(id)} for id in ids]
    return [{"id": id, "name": _name(facts, id, lang)} for id in ids]


def _name(facts: Facts, id: str | None, lang: str) -> str | None:
    """Give a party's name, in the report's language where it has one that still holds."""
    party = None if id is None else facts.parties.get(id)
    return None if party is None else name_in(party, lang)


def _agreement(values: Values, facts: Facts, asked: Wanted) -> Values:
    """Give the register's entry of an agreement: its columns as ordinances list them, and its clauses."""
    id, lang = values["id"], asked.lang
    counts = facts.counts.get(id, Counts())
    titles = facts.titles
    freshness, review = counts.freshness
    signed = [
        {
            "id": each["party"],
            "name": _name(facts, each["party"], lang),
            "role": each["role"],
            "signed_by": _name(facts, each["signed_by"], lang),
            "signed_as": each["signed_as"],
        }
        for each in values["parties"]
    ]
    clauses = [
        _clause(clause, facts.follow_ups.get(clause["id"], []), facts, lang)
        for clause in facts.clauses.get(id, [])
    ]
    departments = [each["department"] for each in values["parties"] if each["department"]]
    of_clauses = [each["department"] for each in clauses if each["department"]]
    return {
        "id": id,
        "identifiers": [f"{each['scheme']} {each['value']}" for each in values["identifiers"]],
        "title": values["title"],
        **{name: values[name] for name in _OF_AGREEMENT},
        "series_name": facts.series.get(values["series"]),
        "parties": signed,
        "counterparties": _counterparties(values, facts, asked),
        "departments": list(dict.fromkeys(departments)),
        "lead_departments": list(dict.fromkeys(departments or of_clauses)),
        "expired": values["expired"],
        "freshness": freshness,
        "next_review_on": review,
        "reviewed_on": max((each["reviewed_on"] for each in clauses if each["reviewed_on"]), default=None),
        "council_told_of_ending": _told_of_ending(values),
        "links": [each | {"title": titles.get(each["target"])} for each in values["links"]],
        "summary": (total := summary_row(id, values["title"], counts)),
        "as_reported": _as_reported(total, clauses),
        "clauses": clauses,
    }


_OF_AGREEMENT = (
    "kind", "purpose", "signed_on", "signed_as_printed", "lifecycle", "starts", "ends", "ended_on", "end_reason",
    "council_reported_on", "series", "series_number", "review_every_months",
)  # fmt: skip


def _as_reported(total: SummaryRow, clauses: list[Values]) -> bool:
    """Whether a headline that speaks of fulfilment rests on a party's word, if only in part.

    Beyond the ``basis`` of roll-ups, which is of what is met, this is also of what is met in part.
    """
    if total["headline"] not in ("fulfilled", "partially_fulfilled"):
        return False
    kept = (*codes.MET, "partially_met")
    return any(
        each["basis"] == "reported" and each["status"] in kept and in_the_count(each["kind"])
        for each in clauses
    )


def _counterparties(values: Values, facts: Facts, asked: Wanted) -> list[str]:
    """Give the names of the other side: all parties but those reported on, else those with a department."""
    keeping = set(facts.filtered.get("party", ()))
    if not keeping:
        keeping = {each["party"] for each in values["parties"] if each["department"]}
    signed = [each for each in values["parties"] if each["role"] == "party"]
    others = [each for each in signed if each["party"] not in keeping] or signed
    return [_name(facts, each["party"], asked.lang) or each["party"] for each in others]


def _told_of_ending(values: Values) -> bool | None:
    """Whether the council was told on or after the day an agreement ended; None where it has not ended."""
    if values["lifecycle"] not in ("terminated", "cancelled"):
        return None
    told, ended = values["council_reported_on"], values["ended_on"]
    if told is None:
        return False
    told_latest = dates.parse(told).latest
    ended_earliest = None if ended is None else dates.parse(ended).earliest
    return told_latest is not None and ended_earliest is not None and told_latest >= ended_earliest


def _clause(values: Values, follow_ups: list[Values], facts: Facts, lang: str) -> Values:
    deciding = _deciding(values, follow_ups)
    planned = next((each for each in reversed(follow_ups) if each["next_steps"]), None)
    verified = values["verified_status"] is not None
    return {name: values[name] for name in _OF_CLAUSE} | {
        "basis": None if deciding is None else "verified" if verified else "reported",
        "since": None if deciding is None else deciding["effective_on"],
        "reason": None if deciding is None else deciding["reason"],
        "note": None if deciding is None else deciding["note"],
        "stated_by": None if deciding is None else _name(facts, deciding["stated_by"], lang),
        "lacks_evidence": _lacks_evidence(values, deciding),
        "next_steps": None if planned is None else planned["next_steps"],
        "next_steps_on": None if planned is None else planned["checked_on"],
        "follow_ups": [{name: each[name] for name in _OF_FOLLOW_UP} for each in follow_ups],
    }


_OF_CLAUSE = (
    "id", "number", "kind", "label", "text", "department", "due", "first_due", "slippage_days", "status",
    "reported_status", "verified_status", "met_on", "reviewed_on", "schedule", "overdue_since", "freshness",
    "next_review_on", "disagreement", "awaiting_verification",
)  # fmt: skip
_OF_FOLLOW_UP = (
    "id", "version", "track", "status", "effective_on", "checked_on", "reason", "note", "next_steps", "stated_by",
    "recorded_by", "recorded_at", "evidence",
)  # fmt: skip


def _deciding(values: Values, follow_ups: list[Values]) -> Values | None:
    """Give the follow-up that a clause's status is read from: the last of its track that says it."""
    track = "verified" if values["verified_status"] is not None else "reported"
    of_track = (each for each in reversed(follow_ups) if each["track"] == track)
    return next((each for each in of_track if each["status"] == values["status"]), None)


def _lacks_evidence(values: Values, deciding: Values | None) -> bool:
    """Whether someone searched and found nothing, or an outcome stands on a party's word without a document."""
    if values["status"] == "no_evidence":
        return True
    if values["status"] not in _OUTCOMES or deciding is None:
        return False
    return not any(each["stance"] == "supports" for each in deciding["evidence"])


def _lists(register: list[Values], period: Period) -> Values:
    """Give each list of a report: ids of agreements, or of clauses, in the register's order.

    What was only spoken stands in the register, and like in roll-ups in no list.
    """
    ended = [each for each in register if each["lifecycle"] in ("terminated", "cancelled")]
    clauses = [clause for each in register for clause in each["clauses"] if in_the_count(clause["kind"])]
    return {
        "signed": [each["id"] for each in register if period.holds(_latest(each["signed_on"]))],
        "council_not_told": [
            each["id"]
            for each in register
            if period.holds(_latest(each["signed_on"])) and each["council_reported_on"] is None
        ],
        "reviewed": [each["id"] for each in register if any(_reviews(each, period))],
        "completed": [each["id"] for each in clauses if period.holds(each["met_on"])],
        "stalled": [each["id"] for each in clauses if each["status"] == "stalled"],
        "unfulfilled": [
            each["id"]
            for each in clauses
            if each["status"] in ("not_met", "dropped") and period.holds(_latest(each["since"]))
        ],
        "ended": [
            each["id"]
            for each in ended
            if each["ended_on"] is None or period.holds(_latest(each["ended_on"]))
        ],
        "expired": [
            each["id"] for each in register if each["expired"] and period.holds(_latest(each["ends"]))
        ],
        "overdue": [each["id"] for each in clauses if each["schedule"] == "overdue"],
        "review_due": [
            each["id"]
            for each in clauses
            if each["freshness"] in ("stale", "very_stale") and needs_review(each)
        ],
        "lacks_evidence": [each["id"] for each in clauses if each["lacks_evidence"]],
        "disagreement": [each["id"] for each in clauses if each["disagreement"]],
        "awaiting_verification": [each["id"] for each in clauses if each["awaiting_verification"]],
        "next_steps": [each["id"] for each in clauses if each["next_steps"] and each["status"] in _OPEN],
    }


def needs_review(clause: Values) -> bool:
    """Whether a promise still has to be reviewed: it was not released."""
    return clause["status"] not in codes.RELEASED


def _reviews(agreement: Values, period: Period) -> Iterator[str]:
    """Give the days of a period on which someone looked at an agreement's clauses."""
    for clause in agreement["clauses"]:
        for each in clause["follow_ups"]:
            if in_the_count(clause["kind"]) and period.holds(each["checked_on"]):
                yield each["checked_on"]


def _latest(day: str | None) -> str | None:
    return None if day is None else dates.parse(day).latest
