"""Whether what a thing refers to is there, and is of the right kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import bindparam, literal_column, select

from tracker.database.changes import Change
from tracker.database.statements import Among, Fetch, Statement
from tracker.errors import Fault, a, nearest
from tracker.models import RESOURCES, Agreement, Base, Party, fields_of, table_of
from tracker.models.values import AgreementValues, PartyValues
from tracker.queries.merged import now_of
from tracker.validation import pointer

KNOWN_FOR_HINTS = 100
"""How many ids before a word and how many behind it are looked at for "did you mean"."""
MOST_SHOWN = 12
"""How many ids a hint lists."""
KINDED = ("party", "initiative")
"""The tables of things that references may ask the kind of."""


class Reference(NamedTuple):
    """One reference in a thing's values: to what, of which kind, standing where."""

    table: str
    id: str
    path: tuple[str | int, ...]
    kind: str | None


Kinds = Callable[[str, str], str | None]
"""Answers what a reference points to: its kind (`person`, `series`; "" where kinds do not matter), or None."""


def references(model: type[Base], values: Mapping[str, object]) -> Iterator[Reference]:
    """Yield every reference in a resource's values, nested lists included."""
    own, lists = _reference_fields(model)
    for name, table, kind in own:
        id = cast("str | None", values.get(name))
        if id is not None:
            yield Reference(table, id, (name,), kind)
    for list_name, is_scalar, inner in lists:
        for place, entry in enumerate(cast("Iterable[Any]", values.get(list_name) or ())):
            for name, table, kind in inner:
                id = entry if is_scalar else entry.get(name)
                if id is not None:
                    path = (list_name, place) if is_scalar else (list_name, place, name)
                    yield Reference(table, id, path, kind)


def reference_faults(
    to_check: Iterable[Reference],
    kinds: Kinds,
    known: Callable[[str, str], Iterable[str]],
    leads_to: Callable[[str, str], str | None],
) -> list[Fault]:
    """Return a fault for each reference to what is not there, or is of another kind.

    ``known`` gives ids of a table that resemble a word, ``leads_to`` what an id was merged into: for the hint.
    """
    faults = []
    for reference in to_check:
        kind = kinds(reference.table, reference.id)
        what = f"{RESOURCES[reference.table].noun} `{reference.id}`"
        into = leads_to(reference.table, reference.id) if kind is None else None
        if into is not None:
            detail = f"{what} was merged into `{into}`"
            faults.append(Fault("merged", detail, f"write `{into}`", pointer(reference.path)))
        elif kind is None:
            hint = alike(reference.table, reference.id, known(reference.table, reference.id))
            faults.append(Fault("unknown_reference", f"{what} is not defined", hint, pointer(reference.path)))
        elif reference.kind is not None and kind != reference.kind:
            detail = f"{what} is not {a(reference.kind)}"
            faults.append(Fault("wrong_kind", detail, None, pointer(reference.path)))
    return faults


def alike(table: str, id: str, known: Iterable[str]) -> str | None:
    """Return the hint for an id that nothing has: the nearest known one, of an agreement that is there its own.

    Clauses that differ in their number are no misspellings of each other.
    """
    known = list(known)
    if table in ("clause", "quote"):
        agreement, _, number = id.partition(".")
        own = sorted((other for other in known if other.partition(".")[0] == agreement), key=_by_number)
        if own:
            more = ", …" if len(own) > MOST_SHOWN else ""
            return f"agreement {agreement} has {', '.join(own[:MOST_SHOWN])}{more}"
        known = [other for other in known if other.partition(".")[2] == number]
    return nearest(id, known)


def _by_number(id: str) -> tuple[int, str]:
    number = id.partition(".")[2].lstrip("q")
    return int(number) if number.isdecimal() else 0, id


def with_own_kind(
    model: type[Base], after: Mapping[str, object], unchecked: Iterable[Reference]
) -> Iterator[Reference]:
    """Yield references with the kind that the thing itself sets: a party's successor is of its own kind."""
    for reference in unchecked:
        succeeds = model is Party and reference.path == ("successor",)
        yield reference._replace(kind=cast("PartyValues", after).get("kind")) if succeeds else reference


def self_faults(model: type[Base], values: Mapping[str, object]) -> Iterator[Fault]:
    """Yield a fault for each reference to the resource itself, where only another makes sense."""
    id = values.get("id")
    if model is Party and id is not None and cast("PartyValues", values).get("successor") == id:
        yield Fault("refers_to_itself", "a party cannot be its own successor", None, "/successor")
    links = cast("AgreementValues", values).get("links") if model is Agreement else None
    for place, link in enumerate(links or ()):
        if link.get("target") == id:
            detail = f"agreement `{id}` is linked to itself"
            yield Fault("refers_to_itself", detail, "name the other one", f"/links/{place}/target")


def faults_in(change: Change, model: type[Base], values: Mapping[str, object]) -> list[Fault]:
    """Return a fault for each reference in a thing's values that the database does not hold."""
    return reference_faults(
        references(model, values),
        lambda table, id: stored_kind(change, table, id),
        lambda table, word: stored_ids(change, table, word),
        lambda table, id: leads_to(change, table, id),
    )


def leads_to(change: Change, table: str, id: str) -> str | None:
    """Return the party that an id leads to since it was merged; None for all other ids."""
    return now_of(change.rows, RESOURCES[table], id)


def stored_kind(change: Change, table: str, id: str) -> str | None:
    """Return the kind of a stored party or initiative, "" for other stored things, None where there is none.

    An initiative keeps its kind until the transaction ends; that of a party never changes.
    """
    rows = change.rows(kinds_of(table, held=table == "initiative"), [id])
    return rows[0][1] if rows else None


def stored_ids(change: Change, table: str, word: str) -> list[str]:
    """Return the stored ids of a kind that stand around a word in their order."""
    return ids_around(change.rows, table, word)


def ids_around(fetch: Fetch, table: str, word: str) -> list[str]:
    """Return the stored ids of a kind that stand around a word in their order: those that begin most alike."""
    return [row[0] for statement in _ids_around(table) for row in fetch(statement, word, KNOWN_FOR_HINTS)]


_Fields = tuple[tuple[str, str, str | None], ...]
"""Names of fields that are references, with the kind of resource and the `kind` that they ask for."""


@cache
def _reference_fields(model: type[Base]) -> tuple[_Fields, tuple[tuple[str, bool, _Fields], ...]]:
    """Return the references among a model's fields, and those of its nested lists that have any."""
    own: _Fields = tuple(
        (name, field.target, field.target_kind)
        for name, field in fields_of(model).items()
        if field.kind == "reference" and field.target is not None and not field.hidden
    )
    lists = (
        (nested.name, nested.scalar is not None, _reference_fields(nested.model)[0])
        for nested in getattr(model, "nested", ())
    )
    return own, tuple(nested for nested in lists if nested[2])


@cache
def kinds_of(table: str, *, held: bool = False) -> Statement:
    """Return the statement that reads ids with the kind of parties or initiatives, "" for other resources.

    It takes a list of ids. With ``held`` they stay so until the transaction ends.
    """
    columns = table_of(RESOURCES[table]).c
    kind = columns.kind if table in KINDED else literal_column("''")
    query = select(columns.id, kind).where(Among(columns.id, "ids"))
    return Statement(query.with_for_update(read=True) if held else query, "ids")


@cache
def _ids_around(table: str) -> tuple[Statement, Statement]:
    id = table_of(RESOURCES[table]).c.id
    word: Any = bindparam("word")
    behind, before = (
        select(id).where(id >= word).order_by(id),
        select(id).where(id < word).order_by(id.desc()),
    )
    most: Any = bindparam("most")
    return Statement(behind.limit(most), "word", "most"), Statement(before.limit(most), "word", "most")
