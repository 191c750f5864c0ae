"""What a column is: factories of mapped columns, each carrying a ``Field`` in its ``info``.

A field is declared once, with its kind; shapes, statements, constraints, CSV headers and CLI
columns are derived from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from tracker.codes import Codelist

Kind = Literal["id", "text", "code", "date", "day", "instant", "number", "reference", "url", "flag", "token"]
Set = Literal["client", "seed", "server"]

ID_LENGTH = 80
CLAUSE_ID_LENGTH = ID_LENGTH + 12
LARGEST_NUMBER = 2**31 - 1
ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"

Day: TypeEngine[str] = String(10).with_variant(postgresql.DATE(), "postgresql")
"""A calendar day, ISO text in Python and SQLite, DATE in PostgreSQL."""
Instant: TypeEngine[str] = String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""An instant in UTC, `2020-08-31T01:00:00.000000Z` in Python and SQLite, TIMESTAMPTZ in PostgreSQL."""


def sorted_text(length: int) -> TypeEngine[str]:
    """Give a text type that sorts by code point on every engine, whatever the database's collation."""
    return String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


@dataclass(frozen=True, slots=True)
class Field:
    """What a column means beyond its SQL type."""

    kind: Kind
    doc: str
    required: bool = False
    length: int | None = None
    codelist: Codelist | None = None
    target: str | None = None
    """The table that a reference points to."""
    target_kind: str | None = None
    """For a reference to a party or an initiative: which kind it has to be."""
    low: int = 0
    high: int = LARGEST_NUMBER
    free: bool = False
    """Free text: stands in history as a salted digest, so that it can be redacted."""
    set_by: Set = "client"
    """Who sets it: clients and seed files, seed files only, or the server alone."""
    hidden: bool = False
    """Not shown: ordinals, bounds, match keys, a source's text."""
    unchanging: bool = False
    """Set when the thing is made, never changed afterwards."""
    defaulted: bool = False
    """Has to be there, but the database or the service fills it in when nobody gives it."""
    pattern: str | None = None
    """The form of a token, as a regular expression for the whole of it."""
    example: str | None = None


def field_of(column: Column[Any]) -> Field:
    """Give what a column means; every column of ours says so."""
    field = column.info.get("field")
    assert isinstance(field, Field), column
    return field


def column(type_: Any, field: Field, *extra: Any, **options: Any) -> MappedColumn[Any]:
    """A column with its meaning; NOT NULL where the field is required."""
    name = [options.pop("name")] if "name" in options else []
    return mapped_column(*name, type_, *extra, nullable=not field.required, info={"field": field}, **options)


def identity(doc: str) -> MappedColumn[Any]:
    """A thing's own id: short, stable, readable; `[a-z0-9][a-z0-9-]{0,79}`."""
    return column(
        sorted_text(ID_LENGTH), Field("id", doc, True, ID_LENGTH, unchanging=True), primary_key=True
    )


def words(length: int, doc: str, *, required: bool = False, hidden: bool = False) -> MappedColumn[Any]:
    """Free text of at most ``length`` code points (0: any number), in NFC, never empty."""
    type_ = String(length) if 0 < length <= 10_000 else Text()
    return column(type_, Field("text", doc, required, length, free=True, hidden=hidden))


def token(length: int, doc: str, **more: Any) -> MappedColumn[Any]:
    """A short text that is not free: a language tag, a country, a digest, a department's name."""
    options = _options(more)
    return column(sorted_text(length), Field("token", doc, length=length, **more), **options)


def code(codelist: Codelist, doc: str, *, default: str | None = None, **more: Any) -> MappedColumn[Any]:
    """One of the codes of a codelist."""
    options = _options(more)
    if default is not None:
        options["server_default"] = default
        more |= {"required": True, "defaulted": True}
    field = Field("code", doc, more.pop("required", False), 40, codelist, **more)
    return column(String(40), field, **options)


def number(doc: str, *, low: int = 0, default: int | None = None, **more: Any) -> MappedColumn[Any]:
    """A whole number from ``low`` to 2³¹ − 1; ``more`` are attributes of the field or the column."""
    options = _options(more)
    if default is not None:
        options["server_default"] = str(default)
        more |= {"required": True, "defaulted": True}
    return column(Integer, Field("number", doc, low=low, **more), **options)


def flag(doc: str) -> MappedColumn[Any]:
    """A yes or no that the server sets; no by default."""
    return column(
        Boolean(create_constraint=True, name="flag"),
        Field("flag", doc, True, set_by="server"),
        server_default=text("false"),
    )


def partial_date(doc: str, **more: Any) -> MappedColumn[Any]:
    """An EDTF date as text; its earliest and latest day stand in two indexed columns beside it."""
    return column(sorted_text(40), Field("date", doc, length=40, **more))


def day(doc: str, **more: Any) -> MappedColumn[Any]:
    """One calendar day."""
    return column(Day, Field("day", doc, **more))


def instant(doc: str, *, set_by: Set = "server", **more: Any) -> MappedColumn[Any]:
    """An instant in UTC."""
    options = _options(more)
    return column(Instant, Field("instant", doc, set_by=set_by, **more), **options)


def language() -> MappedColumn[Any]:
    """A language tag (BCP 47)."""
    form = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"
    return token(35, "its language (BCP 47)", pattern=form, example="ko")


def sha256(doc: str) -> MappedColumn[Any]:
    """A SHA-256 digest in lower-case hex."""
    return token(64, doc, pattern="[0-9a-f]{64}", example="64 digits 0-9 a-f")


def url(doc: str) -> MappedColumn[Any]:
    """An http or https address."""
    return column(String(2000), Field("url", doc, False, 2000, free=True))


def reference(
    table: str, doc: str, *, owner: bool = False, kind: str | None = None, **more: Any
) -> MappedColumn[Any]:
    """The id of another thing; with ``owner`` the row goes when that thing goes."""
    length = CLAUSE_ID_LENGTH if table in ("clause", "quote") else ID_LENGTH
    more.setdefault("required", owner)
    more.setdefault("hidden", owner)
    options = _options(more)
    meaning = Field("reference", doc, length=length, target=table, target_kind=kind, **more)
    # Deferrable, so that a seed file's things may refer to each other in any order.
    link = ForeignKey(f"{table}.id", ondelete="CASCADE" if owner else None, deferrable=True)
    return column(sorted_text(length), meaning, link, **options)


def owned_by(table: str) -> MappedColumn[Any]:
    """The thing that a nested row belongs to, first part of its key."""
    return reference(table, f"the {table} it belongs to", owner=True, primary_key=True)


def ordinal(*, primary_key: bool = True) -> MappedColumn[Any]:
    """Where a nested row stands in its list, from 1; second part of its key."""
    return number("its place in the list", low=1, required=True, hidden=True, primary_key=primary_key)


def bound(name: str, side: str) -> MappedColumn[Any]:
    """The earliest or latest day of a partial date."""
    return column(Day, Field("day", f"the {side} day of {name}", hidden=True, set_by="server"))


def _options(more: dict[str, Any]) -> dict[str, Any]:
    """Take what concerns the column, not its meaning, out of ``more``."""
    names = ("primary_key", "autoincrement", "sort_order", "unique", "name", "index")
    return {name: more.pop(name) for name in names if name in more}
