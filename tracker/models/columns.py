"""What a column is: factories of mapped columns, each carrying a ``Field`` in its ``info``.

A field is declared once, on its column; validation, statements, constraints, filters, headings of sheets,
CSV headers and CLI options are derived from that. Every factory takes further attributes of the ``Field``
and of the column by name: ``label="Title | 협약명 | 제목, 건명"``, ``required=True``, ``index=True``.
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

from tracker.codes import Codelist, Label

Kind = Literal["id", "text", "code", "date", "day", "instant", "number", "reference", "url", "flag", "token"]
SetBy = Literal["client", "seed", "server"]
Sheet = Literal["template", "mapped", "none"]

ID_LENGTH = 80
CLAUSE_ID_LENGTH = ID_LENGTH + 12
LARGEST_NUMBER = 2**31 - 1
ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"

Day: TypeEngine[str] = String(10).with_variant(postgresql.DATE(), "postgresql")
"""A calendar day, ISO text in Python and SQLite, DATE in PostgreSQL."""
Instant: TypeEngine[str] = String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
"""An instant in UTC, `2020-08-31T01:00:00.000000Z` in Python and SQLite, TIMESTAMPTZ in PostgreSQL."""


def sorted_text(length: int) -> TypeEngine[str]:
    """Return a text type that sorts by code point on every engine, whatever the database's collation."""
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
    set_by: SetBy = "client"
    """Who sets it: clients and seed files, seed files only, or the server alone."""
    filter: bool = False
    """Whether lists can be filtered by it: by value, or by day (`__gte`, `__lt`) where it is a date."""
    option: str | None = None
    """Its option at the command line, where that is not its name."""
    sheet: Sheet = "template"
    """Whether an empty register has a column for it, only an office's own register may, or no sheet."""
    width: int = 14
    """The width of its column in sheets, in characters."""
    in_history: bool = True
    """Whether history keeps it; not what follows from other resources, nor when a row was written."""
    not_ahead: bool = False
    """A date that cannot lie after today."""
    hidden: bool = False
    """Not shown: ordinals, bounds, match keys, a source's text."""
    unchanging: bool = False
    """Set when the resource is made, never changed afterwards."""
    defaulted: bool = False
    """Has to be there, but the database or the service fills it in when nobody gives it."""
    pattern: str | None = None
    """The form of a token, as a regular expression for the whole of it."""
    example: str | None = None
    label: Label | None = None
    """What readers and offices call it; ``label_of`` makes one of the name where none is declared."""


def field_of(column: Column[Any]) -> Field:
    """Return what a column means; every column of ours says so."""
    field = column.info.get("field")
    assert isinstance(field, Field), column
    return field


def label_of(name: str, field: Field) -> Label:
    """Return what a field is called; without a label of its own, its name in words."""
    words = name.replace("_", " ").capitalize()
    return field.label or Label(words, words)


def column(type_: Any, kind: Kind, doc: str, *extra: Any, **more: Any) -> MappedColumn[Any]:
    """Map a column with its meaning, NOT NULL where the field is required.

    ``more`` are attributes of its ``Field`` and of ``mapped_column``; ``extra`` goes to the latter.
    """
    options = {name: more.pop(name) for name in _OF_COLUMN if name in more}
    label = more.pop("label", None)
    field = Field(kind, doc, label=None if label is None else Label.parse(label), **more)
    name = [options.pop("name")] if "name" in options else []
    return mapped_column(*name, type_, *extra, nullable=not field.required, info={"field": field}, **options)


def identity(doc: str, **more: Any) -> MappedColumn[Any]:
    """Map a resource's own id: short, stable, readable; `[a-z0-9][a-z0-9-]{0,79}`."""
    more = {"required": True, "length": ID_LENGTH, "unchanging": True, "primary_key": True} | more
    return column(sorted_text(ID_LENGTH), "id", doc, **more)


def words(length: int, doc: str, **more: Any) -> MappedColumn[Any]:
    """Map free text of at most ``length`` code points (0: any number), in NFC, never empty."""
    type_ = String(length) if 0 < length <= 10_000 else Text()
    more.setdefault("width", 40 if length == 0 or length > 500 else 18)
    return column(type_, "text", doc, length=length, free=True, **more)


def token(length: int, doc: str, **more: Any) -> MappedColumn[Any]:
    """Map a short text that is not free: a language tag, a country, a digest, a department's name."""
    return column(sorted_text(length), "token", doc, length=length, **more)


def code(codelist: Codelist, doc: str, *, default: str | None = None, **more: Any) -> MappedColumn[Any]:
    """Map one of the codes of a codelist."""
    return column(String(40), "code", doc, length=40, codelist=codelist, **_defaulted(default), **more)


def number(doc: str, *, low: int = 0, default: int | None = None, **more: Any) -> MappedColumn[Any]:
    """Map a whole number from ``low`` to 2³¹ − 1."""
    return column(Integer, "number", doc, low=low, **_defaulted(default), **more)


def flag(doc: str) -> MappedColumn[Any]:
    """Map a yes or no that the server sets; no by default."""
    type_ = Boolean(create_constraint=True, name="flag")
    return column(type_, "flag", doc, required=True, set_by="server", server_default=text("false"))


def partial_date(doc: str, **more: Any) -> MappedColumn[Any]:
    """Map an EDTF date as text; its earliest and latest day stand in two indexed columns beside it."""
    return column(sorted_text(40), "date", doc, length=40, **more)


def day(doc: str, **more: Any) -> MappedColumn[Any]:
    """Map one calendar day."""
    return column(Day, "day", doc, **more)


def instant(doc: str, *, set_by: SetBy = "server", **more: Any) -> MappedColumn[Any]:
    """Map an instant in UTC."""
    return column(Instant, "instant", doc, set_by=set_by, **more)


def language() -> MappedColumn[Any]:
    """Map a language tag (BCP 47)."""
    form = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"
    label = "Language | 언어"
    return token(35, "its language (BCP 47)", label=label, pattern=form, example="ko", sheet="none")


def sha256(doc: str) -> MappedColumn[Any]:
    """Map a SHA-256 digest in lower-case hex."""
    return token(64, doc, label="SHA-256 | SHA-256", pattern="[0-9a-f]{64}", example="64 digits 0-9 a-f")


def url(doc: str, **more: Any) -> MappedColumn[Any]:
    """Map an http or https address."""
    return column(String(2000), "url", doc, length=2000, free=True, **more)


def reference(
    table: str, doc: str, *, owner: bool = False, kind: str | None = None, **more: Any
) -> MappedColumn[Any]:
    """Map the id of another resource; with ``owner`` the row goes when that resource goes."""
    length = CLAUSE_ID_LENGTH if table in ("clause", "quote") else ID_LENGTH
    # Deferrable, so that the resources of a seed file may refer to each other in any order.
    link = ForeignKey(f"{table}.id", ondelete="CASCADE" if owner else None, deferrable=True)
    more = {"required": owner, "hidden": owner, "sheet": "none"} | more
    return column(
        sorted_text(length), "reference", doc, link, length=length, target=table, target_kind=kind, **more
    )


def owned_by(table: str) -> MappedColumn[Any]:
    """Map the resource that a nested row belongs to, first part of its key."""
    return reference(table, f"the {table} it belongs to", owner=True, primary_key=True)


def ordinal(*, primary_key: bool = True) -> MappedColumn[Any]:
    """Map where a nested row stands in its list, from 1; second part of its key."""
    return number("its place in the list", low=1, required=True, hidden=True, primary_key=primary_key)


def bound(name: str, side: str) -> MappedColumn[Any]:
    """Map the earliest or latest day of a partial date."""
    return column(Day, "day", f"the {side} day of {name}", hidden=True, set_by="server")


_OF_COLUMN = ("primary_key", "autoincrement", "sort_order", "unique", "name", "index", "server_default")
"""Which attributes concern the column, not its meaning."""


def _defaulted(default: str | int | None) -> dict[str, Any]:
    if default is None:
        return {}
    return {"server_default": str(default), "required": True, "defaulted": True}
