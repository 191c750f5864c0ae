"""Whether history holds: every entry at its position, in its chain, with its digest, its texts and its index.

Whoever writes meanwhile is never accused: entries only follow one another, in the order of their positions.
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

from msgspec import MsgspecError
from sqlalchemy import bindparam, exists, func, select

from tracker.database.engine import Database, open_database
from tracker.database.statements import Row, Statement
from tracker.errors import TrackerError
from tracker.models import ChangeResource, ChangeText, HistoryEntry, table_of
from tracker.models.columns import LARGEST_NUMBER
from tracker.services import entries
from tracker.services.entries import (
    ACTION,
    DIGEST,
    POSITION,
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
"""How many entries of a long history one processor looks at before it reports."""
LONG = 100_000
"""From how many entries on it is worth to start other processes."""
MOST_PROCESSES = 8
BEFORE_ALL = -LARGEST_NUMBER
"""Less than every position, those too that a constraint would refuse."""

Ends = dict[tuple[str, str], tuple[int, str | None]]
"""Sequence and digest of the last entry of each chain, by the kind and id of its root."""
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
        """Return whether chains that end so, or have no entry yet, go on here."""
        return all(ends.get(root, NOTHING) == end for root, end in self.before.items())


class _Block(NamedTuple):
    """Entries that follow one another, and what stands beside them."""

    rows: list[Row]
    texts: list[Row]
    resources: list[Row]


@dataclass(slots=True)
class _Verified:
    """What has been looked at, entry by entry or as a whole."""

    last: int = 0
    """The highest position."""
    ends: Ends = field(default_factory=dict)


def history_problems(database: Reads) -> Iterator[str]:
    """Verify every entry of history: its position, its chain, its digest, its texts, its index.

    The first sentence names the first entry, in the order of positions, that does not hold. A part is looked
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
    """Return the head of history: the last position, at most ``at``, and one digest of all entries up to it.

    The digest is SHA-256 over the entries' digests in the order of their positions. Published elsewhere, it
    proves later that nothing before it was changed or cut off, and that nothing was put in.
    """
    last, together = 0, sha256()
    while rows := database.rows(_DIGESTS, last, LARGEST_NUMBER if at is None else at, BLOCK * 10):
        together.update(b"".join(_bytes(digest) for _, digest in rows))
        last = rows[-1][0]
    return last, together.hexdigest()


def head_problems(database: Database, position: int, expected: str) -> Iterator[str]:
    """Verify history against a head that was published earlier."""
    last, digest = head(database, position)
    if last < position:
        yield f"history ends at {last}; the head was taken at {position}: its tail was cut off"
    elif digest != expected:
        yield f"history up to {position} has the digest {digest}, not {expected}: it is another history"


def _problems_between(database: Reads, after: int, until: int, verified: _Verified) -> Iterator[str]:
    """Verify the entries between two positions, and add them to what is verified."""
    for block in _history(database, after, until):
        if isinstance(block, str):
            yield block
            continue
        links = _links(block, verified.last)
        if links is not None and links.follow(verified.ends):
            verified.ends |= links.after
        else:
            yield from _block_problems(block, verified.last, verified.ends)
            verified.ends |= {root_of(row): (row[SEQUENCE], row[DIGEST]) for row in block.rows}
        verified.last = max(verified.last, block.rows[-1][POSITION])


def shared_out(database: Reads) -> Iterator[tuple[int, Links | None]]:
    """Verify a long history in several processes; yield where each stretch ends, in order, with its links.

    Without links it has to be looked at here: something in it does not hold, or its process is gone.
    Nothing is yielded of a short history, or inside a transaction, which other processes cannot see.
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
    """Return the links of all entries between two positions, where they hold; called in a process of its own."""
    links = Links({}, {})
    last = max(after, 0)
    try:
        for block in _history(_opened(url), after, until):
            if isinstance(block, str) or (following := _links(block, last)) is None:
                return None
            for root, end in following.before.items():
                if links.after.get(root, end) != end:
                    return None
                if root not in links.after:
                    links.before[root] = end
            links.after.update(following.after)
            last = block.rows[-1][POSITION]
    except TrackerError:
        return None
    return links if last == until else None


@cache
def _opened(url: str) -> Database:
    return open_database(url)


def _history(database: Reads, last: int, until: int) -> Iterator[_Block | str]:
    """Yield the entries between two positions, in blocks; instead of what is no entry, a sentence.

    Where a block cannot be read, it is read again in smaller ones, until the row that cannot is alone.
    """
    size = BLOCK
    while True:
        try:
            rows = database.rows(_CHANGES, last, until, size)
            end = rows[-1][POSITION] if rows else last
            block = _Block(rows, database.rows(_TEXTS, last, end), database.rows(_RESOURCES, last, end))
        except TrackerError:
            if size == 1:
                last = database.rows(_NEXT_POSITION, last)[0][0]
                yield f"history {last}: it cannot be read"
            size = BLOCK if size == 1 else max(1, size // 10)
            continue
        if not rows:
            break
        last, size = end, BLOCK
        yield block
    # In one statement with the entries themselves, since some are being written.
    for name, statement in _ORPHANS.items():
        yield from (_no_entry(position, name) for (position,) in database.rows(statement, last, until))


def _links(block: _Block, last: int) -> Links | None:
    """Return the links of a block that goes on after a position, or None where anything in it does not hold."""
    if entries.untyped(block.rows) or not entries.are_whole(block.texts):
        return None
    before: Ends = {}
    ends: Ends = {}
    texts: list[tuple[int, str]] = []
    resources: list[tuple[int, str, str, str | None]] = []
    for position, row in enumerate(block.rows, last + 1):
        root, digest, sequence = root_of(row), row[DIGEST], row[SEQUENCE]
        joined = sequence - 1, row[PREVIOUS]
        if ends.get(root, joined) != joined or row[POSITION] != position or entries.digest_of(row) != digest:
            return None
        if root not in ends:
            before[root] = joined
        ends[root] = sequence, digest
        texts += [(position, text) for text in sorted(entries.texts_of(row))]
        try:
            held = entries.held_by(row)
        except MsgspecError:
            return None
        resources += [(position, *key, held[key]) for key in sorted(held)]
    are_there = texts == [text[:2] for text in block.texts] and resources == [*map(tuple, block.resources)]
    return Links(before, ends) if are_there else None


def _block_problems(block: _Block, last: int, ends: Ends) -> Iterator[str]:
    """Say of each entry of a block what does not hold."""
    ends = dict(ends)
    texts, resources = _by_position(block.texts), _by_position(block.resources)
    untyped = entries.untyped(block.rows)
    for row in block.rows:
        position, root = row[POSITION], root_of(row)
        own_texts, own_resources = texts.pop(position, []), resources.pop(position, [])
        wrong = []
        if position != last + 1:
            wrong.append(
                f"the entry before it is missing, place {last + 1}"
                if position > last
                else "there is no such place"
            )
        sequence, previous = ends.get(root, NOTHING)
        if (row[SEQUENCE], row[PREVIOUS]) != (sequence + 1, previous):
            wrong.append(f"it does not follow the entry before it in the chain of {row[ROOT]}")
        if position in untyped:
            wrong.append("it holds what is not of its columns' types")
        else:
            has_digest = entries.digest_of(row) == row[DIGEST]
            if not has_digest:
                wrong.append("its content does not have its digest")
            wrong += entries.text_problems(row, own_texts)
            if has_digest:  # else nobody knows what it should hold
                wrong += entries.index_problems(row, own_resources)
        where = f"history {position} ({row[ACTION]} {row[RESOURCE]} {row[RESOURCE_ID]})"
        yield from (f"{where}: {problem}" for problem in wrong)
        ends[root] = row[SEQUENCE] if isinstance(row[SEQUENCE], int) else 0, row[DIGEST]
        last = max(last, position)
    for name, left in (("texts", texts), ("resources", resources)):
        yield from (_no_entry(position, name) for position in left)


def _no_entry(position: Any, name: str) -> str:
    return f"history {position}: there are {name} of this place, and no entry"


def _by_position(rows: list[Row]) -> dict[Any, list[Row]]:
    return {position: list(group) for position, group in groupby(rows, key=itemgetter(0))}


def _bytes(digest: Any) -> bytes:
    """Return the bytes that a digest stands for, or of whatever stands there instead."""
    try:
        return bytes.fromhex(digest)
    except (TypeError, ValueError):
        return repr(digest).encode()


def _between(*columns: Any) -> Statement:
    """Return the statement that reads columns of entries after a position until another, at most so many."""
    return Statement(
        select(*columns)
        .where(HistoryEntry.position > bindparam("after"), HistoryEntry.position <= bindparam("until"))
        .order_by(HistoryEntry.position)
        .limit(bindparam("limit")),
        "after",
        "until",
        "limit",
    )


_EXTENT = Statement(select(func.count(), func.max(HistoryEntry.position)))
_CHANGES = _between(*(table_of(HistoryEntry).c[name] for name in entries.NAMES))
_DIGESTS = _between(HistoryEntry.position, HistoryEntry.digest)
_NEXT_POSITION = Statement(
    select(HistoryEntry.position)
    .where(HistoryEntry.position > bindparam("after"))
    .order_by(HistoryEntry.position)
    .limit(1),
    "after",
)
_texts, _resources = table_of(ChangeText).c, table_of(ChangeResource).c


def _of_entries(*columns: Any) -> Statement:
    """Return the statement that reads what stands beside the entries between two positions, in order."""
    change = columns[0]
    query = select(*columns).where(change > bindparam("after"), change <= bindparam("until"))
    return Statement(query.order_by(*change.table.primary_key), "after", "until")


def _of_no_entry(change: Any) -> Statement:
    """Return the statement for positions between two that have rows beside an entry, and no entry."""
    query = select(change).where(change > bindparam("after"), change <= bindparam("until"))
    missing = ~exists().where(HistoryEntry.position == change)
    return Statement(query.where(missing).distinct().order_by(change), "after", "until")


_TEXTS = _of_entries(_texts.change, _texts.digest, _texts.salt, _texts.text)
_RESOURCES = _of_entries(_resources.change, _resources.resource, _resources.resource_id, _resources.clause)
_ORPHANS = {"texts": _of_no_entry(_texts.change), "resources": _of_no_entry(_resources.change)}
