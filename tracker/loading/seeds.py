"""From documents to resources: each object of a seed file, checked and flattened.

An agreement's clauses and quotes, and a clause's follow-ups, become resources of their own, with the
ids that they have everywhere else.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from tracker import dates
from tracker.errors import Fault, Place, a, nearest
from tracker.kinds import KINDS
from tracker.loading.document import Document
from tracker.models import CHILDREN, RESOURCES, SECTIONS, Agreement, FollowUp, Quote, Resource, Source
from tracker.models.values import FollowUpValues, PrintedValues, SourceValues, Values
from tracker.services.follow_ups import completed
from tracker.services.spans import measured
from tracker.validation import LONGEST_LIST, check

Path = tuple[str | int, ...]

_DEFAULTS = frozenset(("source", "lang"))
"""What an agreement's `defaults` may give."""

FOLLOW_UPS = uuid.UUID("5f2a7a0e-9d4b-5c1c-8a57-3d2f5b1f9c11")
"""The namespace of the ids of follow-ups that come from files without one (UUID version 5)."""


@dataclass(slots=True)
class StagedResource:
    """One resource of a seed file: what it is, what the file says of it, and where that stands."""

    model: type[Resource]
    id: str
    values: Values
    document: Document
    path: Path
    lists: frozenset[str] = frozenset()
    """Which lists of resources the file gives inside it: `clauses`, `quotes`, `follow_ups`."""
    wrong: frozenset[str] = frozenset()
    """Which keys the file gives, but not as values of its own: at fault, or resources."""
    at_fault: frozenset[str] = frozenset()
    """Where its values are at fault already, as JSON pointers."""

    key: tuple[str, str] = field(init=False, repr=False)
    """Its kind and id, by which it is one and the same everywhere."""

    def __post_init__(self) -> None:
        self.key = self.model.__tablename__, self.id

    @property
    def root(self) -> tuple[str, str]:
        """The resource in whose history it stands."""
        return self.key if KINDS[self.key[0]].parent is None else ("agreement", agreement_of(self))

    def fault(self, fault: Fault) -> Fault:
        """Return a fault of this resource with its place in the file."""
        return placed(fault, self.document, self.path)


def two_contents(table: str, id: str, first: Place) -> Fault:
    """Return the fault of an id that has another content where it stands first."""
    detail = f"{RESOURCES[table].noun} `{id}` stands at {first} with other content"
    return Fault("two_contents", detail, "keep one of the two", "")


def gather(document: Document, add: Callable[[StagedResource], Fault | None]) -> list[Fault]:
    """Hand every resource that a document holds to ``add``, and return the faults of their form."""
    gathering = _Gathering(document, add)
    gathering.sections()
    return gathering.faults


def placed(found: Fault, document: Document, path: Path) -> Fault:
    """Return a fault with its place in the document, from its pointer below a path."""
    below = [
        int(step) if step.isdecimal() else step.replace("~1", "/").replace("~0", "~")
        for step in (found.pointer or "").split("/")[1:]
    ]
    found = document.worded(document.found.get((*path, *below), found), (*path, *below))
    return found.at(document.place((*path, *below), key=found.code in ("unknown_key", "set_by_server")))


def agreement_of(resource: StagedResource) -> str:
    """Return the agreement that a clause, a quote or a follow-up belongs to."""
    return agreement_around(resource.values)


def agreement_around(values: Mapping[str, object]) -> str:
    """Return the agreement that a clause, a quote or a follow-up with these values belongs to."""
    agreement = cast("PrintedValues", values).get("agreement")
    return agreement or cast("FollowUpValues", values)["clause"].partition(".")[0]


@dataclass(slots=True)
class _Gathering:
    """Takes the objects of one document apart into resources."""

    document: Document
    add: Callable[[StagedResource], Fault | None]
    faults: list[Fault] = field(default_factory=list)

    def sections(self) -> None:
        """Take every section of the document."""
        content = self.document.content
        if not isinstance(content, dict):
            detail = "a seed file is a mapping of sources, parties, initiatives and agreements"
            self._fault("wrong_type", detail, None, ())
            return
        for name, value in content.items():
            if name == "tracker":
                if value not in (1, "1"):
                    detail = f"this is version {str(value)[:40]!r} of the seed format; 1 is known"
                    self._fault("unknown_version", detail, None, (name,))
            elif name == "draft":
                continue
            elif name not in SECTIONS:
                hint = (
                    nearest(name, ["tracker", *SECTIONS]) or f"known are {', '.join(['tracker', *SECTIONS])}"
                )
                fault = Fault("unknown_key", f"`{name[:80]}` is not a part of a seed file", hint)
                self.faults.append(fault.at(self.document.place((name,), key=True)))
            elif value is not None and not isinstance(value, list):
                self._fault("wrong_type", f"`{name}` must be a list", None, (name,))
            else:
                for position, entry in enumerate(value or ()):
                    self.resource(SECTIONS[name], entry, (name, position))

    def resource(self, model: type[Resource], entry: Any, path: Path, owner: str | None = None) -> None:
        """Take one object and those in it; ``owner`` is the id of the one around it, "" where that has none."""
        if not isinstance(entry, dict):
            self._fault("wrong_type", f"{a(model.noun)} must be a mapping of its fields", None, path)
            return
        if model is Quote and isinstance(entry.get("clauses"), list):
            entry = {**entry, "clauses": [_clause_id(owner, clause) for clause in entry["clauses"]]}
        checked, faults = check(model, entry, "seed", textual=self.document.textual)
        values: Values = dict(checked)
        self.faults += [placed(fault, self.document, path) for fault in faults]
        id = self._id(model, entry, values, path, owner)
        lists = self._lists(model, entry, path)
        if id is not None:
            around = {} if owner is None else {KINDS[model.__tablename__].parent or "": owner}
            wrong = frozenset(entry.keys() - values.keys()) if faults or lists else frozenset()
            measures = measured(cast("SourceValues", values)) if model is Source else {}
            resource = StagedResource(
                model,
                id,
                {**values, **measures, "id": id, **around},
                self.document,
                path,
                frozenset[str]() if self.document.partial else frozenset(lists),
                wrong,
                frozenset(fault.pointer or "" for fault in faults),
            )
            fault = self.add(resource)
            if fault is not None:
                self.faults.append(fault)
        defaults = self._defaults(model, entry, path)
        for name, entries in lists.items():
            for position, each in enumerate(entries):
                child = {**defaults, **each} if defaults and isinstance(each, dict) else each
                self.resource(CHILDREN[model][name], child, (*path, name, position), id or "")

    def _defaults(self, model: type[Resource], entry: Values, path: Path) -> Values:
        """Return the values that an agreement gives once for all its clauses and quotes."""
        defaults = entry.get("defaults") if model is Agreement else None
        if defaults is None:
            return {}
        if not isinstance(defaults, dict) or not defaults.keys() <= _DEFAULTS:
            detail = "`defaults` must be a mapping of `source` and `lang`, for the clauses and quotes"
            self._fault("wrong_type", detail, None, (*path, "defaults"))
            return {}
        return defaults

    def _lists(self, model: type[Resource], entry: Values, path: Path) -> dict[str, list[Any]]:
        """Return the lists of things that an object holds."""
        result: dict[str, list[Any]] = {}
        for name in CHILDREN.get(model, {}):
            if name not in entry:
                continue
            entries = [] if entry[name] is None else entry[name]
            if not isinstance(entries, list):
                self._fault("wrong_type", f"`{name}` must be a list", None, (*path, name))
            elif len(entries) > LONGEST_LIST:
                self._fault(
                    "too_long", f"`{name}` must have at most {LONGEST_LIST:,} entries", None, (*path, name)
                )
            else:
                result[name] = entries
        return result

    def _id(
        self, model: type[Resource], entry: Values, values: Values, path: Path, owner: str | None
    ) -> str | None:
        if model is FollowUp and "id" not in entry:
            return self._id_of_follow_up(entry, values, path, owner or "")
        between = KINDS[model.__tablename__].numbered
        name = "id" if between is None else "number"
        if name not in entry:
            hint = (
                "give it one that never changes" if between is None else "numbers begin at 1 and never change"
            )
            self._fault("required", f"this {model.noun} has no `{name}`", hint, (*path, name))
        if values.get(name) is None or owner == "":
            return None
        return str(values[name]) if between is None else f"{owner}{between}{values[name]}"

    def _id_of_follow_up(self, entry: Values, values: Values, path: Path, clause: str) -> str | None:
        """Make a follow-up's id from what it says, and fill in what that leaves out."""
        values |= dated(values)
        for name in _NEEDED:
            if name not in values and name not in entry:
                hint = _WHEN if name == "effective_on" else None
                self._fault("required", f"`{name}` is missing", hint, (*path, name))
        if not clause or any(name not in values for name in _NEEDED):
            return None
        return follow_up_id(clause, values)

    def _fault(self, code: str, detail: str, hint: str | None, path: Path) -> None:
        fault = self.document.worded(Fault(code, detail, hint), path)
        self.faults.append(fault.at(self.document.place(path)))


def follow_up_id(clause: str, values: Values) -> str:
    """Return the id that a follow-up without one has (UUID version 5), from what it says."""
    said = [clause, *(str(values.get(name) or "") for name in _IDENTITY)]
    return _uuid5("\n".join(said))


def dated(values: Values) -> Values:
    """Fill in the days that a follow-up in a file may leave out: it was checked by its latest day."""
    follow_up = cast("FollowUpValues", values)
    effective = follow_up.get("effective_on")
    checked = follow_up.get("checked_on") or (effective and dates.parse(effective).latest)
    return {**values, **completed(follow_up, checked)} if checked else dict(values)


_NUMBER = re.compile("[1-9][0-9]{0,9}")
_IDENTITY = ("track", "status", "effective_on", "checked_on", "stated_by")
_NEEDED = ("track", "status", "effective_on")
_WHEN = "say when that state was reached, or when someone looked"


def _uuid5(name: str) -> str:
    """Return the UUID version 5 of a name among ours, in half the time that the standard library takes."""
    digits = hashlib.sha1(FOLLOW_UPS.bytes + name.encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def _clause_id(agreement: str | None, clause: Any) -> Any:
    """Let a quote name clauses of its own agreement by number: `3` for `gwangju-kdata-2020.3`."""
    return f"{agreement or 'unknown'}.{clause}" if _NUMBER.fullmatch(str(clause)) else clause
