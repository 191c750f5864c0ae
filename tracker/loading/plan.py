"""What a load will write of each thing: the difference between files and database, less what a person said.

Loading never undoes what a person recorded, changed or removed, unless it is told to overwrite; what a
person said of a follow-up stands even then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tracker.loading.seeds import Thing, dated
from tracker.models import Clause, FollowUp, Quote, Source
from tracker.queries.history import Fetch, history_of
from tracker.queries.representation import one, representation
from tracker.service.clauses import SOURCE_TEXT
from tracker.service.things import Values, merged


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


Plans = dict[tuple[str, str], Planned]


def plans(things: Iterable[Thing], fetch: Fetch, wishes: Wishes) -> Plans:
    """Give what a load makes of each thing; ``fetch`` asks the database."""
    found: Plans = {}
    for thing in things:
        stored = fetch(one(thing.model), thing.id)
        if stored:
            found[thing.key] = _changed(thing, representation(thing.model).values(stored[0]), fetch, wishes)
        else:
            parent = found.get(parent_of(thing) or ("", ""))
            found[thing.key] = _created(thing, fetch, wishes, parent)
    return found


def parent_of(thing: Thing) -> tuple[str, str] | None:
    """Give the thing inside which a seed file writes another."""
    if thing.model is FollowUp:
        return "clause", thing.values["clause"]
    return ("agreement", thing.values["agreement"]) if thing.model in (Clause, Quote) else None


def history(thing: Thing, fetch: Fetch) -> list[dict[str, Any]]:
    """Give all history entries of a thing, from the first, each cut down to it."""
    entries, following = history_of(fetch, thing.model, thing.id)
    while following is not None:
        more, following = history_of(fetch, thing.model, thing.id, after=following)
        entries += more
    return [entry for entry in entries if entry["resource_id"] == thing.id]


def _created(thing: Thing, fetch: Fetch, wishes: Wishes, parent: Planned | None) -> Planned:
    if parent is not None and parent.gone:
        return Planned(None, {}, gone=True)
    entries = history(thing, fetch)
    if entries and entries[-1]["after"] is None and entries[-1]["action"] != "load" and not wishes.overwrite:
        said = f"{thing.model.noun} {thing.id} stays removed: {_who(entries[-1], 'removed')}"
        return Planned(None, {}, removed=[f"{said}; --overwrite brings it back"], gone=True)
    values = dated(thing.values) if thing.model is FollowUp else dict(thing.values)
    if thing.model is Clause and values.get("due"):
        values.setdefault("first_due", values["due"])
    return Planned(None, values | {"version": _next_version(entries)})


def _changed(thing: Thing, now: Values, fetch: Fetch, wishes: Wishes) -> Planned:
    changes = {} if wishes.missing_only else merged(thing.model, now, thing.values)
    if thing.model is Source and "text" in thing.values and not wishes.missing_only:
        stored = fetch(SOURCE_TEXT, thing.id)[0][1]
        changes |= {"text": thing.values["text"]}
        if stored == changes["text"]:
            del changes["text"]
    if now.get("first_due") is not None:  # the first one ever set stays the first
        changes.pop("first_due", None)
    kept: list[str] = []
    if thing.model is FollowUp and changes:
        changes = _changes_of_follow_up(thing, changes, fetch, kept)
    elif changes and not wishes.overwrite:
        changes = _without_kept(thing, changes, fetch, kept)
    if thing.model is Clause and changes.get("due") and now["first_due"] is None:
        changes.setdefault("first_due", changes["due"])
    return Planned(now, changes, kept)


def _changes_of_follow_up(thing: Thing, changes: Values, fetch: Fetch, kept: list[str]) -> Values:
    """A follow-up that a person recorded or changed is never touched."""
    person = [entry for entry in history(thing, fetch) if entry["action"] != "load"]
    if person:
        kept.append(f"follow-up {thing.id} stays as it is: {_who(person[-1], person[-1]['action'] + 'd')}")
        return {}
    claimed = {"recorded_by", "recorded_at"} & changes.keys()
    return changes | ({"recorded_claimed": True} if claimed else {})


def _without_kept(thing: Thing, changes: Values, fetch: Fetch, kept: list[str]) -> Values:
    """Leave out what a person changed since a file last said it."""
    by_person: dict[str, str] = {}
    for entry in history(thing, fetch):
        before, after = entry["before"] or {}, entry["after"] or {}
        for name in changes:
            if before.get(name) != after.get(name):
                by_person.pop(name, None)
                if entry["action"] != "load":
                    by_person[name] = _who(entry, "changed")
    kept += (
        f"`{name}` of {thing.model.noun} {thing.id} is kept: {who}; --overwrite takes the file's"
        for name, who in by_person.items()
    )
    return {name: value for name, value in changes.items() if name not in by_person}


def _who(entry: dict[str, Any], did: str) -> str:
    return f"{entry['actor']} {did} it on {entry['at'][:10]}"


def _next_version(entries: list[dict[str, Any]]) -> int:
    """Give the first version of a thing, or the next one of a thing that was removed."""
    used = [
        side["version"]
        for entry in entries
        for side in (entry["before"], entry["after"])
        if side is not None and "version" in side
    ]
    return max(used, default=0) + 1
