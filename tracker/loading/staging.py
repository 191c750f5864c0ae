"""The resources of a run, staged: in a temporary file, so that memory stays flat however many there are.

A run is read in blocks. The block that is read is in memory; those before it are rows of a temporary
database: each document with its places and its resources, and an index of every resource by kind and id.
So a run of one line takes the way of a run of a million, and never comes to the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from tracker.database.statements import Fetch
from tracker.errors import Fault, Invalid, Malformed
from tracker.loading import checks
from tracker.loading.document import Document
from tracker.loading.index import Block, Index, digest
from tracker.loading.plan import (
    Key,
    LoadOptions,
    MissingChild,
    Planned,
    early_follow_ups,
    missing_children,
    parent_of,
    plans,
)
from tracker.loading.seeds import StagedResource, gather, two_contents
from tracker.loading.wording import reworded
from tracker.loading.writing import Outcome
from tracker.services.history import LAST_POSITION

LINES_AT_ONCE = 1_000
"""How many lines of JSON Lines are committed together where there are more."""
BYTES_AT_ONCE = 1024 * 1024
"""How much of JSON Lines is held in memory together."""
MOST_FAULTS = 1_000
"""How many faults of a run are listed; the others are counted."""
Progress = Callable[[int, int | None], None]
"""Takes how many resources were checked (and None), then how many of how many are written."""


class Faults:
    """The faults of a run; where they are too many, the first ones by place and a count of the others."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.listed: list[Fault] = []
        self._more = 0

    @property
    def is_full(self) -> bool:
        """Whether there are more than are listed, so that places matter no more."""
        return len(self.listed) >= self._most

    def add(self, faults: Iterable[Fault]) -> None:
        """Add faults, in the order in which they are found."""
        for fault in faults:
            self.listed.append(fault)
            if len(self.listed) >= 4 * self._most:
                self._cut()

    def raise_any(self) -> None:
        """Raise Invalid if there are faults, in the order of their places."""
        if self.listed:
            self._cut()
            raise Invalid(self.listed, more=self._more)

    def _cut(self) -> None:
        # Several clauses of one cell may be wrong in the same way.
        faults = sorted(dict.fromkeys(self.listed), key=_by_place)
        self._more += len(faults[self._most :])
        self.listed = faults[: self._most]


class StagedRows:
    """The resources of one run: read, planned, checked, and given back block by block to be written."""

    def __init__(
        self,
        fetch: Fetch,
        today: str,
        options: LoadOptions,
        progress: Progress | None = None,
    ) -> None:
        self._fetch = fetch
        self._today = today
        self._options = options
        self._progress = progress
        self._index = Index()
        self._planned = self._done = 0
        self._lines = 0
        self._room = LINES_AT_ONCE
        self._place = last_place(fetch)
        self._is_alone = True
        self._in_memory = Block(0, 0)
        self.blocks = [self._in_memory]
        self.faults = Faults(MOST_FAULTS)
        self.outcome = Outcome()
        """What is left as it is, known as soon as it is planned."""
        self.counts: Counter[str] = Counter()

    def close(self) -> None:
        """Remove the temporary file."""
        self._index.close()

    @property
    def is_long(self) -> bool:
        """Whether it has more lines than one transaction takes."""
        return self._lines > LINES_AT_ONCE

    # Reading

    def take(self, document: Document | Malformed) -> None:
        """Stage the resources of a document and note the faults of its form.

        A long run is planned as it is read: what is to be written has to wait in the file only once.
        """
        is_line = isinstance(document, Malformed) or document.line_of_lines is not None
        block = self._in_memory
        if self._room <= 0 or block.size >= BYTES_AT_ONCE:
            block = self._next_block()
        self._room -= 1
        self._lines += is_line
        block.lines += is_line
        self.faults.add(document.faults)
        if isinstance(document, Document):
            document.number = block.first + block.documents
            block.documents += 1
            block.size += document.size
            if is_line and self.faults.is_full:
                document.forget_columns()
            known = {fault.place for fault in document.faults}
            self.faults.add(fault for fault in gather(document, block.add) if fault.place not in known)

    def finish(self) -> None:
        """Finish the last block: no document follows."""
        self._drop_repeated()
        if self.is_long:
            self.plan(self._fetch)

    def _next_block(self) -> Block:
        self.finish()
        last = self._in_memory
        if not self.is_long:
            self._index.add(last)
        self._store()
        if self._room <= 0:
            self._room = LINES_AT_ONCE
        self._in_memory = Block(last.number + 1, last.first + last.documents)
        self.blocks.append(self._in_memory)
        return self._in_memory

    def _drop_repeated(self) -> None:
        """Drop from the block in memory what blocks before it have; with other content it is a fault."""
        block = self._in_memory
        for key, first_digest, document, path in self._index.repeated(block):
            resource = block.resources.pop(key)
            if digest(resource) != first_digest:
                first = self._index.document(document).place(path)
                place = resource.document.place(resource.path)
                self.faults.add([two_contents(*key, first).at(place)])
        block.count = len(block.resources)
        self.counts.update(table for table, _ in block.resources)

    # Planning and checking

    def plan(self, fetch: Fetch) -> None:
        """Plan every block that is not planned yet."""
        for block in self.blocks[self._planned :]:
            self.load(block)
            block.plans = plans(block.resources.values(), fetch, self._options, self._gone(block))
            for key, resource in block.resources.items():
                self.outcome.leave(resource, block.plans[key])
            self.outcome.warnings += early_follow_ups(block.resources, block.plans)
            missing: list[MissingChild] = []
            if not self._options.missing_only:
                missing = missing_children(block.resources, block.plans, fetch)
            block.has_changes = any(plan.changes for plan in block.plans.values())
            block.lacks_children, block.is_stored, block.until = bool(missing), False, block.number
            self._index.add(block, missing)
            self._planned += 1
            self._done += block.count
            if self._progress is not None and self.is_long:
                self._progress(self._done, None)

    def plan_again(self, fetch: Fetch) -> None:
        """Plan all from the beginning, in the transaction that checks and writes it."""
        self._planned, self._done, self.outcome = 0, 0, Outcome()
        self._index.forget_plans()
        self.plan(fetch)

    def check(self, fetch: Fetch) -> None:
        """Add the faults of all that will be written to those of form."""
        for block in self.blocks:
            if block.has_changes:
                self.load(block)
                self.faults.add(checks.faults(block, self._index, fetch, self._today))
                self.faults.add(reworded(block, fetch))

    def _gone(self, block: Block) -> set[Key]:
        """Return those of the resources around these, in other blocks, that stay removed."""
        around = {parent for each in block.resources.values() if (parent := parent_of(each)) is not None}
        staged = self._index.staged(around - block.resources.keys())
        return {key for key, each in staged.items() if each.gone}

    # Writing

    def begin(self, fetch: Fetch) -> None:
        """See, in a transaction that begins to write, whether anyone wrote since the run was planned."""
        self._is_alone = self._is_alone and last_place(fetch) == self._place

    def changed(self, block: Block, fetch: Fetch) -> list[tuple[StagedResource, Planned]]:
        """Return what changes of a block, planned anew, in the transaction that writes, if anyone else wrote."""
        self.load(block)
        if not self._is_alone and self.is_long:
            before = block.changed
            block.plans |= plans(
                [resource for resource, _ in before], fetch, self._options, self._gone(block)
            )
            for resource, plan in before:
                now = block.plans[resource.key]
                now.kept = [sentence for sentence in now.kept if sentence not in plan.kept]
                self.outcome.leave(resource, now)
            self._index.remove(key for key, plan in block.plans.items() if plan.gone)
            block.is_stored = False
        return block.changed

    def missing(self, block: Block) -> list[MissingChild]:
        """Return the stored clauses and quotes that the run lacks, of the agreements of a block."""
        return self._index.missing(block.number) if block.lacks_children else []

    def wrote(self, place: int) -> None:
        """Note that history up to this place is this run's own, beyond what it had seen."""
        self._place = place

    def load(self, block: Block) -> None:
        """Bring a block into memory in place of the one that is there."""
        if block is not self._in_memory:
            self._store()
            block.resources, block.plans = self._index.read(block)
            self._in_memory = block

    def _store(self) -> None:
        """Put the block in memory into the file; of a long run only what is to be written is needed again."""
        block = self._in_memory
        if not block.is_stored:
            self._index.write(block, only_changed=self._planned > block.number and self.is_long)
        block.resources, block.plans, block.is_stored = {}, {}, True


def last_place(fetch: Fetch) -> int:
    """Return the place of the last change that there is, 0 where there is none."""
    rows = fetch(LAST_POSITION)
    return rows[0][0] if rows else 0


def parts(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Yield the blocks that are written in one transaction: so many lines, and what they refer to.

    A part goes on as long as anything in it refers to what comes after.
    """
    part: list[Block] = []
    until = -1
    for block in blocks:
        full = sum(each.lines for each in part) + block.lines > LINES_AT_ONCE
        if part and full and until < block.number:
            yield part
            part = []
        part.append(block)
        until = max(until, block.until)
    if part:
        yield part


def _by_place(fault: Fault) -> tuple[str, int, int]:
    place = fault.place
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)
