"""From documents to things: each object of a seed file, checked against its shape, flattened.

An agreement's clauses and quotes, and a clause's follow-ups, become things of their own, with the
ids that they have everywhere else.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker import dates
from tracker.errors import Fault, Malformed, nearest
from tracker.loading.reading import Document
from tracker.models import Agreement, Clause, FollowUp, Initiative, Party, Quote, Resource, Source
from tracker.service.follow_ups import completed
from tracker.service.things import Values
from tracker.shapes import examine

Path = tuple[str | int, ...]

SECTIONS: dict[str, type[Resource]] = {
    "sources": Source,
    "parties": Party,
    "initiatives": Initiative,
    "agreements": Agreement,
}
"""The lists that a document may hold."""

FOLLOW_UPS = uuid.UUID("5f2a7a0e-9d4b-5c1c-8a57-3d2f5b1f9c11")
"""The namespace of the ids of follow-ups that come from files without one (UUID version 5)."""


@dataclass(slots=True)
class Thing:
    """One object of a seed file: what it is, what the file says of it, and where that stands."""

    model: type[Resource]
    id: str
    values: Values
    document: Document
    path: Path
    lists: frozenset[str] = frozenset()
    """Which lists of things the file gives inside it: `clauses`, `quotes`, `follow_ups`."""

    @property
    def key(self) -> tuple[str, str]:
        return self.model.__tablename__, self.id

    @property
    def root(self) -> tuple[str, str]:
        """The thing in whose history it stands."""
        if self.model in (Clause, Quote, FollowUp):
            return "agreement", agreement_of(self)
        return self.key

    def fault(self, found: Fault) -> Fault:
        """Give a fault of this thing with its place in the file."""
        return placed(found, self.document, self.path)


@dataclass(slots=True)
class Seeds:
    """All things of a run, in the order of the files, and what is wrong with them."""

    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, thing: Thing) -> None:
        """Add a thing; the same once more is nothing new, another content under one id a fault."""
        first = self.things.setdefault(thing.key, thing)
        if first is not thing and (first.values, first.lists) != (thing.values, thing.lists):
            where = first.document.place(first.path)
            detail = f"{thing.model.noun} `{thing.id}` stands at {where} with other content"
            self.faults.append(thing.fault(Fault("two_contents", detail, "keep one of the two", "")))


def gather(documents: Iterable[Document | Malformed]) -> Seeds:
    """Give every thing that documents hold, with the faults of their form."""
    seeds = Seeds()
    for document in documents:
        if isinstance(document, Malformed):
            seeds.faults += document.faults
        else:
            _gather(document, seeds)
    return seeds


def placed(found: Fault, document: Document, path: Path) -> Fault:
    """Give a fault with its place in the document, from its pointer below a path."""
    below = [
        int(step) if step.isdecimal() else step.replace("~1", "/").replace("~0", "~")
        for step in (found.pointer or "").split("/")[1:]
    ]
    return found.at(document.place((*path, *below), key=found.code in ("unknown_key", "set_by_server")))


def agreement_of(thing: Thing) -> str:
    """Give the agreement that a clause, a quote or a follow-up belongs to."""
    return str(thing.values.get("agreement") or thing.values["clause"].partition(".")[0])


def _gather(document: Document, seeds: Seeds) -> None:
    content = document.content
    if not isinstance(content, dict):
        fault = Fault(
            "wrong_type", "a seed file is a mapping of sources, parties, initiatives and agreements"
        )
        seeds.faults.append(fault.at(document.place(())))
        return
    for name, value in content.items():
        if name == "tracker":
            if value not in (1, "1"):
                fault = Fault("unknown_version", f"this is version {value!r} of the seed format; 1 is known")
                seeds.faults.append(fault.at(document.place((name,))))
        elif name == "draft":
            continue
        elif name not in SECTIONS:
            hint = nearest(name, ["tracker", *SECTIONS]) or f"known are {', '.join(['tracker', *SECTIONS])}"
            fault = Fault("unknown_key", f"`{name[:80]}` is not a part of a seed file", hint)
            seeds.faults.append(fault.at(document.place((name,), key=True)))
        elif value is not None and not isinstance(value, list):
            seeds.faults.append(Fault("wrong_type", f"`{name}` must be a list").at(document.place((name,))))
        else:
            for place, entry in enumerate(value or ()):
                _gather_thing(document, SECTIONS[name], entry, (name, place), seeds)


def _gather_thing(document: Document, model: type[Resource], entry: Any, path: Path, seeds: Seeds) -> None:
    values, faults = examine(model, _with_clause_ids(entry), "seed", textual=document.textual)
    seeds.faults += [placed(fault, document, path) for fault in faults]
    if "id" not in values:
        if isinstance(entry, dict) and "id" not in entry:
            fault = Fault("required", f"this {model.noun} has no `id`", "give it one that never changes")
            seeds.faults.append(fault.at(document.place(path)))
        return
    for thing in _flat(model, values["id"], values, document, path, seeds):
        seeds.add(thing)


def _flat(
    model: type[Resource], id: str, values: Values, document: Document, path: Path, seeds: Seeds
) -> Iterator[Thing]:
    children = {
        name: values.pop(name)
        for name in ("clauses", "quotes", "follow_ups")
        if _is_child(model, name, values)
    }
    values.pop("draft", None)
    yield Thing(model, id, values, document, path, frozenset(children))
    for name, entries in children.items():
        for place, entry in enumerate(entries):
            inside = (*path, name, place)
            if name == "follow_ups":
                found = _follow_up(id, entry, document, inside, seeds)
            else:
                found = _numbered(Clause if name == "clauses" else Quote, id, entry, document, inside, seeds)
            if found is not None:
                yield from _flat(*found, document, inside, seeds)


def _is_child(model: type[Resource], name: str, values: Values) -> bool:
    """Whether a list holds things of their own: a quote's `clauses` are references."""
    return name in values and not (model is Quote and name == "clauses")


def _numbered(
    model: type[Resource], agreement: str, entry: Values, document: Document, path: Path, seeds: Seeds
) -> tuple[type[Resource], str, Values] | None:
    number = entry.get("number")
    if number is None:
        fault = Fault("required", f"this {model.noun} has no `number`", "numbers begin at 1 and never change")
        seeds.faults.append(fault.at(document.place(path)))
        return None
    id = f"{agreement}.{'' if model is Clause else 'q'}{number}"
    return model, id, {**entry, "id": id, "agreement": agreement}


def _follow_up(
    clause: str, entry: Values, document: Document, path: Path, seeds: Seeds
) -> tuple[type[Resource], str, Values] | None:
    checked = _latest_day(entry.get("effective_on")) or entry.get("checked_on")
    given = dict(entry)
    if checked is None and given.get("checked_on") is None:
        hint = "say when that state was reached, or when someone looked"
        fault = Fault("required", "`effective_on` is missing", hint)
        seeds.faults.append(fault.at(document.place(path)))
        return None
    values = completed(given, checked or "")
    missing = [name for name in ("track", "status", "effective_on") if name not in values]
    if missing:
        seeds.faults += [
            Fault("required", f"`{name}` is missing").at(document.place(path)) for name in missing
        ]
        return None
    if "id" not in values:
        said = [clause, *(str(values.get(name) or "") for name in _IDENTITY)]
        values["id"] = str(uuid.uuid5(FOLLOW_UPS, "\n".join(said)))
    return FollowUp, values["id"], {**values, "clause": clause}


_NUMBER = re.compile("[1-9][0-9]{0,9}")
_IDENTITY = ("track", "status", "effective_on", "checked_on", "stated_by")


def _latest_day(text: str | None) -> str | None:
    return None if text is None else dates.parse(text).latest


def _with_clause_ids(entry: Any) -> Any:
    """Let a quote name clauses of its own agreement by number: `3` for `gwangju-kdata-2020.3`."""
    if not isinstance(entry, dict) or not isinstance(entry.get("quotes"), list):
        return entry

    def whole(quote: Any) -> Any:
        if not isinstance(quote, dict) or not isinstance(quote.get("clauses"), list):
            return quote
        clauses = [
            f"{entry.get('id')}.{clause}" if _NUMBER.fullmatch(str(clause)) else clause
            for clause in quote["clauses"]
        ]
        return {**quote, "clauses": clauses}

    return {**entry, "quotes": [whole(quote) for quote in entry["quotes"]]}
