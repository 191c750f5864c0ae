"""The loader: what files say, compared with what is there, written as the difference.

Everything is read and checked before the first write; then it is written in one transaction. Loading
never undoes what a person recorded, changed or removed, unless it is told to overwrite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlalchemy.orm import Session

from tracker import dates
from tracker.database import Author, Database
from tracker.errors import Conflict, Contended, Invalid, Malformed, Stale
from tracker.loading import checks, reading
from tracker.loading.plan import Plans, Wishes, plans
from tracker.loading.seeds import Seeds, Thing, gather
from tracker.loading.writing import Outcome, Writing
from tracker.queries.history import Fetch
from tracker.service.references import references
from tracker.statements import Statement

LOCK = 7_277_254
"""The advisory lock under which PostgreSQL's loaders take turns."""
LINES_AT_ONCE = 1_000
"""How many lines of a longer JSON Lines file are committed together."""
TRIES = 5

Progress = Callable[[int, int | None], None]


def validate(
    paths: Sequence[str],
    *,
    database: Database | None = None,
    stdin: BinaryIO | None = None,
    time_zone: str = "Asia/Seoul",
) -> Counter[str]:
    """Check seed files without writing anything and count their things by table.

    Ids of a database that is there count as defined; ``time_zone`` says what today is where there is
    none. Raises Invalid with every fault at its place.
    """
    seeds = _read(paths, stdin)
    fetch: Fetch = database.rows if database is not None else _nothing
    today = dates.today(time_zone if database is None else database.time_zone)
    _raise_faults(seeds, plans(seeds.things.values(), fetch, Wishes()), fetch, today)
    return Counter(table for table, _ in seeds.things)


def load(
    database: Database,
    paths: Sequence[str],
    by: Author,
    *,
    stdin: BinaryIO | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    prune: bool = False,
    missing_only: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Load seed files: all of them, or with any fault none of them.

    A JSON Lines file of more than a thousand lines is committed a thousand lines at a time, safe to
    run again. ``missing_only`` leaves alone what is there. Raises Invalid with every fault.
    """
    seeds = _read(paths, stdin)
    wishes = Wishes(overwrite, prune, missing_only)
    outcome = Outcome()
    done = 0
    for part in [list(seeds.things.values())] if dry_run else _parts(seeds):
        for attempt in range(1, TRIES + 1):
            try:
                found = _load_part(database, seeds, part, by, wishes, dry_run=dry_run, checked=done > 0)
                break
            except (Contended, Stale, Conflict):
                if attempt == TRIES:
                    raise
        outcome.add(found)
        done += len(part)
        if progress is not None:
            progress(done, len(seeds.things))
    return outcome


def _nothing(*_: object) -> list[Any]:
    """Answer where there is no database."""
    return []


def _read(paths: Sequence[str], stdin: BinaryIO | None) -> Seeds:
    files = reading.files([path for path in paths if path != "-"])

    def documents() -> Iterator[reading.Document | Malformed]:
        for file in files:
            yield from reading.read(file)
        if "-" in paths and stdin is not None:
            yield from reading.read_stream(stdin)

    return gather(documents())


def _raise_faults(seeds: Seeds, planned: Plans, fetch: Fetch, today: str) -> None:
    faults = [*seeds.faults, *checks.faults(seeds, planned, fetch, today)]
    if faults:
        raise Invalid(sorted(faults, key=lambda fault: _in_order(fault.place)))


def _in_order(place: Any) -> tuple[str, int, int]:
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)


def _parts(seeds: Seeds) -> Iterator[list[Thing]]:
    """Give the things that are committed together: all, or those of a thousand lines.

    A part goes on as long as anything in it refers to what comes after.
    """
    lines = {_line(thing) for thing in seeds.things.values() if thing.document.line_of_lines}
    if len(lines) <= LINES_AT_ONCE:
        yield list(seeds.things.values())
        return
    index = {key: place for place, key in enumerate(seeds.things)}
    part: list[Thing] = []
    counted: set[tuple[str, int | None]] = set()
    furthest = -1
    for place, thing in enumerate(seeds.things.values()):
        if _line(thing) not in counted and len(counted) >= LINES_AT_ONCE and furthest < place:
            yield part
            part, counted = [], set()
        counted.add(_line(thing))
        part.append(thing)
        for reference in references(thing.model, thing.values):
            furthest = max(furthest, index.get((reference.table, reference.id), -1))
    yield part


def _line(thing: Thing) -> tuple[str, int | None]:
    return thing.document.name, thing.document.line_of_lines


def _load_part(
    database: Database,
    seeds: Seeds,
    part: list[Thing],
    by: Author,
    wishes: Wishes,
    *,
    dry_run: bool,
    checked: bool,
) -> Outcome:
    with database.write(by, dry_run=dry_run) as session:
        if not database.is_sqlite:
            # Another load may take its time; whoever waits for a row later waits as long as everyone.
            session.execute(text("SELECT set_config('lock_timeout', :patience, true)"), {"patience": "10min"})
            session.execute(
                text("SELECT set_config('statement_timeout', :patience, true)"), {"patience": "11min"}
            )
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            session.execute(text("SELECT set_config('lock_timeout', '10s', true)"))

        def fetch(statement: Statement, *values: Any) -> list[Any]:
            return statement.rows(session, *values)

        planned = plans(part if checked else seeds.things.values(), fetch, wishes)
        if not checked:
            _raise_faults(seeds, planned, fetch, session.info["today"])
        _defer_references(database, session)
        return Writing(session, fetch, wishes).run(part, planned, lambda _: set())


def _defer_references(database: Database, session: Session) -> None:
    """Let things refer to others that follow in the same transaction."""
    session.execute(
        text("PRAGMA defer_foreign_keys = ON" if database.is_sqlite else "SET CONSTRAINTS ALL DEFERRED")
    )


