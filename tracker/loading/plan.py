"""What a load will write of each thing: the difference between files and database, less what a person said.

Loading never undoes what a person recorded, changed or removed, unless it is told to overwrite; what a
person said of a follow-up stands even then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import select

from tracker.database.statements import Among, Fetch, Statement
from tracker.loading.chains import Entry, histories
from tracker.loading.seeds import Thing, dated
from tracker.models import Clause, FollowUp, Party, Quote, Resource, Source, table_of
from tracker.queries.merged import all_merged
from tracker.queries.representation import representation
from tracker.services.merging import following
from tracker.services.resources import Values, entries_with_defaults
from tracker.services.spans import SOURCE_TEXT

Key = tuple[str, str]
READ_AT_ONCE = 2_000
"""How many things one statement reads."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a load treats what is there already."""

    overwrite: bool = False
    prune: bool = False
    missing_only: bool = False


@dataclass(slots=True)
class Planned:
    """What a load makes of one thing: what is stored now, what is written, and what is left as it is."""

    now: Values | None
    changes: Values
    kept: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    gone: bool = False
    """Whether it stays removed, because a person removed it or what it belongs to."""


Plans = dict[Key, Planned]


def plans(things: Iterable[Thing], fetch: Fetch, wishes: Wishes, gone: Container[Key] = frozenset()) -> Plans:
    """Give what a load makes of each thing; ``fetch`` asks the database, a few times for all of them.

    ``gone`` are things of the same run, planned before, that stay removed.
    """
    things = list(things)
    led = all_merged(fetch)
    if led:
        for thing in things:
            thing.values = following(thing.model, thing.values, led)
    stored = stored_values(things, fetch)
    differences = {
        thing.key: _difference(thing, now, fetch)
        for thing in things
        if (now := stored.get(thing.key)) is not None and not wishes.missing_only
    }
    entries = histories(
        (thing for thing in things if thing.key not in stored),
        (
            thing
            for thing in things
            if differences.get(thing.key) and (thing.model is FollowUp or not wishes.overwrite)
        ),
        fetch,
    )
    found: Plans = {}
    for thing in things:
        key = thing.key
        into = led.get(thing.id) if thing.model is Party else None
        if into is not None:
            said = f"party {thing.id} was merged into {into}; what the file says of it is left out"
            found[key] = Planned(None, {}, removed=[said], gone=True)
            continue
        known = entries.get(key, ())
        now = stored.get(key)
        if now is None:
            parent = parent_of(thing)
            around = None if parent is None else found.get(parent)
            is_gone = parent in gone if around is None else around.gone
            found[key] = Planned(None, {}, gone=True) if is_gone else _created(thing, known, wishes)
        else:
            found[key] = _changed(thing, now, differences.get(key, {}), known, wishes)
    return found


def stored_values(things: Iterable[Thing], fetch: Fetch) -> dict[Key, Values]:
    """Give what is stored of things, by table and id."""
    ids: dict[type[Resource], list[str]] = {}
    for thing in things:
        ids.setdefault(thing.model, []).append(thing.id)
    found: dict[Key, Values] = {}
    for model, wanted in ids.items():
        table, values = model.__tablename__, representation(model).values
        for first in range(0, len(wanted), READ_AT_ONCE):
            for row in fetch(_several(model), wanted[first : first + READ_AT_ONCE]):
                found[table, row[0]] = values(row)
    return found


def parent_of(thing: Thing) -> Key | None:
    """Give the thing inside which a seed file writes another."""
    if thing.model is FollowUp:
        return "clause", thing.values["clause"]
    return ("agreement", thing.values["agreement"]) if thing.model in (Clause, Quote) else None


@cache
def _several(model: type[Resource]) -> Statement:
    return Statement(select(*representation(model).columns).where(Among(table_of(model).c.id, "ids")), "ids")


@cache
def _lists(model: type[Resource]) -> frozenset[str]:
    return frozenset(nested.name for nested in model.nested)


def _created(thing: Thing, entries: Sequence[Entry], wishes: Wishes) -> Planned:
    if entries and entries[-1].after is None and entries[-1].action != "load" and not wishes.overwrite:
        said = f"{thing.model.noun} {thing.id} stays removed: {_who(entries[-1], 'removed')}"
        return Planned(None, {}, removed=[f"{said}; --overwrite brings it back"], gone=True)
    values = dated(thing.values) if thing.model is FollowUp else dict(thing.values)
    if thing.model is Clause and values.get("due"):
        values.setdefault("first_due", values["due"])
    return Planned(None, values | {"version": _next_version(entries)})


def _difference(thing: Thing, now: Values, fetch: Fetch) -> Values:
    """Give the values of a file that are not what is stored (as by JSON Merge Patch, RFC 7396)."""
    model, lists = thing.model, _lists(thing.model)
    changes = {}
    for name, value in thing.values.items():
        if name in lists:
            if (value or now.get(name)) and entries_with_defaults(model, name, value) != now.get(name):
                changes[name] = value
        elif value != now.get(name):
            changes[name] = value
    if (
        model is Source and "text" in thing.values
    ):  # it is hidden, so it is not among the values that are stored
        changes["text"] = thing.values["text"]
        if fetch(SOURCE_TEXT, thing.id)[0][1] == changes["text"]:
            del changes["text"]
    if now.get("first_due") is not None:  # the first one ever set stays the first
        changes.pop("first_due", None)
    return changes


def _changed(thing: Thing, now: Values, changes: Values, entries: Sequence[Entry], wishes: Wishes) -> Planned:
    if not changes:
        return Planned(now, changes)
    kept: list[str] = []
    if thing.model is FollowUp:
        changes = _changes_of_follow_up(thing, changes, entries, kept)
    elif not wishes.overwrite:
        changes = _without_kept(thing, changes, entries, kept)
    if thing.model is Clause and changes.get("due") and now["first_due"] is None:
        changes.setdefault("first_due", changes["due"])
    return Planned(now, changes, kept)


def _changes_of_follow_up(thing: Thing, changes: Values, entries: Sequence[Entry], kept: list[str]) -> Values:
    """A follow-up that a person recorded or changed is never touched."""
    person = [entry for entry in entries if entry.action != "load"]
    if person:
        kept.append(f"follow-up {thing.id} stays as it is: {_who(person[-1], person[-1].action + 'd')}")
        return {}
    claimed = {"recorded_by", "recorded_at"} & changes.keys()
    return changes | ({"recorded_claimed": True} if claimed else {})


def _without_kept(thing: Thing, changes: Values, entries: Sequence[Entry], kept: list[str]) -> Values:
    """Leave out what a person changed since a file last said it."""
    by_person: dict[str, str] = {}
    for entry in entries:
        before, after = entry.before or {}, entry.after or {}
        for name in changes:
            if before.get(name) != after.get(name):
                by_person.pop(name, None)
                if entry.action != "load":
                    by_person[name] = _who(entry, "changed")
    kept += (
        f"`{name}` of {thing.model.noun} {thing.id} is kept: {who}; --overwrite takes the file's"
        for name, who in by_person.items()
    )
    return {name: value for name, value in changes.items() if name not in by_person}


def _who(entry: Entry, did: str) -> str:
    return f"{entry.actor} {did} it on {entry.at[:10]}"


def _next_version(entries: Sequence[Entry]) -> int:
    """Give the first version of a thing, or the next one of a thing that was removed."""
    if not entries:
        return 1
    used = [
        side["version"]
        for entry in entries
        for side in (entry.before, entry.after)
        if side is not None and "version" in side
    ]
    return max(used, default=0) + 1
