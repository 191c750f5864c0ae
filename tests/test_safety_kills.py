"""What is left after a program was killed: nothing half done, nothing lost that was acknowledged.

Real processes, SIGKILL at random moments, real commits. The seed of the moments is printed, so that a
failure says where it came from; the moments themselves depend on the machine.
"""

from __future__ import annotations

import fcntl
import io
import json
import random
import signal
import subprocess
import termios
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest

from tests import servers
from tests.api import fill
from tests.servers import NO_ANSWER, Client, Server, is_honest_503, say, serving, wait_until
from tracker.database.changes import Author
from tracker.database.engine import Database, driver, open_database, sqlite_connection
from tracker.loading import load
from tracker.loading.loader import LOCK
from tracker.services.checking import problems

LOADS = 200 if servers.FULL else 12
"""How many loads are killed."""
KILLS = 100 if servers.FULL else 12
"""How many times a server is killed."""
WRITERS = 8
CLAUSES = ("deal.1", "deal.2", "deal.10")
DEAD = -signal.SIGKILL
OPEN_STATUSES = ("not_started", "in_progress", "behind")

pytestmark = pytest.mark.safety


@pytest.fixture
def chance() -> random.Random:
    seed = time.time_ns()
    say(f"random.Random({seed})")
    return random.Random(seed)


# Loaders


def test_killed_loads_leave_nothing_half_loaded(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    file = tmp_path / "agreements.json"
    file.write_text(json.dumps(document("first", 0)))
    duration, writing = timed_load(database_url, file)
    say(f"a load takes {duration:.2f} s, {writing:.2f} s of it in its transaction")

    outcomes: Counter[str] = Counter()
    for round in range(1, LOADS + 1):
        name = f"round{round}"
        written = document(name, round)
        file.write_text(json.dumps(written))
        loading = servers.run("load", str(file), database_url=database_url, stdout=subprocess.DEVNULL)
        with ended(loading):
            if round % 2:  # anywhere, the ends included
                time.sleep(chance.uniform(0, 1.1 * duration))
            else:  # while it writes
                wait_until(partial(is_writing_or_done, database_url, loading))
                time.sleep(chance.uniform(0, writing / 2))
            inside = is_writing(database_url)
            loading.kill()
            finished = loading.wait(servers.PATIENCE) == 0
        servers.wait_until_alone(database_url)

        with fresh(database_url) as database:
            now = rows_of(database, name)
            expected = expected_rows(written)
            if now == expected:
                assert shared(database) == {f"title {round}", f"description {round}"}
            else:
                assert now == dict.fromkeys(expected, 0)
                assert shared(database) == {f"title {round - 1}", f"description {round - 1}"}
                assert not finished
            outcomes["all" if now == expected else "none"] += 1
            outcomes["inside"] += inside
            assert list(problems(database)) == []

        timed = timed_load(database_url, file)
        if now != expected:  # so that one slow start does not put every kill too late
            duration, writing = map(min, (duration, writing), timed)
        with fresh(database_url) as database:
            assert rows_of(database, name) == expected
            assert shared(database) == {f"title {round}", f"description {round}"}
            third = load(database, [str(file)], Author("tester", loading=True), stdin=io.BytesIO())
            assert (third.created, third.updated, third.pruned, third.kept) == ({}, {}, {}, [])
            assert third.unchanged.total() == sum(
                expected[table] for table in expected if table not in ("evidence", "change")
            ) + 3  # fmt: skip
            assert rows_of(database, name) == expected
            assert list(problems(database)) == []
    say(str(dict(outcomes)))
    assert outcomes["inside"], "no kill came while something was being written"
    assert outcomes["none"]


def test_killed_loads_of_many_lines_leave_whole_thousands(
    database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    lines = 4_500
    counts = set()
    for round in range(5):
        file = tmp_path / f"parties{round}.jsonl"
        file.write_text("".join(
            json.dumps({"parties": [{"id": f"p{round}-{n}", "kind": "person", "name": f"Person {n}"}]}) + "\n"
            for n in range(lines)
        ))  # fmt: skip
        loading = servers.run("load", str(file), database_url=database_url, stdout=subprocess.DEVNULL)
        with ended(loading), fresh(database_url) as database:
            goal = round * 1_000
            wait_until(partial(has_at_least, goal, database, f"p{round}-"))
            time.sleep(chance.uniform(0, 0.1))
            loading.kill()
            loading.wait(servers.PATIENCE)
        servers.wait_until_alone(database_url)
        with fresh(database_url) as database:
            now = counted(database, "party", f"p{round}-")
            counts.add(now)
            assert now % 1_000 == 0 or now == lines
            assert counted(database, "change", f"p{round}-", "root") == now
            outcome = load(database, [str(file)], Author("tester", loading=True), stdin=io.BytesIO())
            assert (outcome.created["party"], outcome.unchanged["party"]) == (lines - now, now)
            assert counted(database, "party", f"p{round}-") == lines
            assert list(problems(database)) == []
    say(str(counts))
    assert counts & {1_000, 2_000, 3_000, 4_000}, "no kill came between two commits"


def test_two_loads_of_one_file_at_once_give_the_result_of_one(database_url: str, tmp_path: Path) -> None:
    for round in range(4):
        name = f"round{round}"
        written = document(name, round)
        content = json.dumps(written).encode()
        pair = [
            servers.run("load", "-", "--format", "json", database_url=database_url,
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(2)
        ]  # fmt: skip
        with ended(*pair):
            for loading in pair:
                assert loading.stdin is not None
                loading.stdin.write(content)
                loading.stdin.flush()
            wait_until(lambda pair=pair: not any(_unread(loading.stdin) for loading in pair))  # type: ignore[misc]
            threads = [threading.Thread(target=loading.stdin.close) for loading in pair if loading.stdin]
            for thread in threads:
                thread.start()
            printed = []
            for loading in pair:
                loading.stdin = None
                out, err = loading.communicate(timeout=servers.PATIENCE)
                assert loading.returncode == 0, err.decode()
                printed.append({row["table"]: row for row in json.loads(out)})
            for thread in threads:
                thread.join()
        expected = expected_rows(written)
        with fresh(database_url) as database:
            assert rows_of(database, name) == expected
            assert list(problems(database)) == []
        for table in ("agreement", "clause", "quote", "follow_up"):
            both = [row[table] for row in printed]
            own = expected[table] + (1 if round == 0 and table in ("agreement", "clause") else 0)
            assert sum(row["created"] for row in both) == own
            assert sorted(row["created"] for row in both) == [0, own]


def _unread(pipe: IO[bytes] | None) -> int:
    """Return how many bytes of a pipe its other end has not read yet."""
    assert pipe is not None
    count = array("i", [0])
    fcntl.ioctl(pipe.fileno(), termios.FIONREAD, count)
    return count[0]


def timed_load(database_url: str, file: Path) -> tuple[float, float]:
    """Load a file to its end; give the seconds that it took, and those that its transaction took."""
    begun = time.monotonic()
    loading = servers.run("load", str(file), database_url=database_url, stdout=subprocess.DEVNULL)
    with ended(loading):
        wait_until(partial(is_writing_or_done, database_url, loading))
        written_from = time.monotonic()
        assert loading.wait(servers.PATIENCE) == 0
    now = time.monotonic()
    return now - begun, now - written_from


# Servers


def test_killed_servers_lose_nothing_that_was_acknowledged(
    database: Database, database_url: str, tmp_path: Path, chance: random.Random
) -> None:
    fill(database)
    database.close()  # a connection of this process would spare SQLite its recovery
    token = servers.editor(database_url)
    with serving(database_url, tmp_path / "server.log") as server:
        writers = [Writer(server, token, number) for number in range(WRITERS)]
        with closing(Crowd(writers)):
            for _ in range(KILLS):
                wait_until(partial(have_at_least, acknowledged(writers) + chance.randrange(1, 60), writers))
                time.sleep(chance.uniform(0, 0.02))
                server.kill()
                server.start()
            wait_until(lambda: all(writer.answered_by(server.port) for writer in writers))
        client = Client(server, token)
        with closing(client):
            check_nothing_lost(client, writers)
        assert server.stop() == 0
        assert "Traceback" not in server.log
    servers.wait_until_alone(database_url)
    assert list(problems(database)) == []


def check_nothing_lost(client: Client, writers: list[Writer]) -> None:
    """Compare the answers that writers got with what a server has."""
    acknowledged = {id: note for writer in writers for id, note in writer.acknowledged.items()}
    refused = {note for writer in writers for note in writer.refused}
    unknown = {note for writer in writers for note in writer.unknown}
    listed = client.all("/v1/follow-ups?limit=200")
    stored = {row["id"]: row["note"] for row in listed}
    say(
        f"{len(acknowledged)} acknowledged, {len(refused)} refused, {len(unknown)} without an answer"
        f" ({len(stored.keys() - acknowledged.keys())} of them written)"
    )
    assert acknowledged
    assert len(stored) == len(listed)
    assert acknowledged.items() - stored.items() == set()
    assert {stored[id] for id in stored.keys() - acknowledged.keys()} <= unknown
    assert len(set(stored.values())) == len(stored), "a follow-up was written twice"

    changes = [row for row in client.all("/v1/changes?limit=200") if row["resource"] == "follow_up"]
    assert Counter(row["resource_id"] for row in changes) == Counter(list(stored))
    assert {row["action"] for row in changes} == {"create"}

    for clause in CLAUSES:
        own = [row for row in listed if row["clause"] == clause]
        now = client.ask("GET", f"/v1/clauses/{clause}").json
        for track in ("reported", "verified"):
            latest = max(
                (row for row in own if row["track"] == track),
                key=lambda row: (row["effective_on"], row["checked_on"], row["recorded_at"], row["id"]),
            )
            assert now[f"{track}_status"] == latest["status"]
        assert now["status"] == now["verified_status"]
        assert now["reviewed_on"] == max(row["checked_on"] for row in own)


class Writer:
    """A client that records follow-ups without a pause, and keeps the answer to each of them."""

    def __init__(self, server: Server, token: str, number: int, *, refusals_are_sure: bool = True) -> None:
        self._refusals_are_sure = refusals_are_sure
        self._server = server
        self._client = Client(server, token, timeout=30)
        self._number = number
        self._last_port = 0
        self.acknowledged: dict[str, str] = {}
        self.refused: list[str] = []
        self.unknown: list[str] = []
        self.wrong: list[str] = []

    def answered_by(self, port: int) -> bool:
        return self._last_port == port

    def write(self, turn: int) -> None:
        """Record one follow-up; none is sent twice."""
        note = f"{self._number}-{turn}"
        content = {
            "track": ("reported", "verified")[turn % 2],
            "status": OPEN_STATUSES[(turn + self._number) % 3],
            "effective_on": f"2021-{turn % 12 + 1:02}-{self._number + 1:02}",
            "note": note,
        }
        port = self._server.port
        try:
            path = f"/v1/clauses/{CLAUSES[turn % len(CLAUSES)]}/follow-ups"
            answer = self._client.ask("POST", path, content)
        except NO_ANSWER:
            self.unknown.append(note)
            time.sleep(0.02)
            return
        if answer.status == 201:
            self.acknowledged[answer.json["id"]] = note
            self._last_port = port
        elif is_honest_503(answer.status, answer.headers):
            # A commit whose answer never came from PostgreSQL may have been done.
            (self.refused if self._refusals_are_sure else self.unknown).append(note)
            time.sleep(0.005)
        else:
            self.wrong.append(f"{answer.status} {answer.raw!r}")

    def close(self) -> None:
        self._client.close()


def acknowledged(writers: list[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in writers)


def have_at_least(goal: int, writers: list[Writer]) -> bool:
    return acknowledged(writers) >= goal


class Crowd:
    """Writers at work, each in a thread of its own, until closed; then none has seen a wrong answer."""

    def __init__(self, writers: list[Writer]) -> None:
        self._writers = writers
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(writer,), daemon=True) for writer in writers
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, writer: Writer) -> None:
        turn = 0
        while not self._over.is_set():
            writer.write(turn)
            turn += 1
        writer.close()

    def close(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(servers.PATIENCE)
            assert not thread.is_alive()
        assert [answer for writer in self._writers for answer in writer.wrong] == []


# What is loaded


def document(name: str, round: int, *, agreements: int = 40) -> dict[str, Any]:
    """Return a seed file: resources of its own, whose ids begin with its name, and changes of shared ones."""
    own = [
        {
            "id": f"{name}-a{n}",
            "title": f"Agreement {n}",
            "kind": "mou",
            "signed_on": "2020-08-31",
            "sources": [f"{name}-paper"],
            "parties": [{"party": f"{name}-city"}, {"party": "shared"}],
            "clauses": [
                {
                    "number": number,
                    "kind": "listed",
                    "text": f"promise {number}",
                    "due": "2022-12",
                    "follow_ups": [
                        {"track": "reported", "status": "in_progress", "effective_on": "2021-05"},
                        {
                            "track": "verified",
                            "status": "met",
                            "effective_on": "2022-06-30",
                            "evidence": [{"url": "https://example.org/a"}, {"reference": f"{n}-{number}"}],
                        },
                    ],
                }
                for number in (1, 2, 3)
            ],
            "quotes": [{"number": 1, "kind": "direct", "text": "We promise", "speaker": f"{name}-mayor"}],
        }
        for n in range(agreements)
    ]
    return {
        "tracker": 1,
        "agreements": [
            *own,
            {
                "id": "shared",
                "title": f"title {round}",
                "kind": "mou",
                "clauses": [{"number": 1, "kind": "listed", "text": "shared", "label": f"label {round}"}],
            },
        ],
        "sources": [{"id": f"{name}-paper", "kind": "news_article", "title": "Paper"}],
        "parties": [
            {"id": f"{name}-city", "kind": "organisation", "name": "City"},
            {"id": f"{name}-mayor", "kind": "person", "name": "Mayor"},
            {"id": "shared", "kind": "organisation", "name": "Shared", "description": f"description {round}"},
        ],
    }


def expected_rows(written: dict[str, Any]) -> dict[str, int]:
    """Return how many rows of each table a seed file's own resources become."""
    own = [row for row in written["agreements"] if row["id"] != "shared"]
    clauses = [clause for agreement in own for clause in agreement["clauses"]]
    follow_ups = [row for clause in clauses for row in clause["follow_ups"]]
    return {
        "party": 2,
        "source": 1,
        "agreement": len(own),
        "clause": len(clauses),
        "quote": len(own),
        "follow_up": len(follow_ups),
        "evidence": sum(len(row.get("evidence", ())) for row in follow_ups),
        "change": len(own) + 3,  # one for each root
    }


def rows_of(database: Database, name: str) -> dict[str, int]:
    """Return how many rows of each table there are of a seed file's own resources."""
    prefix = f"{name}-"
    return {
        **{table: counted(database, table, prefix) for table in ("party", "source", "agreement", "clause", "quote")},
        "follow_up": counted(database, "follow_up", prefix, "clause"),
        "evidence": counted(
            database, "evidence JOIN follow_up ON follow_up.id = evidence.follow_up", prefix, "follow_up.clause"
        ),
        "change": counted(database, "change", prefix, "root"),
    }  # fmt: skip


def counted(database: Database, table: str, prefix: str, column: str = "id") -> int:
    with database.engine.connect().execution_options(reading=True) as connection:
        sql = f"SELECT count(*) FROM {table} WHERE {column} LIKE '{prefix.replace('%', '')}%%'"
        return int(connection.exec_driver_sql(sql).scalar_one())


def shared(database: Database) -> set[str]:
    """Return what the last load has made of the resources that all loads change."""
    with database.engine.connect().execution_options(reading=True) as connection:
        sql = "SELECT title FROM agreement WHERE id = 'shared' UNION ALL SELECT description FROM party WHERE id = 'shared'"
        return set(connection.exec_driver_sql(sql).scalars())


def has_at_least(goal: int, database: Database, prefix: str) -> bool:
    return counted(database, "party", prefix) >= goal


# Processes


def is_writing_or_done(database_url: str, loading: subprocess.Popen[bytes]) -> bool:
    return is_writing(database_url) or loading.poll() is not None


def is_writing(database_url: str) -> bool:
    """Return whether another process has a transaction open in which it loads."""
    if database_url.startswith("sqlite"):
        with closing(sqlite_connection(Path(database_url.removeprefix("sqlite:///")))) as connection:
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                connection.execute("BEGIN IMMEDIATE")
            except driver.OperationalError as error:
                if "locked" not in str(error):
                    raise
                return True
            connection.execute("ROLLBACK")
            return False
    with servers.plain_connection(database_url) as connection:
        sql = (
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            f" WHERE datname = current_database() AND locktype = 'advisory' AND objid = {LOCK}"
        )
        locks = connection.execute(sql.encode()).fetchone()
        return locks is not None and locks[0] > 0


@contextmanager
def fresh(database_url: str) -> Iterator[Database]:
    """Yield the database as a program that has just started sees it."""
    database = open_database(database_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def ended(*processes: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave no process behind."""
    try:
        yield
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait(servers.PATIENCE)
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
