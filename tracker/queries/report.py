"""What a report is asked for, and all that it says, read as of one moment: agreements, clauses, follow-ups, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypedDict, TypeVar, cast

from sqlalchemy import ColumnElement, FromClause, Integer, literal_column, select

from tracker import dates
from tracker.codes import LANGS, REPORT_FORMATS
from tracker.database.engine import Database
from tracker.database.statements import Among, Fetch, Statement
from tracker.errors import Fault, Malformed
from tracker.models import (
    Agreement,
    Clause,
    Field,
    FollowUp,
    Initiative,
    Party,
    Resource,
    shown_fields,
    table_of,
)
from tracker.models.values import AgreementLinkValues, AgreementPartyValues, IdentifierValues, PartyNameValues
from tracker.queries.computed import AS_OF_PARAMETERS, AsOf, as_of_day, existed, follow_up_order, source_of
from tracker.queries.filters import FILTERS, Chosen, Filtered, Shape, filtered
from tracker.queries.lists import chosen
from tracker.queries.merged import now_of
from tracker.queries.read_options import day_of, known_parameters, one_of
from tracker.queries.representation import reading_of
from tracker.queries.rollup import Counts, counted, counting

FILTERED = ("party", "series")
PARAMETERS = {
    "party": "only agreements of these parties: they sign in any role, or someone signs for them",
    "series": "only agreements of these series",
    "from": "the first day of the period; by default the beginning",
    "to": "the last day of the period; by default the day of `as_of`",
    "as_of": "the day of the report; by default the earlier of `to` and today",
    "lang": "en or ko",
    "format": "json, html, md, csv or xlsx; without it, what Accept asks for, else json",
}
MOST_AGREEMENTS = 2_000
"""A report is read by people; of more agreements there is a roll-up, and an export."""


class AgreementFields(TypedDict):
    """What a report says of an agreement as it is stored."""

    kind: str
    purpose: str | None
    signed_on: str | None
    signed_as_printed: str | None
    lifecycle: str
    starts: str | None
    ends: str | None
    ended_on: str | None
    end_reason: str | None
    council_reported_on: str | None
    series: str | None
    series_number: int | None
    review_every_months: int


class AgreementRow(AgreementFields):
    """What a report reads of an agreement."""

    id: str
    title: str
    expired: bool
    identifiers: list[IdentifierValues]
    parties: list[AgreementPartyValues]
    links: list[AgreementLinkValues]


OTHER_FIELDS: dict[str, Field] = {
    name: field
    for name, field in shown_fields(Agreement).items()
    if field.sheet == "template" and field.set_by == "client" and name not in AgreementRow.__annotations__
}
"""What else an empty register has a column for: a report's register has it too."""


class ClauseFields(TypedDict):
    """What a report says of a clause as lists of clauses do."""

    id: str
    number: int
    kind: str
    label: str | None
    text: str
    department: str | None
    due: str | None
    first_due: str | None
    slippage_days: int | None
    status: str
    reported_status: str | None
    verified_status: str | None
    met_on: str | None
    reviewed_on: str | None
    schedule: str
    overdue_since: str | None
    freshness: str
    next_review_on: str | None
    disagreement: bool
    awaiting_verification: bool


class FollowUpFields(TypedDict):
    """What a report says of a follow-up."""

    id: str
    version: int
    track: str
    status: str
    effective_on: str
    checked_on: str
    reason: str | None
    note: str | None
    next_steps: str | None
    stated_by: str | None
    recorded_by: str
    recorded_at: str
    evidence: list[dict[str, str | None]]


class FollowUpRow(FollowUpFields):
    """What a report reads of a follow-up."""

    clause: str


class PartyRow(TypedDict):
    """What a report reads of a party or a person."""

    id: str
    name: str
    names: list[PartyNameValues]


Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class ReportQuery(Filtered):
    """What a report is asked for; days are ISO text, ``first`` None means from the beginning."""

    filters: Chosen = ()
    first: str | None = None
    last: str | None = None
    as_of: str | None = None
    lang: str = "en"
    format: str | None = None

    def as_of_day(self, database: Database) -> AsOf:
        """Return the day of the report: the one named, else the earlier of the period's end and today."""
        today = dates.today(database.time_zone)
        day = self.as_of or (None if self.last is None else min(self.last, today))
        return as_of_day(today, database.time_zone, day)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report is made from, as readers of each resource see it, as of its day."""

    agreements: list[AgreementRow]
    clauses: dict[str, list[ClauseFields]]
    """By agreement, in order."""
    follow_ups: dict[str, list[FollowUpRow]]
    """By clause, in the order in which they count."""
    counts: dict[str, Counts]
    """By agreement."""
    parties: dict[str, PartyRow]
    """Every party that the rest refers to."""
    series: dict[str, str]
    titles: dict[str, str]
    """Of the agreements that others renew, amend or supersede, by id."""
    filtered: dict[str, list[str]]
    """The ids of each filter; a merged party's is that of the party it was merged into."""


def report_query(parameters: Iterable[tuple[str, str]]) -> ReportQuery:
    """Read a query string; raises Malformed with a fault for every parameter that is wrong."""
    faults: list[Fault] = []
    parameters = tuple(parameters)
    given = known_parameters(parameters, tuple(PARAMETERS), faults)
    filters = chosen({name: FILTERS[Agreement][name] for name in FILTERED}, parameters, faults)
    first = day_of("from", given.get("from"), faults, first=True)
    last, as_of = day_of("to", given.get("to"), faults), day_of("as_of", given.get("as_of"), faults)
    if first is not None and last is not None and first > last:
        faults.append(Fault("bad_range", "`from` is after `to`", "exchange them", parameter="from"))
    lang = one_of("lang", given.get("lang"), LANGS, faults)
    format = one_of("format", given.get("format"), REPORT_FORMATS, faults)
    if faults:
        raise Malformed(faults)
    return ReportQuery(tuple(sorted(filters.items())), first, last, as_of, lang or "en", format)


def read(fetch: Fetch, query: ReportQuery, as_of: AsOf) -> Facts:
    """Read all that a report says; ``fetch`` reads as of one moment. Raises Malformed where it is too much."""
    agreements = _rows(fetch, Agreement, AgreementRow, query, as_of)
    if len(agreements) > MOST_AGREEMENTS:
        detail = f"that is more than {MOST_AGREEMENTS:,} agreements"
        hint = "name a party or a series; `summary` and `export` take them all"
        raise Malformed([Fault("too_many", detail, hint, parameter="party")])
    clauses = _rows(fetch, Clause, ClauseFields, query, as_of)
    follow_ups = _rows(fetch, FollowUp, FollowUpRow, query, as_of)
    statement = _counts(query.shape, historical=as_of.is_historical, explicit=as_of.explicit)
    counts = counted(fetch(statement, *as_of.values, *query.values))
    ids = {name: list(values) for name, values in query.filters}
    if "party" in ids:
        ids["party"] = [now_of(fetch, Party, id) or id for id in ids["party"]]
    signatories = [signatory for agreement in agreements for signatory in agreement["parties"]]
    named = {
        *(signatory["party"] for signatory in signatories),
        *(signatory["signed_by"] for signatory in signatories),
        *(follow_up["stated_by"] for follow_up in follow_ups),
        *ids.get("party", ()),
    }
    linked = {link["target"] for agreement in agreements for link in agreement["links"]}
    series = {agreement["series"] for agreement in agreements} | set(ids.get("series", ()))
    return Facts(
        agreements,
        _grouped(clauses, lambda row: row["id"].rpartition(".")[0]),
        _grouped(follow_ups, lambda row: row["clause"]),
        counts,
        _parties(fetch, named),
        dict(fetch(_labels(Initiative, "name"), _known(series))),
        dict(fetch(_labels(Agreement, "title"), _known(linked))),
        ids,
    )


def _grouped(rows: Iterable[Read], owner: Callable[[Read], str]) -> dict[str, list[Read]]:
    groups: dict[str, list[Read]] = {}
    for row in rows:
        groups.setdefault(owner(row), []).append(row)
    return groups


def _rows(
    fetch: Fetch, model: type[Resource], shape: type[Read], query: ReportQuery, as_of: AsOf
) -> list[Read]:
    """Read the members that a kind of row has, of the resources that the filters let through."""
    members = (*shape.__annotations__, *(OTHER_FIELDS if model is Agreement else ()))
    statement = _statement(
        model, members, query.shape, historical=as_of.is_historical, explicit=as_of.explicit
    )
    values = reading_of(model, members, historical=as_of.is_historical).values
    return [cast("Read", values(row)) for row in fetch(statement, *as_of.values, *query.values)]


@lru_cache(32)
def _statement(
    model: type[Resource], members: tuple[str, ...], shape: Shape, *, historical: bool, explicit: bool
) -> Statement:
    """Return the statement that reads the resources of one kind in the agreements that the filters let through."""
    agreement, clause, follow_up = map(table_of, (Agreement, Clause, FollowUp))
    source: FromClause = source_of(model, historical=historical)
    if model is FollowUp:
        source = follow_up.join(clause, clause.c.id == follow_up.c.clause)
        source = source.join(agreement, agreement.c.id == clause.c.agreement)
    query = select(*reading_of(model, members, historical=historical).columns).select_from(source)
    query, parameters = filtered(query, shape, _of_agreements if model is Agreement else _of_clauses)
    query = query.where(*existed(model, explicit=explicit))
    if model is Agreement:
        signed = agreement.c.signed_on_latest
        query = query.order_by(signed.is_(None), signed, agreement.c.id)
        query = query.limit(literal_column(str(MOST_AGREEMENTS + 1), Integer))
    elif model is Clause:
        query = query.order_by(clause.c.agreement, clause.c.number)
    else:
        query = query.order_by(*follow_up_order(follow_up))
    return Statement(query, *AS_OF_PARAMETERS, *parameters)


@lru_cache(32)
def _counts(shape: Shape, *, historical: bool, explicit: bool) -> Statement:
    query = counting(table_of(Clause).c.agreement, historical=historical, least_fresh=True)
    query, parameters = filtered(query, shape, _of_clauses)
    return Statement(query.where(*existed(Clause, explicit=explicit)), *AS_OF_PARAMETERS, *parameters)


def _of_agreements(name: str, values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return FILTERS[Agreement][name].condition(values)


def _of_clauses(name: str, values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return FILTERS[Clause if name == "party" else Agreement][name].condition(values)


def _parties(fetch: Fetch, ids: Iterable[str | None]) -> dict[str, PartyRow]:
    shape = reading_of(Party, tuple(PartyRow.__annotations__), historical=False)
    rows = fetch(_by_ids(Party, shape.columns), _known(ids))
    return {row[0]: cast("PartyRow", shape.values(row)) for row in rows}


def _known(ids: Iterable[str | None]) -> list[str]:
    return [id for id in ids if id is not None]


@lru_cache(8)
def _labels(model: type[Resource], name: str) -> Statement:
    table = table_of(model)
    return _by_ids(model, (table.c.id, table.c[name]))


@lru_cache(8)
def _by_ids(model: type[Resource], columns: tuple[ColumnElement[Any], ...]) -> Statement:
    return Statement(select(*columns).where(Among(table_of(model).c.id, "ids")), "ids")
