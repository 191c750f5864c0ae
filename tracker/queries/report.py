"""What a report is asked for, and all that it tells, read at one moment: agreements, clauses, follow-ups, counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import FromClause, Integer, Select, bindparam, literal_column, select

from tracker import dates
from tracker.codes import read_codelist
from tracker.database.engine import Database
from tracker.database.statements import Among, Fetch, Statement
from tracker.errors import Fault, Malformed
from tracker.models import Agreement, Clause, FollowUp, Initiative, Party, Resource, table_of
from tracker.queries.computed import AS_OF_PARAMETERS, AsOf, as_of_day, existed, source_of
from tracker.queries.filters import FILTERS, Chosen, Filter, Filtered
from tracker.queries.lists import values_of
from tracker.queries.merged import now_of
from tracker.queries.read_options import day_of, given_once, one_of
from tracker.queries.representation import ATTACHED, Representation, readable, reading_of
from tracker.queries.rollup import Counts, counted, counting

LANGS = read_codelist(
    "lang",
    """
    en | English | 영어
    ko | Korean | 한국어
    """,
)
FORMATS = read_codelist(
    "format",
    """
    json | JSON | JSON
    html | HTML, to print | HTML, 인쇄용
    md | Markdown | 마크다운
    csv | CSV, the register alone | CSV, 관리대장
    xlsx | Workbook | 엑셀
    """,
)
FILTERED = ("party", "series")
PARAMETERS = {
    "party": "only agreements of these parties: they sign in any role, or someone signs for them",
    "series": "only agreements of these series",
    "from": "the first day of the period, the beginning unless said",
    "to": "the last day of the period, the day of `as_of` unless said",
    "as_of": "the day as of which it is asked: the earlier of `to` and today unless said",
    "lang": "en or ko",
    "format": "json, html, md, csv or xlsx; without it, what Accept asks for, else json",
}
MOST_AGREEMENTS = 2_000
"""A report is read by people; of more agreements there is a roll-up, and an export."""

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted(Filtered):
    """What a report was asked for; days are ISO text, ``first`` None means from the beginning."""

    filters: Chosen = ()
    first: str | None = None
    last: str | None = None
    as_of: str | None = None
    lang: str = "en"
    format: str | None = None

    def as_of_day(self, database: Database) -> AsOf:
        """Give the day as of which it is asked: said, or the earlier of the period's end and today."""
        today = dates.today(database.time_zone)
        day = self.as_of or (None if self.last is None else min(self.last, today))
        return as_of_day(today, database.time_zone, day)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report tells, as readers of each thing see it, as of its day."""

    agreements: list[Values]
    clauses: dict[str, list[Values]]
    """By agreement, in order."""
    follow_ups: dict[str, list[Values]]
    """By clause, in the order in which they count."""
    counts: dict[str, Counts]
    """By agreement."""
    parties: dict[str, Values]
    """Name and other names of every party that the rest refers to."""
    series: dict[str, str]
    titles: dict[str, str]
    """Of the agreements that others renew, amend or supersede, by id."""
    filtered: dict[str, list[str]]
    """The ids of each filter, those of merged parties led on."""


def wanted(parameters: Iterable[tuple[str, str]]) -> Wanted:
    """Read a query string; raises Malformed with a fault for every parameter that is wrong."""
    faults: list[Fault] = []
    given = given_once(parameters, tuple(PARAMETERS), faults)
    filters = {
        name: values_of(name, FILTERS[Agreement][name], given[name], faults)
        for name in FILTERED
        if name in given
    }
    first = day_of("from", given.get("from"), faults, first=True)
    last, as_of = day_of("to", given.get("to"), faults), day_of("as_of", given.get("as_of"), faults)
    if first is not None and last is not None and first > last:
        faults.append(Fault("bad_range", "`from` is after `to`", "exchange them", parameter="from"))
    lang = one_of("lang", given.get("lang"), tuple(LANGS), faults)
    format = one_of("format", given.get("format"), tuple(FORMATS), faults)
    if faults:
        raise Malformed(faults)
    return Wanted(tuple(sorted(filters.items())), first, last, as_of, lang or "en", format)


def read(fetch: Fetch, asked: Wanted, as_of: AsOf) -> Facts:
    """Read all that a report tells; ``fetch`` has to see one moment. Raises Malformed where it is too much."""
    given = [*as_of.values, *asked.values]
    shape = _shape(Agreement, historical=as_of.is_historical)
    rows = fetch(
        _things(Agreement, asked.shape, historical=as_of.is_historical, explicit=as_of.explicit), *given
    )
    if len(rows) > MOST_AGREEMENTS:
        detail = f"that is more than {MOST_AGREEMENTS:,} agreements"
        hint = "name a party or a series; `summary` and `export` take them all"
        raise Malformed([Fault("too_many", detail, hint, parameter="party")])
    agreements = [shape.values(row) for row in rows]
    clauses = _grouped(fetch, Clause, "agreement", asked, as_of)
    follow_ups = _grouped(fetch, FollowUp, "clause", asked, as_of)
    counts = counted(
        fetch(_counts(asked.shape, historical=as_of.is_historical, explicit=as_of.explicit), *given)
    )
    filtered = {name: list(values) for name, values in asked.filters}
    if "party" in filtered:
        filtered["party"] = [now_of(fetch, Party, id) or id for id in filtered["party"]]
    named = {each["party"] for values in agreements for each in values["parties"]}
    named |= {each["signed_by"] for values in agreements for each in values["parties"]}
    named |= {each["stated_by"] for found in follow_ups.values() for each in found}
    named |= set(filtered.get("party", ()))
    linked = {each["target"] for values in agreements for each in values["links"]}
    series = {values["series"] for values in agreements} | set(filtered.get("series", ()))
    return Facts(
        agreements,
        clauses,
        follow_ups,
        counts,
        {values["id"]: values for values in _named(fetch, Party, ("id", "name", "names"), named)},
        {values["id"]: values["name"] for values in _named(fetch, Initiative, ("id", "name"), series)},
        {values["id"]: values["title"] for values in _named(fetch, Agreement, ("id", "title"), linked)},
        filtered,
    )


def _shape(model: type[Resource], *, historical: bool) -> Representation:
    """Give a kind of thing as readers see it, but for what further statements attach."""
    names = tuple(name for name in readable(model) if name not in ATTACHED.get(model, ()))
    return reading_of(model, names, historical=historical)


def _grouped(
    fetch: Fetch, model: type[Resource], owner: str, asked: Wanted, as_of: AsOf
) -> dict[str, list[Values]]:
    shape = _shape(model, historical=as_of.is_historical)
    statement = _things(model, asked.shape, historical=as_of.is_historical, explicit=as_of.explicit)
    found: dict[str, list[Values]] = {}
    for row in fetch(statement, *as_of.values, *asked.values):
        values = shape.values(row)
        found.setdefault(values[owner], []).append(values)
    return found


@lru_cache(128)
def _things(
    model: type[Resource], shape: tuple[tuple[str, int], ...], *, historical: bool, explicit: bool
) -> Statement:
    """Give the statement that reads the things of one kind in the agreements that the filters let through."""
    agreement, clause, follow_up = (table_of(each) for each in (Agreement, Clause, FollowUp))
    source: FromClause = source_of(model, historical=historical)
    if model is FollowUp:
        source = follow_up.join(clause, clause.c.id == follow_up.c.clause)
        source = source.join(agreement, agreement.c.id == clause.c.agreement)
    query = select(*_shape(model, historical=historical).columns).select_from(source)
    query, parameters = _fitting(query, shape, Agreement if model is Agreement else Clause)
    query = query.where(*existed(model, explicit=explicit))
    if model is Agreement:
        signed = agreement.c.signed_on_latest
        query = query.order_by(signed.is_(None), signed, agreement.c.id)
        query = query.limit(literal_column(str(MOST_AGREEMENTS + 1), Integer))
    elif model is Clause:
        query = query.order_by(clause.c.agreement, clause.c.number)
    else:
        order = follow_up.c
        query = query.order_by(order.effective_on_latest, order.checked_on, order.recorded_at, order.id)
    return Statement(query, *AS_OF_PARAMETERS, *parameters)


@lru_cache(128)
def _counts(shape: tuple[tuple[str, int], ...], *, historical: bool, explicit: bool) -> Statement:
    query = counting(table_of(Clause).c.agreement, historical=historical, least_fresh=True)
    query, parameters = _fitting(query, shape, Clause)
    return Statement(query.where(*existed(Clause, explicit=explicit)), *AS_OF_PARAMETERS, *parameters)


def _fitting(
    query: Select[Any], shape: tuple[tuple[str, int], ...], model: type[Resource]
) -> tuple[Select[Any], list[str]]:
    """Let a query of agreements, or of what stands in clauses, give only what the filters let through."""
    parameters: list[str] = []
    for name, count in shape:
        names = [f"{name}_{place}" for place in range(count)]
        by: Filter = FILTERS[model if name == "party" else Agreement][name]
        query = query.where(by.condition([bindparam(each) for each in names]))
        parameters += names
    return query, parameters


def _named(
    fetch: Fetch, model: type[Resource], names: tuple[str, ...], ids: Iterable[str | None]
) -> list[Values]:
    known = [id for id in ids if id is not None]
    return [*map(reading_of(model, names, historical=False).values, fetch(_by_ids(model, names), known))]


@lru_cache(8)
def _by_ids(model: type[Resource], names: tuple[str, ...]) -> Statement:
    query = select(*reading_of(model, names, historical=False).columns)
    return Statement(query.where(Among(table_of(model).c.id, "ids")), "ids")
