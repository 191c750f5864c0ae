"""JSON made by the database, the same bytes on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Label,
    Select,
    Text,
    aggregate_order_by,
    case,
    collate,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from tracker.database.engine import driver

ORDERED_AGGREGATES = (3, 44)
"""The first SQLite in which an aggregate takes an order of its own."""


class JsonList(ColumnElement[str]):
    """Nested rows of a resource as a JSON array: of objects, or of texts where there is one column.

    ``rows`` is the correlated subquery without an order, ``ordinal`` the column that gives it. Compact on
    both engines, so that a representation and its digest do not depend on the engine.
    """

    inherit_cache = False
    type = Text()

    def __init__(
        self, rows: Select[Any], ordinal: ColumnElement[Any], *, scalar: bool, empty: ColumnElement[str]
    ) -> None:
        self.rows = rows
        self.ordinal = ordinal
        self.scalar = scalar
        self.empty = empty


class JsonFlag(ColumnElement[str]):
    """A boolean column as the JSON text `true` or `false`."""

    inherit_cache = False
    type = Text()

    def __init__(self, column: ColumnElement[bool]) -> None:
        self.column = column


def inside_json(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as it goes into SQLite's JSON object; what is JSON already goes in as it is.

    Constants become JSON once a statement; a text that differs from row to row is parsed in each.
    """
    element = column.element if isinstance(column, Label) else column
    if isinstance(element, JsonFlag):
        return case((element.column, _json("true")), else_=_json("false"))
    if isinstance(element, JsonList):
        if driver.sqlite_version_info < ORDERED_AGGREGATES:
            return func.json(element)
        return JsonList(element.rows, element.ordinal, scalar=element.scalar, empty=_json("[]"))
    return column


def _json(text: str) -> ColumnElement[Any]:
    return func.json(literal_column(f"'{text}'"))


NO_ENTRIES: ColumnElement[str] = literal_column("'[]'")


def json_object(members: Iterable[tuple[str, ColumnElement[Any]]]) -> ColumnElement[str]:
    """Return SQLite's JSON object of named columns; JSON texts go in with ``func.json``."""
    pairs: Iterator[tuple[Any, Any]] = ((literal_column(f"'{name}'"), column) for name, column in members)
    return func.json_object(*chain.from_iterable(pairs))


@compiles(JsonList, "sqlite")
def _list_on_sqlite(element: JsonList, compiler: SQLCompiler, **kw: Any) -> str:
    if driver.sqlite_version_info < ORDERED_AGGREGATES:
        rows = element.rows.order_by(element.ordinal).subquery()
        array = select(func.json_group_array(_entry(element, rows.c)))
    else:
        entries = func.json_group_array(_entry(element, element.rows.selected_columns))
        array = element.rows.with_only_columns(aggregate_order_by(entries, element.ordinal))
    # Most lists of clauses are empty, and to aggregate no row costs three times as much as to look for one.
    there = exists(element.rows.with_only_columns(literal_column("1")))
    return compiler.process(case((there, array.scalar_subquery()), else_=element.empty), **kw)


@compiles(JsonList, "postgresql")
def _list_on_postgresql(element: JsonList, compiler: SQLCompiler, **kw: Any) -> str:
    inner = compiler.process(element.rows.order_by(element.ordinal).scalar_subquery(), **kw)
    if element.scalar:
        return f"array_to_json(ARRAY{inner})::text"
    return f"array_to_json(ARRAY(SELECT row_to_json(t) FROM {inner} AS t))::text"


def _entry(element: JsonList, columns: Iterable[ColumnElement[Any]]) -> ColumnElement[Any]:
    """Return one entry of the array: its only column, or an object of all."""
    if element.scalar:
        return next(iter(columns))
    return json_object((str(column.key), column) for column in columns)


@compiles(JsonFlag, "sqlite")
@compiles(JsonFlag, "postgresql")
def _flag(element: JsonFlag, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(CASE WHEN {compiler.process(element.column, **kw)} THEN 'true' ELSE 'false' END)"


class ByCodePoint(ColumnElement[str]):
    """A text column that sorts by code point, whatever the database's collation."""

    inherit_cache = False
    type = Text()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column


@compiles(ByCodePoint, "sqlite")
def _plain(element: ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.column, **kw)


@compiles(ByCodePoint, "postgresql")
def _collated(element: ByCodePoint, compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(collate(element.column, "C"), **kw)
