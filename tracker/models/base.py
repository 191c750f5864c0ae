"""The root of every mapped class: the constraints that its fields imply, and the lists nested in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Generic

from sqlalchemy import CheckConstraint, Column, Index, MetaData, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn
from typing_extensions import TypeVar

from tracker.kinds import KINDS
from tracker.models import columns
from tracker.models.columns import ID_LETTERS, Field, field_of
from tracker.models.values import ResourceValues


@dataclass(frozen=True, slots=True)
class Nested:
    """A list inside a resource: rows of another table that live and die with it.

    ``scalar`` names the one field of which the list consists, as in ``sources: [a, b]``.
    """

    name: str
    model: type[Base]
    owner: str
    scalar: str | None = None


Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
"""What a field or a nested list holds, as JSON has it."""


V_co = TypeVar("V_co", bound=ResourceValues, default=ResourceValues, covariant=True)
"""The type of a resource's values."""


class Base(DeclarativeBase):
    """The root of every mapped class; adds the constraints that the fields imply."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __init_subclass__(cls, **kw: Any) -> None:
        for name, attribute in list(vars(cls).items()):
            if isinstance(attribute, MappedColumn) and field_of(attribute.column).kind == "date":
                setattr(cls, f"{name}_earliest", columns.bound(name, "earliest"))
                setattr(cls, f"{name}_latest", columns.bound(name, "latest"))
        super().__init_subclass__(**kw)
        if "__tablename__" in vars(cls):
            for column in table_of(cls).columns:
                _constrain(table_of(cls), column)


class Resource(Base, Generic[V_co]):
    """Something with an id, a page and a history of its own; ``kinds.KINDS`` has its names."""

    __abstract__ = True

    plural: ClassVar[str]
    noun: ClassVar[str]
    """What one of them is called in a sentence."""
    path: ClassVar[str]
    """The plural under which they stand in URLs: `follow-ups`."""
    nested: ClassVar[tuple[Nested, ...]] = ()

    version: Mapped[int] = columns.number(
        "counts its changes, from 1",
        low=1,
        required=True,
        set_by="server",
        label="Version | 판",
        sort_order=1000,
    )
    created_at: Mapped[str] = columns.instant(
        "when it was first recorded here",
        required=True,
        in_history=False,
        label="Created at | 등록 시각",
        sort_order=1001,
    )
    updated_at: Mapped[str] = columns.instant(
        "when it last changed",
        required=True,
        in_history=False,
        label="Updated at | 수정 시각",
        sort_order=1002,
    )

    def __init_subclass__(cls, **kw: Any) -> None:
        kind = KINDS[cls.__tablename__]
        cls.plural, cls.noun, cls.path = kind.plural, kind.noun, kind.path
        super().__init_subclass__(**kw)


@cache
def fields_of(model: type[Base]) -> dict[str, Field]:
    """Return the fields of a mapped class by name, in order, hidden ones included."""
    return {str(column.name): field_of(column) for column in table_of(model).columns}


@cache
def shown_fields(model: type[Base]) -> dict[str, Field]:
    """Return the fields that readers see, in order."""
    return {name: field for name, field in fields_of(model).items() if not field.hidden}


def table_of(model: type[Base]) -> Table:
    """Return the table of a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _constrain(table: Table, column: Column[Any]) -> None:
    field = field_of(column)
    name = f'"{column.name}"' if column.name == "end" else column.name

    def check(suffix: str, condition: str) -> None:
        table.append_constraint(CheckConstraint(condition, name=f"{column.name}_{suffix}"))

    if field.kind == "id":
        check("form", f"{name} <> '' AND trim({name}, '{ID_LETTERS}') = '' AND substr({name}, 1, 1) <> '-'")
    if field.codelist is not None:
        check("code", f"{name} IN ({', '.join(repr(code) for code in field.codelist)})")
    if field.kind == "number":
        # BETWEEN, for SQLite: a text in a numeric column is greater than every number.
        check("range", f"{name} BETWEEN {field.low} AND {field.high}")
    if field.length and field.kind in ("id", "text", "token", "url", "date", "reference"):
        check("length", f"length({name}) BETWEEN 1 AND {field.length}")
    if field.kind == "date":
        earliest, latest = f"{name}_earliest", f"{name}_latest"
        check("bounds", f"{earliest} <= {latest}")
        check("unset", f"{name} IS NOT NULL OR ({earliest} IS NULL AND {latest} IS NULL)")
        _index(table.c[earliest])
        _index(table.c[latest])
    if field.kind == "reference" and not any(link.ondelete for link in column.foreign_keys):
        _index(column)


def _index(column: Column[Any]) -> None:
    """Index a column, without the rows in which it is NULL: most of them, where it may be."""
    known = column.isnot(None) if column.nullable else None
    Index(None, column, sqlite_where=known, postgresql_where=known)
