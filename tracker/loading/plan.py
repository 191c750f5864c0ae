"""What a load will write of each resource: the difference between files and database, less what a person said.

Loading never undoes what a person recorded, changed or removed, unless it is told to overwrite; what a
person said of a follow-up stands even then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, cast

from sqlalchemy import select

from tracker.database.statements import Among, Fetch, Statement
from tracker.kinds import KINDS, ResourceKind
from tracker.loading.chains import Entry, histories
from tracker.loading.seeds import StagedResource, dated
from tracker.models import RESOURCES, Clause, FollowUp, Party, Resource, Source, table_of
from tracker.models.values import AgreementValues, FollowUpValues, ResourceValues, Values
from tracker.queries.merged import all_merged
from tracker.queries.representation import representation, values_of
from tracker.services.merging import following
from tracker.services.resources import entries_with_defaults
from tracker.services.signing import early_follow_up, is_early
from tracker.services.spans import SOURCE_TEXT
from tracker.services.writing import with_first_due

Key = tuple[str, str]
READ_AT_ONCE = 2_000
"""How many resources one statement reads."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a load treats what is there already."""

    overwrite: bool = False
    prune: bool = False
    missing_only: bool = False
    by_person: bool = False
    """Whether a person speaks rather than a file, and so changes follow-ups, whoever recorded them."""


@dataclass(slots=True)
class Planned:
    """What a load makes of one resource: what is stored now, what is written, and what is left as it is."""

    now: ResourceValues | None
    changes: Values
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    gone: bool = False
    """Whether it stays removed, because a person removed it or what it belongs to."""

    @property
    def result(self) -> Values:
        """What it will be, as far as it is known."""
        return self.changes if self.now is None else {**self.now, **self.changes}


Plans = dict[Key, Planned]


class MissingChild(NamedTuple):
    """What is stored inside an agreement and not in the file that lists what is inside."""

    kind: str
    id: str
    agreement: str
    file: str


def plans(
    resources: Iterable[StagedResource],
    fetch: Fetch,
    options: LoadOptions,
    gone: Container[Key] = frozenset(),
) -> Plans:
    """Return what a load makes of each resource; ``fetch`` asks the database, a few times for all of them.

    ``gone`` are resources of the same run, planned before, that stay removed.
    """
    resources = list(resources)
    merged_into = all_merged(fetch)
    if merged_into:
        for resource in resources:
            resource.values = following(resource.model, resource.values, merged_into)
    stored = stored_values(resources, fetch)
    differences = {
        resource.key: _difference(resource, now, fetch)
        for resource in resources
        if (now := stored.get(resource.key)) is not None and not options.missing_only
    }
    entries = histories(
        (resource.key for resource in resources if resource.key not in stored),
        (
            resource.key
            for resource in resources
            if differences.get(resource.key)
            and (not options.overwrite if resource.model is not FollowUp else not options.by_person)
        ),
        fetch,
    )
    planned: Plans = {}
    for resource in resources:
        key = resource.key
        into = merged_into.get(resource.id) if resource.model is Party else None
        if into is not None:
            sentence = f"party {resource.id} was merged into {into}; what the file says of it is left out"
            planned[key] = Planned(None, {}, removed=[sentence], gone=True)
            continue
        known = entries.get(key, ())
        now = stored.get(key)
        if now is None:
            parent = parent_of(resource)
            around = None if parent is None else planned.get(parent)
            is_gone = parent in gone if around is None else around.gone
            planned[key] = Planned(None, {}, gone=True) if is_gone else _created(resource, known, options)
        else:
            planned[key] = _changed(resource, now, differences.get(key, {}), known, options)
    return planned


def stored_values(resources: Iterable[StagedResource], fetch: Fetch) -> dict[Key, ResourceValues]:
    """Return what is stored of resources, by kind and id."""
    ids: dict[type[Resource], list[str]] = {}
    for resource in resources:
        ids.setdefault(resource.model, []).append(resource.id)
    stored: dict[Key, ResourceValues] = {}
    for model, own in ids.items():
        for first in range(0, len(own), READ_AT_ONCE):
            rows = fetch(_several(model), own[first : first + READ_AT_ONCE])
            stored |= {(model.__tablename__, values["id"]): values for values in values_of(model, rows)}
    return stored


def early_follow_ups(resources: Mapping[Key, StagedResource], planned: Plans) -> Iterator[str]:
    """Yield a sentence for each follow-up that will be effective before the signing of its agreement."""
    for key, resource in resources.items():
        if resource.model is not FollowUp or not planned[key].changes:
            continue
        agreement = planned.get(resource.root)
        signed_on = None if agreement is None else cast("AgreementValues", agreement.result).get("signed_on")
        follow_up = cast("FollowUpValues", planned[key].result)
        effective_on = follow_up.get("effective_on")
        if signed_on and effective_on and is_early(effective_on, signed_on):
            clause, status = str(resource.values["clause"]), follow_up.get("status", "")
            yield early_follow_up(clause, status, effective_on, signed_on)


def missing_children(
    resources: Mapping[Key, StagedResource], planned: Plans, fetch: Fetch
) -> list[MissingChild]:
    """Return what is stored inside resources and not among these, where a file lists what is inside.

    What has follow-ups of its own is looked for, not the follow-ups: nobody takes findings back by a list.
    """
    listing = [each for key, each in resources.items() if each.lists and planned[key].now is not None]
    missing: dict[Key, list[MissingChild]] = {}
    for kind in reversed(KINDS.values()):
        if kind.numbered is None:
            continue
        files = {
            each.id: each.document.name
            for each in listing
            if each.key[0] == kind.parent and kind.plural in each.lists
        }
        for owner, id in fetch(_children(kind), list(files)) if files else ():
            if (kind.name, id) not in resources:
                child = MissingChild(kind.name, id, owner, files[owner])
                missing.setdefault((kind.parent or "", owner), []).append(child)
    return [child for each in listing for child in missing.get(each.key, ())]


@cache
def _children(kind: ResourceKind) -> Statement:
    table = table_of(RESOURCES[kind.name])
    owner = table.c[kind.parent or ""]
    query = select(owner, table.c.id).where(Among(owner, "owners")).order_by(owner, table.c.number)
    return Statement(query, "owners")


def parent_of(resource: StagedResource) -> Key | None:
    """Return the resource inside which a seed file writes another."""
    parent = KINDS[resource.key[0]].parent
    return None if parent is None else (parent, str(resource.values[parent]))


@cache
def _several(model: type[Resource]) -> Statement:
    return Statement(select(*representation(model).columns).where(Among(table_of(model).c.id, "ids")), "ids")


@cache
def _lists(model: type[Resource]) -> frozenset[str]:
    return frozenset(nested.name for nested in model.nested)


def _created(resource: StagedResource, entries: Sequence[Entry], options: LoadOptions) -> Planned:
    if entries and entries[-1].after is None and entries[-1].action != "load" and not options.overwrite:
        sentence = f"{resource.model.noun} {resource.id} stays removed: {_who(entries[-1], 'removed')}"
        return Planned(None, {}, removed=[f"{sentence}; --overwrite brings it back"], gone=True)
    values = dated(resource.values) if resource.model is FollowUp else resource.values
    if resource.model is Clause:
        values = with_first_due(values, None)
    return Planned(None, values | {"version": _next_version(entries)})


def _difference(resource: StagedResource, now: Mapping[str, object], fetch: Fetch) -> Values:
    """Return the values of a file that are not what is stored (as by JSON Merge Patch, RFC 7396)."""
    model, lists = resource.model, _lists(resource.model)
    changes: Values = {}
    for name, value in resource.values.items():
        if name in lists:
            if (value or now.get(name)) and entries_with_defaults(model, name, value) != now.get(name):
                changes[name] = value
        elif value != now.get(name):
            changes[name] = value
    if model is Source and "text" in resource.values:  # hidden, so not among the values that are stored
        changes["text"] = resource.values["text"]
        if fetch(SOURCE_TEXT, resource.id)[0][1] == changes["text"]:
            del changes["text"]
    if now.get("first_due") is not None:  # the first one ever set stays the first
        changes.pop("first_due", None)
    return changes


def _changed(
    resource: StagedResource,
    now: ResourceValues,
    changes: Values,
    entries: Sequence[Entry],
    options: LoadOptions,
) -> Planned:
    if not changes:
        return Planned(now, changes)
    kept: list[str] = []
    if resource.model is FollowUp and not options.by_person:
        changes = _changes_of_follow_up(resource, changes, entries, kept)
    elif not options.overwrite:
        changes = _without_kept(resource, changes, entries, kept)
    return Planned(now, with_first_due(changes, now) if resource.model is Clause else changes, kept)


def _changes_of_follow_up(
    resource: StagedResource, changes: Values, entries: Sequence[Entry], kept: list[str]
) -> Values:
    """Return changes unless a person recorded or changed the follow-up, which is then never touched."""
    person = [entry for entry in entries if entry.action != "load"]
    if person:
        kept.append(f"follow-up {resource.id} stays as it is: {_who(person[-1], person[-1].action + 'd')}")
        return {}
    claimed = {"recorded_by", "recorded_at"} & changes.keys()
    return changes | ({"recorded_claimed": True} if claimed else {})


def _without_kept(
    resource: StagedResource, changes: Values, entries: Sequence[Entry], kept: list[str]
) -> Values:
    """Return changes without what a person changed since a file last said it."""
    by_person: dict[str, str] = {}
    for entry in entries:
        before, after = entry.before or {}, entry.after or {}
        for name in changes:
            if before.get(name) != after.get(name):
                by_person.pop(name, None)
                if entry.action != "load":
                    by_person[name] = _who(entry, "changed")
    kept += (
        f"`{name}` of {resource.model.noun} {resource.id} is kept: {who}; --overwrite takes the file's"
        for name, who in by_person.items()
    )
    return {name: value for name, value in changes.items() if name not in by_person}


def _who(entry: Entry, did: str) -> str:
    return f"{entry.actor} {did} it on {entry.at[:10]}"


def _next_version(entries: Sequence[Entry]) -> int:
    """Return the first version of a resource, or the next one of a resource that was removed."""
    if not entries:
        return 1
    used = [
        side["version"]
        for entry in entries
        for side in (entry.before, entry.after)
        if side is not None and "version" in side
    ]
    return max(used, default=0) + 1
