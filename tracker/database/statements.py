"""Statements made once from the models, compiled once per engine, executed by position."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, Integer, Table, Text, bindparam, insert
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Boolean

Row = tuple[Any, ...]
Arguments = tuple[Any, ...] | Mapping[str, Any]
"""What a driver takes beside the SQL: values by position, or by name where one stands at several places."""

Fetch = Callable[..., list[Row]]
"""What executes a statement with values and returns its rows: ``database.rows``, or inside a change its ``rows``."""

COPIED_FROM = 50
"""From how many rows on PostgreSQL's COPY is faster than statements in a pipeline."""


def no_rows(*_: object) -> list[Row]:
    """Return nothing for every statement, as an empty database does."""
    return []


class Among(ColumnElement[bool]):
    """Whether a column is one of the values of a parameter that is a list, of any length.

    One statement for lists of every length, so that it is compiled and prepared once.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values: Any = bindparam(
            name, type_=ARRAY(Integer() if isinstance(column.type, Integer) else Text())
        )

    def self_group(self, against: Any = None) -> Among:  # noqa: ARG002 - the name is SQLAlchemy's
        """Return itself: as a boolean of SQLite's, ``IN (…) = 1``, no index would serve it."""
        return self


@compiles(Among, "sqlite")
def _among_on_sqlite(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in (element.column, element.values))
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(Among, "postgresql")
def _among_on_postgresql(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, values = (compiler.process(part, **kw) for part in (element.column, element.values))
    return f"{column} = ANY({values})"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement in the SQL of one engine."""

    sql: str
    positions: tuple[int | None, ...]
    """Where each of its parameters stands among a caller's values; None for one of its own."""
    constants: tuple[Any, ...] | None
    """The values of its own, at their positions; None where a caller's values go as they are."""
    listed: frozenset[int]
    """Which of a caller's values are lists."""
    in_one: Callable[[Sequence[Any]], str]
    """Writes a list as this engine reads it from one value."""
    names: tuple[str, ...] | None
    """The names of its parameters, where the driver takes values by name."""


class Statement:
    """A SQL statement made once from the models, compiled once per engine, executed by position.

    ``parameters`` names the bind parameters in the order in which callers pass their values; other
    parameters keep the values that they were made with.
    """

    __slots__ = ("_compiled", "_parameters", "source")

    def __init__(self, source: Executable, *parameters: str) -> None:
        self.source = source
        self._parameters = parameters
        self._compiled: dict[str, _Compiled] = {}

    def prepared(self, engine: Engine, values: Sequence[Any]) -> tuple[str, Arguments]:
        """Return the SQL text for an engine and the values as its driver wants them."""
        compiled = self._for(engine)
        if compiled.constants is None:
            return compiled.sql, tuple(values)
        if compiled.listed:
            values = [
                compiled.in_one(value) if position in compiled.listed else value
                for position, value in enumerate(values)
            ]
        arguments = [
            constant if position is None else values[position]
            for position, constant in zip(compiled.positions, compiled.constants, strict=True)
        ]
        if compiled.names is None:
            return compiled.sql, tuple(arguments)
        return compiled.sql, dict(zip(compiled.names, arguments, strict=True))

    def prepared_many(
        self, engine: Engine, rows: Sequence[Sequence[Any]]
    ) -> tuple[str, Sequence[Arguments | Sequence[Any]]]:
        """Return the SQL text for an engine and many rows of values as its driver wants them."""
        compiled = self._for(engine)
        if compiled.constants is None:
            return compiled.sql, rows
        return compiled.sql, [self.prepared(engine, row)[1] for row in rows]

    def _for(self, engine: Engine) -> _Compiled:
        compiled = self._compiled.get(engine.dialect.name)
        if compiled is None:
            compiled = self._compiled[engine.dialect.name] = self._compile(engine)
        return compiled

    def _compile(self, engine: Engine) -> _Compiled:
        dialect: Any = engine.dialect
        if dialect.name == "postgresql":
            dialect = type(dialect)(paramstyle="format")
        compiled = self.source.compile(dialect=dialect)  # type: ignore[attr-defined]
        ordered = compiled.positiontup or []
        sql, names = _each_once(str(compiled), ordered, dialect.name)
        index = {name: position for position, name in enumerate(self._parameters)}
        values = compiled.params
        missing = [name for name in names if name not in index and values.get(name) is None]
        assert not missing, f"parameters without a value: {missing}"
        lists = (name for name, bound in compiled.binds.items() if isinstance(bound.type, ARRAY))
        listed = frozenset(index[name] for name in lists)
        in_one = _json if dialect.name == "sqlite" else _array
        positions = tuple(index.get(name) for name in names)
        named = names if len(names) < len(ordered) and dialect.name == "postgresql" else None
        if positions == tuple(range(len(self._parameters))) and not listed and named is None:
            return _Compiled(sql, positions, None, listed, in_one, None)
        constants = tuple(None if name in index else values[name] for name in names)
        return _Compiled(sql, positions, constants, listed, in_one, named)


def _json(values: Sequence[Any]) -> str:
    return json.dumps(list(values))


def _array(values: Sequence[Any]) -> str:
    """Return PostgreSQL's literal of an array: the driver takes four times as long for a list of texts."""
    inner = (
        str(value) if isinstance(value, int) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        for value in values
    )
    return "{" + ",".join(inner) + "}"


_PLACEHOLDER = {"sqlite": re.compile(r"'(?:[^']|'')*'|\?"), "postgresql": re.compile(r"'(?:[^']|'')*'|%s")}


def _each_once(sql: str, names: Sequence[str], engine_name: str) -> tuple[str, tuple[str, ...]]:
    """Let a value that stands at several places of a statement go to the driver once; give the names.

    A page of clauses has "today" and its like at fifty places; to bind each costs a tenth of the page.
    The SQL is SQLAlchemy's own: placeholders stand outside of literals, which are in single quotes.
    """
    once = tuple(dict.fromkeys(names))
    if len(once) == len(names):
        return sql, once
    following = iter(names)

    def placeholder(match: re.Match[str]) -> str:
        if match[0].startswith("'"):
            return match[0]
        name = next(following)
        return f"?{once.index(name) + 1}" if engine_name == "sqlite" else f"%({name})s"

    numbered = _PLACEHOLDER[engine_name].sub(placeholder, sql)
    assert next(following, None) is None, f"a placeholder was taken for something else: {sql}"
    return numbered, once


class Insertion:
    """New rows of a table, in the fastest way of each engine: ``executemany``, or COPY on PostgreSQL."""

    __slots__ = ("copy", "statement")

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.statement = Statement(insert(table).values({name: bindparam(name) for name in names}), *names)
        columns = ", ".join(f'"{name}"' for name in names)
        self.copy = f'COPY "{table.name}" ({columns}) FROM STDIN'
