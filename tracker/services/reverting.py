"""Reverting: undoing one change of history as a new change, without touching what was done since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tracker.database.changes import Change, Snapshot
from tracker.errors import Conflict, NotFound, Refused
from tracker.models import RESOURCES, Agreement, FollowUp, Resource
from tracker.models.columns import LARGEST_NUMBER
from tracker.queries.history import ERASED, history_of, places_of, sides_of
from tracker.queries.representation import current
from tracker.services import history, rows
from tracker.services.follow_ups import remove_follow_up, restore_follow_up, restore_follow_up_fields
from tracker.services.resources import ANY, Values, dependents
from tracker.services.writing import remove_resource, restore_fields, restore_resource

FINAL = ("merge", "redact")
"""What cannot be undone: the first has moved what others refer to, the second has erased texts for good."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is undone of a change to one thing: what it was before, and what the change made of it."""

    model: type[Resource]
    id: str
    before: Values | None
    after: Values | None

    @property
    def done(self) -> str:
        """What undoing it does to the thing, in a word."""
        if self.before is None:
            return "removed"
        return "brought back" if self.after is None else "changed"


def revert_change(change: Change, place: int, *, as_admin: bool = True) -> list[Undoing]:
    """Undo a change: things that it made go, those that it removed come back, fields get their values back.

    Gives what was undone, the things of a load or a whole document all together. Raises NotFound for a
    place that history has not, Conflict where a later change stands in the way, Invalid where the earlier
    state breaks a rule by now, Refused where an agreement would go and the caller is no admin.
    """
    found = sides_of(change.rows, place) if place <= LARGEST_NUMBER else None
    if found is None:
        raise NotFound(f"there is no change {place}", hint="see `tracker history` or /v1/changes")
    action, before, after = found
    if action in FINAL:
        raise Conflict(
            f"change {place} is a {action}, which cannot be undone", hint="change the things by hand"
        )
    undone = list(_undoings(before, after))
    if not as_admin and any(each.model is Agreement and each.before is None for each in undone):
        raise Refused(
            "this would remove an agreement, which needs the role admin", hint="ask for another token"
        )
    _refuse_overtaken(change, place, undone)
    # What refers to others goes first and comes back last.
    for each in reversed(undone):
        if each.before is None:
            _remove(change, each)
    for each in undone:
        if each.before is not None:
            _bring_back(change, each)
    history.gather(change, "revert")
    return undone


def _undoings(before: Snapshot, after: Snapshot) -> Iterator[Undoing]:
    for table, model in RESOURCES.items():
        stood, stands = before.get(table, {}), after.get(table, {})
        for id in dict.fromkeys([*stood, *stands]):
            yield Undoing(model, id, stood.get(id), stands.get(id))


def _refuse_overtaken(change: Change, place: int, undone: list[Undoing]) -> None:
    """Raise Conflict where a thing is no longer as the change left it, or a text was redacted since."""
    for each in undone:
        said = f"{each.model.noun} {each.id}"
        if each.model is Agreement and each.before is None:
            change.rows(rows.lock(Agreement), each.id)  # nothing is put into it from now on
        now = current(change, each.model, each.id)
        if (now is None) != (each.after is None):
            there = "is there again" if each.after is None else "was removed"
            raise Conflict(
                f"{said} {there} since change {place}{_by(change, each, place)}", hint="undo that first"
            )
        if each.before is None and now is not None:
            _refuse_added_to(change, place, each, now, undone)
        changed = _changed(each)
        later = [name for name, value in changed.items() if now is not None and now.get(name) != value]
        if later:
            names = ", ".join(f"`{name}`" for name in later)
            raise Conflict(
                f"{names} of {said} changed since change {place}{_by(change, each, place)}",
                hint="undo that first, or change it by hand",
            )
        if _is_erased(each.before):
            raise Conflict(f"a text of {said} was redacted", hint="it cannot be brought back; write it anew")


def _refuse_added_to(change: Change, place: int, each: Undoing, now: Values, undone: list[Undoing]) -> None:
    """Raise Conflict where what would go is not as it was made, or something was put into it since."""
    said = f"{each.model.noun} {each.id}"
    later = [
        name
        for name, value in (each.after or {}).items()
        if name != "version" and not _is_erased(value) and now.get(name) != value
    ]
    if later:
        names = ", ".join(f"`{name}`" for name in later)
        raise Conflict(
            f"{names} of {said} changed since change {place}{_by(change, each, place)}",
            hint="undo that first, or remove it by hand",
        )
    if each.model is not Agreement:
        return
    together = {(other.model, other.id) for other in undone}
    for model, ids in dependents(change, Agreement, each.id).items():
        added = [id for id in ids if (model, id) not in together and id.startswith(f"{each.id}.")]
        if added:
            raise Conflict(
                f"{model.noun} {added[0]} was added to {said} since change {place}",
                hint="undo that first, or remove it by hand",
            )


def _changed(each: Undoing) -> Values:
    """Give the fields that a change set, with what it set them to."""
    if each.before is None or each.after is None:
        return {}
    names = [name for name in {**each.before, **each.after} if name != "version"]
    return {name: each.after.get(name) for name in names if each.before.get(name) != each.after.get(name)}


def _by(change: Change, each: Undoing, place: int) -> str:
    fetch = change.rows
    places = [later for later in places_of(fetch, each.model, each.id) if later > place]
    if not places:
        return ""
    found = sides_of(fetch, places[-1])
    undoing = ", which undid a change" if found is not None and found[0] == "revert" else ""
    return f", by change {places[-1]}{undoing}"


def _is_erased(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_erased, value.values()))
    if isinstance(value, list):
        return any(map(_is_erased, value))
    return value is ERASED


def _remove(change: Change, each: Undoing) -> None:
    if each.model is FollowUp:
        remove_follow_up(change, each.id, ANY)
    else:
        remove_resource(change, each.model, each.id, ANY)


def _bring_back(change: Change, each: Undoing) -> None:
    values = {name: value for name, value in (each.before or {}).items() if name != "version"}
    if each.after is not None:
        changes = {name: values.get(name) for name in _changed(each)}
        if each.model is FollowUp and changes:
            restore_follow_up_fields(change, each.id, changes)
        elif changes:
            restore_fields(change, each.model, each.id, changes)
    elif each.model is FollowUp:
        restore_follow_up(change, values, _next_version(change, each))
    else:
        restore_resource(change, each.model, values)


def _next_version(change: Change, each: Undoing) -> int:
    entries, following = history_of(change.rows, each.model, each.id)
    while following is not None:
        more, following = history_of(change.rows, each.model, each.id, after=following)
        entries += more
    used = [side["version"] for entry in entries for side in (entry["before"], entry["after"]) if side]
    return max(used, default=0) + 1
