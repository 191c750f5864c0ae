"""How values become rows: bounds of dates, match keys, nested lists, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import NamedTuple, cast

from sqlalchemy import DefaultClause, bindparam, delete, select, update

from tracker import dates
from tracker.database.changes import Change
from tracker.database.statements import Insertion, Statement
from tracker.errors import Contended, Stale
from tracker.models import Base, Nested, Resource, field_of, fields_of, table_of
from tracker.models.values import Values
from tracker.validation import match_key


class Update(NamedTuple):
    """Values to write over those of a resource, if its version is still the one that was seen."""

    id: str
    version: int
    values: Mapping[str, object]


def insert_row(
    change: Change, model: type[Resource], values: Mapping[str, object], *, version: int = 1
) -> None:
    """Write a new resource with its nested lists; values that are not there take their defaults."""
    insert_rows(change, model, [{**values, "version": version}])


def insert_rows(change: Change, model: type[Resource], resources: Iterable[Mapping[str, object]]) -> None:
    """Write new resources of one kind with their nested lists, many rows in one call of the driver."""
    now = dates.utc_now()
    resources = list(resources)
    stamps = {"created_at": now, "updated_at": now, "version": 1}
    change.insert(_insert(model), [_row(model, {**stamps, **values}) for values in resources])
    for nested in model.nested:
        rows = [
            row for values in resources for row in _nested_rows(nested, values["id"], values.get(nested.name))
        ]
        change.insert(_insert(nested.model), rows)


def update_row(
    change: Change,
    model: type[Resource],
    id: str,
    version: int,
    values: Mapping[str, object],
    *,
    any_version: bool = False,
) -> None:
    """Write changed values if the version is still the one that was seen, and raise the version.

    Raises Stale when someone else was faster; Contended where the caller accepts ``any_version``
    and has only to try again.
    """
    update_rows(change, model, [Update(id, version, values)], any_version=any_version)


def update_rows(
    change: Change, model: type[Resource], updates: Sequence[Update], *, any_version: bool = False
) -> None:
    """Write changed values of many resources of one kind, those with the same columns in one call.

    Raises as ``update_row`` does, naming one of the resources that were written together.
    """
    now = dates.utc_now()
    lists = {nested.name for nested in model.nested}
    alike: dict[tuple[str, ...], list[list[object]]] = {}
    for id, version, values in updates:
        columns = _derive(model, {name: value for name, value in values.items() if name not in lists})
        alike.setdefault(tuple(columns), []).append([*columns.values(), now, id, version])
    for names, rows in alike.items():
        if change.many(_update(model, names), rows) != len(rows):
            raise _overtaken(model, str(rows[0][-2]), any_version=any_version)
    for nested in model.nested:
        written = [(id, values[nested.name]) for id, _, values in updates if nested.name in values]
        change.many(_clear(nested), [(id,) for id, _ in written])
        fresh = [row for id, entries in written for row in _nested_rows(nested, id, entries)]
        change.insert(_insert(nested.model), fresh)


def delete_row(
    change: Change, model: type[Resource], id: str, version: int, *, any_version: bool = False
) -> None:
    """Remove a resource with its nested lists if its version is still the one that was seen.

    Raises as ``update_row`` does.
    """
    if change.count(_delete(model), id, version) != 1:
        raise _overtaken(model, id, any_version=any_version)


def set_columns(change: Change, model: type[Resource], id: str, values: Mapping[str, object]) -> None:
    """Set computed columns of a resource; its version stays."""
    change.count(_set(model, tuple(values)), *values.values(), id)


def set_columns_of(
    change: Change, model: type[Resource], columns: Mapping[str, Mapping[str, object]]
) -> None:
    """Set the same computed columns of many resources, by id; their versions stay."""
    if columns:
        names = tuple(next(iter(columns.values())))
        rows = [(*map(values.__getitem__, names), id) for id, values in columns.items()]
        change.many(_set(model, names), rows)


def stale(model: type[Resource], id: str) -> Stale:
    """Return the error that says that a resource has changed since it was read."""
    return Stale(
        f"{model.noun} {id} has changed since you read it", hint="read it again, then repeat the change"
    )


def _overtaken(model: type[Resource], id: str, *, any_version: bool) -> Stale | Contended:
    """Return the error for a resource that someone else changed between reading and writing it."""
    if any_version:
        return Contended("too many changes of one thing at the same moment", hint="try again in a moment")
    return stale(model, id)


@cache
def default_of(model: type[Base], name: str) -> str | int | None:
    """Return the value that a column takes when nobody gives one."""
    default = table_of(model).c[name].server_default
    if not isinstance(default, DefaultClause):
        return None
    text = str(default.arg)
    kind = field_of(table_of(model).c[name]).kind
    return text == "true" if kind == "flag" else int(text) if kind == "number" else text


class RowDefaults(NamedTuple):
    """Values of which nothing is known, and how those that are known are laid over them."""

    names: tuple[str, ...]
    defaults: Values
    """What each name has where nobody gives it."""
    never_null: tuple[tuple[str, object], ...]
    """Which of them take their default even where null is given."""
    in_order: Callable[[Values], tuple[object, ...]]
    """Returns the values of a mapping that has every name, in the order of the names."""

    @classmethod
    def of(cls, defaults: Iterable[tuple[str, object]]) -> RowDefaults:
        """Return those of names with their defaults."""
        by_name = dict(defaults)
        never_null = tuple((name, default) for name, default in by_name.items() if default is not None)
        return cls(tuple(by_name), by_name, never_null, itemgetter(*by_name))

    def under(self, values: Mapping[str, object]) -> tuple[object, ...]:
        """Return the values of the names, in order, with those that are known; what else is known is left out."""
        row = {**self.defaults, **values}
        for name, default in self.never_null:
            if row[name] is None:
                row[name] = default
        return self.in_order(row)


def _derive(model: type[Base], columns: Values) -> Values:
    """Add to columns the bounds of their dates and the match keys of their names; give the same columns."""
    days, is_named = _derived(model)
    for name, earliest, latest in days:
        if name in columns:
            text = cast("str | None", columns[name])
            read = None if text is None else dates.parse(text)
            columns[earliest] = read and read.earliest
            columns[latest] = read and read.latest
    if is_named and "name" in columns:
        columns["match_key"] = match_key(str(columns["name"]))
    return columns


@cache
def _derived(model: type[Base]) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """Return the dates of a model, each with the columns of its bounds, and whether it has a match key."""
    fields = fields_of(model)
    days = tuple(
        (name, f"{name}_earliest", f"{name}_latest") for name, field in fields.items() if field.kind == "date"
    )
    return days, "match_key" in fields


def _row(model: type[Base], columns: Values) -> tuple[object, ...]:
    return _blank(model).under(_derive(model, columns))


def _nested_rows(nested: Nested, id: object, entries: object) -> Iterable[tuple[object, ...]]:
    for place, entry in enumerate(cast("Sequence[Values]", entries or ()), 1):
        values = {nested.scalar: entry} if nested.scalar else entry
        yield _row(nested.model, {**values, nested.owner: id, "ordinal": place})


@cache
def _blank(model: type[Base]) -> RowDefaults:
    return RowDefaults.of((name, default_of(model, name)) for name in fields_of(model) if name != "key")


@cache
def _insert(model: type[Base]) -> Insertion:
    return Insertion(table_of(model), _blank(model).names)


@cache
def _update(model: type[Resource], names: tuple[str, ...]) -> Statement:
    table = table_of(model)
    changed: Values = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
    changed |= {"version": table.c.version + 1, "updated_at": bindparam("now")}
    seen = (table.c.id == bindparam("seen_id")) & (table.c.version == bindparam("seen"))
    return Statement(
        update(table).where(seen).values(changed), *(f"to_{name}" for name in names), "now", "seen_id", "seen"
    )


@cache
def _set(model: type[Resource], names: tuple[str, ...]) -> Statement:
    table = table_of(model)
    changed = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
    return Statement(
        update(table).where(table.c.id == bindparam("of")).values(changed),
        *(f"to_{name}" for name in names),
        "of",
    )


@cache
def _delete(model: type[Resource]) -> Statement:
    table = table_of(model)
    seen = (table.c.id == bindparam("seen_id")) & (table.c.version == bindparam("seen"))
    return Statement(delete(table).where(seen), "seen_id", "seen")


@cache
def _clear(nested: Nested) -> Statement:
    table = table_of(nested.model)
    return Statement(delete(table).where(table.c[nested.owner] == bindparam("owner")), "owner")


@cache
def lock(model: type[Resource]) -> Statement:
    """Return the statement that locks a resource's row until the transaction ends (SQLite locks all)."""
    table = table_of(model)
    return Statement(select(table.c.version).where(table.c.id == bindparam("id")).with_for_update(), "id")
