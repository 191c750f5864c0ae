"""JSON made by the database, the same bytes on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Text, collate
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from tracker.models import field_of


class JsonList(ColumnElement[str]):
    """A correlated subquery's rows as a JSON array: of objects, or of texts where it has one column.

    Compact on both engines, so that a representation and its digest do not depend on the engine.
    """

    inherit_cache = False
    type = Text()

    def __init__(self, select: Select[Any], *, scalar: bool) -> None:
        self.select = select
        self.scalar = scalar


class JsonFlag(ColumnElement[str]):
    """A boolean column as the JSON text `true` or `false`."""

    inherit_cache = False
    type = Text()

    def __init__(self, column: ColumnElement[bool]) -> None:
        self.column = column


@compiles(JsonList, "sqlite")
def _list_on_sqlite(element: JsonList, compiler: SQLCompiler, **kw: Any) -> str:
    inner = compiler.process(element.select.scalar_subquery(), **kw)
    names = [column.name for column in element.select.selected_columns]
    if element.scalar:
        return f'(SELECT json_group_array(t."{names[0]}") FROM {inner} AS t)'
    pairs = ", ".join(f"'{name}', t.\"{name}\"" for name in names)
    return f"(SELECT json_group_array(json_object({pairs})) FROM {inner} AS t)"


@compiles(JsonList, "postgresql")
def _list_on_postgresql(element: JsonList, compiler: SQLCompiler, **kw: Any) -> str:
    inner = compiler.process(element.select.scalar_subquery(), **kw)
    if element.scalar:
        return f"array_to_json(ARRAY{inner})::text"
    return f"array_to_json(ARRAY(SELECT row_to_json(t) FROM {inner} AS t))::text"


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


def by_code_point(column: Column[Any]) -> ColumnElement[Any]:
    """Give the column as it has to stand in ORDER BY and in comparisons with a cursor."""
    return ByCodePoint(column) if field_of(column).kind in ("text", "code", "url") else column
