"""Merging parties that are one and the same, recorded twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import bindparam, insert, update

from tracker.database.changes import Change, Snapshot
from tracker.database.statements import Statement
from tracker.errors import Conflict, Fault, Invalid, a
from tracker.models import (
    RESOURCES,
    Base,
    MergedParty,
    Nested,
    Party,
    Resource,
    fields_of,
    shown_fields,
    table_of,
)
from tracker.models.values import (
    FollowUpValues,
    PartyNameValues,
    PartyValues,
    PrintedValues,
    ResourceValues,
    Values,
)
from tracker.services import history, rows, rules
from tracker.services.resources import dependents, entries_with_defaults, existing, merged, raise_faults
from tracker.validation import unique_keys


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge did: the ids of what it changed, by table, besides the party that is gone."""

    party: str
    into: str
    changed: dict[str, list[str]]


def merge_party(change: Change, id: str, into: str) -> Merge:
    """Merge a party into another, as one change.

    Its names, affiliations and identifiers move, its own name becomes an alias, and whatever refers to
    it refers to the other; what is there twice then, stays once. What the other does not know of itself
    it takes over. The id leads to the other from now on, as do ids that led to it.

    Raises NotFound, Invalid for two kinds of parties, Conflict where one succeeded the other.
    """
    if id == into:
        raise Invalid([Fault("same_party", f"party {id} cannot be merged into itself", "name two")])
    for party in sorted((id, into)):
        change.rows(rows.lock(Party), party)
    gone, kept = existing(change, Party, id), existing(change, Party, into)
    _refuse_others(change, gone, kept)
    touched = _Touched(change)
    for model, ids in dependents(change, Party, id).items():
        for referring in ids:
            touched.redirect(model, referring, {id: into})
    change.count(_REDIRECT, into, id)
    rows.delete_row(change, Party, id, gone["version"])
    change.count(_INSERT, id, into)
    changes = merged(Party, kept, _united(kept, gone))
    raise_faults(rules.faults(rules.Stored(change), Party, {**kept, **changes}, changes))
    if changes:
        touched.update(Party, kept, changes)
    touched.note()
    history.record(change, ("party", id), "merge", ("party", id), history.snapshot("party", gone), None)
    return Merge(id, into, touched.ids)


def following(model: type[Resource], values: Mapping[str, object], ids: Mapping[str, str]) -> Values:
    """Return values in which the ids of merged parties are those that they lead to.

    Entries of a list that say the same then, stay once; a party that would succeed itself succeeds none.
    """
    changed = dict(values) | _following(model, values, ids)
    party = cast("PartyValues", changed)
    if model is Party and "successor" in party and party["successor"] == party.get("id") is not None:
        party |= {"successor": None, "succeeded_on": None}
    for nested in model.nested:
        entries = cast("Sequence[Values] | None", values.get(nested.name))
        if entries and nested.scalar is None:
            moved = [{**entry, **_following(nested.model, entry, ids)} for entry in entries]
            if moved != entries:
                changed[nested.name] = _once(model, nested, moved)
    return changed


class _Touched:
    """What a merge changes: written at once, noted once for each root."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.ids: dict[str, list[str]] = {}
        self._before: dict[tuple[str, str], Snapshot] = {}
        self._after: dict[tuple[str, str], Snapshot] = {}

    def redirect(self, model: type[Resource], id: str, ids: Mapping[str, str]) -> None:
        """Let a thing refer to where merged parties lead."""
        self.change.rows(rows.lock(model), id)
        now = existing(self.change, model, id)
        changes = merged(model, now, following(model, now, ids))
        if changes:
            self.update(model, now, changes)

    def update(self, model: type[Resource], now: ResourceValues, changes: Mapping[str, object]) -> None:
        """Write what changes of a thing."""
        id, table = now["id"], model.__tablename__
        rows.update_row(self.change, model, id, now["version"], changes)
        self.ids.setdefault(table, []).append(id)
        root = _root(table, now)
        for side, values in ((self._before, now), (self._after, existing(self.change, model, id))):
            side.setdefault(root, {}).setdefault(table, {})[id] = history.kept(table, values)

    def note(self) -> None:
        """Note one change for each root."""
        for root, before in self._before.items():
            history.record(self.change, root, "merge", root, before, self._after[root])


def _root(table: str, values: ResourceValues) -> tuple[str, str]:
    if table in ("clause", "quote"):
        return "agreement", cast("PrintedValues", values)["agreement"]
    if table == "follow_up":
        return "agreement", cast("FollowUpValues", values)["clause"].partition(".")[0]
    return table, values["id"]


def _refuse_others(change: Change, gone: PartyValues, kept: PartyValues) -> None:
    """Refuse parties that cannot be one: of two kinds, or one the successor of the other."""
    id, into = gone["id"], kept["id"]
    if gone["kind"] != kept["kind"]:
        detail = f"party {id} is {a(gone['kind'])}, {into} {a(kept['kind'])}"
        raise Invalid([Fault("wrong_kind", detail, "only two of one kind can be the same")])
    world = rules.Stored(change)
    for earlier, later in ((id, into), (into, id)):
        seen, following_one = {earlier}, world.successor(earlier)
        while following_one is not None and following_one not in seen:
            if following_one == later:
                raise Conflict(
                    f"party {earlier} became part of {later}: they are two, one after the other",
                    hint=f"if they are one, clear `successor` of {earlier} first",
                )
            seen.add(following_one)
            following_one = world.successor(following_one)


def _united(kept: PartyValues, gone: PartyValues) -> PartyValues:
    """Return what a party says of itself once another is part of it."""
    ours, theirs = cast("Values", kept), cast("Values", gone)
    united: Values = {
        name: theirs[name]
        for name, field in shown_fields(Party).items()
        if field.set_by == "client"
        and name not in _OF_SUCCESSION
        and ours[name] is None
        and theirs[name] is not None
    }
    if kept["successor"] is None and gone["successor"] is not None:
        united |= {name: theirs[name] for name in _OF_SUCCESSION}
    for nested in Party.nested:
        entries = [*cast("list[Values]", ours[nested.name]), *cast("list[Values]", theirs[nested.name])]
        if nested.name == "names":
            entries = cast("list[Values]", list(_names(kept, gone)))
        united[nested.name] = _once(Party, nested, entries)
    return cast("PartyValues", united)


def _names(kept: PartyValues, gone: PartyValues) -> Iterable[PartyNameValues]:
    yield from kept["names"]
    if gone["name"] not in {kept["name"], *(other["name"] for other in kept["names"])}:
        yield {"name": gone["name"], "kind": "alias", "lang": None, "valid_to": None}
    for other in gone["names"]:
        if other["name"] != kept["name"] or other["kind"] != "alias":
            yield other


def _following(model: type[Base], values: Mapping[str, object], ids: Mapping[str, str]) -> Values:
    return {
        name: ids[str(values[name])]
        for name, field in fields_of(model).items()
        if field.target == "party" and not field.hidden and values.get(name) in ids
    }


def _once(model: type[Resource], nested: Nested, entries: Sequence[Values]) -> list[Values]:
    """Return a list without entries that say again what an earlier one says; its unknowns are filled in."""
    keys = unique_keys(nested.model, nested.owner) or [list(shown_fields(nested.model))]
    result: dict[tuple[object, ...], Values] = {}
    for entry in cast("list[Values]", entries_with_defaults(model, nested.name, entries)):
        key = tuple(entry[name] for name in keys[0])
        known = {name: value for name, value in result.get(key, {}).items() if value is not None}
        result[key] = {**entry, **known}
    return list(result.values())


_OF_SUCCESSION = ("successor", "succeeded_on")
"""Fields of a party that say one thing together."""
_table = table_of(MergedParty)
_REDIRECT = Statement(
    update(_table)
    .where(_table.c.party == bindparam("from_party"))
    .values(party=bindparam("to_party", type_=_table.c.party.type)),
    "to_party",
    "from_party",
)
_INSERT = Statement(insert(_table).values(id=bindparam("id"), party=bindparam("party")), "id", "party")

assert Party in RESOURCES.values()
