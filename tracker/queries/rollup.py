"""Roll-ups: what became of many clauses, in counts; a rate never travels without its coverage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, select

from tracker import codes
from tracker.database.statements import Row
from tracker.models import Clause, table_of
from tracker.queries.computed import LEAST_FRESH, one_of, standing

FLAGS = ("overdue", "stale", "disagreement", "awaiting_verification")
"""What is counted beside statuses: the clauses that `GET /v1/clauses` finds by the filter of that name."""

_clause = table_of(Clause)


@dataclass(slots=True)
class Counts:
    """What became of a group of clauses: how many stand where."""

    by_status: dict[str, int] = field(default_factory=lambda: dict.fromkeys(codes.STATUSES, 0))
    verified: dict[str, int] = field(default_factory=lambda: dict.fromkeys(codes.STATUSES, 0))
    flags: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLAGS, 0))
    least_fresh: str | None = None

    def add(self, status: str, count: int, verified: int, *rest: Any) -> None:
        """Count the clauses of one status: all, the verified ones, each flag, and the least fresh of them."""
        self.by_status[status] += count
        self.verified[status] += verified
        for name, found in zip(FLAGS, rest, strict=False):
            self.flags[name] += found
        if len(rest) > len(FLAGS) and rest[-1] is not None:
            self.least_fresh = rest[-1] if self.least_fresh is None else min(self.least_fresh, rest[-1])

    def add_all(self, other: Counts) -> None:
        """Count another group's clauses too; no clause may stand in both."""
        for status, count in other.by_status.items():
            self.by_status[status] += count
            self.verified[status] += other.verified[status]
        for name, count in other.flags.items():
            self.flags[name] += count

    def of(self, *statuses: str) -> int:
        """Give how many clauses stand at any of these."""
        return sum(self.by_status[status] for status in statuses)

    def of_group(self, group: codes.Group) -> int:
        """Give how many clauses stand in a group of statuses."""
        return self.of(*(code for code, status in codes.STATUSES.items() if status.group == group))

    @property
    def freshness(self) -> tuple[str | None, str | None]:
        """Give the freshness and the next review of the least fresh clause; None where none needs a review."""
        if self.least_fresh is None:
            return None, None
        place, review = self.least_fresh[0], self.least_fresh[1:]
        return LEAST_FRESH[int(place)], None if review == "~" else review


def summary(key: str | None, label: str | None, counts: Counts) -> dict[str, Any]:
    """Give the roll-up row of a group of clauses (design §3)."""
    total = sum(counts.by_status.values())
    assessed = total - counts.of(codes.NOT_ASSESSED)
    met, excluded = counts.of(*codes.MET), counts.of(*codes.EXCLUDED)
    met_verified = sum(counts.verified[status] for status in codes.MET)
    fulfilment = {"numerator": met, "denominator": total - excluded} if total > excluded else None
    return {
        "key": key,
        "label": label,
        "total": total,
        "by_status": dict(counts.by_status),
        "assessed": assessed,
        "assessed_verified": sum(counts.verified.values()),
        "open": counts.of_group("open"),
        "met": met,
        "met_verified": met_verified,
        "excluded": excluded,
        **counts.flags,
        "fulfilment": fulfilment,
        "coverage": {"numerator": assessed, "denominator": total},
        "headline": headline(counts),
        "basis": None if met == 0 else "verified" if met == met_verified else "reported",
    }


def headline(counts: Counts) -> str:
    """Give what a group of clauses reads as, in one word; the first that fits."""
    total = sum(counts.by_status.values())
    counted = total - counts.of(*codes.EXCLUDED)
    met, partially = counts.of(*codes.MET), counts.of("partially_met")
    if total == 0:
        return "empty"
    if counted == 0:
        return "closed"
    if counts.of(codes.NOT_ASSESSED) == total:
        return "not_tracked"
    if met == counted:
        return "fulfilled"
    if counts.of("not_met", "dropped") == counted:
        return "not_fulfilled"
    return "partially_fulfilled" if met or partially else "open"


def headline_of(agreement: ColumnElement[Any], *, historical: bool) -> ColumnElement[str]:
    """Give an agreement's headline as SQL, to filter by: the rule of ``headline``."""
    status = standing(historical=historical).status

    def of(*statuses: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((one_of(status, statuses), 1), else_=0)), 0)

    total = func.count()
    counted = total - of(*codes.EXCLUDED)
    words = case(
        (total == 0, "empty"),
        (counted == 0, "closed"),
        (of(codes.NOT_ASSESSED) == total, "not_tracked"),
        (of(*codes.MET) == counted, "fulfilled"),
        (of("not_met", "dropped") == counted, "not_fulfilled"),
        (of(*codes.MET, "partially_met") > 0, "partially_fulfilled"),
        else_="open",
    )
    query = (
        select(words)
        .select_from(standing(historical=historical).alone)
        .where(in_rollup(), _clause.c.agreement == agreement)
    )
    return query.correlate(agreement.table).scalar_subquery()


def in_rollup() -> ColumnElement[bool]:
    """Whether a clause counts, as SQL: the rule of ``in_the_count``."""
    return _clause.c.kind != literal_column("'spoken'")


def in_the_count(kind: str) -> bool:
    """Whether a clause of this kind counts: what was only spoken stands outside the roll-up."""
    return kind != "spoken"


def counting(key: ColumnElement[Any] | None, *, historical: bool, least_fresh: bool = False) -> Select[Any]:
    """Give a query of counts by key and status: what ``counted`` reads."""
    found = standing(historical=historical)

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, literal_column("1")), else_=literal_column("0")))

    verified = func.count(found.verified_status)
    columns: list[ColumnElement[Any]] = [found.status, func.count(), verified]
    columns += [how_many(getattr(found, name)) for name in FLAGS]
    if least_fresh:
        columns.append(func.min(found.least_fresh))
    keys = [] if key is None else [key]
    query = select(*keys, *columns).select_from(found.joined).where(in_rollup())
    return query.group_by(*keys, found.status)


def counted(rows: Iterable[Row]) -> dict[str, Counts]:
    """Read rows of (key, status, counts…) into the counts of each key."""
    found: dict[str, Counts] = {}
    for key, *rest in rows:
        found.setdefault(key, Counts()).add(*rest)
    return found
