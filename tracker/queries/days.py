"""Calendar arithmetic in SQL: the same days on SQLite, where they are text, and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from tracker.models.columns import Day

_MOST_MONTHS = 120_000
"""No day of our calendar has that many months behind it; more would overflow PostgreSQL's dates."""


class AddMonths(ColumnElement[str]):
    """The day so many months later; past the month's end its last day, past the year 9999 NULL.

    SQLite's own months overflow into the next one (31 August and 6 months is 3 March), so that the last day
    of the month has a say; and since its calendar is slow, a year, the interval of nearly all, is put together
    as text.
    """

    inherit_cache = False
    type = Day

    def __init__(self, day: ColumnElement[Any], months: ColumnElement[int]) -> None:
        self.day = day
        self.months = months


class MonthsCover(ColumnElement[bool]):
    """Whether a day and so many months (``times`` over) reach as far as the day asked for.

    Months are compared first, then the day: where the month is the same, its last day needs no rule. For a
    year, the interval of nearly all, SQLite compares with a day that is ready: ``covers_1``, ``covers_2``.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, day: ColumnElement[Any], months: ColumnElement[int], times: int) -> None:
        self.day = day
        self.months = months
        self.times = times
        self.key: Any = bindparam("today_key", type_=Integer)
        self.year_before: Any = bindparam(f"covers_{times}", type_=Day)


class LocalDay(ColumnElement[str]):
    """The day of an instant in the time zone whose standard offset is the parameter ``zone_shift``.

    Between the times ``same_day_from`` and ``same_day_to`` it is the day in UTC, and SQLite's slow calendar
    is spared.
    """

    inherit_cache = False
    type = Day

    def __init__(self, instant: ColumnElement[Any]) -> None:
        self.instant = instant
        self.shift: ColumnElement[str] = bindparam("zone_shift", type_=String)


class NextDay(ColumnElement[str]):
    """The day after a day."""

    inherit_cache = False
    type = Day

    def __init__(self, day: ColumnElement[Any]) -> None:
        self.day = day


class DaysBetween(ColumnElement[int]):
    """How many days lie between two days, negative where the second is the earlier one."""

    inherit_cache = False
    type = Integer()

    def __init__(self, first: ColumnElement[Any], second: ColumnElement[Any]) -> None:
        self.first = first
        self.second = second


def key_of(year: int, month: int, day: int) -> int:
    """Give a number by which days sort, in which a month more is 32 more: the SQL here counts so too."""
    return (year * 12 + month) * 32 + day


def _bound(compiler: SQLCompiler, name: str, **kw: Any) -> str:
    return compiler.process(bindparam(name, type_=String), **kw)


@compiles(AddMonths, "sqlite")
def _add_months_on_sqlite(element: AddMonths, compiler: SQLCompiler, **kw: Any) -> str:
    def day() -> str:
        return compiler.process(element.day, **kw)

    def months() -> str:
        return compiler.process(element.months, **kw)

    def same_day() -> str:
        return f"date({day()}, {months()} || ' months')"

    a_year = f"{months()} = 12 AND {day()} BETWEEN '1000' AND '9999' AND substr({day()}, 6) <> '02-29'"
    by_year = f"({day()} + 1) || substr({day()}, 5)"  # a text counts as the number that it begins with
    last_day = f"date({day()}, 'start of month', ({months()} + 1) || ' months', '-1 day')"
    clipped = f"coalesce(min({same_day()}, {last_day}), {same_day()})"
    return f"(CASE WHEN {a_year} THEN {by_year} ELSE {clipped} END)"


@compiles(AddMonths, "postgresql")
def _add_months_on_postgresql(element: AddMonths, compiler: SQLCompiler, **kw: Any) -> str:
    months = compiler.process(element.months, **kw)

    def later() -> str:
        return f"({compiler.process(element.day, **kw)} + make_interval(months => {months}))"

    fits = f"{months} < {_MOST_MONTHS} AND {later()} < '10000-01-01'"
    return f"(CASE WHEN {fits} THEN CAST({later()} AS DATE) END)"


@compiles(MonthsCover, "sqlite")
def _cover_on_sqlite(element: MonthsCover, compiler: SQLCompiler, **kw: Any) -> str:
    def part(first: int, length: int) -> str:
        return f"substr({compiler.process(element.day, **kw)}, {first}, {length})"

    # Parameters are taken in the order of the text.
    key = f"({part(1, 4)} * 12 + {part(6, 2)}) * 32 + {part(9, 2)}"
    months = compiler.process(element.months, **kw)
    any_interval = f"{key} + {months} * {32 * element.times} >= {compiler.process(element.key, **kw)}"
    a_year = f"{compiler.process(element.day, **kw)} >= {compiler.process(element.year_before, **kw)}"
    return f"(CASE WHEN {months} = 12 THEN {a_year} ELSE {any_interval} END)"


@compiles(MonthsCover, "postgresql")
def _cover_on_postgresql(element: MonthsCover, compiler: SQLCompiler, **kw: Any) -> str:
    def part(name: str) -> str:
        return f"extract({name} FROM {compiler.process(element.day, **kw)})"

    key = f"({part('year')} * 12 + {part('month')}) * 32 + {part('day')}"
    months = f"CAST({compiler.process(element.months, **kw)} AS BIGINT)"
    return f"({key} + {months} * {32 * element.times} >= {compiler.process(element.key, **kw)})"


@compiles(LocalDay, "sqlite")
def _local_day_on_sqlite(element: LocalDay, compiler: SQLCompiler, **kw: Any) -> str:
    instant = compiler.process(element.instant, **kw)
    same = f"substr({instant}, 12, 5) BETWEEN {_bound(compiler, 'same_day_from', **kw)} AND {_bound(compiler, 'same_day_to', **kw)}"
    shifted = f"date({instant}, {compiler.process(element.shift, **kw)})"
    return f"(CASE WHEN {same} THEN substr({instant}, 1, 10) ELSE {shifted} END)"


@compiles(LocalDay, "postgresql")
def _local_day_on_postgresql(element: LocalDay, compiler: SQLCompiler, **kw: Any) -> str:
    instant = f"({compiler.process(element.instant, **kw)} AT TIME ZONE 'UTC')"
    return f"CAST({instant} + CAST({compiler.process(element.shift, **kw)} AS INTERVAL) AS DATE)"


@compiles(NextDay, "sqlite")
def _next_day_on_sqlite(element: NextDay, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.day, **kw)}, '+1 day')"


@compiles(NextDay, "postgresql")
def _next_day_on_postgresql(element: NextDay, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.day, **kw)} + 1)"


@compiles(DaysBetween, "sqlite")
def _days_between_on_sqlite(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = compiler.process(element.first, **kw), compiler.process(element.second, **kw)
    days = f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"
    return f"(CASE WHEN {first} = {second} THEN 0 ELSE {days} END)"


@compiles(DaysBetween, "postgresql")
def _days_between_on_postgresql(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.second, **kw)} - {compiler.process(element.first, **kw)})"
