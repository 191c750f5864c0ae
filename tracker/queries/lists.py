"""Lists: filters and sort orders from a query string, pages by keyset.

The statement of a page depends on which filters and sort keys are used, not on their values; each
such statement is made once and kept. A cursor holds the sort keys of the last row of a page and a
fingerprint of the filters that it belongs to.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Generic, TypeVar

from msgspec import Raw
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)

from tracker import dates
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Row, Statement
from tracker.errors import Fault, Malformed, a, nearest
from tracker.kinds import is_id
from tracker.models import Clause, Field, FollowUp, Quote, Resource, field_of, shown_fields, table_of
from tracker.queries.computed import AS_OF_PARAMETERS, AsOf, existed, expression
from tracker.queries.computed import FIELDS as COMPUTED
from tracker.queries.expand import append_members, members
from tracker.queries.filters import FILTERS, Chosen, Filter, Filtered, Shape, filtered
from tracker.queries.json_sql import ByCodePoint
from tracker.queries.read_options import (
    EVERYTHING,
    READING,
    ReadOptions,
    known_parameters,
    read_options,
    reads_parts,
)
from tracker.queries.representation import encoder, reading, reading_of
from tracker.text import UNWANTED, UnfitText, normalised

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
MOST_VALUES = 100
LONGEST_KEY = 500
"""The longest text to sort by: a cursor holds one of each sort key, and has to fit a URL."""
PAGING = ("sort", "limit", "cursor", "count")
"""What lists take beside filters and what reading one resource takes (``queries.read_options.READING``)."""


@dataclass(frozen=True, slots=True)
class ListQuery(Filtered):
    """What a list was asked for: filters with their values, sort keys, page size and cursor."""

    model: type[Resource]
    filters: Chosen
    sort: tuple[str, ...]
    limit: int = DEFAULT_LIMIT
    after: tuple[Any, ...] | None = None
    counted: bool = False
    options: ReadOptions = EVERYTHING

    @property
    def fingerprint(self) -> str:
        """What a cursor is bound to: the kind of resource, its filters, the day and the order."""
        return fingerprint_of(self.model.__tablename__, self.filters, self.options.as_of, self.sort)


Entry_co = TypeVar("Entry_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Page(Generic[Entry_co]):
    """Entries of a list, the cursor of the next page (None on the last), and the total if asked for.

    An entry is a row of the model's representation, or what the encoder writes for it.
    """

    entries: Sequence[Entry_co]
    next: str | None
    count: int | None


def list_query(
    model: type[Resource], parameters: Iterable[tuple[str, str]], *, fixed: Mapping[str, str] | None = None
) -> ListQuery:
    """Read a query string; raises Malformed with a fault for every parameter that is wrong.

    ``fixed`` filters come from the path, as in `/v1/clauses/{id}/follow-ups`.
    """
    faults: list[Fault] = []
    fixed = fixed or {}
    open_filters = {name: each for name, each in FILTERS[model].items() if name not in fixed}
    parameters = tuple(parameters)
    given = known_parameters(
        parameters, (*open_filters, *PAGING, *READING), faults, repeatable=repeatable(open_filters)
    )
    filters = chosen(open_filters, parameters, faults)
    filters |= {name: (value,) for name, value in fixed.items()}
    query = ListQuery(
        model,
        tuple(sorted(filters.items())),
        _sort(model, given.get("sort"), faults),
        limit_of(given.get("limit"), faults),
        counted=_counted(given.get("count"), faults),
        options=read_options(model, given, faults),
    )
    if "cursor" in given and not faults:
        after = _decoded(query, given["cursor"], faults)
        query = replace(query, after=after)
    if faults:
        raise Malformed(faults)
    return query


def page(database: Database, query: ListQuery) -> Page[Row]:
    """Read one page of a list as rows of ``query.options.shape``, members that are rolled up at their end."""
    as_of = query.options.as_of_day(database)
    shape = query.options.shape(query.model, historical=as_of.is_historical)
    width = len(shape.columns)
    with _one_moment(database, query) as fetch:
        rows, following = _read(fetch, query, as_of, width, encoded=False)
        entries = [row[:width] for row in rows]
        if shape.rolled_up:
            ids = [row[-1] for row in rows]
            more = members(fetch, query.model, ids, as_of, query.options.fields)
            entries = [
                (*entry, *(json.decode() for _, json in more[id]))
                for entry, id in zip(entries, ids, strict=True)
            ]
        return Page(entries, following, _count(fetch, query, as_of))


def pages(
    database: Database,
    model: type[Resource],
    given: Sequence[tuple[str, str]],
    limit: int | None = None,
    *,
    fixed: Mapping[str, str] | None = None,
) -> Iterator[Sequence[Row]]:
    """Read the rows that parameters let through, page by page; all unless there is a limit."""
    left = limit
    cursor: list[tuple[str, str]] = []
    while True:
        size = LARGEST_LIMIT if left is None else min(left, LARGEST_LIMIT)
        result = page(database, list_query(model, [*given, ("limit", str(size)), *cursor], fixed=fixed))
        yield result.entries
        if left is not None:
            left -= len(result.entries)
        if result.next is None or left == 0:
            return
        cursor = [("cursor", result.next)]


def encoded_page(database: Database, query: ListQuery) -> Page[object]:
    """Read one page of a list as objects for the encoder, the cheaper way of each engine."""
    as_of = query.options.as_of_day(database)
    shape = query.options.shape(query.model, historical=as_of.is_historical)
    width = 1 if database.is_sqlite else len(shape.columns)
    with _one_moment(database, query) as fetch:
        rows, following = _read(fetch, query, as_of, width, encoded=database.is_sqlite)
        if reads_parts(query.model, query.options):
            ids = [row[-1] for row in rows]
            options = query.options
            more = members(fetch, query.model, ids, as_of, options.fields, options.include)
            plain = [row[0] if database.is_sqlite else shape.encoded(row[:width]) for row in rows]
            entries = [Raw(append_members(each, more[id])) for each, id in zip(plain, ids, strict=True)]
        elif database.is_sqlite:
            entries = [Raw(row[0]) for row in rows]
        else:
            entries = list(map(shape.shown, rows))
        return Page(entries, following, _count(fetch, query, as_of))


@contextmanager
def _one_moment(database: Database, query: ListQuery) -> Iterator[Fetch]:
    """Return what reads: one statement on its own, several in one read transaction."""
    if not query.counted and not reads_parts(query.model, query.options):
        yield database.rows
        return
    with database.snapshot() as fetch:
        yield fetch


def sortable(model: type[Resource]) -> dict[str, tuple[str, ...]]:
    """Return the names that `sort` takes and the columns behind each; `id` is there always."""
    result = {"id": _id_columns(model)}
    for name, field in (shown_fields(model) | COMPUTED.get(model, {})).items():
        too_long = field.kind == "text" and (field.length or 0) > LONGEST_KEY
        if name == "id" or field.kind == "flag" or field.target == "clause" or too_long:
            continue
        result[name] = (f"{name}_latest",) if field.kind == "date" else (name,)
    return result


def _read(
    fetch: Fetch, query: ListQuery, as_of: AsOf, width: int, *, encoded: bool
) -> tuple[list[Row], str | None]:
    """Return a page's rows and the cursor of the next page; behind ``width`` columns stand sort keys and id."""
    nulls = None if query.after is None else tuple(value is None for value in query.after)
    statement = _page_statement(
        query.model,
        query.shape,
        query.sort,
        nulls,
        query.options.fields,
        encoded=encoded,
        historical=as_of.is_historical,
        explicit=as_of.explicit,
    )
    after = (value for value in query.after or () if value is not None)
    rows = fetch(statement, *as_of.values, *query.values, *after, query.limit + 1)
    if len(rows) <= query.limit:
        return rows, None
    rows.pop()
    return rows, encode_cursor(query.fingerprint, rows[-1][width:-1])


def _count(fetch: Fetch, query: ListQuery, as_of: AsOf) -> int | None:
    if not query.counted:
        return None
    statement = _count_statement(
        query.model, query.shape, historical=as_of.is_historical, explicit=as_of.explicit
    )
    return int(fetch(statement, *as_of.values, *query.values)[0][0])


def _id_columns(model: type[Resource]) -> tuple[str, ...]:
    return ("agreement", "number") if model in (Clause, Quote) else ("id",)


def _default_sort(model: type[Resource]) -> tuple[str, ...]:
    return ("recorded_at", "id") if model is FollowUp else ("id",)


def repeatable(filters: Mapping[str, Filter]) -> tuple[str, ...]:
    """Return the filters that may be repeated: a free text may have a comma in it."""
    return tuple(name for name, filter in filters.items() if filter.kind == "text")


def chosen(
    filters: Mapping[str, Filter], parameters: Iterable[tuple[str, str]], faults: list[Fault]
) -> dict[str, tuple[str, ...]]:
    """Read the values of the filters among some parameters, adding a fault for each that is wrong."""
    given: dict[str, list[str]] = {}
    for name, text in parameters:
        if name in filters:
            given.setdefault(name, []).append(text)
    return {name: _values_of(name, filters[name], texts, faults) for name, texts in given.items()}


def _values_of(name: str, filter: Filter, texts: Sequence[str], faults: list[Fault]) -> tuple[str, ...]:
    """Read the values of a filter; only a free text is there more than once."""

    def refuse(code: str, detail: str, hint: str | None = None) -> tuple[str, ...]:
        faults.append(Fault(code, detail, hint, parameter=name))
        return ()

    text = texts[-1]
    if any(UNWANTED.search(each) is not None for each in texts):
        return refuse("bad_character", f"`{name}` holds a character that no text of ours has")
    if filter.kind == "day":
        try:
            earliest = dates.parse(text).earliest
        except dates.NotADate as error:
            return refuse("bad_date", f"`{name}`: {error}")
        return (earliest,) if earliest else refuse("bad_date", f"`{name}`: `{text}` has no first day")
    try:
        several = texts if filter.kind == "text" else text.split(",")
        values = tuple(dict.fromkeys(normalised(each) for each in several))
    except UnfitText as error:
        return refuse("bad_character", f"`{name}` {error}", error.hint)
    if len(values) > MOST_VALUES:
        return refuse("too_many", f"`{name}` takes at most {MOST_VALUES} values")
    for value in values:
        if filter.codelist is not None and value not in filter.codelist:
            hint = nearest(value, filter.codelist) or f"one of {', '.join(filter.codelist)}"
            refuse("unknown_code", f"`{name}`: `{value[:80]}` is not a code of {filter.codelist.name}", hint)
        elif filter.kind == "id" and not is_id(filter.target, value):
            refuse(
                "bad_id", f"`{name}`: `{value[:80]}` does not have the form of the id of {a(filter.target)}"
            )
        elif not value:
            refuse("empty", f"`{name}` has an empty value")
    return values


def _sort(model: type[Resource], text: str | None, faults: list[Fault]) -> tuple[str, ...]:
    if text is None:
        return _default_sort(model)
    known = sortable(model)
    keys: list[str] = []
    for key in text.split(","):
        name = key.removeprefix("-")
        if name not in known:
            hint = nearest(name, known) or f"one of {', '.join(known)}"
            faults.append(
                Fault("bad_sort", f"`{name[:80]}` is not a field to sort by", hint, parameter="sort")
            )
        elif name in [said.removeprefix("-") for said in keys]:
            faults.append(Fault("bad_sort", f"`{name}` is there twice", "name it once", parameter="sort"))
        keys.append(key)
    return tuple(keys if "id" in keys or "-id" in keys else [*keys, "id"])


def limit_of(text: str | None, faults: list[Fault]) -> int:
    """Read how many entries a page may have, adding a fault where that is wrong."""
    if text is None:
        return DEFAULT_LIMIT
    if text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= LARGEST_LIMIT:
        return int(text)
    faults.append(
        Fault("bad_limit", f"`limit` is a whole number from 1 to {LARGEST_LIMIT}", None, parameter="limit")
    )
    return DEFAULT_LIMIT


def _counted(text: str | None, faults: list[Fault]) -> bool:
    if text not in (None, "exact"):
        faults.append(Fault("bad_count", "`count` takes `exact` only", None, parameter="count"))
    return text is not None


@lru_cache(512)
def fingerprint_of(*said: object) -> str:
    """Return a short digest of what a cursor is bound to."""
    return hashlib.blake2b(repr(said).encode(), digest_size=9).hexdigest()


def encode_cursor(fingerprint: str, keys: Iterable[Any]) -> str:
    """Return the cursor of a page that begins after some keys, bound to what was asked for."""
    return urlsafe_b64encode(encoder.encode([fingerprint, *keys])).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any] | None:
    """Return a cursor's fingerprint and keys, nothing of which is checked; None where it is malformed."""
    try:
        values = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, list) else None


def _decoded(query: ListQuery, cursor: str, faults: list[Fault]) -> tuple[Any, ...] | None:
    hint = "take `links.next` of the page before, as it is"
    said = decode_cursor(cursor)
    keys = [name for name, _ in _order(query.model, query.sort)]
    if said is None or len(said) != len(keys) + 1:
        faults.append(Fault("bad_cursor", "`cursor` is malformed", hint, parameter="cursor"))
        return None
    if said[0] != query.fingerprint:
        detail = "`cursor` belongs to other filters or another order"
        faults.append(Fault("foreign_cursor", detail, hint, parameter="cursor"))
        return None
    for key, value in zip(keys, said[1:], strict=True):
        if not _fits(*_meaning(query.model, key), value):
            faults.append(Fault("bad_cursor", "`cursor` is malformed", hint, parameter="cursor"))
            return None
    return tuple(said[1:])


def _meaning(model: type[Resource], key: str) -> tuple[Field, bool]:
    """Return what a sort key means, and whether it may be NULL."""
    computed = COMPUTED.get(model, {}).get(key)
    if computed is not None:
        return computed, not computed.required
    column = table_of(model).c[key]
    return field_of(column), bool(column.nullable)


def _fits(field: Field, nullable: bool, value: Any) -> bool:  # noqa: FBT001 - as _meaning gives them
    """Return whether a value of a cursor can be compared with its key."""
    if value is None:
        return nullable
    if field.kind == "number":
        return type(value) is int and abs(value) <= field.high
    try:
        if field.kind == "day":
            dates.parse_day(value)
        elif field.kind == "instant":
            return bool(dates.parse_instant(value) == value)
        return (
            type(value) is str and "\x00" not in value and value.encode("utf-8", "replace").decode() == value
        )
    except (ValueError, TypeError):
        return False


def _order(model: type[Resource], sort: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Return the columns to order by and whether each descends."""
    known = sortable(model)
    return [(column, key.startswith("-")) for key in sort for column in known[key.removeprefix("-")]]


_ZERO: ColumnElement[int] = literal_column("0", Integer)


@lru_cache(64)  # each takes a few MB, and clients choose the shapes
def _page_statement(
    model: type[Resource],
    shape: Shape,
    sort: tuple[str, ...],
    nulls: tuple[bool, ...] | None,
    fields: tuple[str, ...] | None = None,
    *,
    encoded: bool,
    historical: bool = False,
    explicit: bool = False,
) -> Statement:
    shown = (
        reading(model, historical=historical)
        if fields is None
        else reading_of(model, fields, historical=historical)
    )
    order = [
        _Key.of(model, name, historical=historical, descending=descending)
        for name, descending in _order(model, sort)
    ]
    columns = [shown.as_json] if encoded else shown.columns
    query, parameters = _filtered(
        select(*columns).select_from(shown.source), model, shape, historical=historical, explicit=explicit
    )
    keys = (key.column.label(f"key{place}") for place, key in enumerate(order))
    query = query.add_columns(*keys, table_of(model).c.id.label("of"))
    if nulls is not None:
        query = query.where(_after(order, nulls))
        parameters += [f"after{place}" for place, null in enumerate(nulls) if not null]
    for key in order:
        if key.nullable:
            query = query.order_by(key.column.is_(None))
        query = query.order_by(key.ordered.desc() if key.descending else key.ordered)
    # A bare parameter makes SQLite prepare the statement again each time; an expression does not.
    limited = query.limit(bindparam("limit", type_=Integer) + _ZERO)
    return Statement(limited, *AS_OF_PARAMETERS, *parameters, "limit")


@lru_cache(32)
def _count_statement(model: type[Resource], shape: Shape, *, historical: bool, explicit: bool) -> Statement:
    query = select(func.count()).select_from(reading(model, historical=historical).source)
    query, parameters = _filtered(query, model, shape, historical=historical, explicit=explicit)
    return Statement(query, *AS_OF_PARAMETERS, *parameters)


def _filtered(
    query: Select[Any],
    model: type[Resource],
    shape: Shape,
    *,
    historical: bool,
    explicit: bool,
) -> tuple[Select[Any], list[str]]:
    return filtered(
        query.where(*existed(model, explicit=explicit)),
        shape,
        lambda name, values: FILTERS[model][name].holds(values, historical=historical),
    )


@dataclass(frozen=True, eq=False)
class _Key:
    """One key of an order: what it is, what it is compared as, whether it may be NULL."""

    column: ColumnElement[Any]
    ordered: ColumnElement[Any]
    nullable: bool
    descending: bool

    @classmethod
    def of(cls, model: type[Resource], name: str, *, historical: bool, descending: bool) -> _Key:
        """Return the key of a stored or computed field."""
        field, nullable = _meaning(model, name)
        column = expression(model, name, historical=historical)
        ordered = ByCodePoint(column) if field.kind in ("text", "code", "url") else column
        return cls(column, ordered, nullable, descending)


def _after(order: Sequence[_Key], nulls: tuple[bool, ...]) -> ColumnElement[bool]:
    """Return the condition that a row comes after the one whose sort keys are bound; NULL comes last."""
    keys = [key.ordered for key in order]
    bound = [bindparam(f"after{place}", type_=key.column.type) for place, key in enumerate(order)]
    same_way = len({key.descending for key in order}) == 1
    if same_way and not any(key.nullable for key in order):
        row, last = tuple_(*keys), tuple_(*bound)
        return row < last if order[0].descending else row > last
    choices: list[ColumnElement[bool]] = []
    for place, key in enumerate(order):
        equal = [
            earlier.column.is_(None) if nulls[index] else keys[index] == bound[index]
            for index, earlier in enumerate(order[:place])
        ]
        beyond: ColumnElement[bool] = false()
        if not nulls[place]:
            beyond = keys[place] < bound[place] if key.descending else keys[place] > bound[place]
            if key.nullable:
                beyond = or_(beyond, key.column.is_(None))
        choices.append(and_(*equal, beyond))
    return or_(*choices)
