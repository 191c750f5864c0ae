"""Whole resources for exports: each root with all in it, as it was at one moment, block by block.

Nothing is held longer than a block: ids come by keyset, and the resources of a block are read in one short
snapshot, so that an export neither holds up writers nor grows with the register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import cast

from sqlalchemy import bindparam, func, select

from tracker.database.engine import Database
from tracker.database.statements import Among, Fetch, Statement
from tracker.kinds import KINDS
from tracker.models import Agreement, Clause, FollowUp, HistoryEntry, Quote, Resource, table_of
from tracker.models.values import AgreementValues, ClauseValues, FollowUpValues, QuoteValues, V
from tracker.queries.computed import follow_up_order
from tracker.queries.representation import representation, values_of

BLOCK = 100
"""How many roots are read at a time."""


class ExportedClause(ClauseValues, total=False):
    """A clause with its follow-ups."""

    follow_ups: list[FollowUpValues]


class ExportedAgreement(AgreementValues, total=False):
    """An agreement with all in it."""

    clauses: list[ExportedClause]
    quotes: list[QuoteValues]


def id_blocks(database: Database, model: type[Resource]) -> Iterator[list[str]]:
    """Yield the ids of all resources of one kind in order, a block at a time."""
    last = ""
    while ids := [row[0] for row in database.rows(_next_ids(model), last, BLOCK)]:
        yield ids
        last = ids[-1]


def read_roots(database: Database, model: type[Resource[V]], ids: Sequence[str]) -> dict[str, V]:
    """Return resources by id with all in them, each as it was at one moment; what is not there is left out.

    An agreement is an ``ExportedAgreement``; follow-ups stand in the order in which they count.
    """
    with database.snapshot() as fetch:
        return read_roots_in(fetch, model, ids)


def read_roots_in(fetch: Fetch, model: type[Resource[V]], ids: Sequence[str]) -> dict[str, V]:
    """Return resources by id with all in them, as ``fetch`` sees them; it has to see one moment."""
    roots = {values["id"]: values for values in _read(fetch, model, ids)}
    if model is Agreement:
        _add_parts(fetch, cast("dict[str, ExportedAgreement]", roots), ids)
    return roots


def changes_of(fetch: Fetch, agreement: str) -> int:
    """Return how many changes the history of an agreement holds, those of all in it included."""
    return int(fetch(_CHANGES_OF, agreement)[0][0])


def last_change(database: Database) -> str:
    """Return the digest of the latest change of all; it changes whenever an export may."""
    rows = database.rows(_LAST_CHANGE)
    return str(rows[0][0]) if rows else "empty"


def _add_parts(fetch: Fetch, agreements: dict[str, ExportedAgreement], ids: Sequence[str]) -> None:
    for agreement in agreements.values():
        agreement["clauses"], agreement["quotes"] = [], []
    clauses: dict[str, ExportedClause] = {
        values["id"]: {**values, "follow_ups": []} for values in _read(fetch, Clause, ids)
    }
    for follow_up in _read(fetch, FollowUp, list(clauses)):
        clauses[follow_up["clause"]]["follow_ups"].append(follow_up)
    for clause in clauses.values():
        agreements[clause["agreement"]]["clauses"].append(clause)
    for quote in _read(fetch, Quote, ids):
        agreements[quote["agreement"]]["quotes"].append(quote)


def _read(fetch: Fetch, model: type[Resource[V]], ids: Sequence[str]) -> Iterator[V]:
    return values_of(model, fetch(_inside(model), ids))


@cache
def _inside(model: type[Resource]) -> Statement:
    """Return the statement that reads roots by their ids, or what stands in other resources, by the ids of these."""
    table, parent = table_of(model), KINDS[model.__tablename__].parent
    query = select(*representation(model).columns).where(Among(table.c[parent or "id"], "ids"))
    if model is FollowUp:
        query = query.order_by(*follow_up_order(table))
    elif parent is not None:
        query = query.order_by(table.c.number)
    return Statement(query, "ids")


@cache
def _next_ids(model: type[Resource]) -> Statement:
    id = table_of(model).c.id
    query = select(id).where(id > bindparam("after")).order_by(id).limit(bindparam("limit"))
    return Statement(query, "after", "limit")


_CHANGES_OF = Statement(
    select(func.coalesce(func.max(HistoryEntry.sequence), 0)).where(
        HistoryEntry.root_kind == "agreement", HistoryEntry.root == bindparam("agreement")
    ),
    "agreement",
)
_LAST_CHANGE = Statement(select(HistoryEntry.digest).order_by(HistoryEntry.position.desc()).limit(1))
