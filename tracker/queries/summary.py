"""Roll-ups by status, agreement, party and series, as of any day, and points over time."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, literal_column, or_, select

from tracker import codes, dates
from tracker.database.engine import Database
from tracker.database.statements import Among, Row, Statement
from tracker.errors import Fault, Malformed
from tracker.models import Agreement, AgreementParty, Clause, Initiative, Party, table_of
from tracker.queries.computed import AS_OF_PARAMETERS, AsOf, as_of_day, known_by
from tracker.queries.filters import FILTERS, Chosen, Filtered
from tracker.queries.history import Fetch
from tracker.queries.lists import DEFAULT_LIMIT, fingerprint_of, limit_of, values_of
from tracker.queries.read_options import day_of, given_once, one_of
from tracker.queries.rollup import Counts, counted, counting, summary
from tracker.validation import is_id

BY = codes.read_codelist(
    "by",
    """
    status | Status | 상태
    agreement | Agreement | 협약
    party | Party | 당사자
    series | Series | 시리즈
    """,
)
EVERY = {"month": 1, "quarter": 3, "year": 12}
"""The steps between points over time, in months."""
MOST_POINTS = 120
POINTS = 12
"""How many points there are where nobody says from when."""
FILTERED = ("agreement", "party", "initiative", "series", "department")
"""The filters that roll-ups take; each means what it means for agreements, `department` what it means for clauses."""
PARAMETERS = {
    "by": "what a row is for: status (the default), agreement, party or series",
    "as_of": "the day as of which it is asked, today unless said",
    "every": "month, quarter or year: one row for the end of each, for charts",
    "from": "with `every`: the first day of which a point is wanted",
    "to": "with `every`: the day of the last point, today unless said",
    "limit": "at most so many rows, 1 to 200",
    "cursor": "where the page before ended",
}


@dataclass(frozen=True, slots=True)
class Wanted(Filtered):
    """What a roll-up was asked for."""

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

    rows: list[dict[str, Any]]
    grand_total: dict[str, Any]
    as_of: str
    next: str | None = None

    def body(self, link: str | None) -> dict[str, Any]:
        """Give what a client reads."""
        return {
            "as_of": self.as_of,
            "data": self.rows,
            "grand_total": self.grand_total,
            "links": {"next": link},
        }


def wanted(parameters: Sequence[tuple[str, str]]) -> Wanted:
    """Read a query string; raises Malformed with a fault for every parameter that is wrong."""
    faults: list[Fault] = []
    given = given_once(parameters, (*PARAMETERS, *FILTERED), faults)
    filters = {
        name: values_of(name, _filter(name), given[name], faults) for name in FILTERED if name in given
    }
    by = one_of("by", given.get("by"), tuple(BY), faults) or "status"
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
    found = Wanted(by, tuple(sorted(filters.items())), last or as_of, every, first, limit)
    if "cursor" in given and not faults:
        found = Wanted(
            found.by, found.filters, found.as_of, limit=limit, after=_after(found, given["cursor"], faults)
        )
    if faults:
        raise Malformed(faults)
    return found


def rolled_up(database: Database, asked: Wanted) -> Summary:
    """Read a roll-up; raises Malformed where points over time are too many."""
    as_of = _as_of(database, asked.as_of)
    if asked.every is not None:
        return _points(database, asked, as_of)
    with database.snapshot() as fetch:
        total, by_status = _total(fetch, asked, as_of)
        if asked.by == "status":
            return Summary(by_status, total, as_of.day)
        keys = fetch(
            _keys(asked.by, asked.shape, explicit=as_of.explicit),
            *as_of.values, *asked.values, asked.after, asked.limit + 1,
        )  # fmt: skip
        more = len(keys) > asked.limit
        keys = keys[: asked.limit]
        rows = _rows(fetch, asked, as_of, keys)
    return Summary(rows, total, as_of.day, _cursor(asked, keys[-1][0]) if more else None)


def _as_of(database: Database, as_of: str | None) -> AsOf:
    return as_of_day(dates.today(database.time_zone), database.time_zone, as_of)


def _total(fetch: Fetch, asked: Wanted, as_of: AsOf) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Give everything together, each clause once, and a row for each status that there is."""
    statement = _counts(None, asked.shape, historical=as_of.is_historical, explicit=as_of.explicit)
    total, rows = Counts(), []
    for row in fetch(statement, *as_of.values, *asked.values):
        total.add(*row)
        alone = Counts()
        alone.add(*row)
        rows.append(summary(row[0], codes.STATUSES[row[0]].label.en, alone))
    order = list(codes.STATUSES)
    return summary(None, None, total), sorted(rows, key=lambda row: order.index(row["key"]))


def _rows(fetch: Fetch, asked: Wanted, as_of: AsOf, keys: Sequence[Row]) -> list[dict[str, Any]]:
    if not keys:
        return []
    statement = _counts(asked.by, asked.shape, historical=as_of.is_historical, explicit=as_of.explicit)
    counts = counted(fetch(statement, *as_of.values, *asked.values, [key for key, _ in keys]))
    return [summary(key, label, counts.get(key, Counts())) for key, label in keys]


def _points(database: Database, asked: Wanted, as_of: AsOf) -> Summary:
    """Give a row for the end of each month, quarter or year, each as of its own day."""
    rows = []
    total: dict[str, Any] = {}
    with database.snapshot() as fetch:
        for day in _days(asked, as_of.day):
            total, _ = _total(fetch, asked, _as_of(database, day))
            rows.append(total | {"key": day, "label": day[: 4 if asked.every == "year" else 7]})
    return Summary(rows, total, as_of.day)


def _days(asked: Wanted, last: str) -> list[str]:
    """Give the last days of the periods up to a day, which ends the last of them early."""
    step = EVERY[asked.every or "month"]
    year, month = int(last[:4]), int(last[5:7])
    ending = (year * 12 + month - 1) // step * step + step - 1  # the month in which the last period ends
    found: list[str] = []
    while len(found) <= MOST_POINTS and ending >= 12:
        day = min(_end_of(ending), last)
        if day < asked.first if asked.first is not None else len(found) == POINTS:
            return found[::-1]
        found.append(day)
        ending -= step
    if len(found) <= MOST_POINTS:
        return found[::-1]
    detail = f"that is more than {MOST_POINTS} points"
    raise Malformed([Fault("too_many", detail, "a later `from`, or a longer step", parameter="every")])


def _end_of(month: int) -> str:
    return dates.parse(f"{month // 12:04}-{month % 12 + 1:02}").latest or ""


@lru_cache(256)
def _counts(
    by: str | None, shape: tuple[tuple[str, int], ...], *, historical: bool, explicit: bool
) -> Statement:
    """Give the statement of counts: of everything, or for some keys of a kind."""
    clause = table_of(Clause)
    signed = table_of(AgreementParty)
    key: ColumnElement[Any] | None = None
    if by == "agreement":
        key = clause.c.agreement
    elif by == "party":
        key = signed.c.party
    elif by == "series":
        key = table_of(Agreement).c.series
    query = counting(key, historical=historical)
    if by == "party":
        query = query.join(signed, and_(signed.c.agreement == clause.c.agreement, signed.c.role == "party"))
    parameters: list[str] = []
    for name, count in shape:
        names = [f"{name}_{place}" for place in range(count)]
        query = query.where(_filter(name, of_clauses=True).condition([bindparam(each) for each in names]))
        parameters += names
    there = known_by(Clause) if explicit else None
    if there is not None:
        query = query.where(there)
    if key is not None:
        query = query.where(Among(key, "keys"))
        parameters.append("keys")
    return Statement(query, *AS_OF_PARAMETERS, *parameters)


@lru_cache(256)
def _keys(by: str, shape: tuple[tuple[str, int], ...], *, explicit: bool) -> Statement:
    """Give the statement of a page of keys with their labels: what agreements that fit lead to."""
    agreement = table_of(Agreement)
    fit: Select[Any] = select(agreement.c.id)
    parameters: list[str] = []
    for name, count in shape:
        names = [f"{name}_{place}" for place in range(count)]
        fit = fit.where(_fits(name, [bindparam(each) for each in names]))
        parameters += names
    there = known_by(Agreement) if explicit else None
    if there is not None:
        fit = fit.where(there)
    if by == "agreement":
        query = fit.add_columns(agreement.c.title)
        key: ColumnElement[Any] = agreement.c.id
    elif by == "party":
        signed, party = table_of(AgreementParty), table_of(Party)
        of_fitting = select(signed.c.party).where(signed.c.role == "party", signed.c.agreement.in_(fit))
        query, key = select(party.c.id, party.c.name).where(party.c.id.in_(of_fitting)), party.c.id
    else:
        series = table_of(Initiative)
        of_series = fit.with_only_columns(agreement.c.series).where(agreement.c.series.is_not(None))
        query, key = select(series.c.id, series.c.name).where(series.c.id.in_(of_series)), series.c.id
    limit = bindparam("limit", type_=Integer) + literal_column("0", Integer)
    query = query.where(key > bindparam("after")).order_by(key).limit(limit)
    return Statement(query, *AS_OF_PARAMETERS, *parameters, "after", "limit")


def _filter(name: str, *, of_clauses: bool = False) -> Any:
    if name == "agreement":
        return FILTERS[Clause]["agreement"]
    if name == "series":
        return FILTERS[Agreement]["series"]
    return FILTERS[Clause if of_clauses else Agreement][name]


def _fits(name: str, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether an agreement fits a filter; by department also where one of its clauses does."""
    agreement, clause = table_of(Agreement), table_of(Clause)
    if name == "agreement":
        return agreement.c.id.in_(values)
    condition: ColumnElement[bool] = FILTERS[Agreement][name].condition(values)
    if name == "department":
        of_clause = exists().where(clause.c.agreement == agreement.c.id, clause.c.department.in_(values))
        return or_(condition, of_clause.correlate(agreement))
    return condition


def _cursor(asked: Wanted, key: str) -> str:
    return urlsafe_b64encode(json.dumps([asked.fingerprint, key]).encode()).decode().rstrip("=")


def _after(asked: Wanted, cursor: str, faults: list[Fault]) -> str:
    try:
        said: Any = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        said = None
    if (
        isinstance(said, list)
        and len(said) == 2
        and said[0] == asked.fingerprint
        and is_id("party", str(said[1]))
    ):
        return str(said[1])
    hint = "take `links.next` of the page before, as it is"
    faults.append(
        Fault("bad_cursor", "`cursor` is malformed, or belongs to another roll-up", hint, parameter="cursor")
    )
    return ""
