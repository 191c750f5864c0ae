"""What must hold between things, and between files and the database, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from tracker import dates
from tracker.database import Row
from tracker.errors import Fault
from tracker.loading.seeds import Seeds, Thing
from tracker.models import RESOURCES, Clause, FollowUp, Quote, Source, fields_of
from tracker.queries.history import Fetch
from tracker.queries.representation import one, representation
from tracker.service.clauses import SOURCE_TEXT, spans_against
from tracker.service.follow_ups import FINDINGS, follow_up_faults
from tracker.service.references import KNOWN_FOR_HINTS, ids_like, kind_of, reference_faults, references
from tracker.service.statuses import Finding
from tracker.service.things import Values


def faults(seeds: Seeds, fetch: Fetch, today: str) -> Iterator[Fault]:
    """Give every fault of the things of a run, each at its place; ``fetch`` asks the database."""
    lookup = Lookup(seeds, fetch)
    findings: dict[str, list[Finding]] = {}
    for thing in seeds.things.values():
        now = lookup.stored(thing)
        found = [*_missing(thing, now), *_unchanging(thing, now), *_order(thing, lookup)]
        found += reference_faults(references(thing.model, thing.values), lookup.kind, lookup.known)
        if thing.model in (Clause, Quote):
            found += spans_against((now or {}) | thing.values, *lookup.text(thing.values.get("source")))
        if thing.model is Source:
            found += _text_faults((now or {}) | thing.values)
        if thing.model is FollowUp and now is None:
            found += _follow_up_faults(thing, lookup, findings, today)
        yield from (thing.fault(fault) for fault in found)


class Lookup:
    """What a run's references point to: things of its files first, then the database."""

    def __init__(self, seeds: Seeds, fetch: Fetch) -> None:
        self._things = seeds.things
        self._fetch = fetch

    def stored(self, thing: Thing) -> Values | None:
        """Give what the database holds of a thing, or None."""
        rows = self._fetch(one(thing.model), thing.id)
        return representation(thing.model).values(rows[0]) if rows else None

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

    def findings(self, clause: str) -> list[Finding]:
        """Give what the database holds of a clause's follow-ups."""
        return [Finding(*row) for row in self._fetch(FINDINGS, clause)]

    def thing(self, table: str, id: str) -> Thing | None:
        """Give a thing of the files, or None."""
        return self._things.get((table, id))


def _missing(thing: Thing, now: Values | None) -> Iterator[Fault]:
    if now is not None:
        return
    for name, field in fields_of(thing.model).items():
        if field.required and not field.defaulted and field.set_by != "server" and not field.hidden:
            if thing.values.get(name) is None:
                yield Fault("required", f"`{name}` is missing in {thing.model.noun} `{thing.id}`", None, "")


def _unchanging(thing: Thing, now: Values | None) -> Iterator[Fault]:
    for name, field in fields_of(thing.model).items():
        if field.unchanging and now is not None and name in thing.values and thing.values[name] != now[name]:
            detail = f"`{name}` of {thing.model.noun} `{thing.id}` is {now[name]} and never changes"
            yield Fault("unchanging", detail, "choose another id", f"/{name}")


def _order(thing: Thing, lookup: Lookup) -> Iterator[Fault]:
    """In JSON Lines a reference points to the same line, an earlier one, or the database."""
    line = thing.document.line_of_lines
    if line is None:
        return
    for reference in references(thing.model, thing.values):
        other = lookup.thing(reference.table, reference.id)
        later = (
            None
            if other is None or other.document.name != thing.document.name
            else other.document.line_of_lines
        )
        if later is not None and later > line and other is not None and lookup.stored(other) is None:
            noun = RESOURCES[reference.table].noun
            detail = f"{noun} `{reference.id}` is defined on a later line, {later}"
            yield Fault("later_line", detail, "put it first", "/" + "/".join(map(str, reference.path)))


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


def _follow_up_faults(
    thing: Thing, lookup: Lookup, findings: dict[str, list[Finding]], today: str
) -> Iterator[Fault]:
    """Check a new follow-up against those before it in its file and in the database.

    One that says when it was recorded comes from a register that checked it then: what was
    recorded in another order since does not make it wrong.
    """
    stored = findings.setdefault(thing.values["clause"], lookup.findings(thing.values["clause"]))
    whole: dict[str, Any] = {"recorded_at": dates.utc_now(), **thing.values}
    yield from follow_up_faults(whole, today, [] if "recorded_at" in thing.values else stored)
    latest = dates.parse(whole["effective_on"]).latest or ""
    stored.append(
        Finding(whole["track"], whole["status"], latest, whole["checked_on"], whole["recorded_at"], thing.id)
    )
