"""What belongs to resources without standing in their rows: roll-ups of agreements, clauses, quotes, follow-ups.

One further statement for each kind of member, however many resources a page holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from sqlalchemy import select

from tracker.database.statements import Among, Fetch, Row, Statement
from tracker.models import Agreement, Clause, FollowUp, Quote, Resource, table_of
from tracker.queries.computed import AS_OF_PARAMETERS, TODAY, AsOf, existed, follow_up_order, source_of
from tracker.queries.representation import ROLLED_UP, encoder, reading
from tracker.queries.rollup import Counts, counted, counting, summary_row

INCLUDES: dict[type[Resource], dict[str, str]] = {
    Agreement: {
        "clauses": "its clauses, in order",
        "follow_ups": "what became of them, inside the clauses, which come along",
        "quotes": "what was said about it",
        "summary": "its roll-up, which is there unless `fields` leaves it out",
    },
    Clause: {
        "follow_ups": "what became of it, in the order in which follow-ups count",
        "quotes": "the quotes that speak to it",
        "reports": "the latest report of each party",
    },
}
"""What `include` takes for each kind of resource, and what it brings."""

Members = dict[str, list[tuple[str, bytes]]]
"""By id: the names and the JSON of members, in order."""


def members(
    fetch: Fetch,
    model: type[Resource],
    ids: Sequence[str],
    as_of: AsOf,
    fields: Sequence[str] | None = None,
    include: Sequence[str] = (),
) -> Members:
    """Return the members of resources of one kind that do not stand in their rows."""
    result: Members = {id: [] for id in ids}
    if not ids:
        return result
    names = [
        name
        for name in ROLLED_UP.get(model, ())
        if fields is None or name in fields or (name == "summary" and name in include)
    ]
    if names:
        _add_rollups(fetch, result, as_of, names)
    for name, lists in _included(fetch, model, ids, as_of, include):
        for id in ids:
            result[id].append((name, _array(lists.get(id, ()))))
    return result


def append_members(encoded: bytes, more: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a JSON object with more members at its end."""
    added = b",".join(b'"' + name.encode() + b'":' + value for name, value in more)
    if not added:
        return encoded
    return encoded[:-1] + (b"," if encoded != b"{}" else b"") + added + b"}"


def _add_rollups(fetch: Fetch, result: Members, as_of: AsOf, names: Sequence[str]) -> None:
    ids = list(result)
    counts = counted(fetch(_rollups(historical=as_of.is_historical), *as_of.values, ids))
    titles: dict[str, str] = dict(fetch(_TITLES, ids)) if "summary" in names else {}
    for id in ids:
        of_agreement = counts.get(id, Counts())
        freshness, review = of_agreement.freshness
        values = {
            "freshness": freshness,
            "next_review_on": review,
            "summary": summary_row(id, titles.get(id), of_agreement),
        }
        result[id] += [(name, encoder.encode(values[name])) for name in names]


def _included(
    fetch: Fetch, model: type[Resource], ids: Sequence[str], as_of: AsOf, include: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, list[bytes]]]]:
    """Yield each included list: its name, and its entries by the resource that they belong to."""
    if model is Agreement and ("clauses" in include or "follow_ups" in include):
        yield "clauses", _clauses(fetch, ids, as_of, with_follow_ups="follow_ups" in include)
    if model is Clause and "follow_ups" in include:
        yield "follow_ups", _grouped(FollowUp, _parts(fetch, FollowUp, Clause, ids, as_of), as_of)
    if "quotes" in include:
        yield "quotes", _grouped(Quote, _parts(fetch, Quote, model, ids, as_of), as_of)
    if "reports" in include:
        yield "reports", _reports(fetch, ids, as_of)


def _clauses(
    fetch: Fetch, agreements: Sequence[str], as_of: AsOf, *, with_follow_ups: bool
) -> dict[str, list[bytes]]:
    rows = _parts(fetch, Clause, Agreement, agreements, as_of)
    if not with_follow_ups:
        return _grouped(Clause, rows, as_of)
    follow_ups = _parts(fetch, FollowUp, Clause, [row[0] for row in rows], as_of)
    return _grouped(Clause, rows, as_of, _grouped(FollowUp, follow_ups, as_of))


def _grouped(
    model: type[Resource], rows: Iterable[Row], as_of: AsOf, inside: Mapping[str, list[bytes]] | None = None
) -> dict[str, list[bytes]]:
    """Return the JSON of resources by what they belong to; ``inside`` are the follow-ups that go into each."""
    shape = reading(model, historical=as_of.is_historical)
    result: dict[str, list[bytes]] = {}
    for id, owner, *row in rows:
        encoded = shape.encoded(tuple(row))
        if inside is not None:
            encoded = append_members(encoded, [("follow_ups", _array(inside.get(id, ())))])
        result.setdefault(owner, []).append(encoded)
    return result


def _parts(
    fetch: Fetch, model: type[Resource], owner: type[Resource], owners: Sequence[str], as_of: AsOf
) -> list[Row]:
    """Read what belongs to resources, in order: its id, the id of its owner, its row."""
    statement = _part_statement(model, owner, historical=as_of.is_historical, explicit=as_of.explicit)
    return fetch(statement, *as_of.values, owners)


@cache
def _part_statement(
    model: type[Resource], owner: type[Resource], *, historical: bool, explicit: bool
) -> Statement:
    table, source = table_of(model), source_of(model, historical=historical)
    owners = table
    if owner.__tablename__ not in table.c:  # a list of several owners: the clauses of a quote
        nested = next(nested for nested in model.nested if nested.scalar == owner.__tablename__)
        owners = table_of(nested.model)
        source = source.join(owners, owners.c[nested.owner] == table.c.id)
    column = owners.c[owner.__tablename__]
    order = follow_up_order(table) if model is FollowUp else (table.c.agreement, table.c.number)
    query = select(table.c.id.label("part"), column.label("owner"))
    query = query.add_columns(*reading(model, historical=historical).columns).select_from(source)
    query = query.where(Among(column, "owners"), *existed(model, explicit=explicit)).order_by(*order)
    return Statement(query, *AS_OF_PARAMETERS, "owners")


def _reports(fetch: Fetch, clauses: Sequence[str], as_of: AsOf) -> dict[str, list[bytes]]:
    """Return the latest report of each party, the latest first."""
    latest: dict[str, dict[str | None, bytes]] = {}
    for clause, *row in fetch(_reports_statement(historical=as_of.explicit), *as_of.values, clauses):
        report = dict(zip(_REPORT, row, strict=True))
        latest.setdefault(clause, {}).setdefault(report["stated_by"], encoder.encode(report))
    return {clause: list(reports.values()) for clause, reports in latest.items()}


def _array(entries: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(entries) + b"]"


@cache
def _rollups(*, historical: bool) -> Statement:
    agreement = table_of(Clause).c.agreement
    query = counting(agreement, historical=historical, least_fresh=True)
    return Statement(query.where(Among(agreement, "agreements")), *AS_OF_PARAMETERS, "agreements")


_agreement = table_of(Agreement).c
_TITLES = Statement(select(_agreement.id, _agreement.title).where(Among(_agreement.id, "ids")), "ids")
_REPORT = ("stated_by", "status", "effective_on", "checked_on", "follow_up")


@cache
def _reports_statement(*, historical: bool) -> Statement:
    table = table_of(FollowUp)
    columns = table.c
    query = (
        select(
            columns.clause,
            columns.stated_by,
            columns.status,
            columns.effective_on,
            columns.checked_on,
            columns.id,
        )
        .where(Among(columns.clause, "clauses"), columns.track == "reported")
        .order_by(*(column.desc() for column in follow_up_order(table)))
    )
    if historical:
        query = query.where(columns.effective_on_latest <= TODAY)
    return Statement(query, *AS_OF_PARAMETERS, "clauses")
