"""Where the ids of merged parties lead."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, func, select

from tracker.database.statements import Fetch, Statement
from tracker.models import MergedParty, Party, Resource


def now_of(fetch: Fetch, model: type[Resource], id: str) -> str | None:
    """Give the party that an id leads to since it was merged; None for all other ids."""
    found = fetch(_PARTY_OF, id) if model is Party else []
    return found[0][0] if found else None


def all_merged(fetch: Fetch) -> dict[str, str]:
    """Give every id of a merged party with the party that it leads to."""
    return dict(fetch(_ALL))


def standing(value: ColumnElement[str]) -> ColumnElement[str]:
    """Give the party that an id in a query leads to: itself, unless it was merged."""
    into = select(MergedParty.party).where(MergedParty.id == value).scalar_subquery()
    return func.coalesce(into, value)


_PARTY_OF = Statement(select(MergedParty.party).where(MergedParty.id == bindparam("id")), "id")
_ALL = Statement(select(MergedParty.id, MergedParty.party))
