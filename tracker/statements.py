"""Statements made once from the models, compiled once per engine, executed by position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import Executable

Row = tuple[Any, ...]
_Compiled = tuple[str, tuple[int | None, ...], tuple[Any, ...] | None]
"""SQL, where each of its parameters stands among a caller's values, and what the others are (None: it has no others)."""


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

    def prepared(self, engine: Engine, values: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
        """Give the SQL text for an engine and the values in the order in which it wants them."""
        name = engine.dialect.name
        compiled = self._compiled.get(name)
        if compiled is None:
            compiled = self._compiled[name] = self._compile(engine)
        sql, places, constants = compiled
        if constants is None:
            return sql, tuple(values)
        return sql, tuple(
            [
                constant if place is None else values[place]
                for place, constant in zip(places, constants, strict=True)
            ]
        )

    def rows(self, session: Session, *values: Any) -> list[Row]:
        """Execute inside a session's transaction and give all rows (none for statements without)."""
        engine, raw = _raw_connection(session)
        cursor = raw.execute(*self.prepared(engine, values))
        return cursor.fetchall() if cursor.description else []

    def count(self, session: Session, *values: Any) -> int:
        """Execute inside a session's transaction and give the number of rows it touched."""
        engine, raw = _raw_connection(session)
        return int(raw.execute(*self.prepared(engine, values)).rowcount)

    def many(self, session: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Execute once for each row of values, in one call of the driver."""
        if rows:
            engine, raw = _raw_connection(session)
            prepared = [self.prepared(engine, row) for row in rows]
            if len(prepared) == 1:  # psycopg opens a pipeline for many, which one row does not repay
                raw.execute(*prepared[0])
            else:
                raw.cursor().executemany(prepared[0][0], [arguments for _, arguments in prepared])

    def _compile(self, engine: Engine) -> _Compiled:
        dialect: Any = engine.dialect
        if dialect.name == "postgresql":
            dialect = type(dialect)(paramstyle="format")
        compiled = self.source.compile(dialect=dialect)  # type: ignore[attr-defined]
        names = compiled.positiontup or []
        index = {name: place for place, name in enumerate(self._parameters)}
        values = compiled.params
        missing = [name for name in names if name not in index and values.get(name) is None]
        assert not missing, f"parameters without a value: {missing}"
        places = tuple(index.get(name) for name in names)
        if places == tuple(range(len(self._parameters))):
            return str(compiled), places, None
        return str(compiled), places, tuple(None if name in index else values[name] for name in names)


def _raw_connection(session: Session) -> tuple[Engine, Any]:
    """Give a session's engine and the driver's connection behind its transaction.

    Asked for once a session: a session of ours has one transaction, and its own bookkeeping at each
    statement costs as much as the statement.
    """
    found: tuple[Engine, Any] | None = session.info.get("raw")
    if found is None:
        connection = session.connection()
        found = session.info["raw"] = connection.engine, connection.connection.dbapi_connection
    return found
