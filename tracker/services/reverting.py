"""Reverting: undoing one change of history as a new change, without touching what was done since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracker.database.changes import Change, Snapshot
from tracker.errors import Conflict, NotFound, Refused
from tracker.models import RESOURCES, Agreement, Clause, FollowUp, Resource
from tracker.models.columns import LARGEST_NUMBER
from tracker.models.values import Values
from tracker.queries.history import ERASED, positions_of, sides_of
from tracker.queries.representation import current
from tracker.services import history, rows
from tracker.services.follow_ups import remove_follow_up, restore_follow_up, restore_follow_up_fields
from tracker.services.resources import ANY, dependents
from tracker.services.scopes import refuse_all_but_follow_ups, refuse_other_follow_ups
from tracker.services.writing import next_version, remove_resource, restore_fields, restore_resource

FINAL = ("merge", "redact")
"""What cannot be undone: the first has moved what others refer to, the second has erased texts for good."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is undone of a change to one resource: what it was before, and what the change made of it."""

    model: type[Resource]
    id: str
    before: Values | None
    after: Values | None

    @property
    def done(self) -> str:
        """What undoing it does to the resource, in a word."""
        if self.before is None:
            return "removed"
        return "brought back" if self.after is None else "changed"


def revert_change(change: Change, position: int, *, as_admin: bool = True) -> list[Undoing]:
    """Undo a change: resources that it made go, those that it removed come back, fields get their values back.

    Return what was undone, all resources of a load or a whole document together. Raise NotFound for a
    position that history has not, Conflict where a later change stands in the way, Invalid where the earlier
    state breaks a rule by now, Refused where an agreement would go and the caller is no admin.
    """
    sides = sides_of(change.rows, position) if position <= LARGEST_NUMBER else None
    if sides is None:
        raise NotFound(f"there is no change {position}", hint="its history lists the changes there are")
    action, before, after = sides
    if action in FINAL:
        raise Conflict(
            f"change {position} is a {action}, which cannot be undone", hint="change the things by hand"
        )
    if not RESOURCES.keys() >= {*before, *after}:
        raise Conflict(
            f"change {position} is of a token, which cannot be undone",
            hint="`tracker token revoke` takes one back, `tracker token create` makes another",
        )
    undone = list(_undoings(before, after))
    _refuse_out_of_scope(change, undone)
    if not as_admin and any(undoing.model is Agreement and undoing.before is None for undoing in undone):
        raise Refused(
            "this would remove an agreement, which needs the role admin", hint="ask for another token"
        )
    _refuse_overtaken(change, position, undone)
    # What refers to others goes first and comes back last.
    for undoing in reversed(undone):
        if undoing.before is None:
            _remove(change, undoing)
    for undoing in undone:
        if undoing.before is not None:
            _bring_back(change, undoing)
    history.gather(change, "revert")
    return undone


def _refuse_out_of_scope(change: Change, undone: list[Undoing]) -> None:
    """Raise Refused where a change with a scope would undo more than it may write."""
    for undoing in undone:
        if undoing.model is FollowUp and change.scope is not None:
            sides = [side for side in (undoing.before, undoing.after) if side is not None]
            refuse_other_follow_ups(change, str(sides[0]["clause"]), *sides)
        else:
            refuse_all_but_follow_ups(change.scope)


def _undoings(before: Snapshot, after: Snapshot) -> Iterator[Undoing]:
    for table, model in RESOURCES.items():
        stood, stands = before.get(table, {}), after.get(table, {})
        for id in dict.fromkeys([*stood, *stands]):
            yield Undoing(model, id, stood.get(id), stands.get(id))


def _refuse_overtaken(change: Change, position: int, undone: list[Undoing]) -> None:
    """Raise Conflict where a resource is no longer as the change left it, or a text was redacted since."""
    for undoing in undone:
        name = f"{undoing.model.noun} {undoing.id}"
        _lock(change, undoing)
        now = current(change, undoing.model, undoing.id)
        if (now is None) != (undoing.after is None):
            there = "is there again" if undoing.after is None else "was removed"
            raise Conflict(
                f"{name} {there} since change {position}{_by(change, undoing, position)}",
                hint="undo that first",
            )
        if undoing.before is None and now is not None:
            _refuse_added_to(change, position, undoing, now, undone)
        changed = _changed(undoing)
        later = [field for field, value in changed.items() if now is not None and now.get(field) != value]
        if later:
            fields = ", ".join(f"`{field}`" for field in later)
            raise Conflict(
                f"{fields} of {name} changed since change {position}{_by(change, undoing, position)}",
                hint="undo that first, or change it by hand",
            )
        if _is_erased(undoing.before):
            raise Conflict(f"a text of {name} was redacted", hint="it cannot be brought back; write it anew")


def _lock(change: Change, undoing: Undoing) -> None:
    """Let nobody change the resource, or put anything into it, between the look at it and the end of the revert.

    Follow-ups are locked by their clause, as wherever they are written, so that no two wait for each other.
    """
    if undoing.model is FollowUp:
        values = undoing.after or undoing.before or {}
        change.rows(rows.lock(Clause), str(values["clause"]))
    else:
        change.rows(rows.lock(undoing.model), undoing.id)


def _refuse_added_to(
    change: Change, position: int, undoing: Undoing, now: Mapping[str, object], undone: list[Undoing]
) -> None:
    """Raise Conflict where what would go is not as it was made, or something was put into it since."""
    name = f"{undoing.model.noun} {undoing.id}"
    later = [
        field
        for field, value in (undoing.after or {}).items()
        if field != "version" and not _is_erased(value) and now.get(field) != value
    ]
    if later:
        fields = ", ".join(f"`{field}`" for field in later)
        raise Conflict(
            f"{fields} of {name} changed since change {position}{_by(change, undoing, position)}",
            hint="undo that first, or remove it by hand",
        )
    if undoing.model is not Agreement:
        return
    together = {(other.model, other.id) for other in undone}
    for model, ids in dependents(change, Agreement, undoing.id).items():
        added = [id for id in ids if (model, id) not in together and id.startswith(f"{undoing.id}.")]
        if added:
            raise Conflict(
                f"{model.noun} {added[0]} was added to {name} since change {position}",
                hint="undo that first, or remove it by hand",
            )


def _changed(undoing: Undoing) -> Values:
    """Return the fields that a change set, with what it set them to."""
    if undoing.before is None or undoing.after is None:
        return {}
    names = [name for name in {**undoing.before, **undoing.after} if name != "version"]
    return {
        name: undoing.after.get(name) for name in names if undoing.before.get(name) != undoing.after.get(name)
    }


def _by(change: Change, undoing: Undoing, position: int) -> str:
    """Return by which change a resource was last changed since a position, as part of a sentence."""
    last = positions_of(change.rows, undoing.model, undoing.id)[-1:]
    if not last or last[0] <= position:
        return ""
    sides = sides_of(change.rows, last[0])
    reverted = sides is not None and sides[0] == "revert"
    return f", by change {last[0]}{', which undid a change' if reverted else ''}"


def _is_erased(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_is_erased, value.values()))
    if isinstance(value, list):
        return any(map(_is_erased, value))
    return value is ERASED


def _remove(change: Change, undoing: Undoing) -> None:
    if undoing.model is FollowUp:
        remove_follow_up(change, undoing.id, ANY)
    else:
        remove_resource(change, undoing.model, undoing.id, ANY)


def _bring_back(change: Change, undoing: Undoing) -> None:
    values = {name: value for name, value in (undoing.before or {}).items() if name != "version"}
    if undoing.after is not None:
        changes = {name: values.get(name) for name in _changed(undoing)}
        if undoing.model is FollowUp and changes:
            restore_follow_up_fields(change, undoing.id, changes)
        elif changes:
            restore_fields(change, undoing.model, undoing.id, changes)
    elif undoing.model is FollowUp:
        restore_follow_up(change, values, next_version(change, FollowUp, undoing.id))
    else:
        restore_resource(change, undoing.model, values)
