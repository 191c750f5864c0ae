"""A backup is whole or not there, holds everything, and stands in nobody's way."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import backups
from tests.backups import everything, filled, folder, opened, raw
from tracker.backup import back_up, files, postgresql, sqlite
from tracker.database import engine as databases
from tracker.database import migrations
from tracker.database.engine import Database, open_database
from tracker.errors import Conflict, NotReady, TrackerError
from tracker.services.checking import problems

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    backups.with_programs(monkeypatch)


@pytest.fixture
def own(empty_database_url: str) -> Iterator[Database]:
    """A register in a database of the test's own."""
    database = open_database(empty_database_url)
    migrations.upgrade(database)
    filled(database)
    yield database
    database.close()


@pytest.fixture
def safe(tmp_path: Path) -> Path:
    """A folder for backups alone."""
    path = tmp_path / "safe"
    path.mkdir()
    return path


def test_a_backup_is_one_file_that_only_its_owner_reads(own: Database, safe: Path) -> None:
    path = back_up(own, safe / "a b.backup")
    assert path == safe / "a b.backup"
    assert folder(safe) == ["a b.backup"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files.engine_of(path) == ("sqlite" if own.is_sqlite else "postgresql")


@ON_SQLITE
def test_a_backup_holds_everything_without_a_log(own: Database, safe: Path) -> None:
    path = back_up(own, safe / "b.db")
    assert path.read_bytes()[18:20] == b"\1\1"  # no write-ahead log
    with opened(path) as copied:
        assert everything(copied) == everything(own)
        assert list(problems(copied)) == []


def test_a_file_that_is_there_is_replaced_only_on_request(own: Database, safe: Path) -> None:
    path = safe / "b.backup"
    path.write_text("last night")
    with pytest.raises(Conflict) as refused:
        back_up(own, path)
    message = f"{path} is there already; name another file, or say --yes to replace it"
    assert str(refused.value) == message
    assert path.read_text() == "last night"
    back_up(own, path, replace=True)
    assert files.engine_of(path)
    assert folder(safe) == ["b.backup"]


def test_a_file_that_comes_up_meanwhile_is_not_replaced(
    own: Database, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = safe / "b.backup"

    def synced(written: Path) -> None:
        path.write_text("someone else's")

    monkeypatch.setattr(files, "on_disk", synced)
    with pytest.raises(Conflict):
        back_up(own, path)
    assert path.read_text() == "someone else's"
    assert folder(safe) == ["b.backup"]


@ON_SQLITE
def test_the_database_itself_is_no_place_for_its_backup(own: Database) -> None:
    before = everything(own)
    for end in ("", "-wal", "-shm", "-journal"):
        with pytest.raises(Conflict, match="is the database itself"):
            back_up(own, Path(f"{own.path}{end}"), replace=True)
    link = own.path.with_name("link")
    link.symlink_to(own.path)
    with pytest.raises(Conflict, match="is the database itself"):
        back_up(own, link, replace=True)
    assert everything(own) == before


@ON_SQLITE
def test_a_link_is_followed(own: Database, safe: Path) -> None:
    (safe / "last.db").symlink_to(safe / "monday.db")
    assert back_up(own, safe / "last.db") == safe / "monday.db"
    assert (safe / "last.db").is_symlink()


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "message"),
    [
        (".", "is a folder; name a file in it"),
        ("none/b.db", "there is no folder"),
        ("fifo", "is there and is not a plain file"),
        ("x" * 300, "cannot be"),
    ],
)
def test_a_place_that_cannot_take_it_is_named(own: Database, safe: Path, name: str, message: str) -> None:
    os.mkfifo(safe / "fifo")
    with pytest.raises(TrackerError, match=message):
        back_up(own, safe / name, replace=True)
    assert folder(safe) == ["fifo"]


def test_without_a_database_there_is_nothing_to_back_up(empty_database_url: str, safe: Path) -> None:
    with opened(empty_database_url) as empty, pytest.raises(NotReady):
        back_up(empty, safe / "b.backup")
    assert folder(safe) == []


@ON_SQLITE
def test_a_damaged_database_gives_no_backup_and_says_so(own: Database, safe: Path) -> None:
    own.close()
    with closing(raw(own.path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'change'").fetchone()[0]
    with own.path.open("r+b") as file:
        file.seek(4096 * (page - 1))
        file.write(b"\xff" * 4096)
    with pytest.raises(NotReady, match="is damaged"):
        back_up(own, safe / "b.db")
    assert folder(safe) == []


def test_what_a_killed_backup_left_is_swept_away_a_day_later(own: Database, safe: Path) -> None:
    old, new, other = safe / ".b.db.x.partial", safe / ".b.db.y.partial", safe / ".c.db.z.partial"
    for path in (old, new, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (time.time() - 90_000,) * 2)
    back_up(own, safe / "b.db")
    assert folder(safe) == [".b.db.y.partial", ".c.db.z.partial", "b.db"]


@ON_SQLITE
@pytest.mark.parametrize("journal", ["wal", "truncate"])
def test_a_backup_ends_while_others_write_without_a_pause(
    journal: str, own: Database, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.close()
    monkeypatch.setattr(databases, "sqlite_journal", lambda: (journal, "full"))
    monkeypatch.setattr(sqlite, "STEP", 4)  # so small a database takes many steps, too
    with closing(raw(own.path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    over = threading.Event()
    written: list[int] = []

    def write() -> None:
        with closing(raw(own.path)) as connection:
            while not over.is_set():
                number = len(written)
                connection.execute(
                    "INSERT INTO source (id, kind, title, version, created_at, updated_at)"
                    f" VALUES ('s{number}', 'other', '{'t' * 300}', 1, 'a', 'a')"
                )
                written.append(number)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(written) < 20:
            time.sleep(0.001)
        for number in range(3):
            before = len(written)
            path = back_up(own, safe / f"{number}.db")
            with closing(raw(path)) as copied:
                found = copied.execute("SELECT count(*) FROM source WHERE id LIKE 's%'").fetchone()[0]
                assert copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert before <= found <= len(written) + 1
    finally:
        over.set()
        thread.join()
    assert folder(safe) == ["0.db", "1.db", "2.db"]


@ON_SQLITE
def test_a_backup_that_was_overtaken_too_often_begins_with_an_empty_file(
    own: Database, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a copy in the file may look like no database at all to what begins anew."""
    own.close()
    monkeypatch.setattr(databases, "sqlite_journal", lambda: ("truncate", "full"))
    monkeypatch.setattr(sqlite, "STEP", 4)
    with closing(raw(own.path)) as connection:
        connection.execute("PRAGMA journal_mode = truncate")

    def overtaken() -> Any:
        target = next(path for path in safe.iterdir() if path.name.endswith(".partial"))
        target.write_bytes(b"half a copy" * 400)
        raise sqlite._Moved

    monkeypatch.setattr(sqlite, "_counting_restarts", lambda: lambda *_: overtaken())
    path = back_up(own, safe / "a.db")
    with closing(raw(path)) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert folder(safe) == ["a.db"]


# pg_dump


def fake(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


@ON_POSTGRESQL
@pytest.mark.parametrize("version", ["9.6.24", None])
def test_a_pg_dump_older_than_the_server_is_not_used_and_the_command_is_said(
    version: str | None, own: Database, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(safe))
    monkeypatch.setattr(postgresql, "DEBIAN", safe)
    if version:
        fake(safe, "pg_dump", f"echo 'pg_dump (PostgreSQL) {version}'")
    named = open_database(own.url.set(password="s3cret").render_as_string(hide_password=False))
    with closing(named), pytest.raises(NotReady) as refused:
        back_up(named, safe / "b.dump")
    said = str(refused.value)
    assert said.startswith("pg_dump here is 9, and" if version else "there is no pg_dump here, and")
    assert f"pg_dump --format=custom '--dbname=dbname={own.url.database} " in said
    assert said.endswith(f"--file={safe / 'b.dump'}")
    assert "s3cret" not in said
    assert not (safe / "b.dump").exists()


@ON_POSTGRESQL
def test_the_password_is_on_no_command_line(
    own: Database, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{safe}:{os.environ['PATH']}")
    said = safe / "said"
    fake(
        safe,
        "pg_dump",
        f'[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.1" && exit 0\n'
        f'echo "$@" > {said}; echo "$PGPASSWORD" >> {said}; echo "pg_dump: error: no luck" >&2; exit 1',
    )
    url = own.url.set(password="s3cret").update_query_dict({"application_name": "x%y"})
    named = open_database(url.render_as_string(hide_password=False))
    with closing(named), pytest.raises(NotReady) as refused:
        back_up(named, safe / "b.dump")
    arguments, password = said.read_text().splitlines()
    assert password == "s3cret"
    assert "s3cret" not in arguments + str(refused.value)
    assert f"dbname={own.url.database}" in arguments
    assert " failed: no luck; try it by hand: " in str(refused.value)
    assert folder(safe) == ["pg_dump", "said"]


@ON_POSTGRESQL
def test_a_dump_lists_every_table(own: Database, safe: Path) -> None:
    path = back_up(own, safe / "b.dump")
    program: Any = postgresql._program("pg_restore", 1, "")
    listed = subprocess.run(
        [str(backups.BUNDLED[-1] / "pg_restore"), "--list", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert program
    for name in everything(own):
        assert f"TABLE DATA public {name} " in listed.stdout
