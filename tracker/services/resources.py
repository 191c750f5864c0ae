"""What all changes share: finding what is to be changed, matching versions, checking, removing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar, cast

from sqlalchemy import ColumnElement, Table, bindparam, or_, select

from tracker.database.changes import Change
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Statement
from tracker.errors import (
    AlreadyMade,
    Conflict,
    Fault,
    Gone,
    Invalid,
    Malformed,
    Merged,
    NotFound,
    VersionRequired,
)
from tracker.models import RESOURCES, Resource, field_of, shown_fields, table_of
from tracker.models.values import ResourceValues, V, Values
from tracker.queries.history import was_removed
from tracker.queries.merged import now_of
from tracker.queries.representation import current
from tracker.services.references import alike, ids_around
from tracker.services.rows import default_of, stale

M = TypeVar("M", bound=Mapping[str, object])
"""Values of one kind of resource, as they are stored or written."""


@dataclass(frozen=True, slots=True)
class Match:
    """The versions that the caller accepts (RFC 9110 §13.1.1): some, any, or none said."""

    versions: tuple[int, ...] = ()
    any: bool = False
    given: bool = True
    malformed: Fault | None = None
    """What is wrong with how the caller said it."""


ANY = Match(any=True)
"""For the command line: whatever the version is now."""


def existing(change: Change, model: type[Resource[V]], id: str, match: Match | None = None) -> V:
    """Return a thing's values as they are now, in the version that the caller accepts.

    Raises NotFound, Gone, Malformed or VersionRequired, and Stale, in this order.
    """
    values = current(change, model, id)
    if values is None:
        raise missing(change.rows, model, id)
    if match is not None:
        accept(match, model, values)
    return values


def accept(match: Match, model: type[Resource], now: ResourceValues, *, made: bool = False) -> None:
    """Raise Malformed, VersionRequired or Stale unless the caller accepts the version that is there.

    ``made`` says that it already is what the caller wants: an answer was lost, or someone did the same.
    """
    if match.malformed is not None:
        raise Malformed([match.malformed])
    if not match.given:
        raise VersionRequired(
            "a change has to say which version it is based on",
            hint="send If-Match with the ETag that you were given, or * for any",
        )
    if match.any or now["version"] in match.versions:
        return
    if not made:
        raise stale(model, str(now["id"]))
    raise AlreadyMade(
        f"{model.noun} {now['id']} says so already, in version {now['version']}; If-Match names another",
        hint="nothing is left to do; read it again before you change more",
    )


def missing_from(database: Database, model: type[Resource], id: str) -> NotFound:
    """Return the error for a thing that is not there: Gone if it once was, else NotFound."""
    return missing(database.rows, model, id)


def missing(fetch: Fetch, model: type[Resource], id: str) -> NotFound:
    """Return the error for a thing that is not there: Merged, Gone if it once was, else NotFound."""
    table = model.__tablename__
    into = now_of(fetch, model, id)
    if into is not None:
        return Merged(f"{model.noun} {id} was merged into {into}", id=id, into=into)
    if was_removed(fetch, model, id):
        return Gone(
            f"{model.noun} {id} was removed",
            hint="its history stays",
            kind=table,
            id=id,
        )
    known = [] if table == "follow_up" else ids_around(fetch, table, id)
    return NotFound(f"there is no {model.noun} {id}", hint=alike(table, id, known))


def merged(model: type[Resource], now: M, changes: M) -> M:
    """Return the changes that make a difference, by JSON Merge Patch (RFC 7396)."""
    shown = with_list_defaults(model, changes)
    return cast("M", {name: value for name, value in changes.items() if shown[name] != now.get(name)})


def with_list_defaults(model: type[Resource], values: Mapping[str, object]) -> Values:
    """Return values as they will be shown: nested lists with every field and its default."""
    lists = {nested.name for nested in model.nested}
    return {
        name: entries_with_defaults(model, name, value) if name in lists else value
        for name, value in values.items()
    }


def with_defaults(model: type[Resource], values: M) -> M:
    """Return a new resource as it will be shown: what is absent is null, empty, or its default."""
    defaults: Values = _defaults(model) | {nested.name: [] for nested in model.nested}
    known = {
        name: value
        for name, value in with_list_defaults(model, values).items()
        if value is not None and name in defaults
    }
    return cast("M", defaults | known)


@cache
def _defaults(model: type[Resource]) -> Values:
    """Return a thing of which nothing is known but the defaults; not to be changed in place."""
    return {name: default_of(model, name) for name in shown_fields(model)}


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raise Invalid if there are faults."""
    if faults:
        raise Invalid(faults)


def refuse_if_referenced(
    change: Change, model: type[Resource], id: str, *, within: str | None = None
) -> None:
    """Raise Conflict, naming what depends on a thing, if anything else refers to it.

    ``within`` names an agreement that goes as a whole: what belongs to it may refer to the thing.
    """
    needed = []
    for other, ids in dependents(change, model, id).items():
        outside = [referring for referring in ids if within is None or referring.partition(".")[0] != within]
        if outside:
            needed.append(_counted(other, outside))
    if needed:
        raise Conflict(
            f"{model.noun} {id} is needed by {' and '.join(needed)}", hint="change or remove those first"
        )


def dependents(change: Change, model: type[Resource], id: str) -> dict[type[Resource], list[str]]:
    """Return the ids of all things that refer to a thing, by kind; those that belong to it included."""
    result = {
        other: [row[0] for row in change.rows(statement, id)]
        for other, statement in _dependents(model).items()
    }
    return {other: ids for other, ids in result.items() if ids}


def _counted(model: type[Resource], ids: Sequence[str]) -> str:
    named = ", ".join([*ids[:3], *(["…"] if len(ids) > 3 else [])])
    return f"{len(ids)} {model.noun if len(ids) == 1 else model.path} ({named})"


def entries_with_defaults(model: type[Resource], name: str, value: object) -> list[Values] | list[str]:
    """Return a nested list as it will be shown: every field there, those that nobody gave with their default."""
    nested = next(nested for nested in model.nested if nested.name == name)
    if nested.scalar is not None:
        return list(cast("Sequence[str]", value))
    fields = shown_fields(nested.model)
    return [
        {
            field: entry[field] if entry.get(field) is not None else default_of(nested.model, field)
            for field in fields
        }
        for entry in cast("Sequence[Values]", value)
    ]


@cache
def _dependents(model: type[Resource]) -> dict[type[Resource], Statement]:
    """Return for each kind of thing that may refer to a thing of this kind how to find those that do."""
    result: dict[type[Resource], Statement] = {}
    for other in RESOURCES.values():
        table = table_of(other)
        conditions = _referring(table, model)
        for nested in other.nested:
            inner = _referring(table_of(nested.model), model)
            if inner:
                owner = table_of(nested.model).c[nested.owner]
                conditions.append(table.c.id.in_(select(owner).where(or_(*inner))))
        if conditions:
            itself = [table.c.id != bindparam("id")] if other is model else []
            query = select(table.c.id).where(or_(*conditions), *itself).order_by(table.c.id)
            result[other] = Statement(query, "id")
    return result


def _referring(table: Table, model: type[Resource]) -> list[ColumnElement[bool]]:
    """Return the conditions under which a row of a table refers to a thing that it does not belong to."""
    return [
        key.parent == bindparam("id")
        for key in table.foreign_keys
        if key.column.table.name == model.__tablename__
        and key.column.name == "id"
        and not field_of(key.parent).hidden
    ]
