"""Long JSON Lines: read and checked a block at a time, set aside in a temporary file, then written.

What was checked is what is written: a file that changes in between, or standard input, makes no difference.
"""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile

from tracker.database.statements import Fetch, no_rows
from tracker.errors import Fault, Invalid, Malformed, Place, a
from tracker.loading import checks
from tracker.loading.document import Document
from tracker.loading.known import Awaited, Known, Seen, digest
from tracker.loading.plan import Key, Planned, Plans, Wishes, parent_of, plans
from tracker.loading.seeds import Seeds, Thing, gather, two_contents
from tracker.loading.writing import Outcome, missing_children
from tracker.models import RESOURCES
from tracker.services.history import LAST_POSITION
from tracker.services.references import Reference, alike, ids_around
from tracker.services.statuses import Finding

MOST_FAULTS = 1_000
"""How many faults of a long run are told; the others are counted."""


@dataclass(slots=True)
class Block:
    """Things that are held in memory together, and where they are set aside."""

    number: int
    offset: int
    size: int
    things: int
    lines: int
    until: int
    """The last block that has to be written with it, because something here refers to it."""
    is_new: bool
    """Whether nothing of it was stored, or had ever been, when it was checked."""


class Stream:
    """A long run: what is known of it, what is wrong with it, and its blocks that have to be written."""

    def __init__(self, fetch: Fetch, today: str, wishes: Wishes) -> None:
        self._fetch = fetch
        self._today = today
        self._wishes = wishes
        self._known = Known()
        self._spool = TemporaryFile()  # noqa: SIM115  # closed with the stream
        self._faults: list[Fault] = []
        self._untold = 0
        self._twice: list[tuple[Key, Place, str, int]] = []
        self._whole: dict[Key, Thing] = {}
        self._now = 0
        self._place = last_place(fetch)
        self._is_alone = True
        self.blocks: list[Block] = []
        self.outcome = Outcome()
        """What is said already of the blocks in which there is nothing to write."""
        self.counts: Counter[str] = Counter()

    def close(self) -> None:
        """Remove what was set aside."""
        self._known.close()
        self._spool.close()

    @property
    def is_full(self) -> bool:
        """Whether there are more faults than are told; places matter no more then."""
        return len(self._faults) >= MOST_FAULTS

    def take(self, seeds: Seeds, lines: int) -> None:
        """Check the next block of so many lines and set it aside if there is anything to write."""
        self._add_faults(seeds.faults)
        self._drop_known(seeds)
        things = list(seeds.things.values())
        self.counts.update(thing.model.__tablename__ for thing in things)
        planned = plans(things, self._fetch, self._wishes, self._gone(things))
        self._add_faults(checks.faults(seeds, planned, self._fetch, self._today, self))
        self._known.add(things, planned, self._now)
        self._whole |= {thing.key: thing for thing in things if thing.document.line_of_lines is None}
        if not self._faults:
            if self._is_written(things, planned):
                for thing in things:
                    self.outcome.leave(thing, planned[thing.key])
            else:
                self._set_aside(things, lines, is_new=all(map(_is_new, planned.values())))
        self._now += 1

    def finish(self, again: Callable[[], Iterable[Document | Malformed]]) -> None:
        """Look at what is left open when all is read; ``again`` reads it once more, for places of faults.

        Raises Invalid with the faults of the run, the first of them one by one.
        """
        blocks = {block.number: block for block in self.blocks}
        for awaited, seen in self._known.awaited():
            fault = self._fault_of(awaited, seen)
            if fault is not None:
                place = Place(awaited.file, awaited.line, awaited.column)
                self._add_faults([fault.at(place)])
            elif seen is not None and awaited.block in blocks:
                block = blocks[awaited.block]
                block.until = max(block.until, seen.block)
        if self._twice:
            self._add_faults(self._two_contents(again))
        if self._faults:
            self._cut()
            raise Invalid(self._faults, more=self._untold)

    def things(self, block: Block) -> list[Thing]:
        """Give the things of a block that was set aside."""
        self._spool.seek(block.offset)
        documents: dict[tuple[str, int | None], Document] = {}
        found = []
        content = marshal.loads(self._spool.read(block.size))  # noqa: S302  # nobody else writes that file
        for table, id, values, name, line, lists in content:
            document = documents.get((name, line))
            if document is None:
                document = documents[name, line] = Document(name, None, textual=False, line_of_lines=line)
            found.append(Thing(RESOURCES[table], id, values, document, (), frozenset(lists)))
        return found

    def begin(self, fetch: Fetch) -> None:
        """See, in a transaction that begins to write, whether anyone wrote since the blocks were checked."""
        self._is_alone = self._is_alone and last_place(fetch) == self._place

    def planned(self, block: Block, things: Sequence[Thing], fetch: Fetch) -> Plans:
        """Plan a block anew, inside the transaction that writes it.

        Where nobody else wrote, what was new when it was checked is new, without asking.
        """
        is_new = block.is_new and self._is_alone
        planned = plans(things, no_rows if is_new else fetch, self._wishes, self._gone(things))
        gone = [key for key, plan in planned.items() if plan.gone]
        if gone:
            self._known.remove(gone)
        return planned

    def wrote(self, place: int) -> None:
        """Note that history up to this place is this run's own, beyond what it had seen."""
        self._place = place

    def has(self, keys: Iterable[Key]) -> set[Key]:
        """Give those of some things that the run has anywhere."""
        return set(self._known.seen(keys))

    # What the checks of a block ask of what was read before it

    def kinds(self, keys: Sequence[Key]) -> dict[Key, str | None]:
        """Give a party's kind, "" for other things, None for what stays removed, of those that were read."""
        return {key: seen.kind for key, seen in self._known.seen(keys).items()}

    def sources(self, ids: Iterable[str]) -> dict[str, tuple[int | None, bool]]:
        """Give the lengths of sources that were read, and whether with their text."""
        return self._known.sources(ids)

    def text(self, source: str) -> str | None:
        """Give the text of a source that was read with one."""
        return self._known.text(source)

    def successor(self, party: str) -> tuple[str | None] | None:
        """Give the party that a party was read to become part of, in a tuple; None where nothing was read."""
        return self._known.successor(party)

    def findings(self, clauses: Iterable[str]) -> dict[str, list[Finding]]:
        """Give the findings that were read, by clause."""
        return self._known.findings(clauses)

    def awaits(self, thing: Thing, reference: Reference) -> bool:
        """Note a reference to what may still come."""
        line = thing.document.line_of_lines or 0
        path = (*thing.path, *reference.path)
        place = Place(thing.document.name, line, 1) if self.is_full and line else thing.document.place(path)
        self._known.wait(
            Awaited(
                reference.table,
                reference.id,
                reference.kind,
                place.file,
                place.line,
                place.column,
                line,
                self._now,
            ),
            path,
        )
        return True

    def _drop_known(self, seeds: Seeds) -> None:
        """Take away what was read before; with another content it is a fault."""
        for key, seen in self._known.seen(seeds.things).items():
            thing = seeds.things.pop(key)
            if digest(thing) != seen.digest:
                if len(self._twice) < MOST_FAULTS:
                    place = thing.document.place(thing.path)
                    self._twice.append((key, place, seen.file, seen.line))
                else:
                    self._untold += 1

    def _gone(self, things: Iterable[Thing]) -> set[Key]:
        """Give those of the things around these, in other blocks, that stay removed."""
        own = set()
        around = set()
        for thing in things:
            own.add(thing.key)
            parent = parent_of(thing)
            if parent is not None:
                around.add(parent)
        return {key for key, kind in self.kinds(list(around - own)).items() if kind is None}

    def _is_written(self, things: Sequence[Thing], planned: Plans) -> bool:
        """Whether there is nothing to write of a block, and nothing to say of what it lacks."""
        if any(plan.changes or (plan.now is None and not plan.gone) for plan in planned.values()):
            return False
        return self._wishes.missing_only or not missing_children(things, planned, self._fetch, self.has)

    def _set_aside(self, things: Sequence[Thing], lines: int, *, is_new: bool) -> None:
        content = marshal.dumps(
            [
                (
                    thing.model.__tablename__,
                    thing.id,
                    thing.values,
                    thing.document.name,
                    thing.document.line_of_lines,
                    tuple(thing.lists),
                )
                for thing in things
            ]
        )
        offset = self._spool.seek(0, 2)
        self._spool.write(content)
        self.blocks.append(Block(self._now, offset, len(content), len(things), lines, self._now, is_new))

    def _fault_of(self, awaited: Awaited, seen: Seen | None) -> Fault | None:
        """Give what is wrong with a reference to what had not been read, now that all is."""
        noun = RESOURCES[awaited.table].noun
        if seen is None:
            known = self._known.around(awaited.table, awaited.id)
            known += ids_around(self._fetch, awaited.table, awaited.id)
            detail = f"{noun} `{awaited.id}` is not defined"
            return Fault("unknown_reference", detail, alike(awaited.table, awaited.id, known))
        if awaited.line_of_lines and seen.file == awaited.file and seen.line > awaited.line_of_lines:
            return checks.later_line(awaited.table, awaited.id, seen.line)
        if seen.kind is None:
            return checks.removed_reference(awaited.table, awaited.id)
        if awaited.kind is not None and seen.kind not in ("", awaited.kind):
            return Fault("wrong_kind", f"{noun} `{awaited.id}` is not {a(awaited.kind)}")
        return None

    def _two_contents(self, again: Callable[[], Iterable[Document | Malformed]]) -> Iterator[Fault]:
        """Give the faults of ids with two contents, for which the first is looked up where it stands."""
        wanted = {(file, line) for _, _, file, line in self._twice if line}
        firsts = dict(self._whole)
        for document in again() if wanted else ():
            if isinstance(document, Document) and (document.name, document.line_of_lines) in wanted:
                for key, thing in gather([document]).things.items():
                    firsts.setdefault(key, thing)
        for key, place, file, line in self._twice:
            first = firsts.get(key)
            where = Place(file, line, 1) if first is None else first.document.place(first.path)
            yield two_contents(*key, where).at(place)

    def _add_faults(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self._faults.append(fault)
            if len(self._faults) >= 4 * MOST_FAULTS:
                self._cut()

    def _cut(self) -> None:
        """Keep the first faults and count the others."""
        self._faults.sort(key=checks.in_order)
        self._untold += len(self._faults[MOST_FAULTS:])
        del self._faults[MOST_FAULTS:]


def last_place(fetch: Fetch) -> int:
    """Give the place of the last change that there is, 0 where there is none."""
    rows = fetch(LAST_POSITION)
    return rows[0][0] if rows else 0


def _is_new(plan: Planned) -> bool:
    return plan.now is None and not plan.gone and plan.changes["version"] == 1


def parts(blocks: Sequence[Block], lines_at_once: int) -> Iterator[list[Block]]:
    """Give the blocks that are written in one transaction: so many lines, and what they refer to.

    A part goes on as long as anything in it refers to what comes after.
    """
    part: list[Block] = []
    until = -1
    for block in blocks:
        full = sum(each.lines for each in part) + block.lines > lines_at_once
        if part and full and until < block.number:
            yield part
            part = []
        part.append(block)
        until = max(until, block.until)
    if part:
        yield part
