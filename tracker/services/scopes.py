"""What a token with a scope may write: follow-ups of its track, its party, its department, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from tracker.database.changes import Change, Record, Scope
from tracker.database.statements import Statement
from tracker.errors import Refused
from tracker.models import Clause, FollowUp
from tracker.queries.filters import FILTERS

_WIDER = "ask for a token without that limit"


def refuse_other_follow_ups(change: Change, clause: str, *sides: Mapping[str, Any] | None) -> None:
    """Raise Refused unless a change may write follow-ups of this clause that say this.

    ``sides`` are the follow-up as it was and as it will be; what a side does not say yet is not looked at.
    """
    scope = change.scope
    if scope is None:
        return
    for values in filter(None, sides):
        if scope.track is not None and values.get("track", scope.track) != scope.track:
            raise Refused(f"this token may write the {scope.track} track only", hint=_WIDER)
        if scope.party is not None and values.get("stated_by") != scope.party:
            raise Refused(
                f"this token may record only what {scope.party} says", hint=f"give `stated_by`: {scope.party}"
            )
    if scope.party is not None and not change.rows(_OF_PARTY, clause, scope.party, change.today):
        raise Refused(f"this token may write for the agreements of {scope.party} only", hint=_WIDER)
    if scope.department is not None and not change.rows(_OF_DEPARTMENT, clause, scope.department):
        raise Refused(f"this token may write for the clauses of {scope.department} only", hint=_WIDER)


def refuse_all_but_follow_ups(scope: Scope | None) -> None:
    """Raise Refused where there is a scope: what is to be written is no follow-up."""
    if scope is not None:
        raise Refused("this token may record follow-ups and nothing else", hint=_WIDER)


def refuse_other_records(change: Change, record: Record) -> None:
    """Raise Refused for anything that a change with a scope did beside the follow-ups that it may write.

    Everything that is written passes here on its way into history, whatever wrote it.
    """
    if change.scope is None:
        return
    sides = [side for side in (record.before, record.after) if side]
    if not sides or any(kind != FollowUp.__tablename__ for side in sides for kind in side):
        refuse_all_but_follow_ups(change.scope)
    for side in sides:
        for values in side[FollowUp.__tablename__].values():
            refuse_other_follow_ups(change, str(values["clause"]), values)


def _within(name: str, *more: str) -> Statement:
    """Return the statement that finds a clause where a filter of clauses lets it through."""
    condition = FILTERS[Clause][name].condition([bindparam(name)])
    query = select(Clause.id).where(Clause.id == bindparam("clause"), condition)
    return Statement(query, "clause", name, *more)


_OF_PARTY = _within("party", "today")
_OF_DEPARTMENT = _within("department")
