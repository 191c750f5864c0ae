"""Dates as offices write them (`2020. 8. 31.`, `'20.8.31.`, 2020년 8월), as EDTF or refused, never guessed.

Four digits of a year say which number is the year; with the year first, month and day follow (KS X ISO
8601, and the rules for official documents). Two digits say so only after an apostrophe, before 년, with
the dot behind the day or spaces between that only this order has, or where no other order gives a day that
can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import isfinite

from tracker import dates
from tracker.dates import NotADate
from tracker.text import comparable

FIRST_SERIAL, LAST_SERIAL = 18_264, 73_050  # 1950-01-01 to 2099-12-31, as Excel counts days
_EPOCH = date(1899, 12, 30)

_SPACE = r"\s*"
_WORDS = re.compile(
    r"(?P<quote>['’‘`´])?\s*(?P<year>[0-9]{4}|[0-9]{2})\s*년(?:\s*(?P<month>[0-9]{1,2})\s*월(?:\s*(?P<day>[0-9]{1,2})\s*일)?)?"
)
_NUMBERS = re.compile(
    r"(?P<quote>['’‘`´])?\s*(?P<a>[0-9]{1,4})(?P<s1>\s*[./-]\s*)(?P<b>[0-9]{1,4})"
    r"(?:(?P<s2>\s*[./-]\s*)(?P<c>[0-9]{1,4}))?(?P<end>\s*\.)?"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_WEEKDAY = re.compile(r"\s*\((?:월|화|수|목|금|토|일|[A-Za-z]{3})\)\s*$")
_BETWEEN = re.compile(r"\s*[~∼〜～–—]\s*|\s+-\s+|\s*부터\s*")
_HAS_NUMBERS = re.compile(r"\s*['’‘`´]?\s*[0-9]{2,4}\s*[./년-]|\s*[0-9]{4}")
_WRITE = "write year, month and day, such as 2020-08-31"


def office_date(value: object, *, today: str | None = None, year_first: bool = False) -> str:
    """Read one date of a register and give it as EDTF; raises NotADate where it is not certain.

    ``value`` is text, a number (a serial day of Excel's 1900 system, a year, YYYYMMDD), or a date.
    ``today`` is given where the day cannot lie ahead: a reading after it is none. ``year_first`` says that
    this office writes the year before month and day, also with two digits.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool) or value is None:
        raise NotADate(f"`{value}` is not a date; {_WRITE}")
    if isinstance(value, int | float):
        return _of_number(value)
    text = _WEEKDAY.sub("", comparable(str(value)).strip())
    try:
        return dates.parse(text).text
    except NotADate as error:
        reason = error
    result = _in_words(text) or _in_numbers(text, today, year_first=year_first)
    if result is not None:
        return result
    if _looks_like_edtf(text):
        raise reason
    raise NotADate(f"`{text[:40]}` is not a date; {_WRITE}")


def office_period(value: object, *, year_first: bool = False) -> tuple[str | None, str | None]:
    """Read a period, `2020. 8. 31.~2023. 8. 30.`, and give its first and last date as EDTF, None where open.

    A date alone, without a sign that it is the last one, is refused: nobody knows which end it is.
    """
    if not isinstance(value, str):
        raise NotADate(
            f"`{value}` is one date, not a period; write its first and its last date with ~ between"
        )
    text = comparable(value).strip()
    start, slash, end = text.partition("/")
    if slash and "/" not in end and ("-" in start or ".." in text):
        bounds = [None if part in ("", "..") else office_date(part) for part in (start, end)]
    else:
        parts = _BETWEEN.split(text)
        if len(parts) != 2 or not any(map(_HAS_NUMBERS.match, parts)):
            raise NotADate(f"`{text[:60]}` is not a period; write its first and its last date with ~ between")
        first = parts[0].strip()
        last = re.sub(r"\s*까지$", "", parts[1].strip())
        last = _with_year(first, last)
        bounds = [office_date(part, year_first=year_first) if part else None for part in (first, last)]
    opens, closes = bounds
    if opens is None and closes is None:
        raise NotADate(f"`{text[:60]}` has no date at either end")
    if opens and closes:
        earliest, latest = dates.parse(opens).earliest, dates.parse(closes).latest
        if earliest and latest and earliest > latest:
            raise NotADate(f"`{text[:60]}` begins after it ends")
    return opens, closes


def serial_day(number: float) -> str:
    """Return the day of a serial number of Excel's 1900 system; raises NotADate outside 1950 to 2099."""
    if not FIRST_SERIAL <= number < LAST_SERIAL + 1:
        raise NotADate(f"`{number:g}` is not a day as Excel counts them; {_WRITE}")
    return (_EPOCH + timedelta(days=int(number))).isoformat()


def _of_number(number: float) -> str:
    if not isfinite(number):
        raise NotADate(f"`{number}` is not a date; {_WRITE}")
    if number == int(number):
        whole = int(number)
        if 1900 <= whole <= 2099:
            return str(whole)
        result = _COMPACT.fullmatch(str(whole))
        if result is not None:
            return dates.parse("-".join(result.groups())).text
        return serial_day(whole)
    if 1900 <= number < 2100:
        return _month_with_lost_zero(f"{number:.4f}".rstrip("0"))
    return serial_day(number)


def _month_with_lost_zero(text: str) -> str:
    year, _, month = text.partition(".")
    if month == "1":
        raise NotADate(
            f"`{text}` may be January, or October with its zero lost; write {year}-01 or {year}-10"
        )
    if not re.fullmatch(r"0?[1-9]|1[0-2]", month):
        raise NotADate(f"`{text}` is not a month; {_WRITE}")
    return f"{year}-{int(month):02}"


def _in_words(text: str) -> str | None:
    result = _WORDS.fullmatch(text)
    if result is None:
        return None
    year, month, day = result.group("year", "month", "day")
    return _edtf(text, _century(year), month, day)


def _in_numbers(text: str, today: str | None, *, year_first: bool) -> str | None:
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return _edtf(text, *compact.groups())
    result = _NUMBERS.fullmatch(text)
    if result is None:
        return None
    if result["c"] is not None and result["s1"].strip() != result["s2"].strip():
        return None
    if len(result["a"]) == 4:
        if result["c"] is None and result["b"] == "1" and result["s1"] == "." and not result["end"]:
            return _month_with_lost_zero(text)
        return _edtf(text, *result.group("a", "b", "c"))
    return _without_century(text, result, today, year_first=year_first)


def _without_century(text: str, found: re.Match[str], today: str | None, *, year_first: bool) -> str | None:
    """Read a date that does not begin with the four digits of a year."""
    quote, a, b, c = found.group("quote", "a", "b", "c")
    if len(a) == 3 or len(b) > 2 or (c is not None and len(c) == 3):
        return None
    if quote and len(a) == 2:
        return _edtf(text, _century(a), b, c)
    if c is None:
        raise NotADate(f"`{text}` has no year that can be told from the rest; {_WRITE}")
    if len(c) == 4:
        return _only_one(text, [(c, a, b), (c, b, a)], None)
    if len(a) != 2 and len(c) != 2:
        raise NotADate(f"`{text}` has no year of two or four digits; {_WRITE}")
    dotted = found["s1"].strip() == "."
    korean = dotted and (found["end"] or " " in found["s1"]) and len(a) == 2
    if (year_first or korean) and len(a) == 2:
        return _edtf(text, _century(a), b, c)
    orders = [(_century(a), b, c)] if len(a) == 2 else []
    if len(c) == 2:
        orders += [(_century(c), b, a), (_century(c), a, b)]
    return _only_one(text, orders, today if dotted else None)


def _only_one(text: str, orders: list[tuple[str, str, str]], today: str | None) -> str:
    """Return the one day that a text can mean; a reading after ``today``, if that is given, is none."""
    possible = dict.fromkeys(_days(orders))
    if today is not None and any(day <= today for day in possible):
        possible = dict.fromkeys(day for day in possible if day <= today)
    if len(possible) == 1:
        return next(iter(possible))
    if not possible:
        raise NotADate(f"`{text}` is not in the calendar; {_WRITE}")
    raise NotADate(f"`{text}` may be {' or '.join(possible)}; write the year with four digits, first")


def _days(orders: list[tuple[str, str, str]]) -> Iterator[str]:
    for year, month, day in orders:
        try:
            yield date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue


def _edtf(text: str, year: str, month: str | None, day: str | None) -> str:
    written = "-".join((year, *(f"{int(part):02}" for part in (month, day) if part is not None)))
    try:
        return dates.parse(written).text
    except NotADate:
        raise NotADate(f"`{text}` is not in the calendar; {_WRITE}") from None


def _century(year: str) -> str:
    """Return a year of two digits with four: 1970 to 2069, in which every agreement of a register lies."""
    return year if len(year) == 4 else str((1900 if int(year) >= 70 else 2000) + int(year))


def _with_year(first: str, last: str) -> str:
    """Return the end of a period, with the year of its beginning where it has none: `2020. 8. 31.~12. 31.`"""
    begun = re.match(r"([0-9]{4})\s*[.년]", first)
    if begun is None:
        return last
    if re.fullmatch(r"[0-9]{1,2}\s*\.\s*[0-9]{1,2}\s*\.?", last):
        return f"{begun[1]}. {last}"
    if re.fullmatch(r"[0-9]{1,2}\s*월(?:\s*[0-9]{1,2}\s*일)?", last):
        return f"{begun[1]}년 {last}"
    return last


def _looks_like_edtf(text: str) -> bool:
    return re.fullmatch(r"[0-9X?~%./-]+", text) is not None and "-" in text
