"""Makes the content of a report: the register with all clauses, and lists of what a council asks for.

Figures and statuses come from ``tracker.queries``; what is decided here is only what goes into which list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from tracker import codes, dates
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Row, Statement
from tracker.errors import Fault, Malformed
from tracker.queries.names import name_in
from tracker.queries.report import (
    OTHER_FIELDS,
    AgreementFields,
    AgreementRow,
    ClauseFields,
    Facts,
    FollowUpFields,
    FollowUpRow,
    ReportQuery,
    read,
)
from tracker.queries.rollup import Counts, SummaryRow, in_the_count, summary_row
from tracker.reports.content import VERSION, AgreementEntry, ClauseEntry, Report
from tracker.services.chains import head

_ENDED = ("terminated", "cancelled")
_OUTCOMES = codes.statuses_in("outcome")
_OPEN = codes.statuses_in("none", "finding", "open")


@dataclass(frozen=True, slots=True)
class Period:
    """From which day to which, as far as the day of the report; the first may be open."""

    first: str | None
    last: str
    as_of: str

    def holds(self, date: str | None) -> bool:
        """Return whether a partial date lies in it by its latest day; one that is unknown does not."""
        day = None if date is None else dates.parse(date).latest
        return (
            day is not None
            and (self.first is None or self.first <= day)
            and day <= min(self.last, self.as_of)
        )


def report(database: Database, query: ReportQuery) -> Report:
    """Make a report; everything in it, the head of history included, is as of one moment.

    Raises Malformed where it would hold too many agreements, or the period begins after the day of the report.
    """
    as_of = query.as_of_day(database)
    period = Period(query.first, query.last or as_of.day, as_of.day)
    if period.first is not None and period.first > period.last:
        hint = "name a later `to`, or an earlier `from`"
        detail = f"`from` is after {period.last}, the day of the report"
        raise Malformed([Fault("bad_range", detail, hint, parameter="from")])
    with database.snapshot() as fetch:
        made_at = dates.utc_now()
        facts = read(fetch, query, as_of)
        place, digest = head(_Snapshot(fetch))
    counts = Counts()
    for of_agreement in facts.counts.values():
        counts.add_all(of_agreement)
    summary = summary_row(None, None, counts)
    register = [_agreement(row, facts, query) for row in facts.agreements]
    filtered = facts.filtered
    return {
        "tracker_report": VERSION,
        "lang": query.lang,
        "as_of": as_of.day,
        "made_at": made_at,
        "time_zone": database.time_zone,
        "history": {"place": place, "digest": digest},
        "scope": {
            "party": [{"id": id, "name": _name(facts, id, query.lang)} for id in filtered.get("party", ())],
            "series": [{"id": id, "name": facts.series.get(id)} for id in filtered.get("series", ())],
        },
        "period": {"from": period.first, "to": period.last},
        "summary": summary,
        "as_reported": _as_reported(summary, [clause for entry in register for clause in entry["clauses"]]),
        "agreements": len(register),
        "lists": _lists(register, period),
        "register": register,
    }


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What the head of history is read from: the database as of the moment of the report."""

    fetch: Fetch

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        return self.fetch(statement, *values)


def _name(facts: Facts, id: str | None, lang: str) -> str | None:
    """Return a party's name, in the report's language where it has one that still holds."""
    party = None if id is None else facts.parties.get(id)
    return None if party is None else name_in(lang, party["name"], party["names"])


Fields = TypeVar("Fields")


def _fields(of: type[Fields], row: Mapping[str, object]) -> Fields:
    """Return the members of a row that a kind of entry has, in its order."""
    return cast("Fields", {name: row[name] for name in of.__annotations__})


def _other_fields(row: AgreementRow) -> AgreementFields:
    """Return the members that a report's register has and its code does not name."""
    return cast("AgreementFields", {name: dict(row)[name] for name in OTHER_FIELDS})


def _agreement(row: AgreementRow, facts: Facts, query: ReportQuery) -> AgreementEntry:
    id, lang = row["id"], query.lang
    counts = facts.counts.get(id, Counts())
    freshness, next_review_on = counts.freshness
    summary = summary_row(id, row["title"], counts)
    clauses = [
        _clause(clause, facts.follow_ups.get(clause["id"], []), facts, lang)
        for clause in facts.clauses.get(id, [])
    ]
    departments = [party["department"] for party in row["parties"] if party["department"]]
    of_clauses = [clause["department"] for clause in clauses if clause["department"]]
    return {
        "id": id,
        "identifiers": [f"{identifier['scheme']} {identifier['value']}" for identifier in row["identifiers"]],
        "title": row["title"],
        **_fields(AgreementFields, row),
        **_other_fields(row),
        "series_name": None if row["series"] is None else facts.series.get(row["series"]),
        "parties": [
            {
                "id": party["party"],
                "name": _name(facts, party["party"], lang),
                "role": party["role"],
                "signed_by": _name(facts, party["signed_by"], lang),
                "signed_as": party["signed_as"],
            }
            for party in row["parties"]
        ],
        "counterparties": _counterparties(row, facts, lang),
        "departments": list(dict.fromkeys(departments)),
        "lead_departments": list(dict.fromkeys(departments or of_clauses)),
        "expired": row["expired"],
        "freshness": freshness,
        "next_review_on": next_review_on,
        "reviewed_on": max(
            (clause["reviewed_on"] for clause in clauses if clause["reviewed_on"]), default=None
        ),
        "council_told_of_ending": _council_told_of_ending(row),
        "links": [{**link, "title": facts.titles.get(link["target"])} for link in row["links"]],
        "summary": summary,
        "as_reported": _as_reported(summary, clauses),
        "clauses": clauses,
    }


def _as_reported(summary: SummaryRow, clauses: list[ClauseEntry]) -> bool:
    """Return whether a headline that speaks of fulfilment rests on a party's word, if only in part.

    Beyond the ``basis`` of roll-ups, which is of what is met, this is also of what is met in part.
    """
    if summary["headline"] not in ("fulfilled", "partially_fulfilled"):
        return False
    kept = (*codes.MET, "partially_met")
    return any(
        clause["basis"] == "reported" and clause["status"] in kept and in_the_count(clause["kind"])
        for clause in clauses
    )


def _counterparties(row: AgreementRow, facts: Facts, lang: str) -> list[str]:
    """Return the names of the other side: all parties but those reported on, else those with a department."""
    own = set(facts.filtered.get("party", ()))
    if not own:
        own = {party["party"] for party in row["parties"] if party["department"]}
    parties = [party["party"] for party in row["parties"] if party["role"] == "party"]
    others = [id for id in parties if id not in own] or parties
    return [_name(facts, id, lang) or id for id in others]


def _council_told_of_ending(row: AgreementRow) -> bool | None:
    """Return whether the council was told on or after the day an agreement ended; None where it has not ended."""
    if row["lifecycle"] not in _ENDED:
        return None
    if row["council_reported_on"] is None or row["ended_on"] is None:
        return False
    reported, ended = dates.parse(row["council_reported_on"]).latest, dates.parse(row["ended_on"]).earliest
    return reported is not None and ended is not None and reported >= ended


def _clause(row: ClauseFields, follow_ups: list[FollowUpRow], facts: Facts, lang: str) -> ClauseEntry:
    deciding = _deciding(row, follow_ups)
    planned = next((follow_up for follow_up in reversed(follow_ups) if follow_up["next_steps"]), None)
    return {
        **_fields(ClauseFields, row),
        "basis": None if deciding is None else deciding["track"],
        "since": None if deciding is None else deciding["effective_on"],
        "reason": None if deciding is None else deciding["reason"],
        "note": None if deciding is None else deciding["note"],
        "stated_by": None if deciding is None else _name(facts, deciding["stated_by"], lang),
        "lacks_evidence": _lacks_evidence(row, deciding),
        "next_steps": None if planned is None else planned["next_steps"],
        "next_steps_on": None if planned is None else planned["checked_on"],
        "follow_ups": [_fields(FollowUpFields, follow_up) for follow_up in follow_ups],
    }


def _deciding(row: ClauseFields, follow_ups: list[FollowUpRow]) -> FollowUpRow | None:
    """Return the follow-up that a clause's status is read from: the last of its track that says it."""
    track = "verified" if row["verified_status"] is not None else "reported"
    of_track = (follow_up for follow_up in reversed(follow_ups) if follow_up["track"] == track)
    return next((follow_up for follow_up in of_track if follow_up["status"] == row["status"]), None)


def _lacks_evidence(row: ClauseFields, deciding: FollowUpRow | None) -> bool:
    """Return whether someone searched and found nothing, or an outcome stands on a party's word without a document."""
    if row["status"] == "no_evidence":
        return True
    if row["status"] not in _OUTCOMES or deciding is None:
        return False
    return not any(evidence["stance"] == "supports" for evidence in deciding["evidence"])


def _lists(register: list[AgreementEntry], period: Period) -> dict[str, list[str]]:
    """Return each list of a report: ids of agreements, or of clauses, in the register's order.

    What was only spoken is in the register, and as in roll-ups in no list.
    """
    counted = [
        clause for agreement in register for clause in agreement["clauses"] if in_the_count(clause["kind"])
    ]

    def agreements(belongs: Callable[[AgreementEntry], bool]) -> list[str]:
        return [entry["id"] for entry in register if belongs(entry)]

    def clauses(belongs: Callable[[ClauseEntry], bool]) -> list[str]:
        return [clause["id"] for clause in counted if belongs(clause)]

    return {
        "signed": agreements(lambda agreement: period.holds(agreement["signed_on"])),
        "council_not_told": agreements(
            lambda agreement: (
                period.holds(agreement["signed_on"]) and agreement["council_reported_on"] is None
            )
        ),
        "reviewed": agreements(lambda agreement: any(reviews(agreement, period))),
        "completed": clauses(lambda clause: period.holds(clause["met_on"])),
        "stalled": clauses(lambda clause: clause["status"] == "stalled"),
        "unfulfilled": clauses(
            lambda clause: clause["status"] in ("not_met", "dropped") and period.holds(clause["since"])
        ),
        "ended": agreements(
            lambda agreement: (
                agreement["lifecycle"] in _ENDED
                and (agreement["ended_on"] is None or period.holds(agreement["ended_on"]))
            )
        ),
        "expired": agreements(lambda agreement: agreement["expired"] and period.holds(agreement["ends"])),
        "overdue": clauses(lambda clause: clause["schedule"] == "overdue"),
        "review_due": clauses(
            lambda clause: (
                clause["freshness"] in ("stale", "very_stale") and clause["status"] not in codes.RELEASED
            )
        ),
        "lacks_evidence": clauses(lambda clause: clause["lacks_evidence"]),
        "disagreement": clauses(lambda clause: clause["disagreement"]),
        "awaiting_verification": clauses(lambda clause: clause["awaiting_verification"]),
        "next_steps": clauses(lambda clause: bool(clause["next_steps"]) and clause["status"] in _OPEN),
    }


def reviews(agreement: AgreementEntry, period: Period) -> Iterator[tuple[int, str]]:
    """Yield each look at an agreement's clauses in a period: the clause's number and the day."""
    for clause in agreement["clauses"]:
        if in_the_count(clause["kind"]):
            for follow_up in clause["follow_ups"]:
                if period.holds(follow_up["checked_on"]):
                    yield clause["number"], follow_up["checked_on"]
