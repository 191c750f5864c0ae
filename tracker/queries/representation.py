"""What a resource looks like to readers: one statement, rows encoded straight to bytes."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, LargeBinary, bindparam, cast, select

from tracker.database.changes import Change
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Row, Statement
from tracker.models import Agreement, Base, Nested, Resource, shown_fields, table_of
from tracker.models.values import V, Values
from tracker.queries.computed import AS_OF_PARAMETERS, existed, expression, source_of
from tracker.queries.computed import FIELDS as COMPUTED
from tracker.queries.json_sql import NO_ENTRIES, JsonFlag, JsonList, inside_json, json_object

encoder = msgspec.json.Encoder()
"""The one JSON encoder: UTF-8, no escapes beyond what JSON needs."""


@dataclass(frozen=True, slots=True)
class Representation:
    """How one kind of resource is selected and shown.

    ``columns`` are what a statement selects, in the order of ``names``; those from ``json_from`` on
    are JSON text made by the database (nested lists and flags) and go into the answer as they are.
    """

    model: type[Resource]
    names: tuple[str, ...]
    columns: tuple[ColumnElement[Any], ...]
    json_from: int
    struct: Any
    source: FromClause
    rolled_up: tuple[str, ...] = ()
    """The last names: members that a further statement gives, as JSON (``queries.expand``)."""

    @property
    def as_json(self) -> ColumnElement[bytes]:
        """The whole object as JSON made by SQLite, the bytes that ``encoded`` gives.

        For a page that is two thirds of what rows and the encoder cost; PostgreSQL is faster with those.
        """
        members = zip(self.names, self.columns, strict=False)
        made = json_object((name, inside_json(column)) for name, column in members)
        return cast(made, LargeBinary)  # bytes as they are: decoding and encoding a page costs a tenth of it

    def shown(self, row: Row) -> Any:
        """Return a row as an object that the encoder writes; further columns of the row are left out."""
        plain = self.json_from
        return self.struct(*row[:plain], *map(msgspec.Raw, row[plain : len(self.names)]))

    def encoded(self, row: Row) -> bytes:
        """Return a row as a JSON object."""
        return encoder.encode(self.shown(row))

    def values(self, row: Row) -> Values:
        """Return a row as plain values, for services and for history."""
        values = dict(zip(self.names, row[: len(self.names)], strict=True))
        for name in self.names[self.json_from :]:
            values[name] = msgspec.json.decode(values[name])
        return values


@cache
def representation(model: type[Resource]) -> Representation:
    """Return what is stored of a kind of resource, as services and history see it."""
    return _made(
        model, tuple(shown_fields(model)) + tuple(nested.name for nested in model.nested), historical=False
    )


@cache
def reading(model: type[Resource], *, historical: bool = False) -> Representation:
    """Return how readers see a kind of resource: what is stored, what is computed, what is rolled up."""
    return _made(model, readable(model), historical=historical)


@lru_cache(256)
def reading_of(model: type[Resource], fields: tuple[str, ...], *, historical: bool) -> Representation:
    """Return how readers see some fields of a kind of resource, in their own order."""
    return _made(model, tuple(name for name in readable(model) if name in fields), historical=historical)


@cache
def readable(model: type[Resource]) -> tuple[str, ...]:
    """Return every member that readers see of a kind of resource, in order."""
    nested = [nested.name for nested in model.nested]
    return (*shown_fields(model), *COMPUTED.get(model, ()), *nested, *ROLLED_UP.get(model, ()))


ROLLED_UP: dict[type[Resource], tuple[str, ...]] = {Agreement: ("freshness", "next_review_on", "summary")}
"""Members that come from all clauses of a resource, read for a whole page at once."""


def _made(model: type[Resource], chosen: tuple[str, ...], *, historical: bool) -> Representation:
    fields = shown_fields(model) | COMPUTED.get(model, {})
    nested = {each.name: each for each in model.nested}
    plain = [name for name in chosen if name in fields and fields[name].kind != "flag"]
    flags = [name for name in chosen if name in fields and fields[name].kind == "flag"]
    lists = [name for name in chosen if name in nested]
    rolled_up = tuple(name for name in chosen if name not in fields and name not in nested)
    columns: list[ColumnElement[Any]] = [
        expression(model, name, historical=historical).label(name) for name in plain
    ]
    columns += [JsonFlag(expression(model, name, historical=historical)).label(name) for name in flags]
    columns += [_nested_list(model, nested[name]).label(name) for name in lists]
    names = (*plain, *flags, *lists, *rolled_up)
    # Structs cannot have fields named like keywords, so they are numbered and renamed.
    # Members that are rolled up may be missing, and are then not written.
    required = len(columns)
    struct = msgspec.defstruct(
        model.__name__,
        [
            f"f{place}" if place < required else (f"f{place}", Any, msgspec.UNSET)
            for place in range(len(names))
        ],
        rename={f"f{place}": name for place, name in enumerate(names)},
        gc=False,
    )
    source = source_of(model, historical=historical)
    return Representation(model, names, tuple(columns), len(plain), struct, source, rolled_up)


@cache
def one(model: type[Resource]) -> Statement:
    """Return the statement that reads one resource by its id."""
    columns = representation(model).columns
    return Statement(select(*columns).where(table_of(model).c.id == bindparam("id")), "id")


@cache
def one_read(model: type[Resource], *, historical: bool = False, explicit: bool = False) -> Statement:
    """Return the statement that reads one resource as readers see it; it takes the values of ``AsOf`` and the id."""
    shape = reading(model, historical=historical)
    query = select(*shape.columns).select_from(shape.source).where(table_of(model).c.id == bindparam("id"))
    return Statement(query.where(*existed(model, explicit=explicit)), *AS_OF_PARAMETERS, "id")


def find(database: Database, model: type[Resource], id: str) -> Row | None:
    """Read one resource's row, or None."""
    rows = database.rows(one(model), id)
    return rows[0] if rows else None


def stored(fetch: Fetch, model: type[Resource[V]], id: str) -> V | None:
    """Return one resource's stored values, or None."""
    return next(values_of(model, fetch(one(model), id)), None)


def values_of(model: type[Resource[V]], rows: Iterable[Row]) -> Iterator[V]:
    """Yield rows of a representation as values."""
    return typing.cast("Iterator[V]", map(representation(model).values, rows))


def current(change: Change, model: type[Resource[V]], id: str) -> V | None:
    """Read one resource's values inside a transaction, or None."""
    return stored(change.rows, model, id)


def encode_list(shown: Iterable[object], links: dict[str, str | None], count: int | None = None) -> bytes:
    """Return a list's body: ``{"data": […], "links": {"next": …}}``, with ``count`` where it was asked for."""
    body: dict[str, object] = {"data": list(shown), "links": links}
    if count is not None:
        body["count"] = count
    return encoder.encode(body)


def nested_columns(nested: Nested) -> Sequence[ColumnElement[Any]]:
    """Return the columns of a nested list's entries, in the order in which they are shown."""
    columns = table_of(nested.model).c
    if nested.scalar is not None:
        return [columns[nested.scalar]]
    return [columns[name] for name in shown_fields(nested.model)]


def owner_column(model: type[Base], nested: Nested) -> ColumnElement[Any]:
    """Return the column by which a nested row belongs to its resource."""
    return table_of(nested.model).c[nested.owner]


def _nested_list(model: type[Resource], nested: Nested) -> JsonList:
    rows = (
        select(*nested_columns(nested))
        .where(owner_column(model, nested) == table_of(model).c.id)
        .correlate(table_of(model))
    )
    ordinal = table_of(nested.model).c.ordinal
    return JsonList(rows, ordinal, scalar=nested.scalar is not None, empty=NO_ENTRIES)
