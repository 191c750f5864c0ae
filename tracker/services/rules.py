"""What must hold of a thing, whoever writes it: one code for the services and for the loader.

A rule names the fields that it looks at. It is asked only where one of them changes, so that what
was stored before a rule was made does not stand in the way of another change; and it is not asked
where one of them is at fault itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from sqlalchemy import bindparam, select

from tracker import dates
from tracker.database.changes import Change
from tracker.database.statements import Statement
from tracker.errors import Fault, a
from tracker.models import RESOURCES, Agreement, Clause, Initiative, Party, Quote, Resource, Source
from tracker.models.values import (
    AgreementValues,
    ClauseValues,
    InitiativeValues,
    PartyValues,
    PrintedValues,
    QuoteValues,
    SourceValues,
    Values,
)
from tracker.services import references
from tracker.services.spans import HELD_SOURCE_TEXT, SPAN, SPANS_IN, sha256, spans_against
from tracker.validation import pointer

V_contra = TypeVar("V_contra", contravariant=True)
"""The values that a rule looks at."""


class World(Protocol):
    """What rules ask about other things: the database, or files and the database."""

    def kind(self, table: str, id: str) -> str | None:
        """Return the kind of a party or an initiative, "" for other things, None where there is none."""

    def known(self, table: str, word: str) -> list[str]:
        """Return ids of a kind that may be meant by a word."""

    def leads_to(self, table: str, id: str) -> str | None:
        """Return the party that an id was merged into; None for all other ids."""

    def text(self, source: str | None) -> tuple[int | None, str | None]:
        """Return the length and the text of a source, as far as they are known."""

    def successor(self, party: str) -> str | None:
        """Return the party that a party became part of."""

    def spans_in(self, source: str) -> Iterable[tuple[type[Resource], PrintedValues]]:
        """Return the spans in a source that stay as they are, with the kind of thing they are of."""

    def agreements_of(self, series: str) -> list[str]:
        """Return the agreements of a series that stay in it."""


class Stored:
    """The database as a transaction sees it; what a rule relies on stays so until it ends."""

    def __init__(self, change: Change) -> None:
        self._session = change

    def kind(self, table: str, id: str) -> str | None:
        """Return the kind of a stored party or initiative, "" for other things, None where there is none."""
        return references.stored_kind(self._session, table, id)

    def known(self, table: str, word: str) -> list[str]:
        """Return stored ids of a kind that may be meant by a word."""
        return references.stored_ids(self._session, table, word)

    def leads_to(self, table: str, id: str) -> str | None:
        """Return the party that an id was merged into; None for all other ids."""
        return references.leads_to(self._session, table, id)

    def text(self, source: str | None) -> tuple[int | None, str | None]:
        """Return the length and the text of a source, as far as they are known."""
        rows = [] if source is None else self._session.rows(HELD_SOURCE_TEXT, source)
        return (rows[0][0], rows[0][1]) if rows else (None, None)

    def successor(self, party: str) -> str | None:
        """Return the party that a party became part of."""
        rows = self._session.rows(HELD_SUCCESSOR, party)
        return rows[0][0] if rows else None

    def spans_in(self, source: str) -> Iterable[tuple[type[Resource], PrintedValues]]:
        """Yield the spans in a source, with the kind of thing they are of."""
        for model, statement in SPANS_IN.items():
            for row in self._session.rows(statement, source):
                yield model, cast("PrintedValues", dict(zip(SPAN_COLUMNS, row, strict=True)))

    def agreements_of(self, series: str) -> list[str]:
        """Return the agreements of a series."""
        return [row[0] for row in self._session.rows(AGREEMENTS_OF, series)]


def faults(
    world: World,
    model: type[Resource],
    after: Mapping[str, object],
    changes: Mapping[str, object],
    *,
    wrong: Collection[str] = (),
) -> list[Fault]:
    """Return every broken rule of a thing as it will be, references included.

    ``changes`` are what is written of it, ``wrong`` names the fields that are at fault as a whole.
    Evidence and days of follow-ups have rules of their own, in ``service/follow_ups.py``.
    """
    result = list(references.self_faults(model, after))
    at_fault = {fault.pointer for fault in result}
    others = [
        reference
        for reference in references.references(model, changes)
        if pointer(reference.path) not in at_fault
    ]
    result += references.reference_faults(
        references.with_own_kind(model, after, others), world.kind, world.known, world.leads_to
    )
    return result + rule_faults(world, model, after, changes, wrong=wrong)


def rule_faults(
    world: World,
    model: type[Resource],
    after: Mapping[str, object],
    changes: Mapping[str, object],
    *,
    wrong: Collection[str] = (),
) -> list[Fault]:
    """Return every broken rule of a thing but those of its references."""
    result: list[Fault] = []
    for rule in RULES.get(model, ()):
        if not rule.fields.isdisjoint(changes) and rule.fields.isdisjoint(wrong):
            result += rule.check(world, after)
    return result


@dataclass(frozen=True, slots=True)
class Rule(Generic[V_contra]):
    """One rule: the fields that it looks at, and what breaks it."""

    fields: frozenset[str]
    check: Callable[[World, V_contra], Iterator[Fault]]


def _a_rule(fields: str, check: Callable[[World, V_contra], Iterator[Fault]]) -> Rule[V_contra]:
    return Rule(frozenset(fields.split()), check)


def _only_of(kind: str, name: str) -> Rule[PartyValues]:
    """Let only parties of one kind have a field."""

    def check(_world: World, party: PartyValues) -> Iterator[Fault]:
        own = party.get("kind")
        if party.get(name) and own is not None and own != kind:
            yield Fault("wrong_kind", f"only {a(kind)} has `{name}`; this is {a(own)}", None, f"/{name}")

    return _a_rule(f"kind {name}", check)


def _in_order(first: str, second: str, within: str | None = None) -> Rule[Mapping[str, object]]:
    """Let one date not lie after another, as far as they are known; ``within`` is a nested list."""

    def check(_world: World, after: Mapping[str, object]) -> Iterator[Fault]:
        if within is None:
            yield from _order_faults(after, first, second, "")
            return
        for place, entry in enumerate(cast("Sequence[Values]", after.get(within) or ())):
            yield from _order_faults(entry, first, second, f"/{within}/{place}")

    return _a_rule(within or f"{first} {second}", check)


def _order_faults(values: Mapping[str, object], first: str, second: str, where: str) -> Iterator[Fault]:
    earlier, later = (cast("str | None", values.get(name)) for name in (first, second))
    if earlier is None or later is None:
        return
    begins, ends = dates.parse(earlier).earliest, dates.parse(later).latest
    if begins is not None and ends is not None and begins > ends:
        detail = f"`{second}`, {later}, lies before `{first}`, {earlier}"
        yield Fault("order", detail, "one of the two is mistaken", f"{where}/{second}")


def _succession(_world: World, values: PartyValues) -> Iterator[Fault]:
    if values.get("succeeded_on") is not None and values.get("successor") is None:
        detail = "`succeeded_on` is given without a `successor`"
        yield Fault("no_successor", detail, "name the party that took over", "/succeeded_on")


def _no_circle(world: World, values: PartyValues) -> Iterator[Fault]:
    id, following = values.get("id"), values.get("successor")
    if id is None or following == id:  # its own successor: said already
        return
    way = [id]
    while following is not None and following not in way:
        way.append(following)
        following = world.successor(following)
    if following == id:
        detail = f"party `{id}` would become part of itself: {' → '.join([*way, id])}"
        yield Fault("circle", detail, "clear one of these successors", "/successor")


def _ending(_world: World, values: AgreementValues) -> Iterator[Fault]:
    lifecycle = values.get("lifecycle") or "active"
    for name in ("ended_on", "end_reason"):
        if values.get(name) is not None and lifecycle in ("active", "pending"):
            hint = "say `lifecycle`: terminated or cancelled; one that runs out by `ends` is not ended"
            yield Fault("not_ended", f"`{name}` is given, but `lifecycle` is {lifecycle}", hint, f"/{name}")


def _series_stays_one(world: World, values: InitiativeValues) -> Iterator[Fault]:
    if values.get("kind") in (None, "series") or values.get("id") is None:
        return
    members = world.agreements_of(values["id"])
    if members:
        named = ", ".join([*members[:3], *(["…"] if len(members) > 3 else [])])
        count = "1 agreement" if len(members) == 1 else f"{len(members)} agreements"
        detail = f"initiative `{values['id']}` is the series of {count} ({named})"
        yield Fault("is_a_series", detail, "change those first", "/kind")


def _span(world: World, values: PrintedValues) -> Iterator[Fault]:
    yield from spans_against(values, *world.text(values.get("source")))


def _of_its_agreement(_world: World, values: QuoteValues) -> Iterator[Fault]:
    agreement = values.get("agreement")
    clauses: Sequence[str | None] = values.get("clauses") or ()  # None stands where one is at fault itself
    for place, clause in enumerate(clauses):
        if clause is not None and clause.rpartition(".")[0] != agreement:
            detail = f"clause `{clause}` is not of agreement `{agreement}`"
            yield Fault("other_agreement", detail, "name clauses of its own", f"/clauses/{place}")


def _text(_world: World, values: SourceValues) -> Iterator[Fault]:
    text = values.get("text")
    if text is None:
        return
    if values.get("char_count") is not None and len(text) != values["char_count"]:
        detail = f"the text has {len(text)} characters, `char_count` says {values['char_count']}"
        yield Fault("char_count", detail, None, "/char_count")
    if values.get("sha256") is not None and (digest := sha256(text)) != values["sha256"]:
        detail = "the text has another SHA-256 than `sha256` says"
        yield Fault("sha256", detail, f"it is {digest}", "/sha256")


def _spans_still_fit(world: World, source: SourceValues) -> Iterator[Fault]:
    """A changed text has to hold what stands in it."""
    text, char_count = source.get("text"), source.get("char_count")
    if text is not None:
        char_count = len(text)
    if char_count is None or source.get("id") is None:
        return
    for model, values in world.spans_in(source["id"]):
        for fault in spans_against(values, char_count, text):
            where = "/char_count" if text is None else "/text"
            yield Fault("span", f"{model.noun} {values['id']}: {fault.detail}", fault.hint, where)


_OF_PARTIES: tuple[Rule[PartyValues], ...] = (
    _only_of("organisation", "class"),
    _only_of("person", "affiliations"),
    _a_rule("successor succeeded_on", _succession),
    _a_rule("successor", _no_circle),
    _in_order("founded", "succeeded_on"),
    _in_order("valid_from", "valid_to", within="names"),
    _in_order("valid_from", "valid_to", within="affiliations"),
)
_OF_SOURCES: tuple[Rule[SourceValues], ...] = (
    _a_rule("text char_count sha256", _text),
    _a_rule("text char_count", _spans_still_fit),
)
_OF_INITIATIVES: tuple[Rule[InitiativeValues], ...] = (_a_rule("kind", _series_stays_one),)
_OF_AGREEMENTS: tuple[Rule[AgreementValues], ...] = (
    _a_rule("lifecycle ended_on end_reason", _ending),
    _in_order("starts", "ends"),
    _in_order("signed_on", "ended_on"),
)
_OF_CLAUSES: tuple[Rule[ClauseValues], ...] = (Rule(SPAN, _span),)
_OF_QUOTES: tuple[Rule[QuoteValues], ...] = (Rule(SPAN, _span), _a_rule("clauses", _of_its_agreement))
RULES: dict[type[Resource], tuple[Rule[Any], ...]] = {
    Party: _OF_PARTIES,
    Source: _OF_SOURCES,
    Initiative: _OF_INITIATIVES,
    Agreement: _OF_AGREEMENTS,
    Clause: _OF_CLAUSES,
    Quote: _OF_QUOTES,
}
"""The rules of each kind of resource, besides those of its fields and references."""

SPAN_COLUMNS = ("id", "text", "source", "start", "end")
_successor = select(Party.successor).where(Party.id == bindparam("id"))
SUCCESSOR = Statement(_successor, "id")
HELD_SUCCESSOR = Statement(_successor.with_for_update(), "id")
AGREEMENTS_OF = Statement(
    select(Agreement.id).where(Agreement.series == bindparam("series")).order_by(Agreement.id), "series"
)

assert set(RULES) <= set(RESOURCES.values())
