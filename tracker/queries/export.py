"""Whole resources for exports: each root with all in it, as it was at one moment, block by block.

Nothing is held longer than a block: ids come by keyset, and the resources of a block are read in one short
snapshot, so that an export neither holds up writers nor grows with the register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select

from tracker.database.engine import Database
from tracker.database.statements import Fetch, Statement
from tracker.models import Agreement, Clause, FollowUp, HistoryEntry, Quote, Resource, table_of
from tracker.queries.representation import representation

BLOCK = 100
"""How many roots are read at a time."""

Values = dict[str, Any]


def id_blocks(database: Database, model: type[Resource]) -> Iterator[list[str]]:
    """Return the ids of all resources of one kind in order, a block at a time."""
    last = ""
    while ids := [row[0] for row in database.rows(_next_ids(model), last, BLOCK)]:
        yield ids
        last = ids[-1]


def read_roots(database: Database, model: type[Resource], ids: Sequence[str]) -> dict[str, Values]:
    """Return resources by id with all in them, each as it was at one moment; what is not there is left out.

    An agreement holds ``clauses`` (each with ``follow_ups``, in the order in which they count) and ``quotes``.
    """
    with database.snapshot() as fetch:
        return read_roots_in(fetch, model, ids)


def read_roots_in(fetch: Fetch, model: type[Resource], ids: Sequence[str]) -> dict[str, Values]:
    """Return resources by id with all in them, as ``fetch`` sees them; it has to see one moment."""
    result: dict[str, Values] = {}
    for first in range(0, len(ids), BLOCK):
        block = list(ids[first : first + BLOCK])
        padded = block + block[-1:] * (BLOCK - len(block))
        resources = {values["id"]: values for values in _read(fetch, model, padded)}
        if model is Agreement:
            _add_parts(fetch, resources, padded)
        result |= resources
    return result


def changes_of(fetch: Fetch, agreement: str) -> int:
    """Return how many changes the history of an agreement holds, those of all in it included."""
    return int(fetch(_CHANGES_OF, agreement)[0][0])


def last_change(database: Database) -> str:
    """Return the digest of the latest change of all; it changes whenever an export may."""
    rows = database.rows(_LAST_CHANGE)
    return str(rows[0][0]) if rows else "empty"


def _add_parts(fetch: Fetch, agreements: dict[str, Values], ids: Sequence[str]) -> None:
    for values in agreements.values():
        values |= {"clauses": [], "quotes": []}
    clauses: dict[str, Values] = {}
    for clause in _read(fetch, Clause, ids):
        clauses[clause["id"]] = clause | {"follow_ups": []}
        agreements[clause["agreement"]]["clauses"].append(clauses[clause["id"]])
    for follow_up in _read(fetch, FollowUp, ids):
        clauses[follow_up["clause"]]["follow_ups"].append(follow_up)
    for quote in _read(fetch, Quote, ids):
        agreements[quote["agreement"]]["quotes"].append(quote)


def _read(fetch: Fetch, model: type[Resource], ids: Sequence[str]) -> Iterator[Values]:
    shape = representation(model)
    return map(shape.values, fetch(_of_roots(model), *ids))


@cache
def _of_roots(model: type[Resource]) -> Statement:
    """Return the statement that reads the resources of one kind in a block of roots, in the order of the export."""
    query = select(*representation(model).columns)
    table = table_of(model)
    names = [f"root{place}" for place in range(BLOCK)]
    root: Any = table.c.id
    if model in (Clause, Quote):
        root = table.c.agreement
        query = query.order_by(table.c.number)
    elif model is FollowUp:
        clause = table_of(Clause)
        root = clause.c.agreement
        counts = (table.c.effective_on_latest, table.c.checked_on, table.c.recorded_at, table.c.id)
        query = query.join(clause, clause.c.id == table.c.clause).order_by(*counts)
    return Statement(query.where(root.in_([bindparam(name) for name in names])), *names)


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
