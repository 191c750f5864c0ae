"""What belongs to resources without standing in their rows: roll-ups of agreements, clauses, quotes, follow-ups.

One further statement for each kind of member, however many resources a page holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, select

from tracker.database.statements import Fetch, Statement
from tracker.models import Agreement, Clause, FollowUp, Quote, QuoteClause, Resource, table_of
from tracker.queries.computed import AS_OF_PARAMETERS, TODAY, AsOf, existed, follow_up_order, source_of
from tracker.queries.representation import ATTACHED, encoder, reading
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

_SIZES = (1, 10, 50, 200)
"""For how many resources there are statements; between them the last one is said again."""


def members(
    fetch: Fetch,
    model: type[Resource],
    ids: Sequence[str],
    as_of: AsOf,
    fields: Sequence[str] | None = None,
    include: Sequence[str] = (),
) -> Members:
    """Return what is attached to resources of one kind, and what of it is to be included."""
    result: Members = {id: [] for id in ids}
    if not ids:
        return result
    if model is Agreement:
        wanted = [
            name
            for name in ATTACHED[Agreement]
            if fields is None or name in fields or (name == "summary" and "summary" in include)
        ]
        if wanted:
            _add_rollups(fetch, result, as_of, wanted)
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


def _add_rollups(fetch: Fetch, found: Members, as_of: AsOf, wanted: Sequence[str]) -> None:
    ids = list(found)
    statement = _rollups(_size(ids), historical=as_of.is_historical)
    counts = counted(fetch(statement, *as_of.values, *_padded(ids)))
    titles: dict[str, str] = {}
    if "summary" in wanted:
        titles = dict(fetch(_titles(_size(ids)), *_padded(ids)))
    for id in ids:
        of_agreement = counts.get(id, Counts())
        freshness, review = of_agreement.freshness
        values = {
            "freshness": freshness,
            "next_review_on": review,
            "summary": summary_row(id, titles.get(id), of_agreement),
        }
        found[id] += [(name, encoder.encode(values[name])) for name in wanted]


@cache
def _titles(size: int) -> Statement:
    agreement = table_of(Agreement).c
    query = select(agreement.id, agreement.title).where(_among(agreement.id, size))
    return Statement(query, *_id_names(size))


@lru_cache(64)
def _rollups(size: int, *, historical: bool) -> Statement:
    agreement = table_of(Clause).c.agreement
    query = counting(agreement, historical=historical, least_fresh=True)
    return Statement(query.where(_among(agreement, size)), *AS_OF_PARAMETERS, *_id_names(size))


@dataclass(frozen=True, slots=True)
class _Part:
    """Things that belong to others: from where, to which, in which order."""

    model: type[Resource]
    source: FromClause
    owner: ColumnElement[Any]
    root: ColumnElement[Any]
    """What is compared with the ids of the page; mostly the owner."""
    order: tuple[ColumnElement[Any], ...]


def _included(
    fetch: Fetch, model: type[Resource], ids: Sequence[str], as_of: AsOf, include: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, list[bytes]]]]:
    """Return each included list by the resource it belongs to."""
    if model is Agreement and ("clauses" in include or "follow_ups" in include):
        inside = _grouped(fetch, "agreement", "follow_ups", ids, as_of) if "follow_ups" in include else None
        yield "clauses", _grouped(fetch, "agreement", "clauses", ids, as_of, inside)
    if model is Clause and "follow_ups" in include:
        yield "follow_ups", _grouped(fetch, "clause", "follow_ups", ids, as_of)
    if "quotes" in include:
        yield "quotes", _grouped(fetch, model.__tablename__, "quotes", ids, as_of)
    if "reports" in include:
        yield "reports", _reports(fetch, ids, as_of)


def _grouped(
    fetch: Fetch,
    owner: str,
    name: str,
    ids: Sequence[str],
    as_of: AsOf,
    inside: Mapping[str, list[bytes]] | None = None,
) -> dict[str, list[bytes]]:
    """Return the JSON of resources by what they belong to; ``inside`` are the follow-ups that go into each."""
    shape = reading(_PARTS[owner, name].model, historical=as_of.is_historical)
    statement = _part_statement(
        owner, name, _size(ids), historical=as_of.is_historical, explicit=as_of.explicit
    )
    result: dict[str, list[bytes]] = {}
    for id, of, *row in fetch(statement, *as_of.values, *_padded(ids)):
        encoded = shape.encoded(tuple(row))
        if inside is not None:
            encoded = append_members(encoded, [("follow_ups", _array(inside.get(id, ())))])
        result.setdefault(of, []).append(encoded)
    return result


@lru_cache(128)
def _part_statement(owner: str, name: str, size: int, *, historical: bool, explicit: bool) -> Statement:
    part = _PARTS[owner, name]
    source = source_of(Clause, historical=historical) if part.model is Clause else part.source
    columns = reading(part.model, historical=historical).columns
    query = select(table_of(part.model).c.id.label("part"), part.owner.label("owner"), *columns)
    query = query.select_from(source).where(_among(part.root, size)).order_by(*part.order)
    query = query.where(*existed(part.model, explicit=explicit))
    return Statement(query, *AS_OF_PARAMETERS, *_id_names(size))


def _reports(fetch: Fetch, ids: Sequence[str], as_of: AsOf) -> dict[str, list[bytes]]:
    """Return the latest report of each party, the latest first."""
    statement = _reports_statement(_size(ids), historical=as_of.explicit)
    latest: dict[str, dict[str | None, bytes]] = {}
    for clause, *row in fetch(statement, *as_of.values, *_padded(ids)):
        report = dict(zip(_REPORT, row, strict=True))
        latest.setdefault(clause, {}).setdefault(report["stated_by"], encoder.encode(report))
    return {clause: list(reports.values()) for clause, reports in latest.items()}


_REPORT = ("stated_by", "status", "effective_on", "checked_on", "follow_up")


@lru_cache(16)
def _reports_statement(size: int, *, historical: bool) -> Statement:
    result = table_of(FollowUp).c
    query = (
        select(
            result.clause, result.stated_by, result.status, result.effective_on, result.checked_on, result.id
        )
        .where(_among(result.clause, size), result.track == "reported")
        .order_by(*(column.desc() for column in _FOLLOW_UP_ORDER))
    )
    if historical:
        query = query.where(result.effective_on_latest <= TODAY)
    return Statement(query, *AS_OF_PARAMETERS, *_id_names(size))


def _among(column: ColumnElement[Any], size: int) -> ColumnElement[bool]:
    return column.in_([bindparam(name) for name in _id_names(size)])


def _id_names(size: int) -> list[str]:
    return [f"id{place}" for place in range(size)]


def _size(ids: Sequence[str]) -> int:
    return next(size for size in _SIZES if size >= len(ids))


def _padded(ids: Sequence[str]) -> list[str]:
    return [*ids, *[ids[-1]] * (_size(ids) - len(ids))]


def _array(entries: Iterable[bytes]) -> bytes:
    return b"[" + b",".join(entries) + b"]"


_clause, _quote, _follow_up = table_of(Clause), table_of(Quote), table_of(FollowUp)
_of_quote = table_of(QuoteClause)
_FOLLOW_UP_ORDER = follow_up_order(_follow_up)
_PARTS: dict[tuple[str, str], _Part] = {
    ("agreement", "clauses"): _Part(
        Clause, _clause, _clause.c.agreement, _clause.c.agreement, (_clause.c.agreement, _clause.c.number)
    ),
    ("agreement", "quotes"): _Part(
        Quote, _quote, _quote.c.agreement, _quote.c.agreement, (_quote.c.agreement, _quote.c.number)
    ),
    ("agreement", "follow_ups"): _Part(
        FollowUp,
        _follow_up.join(_clause, _clause.c.id == _follow_up.c.clause),
        _follow_up.c.clause,
        _clause.c.agreement,
        _FOLLOW_UP_ORDER,
    ),
    ("clause", "follow_ups"): _Part(
        FollowUp, _follow_up, _follow_up.c.clause, _follow_up.c.clause, _FOLLOW_UP_ORDER
    ),
    ("clause", "quotes"): _Part(
        Quote,
        _quote.join(_of_quote, _of_quote.c.quote == _quote.c.id),
        _of_quote.c.clause,
        _of_quote.c.clause,
        (_quote.c.agreement, _quote.c.number),
    ),
}
"""What includes read, by the kind of resource and the name."""
