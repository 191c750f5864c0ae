"""Roll-ups by status, agreement, party and series, as of any day, and points over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, exists, literal_column, or_, select

from tracker import codes, dates
from tracker.database.engine import Database
from tracker.database.statements import Among, Fetch, Row, Statement
from tracker.errors import Fault, Malformed
from tracker.kinds import is_id
from tracker.models import Agreement, AgreementParty, Clause, Initiative, Party, table_of
from tracker.queries.computed import AS_OF_PARAMETERS, AsOf, as_of_day, existed
from tracker.queries.filters import FILTERS, Chosen, Filter, Filtered, Shape, filtered
from tracker.queries.lists import (
    DEFAULT_LIMIT,
    chosen,
    decode_cursor,
    encode_cursor,
    fingerprint_of,
    limit_of,
    repeatable,
)
from tracker.queries.read_options import day_of, known_parameters, one_of
from tracker.queries.rollup import Counts, SummaryRow, counted, counting, summary_row

BY = ("status", "agreement", "party", "series")
EVERY = {"month": 1, "quarter": 3, "year": 12}
"""The steps between points over time, in months."""
MOST_POINTS = 120
POINTS = 12
"""How many points there are without `from`."""
FILTERED: dict[str, Filter] = {
    name: (FILTERS[Clause] if name in FILTERS[Clause] else FILTERS[Agreement])[name]
    for name in ("agreement", "party", "initiative", "series", "department")
}
"""The filters that roll-ups take, as conditions on clauses."""
PARAMETERS = {
    "by": "what a row is for: status (the default), agreement, party or series",
    "as_of": "the day as of which clauses are counted; by default today",
    "every": "month, quarter or year: one row for the end of each, for charts",
    "from": "with `every`: the first day of points",
    "to": "with `every`: the day of the last point; by default today",
    "limit": "at most so many rows, 1 to 200",
    "cursor": "where the page before ended",
}


@dataclass(frozen=True, slots=True)
class SummaryQuery(Filtered):
    """What a roll-up is asked for."""

    by: str
    filters: Chosen
    as_of: str | None = None
    every: str | None = None
    first: str | None = None
    limit: int = DEFAULT_LIMIT
    after: str = ""

    @property
    def fingerprint(self) -> str:
        """What a cursor is bound to."""
        return fingerprint_of("summary", self.by, self.filters, self.as_of)


@dataclass(frozen=True, slots=True)
class Summary:
    """Rows of a roll-up, everything together, and the cursor of the next page."""

    rows: list[SummaryRow]
    grand_total: SummaryRow
    as_of: str
    next: str | None = None

    def body(self, link: str | None) -> dict[str, object]:
        """Return what a client reads."""
        return {
            "as_of": self.as_of,
            "data": self.rows,
            "grand_total": self.grand_total,
            "links": {"next": link},
        }


def summary_query(parameters: Sequence[tuple[str, str]]) -> SummaryQuery:
    """Read a query string; raises Malformed with a fault for every parameter that is wrong."""
    faults: list[Fault] = []
    given = known_parameters(parameters, (*PARAMETERS, *FILTERED), faults, repeatable=repeatable(FILTERED))
    filters = chosen(FILTERED, parameters, faults)
    by = one_of("by", given.get("by"), BY, faults) or "status"
    every = one_of("every", given.get("every"), tuple(EVERY), faults)
    as_of = day_of("as_of", given.get("as_of"), faults)
    first, last = day_of("from", given.get("from"), faults), day_of("to", given.get("to"), faults)
    if every is None:
        faults += [
            Fault("needs_every", f"`{name}` goes with `every`", "say `every=month`", parameter=name)
            for name in ("from", "to")
            if name in given
        ]
    elif by != "status":
        detail = "points over time are of everything that the filters let through"
        hint = f"leave `by` out and name the {by} with `{by}`"
        faults.append(Fault("by_with_every", detail, hint, parameter="by"))
    if first is not None and last is not None and first > last:
        faults.append(Fault("bad_range", "`from` is after `to`", None, parameter="from"))
    limit = limit_of(given.get("limit"), faults)
    query = SummaryQuery(by, tuple(sorted(filters.items())), last or as_of, every, first, limit)
    if "cursor" in given and not faults:
        # A page further on is never of points over time.
        query = replace(query, every=None, first=None, after=_after(query, given["cursor"], faults))
    if faults:
        raise Malformed(faults)
    return query


def summarised(database: Database, query: SummaryQuery) -> Summary:
    """Read a roll-up; raises Malformed where points over time are too many."""
    as_of = as_of_day(dates.today(database.time_zone), database.time_zone, query.as_of)
    with database.snapshot() as fetch:
        if query.every is not None:
            return _points(fetch, query, as_of, database.time_zone)
        total, by_status = _total(fetch, query, as_of)
        if query.by == "status":
            return Summary(by_status, total, as_of.day)
        keys = fetch(
            _keys(query.by, query.shape, explicit=as_of.explicit),
            *as_of.values, *query.values, query.after, query.limit + 1,
        )  # fmt: skip
        page = keys[: query.limit]
        rows = _rows(fetch, query, as_of, page)
    cursor = encode_cursor(query.fingerprint, page[-1][:1]) if len(keys) > len(page) else None
    return Summary(rows, total, as_of.day, cursor)


def _total(fetch: Fetch, query: SummaryQuery, as_of: AsOf) -> tuple[SummaryRow, list[SummaryRow]]:
    """Return everything together, each clause once, and a row for each status that there is."""
    statement = _counts(None, query.shape, historical=as_of.is_historical, explicit=as_of.explicit)
    total, by_status = Counts(), {}
    for row in fetch(statement, *as_of.values, *query.values):
        alone = Counts()
        alone.add(*row)
        total.add(*row)
        by_status[row[0]] = alone
    rows = [
        summary_row(code, codes.CURRENT_STATUS.label(code), by_status[code])
        for code in codes.STATUSES
        if code in by_status
    ]
    return summary_row(None, None, total), rows


def _rows(fetch: Fetch, query: SummaryQuery, as_of: AsOf, keys: Sequence[Row]) -> list[SummaryRow]:
    if not keys:
        return []
    statement = _counts(query.by, query.shape, historical=as_of.is_historical, explicit=as_of.explicit)
    counts = counted(fetch(statement, *as_of.values, *query.values, [key for key, _ in keys]))
    return [summary_row(key, label, counts.get(key, Counts())) for key, label in keys]


def _points(fetch: Fetch, query: SummaryQuery, as_of: AsOf, time_zone: str) -> Summary:
    """Return a row for the end of each month, quarter or year, each as of its own day."""
    rows: list[SummaryRow] = []
    total = summary_row(None, None, Counts())
    today = dates.today(time_zone)
    for day in _days(query, as_of.day):
        total, _ = _total(fetch, query, as_of_day(today, time_zone, day))
        rows.append({**total, "key": day, "label": day[: 4 if query.every == "year" else 7]})
    return Summary(rows, total, as_of.day)


def _days(query: SummaryQuery, last: str) -> list[str]:
    """Return the last days of the periods up to a day, which ends the last of them early."""
    step = EVERY[query.every or "month"]
    year, month = int(last[:4]), int(last[5:7])
    ending = (year * 12 + month - 1) // step * step + step - 1  # the month in which the last period ends
    days: list[str] = []
    while len(days) <= MOST_POINTS and ending >= 12:
        day = min(_end_of(ending), last)
        if day < query.first if query.first is not None else len(days) == POINTS:
            return days[::-1]
        days.append(day)
        ending -= step
    if len(days) <= MOST_POINTS:
        return days[::-1]
    detail = f"that is more than {MOST_POINTS} points"
    raise Malformed([Fault("too_many", detail, "a later `from`, or a longer step", parameter="every")])


def _end_of(month: int) -> str:
    return dates.parse(f"{month // 12:04}-{month % 12 + 1:02}").latest or ""


_KEYS: dict[str, ColumnElement[Any]] = {
    "agreement": table_of(Clause).c.agreement,
    "party": table_of(AgreementParty).c.party,
    "series": table_of(Agreement).c.series,
}
"""By what clauses are grouped."""


@lru_cache(32)
def _counts(by: str | None, shape: Shape, *, historical: bool, explicit: bool) -> Statement:
    """Return the statement of counts: of everything, or for some keys of a kind."""
    clause, signed = table_of(Clause), table_of(AgreementParty)
    key = None if by is None else _KEYS[by]
    query = counting(key, historical=historical)
    if by == "party":
        query = query.join(signed, and_(signed.c.agreement == clause.c.agreement, signed.c.role == "party"))
    query, parameters = filtered(query, shape, lambda name, values: FILTERED[name].condition(values))
    query = query.where(*existed(Clause, explicit=explicit))
    if key is not None:
        query = query.where(Among(key, "keys"))
        parameters.append("keys")
    return Statement(query, *AS_OF_PARAMETERS, *parameters)


@lru_cache(32)
def _keys(by: str, shape: Shape, *, explicit: bool) -> Statement:
    """Return the statement of a page of keys with their labels: what agreements that fit lead to."""
    agreement, signed = table_of(Agreement), table_of(AgreementParty)
    fit, parameters = filtered(select(agreement.c.id), shape, _fits)
    fit = fit.where(*existed(Agreement, explicit=explicit))
    if by == "agreement":
        key, query = agreement.c.id, fit.add_columns(agreement.c.title)
    else:
        keyed = table_of(Party if by == "party" else Initiative).c
        if by == "party":
            of_fitting = select(signed.c.party).where(signed.c.role == "party", signed.c.agreement.in_(fit))
        else:
            of_fitting = fit.with_only_columns(agreement.c.series).where(agreement.c.series.is_not(None))
        key, query = keyed.id, select(keyed.id, keyed.name).where(keyed.id.in_(of_fitting))
    limit = bindparam("limit", type_=Integer) + literal_column("0", Integer)
    query = query.where(key > bindparam("after")).order_by(key).limit(limit)
    return Statement(query, *AS_OF_PARAMETERS, *parameters, "after", "limit")


def _fits(name: str, values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Return whether an agreement fits a filter; by department also where one of its clauses does."""
    agreement, clause = table_of(Agreement), table_of(Clause)
    if name == "agreement":
        return agreement.c.id.in_(values)
    condition = FILTERS[Agreement][name].condition(values)
    if name == "department":
        of_clause = exists().where(clause.c.agreement == agreement.c.id, clause.c.department.in_(values))
        return or_(condition, of_clause.correlate(agreement))
    return condition


def _after(query: SummaryQuery, cursor: str, faults: list[Fault]) -> str:
    """Read the key after which a page begins, adding a fault where the cursor is not of this roll-up."""
    match decode_cursor(cursor):
        case [query.fingerprint, str(key)] if is_id("party", key):
            return key
    detail, hint = (
        "`cursor` is malformed, or belongs to another roll-up",
        "take `links.next` of the page before, as it is",
    )
    faults.append(Fault("bad_cursor", detail, hint, parameter="cursor"))
    return ""
