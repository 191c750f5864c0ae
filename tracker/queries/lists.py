"""Lists: filters and sort orders from a query string, pages by keyset.

The statement of a page depends on which filters and sort keys are used, not on their values; each
such statement is made once and kept. A cursor holds the sort keys of the last row of a page and a
fingerprint of the filters that it belongs to.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from msgspec import Raw
from sqlalchemy import (
    Column,
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
from tracker.database import Database
from tracker.errors import Fault, Malformed, a, nearest
from tracker.models import Clause, FollowUp, Quote, Resource, field_of, shown_fields, table_of
from tracker.queries.filters import FILTERS, Filter
from tracker.queries.json_sql import by_code_point
from tracker.queries.representation import representation
from tracker.shapes import is_id
from tracker.statements import Row, Statement

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 200
MOST_VALUES = 100
LONGEST_KEY = 500
"""The longest text to sort by: a cursor holds one of each sort key, and has to fit a URL."""
PAGING = ("sort", "limit", "cursor", "count")


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list was asked for: filters with their values, sort keys, page size and cursor."""

    model: type[Resource]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    sort: tuple[str, ...]
    limit: int = DEFAULT_LIMIT
    after: tuple[Any, ...] | None = None
    counted: bool = False

    @property
    def fingerprint(self) -> str:
        """What a cursor is bound to: the kind of thing, its filters and the order."""
        return _fingerprint(self.model.__tablename__, self.filters, self.sort)

    @property
    def shape(self) -> tuple[tuple[str, int], ...]:
        """What its statement depends on: the filters and how many values each has."""
        return tuple((name, len(values)) for name, values in self.filters)

    @property
    def values(self) -> list[str]:
        """The values of all filters, in the order in which the statement takes them."""
        return [value for _, values in self.filters for value in values]


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of a list, the cursor of the next page (None on the last), and the total if asked for.

    An entry is a row of the model's representation, or what the encoder writes for it.
    """

    entries: list[Any]
    next: str | None
    count: int | None


def listing(
    model: type[Resource], parameters: Iterable[tuple[str, str]], *, fixed: Mapping[str, str] | None = None
) -> Listing:
    """Read a query string; raises Malformed with a fault for every parameter that is wrong.

    ``fixed`` filters come from the path, as in `/v1/clauses/{id}/follow-ups`.
    """
    faults: list[Fault] = []
    given = _given_once(parameters, faults)
    known = FILTERS[model]
    filters: dict[str, tuple[str, ...]] = {}
    for name, text in given.items():
        if name in known and name not in (fixed or {}):
            filters[name] = _values(name, known[name], text, faults)
        elif name not in PAGING:
            others = [*(each for each in known if each not in (fixed or {})), *PAGING]
            hint = nearest(name, others) or f"known are {', '.join(others)}"
            detail = f"`{name[:80]}` is not a parameter here"
            faults.append(Fault("unknown_parameter", detail, hint, parameter=name[:80]))
    filters |= {name: (value,) for name, value in (fixed or {}).items()}
    wanted = Listing(
        model,
        tuple(sorted(filters.items())),
        _sort(model, given.get("sort"), faults),
        _limit(given.get("limit"), faults),
        counted=_counted(given.get("count"), faults),
    )
    if "cursor" in given and not faults:
        after = _decoded(wanted, given["cursor"], faults)
        wanted = Listing(model, wanted.filters, wanted.sort, wanted.limit, after, wanted.counted)
    if faults:
        raise Malformed(faults)
    return wanted


def page(database: Database, wanted: Listing) -> Page:
    """Read one page of a list as rows."""
    width = len(representation(wanted.model).names)
    rows, following = _read(database, wanted, width, encoded=False)
    return Page([row[:width] for row in rows], following, _count(database, wanted))


def encoded_page(database: Database, wanted: Listing) -> Page:
    """Read one page of a list as objects for the encoder, the cheaper way of each engine."""
    shape = representation(wanted.model)
    if database.is_sqlite:
        rows, following = _read(database, wanted, 1, encoded=True)
        entries = [Raw(row[0]) for row in rows]
    else:
        rows, following = _read(database, wanted, len(shape.names), encoded=False)
        entries = list(map(shape.shown, rows))
    return Page(entries, following, _count(database, wanted))


def sortable(model: type[Resource]) -> dict[str, tuple[str, ...]]:
    """Give the names that `sort` takes and the columns behind each; `id` is there always."""
    found = {"id": _id_columns(model)}
    for name, field in shown_fields(model).items():
        too_long = field.kind == "text" and (field.length or 0) > LONGEST_KEY
        if name == "id" or field.kind == "flag" or field.target == "clause" or too_long:
            continue
        found[name] = (f"{name}_latest",) if field.kind == "date" else (name,)
    return found


def _read(database: Database, wanted: Listing, width: int, *, encoded: bool) -> tuple[list[Row], str | None]:
    """Give a page's rows, their sort keys behind ``width`` columns, and the cursor of the next page."""
    nulls = None if wanted.after is None else tuple(value is None for value in wanted.after)
    statement = _page_statement(wanted.model, wanted.shape, wanted.sort, nulls, encoded=encoded)
    after = (value for value in wanted.after or () if value is not None)
    rows = database.rows(statement, *wanted.values, *after, wanted.limit + 1)
    if len(rows) <= wanted.limit:
        return rows, None
    rows.pop()
    return rows, _encoded(wanted, rows[-1][width:])


def _count(database: Database, wanted: Listing) -> int | None:
    if not wanted.counted:
        return None
    return int(database.rows(_count_statement(wanted.model, wanted.shape), *wanted.values)[0][0])


def _id_columns(model: type[Resource]) -> tuple[str, ...]:
    return ("agreement", "number") if model in (Clause, Quote) else ("id",)


def _default_sort(model: type[Resource]) -> tuple[str, ...]:
    return ("recorded_at", "id") if model is FollowUp else ("id",)


def _given_once(parameters: Iterable[tuple[str, str]], faults: list[Fault]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, text in parameters:
        if name in given:
            hint = "several values of one parameter are separated by commas"
            faults.append(Fault("repeated_parameter", f"`{name}` is given twice", hint, parameter=name))
        given[name] = text
    return given


def _values(name: str, filter: Filter, text: str, faults: list[Fault]) -> tuple[str, ...]:
    def refuse(code: str, detail: str, hint: str | None = None) -> tuple[str, ...]:
        faults.append(Fault(code, detail, hint, parameter=name))
        return ()

    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        return refuse("bad_character", f"`{name}` holds a character that no text of ours has")
    if filter.kind == "day":
        try:
            earliest = dates.parse(text).earliest
        except dates.NotADate as error:
            return refuse("bad_date", f"`{name}`: {error}")
        return (earliest,) if earliest else refuse("bad_date", f"`{name}`: `{text}` has no first day")
    values = tuple(dict.fromkeys(unicodedata.normalize("NFC", text).split(",")))
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


def _limit(text: str | None, faults: list[Fault]) -> int:
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
def _fingerprint(*said: object) -> str:
    return hashlib.blake2b(repr(said).encode(), digest_size=9).hexdigest()


def _encoded(wanted: Listing, keys: Row) -> str:
    said = json.dumps([wanted.fingerprint, *keys], separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _decoded(wanted: Listing, cursor: str, faults: list[Fault]) -> tuple[Any, ...] | None:
    hint = "take `links.next` of the page before, as it is"
    try:
        said = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        said = None
    keys = [column for column, _ in _order(wanted.model, wanted.sort)]
    if not isinstance(said, list) or len(said) != len(keys) + 1:
        faults.append(Fault("bad_cursor", "`cursor` is malformed", hint, parameter="cursor"))
        return None
    if said[0] != wanted.fingerprint:
        detail = "`cursor` belongs to other filters or another order"
        faults.append(Fault("foreign_cursor", detail, hint, parameter="cursor"))
        return None
    for key, value in zip(keys, said[1:], strict=True):
        if not _fits(table_of(wanted.model).c[key], value):
            faults.append(Fault("bad_cursor", "`cursor` is malformed", hint, parameter="cursor"))
            return None
    return tuple(said[1:])


def _fits(column: Any, value: Any) -> bool:
    """Whether a value of a cursor can be compared with its column."""
    field = field_of(column)
    if value is None:
        return bool(column.nullable)
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
    """Give the columns to order by and whether each descends."""
    known = sortable(model)
    return [(column, key.startswith("-")) for key in sort for column in known[key.removeprefix("-")]]


_ZERO: ColumnElement[int] = literal_column("0", Integer)


@lru_cache(512)
def _page_statement(
    model: type[Resource],
    shape: tuple[tuple[str, int], ...],
    sort: tuple[str, ...],
    nulls: tuple[bool, ...] | None,
    *,
    encoded: bool,
) -> Statement:
    table = table_of(model)
    order = [(table.c[name], descending) for name, descending in _order(model, sort)]
    columns = [representation(model).as_json] if encoded else representation(model).columns
    query, parameters = _filtered(select(*columns), model, shape)
    query = query.add_columns(*(column.label(f"key{place}") for place, (column, _) in enumerate(order)))
    if nulls is not None:
        query = query.where(_after(order, nulls))
        parameters += [f"after{place}" for place, null in enumerate(nulls) if not null]
    for column, descending in order:
        if column.nullable:
            query = query.order_by(column.is_(None))
        ordered = by_code_point(column)
        query = query.order_by(ordered.desc() if descending else ordered)
    # A bare parameter makes SQLite prepare the statement again each time; an expression does not.
    return Statement(query.limit(bindparam("limit", type_=Integer) + _ZERO), *parameters, "limit")


@lru_cache(512)
def _count_statement(model: type[Resource], shape: tuple[tuple[str, int], ...]) -> Statement:
    query, parameters = _filtered(select(func.count()).select_from(table_of(model)), model, shape)
    return Statement(query, *parameters)


def _filtered(
    query: Select[Any], model: type[Resource], shape: tuple[tuple[str, int], ...]
) -> tuple[Select[Any], list[str]]:
    parameters: list[str] = []
    for name, count in shape:
        names = [f"{name}_{place}" for place in range(count)]
        query = query.where(FILTERS[model][name].condition([bindparam(each) for each in names]))
        parameters += names
    return query, parameters


def _after(order: Sequence[tuple[Column[Any], bool]], nulls: tuple[bool, ...]) -> ColumnElement[bool]:
    """Give the condition that a row comes after the one whose sort keys are bound; NULL comes last."""
    keys = [by_code_point(column) for column, _ in order]
    bound = [bindparam(f"after{place}", type_=column.type) for place, (column, _) in enumerate(order)]
    same_way = len({descending for _, descending in order}) == 1
    if same_way and not any(column.nullable for column, _ in order):
        row, last = tuple_(*keys), tuple_(*bound)
        return row < last if order[0][1] else row > last
    choices: list[ColumnElement[bool]] = []
    for place, (column, descending) in enumerate(order):
        equal = [
            earlier.is_(None) if nulls[index] else keys[index] == bound[index]
            for index, (earlier, _) in enumerate(order[:place])
        ]
        beyond: ColumnElement[bool] = false()
        if not nulls[place]:
            beyond = keys[place] < bound[place] if descending else keys[place] > bound[place]
            if column.nullable:
                beyond = or_(beyond, column.is_(None))
        choices.append(and_(*equal, beyond))
    return or_(*choices)
