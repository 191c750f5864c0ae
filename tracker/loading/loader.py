"""The loader: what files say, compared with what is there, written as the difference.

Everything is read and checked before the first write; then it is written in one transaction, or, of JSON
Lines beyond a thousand lines, a thousand at a time. Loading never undoes what a person recorded, changed or
removed, unless it is told to overwrite.
"""

from __future__ import annotations

import gc
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy import text

from tracker import dates
from tracker.database.changes import Author, Change
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Statement, no_rows
from tracker.errors import Conflict, Contended, Invalid, Malformed, Stale
from tracker.loading import checks, reading
from tracker.loading.document import Document
from tracker.loading.plan import Plans, Wishes, plans
from tracker.loading.seeds import Seeds, Thing
from tracker.loading.spreadsheets.sheets import Sheets
from tracker.loading.streams import Block, Stream, last_place, parts
from tracker.loading.writing import Outcome, Writing
from tracker.services import history

LOCK = 7_277_254
"""The advisory lock under which PostgreSQL's loaders take turns."""
LINES_AT_ONCE = 1_000
"""How many lines of a longer JSON Lines file are committed together."""
BYTES_AT_ONCE = 8 * 1024 * 1024
"""How much of long JSON Lines is held in memory together."""
TRIES = 5
_SMALL_CACHE = Statement(text("PRAGMA cache_size = -12288"))
"""Lets SQLite keep 12 MiB of pages while a long load reads or writes: with what a block takes, all fits into 200 MB."""

Progress = Callable[[int, int | None], None]
"""Is told how many things were checked (and None), then how many of how many are written."""


def validate(
    paths: Sequence[str],
    *,
    database: Database | None = None,
    stdin: BinaryIO | None = None,
    time_zone: str = "Asia/Seoul",
    progress: Progress | None = None,
    sheets: Sheets | None = None,
) -> Counter[str]:
    """Check seed files without writing anything and count their things by table.

    Ids of a database that is there count as defined; ``time_zone`` says what today is where there is
    none; ``sheets`` says how spreadsheets are read. Raises Invalid with every fault at its place.
    """
    fetch: Fetch = database.rows if database is not None else no_rows
    today = dates.today(time_zone if database is None else database.time_zone)
    with ExitStack() as stack:
        run = _Run(paths, stdin, stack, (sheets or Sheets()).beside(fetch, today))
        whole, blocks = run.begun()
        if whole is not None:
            _raise_faults(whole, plans(whole.things.values(), fetch, Wishes()), fetch, today)
            return Counter(table for table, _ in whole.things)
        stack.enter_context(_uncollected())
        return _checked(run, blocks, fetch, today, Wishes(), stack, progress).counts


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
    wishes = Wishes(overwrite, prune, missing_only)
    with ExitStack() as stack:
        run = _Run(paths, stdin, stack, (sheets or Sheets()).beside(database.rows, today))
        whole, blocks = run.begun()
        if whole is not None:
            outcome = _tried(partial(_load_whole, database, whole, by, wishes, dry_run=dry_run))
            if progress is not None:
                progress(len(whole.things), len(whole.things))
            return outcome
        stack.enter_context(_uncollected())
        if database.is_sqlite:
            database.rows(_SMALL_CACHE)
        stream = _checked(run, blocks, database.rows, today, wishes, stack, progress)
        database.close()  # gives back the cache of what has read; what writes fills its own
        return _load_stream(database, stream, by, wishes, dry_run=dry_run, progress=progress)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare a long run the search for circles: a block has none, and looking takes a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(slots=True)
class _Held:
    """Things that are held in memory together, and of how many documents and lines they are."""

    seeds: Seeds
    documents: int = 0
    lines: int = 0
    bytes: int = 0


class _Run:
    """The documents of a run, block by block; they can be read again from the beginning."""

    def __init__(
        self, paths: Sequence[str], stdin: BinaryIO | None, stack: ExitStack, sheets: Sheets
    ) -> None:
        self._files: list[Path] = reading.files([path for path in paths if path != "-"])
        self._sheets = sheets
        self._stdin: BinaryIO | None = None
        self.is_full: Callable[[], bool] = bool
        if "-" in paths and stdin is not None:
            self._stdin = stack.enter_context(TemporaryFile())  # noqa: SIM115  # the stack closes it
            shutil.copyfileobj(stdin, self._stdin)

    def documents(self) -> Iterator[Document | Malformed]:
        """Read every document from the beginning."""
        self._sheets.begin()
        for file in self._files:
            yield from reading.read(file, self._sheets)
        if self._stdin is not None:
            self._stdin.seek(0)
            yield from reading.read_stream(self._stdin)

    def begun(self) -> tuple[Seeds | None, Iterator[_Held]]:
        """Give all things of a run that fits into one transaction, else its blocks from the first."""
        blocks = self._blocks()
        held: list[_Held] = []
        for block in blocks:
            held.append(block)
            too_many = sum(each.lines for each in held) > LINES_AT_ONCE
            if too_many or sum(each.bytes for each in held) > BYTES_AT_ONCE:
                return None, chain(held, blocks)
        whole = held[0].seeds if held else Seeds()
        for each in held[1:]:
            whole.faults += each.seeds.faults
            for thing in each.seeds.things.values():
                whole.add(thing)
        return whole, iter(())

    def _blocks(self) -> Iterator[_Held]:
        """Give what is held in memory together: so many lines, or what other files hold, however much."""
        block = _Held(Seeds())
        for document in self.documents():
            is_line = isinstance(document, Malformed) or document.line_of_lines is not None
            full = block.documents >= LINES_AT_ONCE or block.bytes >= BYTES_AT_ONCE
            if full and is_line:
                yield block
                block = _Held(Seeds())
            block.documents += 1
            block.lines += is_line
            if isinstance(document, Document) and is_line:
                block.bytes += document.size
                if self.is_full():
                    document.forget_columns()
            block.seeds.take(document)
        yield block


def _checked(
    run: _Run,
    blocks: Iterator[_Held],
    fetch: Fetch,
    today: str,
    wishes: Wishes,
    stack: ExitStack,
    progress: Progress | None,
) -> Stream:
    """Check all blocks of a long run, and set aside what has to be written; raises Invalid."""
    stream = stack.enter_context(closing(Stream(fetch, today, wishes)))
    run.is_full = lambda: stream.is_full
    for block in blocks:
        stream.take(block.seeds, block.documents)
        if progress is not None:
            progress(stream.counts.total(), None)
    stream.finish(run.documents)
    return stream


def _raise_faults(seeds: Seeds, planned: Plans, fetch: Fetch, today: str) -> None:
    # Several clauses of one cell may be wrong in the same way.
    faults = dict.fromkeys((*seeds.faults, *checks.faults(seeds, planned, fetch, today)))
    if faults:
        raise Invalid(sorted(faults, key=checks.in_order))


def _load_whole(database: Database, seeds: Seeds, by: Author, wishes: Wishes, *, dry_run: bool) -> Outcome:
    with database.write(by, dry_run=dry_run) as change:
        fetch = _turn(database, change)
        planned = plans(seeds.things.values(), fetch, wishes)
        _raise_faults(seeds, planned, fetch, change.today)
        return Writing(change, fetch, wishes).run(list(seeds.things.values()), planned, lambda _: set())


def _load_stream(
    database: Database,
    stream: Stream,
    by: Author,
    wishes: Wishes,
    *,
    dry_run: bool,
    progress: Progress | None,
) -> Outcome:
    outcome = stream.outcome
    total = stream.counts.total()
    done = total - sum(block.things for block in stream.blocks)
    for part in [stream.blocks] if dry_run else parts(stream.blocks, LINES_AT_ONCE):
        found = _tried(partial(_load_part, database, stream, part, by, wishes, dry_run=dry_run))
        outcome.add(found)
        done += sum(block.things for block in part)
        if progress is not None:
            progress(done, total)
    return outcome


def _load_part(
    database: Database,
    stream: Stream,
    part: Sequence[Block],
    by: Author,
    wishes: Wishes,
    *,
    dry_run: bool,
) -> Outcome:
    outcome = Outcome()
    with database.write(by, dry_run=dry_run) as change:
        fetch = _turn(database, change)
        stream.begin(fetch)
        for block in part:
            history.write_records(change)  # of the block before, so that only one is held in memory
            things = stream.things(block)
            planned = stream.planned(block, things, fetch)
            found = Writing(change, fetch, wishes).run(things, planned, stream.has)
            if not dry_run:
                found.changes.clear()
            outcome.add(found)
            del things, planned, found  # before the next block takes their room
        history.write_records(change)
        place = last_place(fetch)
    stream.wrote(place)
    return outcome


def write_planned(
    database: Database, change: Change, things: list[Thing], planned: Plans, wishes: Wishes
) -> Outcome:
    """Write what is planned for things without a fault, in the transaction of the caller."""
    _defer_references(database, change)
    return Writing(change, change.rows, wishes).run(things, planned, lambda _: set())


def _tried(attempt: Callable[[], Outcome]) -> Outcome:
    """Try again where someone else was faster."""
    for _ in range(TRIES - 1):
        try:
            return attempt()
        except (Contended, Stale, Conflict):
            continue
    return attempt()


def _turn(database: Database, change: Change) -> Fetch:
    """Wait until no other load writes, let things refer to what follows, and give what asks the database."""
    if not database.is_sqlite:
        # Another load may take its time; whoever waits for a row later waits as long as everyone.
        change.connection.execute(
            text("SELECT set_config('lock_timeout', :patience, true)"), {"patience": "10min"}
        )
        change.connection.execute(
            text("SELECT set_config('statement_timeout', :patience, true)"), {"patience": "11min"}
        )
        change.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        change.connection.execute(text("SELECT set_config('lock_timeout', '10s', true)"))
    else:
        change.rows(_SMALL_CACHE)
    _defer_references(database, change)
    return change.rows


def _defer_references(database: Database, change: Change) -> None:
    """Let things refer to others that follow in the same transaction."""
    change.connection.execute(
        text("PRAGMA defer_foreign_keys = ON" if database.is_sqlite else "SET CONSTRAINTS ALL DEFERRED")
    )
