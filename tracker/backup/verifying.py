"""Whether a database is whole: its references, its chains of history, its counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect

from tracker.database.engine import WRITE_WAIT, Database, driver, translated
from tracker.database.statements import Row, Statement
from tracker.errors import Fault, Malformed
from tracker.models import Base
from tracker.services.chains import history_problems
from tracker.services.objects import object_problems

NAMED = 5
"""How many problems a refusal names."""
DESCRIBED_BY: tuple[str, ...] = ("agreement", "clause", "follow_up", "change")
"""The tables by which messages describe what a database holds, where they have rows."""
OURS = {*Base.metadata.tables, "alembic_version"}
OWN = {"alembic_version", "change", "agreement"}
"""Where these are, the database is tracker's; what else is there serves it."""


class Raw(Protocol):
    """A connection of a driver."""

    def execute(self, sql: Any, parameters: Any = ..., /) -> Any:
        """Execute one statement and return its cursor."""
        ...


class Inside:
    """Reads inside one transaction of the driver, so that all of them see the same."""

    def __init__(self, engine: Engine, raw: Raw) -> None:
        self._engine = engine
        self._raw = raw

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        """Read: execute a statement and return all its rows."""
        rows: list[Row] = self._raw.execute(*statement.prepared(self._engine, values)).fetchall()
        return rows


def contents(database: Database) -> str | None:
    """Return in words what a database holds, of whatever schema and program it is; None where it holds nothing.

    A SQLite file is left as it is; one that is no database holds whatever it holds.
    """
    if database.is_sqlite and (not database.path.exists() or database.path.stat().st_size == 0):
        return None
    with translated(database), onlooker(database).connect() as connection:
        return contents_of(connection)


def contents_of(connection: Connection) -> str | None:
    """Return in words what the database behind a connection holds; None where it holds nothing."""
    tables = inspect(connection).get_table_names()
    foreign = [] if set(tables) >= OWN else sorted(set(tables) - OURS)
    if foreign:
        shown = ", ".join(foreign[:NAMED]) + (", …" if len(foreign) > NAMED else "")
        return f"tables that are not tracker's: {shown}"
    rows = {name: count for name, count in counts(connection, tables).items() if count}
    if not rows:
        return None
    named = [name for name in DESCRIBED_BY if name in rows] or list(rows)
    return ", ".join(_counted(name, rows[name]) for name in named[:NAMED])


def counts(connection: Connection, tables: list[str] | None = None) -> dict[str, int]:
    """Return how many rows each table of ours has, among those that are there."""
    return {
        name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())
        for name in Base.metadata.tables
        if tables is None or name in tables
    }


def onlooker(database: Database) -> Engine:
    """Return an engine that leaves a SQLite file as it is: another program's may not even get our journal mode."""
    if not database.is_sqlite:
        return database.engine
    place = f"{database.path.absolute().as_uri()}?mode=rw"
    return create_engine(
        "sqlite+pysqlite://",
        module=driver,
        poolclass=NullPool,
        creator=lambda: driver.connect(place, uri=True, timeout=WRITE_WAIT),
    )


def verified(database: Database, name: str) -> dict[str, int]:
    """Return the counts of a database whose history holds; raise Malformed, naming what does not.

    ``name`` is what messages call it.
    """
    refuse(name, chain(object_problems(database), history_problems(database)))
    with database.engine.connect() as connection:
        return counts(connection)


def refuse(name: str, problems: Iterator[str]) -> None:
    """Raise Malformed, naming the first problems, if there is any."""
    named = list(islice(problems, NAMED))
    if named:
        raise Malformed(
            [
                *(Fault("not_whole", f"{name}: {problem}") for problem in named),
                Fault("not_whole", "nothing was changed"),
            ]
        )


def broken_references(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield in words which references lead nowhere, from the rows of SQLite's ``foreign_key_check``."""
    broken = Counter((table, parent) for table, _row, parent, _key in rows)
    for (table, parent), count in sorted(broken.items()):
        references = "1 reference" if count == 1 else f"{count:,} references"
        yield f"{references} from {table} to {parent} that is not there"


def _counted(table: str, count: int) -> str:
    plain = table.replace("_", "-") if table == "follow_up" else table.replace("_", " ")
    plural = f"{plain[:-1]}ies" if plain.endswith("y") else f"{plain}s"
    return f"{count:,} {plain if count == 1 else plural}"
