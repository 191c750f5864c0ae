"""Partial dates (EDTF): text ⇄ earliest and latest day.

Days and instants stay ISO text throughout: as text they sort, compare and store alike in every engine.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo


class NotADate(ValueError):
    """The text is not a date that is accepted here; the message says why and what would be."""


class NotAnInstant(ValueError):
    """The text is not an RFC 3339 instant; the message says why and what would be."""


class NotAZone(ValueError):
    """The name is not an IANA time zone known to this machine."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as printed, with the days that bound it.

    ``earliest`` and ``latest`` are 'YYYY-MM-DD'; None where the year is unknown, or that end open or unknown.
    """

    text: str
    earliest: str | None
    latest: str | None


def parse(text: str) -> PartialDate:
    """Read a partial date (EDTF, ISO 8601-2): level 0, and of level 1 and 2 what is listed here.

    A year, month or day of four or two digits, any of them ``X`` where unknown; one of ``?`` ``~`` ``%``
    at the end of a date, which does not move its bounds; intervals, with an open (``..``) or unknown (empty)
    end. Raises NotADate for anything else, and for days that are in no year from 0001 to 9999.
    """
    return _parsed(text)


def parse_day(text: str) -> str:
    """Return a full day 'YYYY-MM-DD' of the years 0001 to 9999 as it is; raises NotADate for anything else."""
    if _DAY.fullmatch(text) is None:
        raise NotADate(f"{_shown(text)} is not a full day; write year, month and day, such as `2020-08-31`")
    try:
        date.fromisoformat(text)
    except ValueError:
        raise NotADate(f"{_shown(text)} is not in the calendar; write a day that is") from None
    return text


def add_months(day: str, months: int) -> str:
    """Return the day so many calendar months later, earlier where negative; past the month's end, its last day.

    Raises NotADate where that is before the year 0001 or after 9999.
    """
    start = date.fromisoformat(parse_day(day))
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise NotADate(f"that many months from `{day}` leave the calendar; years run from `0001` to `9999`")
    return f"{year:04}-{month + 1:02}-{min(start.day, monthrange(year, month + 1)[1]):02}"


def today(zone: str) -> str:
    """Return today's day in an IANA time zone, such as 'Asia/Seoul'; raises NotAZone."""
    return datetime.now(_zone(zone)).date().isoformat()


def utc_now() -> str:
    """Return the instant it is now as 'YYYY-MM-DDTHH:MM:SS.ffffffZ', always six digits: it sorts as text."""
    return _instant(datetime.now(UTC))


def instant_after(instant: str) -> str:
    """Return the instant one microsecond after another, both in the form of ``utc_now``."""
    return _instant(datetime.fromisoformat(instant) + timedelta(microseconds=1))


def microseconds(instant: str) -> int:
    """Return how many microseconds after 1970 an instant lies, in the form of ``utc_now``."""
    return (datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def instant_before(span: timedelta) -> str:
    """Return the instant that lies a span of time ago, in the form of ``utc_now``."""
    return _instant(datetime.now(UTC) - span)


def parse_instant(text: str) -> str:
    """Return an RFC 3339 instant in UTC, in the form of ``utc_now``; raises NotAnInstant.

    Digits past the microsecond are cut, not rounded: an instant never moves into the future.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise NotAnInstant(_why_not_an_instant(text))
    day, time, fraction, sign, hours, minutes = match.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{time}.{(fraction or '')[:6]:0<6}")
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        utc = local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        raise NotAnInstant(
            f"{_shown(text)} is on no day of the calendar; write a day of the years `0001` to `9999`"
        ) from None
    return _instant(utc)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE = re.compile(r"([0-9X]{4})(?:-([0-9X]{2}))?(?:-([0-9X]{2}))?[?~%]?")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)

_LEAP_DAY = "02-29"
_DAYS_OF_A_LEAP_YEAR = tuple(
    f"{month:02}-{day:02}" for month in range(1, 13) for day in range(1, monthrange(2000, month)[1] + 1)
)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> PartialDate:
    # Apart from `parse`, because mypy does not check the arguments of a cached function.
    start, slash, end = text.partition("/")
    if slash == "":
        return PartialDate(text, *_bounds(text))
    if "/" in end:
        raise NotADate(_why_not_a_date(text))
    if start in _NO_END and end in _NO_END:
        raise NotADate(f"{_shown(text)} has no date at either end; write one, such as `2020/..`")
    earliest = None if start in _NO_END else _bounds(start)[0]
    latest = None if end in _NO_END else _bounds(end)[1]
    if earliest is not None and latest is not None and earliest > latest:
        raise NotADate(f"{_shown(text)} begins after it ends; write the earlier date first")
    return PartialDate(text, earliest, latest)


_NO_END = ("..", "")


def _bounds(text: str) -> tuple[str | None, str | None]:
    """Return the earliest and latest day of one date, both None where nothing of its year is known."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise NotADate(_why_not_a_date(text))
    year, month, day = match.groups("XX")
    days = _days_of_the_year(f"{month}-{day}")
    if year == "XXXX" and days:
        return None, None
    earliest = _first_day(_years(year, "0123456789"), days)
    latest = _first_day(_years(year, "9876543210"), days[::-1])
    if earliest is None or latest is None:
        raise NotADate(_why_not_in_the_calendar(text, year, month))
    return earliest, latest


@lru_cache(maxsize=1024)
def _days_of_the_year(pattern: str) -> tuple[str, ...]:
    """Return the days 'MM-DD' of a leap year that a pattern such as ``XX-31`` fits, in order."""
    fits = re.compile(pattern.replace("X", "."))
    return tuple(day for day in _DAYS_OF_A_LEAP_YEAR if fits.fullmatch(day))


def _years(pattern: str, digits: str) -> Iterator[str]:
    """Yield the years that a pattern such as ``20XX`` fits, in the order of the digits; never 0000."""
    for year in product(*(digits if digit == "X" else digit for digit in pattern)):
        if year != ("0", "0", "0", "0"):
            yield "".join(year)


def _first_day(years: Iterator[str], days: tuple[str, ...]) -> str | None:
    """Return the first of the days, in the first of the years that has any of them."""
    if not days:
        return None
    for year in years:
        for day in days:
            if day != _LEAP_DAY or isleap(int(year)):
                return f"{year}-{day}"
    return None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise NotAZone(f"{_shown(name)} is not a time zone; write a name such as `Asia/Seoul`") from None


def _instant(time: datetime) -> str:
    return time.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


# The first pattern that matches a refused text says what is wrong with it.
_BEYOND = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"^$", "is empty; write a date such as `2020`, `2020-08` or `2020-08-31`"),
        (r"^'?[0-9]{2,4}(\.\s*[0-9]|년)", "is as offices write it; write `2020`, `2020-08` or `2020-08-31`"),
        (r"^[0-9]{1,4}/[0-9]{1,2}/[0-9]{1,4}$", "has its parts between slashes; write `2020-08-31`"),
        (r"/.*/", "has more than one `/`; an interval has one, a day has `-` instead"),
        (r"\s", "has a space in it; write the date without"),
        (r"[^\x00-\x7f]", "has characters other than the digits 0 to 9 and plain signs; write `2020-08-31`"),
        (r"[\[\]{},]", "is a set of dates; write one date, or an interval such as `2020-08/2020-10`"),
        (r"T[0-9]|:", "has a time of day; write the day alone, such as `2020-08-31`"),
        (r"^-[0-9X]", "is before the year 1; write a year from `0001` to `9999`"),
        (r"^Y|[0-9][ES][0-9]", "is a long or rounded year; write four digits, `X` for an unknown one"),
        (r"[?~%].", "has a qualifier before its end; write one `?`, `~` or `%` at the end of the date"),
        (r"^[0-9X-]*x", "has a small x; write `X` for a digit that is not known"),
        (r"\.\.", "is not an interval; write it with a slash, such as `2020-08/2020-10` or `2020-08/..`"),
    )
)
_SEASONS = frozenset(str(number) for number in range(21, 42))


def _why_not_a_date(text: str) -> str:
    for pattern, reason in _BEYOND:
        if pattern.search(text):
            return f"{_shown(text)} {reason}"
    return f"{_shown(text)} is not a date; write `2020`, `2020-08` or `2020-08-31`, `X` for an unknown digit"


def _why_not_in_the_calendar(text: str, year: str, month: str) -> str:
    if year == "0000":
        return f"{_shown(text)} is not in the calendar; years run from `0001` to `9999`"
    if month in _SEASONS and text[7:8] == "-":
        return f"{_shown(text)} has no month `{month}`; write the year, the month and the day, in this order"
    if month in _SEASONS:
        return f"{_shown(text)} is a season; write months instead, such as `{year}-06/{year}-08`"
    if not _days_of_the_year(f"{month}-XX"):
        return f"{_shown(text)} has a month that does not exist; months run from `01` to `12`"
    return f"{_shown(text)} is not in the calendar; write `{year}-{month}` if the day is not known"


def _why_not_an_instant(text: str) -> str:
    if _INSTANT.fullmatch(text + "Z"):
        return f"{_shown(text)} has no offset; write `Z` for UTC, or one such as `+09:00`, after the time"
    return (
        f"{_shown(text)} is not an instant; write a day, a time from `00:00:00` to `23:59:59` and an offset, "
        "such as `2020-08-31T10:00:00Z` or `2020-08-31T19:00:00+09:00`"
    )


def _shown(text: str) -> str:
    """Quote a text on one line, cut to a length that a sentence can carry."""
    return f"`{repr(text[:40])[1:-1]}{'…' if len(text) > 40 else ''}`"
