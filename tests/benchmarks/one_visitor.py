"""What one visitor can do to all others: how long `/livez` and a read wait meanwhile, and how much memory is taken.

    python -m tests.benchmarks.one_visitor [--url postgresql+psycopg://…] [--only reports,bodies] [--seconds 8]

A city's register of 3,000 agreements is served in a process of its own. One attack after another runs against
a fresh server for some seconds, while another client asks for `/livez` and for one clause, ten times a second.
Everything listens on the loopback, ends with its attack, and is stopped.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import psutil

from tests import city
from tests.servers import NO_ANSWER, Server, editor, plain_connection, run, serving
from tracker.database.engine import driver, open_database
from tracker.database.migrations import upgrade

AGREEMENTS = 3_000
CLAUSE = "/v1/clauses"
MARKS = "a" + "\u0301\u0316" * 16_000


class Attack:
    """One attack on a server: what it asks for, until it is over."""

    def __init__(self, server: Server, token: str, url: str) -> None:
        self.server = server
        self.token = token
        self.url = url
        self.over = threading.Event()
        self.statuses: dict[int | str, int] = {}
        self._threads: list[threading.Thread] = []
        self._open = ExitStack()

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, timeout: float = 120) -> None:
        """Send one request and count its status."""
        headers = {"Authorization": f"Bearer {self.token}"} if method != "GET" else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status: int | str = answer.status
        except NO_ANSWER as error:
            status = type(error).__name__
        finally:
            connection.close()
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def at_once(self, count: int, asked: Callable[[int], None], *, repeat: bool = True) -> None:
        """Do something in so many threads, again and again until the attack is over."""

        def work(number: int) -> None:
            asked(number)
            while repeat and not self.over.is_set():
                asked(number)

        for number in range(count):
            thread = threading.Thread(target=work, args=(number,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def connect(self, request: bytes) -> socket.socket:
        """Send something on a connection that stays open."""
        connection = self._open.enter_context(socket.create_connection(("127.0.0.1", self.server.port)))
        connection.sendall(request)
        return connection

    def end(self) -> None:
        """Hang up; what runs may run on."""
        self.over.set()
        self._open.close()


def roll_ups(attack: Attack) -> None:
    """Eight roll-ups of 120 months."""
    attack.at_once(8, lambda _: attack.ask("/v1/summary?every=month&from=2016-12&to=2026-11"))


def reports(attack: Attack) -> None:
    """Eight workbooks of nearly 2,000 agreements."""
    attack.at_once(8, lambda _: attack.ask("/v1/report?format=xlsx&party=gaon&as_of=2022-11-30"))


def hung_up(attack: Attack) -> None:
    """Eight reports whose clients hang up after half a second, again and again."""

    def hang_up(_: int) -> None:
        attack.ask("/v1/report?format=xlsx&party=gaon&as_of=2022-11-30", timeout=0.5)

    attack.at_once(8, hang_up)


def marks(attack: Attack) -> None:
    """Combining marks in a query string, and in an article."""
    article = json.dumps({"text": MARKS * 4}, ensure_ascii=False).encode()
    attack.at_once(1, lambda _: attack.ask(f"/v1/clauses?department={quote(MARKS[:10_000])}"))
    attack.at_once(1, lambda _: attack.ask("/v1/drafts", "POST", article))


def values(attack: Attack) -> None:
    """Lists of filter values of 500 lengths."""

    def ask(number: int) -> None:
        for count in range(1, 26):
            if attack.over.is_set():
                return
            agreements = ",".join(f"a-{n}" for n in range(count))
            parties = ",".join(f"p-{n}" for n in range(1, 6 + number * 5))
            attack.ask(f"/v1/clauses?agreement={agreements}&party={parties}")

    attack.at_once(4, ask)


def unread(attack: Attack) -> None:
    """Sixty clients that ask for everything and read nothing."""
    for _ in range(60):
        attack.connect(b"GET /v1/export.jsonl HTTP/1.1\r\nHost: x\r\n\r\n")


def bodies(attack: Attack) -> None:
    """896 bodies of which one byte comes; and somebody who has one to send."""
    head = (
        f"POST /v1/drafts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {attack.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    for _ in range(896):
        attack.connect(head.encode())
    attack.at_once(1, lambda _: attack.ask("/v1/drafts", "POST", b'{"text": "Busan and Ulsan signed."}', 20))


def writers(attack: Attack) -> None:
    """Forty writers that wait for another program's lock."""
    held = _lock_of_another_program(attack.url, attack.over)
    held.wait(30)

    def write(number: int) -> None:
        body = json.dumps({"id": f"p-{number}-{time.time_ns()}", "kind": "person", "name": "P"}).encode()
        attack.ask("/v1/parties", "POST", body)

    attack.at_once(40, write)


ATTACKS = (roll_ups, reports, hung_up, marks, values, unread, bodies, writers)


def main() -> None:
    """Run every attack and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--url", help="an empty database; default: a new SQLite file")
    parser.add_argument("--only", default=",".join(attack.__name__ for attack in ATTACKS))
    parser.add_argument("--seconds", type=float, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = arguments.url or f"sqlite:///{folder / 'register.db'}"
        _fill(url, folder)
        token, clause = editor(url), _a_clause(url)
        print("attack       livez worst   read worst   peak   goes on   SIGTERM   answers")
        for attack in ATTACKS:
            if attack.__name__ in arguments.only.split(","):
                _measure(attack, url, token, clause, folder, arguments.seconds)


def _measure(
    attack: Callable[[Attack], None], url: str, token: str, clause: str, folder: Path, seconds: float
) -> None:
    with serving(url, folder / f"{attack.__name__}.log") as server:
        process = psutil.Process(server.pid)
        for _ in range(20):
            _timed(server, clause)
        running = Attack(server, token, url)
        with _sampled(process) as peak:
            worst = {"/livez": 0.0, clause: 0.0}
            with _probing(server, worst):
                attack(running)
                time.sleep(seconds)
            running.end()
            goes_on = _until_idle(process)
        began = time.perf_counter()
        code = server.stop()
        ended = time.perf_counter() - began
        print(
            f"{attack.__name__:12}{worst['/livez'] * 1000:8.0f} ms {worst[clause] * 1000:9.0f} ms "
            f"{peak[0]:6.0f} MB {goes_on:6.1f} s {ended:6.1f} s ({code})  {running.statuses}",
            flush=True,
        )


@contextmanager
def _probing(server: Server, worst: dict[str, float]) -> Iterator[None]:
    over = threading.Event()

    def probe(path: str) -> None:
        while not over.wait(0.1):
            began = time.perf_counter()
            with suppress(*NO_ANSWER):
                _timed(server, path)
            worst[path] = max(worst[path], time.perf_counter() - began)

    threads = [threading.Thread(target=probe, args=(path,)) for path in worst]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


def _timed(server: Server, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    finally:
        connection.close()


@contextmanager
def _sampled(process: psutil.Process) -> Iterator[list[float]]:
    peak, over = [0.0], threading.Event()

    def sample() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss / 1e6)

    thread = threading.Thread(target=sample)
    thread.start()
    yield peak
    over.set()
    thread.join()


def _until_idle(process: psutil.Process) -> float:
    """Wait until a process has nothing left to do, a minute at most, and return the seconds that took."""
    began = time.perf_counter()
    while time.perf_counter() - began < 60:
        if process.cpu_percent(0.5) < 15:
            return max(0.0, time.perf_counter() - began - 0.5)
    return 60.0


def _lock_of_another_program(url: str, over: threading.Event) -> threading.Event:
    """Hold the lock that writers need until the attack is over."""
    held = threading.Event()

    def hold() -> None:
        database = open_database(url)
        if database.is_sqlite:
            other = driver.connect(str(database.path), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            held.set()
            over.wait()
            other.execute("ROLLBACK")
            other.close()
            return
        with plain_connection(url) as connection:
            connection.execute("BEGIN")
            connection.execute("LOCK TABLE party IN SHARE MODE")
            held.set()
            over.wait()
            connection.execute("ROLLBACK")

    threading.Thread(target=hold, daemon=True).start()
    return held


def _fill(url: str, folder: Path) -> None:
    database = open_database(url)
    upgrade(database)
    database.close()
    seed = folder / "city.json"
    seed.write_text(json.dumps(city.register(AGREEMENTS), ensure_ascii=False), encoding="utf-8")
    with run("load", str(seed), database_url=url, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as loading:
        _, errors = loading.communicate(timeout=600)
    if loading.returncode:
        sys.exit(errors.decode())


def _a_clause(url: str) -> str:
    database = open_database(url)
    with database.engine.connect().execution_options(reading=True) as connection:
        id = connection.exec_driver_sql("SELECT min(id) FROM clause").scalar_one()
        counts = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("agreement", "clause")
        ]
    database.close()
    assert re.fullmatch(r"[a-z0-9.-]+", id)
    print(f"{database.engine.dialect.name}: {counts[0]:,} agreements, {counts[1]:,} clauses")
    return f"{CLAUSE}/{id}"


if __name__ == "__main__":
    main()
