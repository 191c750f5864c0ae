"""Engines and transactions: how statements reach SQLite and PostgreSQL, and how failures read.

Writes go through ``Database.write``: one open change, one transaction. Reads go through
``Database.rows``: a statement compiled once per engine, executed by position on an autocommit
connection of the driver. Both engines give days and instants as ISO text.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event, literal, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from tracker import dates
from tracker.database import budgets
from tracker.database.changes import Author, Change
from tracker.database.failures import translation
from tracker.database.statements import Arguments, Row, Statement
from tracker.database.urls import SECRET_OPTIONS, database_url
from tracker.errors import Fault, Invalid, NotReady, TrackerError, Unavailable
from tracker.shipped import newest_revision

try:  # brings a SQLite in which WAL is safe
    import pysqlite3.dbapi2 as _pysqlite3
except ImportError:  # no wheel for this platform
    _pysqlite3 = None
driver: ModuleType = _pysqlite3 or sqlite3

_ANSWERS = Statement(select(literal(1)))

WRITE_WAIT = 10.0
"""Seconds that a writer waits for its turn before it is refused."""
QUEUE = 4
"""How many writers of this process wait that long; those behind them would take every thread from readers."""
QUEUE_WAIT = 1.0
"""Seconds that the others wait; a turn takes milliseconds unless another program has locked the file."""


class _Cut(Exception):
    """The server ended a connection while it was in use."""

    def __init__(self, error: Exception) -> None:
        super().__init__(error)
        self.error = error


C = TypeVar("C", bound=Change)
Reader = tuple[Any, tuple[int, int] | None]
"""A connection of the driver, and the file that it has open."""


@dataclass(eq=False)
class Database:
    """One database: its engine for writing, its connections for reading."""

    url: URL
    engine: Engine
    reader: Engine
    time_zone: str = "Asia/Seoul"
    """The zone in which today begins and ends."""
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _queue: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(QUEUE))
    _file: tuple[int, int] | None = None
    _readers: list[Reader] = field(default_factory=list)
    """SQLite: connections for reading that nobody uses now; the last one used is the next, since it is warm."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file; else it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where it is, without a password, as messages name it."""
        if self.is_sqlite:
            return str(self.path)
        return self.url.difference_update_query(SECRET_OPTIONS).render_as_string(hide_password=True)

    @cached_property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.url.database or "")

    def write(self, who: Author, *, dry_run: bool = False) -> AbstractContextManager[Change]:
        """Open a change; see ``open``."""
        return self.open(Change(who), dry_run=dry_run)

    @contextmanager
    def open(self, change: C, *, dry_run: bool = False) -> Iterator[C]:
        """Begin the transaction of a change; it is committed when the block ends, undone when it raises.

        A ``dry_run`` is undone at its end as well.

        On SQLite writers of this process take turns before they ask SQLite for its lock, so that
        none of them spins in the busy handler. Raises Unavailable and Conflict, never a driver's error.
        """
        with translated(self), self._one_at_a_time():
            # Closed by hand: a context manager would cost as much as a statement. What is open is undone.
            connection = self.engine.connect()
            try:
                change.begin(connection, dates.today(self.time_zone))
                budgets.check()
                yield change
                if change.before_commit is not None:
                    change.before_commit(change)
                if not dry_run:
                    connection.commit()
            finally:
                connection.close()

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        """Read: execute a statement outside any transaction and give all its rows."""
        sql, arguments = statement.prepared(self.reader, values)
        if self.is_sqlite:
            try:
                reader = self._reader()
                try:
                    return list(reader[0].execute(sql, arguments))
                finally:
                    self._readers.append(reader)
            except driver.Error as error:  # as ``translated`` does, at a tenth of its cost
                raise _translation(self, error) from error
        for attempt in (1, 2):
            try:
                return self._pooled_rows(sql, arguments)
            except _Cut as cut:
                if attempt == 2:
                    raise _translation(self, cut.error) from cut.error
                with translated(self):
                    self._drop_idle_readers()
            except Exception as error:
                raise _translation(self, error) from error
        raise AssertionError("unreachable")

    @contextmanager
    def snapshot(self) -> Iterator[Callable[..., list[Row]]]:
        """Yield what reads as ``rows`` does, all of it as the database was at one moment.

        A read transaction: it holds up a writer of SQLite's rollback journal and the cleaning of a
        write-ahead log, so nobody waits for anybody inside the block.
        """
        begin, raw, give_back = self._begun()

        def fetch(statement: Statement, *values: Any) -> list[Row]:
            sql, arguments = statement.prepared(self.reader, values)
            budgets.check()
            if self.is_sqlite:
                return list(raw.execute(sql, arguments).fetchall())
            with budgets.statement_on(raw):
                return list(raw.execute(sql, arguments).fetchall())

        try:
            with translated(self):
                raw.execute(begin)
                yield fetch
                raw.execute("COMMIT")
        except BaseException:
            with suppress(Exception):  # the first error is the one to tell
                raw.execute("ROLLBACK")
            raise
        finally:
            give_back()

    def schema(self) -> str | None:
        """Return the schema's revision, or None where there is no schema of ours.

        Raises NotReady where a SQLite file is missing or is no database, Unavailable where the
        server does not answer.
        """
        if self.is_sqlite and not self.path.is_file():
            raise _no_file(self)
        query = "SELECT version_num FROM alembic_version"
        try:
            with translated(self):
                if self.is_sqlite:
                    # Read-only and without our settings: the file may be another program's.
                    address = f"{self.path.absolute().as_uri()}?mode=ro"
                    with closing(driver.connect(address, uri=True, timeout=WRITE_WAIT)) as raw:
                        row = raw.execute(query).fetchone()
                else:
                    with self.engine.connect() as connection:
                        row = connection.exec_driver_sql(query).fetchone()
                return None if row is None else str(row[0])
        except NotReady as error:
            if "no table" in error.detail:
                return None
            raise

    def ready(self) -> None:
        """Raise NotReady unless the database is there and its schema is this program's."""
        schema, expected = self.schema(), newest_revision()
        if schema == expected:
            return
        where = f"the database at {self.place}"
        if schema is None:
            raise NotReady(f"{where} has no tables of tracker", hint="run `tracker db upgrade` to make them")
        if schema < expected:
            raise NotReady(
                f"{where} has schema {schema}, older than this program's {expected}",
                hint="run `tracker db upgrade`",
            )
        raise NotReady(
            f"{where} has schema {schema}, newer than this program's {expected}",
            hint="install the newer tracker; `tracker db upgrade` cannot go back",
        )

    def close(self) -> None:
        """Close every connection that nobody uses."""
        while self._readers:
            self._readers.pop()[0].close()
        self.engine.dispose()
        self.reader.dispose()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        patient = self._queue.acquire(blocking=False)
        try:
            came = self._turn.acquire(timeout=WRITE_WAIT if patient else min(QUEUE_WAIT, WRITE_WAIT))
        finally:
            if patient:
                self._queue.release()
        if not came:
            raise Unavailable("the database is busy with other changes", hint="try again in a moment")
        try:
            self._follow_file()
            yield
        finally:
            self._turn.release()

    def _begun(self) -> tuple[str, Any, Callable[[], None]]:
        """Return how a snapshot begins, a connection that answers, and what is done with it at the end."""
        if self.is_sqlite:
            with translated(self):
                reader = self._reader()

            def leave() -> None:
                if reader[0].in_transaction:  # it could not even be undone
                    reader[0].close()
                else:
                    self._readers.append(reader)

            return "BEGIN", reader[0], leave
        self.rows(_ANSWERS)  # leaves the connections of a server that has restarted
        with translated(self):
            pooled = self.reader.raw_connection()
        raw: Any = pooled.dbapi_connection

        def give_back() -> None:
            if raw.closed:
                pooled.invalidate()
            pooled.close()

        return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", raw, give_back

    def _follow_file(self) -> None:
        """Leave the pooled connections of a file that was removed or replaced: what they write is lost."""
        file = _identity(self.path)
        if file != self._file:
            self.engine.dispose()
        self._file = file

    def _reader(self) -> Reader:
        """Take a connection for reading, to the file that is there now."""
        file = _identity(self.path)
        while True:
            try:
                reader = self._readers.pop()
            except IndexError:
                connection = sqlite_connection(self.path)
                # Small: there are many readers, and the system caches the file too.
                connection.execute("PRAGMA cache_size = -8192")
                return connection, file
            if reader[1] == file:
                return reader
            reader[0].close()

    def _drop_idle_readers(self) -> None:
        """Close what waits in the readers' pool: a server that ended one connection has ended the others.

        Not ``dispose``: a connection in use would go back to a pool that is gone, and never be closed.
        """
        pool = self.reader.pool
        assert isinstance(pool, QueuePool)
        for _ in range(pool.checkedin()):
            self.reader.raw_connection().invalidate()

    def _pooled_rows(self, sql: str, arguments: Arguments) -> list[Row]:
        pooled = self.reader.raw_connection()
        raw: Any = pooled.dbapi_connection
        try:
            with budgets.statement_on(raw):
                rows: list[Row] = raw.execute(sql, arguments).fetchall()
            return rows
        except Exception as error:
            if raw.closed:
                pooled.invalidate()
                raise _Cut(error) from error
            raise
        finally:
            pooled.close()


def open_database(url: str, *, prepare: bool = True, time_zone: str = "Asia/Seoul") -> Database:
    """Return the database that a URL names; nothing is connected, nothing is made.

    Raises Invalid for a URL that is not of an engine we know.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed)
        return Database(parsed, engine, engine, time_zone)
    parsed = parsed.set(drivername="postgresql+psycopg")
    try:
        writer, reader = (
            _postgres_engine(parsed, prepare=prepare, reading=reading) for reading in (False, True)
        )
        return Database(parsed, writer, reader, time_zone)
    except ImportError:
        raise Invalid(
            [Fault("missing_driver", "PostgreSQL needs psycopg", "pip install 'psycopg[binary]'")]
        ) from None


def sqlite_journal() -> tuple[str, str]:
    """Return the journal mode and synchronous setting that are durable and safe with the SQLite in use.

    SQLite 3.7.0 to 3.51.2 can corrupt a WAL file when two connections write and checkpoint at one
    instant (fixed in 3.44.6, 3.50.7 and 3.51.3); there, a rollback journal is used.
    """
    version = driver.sqlite_version_info
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return ("wal", "full") if fixed else ("truncate", "extra")


def sqlite_connection(path: Path, *, create: bool = False) -> Any:
    """Open a SQLite file with every setting that keeps it whole: foreign keys, durability, patience."""
    mode = "rwc" if create else "rw"
    connection = driver.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,  # the driver's own BEGIN comes too late: BEGIN IMMEDIATE is sent by an event
        check_same_thread=False,
        timeout=WRITE_WAIT,
        cached_statements=256,
    )
    try:
        connection.set_progress_handler(budgets.is_over, budgets.STEPS)
        journal, synchronous = sqlite_journal()
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA secure_delete = ON")  # what is redacted must not stay in free pages
        connection.execute("PRAGMA cache_size = -65536")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != journal:
            _set_journal(connection, journal)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def translated(database: Database) -> Iterator[None]:
    """Turn what SQLAlchemy and the drivers raise into this program's errors."""
    try:
        yield
    except (DBAPIError, PoolTimeout, driver.Error) as error:
        raise _translation(database, error) from error
    except Exception as error:
        if type(error).__module__.startswith("psycopg"):
            raise _translation(database, error) from error
        raise


def _sqlite_engine(url: URL) -> Engine:
    path = Path(url.database or "")
    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=lambda: sqlite_connection(path),
        # Said aloud: without a file in its URL SQLAlchemy takes a pool that closes connections in use.
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=8,
        pool_timeout=2,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # IMMEDIATE takes the write lock now; a lock taken later cannot wait its turn.
        immediate = not connection.get_execution_options().get("reading")
        connection.connection.dbapi_connection.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _postgres_engine(url: URL, *, prepare: bool, reading: bool = False) -> Engine:
    settings = (
        "-c timezone=UTC -c datestyle=ISO -c statement_timeout=60s -c lock_timeout=10s "
        "-c idle_in_transaction_session_timeout=60s -c client_encoding=UTF8"
    )
    options: dict[str, Any] = {"connect_timeout": 5, "options": settings, "application_name": "tracker"}
    if not prepare:
        options["prepare_threshold"] = None
    if reading:
        engine = create_engine(
            url,
            connect_args=options,
            isolation_level="AUTOCOMMIT",
            pool_reset_on_return=None,
            pool_size=8,
            max_overflow=8,
            pool_timeout=2,
        )
    else:
        engine = create_engine(
            url, connect_args=options, pool_pre_ping=True, pool_size=8, max_overflow=8, pool_timeout=2
        )
    event.listen(engine, "connect", _read_iso_text)
    return engine


def _read_iso_text(connection: Any, _record: object) -> None:
    """Make psycopg give days and instants as the same text that SQLite holds."""
    from psycopg.adapt import Loader

    class DayText(Loader):
        def load(self, data: Any) -> str:
            return bytes(data).decode()

    class InstantText(Loader):
        def load(self, data: Any) -> str:
            text = bytes(data).decode()  # 2020-08-31 01:00:00.5+00
            day, _, time = text.removesuffix("+00").partition(" ")
            whole, _, fraction = time.partition(".")
            return f"{day}T{whole}.{fraction:0<6}Z"

    connection.adapters.register_loader("date", DayText)
    connection.adapters.register_loader("timestamptz", InstantText)


def _set_journal(connection: Any, journal: str) -> None:
    try:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    except driver.OperationalError as error:
        # A read-only file keeps the mode it has; a locked one is being switched by someone else.
        if "readonly" not in str(error) and "locked" not in str(error):
            raise


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one at the same path, or None where there is none."""
    try:
        status = os.stat(path)  # half the time of Path.stat, at every read
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _no_file(database: Database) -> NotReady:
    return NotReady(
        f"there is no database at {database.path.absolute()}",
        hint="run `tracker db upgrade` to make it, or name another one in TRACKER_DATABASE_URL",
    )


def _translation(database: Database, error: BaseException) -> TrackerError:
    if database.is_sqlite and not database.path.is_file():
        return _no_file(database)
    if database.is_sqlite and "readonly" in str(error):
        # A connection that was opened read-only stays so; the next one sees whether the file still is.
        database.engine.dispose()
    return translation(error, database.place, sqlite=database.is_sqlite)
