"""Roll-ups: what became of many clauses, in counts; a rate never travels without its coverage."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from tracker import codes
from tracker.database.statements import Row
from tracker.models import Clause, table_of
from tracker.queries.computed import LEAST_FRESH, one_of, standing

FLAGS = ("overdue", "stale", "disagreement", "awaiting_verification")
"""What is counted beside statuses: the clauses that `GET /v1/clauses` finds by the filter of that name."""

_clause = table_of(Clause)


class Rate(TypedDict):
    """A part of a whole, with both numbers."""

    numerator: int
    denominator: int


class SummaryRow(TypedDict):
    """One row of a roll-up: what became of a group of clauses."""

    key: str | None
    label: str | None
    total: int
    by_status: dict[str, int]
    assessed: int
    assessed_verified: int
    open: int
    met: int
    met_verified: int
    excluded: int
    overdue: int
    stale: int
    disagreement: int
    awaiting_verification: int
    fulfilment: Rate | None
    coverage: Rate
    headline: str
    basis: str | None


@dataclass(slots=True)
class Counts:
    """What became of a group of clauses: how many have which status."""

    by_status: dict[str, int] = field(default_factory=lambda: dict.fromkeys(codes.STATUSES, 0))
    verified: dict[str, int] = field(default_factory=lambda: dict.fromkeys(codes.STATUSES, 0))
    flags: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLAGS, 0))
    least_fresh: str | None = None

    def add(self, status: str, count: int, verified: int, *rest: Any) -> None:
        """Count the clauses of one status: all, the verified ones, each flag, and the least fresh of them."""
        self.by_status[status] += count
        self.verified[status] += verified
        for name, number in zip(FLAGS, rest, strict=False):
            self.flags[name] += number
        if len(rest) > len(FLAGS) and rest[-1] is not None:
            self.least_fresh = rest[-1] if self.least_fresh is None else min(self.least_fresh, rest[-1])

    def add_all(self, other: Counts) -> None:
        """Count another group's clauses too; no clause may be in both."""
        for status, count in other.by_status.items():
            self.by_status[status] += count
            self.verified[status] += other.verified[status]
        for name, count in other.flags.items():
            self.flags[name] += count

    def of(self, *statuses: str) -> int:
        """Return how many clauses have one of these statuses."""
        return sum(self.by_status[status] for status in statuses)

    @property
    def freshness(self) -> tuple[str | None, str | None]:
        """The freshness and the next review of the least fresh clause; None where none needs a review."""
        if self.least_fresh is None:
            return None, None
        place, review = self.least_fresh[0], self.least_fresh[1:]
        return LEAST_FRESH[int(place)], None if review == "~" else review


def summary_row(key: str | None, label: str | None, counts: Counts) -> SummaryRow:
    """Return the roll-up of a group of clauses."""
    total = sum(counts.by_status.values())
    assessed = total - counts.of(codes.NOT_ASSESSED)
    met, excluded = counts.of(*codes.MET), counts.of(*codes.EXCLUDED)
    met_verified = sum(counts.verified[status] for status in codes.MET)
    headlines = _headlines(total, counts.of)
    return {
        "key": key,
        "label": label,
        "total": total,
        "by_status": dict(counts.by_status),
        "assessed": assessed,
        "assessed_verified": sum(counts.verified.values()),
        "open": counts.of(*_OPEN),
        "met": met,
        "met_verified": met_verified,
        "excluded": excluded,
        "overdue": counts.flags["overdue"],
        "stale": counts.flags["stale"],
        "disagreement": counts.flags["disagreement"],
        "awaiting_verification": counts.flags["awaiting_verification"],
        "fulfilment": {"numerator": met, "denominator": total - excluded} if total > excluded else None,
        "coverage": {"numerator": assessed, "denominator": total},
        "headline": next((headline for holds, headline in headlines if holds), _ELSE),
        "basis": None if met == 0 else "verified" if met == met_verified else "reported",
    }


_OPEN = codes.statuses_in("open")
_ELSE = "open"


def _headlines(total: Any, of: Callable[..., Any]) -> list[tuple[Any, str]]:
    """Return what a group of clauses reads as in one word, each with its condition; the first that holds.

    ``total`` and what ``of`` returns for some statuses are numbers, or the SQL of numbers.
    """
    counted = total - of(*codes.EXCLUDED)
    return [
        (total == 0, "empty"),
        (counted == 0, "closed"),
        (of(codes.NOT_ASSESSED) == total, "not_tracked"),
        (of(*codes.MET) == counted, "fulfilled"),
        (of("not_met", "dropped") == counted, "not_fulfilled"),
        (of(*codes.MET, "partially_met") > 0, "partially_fulfilled"),
    ]


def headline_of(agreement: ColumnElement[Any], *, historical: bool) -> ColumnElement[str]:
    """Return an agreement's headline as SQL, to filter by."""
    clauses = standing(historical=historical)

    def of(*statuses: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((one_of(clauses.status, statuses), 1), else_=0)), 0)

    return (
        select(case(*_headlines(func.count(), of), else_=_ELSE))
        .select_from(clauses.alone)
        .where(in_rollup(), _clause.c.agreement == agreement)
        .correlate(agreement.table)
        .scalar_subquery()
    )


def in_rollup() -> ColumnElement[bool]:
    """Return whether a clause counts, as SQL: the rule of ``in_the_count``."""
    return _clause.c.kind != literal_column("'spoken'")


def in_the_count(kind: str) -> bool:
    """Return whether a clause of this kind counts: what was only spoken is outside the roll-up."""
    return kind != "spoken"


def counting(key: ColumnElement[Any] | None, *, historical: bool, least_fresh: bool = False) -> Select[Any]:
    """Return a query of counts by key and status: what ``counted`` reads."""
    clauses = standing(historical=historical)

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, literal_column("1")), else_=literal_column("0")))

    columns: list[ColumnElement[Any]] = [clauses.status, func.count(), func.count(clauses.verified_status)]
    columns += [how_many(getattr(clauses, name)) for name in FLAGS]
    if least_fresh:
        columns.append(func.min(clauses.least_fresh))
    keys = [] if key is None else [key]
    query = select(*keys, *columns).select_from(clauses.joined).where(in_rollup())
    return query.group_by(*keys, clauses.status)


def counted(rows: Iterable[Row]) -> dict[str, Counts]:
    """Read rows of (key, status, counts…) into the counts of each key."""
    counts: dict[str, Counts] = {}
    for key, *rest in rows:
        counts.setdefault(key, Counts()).add(*rest)
    return counts
