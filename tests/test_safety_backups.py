"""Backups under load, and kills at any moment: every acknowledged write is kept, nothing is half done."""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests import backups, servers
from tests.api import fill
from tests.backups import everything, notes, opened, recorded
from tests.servers import say, serving
from tests.test_safety_kills import WRITERS, Crowd, Writer, acknowledged, ended, have_at_least
from tracker.backup import back_up, copy, restore
from tracker.database import migrations
from tracker.database.engine import Database, open_database
from tracker.errors import TrackerError
from tracker.services.checking import problems

BACKUPS = 20
KILLS = 20

pytestmark = pytest.mark.safety


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    backups.with_programs(monkeypatch)


@pytest.fixture
def chance() -> random.Random:
    seed = time.time_ns()
    say(f"random.Random({seed})")
    return random.Random(seed)


@pytest.fixture
def own(empty_database_url: str) -> Iterator[Database]:
    """A register of the test's own."""
    database = open_database(empty_database_url)
    migrations.upgrade(database)
    fill(database)
    yield database
    database.close()
    numbers = ["", *(f"_{number}" for number in range(2, KILLS + 2))]
    backups.drop(empty_database_url, *(f"_before_restore{number}" for number in numbers))


@pytest.fixture
def elsewhere(own: Database, tmp_path: Path) -> Iterator[str]:
    """Where backups are restored and copies go."""
    if own.is_sqlite:
        yield f"sqlite:///{tmp_path / 'elsewhere.db'}"
        return
    url = own.url.set(database=f"{own.url.database}_elsewhere").render_as_string(hide_password=False)
    yield url
    backups.drop(url, "", "_before_restore")


def test_twenty_backups_under_load_hold_every_write_acknowledged_before_each(
    own: Database, empty_database_url: str, elsewhere: str, tmp_path: Path
) -> None:
    own.close()
    token = servers.editor(empty_database_url)
    held = []
    with serving(empty_database_url, tmp_path / "server.log") as server:
        writers = [Writer(server, token, number) for number in range(WRITERS)]
        with closing(Crowd(writers)):
            for number in range(BACKUPS):
                goal = acknowledged(writers) + 10
                servers.wait_until(lambda goal=goal: have_at_least(goal, writers))  # type: ignore[misc]
                before = {id for writer in writers for id in list(writer.acknowledged)}
                count, begun = acknowledged(writers), time.monotonic()
                file = back_up(own, tmp_path / f"{number}.backup")
                took = time.monotonic() - begun
                held.append((file, before))
                say(f"backup {number}: {took:.2f} s, {acknowledged(writers) - count} writes meanwhile")
        assert server.stop() == 0
        assert "Traceback" not in server.log
    for file, before in held:
        with opened(elsewhere) as restored:
            done = restore(restored, file, replace=True)
            with restored.engine.connect() as connection:
                kept = set(connection.exec_driver_sql("SELECT id FROM follow_up").scalars())
            assert before <= kept
            assert list(problems(restored)) == []
        if done.kept is not None:
            _forget(done.kept, elsewhere)
    assert len(held[-1][1]) > BACKUPS * 10


def test_killed_backups_leave_the_database_and_no_file_that_looks_complete(
    own: Database, empty_database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    expected = everything(own)
    own.close()
    file = tmp_path / "safe" / "b.backup"
    file.parent.mkdir()
    duration = _timed(empty_database_url, "db", "backup", str(file))
    outcomes: Counter[str] = Counter()
    for _ in range(KILLS):
        file.unlink(missing_ok=True)
        _killed(chance.uniform(0.3 * duration, 1.1 * duration), empty_database_url, "db", "backup", str(file))
        outcomes["complete" if file.exists() else "none"] += 1
        if file.exists() and own.is_sqlite:
            with opened(file) as copied:
                assert everything(copied) == expected
    say(str(dict(outcomes)))
    assert everything(own) == expected
    assert outcomes["none"]


def test_killed_restores_leave_the_old_database_or_the_new_one(
    own: Database, empty_database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    file = back_up(own, tmp_path / "b.backup")
    new = notes(own)
    recorded(own, "old")
    old = notes(own)
    own.close()
    duration = _timed(empty_database_url, "db", "restore", str(file), "--yes")
    outcomes: Counter[str] = Counter()
    for _ in range(KILLS):
        own.close()
        if notes(own) == new:
            recorded(own, "old")
            old = notes(own)
        own.close()
        _killed(
            chance.uniform(0.3 * duration, 1.1 * duration),
            empty_database_url,
            "db",
            "restore",
            str(file),
            "--yes",
        )
        servers.wait_until_alone(empty_database_url)
        now = _notes_soon(own)
        assert now in (old, new)
        outcomes["new" if now == new else "old"] += 1
        assert list(problems(own)) == []
    say(str(dict(outcomes)))
    assert outcomes["old"]


def test_killed_copies_leave_nothing_or_everything(
    own: Database, empty_database_url: str, elsewhere: str, tmp_path: Path, chance: random.Random
) -> None:
    expected = everything(own)
    own.close()
    duration = _timed(empty_database_url, "db", "copy", "--to", elsewhere)
    outcomes: Counter[str] = Counter()
    for number in range(KILLS):
        to = elsewhere.replace("elsewhere", f"elsewhere{number}")
        try:
            _killed(
                chance.uniform(0.3 * duration, 1.1 * duration), empty_database_url, "db", "copy", "--to", to
            )
            servers.wait_until_alone(to) if _is_there(to) else None
            if not _is_there(to):
                outcomes["not made"] += 1
            else:
                with opened(to) as target:
                    if target.schema() is None:
                        outcomes["no tables"] += 1
                    elif (now := everything(target)) == expected:
                        outcomes["everything"] += 1
                    else:
                        assert not any(now.values())
                        outcomes["nothing"] += 1
            with opened(to) as target:  # and running it again completes it
                with suppress(TrackerError):
                    copy(own, target)
                assert everything(target) == expected
        finally:
            backups.drop(to, "")
    say(str(dict(outcomes)))
    assert outcomes.total() == KILLS


def _timed(database_url: str, *command: str) -> float:
    """Run a command to its end and give how long it took, in seconds."""
    begun = time.monotonic()
    running = servers.run(*command, database_url=database_url, stdout=subprocess.DEVNULL)
    with ended(running):
        assert running.wait(servers.PATIENCE) == 0
    return time.monotonic() - begun


def _killed(after: float, database_url: str, *command: str) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = servers.run(*command, database_url=database_url, **quiet)
    with ended(running):
        with suppress(subprocess.TimeoutExpired):
            running.wait(after)
        running.kill()
        running.wait(servers.PATIENCE)


def _notes_soon(database: Database) -> set[str]:
    """Read, once a server has noticed that the program which was restoring is dead."""
    seen: list[set[str]] = []

    def read() -> bool:
        database.close()
        with suppress(Exception):
            seen.append(notes(database))
        return bool(seen)

    servers.wait_until(read)
    return seen[0]


def _is_there(url: str) -> bool:
    with opened(url) as database:
        if database.is_sqlite:
            return database.path.exists()
        from tracker.backup import postgresql

        return postgresql.exists(database)


def _forget(kept: str, url: str) -> None:
    if url.startswith("sqlite"):
        Path(kept).unlink()
    else:
        backups.drop(url, "_before_restore")
