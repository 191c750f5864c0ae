"""Ids and texts that the configured database holds, read for Tab.

A shell starts `tracker` for every Tab, so they are read past SQLAlchemy, whose import takes longer than
all the rest together: 0.1 s instead of 0.7 s.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from tracker.cli.cells import printable
from tracker.kinds import KINDS

Completion = tuple[str, str]
"""A value that could be typed, and what it stands for (or nothing)."""
MOST = 200
"""How many ids are offered at most."""
PATIENCE = 3.0
"""Seconds after which Tab offers nothing: a database that does not answer must not hold up a shell."""


def stored_ids(kinds: Sequence[str], beginning: str) -> list[Completion]:
    """Return the ids in the database that begin so, each with its title.

    Of several kinds, clauses and quotes come once their agreement is named, follow-ups after four digits.
    """
    if not re.fullmatch("[a-z0-9.-]*", beginning):
        return []
    result: list[Completion] = []
    with _reader() as rows:
        for kind in kinds:
            start = beginning
            if len(kinds) > 1 and kind in ("clause", "quote") and "." not in beginning:
                start = f"{beginning}."
            if len(kinds) > 1 and kind == "follow_up" and not re.match("[0-9a-f]{4}", beginning):
                continue
            result += rows(
                f"SELECT id, substr({_title_of(kind)}, 1, 60) FROM {kind}"
                f" WHERE id >= ? AND id < ? ORDER BY id LIMIT {MOST}",
                start,
                f"{start}~",  # every letter of an id comes before it
            )
    return [(id, " ".join(printable(title or "").split())) for id, title in result]


def stored_texts(table: str, column: str, beginning: str) -> list[str]:
    """Return the different texts of a column that begin so, but those with blanks, which shells split."""
    sql = (
        f"SELECT DISTINCT {column} FROM {table} WHERE substr({column}, 1, {len(beginning)}) = ? LIMIT {MOST}"
    )
    with _reader() as rows:
        return sorted(text for (text,) in rows(sql, beginning) if text.isprintable() and " " not in text)


def _title_of(table: str) -> str:
    """Return the column that says what an id of a table stands for."""
    return KINDS[table].title if table in KINDS else "name"


@contextmanager
def _reader() -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Yield what reads rows of the configured database, which is opened only to read and never made."""
    from tracker.config import settings

    url = settings().database_url
    on_sqlite = url.startswith("sqlite")
    with _at_most(PATIENCE), closing(_sqlite(url) if on_sqlite else _postgresql(url)) as connection:

        def rows(sql: str, *values: str) -> list[tuple[Any, ...]]:
            result: list[tuple[Any, ...]] = connection.execute(
                sql if on_sqlite else sql.replace("?", "%s"), values
            ).fetchall()
            return result

        yield rows


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise TimeoutError when the block takes longer; not on Windows, which has no such clock."""

    def stop(*_: object) -> NoReturn:
        raise TimeoutError

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _sqlite(url: str) -> Any:
    try:
        from pysqlite3 import dbapi2 as driver
    except ImportError:
        import sqlite3 as driver
    path = Path(url.partition("///")[2].partition("?")[0])
    return driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)


def _postgresql(url: str) -> Any:
    import psycopg

    plain = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    return psycopg.connect(plain, autocommit=True, connect_timeout=2, client_encoding="utf8")
