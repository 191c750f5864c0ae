"""Many at once, and a database that goes away: one winner each, honest answers, and back by itself.

Real servers over HTTP. A 503 with Retry-After is an honest answer, and never counts as a win.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests import postgres, servers
from tests.api import FOLLOW_UP, Answer, fill
from tests.servers import Client, Server, is_honest_503, say, serving, wait_until
from tests.test_safety_kills import WRITERS, Crowd, Writer, acknowledged, check_nothing_lost, have_at_least
from tracker.database import migrations
from tracker.database.engine import Database, open_database, sqlite_connection
from tracker.services.checking import problems

CLIENTS = 8
CUTS = 10
RACES = 1_000 if servers.FULL else 100
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture
def world(database: Database) -> str:
    """A small world of agreements, open to nobody: the token of an editor."""
    fill(database)
    database.close()
    return servers.editor(database.url.render_as_string(hide_password=False))


# One version, many writers


def test_ten_races_on_one_version_have_one_winner_each(
    database: Database, database_url: str, world: str, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path / "server.log") as server:
        race([server], world, "/v1/clauses/deal.1", "label", 10)
    assert list(problems(database)) == []


@pytest.mark.safety
@pytest.mark.parametrize("kind", ["clause", "follow_up"])
def test_races_over_two_servers_have_one_winner_each(
    database: Database, database_url: str, world: str, tmp_path: Path, kind: str
) -> None:
    with ExitStack() as stack:
        pair = [stack.enter_context(serving(database_url, tmp_path / f"server{n}.log")) for n in (1, 2)]
        path, field = "/v1/clauses/deal.1", "label"
        if kind == "follow_up":
            with closing(Client(pair[0], world)) as client:
                made = write(client)
            assert made.status == 201
            path, field = f"/v1/follow-ups/{made.json['id']}", "note"
        race(pair, world, path, field, RACES)
        assert not any("Traceback" in server.log for server in pair)
    assert list(problems(database)) == []


def race(running: list[Server], token: str, path: str, field: str, rounds: int) -> None:
    """Let clients change one field of one resource with one ETag, again and again, and look what came of it."""
    clients = [Client(running[n % len(running)], token) for n in range(CLIENTS)]
    start = threading.Barrier(CLIENTS)
    statuses: Counter[int] = Counter()
    winners: Counter[int] = Counter()

    def change(number: int, etag: str, round: int) -> Answer:
        start.wait(servers.PATIENCE)
        return clients[number].ask("PATCH", path, {field: f"{round} by {number}"}, If_Match=etag)

    with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as pool:
        for client in clients:
            stack.callback(client.close)
        changes = len(clients[0].all(f"{path}/history?limit=200"))
        for round in range(rounds):
            before = clients[0].ask("GET", path)
            answers = list(pool.map(change, range(CLIENTS), [before.etag] * CLIENTS, [round] * CLIENTS))
            won = [number for number, answer in enumerate(answers) if answer.status == 200]
            assert len(won) == 1, [(answer.status, answer.raw) for answer in answers]
            lost = [answer for number, answer in enumerate(answers) if number not in won]
            assert all(
                answer.status == 412 or is_honest_503(answer.status, answer.headers) for answer in lost
            )
            after = clients[1].ask("GET", path)
            assert after.json[field] == f"{round} by {won[0]}"
            assert after.json["version"] == before.json["version"] + 1
            assert after.etag == answers[won[0]].etag
            statuses.update(answer.status for answer in answers)
            winners.update(won)
        history = clients[0].all(f"{path}/history?limit=200")
    say(f"answers {dict(statuses)}, wins by client {dict(winners)}")
    assert len(history) == changes + rounds
    assert statuses[412] > 0


# PostgreSQL goes away


@pytest.mark.safety
@on_postgresql
def test_ended_connections_cost_answers_and_no_restart(
    database: Database, database_url: str, world: str, tmp_path: Path, postgres_databases: postgres.Databases
) -> None:
    with serving(database_url, tmp_path / "server.log") as server:
        writers = [Writer(server, world, number, refusals_are_sure=False) for number in range(WRITERS)]
        reader = Reader(server, world)
        with closing(Crowd([*writers, reader])):
            for _ in range(CUTS):
                postgres_databases.disconnect_all()
                wait_until(partial(have_at_least, acknowledged(writers) + 1, writers))
                time.sleep(random.uniform(0, 0.2))
        say(f"reads: {dict(reader.statuses)}")
        with closing(Client(server, world)) as client:
            check_nothing_lost(client, writers)
            assert client.ask("GET", "/readyz").status == 200
        assert reader.statuses[200]
        assert "Traceback" not in server.log
    servers.wait_until_alone(database_url)
    assert list(problems(database)) == []


@pytest.mark.safety
@pytest.mark.parametrize("how", ["stop", "crash"])
def test_a_server_outlives_its_postgresql(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8" if sys.platform == "linux" else "C")
    monkeypatch.setenv("TZ", "UTC")
    with servers.own_postgres() as own:
        with closing(open_database(own.url)) as database:
            migrations.upgrade(database)
            fill(database)
        token = servers.editor(own.url)
        with serving(own.url, tmp_path / "server.log") as server:
            writers = [Writer(server, token, number, refusals_are_sure=False) for number in range(WRITERS)]
            reader = Reader(server, token)
            with closing(Crowd([*writers, reader])), closing(Client(server, token)) as client:
                for _ in range(3):
                    wait_until(partial(have_at_least, acknowledged(writers) + 20, writers))
                    begun = time.monotonic()
                    getattr(own, how)()
                    for method, path, content in (
                        ("GET", "/v1/clauses", None),
                        ("GET", "/readyz", None),
                        ("POST", "/v1/clauses/deal.1/follow-ups", FOLLOW_UP),
                    ):
                        answer = client.ask(method, path, content)
                        assert is_honest_503(answer.status, answer.headers), answer.raw
                    assert client.ask("GET", "/livez").status == 200
                    wait_until(partial(reader.has_seen, 503, reader.statuses[503] + 1))
                    own.start()
                    up = time.monotonic()
                    wait_until(lambda: client.ask("GET", "/readyz").status == 200)
                    wait_until(partial(have_at_least, acknowledged(writers) + 8, writers))
                    wait_until(partial(reader.has_seen, 200, reader.statuses[200] + 8))
                    say(f"gone for {up - begun:.2f} s, back after {time.monotonic() - up:.2f} s")
            say(f"reads: {dict(reader.statuses)}")
            with closing(Client(server, token)) as client:
                check_nothing_lost(client, writers)
            assert server.stop() == 0
            assert "Traceback" not in server.log
        with closing(open_database(own.url)) as database:
            assert list(problems(database)) == []


# A SQLite file that cannot be written


@pytest.mark.safety
@on_sqlite
def test_a_locked_file_is_read_and_every_write_is_told_to_come_back(
    database: Database, database_url: str, world: str, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path / "server.log") as server, ExitStack() as stack:
        crowd = [stack.enter_context(closing(Client(server, world))) for _ in range(CLIENTS)]
        reader = stack.enter_context(closing(Client(server, world)))
        assert write(crowd[0]).status == 201
        with locked(database.path), ThreadPoolExecutor(CLIENTS) as pool:
            begun = time.monotonic()
            waiting = [pool.submit(write, client) for client in crowd]
            slowest, reads = 0.0, 0
            while not all(writing.done() for writing in waiting):
                sent = time.monotonic()
                assert reader.ask("GET", "/v1/clauses/deal.1").status == 200
                slowest, reads = max(slowest, time.monotonic() - sent), reads + 1
                time.sleep(0.01)
            refused = [writing.result() for writing in waiting]
            took = time.monotonic() - begun
            say(f"{reads} reads, slowest {slowest:.2f} s, writes {took:.1f} s")
            assert all(is_honest_503(answer.status, answer.headers) for answer in refused), refused
            assert slowest < took / 2, "a read waited for the lock"
            assert reader.ask("GET", "/readyz").status == 200
        assert [write(client).status for client in crowd] == [201] * CLIENTS
        assert len(reader.all("/v1/follow-ups")) == 1 + CLIENTS
        assert "Traceback" not in server.log
    assert list(problems(database)) == []


@pytest.mark.safety
@on_sqlite
@pytest.mark.skipif(sys.platform != "linux", reason="takes root's right to write what is read-only")
def test_a_read_only_file_is_read_and_every_write_is_told_to_come_back(
    database: Database, database_url: str, world: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        # Another program has the file open, so that the log beside it stays writable.
        other = stack.enter_context(closing(sqlite_connection(database.path)))
        other.execute("SELECT count(*) FROM clause").fetchall()
        database.path.chmod(0o444)
        server = stack.enter_context(serving(database_url, tmp_path / "server.log", obeys_modes=True))
        with closing(Client(server, world)) as client:
            for _ in range(3):
                refused = write(client)
                assert is_honest_503(refused.status, refused.headers), refused.raw
                assert refused.json["detail"] == "the database is read-only"
                assert len(client.all("/v1/clauses")) == 4
            assert client.ask("GET", "/readyz").status == 200
            database.path.chmod(0o644)
            wait_until(lambda: write(client).status == 201)
            assert len(client.all("/v1/follow-ups")) == 1
        assert "Traceback" not in server.log
    assert list(problems(database)) == []


def write(client: Client) -> Answer:
    return client.ask("POST", "/v1/clauses/deal.1/follow-ups", FOLLOW_UP)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let another process hold the lock for writing while the block runs."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom tracker.database.engine import sqlite_connection\n"
        f"connection = sqlite_connection(Path({str(path)!r}))\nconnection.execute('BEGIN IMMEDIATE')\n"
        "print('locked', flush=True)\nsys.stdin.read()\nconnection.execute('ROLLBACK')\nconnection.close()\n"
    )
    env = os.environ | {"PYTHONPATH": str(servers.ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], env=env, text=True, **pipes) as other:  # type: ignore[call-overload]
        try:
            assert other.stdout.readline() == "locked\n"
            yield
        finally:
            other.stdin.close()
            assert other.wait(servers.PATIENCE) == 0


class Reader(Writer):
    """A client that only reads, and counts what it is answered."""

    def __init__(self, server: Server, token: str) -> None:
        super().__init__(server, token, 0)
        self.statuses: Counter[int] = Counter()

    def has_seen(self, status: int, times: int) -> bool:
        return self.statuses[status] >= times

    def write(self, turn: int) -> None:
        """Read one clause."""
        answer = self._client.ask("GET", "/v1/clauses/deal.1")
        self.statuses[answer.status] += 1
        if answer.status != 200 and not is_honest_503(answer.status, answer.headers):
            self.wrong.append(f"{answer.status} {answer.raw!r}")
        time.sleep(0.005)
