"""What is dated before its agreement was signed: nobody keeps a promise that is not made yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select

from tracker import dates
from tracker.database.statements import Among, Fetch, Statement
from tracker.models import Agreement, Clause, FollowUp, table_of

_AT_ONCE = 1_000


def is_early(effective_on: str, signed_on: str) -> bool:
    """Return whether a partial date ends before another begins."""
    if effective_on >= signed_on[: len(effective_on)] and "X" not in effective_on:
        return False  # the usual case, without looking closer
    latest, earliest = dates.parse(effective_on).latest, dates.parse(signed_on).earliest
    return latest is not None and earliest is not None and latest < earliest


def early_follow_up(clause: str, status: str, effective_on: str, signed_on: str) -> str:
    """Return the sentence on a follow-up that is effective before the signing."""
    return f"clause {clause}: `{status}` as of {effective_on} is before the signing on {signed_on}"


def early_in(fetch: Fetch, agreements: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each follow-up and each `met_on` before the signing of these agreements."""
    for row in fetch(_EARLY_FOLLOW_UPS_IN, list(agreements)):
        yield early_follow_up(*row[1:])
    for _, clause, met_on, signed_on in fetch(_EARLY_MET_IN, list(agreements)):
        yield _early_met(clause, met_on, signed_on)


def early_problems(fetch: Fetch) -> Iterator[str]:
    """Yield a sentence for each follow-up and each `met_on` before the signing of its agreement."""
    last = ""
    while rows := fetch(_EARLY_FOLLOW_UPS, last, _AT_ONCE):
        last = rows[-1][0]
        yield from (early_follow_up(*row[1:]) for row in rows)
    last = ""
    while rows := fetch(_EARLY_MET, last, _AT_ONCE):
        last = rows[-1][0]
        yield from (_early_met(*row[1:]) for row in rows)


def _early_met(clause: str, met_on: str, signed_on: str) -> str:
    return f"clause {clause}: met on {met_on}, before the signing on {signed_on}"


_agreement, _follow_up = table_of(Agreement).c, table_of(FollowUp).c


def _follow_ups() -> Select[*tuple[Any, ...]]:
    return (
        select(FollowUp.id, FollowUp.clause, FollowUp.status, FollowUp.effective_on, Agreement.signed_on)
        .join(Clause, Clause.id == FollowUp.clause)
        .join(Agreement, Agreement.id == Clause.agreement)
        .where(_follow_up.effective_on_latest < _agreement.signed_on_earliest)
        .order_by(FollowUp.id)
    )


def _met() -> Select[*tuple[Any, ...]]:
    return (
        select(Clause.id, Clause.id, Clause.met_on, Agreement.signed_on)
        .join(Agreement, Agreement.id == Clause.agreement)
        .where(Clause.met_on < _agreement.signed_on_earliest)
        .order_by(Clause.id)
    )


_EARLY_FOLLOW_UPS = Statement(
    _follow_ups().where(FollowUp.id > bindparam("after")).limit(bindparam("limit")), "after", "limit"
)
_EARLY_FOLLOW_UPS_IN = Statement(
    _follow_ups().where(Among(table_of(Clause).c.agreement, "agreements")), "agreements"
)
_EARLY_MET = Statement(
    _met().where(Clause.id > bindparam("after")).limit(bindparam("limit")), "after", "limit"
)
_EARLY_MET_IN = Statement(_met().where(Among(table_of(Clause).c.agreement, "agreements")), "agreements")
