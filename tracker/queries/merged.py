"""The parties that merged ones became part of."""

from __future__ import annotations

from sqlalchemy import ColumnElement, bindparam, func, select

from tracker.database.statements import Fetch, Statement
from tracker.models import MergedParty, Party, Resource


def now_of(fetch: Fetch, model: type[Resource], id: str) -> str | None:
    """Return the party that a merged one became part of; None for all other ids."""
    rows = fetch(_PARTY_OF, id) if model is Party else []
    return rows[0][0] if rows else None


def all_merged(fetch: Fetch) -> dict[str, str]:
    """Return every id of a merged party with the party that it became part of."""
    return dict(fetch(_ALL))


def standing(value: ColumnElement[str]) -> ColumnElement[str]:
    """Return the party of an id in a query: itself, or the one it was merged into."""
    into = select(MergedParty.party).where(MergedParty.id == value).scalar_subquery()
    return func.coalesce(into, value)


_PARTY_OF = Statement(select(MergedParty.party).where(MergedParty.id == bindparam("id")), "id")
_ALL = Statement(select(MergedParty.id, MergedParty.party))
