"""What must hold between things, and between files and the database, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Protocol, cast

from sqlalchemy import select

from tracker import dates
from tracker.database.statements import Among, Fetch, Statement
from tracker.errors import Fault
from tracker.loading.plan import Key, Planned, Plans
from tracker.loading.seeds import Seeds, Thing
from tracker.models import (
    RESOURCES,
    Clause,
    FollowUp,
    Party,
    Quote,
    Resource,
    Source,
    fields_of,
    table_of,
)
from tracker.models.values import FollowUpValues, PrintedValues
from tracker.services import references, rules
from tracker.services.follow_ups import follow_up_faults
from tracker.services.references import KINDED, Reference, ids_around, kinds_of
from tracker.services.resources import Values
from tracker.services.rules import AGREEMENTS_OF, SPAN_COLUMNS, SUCCESSOR
from tracker.services.spans import SOURCE_TEXT, SPAN, SPANS_IN
from tracker.services.statuses import Finding, finding_of, stored_findings
from tracker.validation import pointer

TEXTS_AT_ONCE = 8
"""How many texts of sources are kept in memory; each may have millions of characters."""


class Earlier(Protocol):
    """What the same run has read before these things, and does not hold in memory any more."""

    def kinds(self, _: Sequence[Key], /) -> dict[Key, str | None]:
        """Give a party's kind, "" for other things, None for what stays removed, of those that were read."""

    def sources(self, _: Iterable[str], /) -> dict[str, tuple[int | None, bool]]:
        """Give the lengths of sources that were read, and whether with their text."""

    def text(self, _: str, /) -> str | None:
        """Give the text of a source that was read with one."""

    def successor(self, _: str, /) -> tuple[str | None] | None:
        """Give the party that a party was read to become part of, in a tuple; None where nothing was read."""

    def findings(self, _: Iterable[str], /) -> dict[str, list[Finding]]:
        """Give the findings that were read, by clause."""

    def awaits(self, _: Thing, __: Reference, /) -> bool:
        """Note a reference to what may still come; False where nothing can come any more."""


class Nothing:
    """The beginning of a run that holds everything in memory: nothing came before, nothing comes after."""

    def kinds(self, _: Sequence[Key]) -> dict[Key, str | None]:
        """Give nothing."""
        return {}

    def sources(self, _: Iterable[str]) -> dict[str, tuple[int | None, bool]]:
        """Give nothing."""
        return {}

    def text(self, _: str) -> str | None:
        """Give nothing."""
        return None

    def successor(self, _: str) -> None:
        """Give nothing."""

    def findings(self, _: Iterable[str]) -> dict[str, list[Finding]]:
        """Give nothing."""
        return {}

    def awaits(self, _: Thing, __: Reference) -> bool:
        """Nothing comes any more."""
        return False


NOTHING = Nothing()


def faults(
    seeds: Seeds, planned: Plans, fetch: Fetch, today: str, earlier: Earlier = NOTHING
) -> Iterator[Fault]:
    """Give every fault of what a run will write, each at its place; ``fetch`` asks the database."""
    things = [
        thing for thing in seeds.things.values() if (plan := planned[thing.key]).changes and not plan.gone
    ]
    lookup = Lookup(seeds, planned, fetch, earlier, things)
    findings = Findings(things, planned, fetch, earlier)
    for thing in things:
        plan = planned[thing.key]
        found = [*_missing(thing, plan), *_unchanging(thing, plan)]
        if not lookup.finds_all(thing, plan):
            found += [*_order(thing, plan, lookup), *_reference_faults(thing, plan, lookup)]
        whole = plan.changes if plan.now is None else plan.now | plan.changes
        if thing.model is Source:
            whole = {**whole, "text": lookup.text(thing.id)[1]}
        found += rules.rule_faults(lookup, thing.model, whole, plan.changes, wrong=thing.wrong)
        if thing.model is FollowUp:
            follow_up = findings.dated(whole)
            found += [
                fault
                for fault in follow_up_faults(follow_up, today, findings.beside(thing))
                if not any(f"{known}/".startswith(f"{fault.pointer}/") for known in thing.at_fault)
            ]
        yield from (thing.fault(fault) for fault in found)


class Lookup:
    """What a run's references point to: things of its files first, then the database."""

    def __init__(
        self, seeds: Seeds, planned: Plans, fetch: Fetch, earlier: Earlier, things: list[Thing]
    ) -> None:
        self._things = seeds.things
        self._planned = planned
        self._fetch = fetch
        self._earlier = earlier
        self._texts: dict[str, str | None] = {}
        self._kinds: dict[Key, str] = {}
        self._references: dict[Key, tuple[Reference, ...]] = {}
        asked: dict[str, set[str]] = {}
        sources: set[str] = set()
        for thing in things:
            plan = planned[thing.key]
            self._references[thing.key] = tuple(references.references(thing.model, plan.changes))
            for table, id, _, _ in self._references[thing.key]:
                if self._own_kind(table, id) is None:
                    asked.setdefault(table, set()).add(id)
            if thing.model is Source:
                sources.add(thing.id)
            elif thing.model in _PRINTED:
                source = plan.changes.get("source") or (plan.now or {}).get("source")
                if source is not None:
                    sources.add(source)
        self._ask_kinds(asked)
        self._ask_counts(sources)

    def _ask_kinds(self, asked: dict[str, set[str]]) -> None:
        fetch, earlier = self._fetch, self._earlier
        for table, ids in asked.items():
            self._kinds |= {(table, id): kind for id, kind in fetch(kinds_of(table), sorted(ids))}
        self._gone: set[Key] = set()
        for key, kind in earlier.kinds([(table, id) for table, ids in asked.items() for id in ids]).items():
            if kind is None:
                self._gone.add(key)
                self._kinds.pop(key, None)
            elif kind or key[0] not in KINDED:
                self._kinds[key] = kind

    def _ask_counts(self, sources: set[str]) -> None:
        fetch, earlier = self._fetch, self._earlier
        self._counts: dict[str, tuple[int | None, bool]] = {
            id: (count, bool(has_text))
            for id, count, has_text in (fetch(_COUNTS, sorted(sources)) if sources else ())
        }
        self._read_texts: set[str] = set()
        for id, (count, has_text) in earlier.sources(sources).items():
            stored = self._counts.get(id, (None, False))
            self._counts[id] = stored[0] if count is None else count, has_text or stored[1]
            if has_text:
                self._read_texts.add(id)

    def finds_all(self, thing: Thing, plan: Planned) -> bool:
        """Whether there is nothing to say of a thing's references: the usual case, told quickly."""
        if thing.model is Party and "successor" in thing.values:
            return False
        if "links" in plan.changes:
            return False
        name, line = thing.document.name, thing.document.line_of_lines
        for table, id, _, kind in self._references[thing.key]:
            other = self._things.get((table, id))
            if other is None:
                found = self._kinds.get((table, id))
            elif self._planned[table, id].gone or (
                line is not None and other.document.name == name and _line(other) > line
            ):
                return False
            else:
                found = self._own_kind(table, id)
            if found is None or (kind is not None and kind != found):
                return False
        return True

    def references(self, thing: Thing) -> tuple[Reference, ...]:
        """Return the references in what changes of a resource."""
        return self._references[thing.key]

    def is_stored(self, thing: Thing) -> bool:
        """Whether the database holds a thing."""
        return self._planned[thing.key].now is not None

    def is_gone(self, table: str, id: str) -> bool:
        """Whether a thing of the files stays removed."""
        plan = self._planned.get((table, id))
        return (table, id) in self._gone if plan is None else plan.gone

    def is_unclear(self, table: str, id: str) -> bool:
        """Whether the files have a party or an initiative whose kind is at fault already."""
        thing = self._things.get((table, id))
        return (
            thing is not None and table in KINDED and "kind" not in thing.values and not self.is_stored(thing)
        )

    def may_come(self, thing: Thing, reference: Reference) -> bool:
        """Whether what is not known yet may be defined by what the run reads later; it is noted then."""
        return self.kind(reference.table, reference.id) is None and self._earlier.awaits(thing, reference)

    def kind(self, table: str, id: str) -> str | None:
        """Give the kind of a party or an initiative, "" for other things, None for what is not defined."""
        own = self._own_kind(table, id)
        return self._kinds.get((table, id)) if own is None else own

    def known(self, table: str, word: str) -> list[str]:
        """Give ids of a kind that may be meant by a word."""
        return [*(id for kind, id in self._things if kind == table), *ids_around(self._fetch, table, word)]

    def leads_to(self, _table: str, _id: str) -> None:
        """Give nothing: a plan has followed every merged party already."""

    def text(self, source: str | None) -> tuple[int | None, str | None]:
        """Give the length and the text of a source, as far as they are known."""
        if source is None:
            return None, None
        count, has_text = self._counts.get(source, (None, False))
        text = self._text(source) if has_text else None
        thing = self._things.get(("source", source))
        if thing is not None:
            said = self._said(thing)
            count, text = said.get("char_count", count), said.get("text", text)
        return count, text

    def successor(self, party: str) -> str | None:
        """Give the party that a party becomes part of."""
        thing = self._things.get(("party", party))
        if thing is not None and "successor" in (said := self._said(thing)):
            found: str | None = said["successor"]
            return found
        earlier = self._earlier.successor(party)
        if earlier is not None:
            return earlier[0]
        rows = self._fetch(SUCCESSOR, party)
        return rows[0][0] if rows else None

    def spans_in(self, source: str) -> Iterator[tuple[type[Resource], PrintedValues]]:
        """Give the stored spans in a source; those that the files change are checked where they stand."""
        if self._is_new("source", source):
            return
        for model, statement in SPANS_IN.items():
            for row in self._fetch(statement, source):
                if self._said_of(model.__tablename__, row[0]).keys().isdisjoint(SPAN):
                    yield model, cast("PrintedValues", dict(zip(SPAN_COLUMNS, row, strict=True)))

    def agreements_of(self, series: str) -> list[str]:
        """Give the stored agreements of a series that the files leave in it."""
        if self._is_new("initiative", series):
            return []
        ids = [row[0] for row in self._fetch(AGREEMENTS_OF, series)]
        return [id for id in ids if "series" not in self._said_of("agreement", id)]

    def thing(self, table: str, id: str) -> Thing | None:
        """Give a thing of the files, or None."""
        return self._things.get((table, id))

    def _is_new(self, table: str, id: str) -> bool:
        """Whether a thing of the files is not stored, so that nothing stored refers to it."""
        thing = self._things.get((table, id))
        return thing is not None and not self.is_stored(thing)

    def _own_kind(self, table: str, id: str) -> str | None:
        thing = self._things.get((table, id))
        if thing is None:
            return None
        if table not in KINDED:
            return ""
        kind = self._said(thing).get("kind")
        if kind is None and (plan := self._planned.get(thing.key)) is not None and plan.now is not None:
            kind = plan.now["kind"]
        return None if kind is None else str(kind)

    def _said(self, thing: Thing) -> Values:
        """Give what a run writes of a thing of the files; what a person changed since is kept."""
        plan = self._planned.get(thing.key)
        return thing.values if plan is None or plan.now is None else plan.changes

    def _said_of(self, table: str, id: str) -> Values:
        thing = self._things.get((table, id))
        return {} if thing is None else self._said(thing)

    def _text(self, source: str) -> str | None:
        if source not in self._texts:
            if len(self._texts) >= TEXTS_AT_ONCE:
                self._texts.clear()
            is_read = source in self._read_texts
            self._texts[source] = (
                self._earlier.text(source) if is_read else self._fetch(SOURCE_TEXT, source)[0][1]
            )
        return self._texts[source]


class Findings:
    """What counts of the follow-ups of clauses, those that the run writes included."""

    def __init__(self, things: Iterable[Thing], planned: Plans, fetch: Fetch, earlier: Earlier) -> None:
        self._now = dates.utc_now()
        self._stored: dict[str, list[Finding]] = {}
        self._written: dict[str, dict[str, Finding]] = {}
        clauses: set[str] = set()
        for thing in things:
            if thing.model is FollowUp:
                plan = planned[thing.key]
                clauses.add(thing.values["clause"])
                finding = finding_of(self.dated((plan.now or {}) | plan.changes), thing.id)
                if finding is not None:
                    self._written.setdefault(thing.values["clause"], {})[thing.id] = finding
        if clauses:
            self._stored = stored_findings(fetch, clauses)
            for clause, found in earlier.findings(clauses).items():
                ids = {finding.id for finding in found}
                stored = (each for each in self._stored.get(clause, ()) if each.id not in ids)
                self._stored[clause] = [*stored, *found]

    def dated(self, values: Values) -> FollowUpValues:
        """Give a follow-up with the instant at which it will be recorded."""
        return cast("FollowUpValues", {"recorded_at": self._now, **values})

    def beside(self, thing: Thing) -> list[Finding]:
        """Give the findings against which a follow-up is checked.

        One that says when it was recorded is checked against what had been recorded by then.
        """
        clause = thing.values["clause"]
        written = self._written.get(clause, {})
        stored = self._stored.get(clause, ())
        every = [*(each for each in stored if each.id not in written), *written.values()]
        said = thing.values.get("recorded_at")
        return every if said is None else [each for each in every if each.recorded_at < said]


def _line(thing: Thing) -> int:
    return thing.document.line_of_lines or 0


_PRINTED = (Clause, Quote)


def _reference_faults(thing: Thing, plan: Planned, lookup: Lookup) -> Iterator[Fault]:
    found = []
    whole = (plan.now or {}) | plan.changes
    for reference in references.with_own_kind(thing.model, whole, lookup.references(thing)):
        if lookup.is_gone(reference.table, reference.id):
            gone = removed_reference(reference.table, reference.id)
            yield replace(gone, pointer=pointer(reference.path))
        elif not lookup.is_unclear(reference.table, reference.id) and not lookup.may_come(thing, reference):
            found.append(reference)
    yield from references.self_faults(thing.model, whole)
    yield from references.reference_faults(found, lookup.kind, lookup.known, lookup.leads_to)


def _missing(thing: Thing, plan: Planned) -> Iterator[Fault]:
    if plan.now is not None:
        return
    for name in _needed(thing.model):
        if name not in thing.values and name not in thing.wrong:
            detail = f"`{name}` is missing in {thing.model.noun} `{thing.id}`"
            yield Fault("required", detail, None, f"/{name}")


def _unchanging(thing: Thing, plan: Planned) -> Iterator[Fault]:
    if plan.now is None:
        return
    for name, field in fields_of(thing.model).items():
        if field.unchanging and name in plan.changes:
            detail = f"`{name}` of {thing.model.noun} `{thing.id}` is {plan.now[name]} and never changes"
            yield Fault("unchanging", detail, "choose another id", f"/{name}")


@cache
def _needed(model: type[Resource]) -> tuple[str, ...]:
    """Give what a file has to say of a new thing."""
    return tuple(
        name
        for name, field in fields_of(model).items()
        if field.required and not field.defaulted and not field.hidden and field.set_by != "server"
    )


def _order(thing: Thing, plan: Planned, lookup: Lookup) -> Iterator[Fault]:
    """In JSON Lines a reference points to the same line, an earlier one, or the database."""
    line = thing.document.line_of_lines
    if line is None:
        return
    for reference in lookup.references(thing):
        other = lookup.thing(reference.table, reference.id)
        later = (
            None
            if other is None or other.document.name != thing.document.name
            else other.document.line_of_lines
        )
        if later is not None and later > line and other is not None and not lookup.is_stored(other):
            yield replace(later_line(reference.table, reference.id, later), pointer=pointer(reference.path))


def removed_reference(table: str, id: str) -> Fault:
    """Give the fault of a reference to what a person removed."""
    detail = f"{RESOURCES[table].noun} `{id}` was removed by a person"
    return Fault("removed_reference", detail, "--overwrite brings it back")


def in_order(fault: Fault) -> tuple[str, int, int]:
    """Give what sorts faults by their places."""
    place = fault.place
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)


def later_line(table: str, id: str, line: int) -> Fault:
    """Give the fault of a reference to what only a later line of the same file defines."""
    detail = f"{RESOURCES[table].noun} `{id}` is defined on a later line, {line}"
    return Fault("later_line", detail, "put it first")


_source = table_of(Source).c
_COUNTS = Statement(
    select(_source.id, _source.char_count, _source.text.is_not(None)).where(Among(_source.id, "ids")), "ids"
)
