"""Everything from one database into another one, of whatever engine, in one transaction."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, Engine, Table, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from tracker.backup import postgresql
from tracker.backup.files import BESIDE, temporary_file, written
from tracker.backup.sqlite import copy_online
from tracker.backup.verifying import Inside, broken_references, contents, contents_of, refuse
from tracker.database import migrations
from tracker.database.changes import Author
from tracker.database.engine import Database, driver, open_database, translated
from tracker.database.failures import translation
from tracker.database.statements import Row
from tracker.errors import Conflict
from tracker.models import Base
from tracker.services.chains import Reads, history_problems

BLOCK = 200
"""How many rows PostgreSQL sends at once: a source's text is up to five million characters."""
REPORTED_EACH = 10_000
"""After how many rows progress is reported."""
_HASHES = 2**256

Progress = Callable[[str, int], None]
"""Takes the table and how many of its rows are copied."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A database that was copied."""

    counts: dict[str, int]
    """How many rows of each table."""


@dataclass(slots=True)
class _Sum:
    """How many rows there are, and the sum of their digests: the same for the same rows in any order."""

    count: int = 0
    digests: int = 0

    def of(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Pass rows on, and count them in."""
        for row in rows:
            self.count += 1
            self.digests += int.from_bytes(sha256(repr(row).encode("utf-8", "surrogatepass")).digest())
            yield row
        self.digests %= _HASHES


@dataclass(frozen=True, slots=True)
class _Frozen:
    """A database as of one moment: what statements read, and all rows of a table."""

    reads: Reads
    engine: Engine
    raw: Any

    def all(self, table: Table) -> Generator[Row]:
        """Yield every row of a table, in the order of its key, one after the other."""
        query = select(*table.columns).order_by(*table.primary_key)
        sql = str(query.compile(dialect=self.engine.dialect))
        if self.engine.dialect.name == "sqlite":
            rows = self.raw.execute(sql)
        else:
            rows = self.raw.cursor(name="tracker_copy")
            rows.itersize = BLOCK
            rows.execute(sql)
        flags = [
            position for position, column in enumerate(table.columns) if isinstance(column.type, Boolean)
        ]
        with closing(rows):
            for row in rows:
                yield _with_flags(row, flags) if flags else tuple(row)


def copy(source: Database, target: Database, *, progress: Progress | None = None) -> Copied:
    """Copy every row of every table into a database that is new or empty; all or nothing.

    The source is read as of one moment. Before the copy is committed, the number of rows, the rows
    themselves and every chain of history are compared at both ends. Raises Conflict where the target
    holds anything, Malformed where the history of the source does not hold.
    """
    source.ready()
    with _made(target), _frozen(source) as frozen:
        refuse(source.place, history_problems(frozen.reads))
        with target.write(Author("copy")) as change:
            connection = change.connection
            _take(connection, target)
            sums = {}
            for table in Base.metadata.sorted_tables:
                sums[table.name] = _Sum()
                with _named(target, table), closing(frozen.all(table)) as every:
                    _insert(connection, table, _reporting(sums[table.name].of(every), table, progress))
            _verify(connection, target, sums)
            _continue_numbers(connection)
    return Copied({name: total.count for name, total in sorted(sums.items())})


@contextmanager
def _made(target: Database) -> Iterator[None]:
    """Make a target that is not there, and bring an empty one to this program's schema.

    A file that was made goes again where the copy fails.
    """
    new = not target.path.exists() if target.is_sqlite else not postgresql.exists(target)
    if new and not target.is_sqlite:
        new = postgresql.make(target)
    if not new and (holds := contents(target)) is not None:
        raise _holds(target, holds)
    try:
        migrations.upgrade(target, keep_copy=False)
        yield
    except BaseException:
        if new and target.is_sqlite:
            target.close()
            for end in ("", *BESIDE):
                target.path.with_name(target.path.name + end).unlink(missing_ok=True)
        raise


@contextmanager
def _frozen(database: Database) -> Iterator[_Frozen]:
    """Yield a database as of one moment, however long it is read and whoever writes to it.

    SQLite is copied first: a transaction that reads for minutes would keep its log growing, or keep its
    writers waiting.
    """
    if database.is_sqlite:
        with _copy_of(database) as copied, closing(driver.connect(str(copied.path))) as file:
            yield _Frozen(copied, copied.engine, file)
        return
    with translated(database), database.engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            _take_time(connection)
            raw: Any = connection.connection.dbapi_connection
            yield _Frozen(Inside(database.engine, raw), database.engine, raw)


@contextmanager
def _copy_of(database: Database) -> Iterator[Database]:
    folder = database.path.absolute().parent
    if not os.access(folder, os.W_OK):
        folder = Path(tempfile.gettempdir())
    with written(folder), temporary_file(folder / database.path.name) as partial:
        with translated(database):
            copy_online(database.path, partial)
        copied = open_database(URL.create("sqlite", database=str(partial)).render_as_string())
        try:
            yield copied
        finally:
            copied.close()


def _take(connection: Connection, target: Database) -> None:
    """Take the target for this transaction alone; raises Conflict where someone has written to it meanwhile."""
    if target.is_sqlite:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    else:
        _take_time(connection)
        tables = ", ".join(Base.metadata.tables)
        connection.exec_driver_sql(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
        connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
    holds = contents_of(connection)
    if holds is not None:
        raise _holds(target, holds)


def _take_time(connection: Connection) -> None:
    """Let this transaction take as long as it needs: its statements read or write whole tables."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


def _insert(connection: Connection, table: Table, rows: Iterator[Row]) -> None:
    raw: Any = connection.connection.dbapi_connection
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(table.columns))
        raw.cursor().executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", rows)
        return
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)


def _verify(connection: Connection, target: Database, sums: dict[str, _Sum]) -> None:
    """Read back what was written; raises Malformed where it is not what the source has."""
    raw: Any = connection.connection.dbapi_connection
    written_there = _Frozen(Inside(target.engine, raw), target.engine, raw)
    refuse(target.place, _differences(written_there, sums))
    refuse(target.place, history_problems(written_there.reads))
    if target.is_sqlite:
        refuse(target.place, broken_references(connection.exec_driver_sql("PRAGMA foreign_key_check")))
    else:
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")


def _differences(written_there: _Frozen, sums: dict[str, _Sum]) -> Iterator[str]:
    for name, expected in sums.items():
        actual = _Sum()
        for _ in actual.of(written_there.all(Base.metadata.tables[name])):
            pass
        if actual.count != expected.count:
            yield f"{name} has {actual.count:,} rows, {expected.count:,} were copied"
        elif actual != expected:
            yield f"rows of {name} are not as they were copied"


def _continue_numbers(connection: Connection) -> None:
    """Let PostgreSQL count on from the largest key that came along; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), max({column.name}))"
                f" FROM {table.name} HAVING max({column.name}) IS NOT NULL"
            )


@contextmanager
def _named(target: Database, table: Table) -> Iterator[None]:
    """Let a refusal say which table holds the row that does not fit."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, DBAPIError | driver.Error) and not type(error).__module__.startswith(
            "psycopg"
        ):
            raise
        translated_error = translation(error, target.place, sqlite=target.is_sqlite)
        detail = translated_error.detail if isinstance(translated_error, Conflict) else None
        if (
            type(error).__name__ == "DataError"
        ):  # PostgreSQL takes no NUL in a text; the driver says so itself
            detail = "a value does not fit its field"
        if detail is None:
            raise
        raise Conflict(f"a row of {table.name} does not fit: {detail}", hint="nothing was copied") from error


def _reporting(rows: Iterator[Row], table: Table, progress: Progress | None) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        yield row
        if progress is not None and count % REPORTED_EACH == 0:
            progress(table.name, count)


def _with_flags(row: Row, flags: list[int]) -> Row:
    values = list(row)
    for position in flags:
        values[position] = bool(values[position])
    return tuple(values)


def _holds(target: Database, holds: str) -> Conflict:
    return Conflict(
        f"the database at {target.place} holds {holds}",
        hint="name one that is new or empty; what is there is never written over",
    )
