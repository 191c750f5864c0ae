"""What must hold between resources, and between files and the database, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import cast

from sqlalchemy import select

from tracker.database.statements import Among, Fetch, Statement
from tracker.errors import Fault
from tracker.loading.index import Block, Index, Staged
from tracker.loading.plan import Key, Planned
from tracker.loading.seeds import StagedResource
from tracker.models import RESOURCES, FollowUp, Party, Resource, Source, fields_of, table_of
from tracker.models.values import FollowUpValues, PrintedValues, Values
from tracker.services import references, rules
from tracker.services.follow_ups import follow_up_faults
from tracker.services.references import KINDED, Reference, ids_around, kinds_of
from tracker.services.rules import AGREEMENTS_OF, SPAN_COLUMNS, SUCCESSOR
from tracker.services.spans import SOURCE_TEXT, SPANS_IN
from tracker.services.statuses import Finding, stored_findings
from tracker.validation import pointer

TEXTS_AT_ONCE = 8
"""How many texts of sources are kept in memory; each may have millions of characters."""


def faults(block: Block, index: Index, fetch: Fetch, today: str) -> Iterator[Fault]:
    """Yield every fault of what will be written of a block, each at its place; ``fetch`` asks the database.

    The block learns which later ones have to be written with it.
    """
    lookup = Lookup(block, index, fetch)
    findings = Findings(block, index, fetch)
    for resource, plan in block.changed:
        found = [*_missing(resource, plan), *_unchanging(resource, plan)]
        found += _reference_faults(resource, plan, lookup)
        result = plan.result
        if resource.model is Source:
            result = {**result, "text": lookup.text(resource.id)[1]}
        found += rules.rule_faults(lookup, resource.model, result, plan.changes, wrong=resource.wrong)
        if resource.model is FollowUp:
            follow_up = findings.dated(result)
            found += [
                fault
                for fault in follow_up_faults(follow_up, today, findings.beside(resource))
                if not any(f"{known}/".startswith(f"{fault.pointer}/") for known in resource.at_fault)
            ]
        yield from (resource.fault(fault) for fault in found)


class Lookup:
    """What a block's references point to: resources of the run first, then the database."""

    def __init__(self, block: Block, index: Index, fetch: Fetch) -> None:
        self._block = block
        self._index = index
        self._fetch = fetch
        self._texts: dict[str, str | None] = {}
        self.references: dict[Key, list[Reference]] = {}
        targets: set[Key] = set()
        sources: set[str] = set()
        for resource, plan in block.changed:
            own = list(references.references(resource.model, plan.changes))
            self.references[resource.key] = own
            targets.update(reference[:2] for reference in own)
            if resource.model is Source:
                sources.add(resource.id)
            elif resource.model in SPANS_IN:
                source = cast("PrintedValues", plan.result).get("source")
                sources |= set() if source is None else {source}
        self.staged = index.staged(targets)
        self._kinds = self._stored_kinds(targets - self.staged.keys())
        self._read_counts(sources)
        later = (each.block for each in self.staged.values() if not each.stored)
        block.until = max(block.number, *later, block.until)

    def _stored_kinds(self, keys: Iterable[Key]) -> dict[Key, str]:
        ids: dict[str, list[str]] = {}
        for table, id in sorted(keys):
            ids.setdefault(table, []).append(id)
        return {
            (table, id): kind for table, own in ids.items() for id, kind in self._fetch(kinds_of(table), own)
        }

    def _read_counts(self, sources: Collection[str]) -> None:
        rows = self._fetch(_COUNTS, sorted(sources)) if sources else ()
        self._counts: dict[str, tuple[int | None, bool]] = {id: (count, bool(has)) for id, count, has in rows}
        self._given_texts: set[str] = set()
        for id, gives_count, count, gives_text, has_text in self._index.sources(sources):
            stored = self._counts.get(id, (None, False))
            self._counts[id] = (
                count if gives_count else stored[0],
                bool(has_text if gives_text else stored[1]),
            )
            if gives_text:
                self._given_texts.add(id)

    def is_sound(self, reference: Reference, resource: StagedResource) -> bool:
        """Return whether there is nothing to say of a reference: the usual case, seen at once."""
        staged = self.staged.get(reference[:2])
        if staged is None:
            kind = self._kinds.get(reference[:2])
        elif staged.gone or (not staged.stored and _is_later(staged, resource)):
            return False
        else:
            kind = staged.kind
        return kind is not None and reference.kind in (None, kind)

    def kind(self, table: str, id: str) -> str | None:
        """Return the kind of a party or an initiative, "" for other resources, None for what is not defined."""
        staged = self.staged.get((table, id))
        return self._kinds.get((table, id)) if staged is None else staged.kind

    def known(self, table: str, word: str) -> list[str]:
        """Return ids of a kind that may be meant by a word."""
        return [*self._index.around(table, word), *ids_around(self._fetch, table, word)]

    def leads_to(self, _table: str, _id: str) -> None:
        """Return nothing: a plan has followed every merged party already."""

    def text(self, source: str | None) -> tuple[int | None, str | None]:
        """Return the length and the text of a source, as far as they are known."""
        if source is None:
            return None, None
        count, has_text = self._counts.get(source, (None, False))
        return count, self._text(source) if has_text else None

    def successor(self, party: str) -> str | None:
        """Return the party that a party becomes part of."""
        given = self._index.successor(party)
        if given is not None:
            return given[0]
        rows = self._fetch(SUCCESSOR, party)
        return rows[0][0] if rows else None

    def spans_in(self, source: str) -> Iterator[tuple[type[Resource], PrintedValues]]:
        """Yield the stored spans in a source of the block; those that the run changes are checked where they stand."""
        if self._is_new("source", source):
            return
        for model, statement in SPANS_IN.items():
            rows = {(model.__tablename__, row[0]): row for row in self._fetch(statement, source)}
            moved = self._index.moved(rows)
            for key, row in rows.items():
                if key not in moved:
                    yield model, cast("PrintedValues", dict(zip(SPAN_COLUMNS, row, strict=True)))

    def agreements_of(self, series: str) -> list[str]:
        """Return the stored agreements of a series of the block that the run leaves in it."""
        if self._is_new("initiative", series):
            return []
        keys = [("agreement", row[0]) for row in self._fetch(AGREEMENTS_OF, series)]
        moved = self._index.moved(keys)
        return [key[1] for key in keys if key not in moved]

    def _is_new(self, table: str, id: str) -> bool:
        """Return whether a resource of the block is not stored, so that nothing stored refers to it."""
        return self._block.plans[table, id].now is None

    def _text(self, source: str) -> str | None:
        if source not in self._texts:
            if len(self._texts) >= TEXTS_AT_ONCE:
                self._texts.clear()
            is_given = source in self._given_texts
            self._texts[source] = (
                self._index.text(source) if is_given else self._fetch(SOURCE_TEXT, source)[0][1]
            )
        return self._texts[source]


class Findings:
    """What counts of the follow-ups of clauses, those that the run writes included."""

    def __init__(self, block: Block, index: Index, fetch: Fetch) -> None:
        self._now = index.now
        clauses = {
            cast("FollowUpValues", resource.values)["clause"]
            for resource, _ in block.changed
            if resource.model is FollowUp
        }
        self._stored = stored_findings(fetch, clauses) if clauses else {}
        self._written = index.findings(clauses)

    def dated(self, values: Values) -> FollowUpValues:
        """Return a follow-up with the instant at which it will be recorded."""
        return cast("FollowUpValues", {"recorded_at": self._now, **values})

    def beside(self, resource: StagedResource) -> list[Finding]:
        """Return the findings against which a follow-up is checked.

        One that gives the instant of its record is checked against what had been recorded by then.
        """
        values = cast("FollowUpValues", resource.values)
        clause = values["clause"]
        written = self._written.get(clause, [])
        ids = {finding.id for finding in written}
        every = [*(each for each in self._stored.get(clause, ()) if each.id not in ids), *written]
        given = values.get("recorded_at")
        return every if given is None else [each for each in every if each.recorded_at < given]


def _reference_faults(resource: StagedResource, plan: Planned, lookup: Lookup) -> Iterator[Fault]:
    own = lookup.references[resource.key]
    if (
        not (resource.model is Party and "successor" in plan.changes)
        and "links" not in plan.changes
        and all(lookup.is_sound(reference, resource) for reference in own)
    ):
        return
    to_check = []
    result = plan.result
    for reference in references.with_own_kind(resource.model, result, own):
        staged = lookup.staged.get(reference[:2])
        if staged is None or (staged.stored and not staged.gone):
            to_check.append(reference)
        elif _is_later(staged, resource):
            detail = f"{RESOURCES[reference.table].noun} `{reference.id}` is defined on a later line, {staged.line}"
            yield Fault("later_line", detail, "put it first", pointer(reference.path))
        elif staged.gone:
            detail = f"{RESOURCES[reference.table].noun} `{reference.id}` was removed by a person"
            yield Fault("removed_reference", detail, "--overwrite brings it back", pointer(reference.path))
        elif staged.kind or reference.table not in KINDED:  # else its kind is at fault already
            to_check.append(reference)
    yield from references.self_faults(resource.model, result)
    yield from references.reference_faults(to_check, lookup.kind, lookup.known, lookup.leads_to)


def _is_later(staged: Staged, resource: StagedResource) -> bool:
    """Return whether what is new stands on a later line of the same file: in JSON Lines it has to come first."""
    line = resource.document.line_of_lines
    return line is not None and staged.file == resource.document.name and staged.line > line


def _missing(resource: StagedResource, plan: Planned) -> Iterator[Fault]:
    if plan.now is not None:
        return
    for name in _needed(resource.model):
        if name not in resource.values and name not in resource.wrong:
            detail = f"`{name}` is missing"
            if not resource.document.is_sheet:  # where the place says enough, and equal faults are counted
                detail += f" in {resource.model.noun} `{resource.id}`"
            yield Fault("required", detail, None, f"/{name}")


def _unchanging(resource: StagedResource, plan: Planned) -> Iterator[Fault]:
    if plan.now is None:
        return
    for name, field in fields_of(resource.model).items():
        if field.unchanging and name in plan.changes:
            detail = (
                f"`{name}` of {resource.model.noun} `{resource.id}` is {plan.now.get(name)} and never changes"
            )
            yield Fault("unchanging", detail, "choose another id", f"/{name}")


@cache
def _needed(model: type[Resource]) -> tuple[str, ...]:
    """Return what a file has to say of a new resource."""
    return tuple(
        name
        for name, field in fields_of(model).items()
        if field.required and not field.defaulted and not field.hidden and field.set_by != "server"
    )


_source = table_of(Source).c
_COUNTS = Statement(
    select(_source.id, _source.char_count, _source.text.is_not(None)).where(Among(_source.id, "ids")), "ids"
)
