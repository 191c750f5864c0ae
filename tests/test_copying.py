"""A copy has every row of every table, on any engine, as of one moment, or nothing at all."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, make_url, text
from sqlalchemy.exc import DBAPIError

from tests import backups, rows, servers
from tests.backups import SOURCE, everything, filled, folder, notes, opened, raw, recorded
from tests.loads import PERSON, TOWN, told
from tests.test_checking import tampered
from tracker.backup import copy, copying, postgresql
from tracker.database import migrations
from tracker.database.engine import Database, open_database
from tracker.database.statements import Row
from tracker.errors import Conflict, Invalid, Malformed, NotReady
from tracker.services.access import create_token, holder
from tracker.services.checking import problems

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a copy goes: a database that is not there."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'copy.db'}"
        return
    url = make_url(request.getfixturevalue("postgres_databases").url)
    copy = url.set(database=f"{url.database}_copy").render_as_string(hide_password=False)
    yield copy
    backups.drop(copy, "")


@pytest.fixture
def target(target_url: str) -> Iterator[Database]:
    database = open_database(target_url)
    yield database
    database.close()


def test_everything_comes_along_and_works_there(database: Database, target: Database) -> None:
    filled(database)
    with database.write(PERSON) as change:
        secret = create_token(change, "Kim", "admin")
        rows.add(change, "agreement", id="renewed")
        rows.add(change, "agreement_link", agreement="deal", target="renewed")
        rows.add(change, "identifier", key=41, party="town")
        rows.add(change, "merged_party", id="village", party="town")
        rows.add(
            change,
            "idempotency_key",
            token=change.connection.execute(text("SELECT min(id) FROM token")).scalar_one(),
        )
        rows.add(change, "party", id="younger")
        rows.add(change, "party", id="elder", successor="younger")  # refers to a row that comes after it
    expected = everything(database)
    assert {name for name, found in expected.items() if not found} == {
        "party_name", "initiative", "agreement_source", "agreement_initiative", "clause_party",
    }  # fmt: skip
    copied = copy(database, target)
    assert copied.counts == {table: len(found) for table, found in expected.items()}
    assert everything(target) == expected
    assert everything(database) == expected
    assert list(problems(target)) == []

    found = holder(target, secret)
    assert found is not None
    assert found.name == "Kim"
    with target.engine.begin() as connection:
        words = connection.exec_driver_sql("SELECT text FROM source").scalar_one()
        assert words == "가나다라마"
    with pytest.raises(DBAPIError, match="append-only"), target.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM change")
    recorded(target, "there")
    told(target, "parties: [{id: new, kind: person, name: N, identifiers: [{scheme: s, value: v}]}]")
    with target.engine.connect() as connection:
        keys = connection.exec_driver_sql("SELECT key FROM identifier ORDER BY key").scalars().all()
    assert keys == [41, 42]
    assert list(problems(target)) == []


def test_there_and_back_is_the_same(database: Database, target: Database, tmp_path: Path) -> None:
    filled(database)
    copy(database, target)
    with opened(tmp_path / "back.db") as back:
        copy(target, back)
        assert everything(back) == everything(database)


def test_a_target_that_holds_anything_is_left_as_it_is(database: Database, target: Database) -> None:
    filled(database)
    copy(database, target)
    before = everything(target)
    with pytest.raises(Conflict) as refused:
        copy(database, target)
    assert str(refused.value) == (
        f"the database at {target.place} holds 1 agreement, 2 clauses, 1 follow-up, 7 changes;"
        " name one that is new or empty; what is there is never written over"
    )
    assert everything(target) == before
    with pytest.raises(Conflict, match="holds 1 agreement"):
        copy(database, database)


def test_the_tables_of_another_program_are_left_alone(
    database: Database, empty_database_url: str, tmp_path: Path
) -> None:
    filled(database)
    with opened(empty_database_url) as other:
        if other.is_sqlite:
            with closing(raw(other.path)) as connection:
                connection.execute("CREATE TABLE invoice (x)")
        else:
            with other.engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE invoice (x int)")
        with pytest.raises(Conflict, match="holds tables that are not tracker's: invoice;"):
            copy(database, other)
        assert other.schema() is None


def test_an_empty_target_is_filled(database: Database, empty_database_url: str) -> None:
    told(database, TOWN)
    with opened(empty_database_url) as empty:
        migrations.upgrade(empty)
        copy(database, empty)
        assert everything(empty) == everything(database)


@pytest.mark.parametrize(
    "engine_name", ["postgresql"], indirect=True
)  # a file is there from the first moment
def test_a_database_made_in_the_same_moment_is_filled_all_the_same(
    database: Database, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server goes on with CREATE DATABASE for a program that was killed, and the next one meets it."""
    told(database, TOWN)
    monkeypatch.setattr(postgresql, "exists", lambda _database: False)
    with opened(empty_database_url) as made_meanwhile:
        copy(database, made_meanwhile)
        assert everything(made_meanwhile) == everything(database)
        with pytest.raises(Conflict, match="holds 1 agreement"):
            copy(database, made_meanwhile)


def test_a_history_that_does_not_hold_is_not_copied(database: Database, target: Database) -> None:
    filled(database)
    tampered(database, "UPDATE change SET actor = 'lee' WHERE place = 2")
    with pytest.raises(Malformed, match=r"history 2 .*: its content does not have its digest"):
        copy(database, target)
    if target.is_sqlite:
        assert not target.path.exists()
    else:
        assert not any(everything(target).values())


def test_rows_that_are_not_as_they_were_copied_are_noticed(
    database: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database)
    insert = copying._insert

    def forgetful(connection: Connection, table: Table, found: Iterator[Row]) -> None:
        insert(connection, table, found)
        if table.name == "clause":
            connection.exec_driver_sql("UPDATE clause SET label = 'x' WHERE id = 'deal.2'")

    monkeypatch.setattr(copying, "_insert", forgetful)
    with pytest.raises(Malformed, match="rows of clause are not as they were copied"):
        copy(database, target)
    if target.is_sqlite:
        assert not list(target.path.parent.glob("copy.db*"))
    else:
        assert not any(everything(target).values())


@ON_SQLITE
@pytest.mark.parametrize("target_url", ["postgresql"], indirect=True)
def test_a_row_that_the_other_engine_refuses_is_named_by_its_table(
    database: Database, target: Database
) -> None:
    filled(database)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE source SET photo_credit = 'a' || char(0) || 'b'")
    with pytest.raises(Conflict) as refused:
        copy(database, target)
    assert str(refused.value).startswith("a row of source does not fit: ")
    assert not any(everything(target).values())


def test_the_source_is_read_as_of_one_moment(
    database: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write while it is copied: what comes along is what was there when it began, whole."""
    filled(database)
    insert, url = copying._insert, database.url.render_as_string(hide_password=False)

    def slow(connection: Connection, table: Table, found: Iterator[Row]) -> None:
        def write() -> None:
            with opened(url) as other:
                recorded(other, f"during {table.name}")

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(30)
        assert not thread.is_alive(), "a writer waits for the copy"
        insert(connection, table, found)

    monkeypatch.setattr(copying, "_insert", slow)
    copy(database, target)
    assert notes(target) == {"first"}
    assert len(notes(database)) > 10
    assert list(problems(target)) == []


@ON_SQLITE
@pytest.mark.parametrize("target_url", ["sqlite"], indirect=True)
def test_nothing_is_left_beside_the_database(database: Database, target: Database, tmp_path: Path) -> None:
    told(database, SOURCE + TOWN)
    database.close()
    copy(database, target)
    target.close()
    database.close()
    assert folder(tmp_path) == ["a.yaml", "copy.db", "tracker.db"]


def test_without_a_source_no_target_is_made(empty_database_url: str, tmp_path: Path) -> None:
    with opened(empty_database_url) as missing, opened(tmp_path / "copy.db") as target:
        with pytest.raises(NotReady):
            copy(missing, target)
        assert not target.path.exists()


def test_the_command_says_what_was_copied(database: Database, database_url: str, target: Database) -> None:
    filled(database)
    done = servers.run(
        "db", "copy", "--to", target.url.render_as_string(hide_password=False),
        database_url=database_url, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = done.communicate(timeout=60)
    assert done.returncode == 0, err
    assert dict(line.split("\t") for line in out.decode().splitlines())["change_text"] == str(
        len(everything(database)["change_text"])
    )
    assert err.decode().splitlines() == [
        f"copied {database.place} to {target.place}: 1 agreement, 2 clauses, 1 follow-up, 7 changes;"
        " counts, rows and all chains of history are the same at both ends",
        "set TRACKER_DATABASE_URL to use it; what is written to the old one from now on stays there",
    ]


@ON_SQLITE
def test_a_url_that_leads_nowhere_is_refused(database: Database) -> None:
    told(database, TOWN)
    command = [sys.executable, "-m", "tracker", "db", "copy", "--to"]
    for url, code in {"mysql://x/y": 3, "sqlite://": 3, "sqlite:////none/x.db": 1}.items():
        done = subprocess.run([*command, url], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (code, "")
        assert "Traceback" not in done.stderr
    with pytest.raises(Invalid):
        open_database("mysql://x/y")
