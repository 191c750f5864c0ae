"""Whether history holds: every entry at its place, in its chain, with its digest and its texts.

Whoever writes meanwhile is never accused: entries only follow one another, in the order of their places.
A long history is shared out among the machine's processors.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import groupby
from multiprocessing import get_context
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from sqlalchemy import bindparam, exists, func, select

from tracker.database.engine import Database, open_database
from tracker.database.statements import Row, Statement
from tracker.errors import TrackerError
from tracker.models import ChangeText, HistoryEntry, table_of
from tracker.models.columns import LARGEST_NUMBER
from tracker.services import entries
from tracker.services.entries import (
    ACTION,
    DIGEST,
    PLACE,
    PREVIOUS,
    RESOURCE,
    RESOURCE_ID,
    ROOT,
    SEQUENCE,
    root_of,
)

BLOCK = 1_000
"""How many entries are read at once."""
STRETCH = 20_000
"""How many places of a long history one processor looks at before it reports."""
LONG = 100_000
"""From how many entries on it is worth to start other processes."""
MOST_PROCESSES = 8
BEFORE_ALL = -LARGEST_NUMBER
"""Less than every place, those too that a constraint would refuse."""

Ends = dict[tuple[str, str], tuple[int, str | None]]
"""Sequence and digest of the last entry of each chain, by the table and id of its root."""
NOTHING: tuple[int, str | None] = (0, None)
"""The end of a chain that has no entry yet."""


class Reads(Protocol):
    """What statements are read from: a database, or one transaction in which nothing moves."""

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        """Execute a statement and give all its rows."""
        ...


class Links(NamedTuple):
    """What a part of history needs that holds in itself: how chains end before it, and how they end with it."""

    before: Ends
    after: Ends

    def follow(self, ends: Ends) -> bool:
        """Whether chains that end so, or have no entry yet, go on here."""
        return all(ends.get(root, NOTHING) == end for root, end in self.before.items())


@dataclass(slots=True)
class _Verified:
    """What has been looked at, entry by entry or as a whole."""

    last: int = 0
    """The highest place."""
    ends: Ends = field(default_factory=dict)


def history_problems(database: Reads) -> Iterator[str]:
    """Verify every entry of history: its place, its chain, its digest, its texts.

    The first sentence names the first entry, in the order of places, that does not hold. A part is looked
    at as a whole, and entry by entry only where something in it does not hold.
    """
    verified = _Verified()
    after = BEFORE_ALL
    for until, links in shared_out(database):
        if links is not None and links.follow(verified.ends):
            verified.last = until
            verified.ends |= links.after
        else:
            yield from _problems_between(database, after, until, verified)
        after = until
    yield from _problems_between(database, after, LARGEST_NUMBER, verified)


def head(database: Reads, at: int | None = None) -> tuple[int, str]:
    """Give the head of history: the last place, at most ``at``, and one digest of all entries up to it.

    The digest is SHA-256 over the entries' digests in the order of their places. Published elsewhere, it
    proves later that nothing before it was changed or cut off, and that nothing was put in.
    """
    last, together = 0, sha256()
    while rows := database.rows(_DIGESTS, last, LARGEST_NUMBER if at is None else at, BLOCK * 10):
        together.update(b"".join(_bytes(digest) for _, digest in rows))
        last = rows[-1][0]
    return last, together.hexdigest()


def head_problems(database: Database, place: int, expected: str) -> Iterator[str]:
    """Verify history against a head that was published earlier."""
    last, found = head(database, place)
    if last < place:
        yield f"history ends at {last}; the head was taken at {place}: its tail was cut off"
    elif found != expected:
        yield f"history up to {place} has the digest {found}, not {expected}: it is another history"


def _problems_between(database: Reads, after: int, until: int, verified: _Verified) -> Iterator[str]:
    """Verify the entries between two places, and add them to what is verified."""
    for block in _history(database, after, until):
        if isinstance(block, str):
            yield block
            continue
        rows, texts = block
        links = _links(rows, texts, verified.last)
        if links is not None and links.follow(verified.ends):
            verified.ends |= links.after
        else:
            yield from _block_problems(rows, texts, verified.last, verified.ends)
            verified.ends |= {root_of(row): (row[SEQUENCE], row[DIGEST]) for row in rows}
        verified.last = max(verified.last, rows[-1][PLACE])


def shared_out(database: Reads) -> Iterator[tuple[int, Links | None]]:
    """Verify a long history in several processes: give where each stretch ends, in order, with its links.

    Without links it has to be looked at here: something in it does not hold, or its process is gone.
    Nothing is given of a short history, or inside a transaction, which other processes cannot see.
    """
    processes = min(os.cpu_count() or 1, MOST_PROCESSES)
    if not isinstance(database, Database) or processes == 1:
        return
    count, last = database.rows(_EXTENT)[0]
    if last != count or count < LONG:
        return
    url = database.url.render_as_string(hide_password=False)
    # Spawned, not forked: connections must not be shared, and this process may have threads.
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        tasks: deque[tuple[int, Future[Links | None]]] = deque()
        for after in range(0, last, STRETCH):
            until = min(after + STRETCH, last)
            tasks.append((until, pool.submit(_stretch, url, after or BEFORE_ALL, until)))
        try:
            while tasks:
                until, task = tasks.popleft()
                try:
                    yield until, task.result()
                except (BrokenProcessPool, OSError):
                    yield until, None
        finally:
            for _, task in tasks:
                task.cancel()


def _stretch(url: str, after: int, until: int) -> Links | None:
    """Give the links of all entries between two places, where they hold; called in a process of its own."""
    links = Links({}, {})
    last = max(after, 0)
    try:
        for block in _history(_opened(url), after, until):
            if isinstance(block, str) or (found := _links(*block, last)) is None:
                return None
            for root, end in found.before.items():
                if links.after.get(root, end) != end:
                    return None
                if root not in links.after:
                    links.before[root] = end
            links.after.update(found.after)
            last = block[0][-1][PLACE]
    except TrackerError:
        return None
    return links if last == until else None


@cache
def _opened(url: str) -> Database:
    return open_database(url)


def _history(database: Reads, last: int, until: int) -> Iterator[tuple[list[Row], list[Row]] | str]:
    """Give the entries between two places, in blocks with their texts; instead of what is no entry, a sentence.

    Where a block cannot be read, it is read again in smaller ones, until the row that cannot is alone.
    """
    size = BLOCK
    while True:
        try:
            rows = database.rows(_CHANGES, last, until, size)
            texts = database.rows(_TEXTS, last, rows[-1][PLACE]) if rows else []
        except TrackerError:
            if size == 1:
                last = database.rows(_NEXT_PLACE, last)[0][0]
                yield f"history {last}: it cannot be read"
            size = BLOCK if size == 1 else max(1, size // 10)
            continue
        if not rows:
            break
        last, size = rows[-1][PLACE], BLOCK
        yield rows, texts
    # In one statement with the entries themselves, since some are being written.
    yield from map(_no_entry, (place for (place,) in database.rows(_ORPHANS, last, until)))


def _links(rows: list[Row], texts: list[Row], last: int) -> Links | None:
    """Give the links of a block that goes on after a place, or None where anything in it does not hold."""
    if entries.untyped(rows) or not entries.are_sealed(texts):
        return None
    before: Ends = {}
    ends: Ends = {}
    said: list[str] = []
    places: list[int] = []
    for place, row in enumerate(rows, last + 1):
        root, digest, sequence = root_of(row), row[DIGEST], row[SEQUENCE]
        joined = sequence - 1, row[PREVIOUS]
        if ends.get(root, joined) != joined or row[PLACE] != place or entries.digest_of(row) != digest:
            return None
        if root not in ends:
            before[root] = joined
        ends[root] = sequence, digest
        own = sorted(entries.said_by(row))
        said += own
        places += [place] * len(own)
    are_there = said == [text[1] for text in texts] and places == [text[0] for text in texts]
    return Links(before, ends) if are_there else None


def _block_problems(rows: list[Row], texts: list[Row], last: int, ends: Ends) -> Iterator[str]:
    """Say of each entry of a block what does not hold."""
    ends = dict(ends)
    own, untyped = _by_place(texts), entries.untyped(rows)
    for row in rows:
        place, root = row[PLACE], root_of(row)
        wrong = []
        if place != last + 1:
            wrong.append(
                f"the entry before it is missing, place {last + 1}"
                if place > last
                else "there is no such place"
            )
        sequence, previous = ends.get(root, NOTHING)
        if (row[SEQUENCE], row[PREVIOUS]) != (sequence + 1, previous):
            wrong.append(f"it does not follow the entry before it in the chain of {row[ROOT]}")
        if place in untyped:
            wrong.append("it holds what is not of its columns' types")
            own.pop(place, None)
        else:
            if entries.digest_of(row) != row[DIGEST]:
                wrong.append("its content does not have its digest")
            wrong += entries.text_problems(row, own.pop(place, ()))
        where = f"history {place} ({row[ACTION]} {row[RESOURCE]} {row[RESOURCE_ID]})"
        yield from (f"{where}: {each}" for each in wrong)
        ends[root] = row[SEQUENCE] if isinstance(row[SEQUENCE], int) else 0, row[DIGEST]
        last = max(last, place)
    yield from map(_no_entry, own)


def _no_entry(place: Any) -> str:
    return f"history {place}: there are texts of this place, and no entry"


def _by_place(rows: list[Row]) -> dict[Any, list[Row]]:
    return {place: list(group) for place, group in groupby(rows, key=itemgetter(0))}


def _bytes(digest: Any) -> bytes:
    """Give the bytes that a digest stands for, or of whatever stands in its place."""
    try:
        return bytes.fromhex(digest)
    except (TypeError, ValueError):
        return repr(digest).encode()


def _between_places(*columns: Any) -> Statement:
    """Give the statement that reads columns of entries after a place until another, at most so many."""
    return Statement(
        select(*columns)
        .where(HistoryEntry.place > bindparam("after"), HistoryEntry.place <= bindparam("until"))
        .order_by(HistoryEntry.place)
        .limit(bindparam("limit")),
        "after",
        "until",
        "limit",
    )


_EXTENT = Statement(select(func.count(), func.max(HistoryEntry.place)))
_CHANGES = _between_places(*(table_of(HistoryEntry).c[name] for name in entries.NAMES))
_DIGESTS = _between_places(HistoryEntry.place, HistoryEntry.digest)
_NEXT_PLACE = Statement(
    select(HistoryEntry.place)
    .where(HistoryEntry.place > bindparam("after"))
    .order_by(HistoryEntry.place)
    .limit(1),
    "after",
)
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.salt, ChangeText.text)
    .where(ChangeText.change > bindparam("after"), ChangeText.change <= bindparam("until"))
    .order_by(ChangeText.change, ChangeText.digest),
    "after",
    "until",
)
_ORPHANS = Statement(
    select(ChangeText.change)
    .where(
        ChangeText.change > bindparam("after"),
        ChangeText.change <= bindparam("until"),
        ~exists().where(HistoryEntry.place == ChangeText.change),
    )
    .distinct()
    .order_by(ChangeText.change),
    "after",
    "until",
)
