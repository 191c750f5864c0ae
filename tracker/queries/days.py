"""Calendar arithmetic in SQL: the same days on SQLite, where they are text, and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, String, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from tracker.models.columns import Day

_MOST_MONTHS = 120_000
"""No day of our calendar has that many months behind it; more would overflow PostgreSQL's dates."""


class AddMonths(FunctionElement[str]):
    """The day so many months later; past the month's end its last day, past the year 9999 NULL.

    SQLite's own months overflow into the next one (31 August and 6 months is 3 March), so the last day of
    the month is compared. Its calendar is slow, so a year, the interval of nearly all, is put together as text.
    """

    inherit_cache = True
    type = Day


class MonthsCover(FunctionElement[bool]):
    """Whether a day and so many months (``times`` over) reach as far as the day asked for.

    Months are compared first, then the day: where the month is the same, its last day needs no rule. For a
    year, the interval of nearly all, SQLite compares with a day that is ready: ``covers_1``, ``covers_2``.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, day: ColumnElement[Any], months: ColumnElement[int], times: int) -> None:
        key, year_before = bindparam("today_key", type_=Integer), bindparam(f"covers_{times}", type_=Day)
        super().__init__(day, months, key, year_before)
        self.times = times


class LocalDay(FunctionElement[str]):
    """The day of an instant in the time zone whose standard offset is the parameter ``zone_shift``.

    Between the times ``same_day_from`` and ``same_day_to`` it is the day in UTC, and SQLite's slow calendar
    is spared.
    """

    inherit_cache = True
    type = Day

    def __init__(self, instant: ColumnElement[Any]) -> None:
        parameters = ("zone_shift", "same_day_from", "same_day_to")
        super().__init__(instant, *(bindparam(name, type_=String) for name in parameters))


class NextDay(FunctionElement[str]):
    """The day after a day."""

    inherit_cache = True
    type = Day


class DaysBetween(FunctionElement[int]):
    """How many days lie between two days, negative where the second is the earlier one."""

    inherit_cache = True
    type = Integer()


def key_of(year: int, month: int, day: int) -> int:
    """Return a number by which days sort, in which a month more is 32 more: the SQL here counts so too."""
    return (year * 12 + month) * 32 + day


def _arguments(element: FunctionElement[Any], compiler: SQLCompiler, kw: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(AddMonths, "sqlite")
def _add_months_on_sqlite(element: AddMonths, compiler: SQLCompiler, **kw: Any) -> str:
    day, months = _arguments(element, compiler, kw)
    a_year = f"{months} = 12 AND {day} BETWEEN '1000' AND '9999' AND substr({day}, 6) <> '02-29'"
    by_year = f"({day} + 1) || substr({day}, 5)"  # a text counts as the number that it begins with
    same_day = f"date({day}, {months} || ' months')"
    last_day = f"date({day}, 'start of month', ({months} + 1) || ' months', '-1 day')"
    clipped = f"coalesce(min({same_day}, {last_day}), {same_day})"
    return f"(CASE WHEN {a_year} THEN {by_year} ELSE {clipped} END)"


@compiles(AddMonths, "postgresql")
def _add_months_on_postgresql(element: AddMonths, compiler: SQLCompiler, **kw: Any) -> str:
    day, months = _arguments(element, compiler, kw)
    later = f"({day} + make_interval(months => {months}))"
    fits = f"{months} < {_MOST_MONTHS} AND {later} < '10000-01-01'"
    return f"(CASE WHEN {fits} THEN CAST({later} AS DATE) END)"


@compiles(MonthsCover, "sqlite")
def _cover_on_sqlite(element: MonthsCover, compiler: SQLCompiler, **kw: Any) -> str:
    day, months, key, year_before = _arguments(element, compiler, kw)
    year, month, day_of_month = (f"substr({day}, {part})" for part in ("1, 4", "6, 2", "9, 2"))
    own_key = f"({year} * 12 + {month}) * 32 + {day_of_month}"
    any_interval = f"{own_key} + {months} * {32 * element.times} >= {key}"
    return f"(CASE WHEN {months} = 12 THEN {day} >= {year_before} ELSE {any_interval} END)"


@compiles(MonthsCover, "postgresql")
def _cover_on_postgresql(element: MonthsCover, compiler: SQLCompiler, **kw: Any) -> str:
    day, months, key, _ = _arguments(element, compiler, kw)
    year, month, day_of_month = (f"extract({part} FROM {day})" for part in ("year", "month", "day"))
    own_key = f"({year} * 12 + {month}) * 32 + {day_of_month}"
    return f"({own_key} + CAST({months} AS BIGINT) * {32 * element.times} >= {key})"


@compiles(LocalDay, "sqlite")
def _local_day_on_sqlite(element: LocalDay, compiler: SQLCompiler, **kw: Any) -> str:
    instant, shift, first, last = _arguments(element, compiler, kw)
    same_day = f"substr({instant}, 12, 5) BETWEEN {first} AND {last}"
    return f"(CASE WHEN {same_day} THEN substr({instant}, 1, 10) ELSE date({instant}, {shift}) END)"


@compiles(LocalDay, "postgresql")
def _local_day_on_postgresql(element: LocalDay, compiler: SQLCompiler, **kw: Any) -> str:
    instant, shift, *_ = _arguments(element, compiler, kw)
    return f"CAST(({instant} AT TIME ZONE 'UTC') + CAST({shift} AS INTERVAL) AS DATE)"


@compiles(NextDay, "sqlite")
def _next_day_on_sqlite(element: NextDay, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, kw)
    return f"date({day}, '+1 day')"


@compiles(NextDay, "postgresql")
def _next_day_on_postgresql(element: NextDay, compiler: SQLCompiler, **kw: Any) -> str:
    (day,) = _arguments(element, compiler, kw)
    return f"({day} + 1)"


@compiles(DaysBetween, "sqlite")
def _days_between_on_sqlite(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = _arguments(element, compiler, kw)
    days = f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"
    return f"(CASE WHEN {first} = {second} THEN 0 ELSE {days} END)"


@compiles(DaysBetween, "postgresql")
def _days_between_on_postgresql(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    first, second = _arguments(element, compiler, kw)
    return f"({second} - {first})"
