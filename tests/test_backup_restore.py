"""A restore puts a verified backup in the old one's place in one step, whoever has it open, and keeps the old one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests import backups, servers
from tests.backups import everything, filled, folder, kept, notes, opened, raw, recorded
from tests.servers import Client, serving
from tests.test_checking import tampered
from tests.test_migrations import NEXT, SCHEMA, write_migration
from tracker import shipped
from tracker.backup import back_up, restore, sqlite
from tracker.database import engine as databases
from tracker.database import migrations
from tracker.database.engine import Database, open_database
from tracker.errors import Conflict, Malformed, NotReady, TrackerError, Unavailable
from tracker.services.checking import problems

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    backups.with_programs(monkeypatch)


@pytest.fixture
def own(empty_database_url: str) -> Iterator[Database]:
    """A register in a database of the test's own, which may change its name."""
    database = open_database(empty_database_url)
    migrations.upgrade(database)
    filled(database)
    yield database
    database.close()
    backups.drop(empty_database_url, "_before_restore", "_before_restore_2")


@pytest.fixture
def backup(own: Database, tmp_path: Path) -> Path:
    """Its backup."""
    safe = tmp_path / "safe"
    safe.mkdir()
    return back_up(own, safe / "b.backup")


def test_a_restored_database_is_as_it_was_and_the_replaced_one_is_kept(own: Database, backup: Path) -> None:
    then = everything(own)
    recorded(own, "later")
    later = everything(own)
    restored = restore(own, backup, replace=True)
    assert (restored.schema, restored.counts) == (SCHEMA, {table: len(rows) for table, rows in then.items()})
    assert everything(own) == then
    assert list(problems(own)) == []
    expected = (
        str(own.path.with_name("empty.before-restore.db"))
        if own.is_sqlite
        else f"{own.url.database}_before_restore"
    )
    assert restored.kept == expected
    with kept(own, restored.kept) as before:
        assert everything(before) == later
    recorded(own, "after")  # the triggers, the keys, all of it works
    assert list(problems(own)) == []


def test_a_second_one_is_kept_beside_the_first(own: Database, backup: Path) -> None:
    first = restore(own, backup, replace=True).kept
    recorded(own, "between")
    second = restore(own, backup, replace=True).kept
    assert first
    assert second
    assert first != second
    with kept(own, first) as before:
        assert notes(before) == {"first"}
    with kept(own, second) as before:
        assert notes(before) == {"first", "between"}


def test_a_database_that_holds_anything_is_replaced_on_request_only(own: Database, backup: Path) -> None:
    before = everything(own)
    with pytest.raises(Conflict) as refused:
        restore(own, backup)
    assert str(refused.value) == (
        f"the database at {own.place} holds 1 agreement, 2 clauses, 1 follow-up, 7 changes;"
        " say --yes to replace it; it is kept beside the new one"
    )
    assert everything(own) == before
    if own.is_sqlite:
        assert folder(own.path.parent) == ["a.yaml", "empty.db", "empty.db-wal", "safe"]


def test_an_empty_or_missing_database_is_filled_without_asking(
    own: Database, backup: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if own.is_sqlite:
        urls = [f"sqlite:///{tmp_path / name}" for name in ("new.db", "zero.db", "upgraded.db")]
        (tmp_path / "zero.db").touch()
    else:
        databases_ = request.getfixturevalue("postgres_databases")
        missing = own.url.set(database=f"{own.url.database}_new").render_as_string(hide_password=False)
        urls = [missing, databases_.make(), databases_.make()]
    with opened(urls[2]) as upgraded:
        migrations.upgrade(upgraded)
    try:
        for url in urls:
            with opened(url) as empty:
                restore(empty, backup)
                assert everything(empty) == everything(own)
                if not own.is_sqlite:
                    backups.drop(url, "_before_restore")
    finally:
        if not own.is_sqlite:
            backups.drop(urls[0], "")


@ON_SQLITE
def test_what_is_no_backup_changes_nothing(own: Database, backup: Path, tmp_path: Path) -> None:
    before = everything(own)
    (tmp_path / "text").write_text("tracker: 1\n")
    (tmp_path / "cut").write_bytes(backup.read_bytes()[:100_000])
    (tmp_path / "zeros").write_bytes(bytes(4096))
    with closing(raw(tmp_path / "other")) as other:
        other.execute("CREATE TABLE t (x)")
    for name, message in {
        "none": "is not there",
        "safe": "is not a file",
        "text": "is no backup of tracker",
        "zeros": "is no backup of tracker",
        "other": "holds no tables of tracker",
        "cut": "cannot be read: database disk image is malformed",
    }.items():
        with pytest.raises(Malformed, match=message):
            restore(own, tmp_path / name, replace=True)
    with pytest.raises(Malformed, match="is the database itself"):
        restore(own, own.path, replace=True)
    assert everything(own) == before
    assert not list(own.path.parent.glob("*before*"))
    assert not list(own.path.parent.glob(".*"))


@ON_POSTGRESQL
def test_a_cut_dump_changes_nothing(own: Database, backup: Path, tmp_path: Path) -> None:
    before = everything(own)
    (tmp_path / "cut").write_bytes(backup.read_bytes()[:20_000])
    with pytest.raises(Malformed, match="cannot be restored: "):
        restore(own, tmp_path / "cut", replace=True)
    assert everything(own) == before
    with closing(servers.plain_connection(own.url.render_as_string(hide_password=False))) as connection:
        named = f"{own.url.database}%restor%"  # others restore on the same server
        left = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE %s", [named]
        ).fetchone()
    assert left == (0,)


def test_a_backup_whose_history_was_rewritten_is_refused(own: Database, tmp_path: Path) -> None:
    tampered(own, "UPDATE change SET actor = 'lee' WHERE place = 3")
    path = back_up(own, tmp_path / "bad.backup")
    tampered(own, "UPDATE change SET actor = 'kim' WHERE place = 3")
    before = everything(own)
    with pytest.raises(Malformed) as refused:
        restore(own, path, replace=True)
    assert [str(fault) for fault in refused.value.faults] == [
        f"{path}: history 3 (load party agency): its content does not have its digest",
        "nothing was changed",
    ]
    assert everything(own) == before


@ON_SQLITE
def test_a_backup_with_broken_references_is_refused(own: Database, backup: Path) -> None:
    with closing(raw(backup)) as connection:
        connection.execute("DELETE FROM party WHERE id = 'mayor'")
    with pytest.raises(Malformed) as refused:
        restore(own, backup, replace=True)
    assert [fault.detail for fault in refused.value.faults] == [
        f"{backup}: 1 reference from affiliation to party that is not there",
        f"{backup}: 1 reference from agreement_party to party that is not there",
        f"{backup}: 1 reference from quote to party that is not there",
        "nothing was changed",
    ]


@ON_SQLITE
def test_a_backup_with_a_damaged_page_is_refused(own: Database, backup: Path) -> None:
    before = everything(own)
    with closing(raw(backup)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'clause'").fetchone()[0]
    with backup.open("r+b") as file:
        file.seek(4096 * (page - 1) + 8)
        file.write(b"\xff" * 200)
    with pytest.raises(Malformed, match="the file is damaged: "):
        restore(own, backup, replace=True)
    assert everything(own) == before


def test_an_older_backup_is_upgraded_and_a_newer_one_refused(
    own: Database, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "migrations"
    shutil.copytree(shipped.migrations_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    with monkeypatch.context() as later:
        later.setattr(shipped, "migrations_folder", lambda: copy)
        write_migration(copy / "versions", "op.execute('UPDATE party SET country = NULL')")
        restored = restore(own, backup, replace=True)
        assert (restored.schema, own.schema()) == (SCHEMA, NEXT)
        newer = back_up(own, tmp_path / "newer.backup")

    restore(own, backup, replace=True)
    before = everything(own)
    with pytest.raises(NotReady) as refused:
        restore(own, newer, replace=True)
    assert (
        refused.value.detail
        == f"the database at {newer} has schema {NEXT}, newer than this program's {SCHEMA}"
    )
    assert everything(own) == before


def test_a_backup_of_the_other_engine_is_sent_to_copy(own: Database, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(b"PGDMP" + bytes(100) if own.is_sqlite else b"SQLite format 3\0" + bytes(100))
    with pytest.raises(Conflict, match="`tracker db copy --to URL` moves it"):
        restore(own, path, replace=True)


# Who has it open


def test_a_server_goes_on_with_what_was_restored(
    own: Database, backup: Path, empty_database_url: str, tmp_path: Path
) -> None:
    token = servers.editor(empty_database_url)
    back_up(own, backup, replace=True)  # with the token
    own.close()
    with serving(empty_database_url, tmp_path / "log") as server:
        client = Client(server, token)
        with closing(client):
            path = "/v1/clauses/deal.1/follow-ups"
            content = {"track": "reported", "status": "in_progress", "effective_on": "2021", "note": "later"}
            assert client.ask("POST", path, content).status == 201
            said = subprocess.run(
                [sys.executable, "-m", "tracker", "db", "restore", str(backup), "--yes"],
                env=os.environ
                | {"TRACKER_DATABASE_URL": empty_database_url, "PYTHONPATH": str(servers.ROOT)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert said.returncode == 0, said.stderr
            assert said.stderr.splitlines()[-1].endswith("all chains of history hold")
            assert [each["note"] for each in client.all(path)] == ["first"]
            assert client.ask("POST", path, content | {"note": "after"}).status == 201
            assert [each["note"] for each in client.all(path)] == ["first", "after"]
        assert server.stop() == 0
        assert "Traceback" not in server.log
    with opened(empty_database_url) as now:
        assert notes(now) == {"first", "after"}
        assert list(problems(now)) == []
    with kept(own, said.stdout.strip()) as before:
        assert notes(before) == {"first", "later"}
        assert list(problems(before)) == []


@pytest.mark.parametrize(
    ("engine_name", "journal"),
    [("sqlite", "wal"), ("sqlite", "truncate"), ("postgresql", None)],
    indirect=["engine_name"],
)
def test_no_write_is_lost_between_the_old_and_the_new(
    journal: str | None, own: Database, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is acknowledged before the restore is in the old database, what is acknowledged after it in the new."""
    if journal is not None:
        own.close()
        with closing(raw(own.path)) as connection:
            connection.execute(f"PRAGMA journal_mode = {journal}")
        monkeypatch.setattr(databases, "sqlite_journal", lambda: (journal, "full"))
        monkeypatch.setattr(sqlite, "sqlite_connection", databases.sqlite_connection)
    acknowledged: list[str] = []
    with writing(own, acknowledged.append):
        wait_for(acknowledged, 5)
        count = len(acknowledged)
        restored = restore(own, backup, replace=True)
        wait_for(acknowledged, len(acknowledged) + 5)
    assert restored.kept
    with kept(own, restored.kept) as before:
        old = notes(before)
        assert list(problems(before)) == []
    new = notes(own)
    assert list(problems(own)) == []
    assert set(acknowledged) <= old | new
    assert set(acknowledged[:count]) <= old
    assert acknowledged[-1] in new
    assert old & new == {"first"}


@contextmanager
def writing(database: Database, told: Callable[[str], Any]) -> Iterator[None]:
    """Record follow-ups in a thread without a pause, while the block lasts."""
    url, over = database.url.render_as_string(hide_password=False), threading.Event()

    def write() -> None:
        with opened(url) as own:
            number = 0
            while not over.is_set():
                with suppress(TrackerError):  # PostgreSQL sends everyone out for a moment
                    recorded(own, f"n{number}")
                    told(f"n{number}")
                number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


def wait_for(acknowledged: list[str], count: int) -> None:
    servers.wait_until(lambda: len(acknowledged) >= count)


@ON_SQLITE
def test_the_log_of_the_old_database_never_meets_the_new_one(
    own: Database, backup: Path, tmp_path: Path
) -> None:
    """A program died and left a write-ahead log full of commits: they belong to the old database alone."""
    then = everything(own)
    with closing(raw(own.path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        for number in range(50):
            connection.execute(f"UPDATE party SET description = '{'x' * 3000}{number}'")
        died = tmp_path / "died"
        died.mkdir()
        for end in ("", "-wal"):
            shutil.copy(f"{own.path}{end}", died / f"tracker.db{end}")
    assert (died / "tracker.db-wal").stat().st_size > 500_000
    with opened(died / "tracker.db") as dead:
        restored = restore(dead, backup, replace=True)
        assert everything(dead) == then
    assert restored.kept
    with opened(Path(restored.kept)) as before, before.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT DISTINCT substr(description, 2999) FROM party").scalars()
        assert found.all() == ["xx49"]
    with closing(raw(died / "tracker.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@ON_SQLITE
def test_a_log_whose_database_is_gone_is_moved_aside(own: Database, backup: Path, tmp_path: Path) -> None:
    then = everything(own)
    with closing(raw(own.path)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE party SET description = 'old'")
        gone = tmp_path / "gone"
        gone.mkdir()
        shutil.copy(f"{own.path}-wal", gone / "tracker.db-wal")
    with opened(gone / "tracker.db") as missing:
        restored = restore(missing, backup)
        assert everything(missing) == then
    assert restored.kept == str(gone / "tracker.before-restore.db")
    assert (gone / "tracker.before-restore.db-wal").stat().st_size > 0


@ON_SQLITE
def test_a_file_that_sqlite_cannot_read_is_moved_aside_unless_someone_has_it_open(
    own: Database, backup: Path
) -> None:
    then = everything(own)
    own.close()
    # In a process of its own: reading the file in this one would end the locks of this one.
    code = "c = __import__('sys').modules['tests.backups'].raw('empty.db')"
    code = (
        f"import tests.backups; {code}; c.execute('SELECT count(*) FROM party').fetchone(); print(); input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(servers.ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    holder.stdout.readline()
    with own.path.open("r+b") as file:
        file.write(b"no database any more")
    content = own.path.read_bytes()
    own.path.chmod(0o640)
    command = [sys.executable, "-m", "tracker", "db", "restore", str(backup)]
    environment = os.environ | {
        "TRACKER_DATABASE_URL": f"sqlite:///{own.path}",
        "PYTHONPATH": str(servers.ROOT),
    }

    def said(*more: str) -> tuple[int, str, str]:
        done = subprocess.run([*command, *more], env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert said()[0] == 6
    assert said("--yes") == (
        1,
        "",
        f"Error: another program has {own.path} open, which SQLite cannot read; stop the server first\n",
    )
    assert own.path.read_bytes() == content
    holder.communicate(b"\n", 20)
    aside = own.path.with_name("empty.before-restore.db")
    assert said("--yes")[:2] == (0, f"{aside}\n")
    assert aside.read_bytes() == content
    assert own.path.stat().st_mode & 0o777 == 0o640
    assert everything(own) == then


@ON_SQLITE
def test_a_database_that_stays_locked_is_left_as_it_is(
    own: Database, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(own)
    monkeypatch.setattr(sqlite, "PATIENCE", 0.2)
    monkeypatch.setattr(databases, "WRITE_WAIT", 0.2)
    with closing(raw(own.path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="is locked by another program"):
            restore(own, backup, replace=True)
        assert time.monotonic() - begun < 30
    assert everything(own) == before
    assert not list(own.path.parent.glob("*before*"))


@ON_SQLITE
def test_another_page_size_is_no_hindrance(own: Database, backup: Path, tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    with closing(raw(path)) as connection:
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
    with opened(path) as large:
        with pytest.raises(Conflict, match="holds tables that are not tracker's: t"):
            restore(large, backup)
        restored = restore(large, backup, replace=True)
        assert everything(large) == everything(own)
    assert restored.kept
    with closing(raw(Path(restored.kept))) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
