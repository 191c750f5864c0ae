"""The loader: what files say, compared with what is there, written as the difference.

Whatever is loaded takes one way: it is read with its positions, staged, planned, checked as a whole, and then
written in one transaction, or, of JSON Lines beyond a thousand lines, a thousand at a time. Loading never
undoes what a person recorded, changed or removed, unless it is told to overwrite.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import BinaryIO

from sqlalchemy import text

from tracker import dates
from tracker.database.changes import Author, Change
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Statement, no_rows
from tracker.errors import Conflict, Contended, Malformed, Stale
from tracker.loading import reading
from tracker.loading.document import Document
from tracker.loading.index import Block
from tracker.loading.plan import LoadOptions
from tracker.loading.spreadsheets.sheets import Sheets
from tracker.loading.staging import Progress, StagedRows, last_place, parts
from tracker.loading.writing import Outcome, Writing
from tracker.services import history

LOCK = 7_277_254
"""The advisory lock under which PostgreSQL's loaders take turns."""
TRIES = 5
_SMALL_CACHE = Statement(text("PRAGMA cache_size = -12288"))
"""Lets SQLite keep 12 MiB of pages while a load reads or writes: with what a block takes, all fits into 200 MB."""


def validate(
    paths: Sequence[str],
    *,
    database: Database | None = None,
    stdin: BinaryIO | None = None,
    time_zone: str = "Asia/Seoul",
    progress: Progress | None = None,
    sheets: Sheets | None = None,
) -> Counter[str]:
    """Check seed files without writing anything and count their resources by kind.

    Ids of a database that is there count as defined; ``time_zone`` says what today is where there is
    none; ``sheets`` says how spreadsheets are read. Raises Invalid with every fault at its place.
    """
    fetch: Fetch = database.rows if database is not None else no_rows
    today = dates.today(time_zone if database is None else database.time_zone)
    with _staged(StagedRows(fetch, today, LoadOptions(), progress)) as staged:
        _read(staged, paths, stdin, (sheets or Sheets()).beside(fetch, today))
        staged.plan(fetch)
        staged.check(fetch)
        staged.faults.raise_any()
        return staged.counts


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
    sheets: Sheets | None = None,
) -> Outcome:
    """Load seed files: all of them, or with any fault none of them.

    A JSON Lines file of more than a thousand lines is committed a thousand lines at a time, safe to
    run again; its changes are listed in a dry run only. ``missing_only`` leaves alone what is there;
    ``sheets`` says how spreadsheets are read. Raises Invalid with every fault.
    """
    today = dates.today(database.time_zone)
    options = LoadOptions(overwrite, prune, missing_only)
    if database.is_sqlite:
        database.rows(_SMALL_CACHE)
    with _staged(StagedRows(database.rows, today, options, progress)) as staged:
        _read(staged, paths, stdin, (sheets or Sheets()).beside(database.rows, today))
        transactions = [staged.blocks]
        if staged.is_long:
            staged.check(database.rows)
            staged.faults.raise_any()
            due = [block for block in staged.blocks if block.is_due]
            transactions = [due] if dry_run else list(parts(due))
            database.close()  # gives back the cache of what has read; what writes fills its own
        outcome = Outcome()
        total = staged.counts.total()
        done = total - sum(block.count for part in transactions for block in part)
        for part in transactions:
            outcome.add(_tried(partial(_load_part, database, staged, part, by, options, dry_run=dry_run)))
            done += sum(block.count for block in part)
            if progress is not None:
                progress(done, total)
        outcome.add(staged.outcome)
        return outcome


def write_staged(
    change: Change, staged: StagedRows, part: Sequence[Block], options: LoadOptions, *, listed: bool = True
) -> Outcome:
    """Write blocks that are planned and checked, in the transaction of the caller.

    Changes are ``listed`` one by one in the outcome; of a long run they would fill the memory.
    """
    # Resources may refer to others that follow in the same transaction.
    deferred = "PRAGMA defer_foreign_keys = ON" if change.is_sqlite else "SET CONSTRAINTS ALL DEFERRED"
    change.connection.execute(text(deferred))
    outcome = Outcome()
    for position, block in enumerate(block for block in part if block.is_due):
        if position:
            history.write_records(change)  # of the block before, so that only one is held in memory
        changed = staged.changed(block, change.rows)
        written = Writing(change, options).run(changed, staged.missing(block))
        if not listed:
            written.changes.clear()
        outcome.add(written)
    return outcome


def _load_part(
    database: Database,
    staged: StagedRows,
    part: Sequence[Block],
    by: Author,
    options: LoadOptions,
    *,
    dry_run: bool,
) -> Outcome:
    """Write blocks in a transaction of their own; a run that fits into one is planned and checked inside it."""
    with database.write(by, dry_run=dry_run) as change:
        _take_turn(change)
        staged.begin(change.rows)
        if not staged.is_long:
            staged.plan_again(change.rows)
            staged.check(change.rows)
            staged.faults.raise_any()
        outcome = write_staged(change, staged, part, options, listed=dry_run or not staged.is_long)
        history.write_records(change)
        place = last_place(change.rows)
    staged.wrote(place)
    return outcome


def _read(staged: StagedRows, paths: Sequence[str], stdin: BinaryIO | None, sheets: Sheets) -> None:
    for document in _documents(paths, stdin, sheets):
        staged.take(document)
    staged.finish()
    sheets.finish()


def _documents(
    paths: Sequence[str], stdin: BinaryIO | None, sheets: Sheets
) -> Iterator[Document | Malformed]:
    for file in reading.files([path for path in paths if path != "-"]):
        yield from reading.read(file, sheets)
    if "-" in paths and stdin is not None:
        yield from reading.read_stream(stdin)


@contextmanager
def _staged(staged: StagedRows) -> Iterator[StagedRows]:
    """Close it at the end, and spare the run the search for circles: it has none, and looking takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield staged
    finally:
        staged.close()
        if was_on:
            gc.enable()


def _tried(attempt: Callable[[], Outcome]) -> Outcome:
    """Try again where someone else was faster."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except (Contended, Stale, Conflict):
            continue
    return attempt()


def _take_turn(change: Change) -> None:
    """Wait until no other load writes."""
    if change.is_sqlite:
        change.rows(_SMALL_CACHE)
        return
    # Another load may take its time; whoever waits for a row later waits as long as everyone.
    for name, patience in (("lock_timeout", "10min"), ("statement_timeout", "11min")):
        change.connection.execute(_SET, {"name": name, "patience": patience})
    change.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    change.connection.execute(_SET, {"name": "lock_timeout", "patience": "10s"})


_SET = text("SELECT set_config(:name, :patience, true)")
