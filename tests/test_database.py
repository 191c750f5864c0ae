"""How statements reach the engines: turns, durability, failures in the program's own words."""

from __future__ import annotations

import gc
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, select, text, update

from tests import postgres, rows
from tests.rows import BY, add
from tracker.database import engine as module
from tracker.database import migrations
from tracker.database.engine import Database, open_database, sqlite_connection
from tracker.database.statements import Statement
from tracker.errors import Conflict, Invalid, NotReady, TrackerError, Unavailable
from tracker.models import Base, Party
from tracker.shipped import newest_revision

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

ALL_PARTIES = Statement(select(Party.id, Party.version).order_by(Party.id))
ONE_PARTY = Statement(select(Party.version).where(Party.id == bindparam("id")), "id")
COUNT_UP = Statement(
    update(Party)
    .where(Party.id == bindparam("wanted"), Party.version == bindparam("seen"))
    .values(version=bindparam("new")),
    "wanted",
    "seen",
    "new",
)


def add_party(database: Database, **changes: Any) -> None:
    with database.write(BY) as change:
        add(change, "party", **changes)


def test_what_is_written_is_read(database: Database) -> None:
    add_party(database)
    assert database.rows(ALL_PARTIES) == [("city", 1)]
    assert database.rows(ONE_PARTY, "city") == [(1,)]


def test_a_block_that_raises_changes_nothing(database: Database) -> None:
    def write_and_fail() -> None:
        with database.write(BY) as change:
            add(change, "party")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert database.rows(ALL_PARTIES) == []


def test_eight_threads_lose_no_update(database: Database) -> None:
    add_party(database)
    again = []

    def count_up(_: int) -> None:
        for _ in range(100):
            while True:
                with database.write(BY) as change:
                    ((seen,),) = change.rows(ONE_PARTY, "city")
                    if change.count(COUNT_UP, "city", seen, seen + 1):
                        break
                again.append(seen)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count_up, range(8)))
    assert database.rows(ALL_PARTIES) == [("city", 801)]
    if database.is_sqlite:  # the lock is taken before anything is read, so nobody reads what is stale
        assert again == []


@on_sqlite
def test_two_programs_lose_no_update(database: Database) -> None:
    """Without the lock inside one process, the database's own has to do."""
    add_party(database)

    def count_up(_: int) -> None:
        own = open_database(database.url.render_as_string())
        for _ in range(50):
            with own.write(BY) as change:
                ((seen,),) = change.rows(ONE_PARTY, "city")
                change.connection.execute(text("UPDATE party SET version = :new"), {"new": seen + 1})
        own.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count_up, range(2)))
    assert database.rows(ALL_PARTIES) == [("city", 101)]


@on_sqlite
def test_every_connection_is_set_as_it_should_be(database: Database) -> None:
    journal, synchronous = module.sqlite_journal()
    with database.engine.connect() as writing, closing(sqlite_connection(database.path)) as reading:
        raw: Any = writing.connection.dbapi_connection
        for connection in (raw, reading):
            found = {
                name: connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in (
                    "foreign_keys",
                    "recursive_triggers",
                    "journal_mode",
                    "synchronous",
                    "busy_timeout",
                )
            }
            assert found == {
                "foreign_keys": 1,
                "recursive_triggers": 1,
                "journal_mode": journal,
                "synchronous": {"full": 2, "extra": 3}[synchronous],
                "busy_timeout": 10_000,
            }


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 34, 1), ("truncate", "extra")),
        ((3, 40, 1), ("truncate", "extra")),
        ((3, 44, 5), ("truncate", "extra")),
        ((3, 44, 6), ("wal", "full")),
        ((3, 45, 0), ("truncate", "extra")),
        ((3, 50, 6), ("truncate", "extra")),
        ((3, 50, 7), ("wal", "full")),
        ((3, 51, 0), ("truncate", "extra")),
        ((3, 51, 2), ("truncate", "extra")),
        ((3, 51, 3), ("wal", "full")),
        ((3, 53, 4), ("wal", "full")),
        ((4, 0, 0), ("wal", "full")),
    ],
)
def test_wal_is_used_only_where_it_is_safe(
    version: tuple[int, int, int], journal: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "driver", SimpleNamespace(sqlite_version_info=version))
    assert module.sqlite_journal() == journal


@pytest.fixture
def _without_pysqlite3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the SQLite that Python brings, and its journal mode, as where there is no wheel of pysqlite3."""
    monkeypatch.setattr(module, "driver", sqlite3)
    monkeypatch.setattr(module, "sqlite_journal", lambda: ("truncate", "extra"))


@pytest.mark.usefixtures("_without_pysqlite3")
def test_everything_works_with_the_sqlite_of_python(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    migrations.upgrade(database)
    rows.fill(database)
    assert database.rows(ALL_PARTIES) == [("city", 1)]
    with pytest.raises(Conflict), database.write(BY) as change:
        add(change, "party_name", party="nobody")
    with closing(sqlite_connection(database.path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (3,)
    database.close()


def test_days_and_instants_are_the_same_text_on_both_engines(database: Database) -> None:
    rows.fill(database)
    given = {
        "checked_on": "2022-02-28",
        "effective_on_earliest": "0001-01-01",
        "effective_on_latest": "9999-12-31",
        "recorded_at": "2020-08-31T01:00:00.500000Z",
        "created_at": "1999-12-31T23:59:59.999999Z",
        "updated_at": "2020-08-31T01:00:00.000000Z",
    }
    table = Base.metadata.tables["follow_up"]
    with database.write(BY) as change:
        change.connection.execute(table.update().values(given))
    read = Statement(select(*(table.c[name] for name in given)))
    assert database.rows(read) == [tuple(given.values())]
    with database.write(BY) as change:
        assert change.rows(read) == [tuple(given.values())]
        assert [tuple(row) for row in change.connection.execute(read.source)] == [tuple(given.values())]


def test_text_sorts_by_code_point(database: Database) -> None:
    """Whatever the database's collation: the bundled server hides the difference, one with ICU shows it."""
    words = ["a", "é", "B", "가", "z", "Z-", "Z0"]
    with database.write(BY) as change:
        for place, word in enumerate(words):
            add(change, "party", id=f"p{place}", match_key=word)
    found = database.rows(Statement(select(Party.match_key).order_by(Party.match_key)))
    assert [word for (word,) in found] == ["B", "Z-", "Z0", "a", "z", "é", "가"]


@on_sqlite
@pytest.mark.parametrize("action", ["schema", "ready", "rows", "write"])
def test_a_missing_file_is_said_and_not_made(empty_database_url: str, tmp_path: Path, action: str) -> None:
    database = open_database(empty_database_url)
    with pytest.raises(NotReady) as raised:
        act(database, action)
    assert raised.value.detail == f"there is no database at {tmp_path / 'empty.db'}"
    assert (
        raised.value.hint
        == "run `tracker db upgrade` to make it, or name another one in TRACKER_DATABASE_URL"
    )
    assert list(tmp_path.iterdir()) == []


@on_sqlite
@pytest.mark.parametrize("action", ["schema", "ready", "rows", "write"])
def test_a_text_is_not_a_database(empty_database_url: str, action: str) -> None:
    database = open_database(empty_database_url)
    database.path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(NotReady, match="the file is not a database"):
        act(database, action)
    assert database.path.read_text().startswith("Dear Sir")


def test_a_database_without_tables_is_not_ready(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    migrations.make_file(database)
    assert database.schema() is None
    with pytest.raises(NotReady, match="has no tables of tracker") as raised:
        database.ready()
    assert raised.value.hint == "run `tracker db upgrade` to make them"
    with pytest.raises(NotReady):
        database.rows(ALL_PARTIES)
    database.close()


@pytest.mark.parametrize(("number", "words"), [("0000", "older than"), ("0099", "newer than")])
def test_another_schema_is_not_ready(
    database: Database, monkeypatch: pytest.MonkeyPatch, number: str, words: str
) -> None:
    monkeypatch.setattr(Database, "schema", lambda _: number)
    with pytest.raises(NotReady, match=f"has schema {number}, {words} this program's {newest_revision()}"):
        database.ready()


@pytest.fixture
def read_only(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database that may be read only; on SQLite by its own switch, since root may write any file."""
    if not database.is_sqlite:
        with database.engine.connect() as connection:
            name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        set_default(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        yield database
        set_default(database, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        return

    def opened(path: Path, *, create: bool = False) -> Any:
        connection = sqlite_connection(path, create=create)
        connection.execute("PRAGMA query_only = ON")
        return connection

    monkeypatch.setattr(module, "sqlite_connection", opened)
    yield database


def set_default(database: Database, statement: str) -> None:
    plain = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(statement.encode())
    database.engine.dispose()
    database.reader.dispose()


def test_a_read_only_database_can_be_read_and_says_so_when_written(read_only: Database) -> None:
    read_only.ready()
    assert read_only.rows(ALL_PARTIES) == []
    with pytest.raises(Unavailable, match="the database is read-only"):
        add_party(read_only)


def test_a_locked_database_is_unavailable_and_can_be_read(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_party(database)
    monkeypatch.setattr(module, "WRITE_WAIT", 0.05)
    other = open_database(database.url.render_as_string(hide_password=False))

    def write_at_the_same_time() -> None:
        with other.write(BY) as change:
            if not other.is_sqlite:
                change.connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
            change.connection.execute(text("UPDATE party SET version = 3"))

    with database.write(BY) as holding:
        holding.connection.execute(text("UPDATE party SET version = 2"))
        with pytest.raises(Unavailable, match="locked by another program"):
            write_at_the_same_time()
        other.ready()
        assert other.rows(ALL_PARTIES) == [("city", 1)]
    assert other.rows(ALL_PARTIES) == [("city", 2)]
    other.close()


@on_sqlite
def test_many_threads_do_not_close_each_others_connections(database: Database) -> None:
    """The pool that SQLAlchemy would choose here closes connections in use, which crashes the process."""
    with database.write(BY) as change:
        add(change, "party")
        for _ in range(40):
            thread = threading.Thread(target=database.ready)
            thread.start()
            thread.join()
        assert change.rows(ONE_PARTY, "city") == [(1,)]
    assert database.rows(ALL_PARTIES) == [("city", 1)]


@on_sqlite
def test_writers_of_one_program_take_turns(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_WAIT", 0.05)
    refused: list[BaseException] = []

    def write() -> None:
        try:
            add_party(database)
        except TrackerError as error:
            refused.append(error)

    with database.write(BY):
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert [str(error) for error in refused] == [
        "the database is busy with other changes; try again in a moment"
    ]
    assert isinstance(refused[0], Unavailable)


@on_postgresql
def test_reading_goes_on_after_the_server_ended_every_connection(
    database: Database, postgres_databases: postgres.Databases
) -> None:
    add_party(database)
    for _ in range(3):
        pooled = [database.reader.raw_connection() for _ in range(3)]
        for connection in pooled:
            connection.close()
        postgres_databases.disconnect_all()
        assert database.rows(ALL_PARTIES) == [("city", 1)]
        postgres_databases.disconnect_all()
        with database.write(BY) as change:
            assert change.rows(ALL_PARTIES) == [("city", 1)]


@on_postgresql
def test_readers_that_are_cut_off_leave_no_connection_open(
    database: Database, postgres_databases: postgres.Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_party(database)
    gc.collect()
    lost: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)  # what psycopg warns of while collected
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with suppress(Unavailable):
                database.rows(ONE_PARTY, "city")

    with ThreadPoolExecutor(6) as pool:
        reading = [pool.submit(read) for _ in range(6)]
        for _ in range(8):
            threading.Event().wait(0.1)
            postgres_databases.disconnect_all()
        done.set()
    assert [thread.result() for thread in reading] == [None] * 6
    gc.collect()
    assert lost == []
    assert database.rows(ALL_PARTIES) == [("city", 1)]


@on_postgresql
def test_a_write_that_the_server_cuts_off_is_unavailable_and_undone(
    database: Database, postgres_databases: postgres.Databases
) -> None:
    def write_over_a_cut() -> None:
        with database.write(BY) as change:
            add(change, "party")
            postgres_databases.disconnect_all()
            add(change, "party", id="b")

    with pytest.raises(Unavailable, match="does not answer"):
        write_over_a_cut()
    assert database.rows(ALL_PARTIES) == []


@on_postgresql
@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"host": "127.0.0.1", "port": 1, "query": {}}, Unavailable, "does not answer"),
        ({"database": "nobody"}, NotReady, "no such database"),
        ({"username": "nobody"}, NotReady, "refuses the user or the password"),
    ],
)
def test_a_server_that_is_not_there_or_refuses_is_named_without_a_password(
    database: Database, change: dict[str, Any], kind: type[TrackerError], words: str
) -> None:
    url = database.url.set(**{"password": "hunter2"} | change)
    other = open_database(url.render_as_string(hide_password=False))
    for action in ("schema", "ready", "rows", "write"):
        with pytest.raises(kind, match=words) as raised:
            act(other, action)
        assert "hunter2" not in str(raised.value)
    other.close()


@on_postgresql
def test_every_connection_has_its_limits(database: Database) -> None:
    names = (
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "TimeZone",
        "DateStyle",
    )
    for engine in (database.engine, database.reader):
        with engine.connect() as connection:
            found = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
            assert found == ["1min", "10s", "1min", "UTC", "ISO, MDY"]


def test_nobody_sees_sql_or_a_constraint(database: Database) -> None:
    rows.fill(database)
    for values in (
        {"id": "city"},
        {"id": "B"},
        {"id": "b", "successor": "nobody"},
        {"id": "b", "name": None},
    ):
        with pytest.raises(Conflict) as raised:
            add_party(database, **values)
        said = str(raised.value).lower()
        assert not {"party", "insert", "ck_", "fk_", "null", "constraint", "sql"} & set(said.split())
        assert "ck_" not in said


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/a", "no engine that is known"),
        ("oracle://localhost/a", "no engine that is known"),
        ("nonsense", "no engine that is known"),
        ("", "no engine that is known"),
        ("tracker.db", "no engine that is known"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_an_unknown_url_is_refused_with_the_next_step(url: str, words: str) -> None:
    with pytest.raises(Invalid) as raised:
        open_database(url)
    (fault,) = raised.value.faults
    assert words in fault.detail
    assert "sqlite:///tracker.db" in (fault.hint or "")


def test_opening_connects_to_nothing_and_makes_nothing(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'a.db'}")
    open_database("postgresql://nobody@127.0.0.1:1/nothing")
    assert list(tmp_path.iterdir()) == []


def act(database: Database, action: str) -> None:
    """Do one of the things that reach the database."""
    if action == "rows":
        database.rows(ALL_PARTIES)
    elif action == "write":
        add_party(database)
    else:
        getattr(database, action)()


def test_a_snapshot_sees_one_moment_and_gives_its_connection_back(database: Database) -> None:
    add_party(database)
    with ThreadPoolExecutor(1) as other, database.snapshot() as fetch:
        assert fetch(ONE_PARTY, "city") == [(1,)]
        writing = other.submit(add_party, database, id="later")
        if not database.is_sqlite or module.sqlite_journal()[0] == "wal":
            writing.result(10)  # nobody waits for a reader
        assert fetch(ALL_PARTIES) == [("city", 1)]
    assert writing.result(10) is None
    assert database.rows(ALL_PARTIES) == [("city", 1), ("later", 1)]


def test_a_snapshot_that_fails_leaves_no_transaction_behind(database: Database) -> None:
    def read_and_fail() -> None:
        with database.snapshot() as fetch:
            fetch(ALL_PARTIES)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_and_fail()
    add_party(database)
    assert database.rows(ALL_PARTIES) == [("city", 1)]
    with database.snapshot() as fetch:
        assert fetch(ALL_PARTIES) == [("city", 1)]


@on_postgresql
def test_a_snapshot_survives_a_server_that_dropped_its_connections(
    database: Database, postgres_databases: postgres.Databases
) -> None:
    add_party(database)
    assert database.rows(ALL_PARTIES) == [("city", 1)]
    postgres_databases.disconnect_all()
    with database.snapshot() as fetch:
        assert fetch(ALL_PARTIES) == [("city", 1)]
