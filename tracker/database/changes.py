"""An open change: one transaction for writing, who makes it, and what it records for history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tracker.database.statements import COPIED_FROM, Insertion, Row, Statement

Snapshot = dict[str, dict[str, dict[str, object]]]
"""Resources by kind and id: ``{"clause": {"gwangju-kdata-2020.1": {…}}}``."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change, in which request, and why."""

    name: str
    request: str | None = None
    comment: str | None = None
    loading: bool = False
    """Whether a seed file speaks, rather than a person."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The only follow-ups that a change may write, where it may write nothing else; None sets no limit."""

    track: str | None = None
    party: str | None = None
    """Follow-ups of the clauses of its agreements, that say what it says."""
    department: str | None = None
    """Follow-ups of the clauses that it is in charge of."""


class Record(NamedTuple):
    """What a change did to one resource, for history, where ``root`` is the resource whose chain it enters."""

    root_kind: str
    root: str
    action: str
    kind: str
    id: str
    before: Snapshot | None
    after: Snapshot | None


@dataclass(eq=False)
class Change:
    """An open change, which services take first; ``Database.write`` and ``Database.open`` open one.

    Everything written through it is committed together when its block ends, with what it recorded.
    """

    who: Author
    scope: Scope | None = None
    """What it may write; None where it may write all."""
    today: str = field(init=False)
    """The day on which it was opened, in the database's time zone."""
    connection: Connection = field(init=False)
    """The connection whose transaction it is."""
    records: list[Record] = field(init=False, default_factory=list)
    """What it did, for history."""
    before_commit: Callable[[Change], None] | None = field(init=False, default=None)
    """What writes the records; called just before the commit."""
    _raw: Any = field(init=False)

    def begin(self, connection: Connection, today: str) -> None:
        """Begin the transaction on a connection."""
        connection.begin()
        self.connection, self.today = connection, today
        # SQLAlchemy's own bookkeeping at each statement costs as much as the statement.
        self._raw = connection.connection.dbapi_connection

    @property
    def is_sqlite(self) -> bool:
        """Whether it is written to a SQLite file; else to PostgreSQL."""
        return self.connection.dialect.name == "sqlite"

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        """Execute a statement and return all its rows (none for statements without)."""
        cursor = self._raw.execute(*statement.prepared(self.connection.engine, values))
        return cursor.fetchall() if cursor.description else []

    def count(self, statement: Statement, *values: Any) -> int:
        """Execute a statement and return the number of rows it touched."""
        return int(self._raw.execute(*statement.prepared(self.connection.engine, values)).rowcount)

    def many(self, statement: Statement, rows: Sequence[Sequence[Any]]) -> int:
        """Execute a statement once for each row of values and return the number of rows touched in all."""
        if len(rows) <= 1:  # psycopg opens a pipeline for many, which one row does not repay
            return self.count(statement, *rows[0]) if rows else 0
        cursor = self._raw.cursor()
        cursor.executemany(*statement.prepared_many(self.connection.engine, rows))
        return int(cursor.rowcount)

    def insert(self, insertion: Insertion, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, each a sequence of values in the order of the insertion's names."""
        if len(rows) < COPIED_FROM or self.is_sqlite:
            self.many(insertion.statement, rows)
            return
        with self._raw.cursor() as cursor, cursor.copy(insertion.copy) as copy:
            for row in rows:
                copy.write_row(row)
