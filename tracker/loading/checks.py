"""What must hold between things, and between files and the database, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tracker import dates
from tracker.errors import Fault
from tracker.loading.plan import Planned, Plans
from tracker.loading.seeds import Seeds, Thing
from tracker.models import RESOURCES, Clause, FollowUp, Quote, Source, fields_of
from tracker.queries.history import Fetch
from tracker.service import references
from tracker.service.clauses import SOURCE_TEXT, spans_against
from tracker.service.follow_ups import FINDINGS, follow_up_faults
from tracker.service.references import KNOWN_FOR_HINTS, ids_like, kind_of
from tracker.service.statuses import Finding
from tracker.service.things import Values
from tracker.shapes import pointer
from tracker.statements import Row


def faults(seeds: Seeds, planned: Plans, fetch: Fetch, today: str) -> Iterator[Fault]:
    """Give every fault of what a run will write, each at its place; ``fetch`` asks the database."""
    lookup = Lookup(seeds, planned, fetch)
    findings = _Findings(seeds, planned, fetch)
    for thing in seeds.things.values():
        plan = planned[thing.key]
        if plan.gone or not plan.changes:
            continue
        whole = (plan.now or {}) | plan.changes
        found = [*_missing(thing, plan), *_unchanging(thing, plan), *_order(thing, plan, lookup)]
        found += _reference_faults(thing, plan, lookup)
        if thing.model in (Clause, Quote) and not thing.wrong & _SPAN:
            found += spans_against(whole, *lookup.text(whole.get("source")))
        if thing.model is Source:
            found += _text_faults({**whole, "text": lookup.text(thing.id)[1]})
        if thing.model is FollowUp:
            found += [
                fault
                for fault in follow_up_faults(findings.dated(whole), today, findings.beside(thing))
                if not any(f"{known}/".startswith(f"{fault.pointer}/") for known in thing.at_fault)
            ]
        yield from (thing.fault(fault) for fault in found)


class Lookup:
    """What a run's references point to: things of its files first, then the database."""

    def __init__(self, seeds: Seeds, planned: Plans, fetch: Fetch) -> None:
        self._things = seeds.things
        self._planned = planned
        self._fetch = fetch

    def is_stored(self, thing: Thing) -> bool:
        """Whether the database holds a thing."""
        return self._planned[thing.key].now is not None

    def is_gone(self, table: str, id: str) -> bool:
        """Whether a thing of the files stays removed."""
        plan = self._planned.get((table, id))
        return plan is not None and plan.gone

    def is_unclear(self, table: str, id: str) -> bool:
        """Whether the files have a party whose kind is at fault already."""
        thing = self._things.get((table, id))
        return (
            thing is not None
            and table == "party"
            and "kind" not in thing.values
            and not self.is_stored(thing)
        )

    def kind(self, table: str, id: str) -> str | None:
        """Give a party's kind, "" for other things, None for what is not defined anywhere."""
        thing = self._things.get((table, id))
        if thing is not None and (table != "party" or "kind" in thing.values):
            return str(thing.values["kind"]) if table == "party" else ""
        rows = self._fetch(kind_of(table), id)
        return rows[0][0] if rows else None

    def known(self, table: str, word: str) -> list[str]:
        """Give ids of a kind that may be meant by a word."""
        rows: list[Row] = self._fetch(ids_like(table), word[:1], word[:1] + "\U0010ffff", KNOWN_FOR_HINTS)
        return [*(id for kind, id in self._things if kind == table), *(row[0] for row in rows)]

    def text(self, source: str | None) -> tuple[int | None, str | None]:
        """Give the length and the text of a source, as far as they are known."""
        if source is None:
            return None, None
        thing = self._things.get(("source", source))
        rows = self._fetch(SOURCE_TEXT, source)
        count, text = rows[0] if rows else (None, None)
        if thing is not None:
            count, text = thing.values.get("char_count", count), thing.values.get("text", text)
        return count, text

    def thing(self, table: str, id: str) -> Thing | None:
        """Give a thing of the files, or None."""
        return self._things.get((table, id))


class _Findings:
    """What counts of the follow-ups of clauses, those that the run writes included."""

    def __init__(self, seeds: Seeds, planned: Plans, fetch: Fetch) -> None:
        self._fetch = fetch
        self._now = dates.utc_now()
        self._stored: dict[str, list[Finding]] = {}
        self._written: dict[str, dict[str, Finding]] = {}
        for thing in seeds.things.values():
            plan = planned[thing.key]
            if thing.model is FollowUp and plan.changes:
                values = self.dated((plan.now or {}) | plan.changes)
                latest = dates.parse(values["effective_on"]).latest if values.get("effective_on") else None
                if latest is not None and "track" in values and "status" in values:
                    finding = Finding(
                        values["track"],
                        values["status"],
                        latest,
                        values["checked_on"],
                        values["recorded_at"],
                        thing.id,
                    )
                    self._written.setdefault(values["clause"], {})[thing.id] = finding

    def dated(self, values: Values) -> Values:
        """Give a follow-up with the instant at which it will be recorded."""
        return {"recorded_at": self._now, **values}

    def beside(self, thing: Thing) -> list[Finding]:
        """Give the findings against which a follow-up is checked.

        One that says when it was recorded is checked against what had been recorded by then.
        """
        clause = thing.values["clause"]
        if clause not in self._stored:
            self._stored[clause] = [Finding(*row) for row in self._fetch(FINDINGS, clause)]
        written = self._written.get(clause, {})
        every = [*(each for each in self._stored[clause] if each.id not in written), *written.values()]
        said = thing.values.get("recorded_at")
        return every if said is None else [each for each in every if each.recorded_at < said]


_SPAN = {"text", "source", "start", "end"}


def _reference_faults(thing: Thing, plan: Planned, lookup: Lookup) -> Iterator[Fault]:
    found = []
    for reference in references.references(thing.model, plan.changes):
        if lookup.is_gone(reference.table, reference.id):
            detail = f"{RESOURCES[reference.table].noun} `{reference.id}` was removed by a person"
            hint = "--overwrite brings it back"
            yield Fault("removed_reference", detail, hint, pointer(reference.path))
        elif not lookup.is_unclear(reference.table, reference.id):
            found.append(reference)
    whole = (plan.now or {}) | plan.changes
    yield from references.self_faults(thing.model, whole)
    yield from references.reference_faults(
        references.with_own_kind(thing.model, whole, found), lookup.kind, lookup.known
    )


def _missing(thing: Thing, plan: Planned) -> Iterator[Fault]:
    if plan.now is not None:
        return
    for name, field in fields_of(thing.model).items():
        needed = field.required and not field.defaulted and not field.hidden and field.set_by != "server"
        if needed and name not in thing.values and name not in thing.wrong:
            yield Fault(
                "required", f"`{name}` is missing in {thing.model.noun} `{thing.id}`", None, f"/{name}"
            )


def _unchanging(thing: Thing, plan: Planned) -> Iterator[Fault]:
    for name, field in fields_of(thing.model).items():
        if field.unchanging and plan.now is not None and name in plan.changes:
            detail = f"`{name}` of {thing.model.noun} `{thing.id}` is {plan.now[name]} and never changes"
            yield Fault("unchanging", detail, "choose another id", f"/{name}")


def _order(thing: Thing, plan: Planned, lookup: Lookup) -> Iterator[Fault]:
    """In JSON Lines a reference points to the same line, an earlier one, or the database."""
    line = thing.document.line_of_lines
    if line is None:
        return
    for reference in references.references(thing.model, plan.changes):
        other = lookup.thing(reference.table, reference.id)
        later = (
            None
            if other is None or other.document.name != thing.document.name
            else other.document.line_of_lines
        )
        if later is not None and later > line and other is not None and not lookup.is_stored(other):
            noun = RESOURCES[reference.table].noun
            detail = f"{noun} `{reference.id}` is defined on a later line, {later}"
            yield Fault("later_line", detail, "put it first", pointer(reference.path))


def _text_faults(values: Values) -> Iterator[Fault]:
    text = values.get("text")
    if text is None:
        return
    if values.get("char_count") is not None and len(text) != values["char_count"]:
        yield Fault(
            "char_count",
            f"the text has {len(text)} characters, `char_count` says {values['char_count']}",
            None,
            "/char_count",
        )
    digest = sha256(text)
    if values.get("sha256") is not None and digest != values["sha256"]:
        yield Fault("sha256", "the text has another SHA-256 than `sha256` says", f"it is {digest}", "/sha256")


def sha256(text: str) -> str:
    """Give the SHA-256 of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
