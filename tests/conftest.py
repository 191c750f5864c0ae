"""What every test may ask for: a database on each engine, an empty folder, no settings from outside.

``database`` is a fresh, migrated, empty ``tracker.database.Database`` with real commits, once on each
engine; ``database_url`` is its URL, for programs that open it themselves; ``empty_database_url`` leads to
a database without any table (on SQLite: to no file at all). Whoever needs only one engine says
``@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)``.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis.database import DirectoryBasedExampleDatabase

from tests import postgres
from tracker.database import migrations
from tracker.database.engine import Database, open_database

ROOT = Path(__file__).parent.parent

hypothesis.settings.register_profile(
    "tracker",
    deadline=None,  # two cores, two engines: a slow example is no fault
    print_blob=True,
    database=DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples"),
)
hypothesis.settings.load_profile("tracker")


def pytest_configure(config: pytest.Config) -> None:
    if (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    ):  # a shell's job in the background; children inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in list(os.environ):
        if name.startswith("TRACKER_") and not name.startswith("TRACKER_TEST_"):
            del os.environ[name]
    if not hasattr(config, "workerinput"):
        postgres.lead()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder of its own: no tracker.toml, no tracker.db."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def database_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if engine_name == "sqlite":
        template: Path = request.getfixturevalue("_sqlite_template")
        shutil.copyfile(template, tmp_path / "tracker.db")
        return f"sqlite:///{tmp_path / 'tracker.db'}"
    databases: postgres.Databases = request.getfixturevalue("postgres_databases")
    databases.clean()
    return databases.url


@pytest.fixture
def empty_database_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if engine_name == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    databases: postgres.Databases = request.getfixturevalue("postgres_databases")
    return databases.make()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "tracker.db"
    made = open_database(f"sqlite:///{path}")
    migrations.upgrade(made)
    made.close()
    return path


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[postgres.Databases]:
    """The databases of this test process on the run's PostgreSQL server."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    databases = postgres.Databases(f"tracker_test_{os.getpid()}_{worker}")
    yield databases
    databases.close()
