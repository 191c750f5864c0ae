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
from typing import NamedTuple

from tracker import dates
from tracker.dates import NotADate
from tracker.text import comparable

FIRST_SIGNING = 1945
"""The year before which no agreement of a register was signed."""
FIRST_SERIAL, LAST_SERIAL = 18_264, 73_050  # 1950-01-01 to 2099-12-31, as Excel counts days
_EPOCH = date(1899, 12, 30)

_SPACE = r"\s*"
_WORDS = re.compile(
    r"(?P<quote>['’‘`´])?\s*(?P<year>[0-9]{4}|[0-9]{2})\s*"
    r"(?:년|(?=.*월)[./-])(?:\s*(?P<month>[0-9]{1,2})\s*월(?:\s*(?P<day>[0-9]{1,2})\s*일)?\s*\.?)?"
)
_MONTH_YEAR = re.compile(r"(?P<month>[A-Z][a-z]{2})-(?P<year>[0-9]{2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBERS = re.compile(
    r"(?P<quote>['’‘`´])?\s*(?P<a>[0-9]{1,4})(?P<s1>\s*[./-]\s*)(?P<b>[0-9]{1,4})"
    r"(?:(?P<s2>\s*[./-]\s*)(?P<c>[0-9]{1,4}))?(?P<end>\s*\.)?"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_WEEKDAY = re.compile(r"\s*\((?:월|화|수|목|금|토|일|[A-Za-z]{3})\)\s*$")
_BETWEEN = re.compile(r"\s*[~∼〜～–—]\s*|\s+-\s+|\s*부터\s*")
_BRACKETS = re.compile(
    r"\s*[(\[][^()\[\]]*[)\]]\s*$|^\s*총\s*|\s*(?:,|/)?\s*(?:이후)?\s*자동\s*(?:연장|갱신)\s*$"
)
_EXTENDS = re.compile(r"자동\s*(?:으로\s*)?(?:연장|갱신)|auto(?:matic(?:ally)?)?[- ]?renew", re.IGNORECASE)
_ENDLESS = re.compile(
    r"(?:무기한|무기|영구|계속|상시|지속|기한\s*없음|기간\s*(?:의\s*)?(?:정함|제한)?이?\s*없음"
    r"|(?:별도\s*)?(?:협약\s*)?(?:해지|종료|해제|파기)\s*(?:통보\s*)?(?:시|할\s*때)\s*(?:까지)?)"
)
_SIGNING = re.compile(
    r"(?:(?:업무)?협약\s*)?(?:체결|서명|협약|조인)\s*(?:일|한\s*날|후|일자)?\s*(?:로\s*부터|부터|로|에서|이후)?|날인일(?:로\s*부터|부터|로)?"
)
_LENGTH = re.compile(
    r"(?:(?P<from>.*?\D.*?)\s*(?:[~∼〜～–—]|(?:로)?\s*부터|후|이후|로)\s*)?(?:약|향후)?\s*"
    r"(?:(?P<years>[0-9]{1,2})\s*(?:년|개년|years?))?\s*(?:(?P<months>[0-9]{1,3})\s*(?:개월|months?))?\s*(?:간|동안|이내)?(?:까지)?",
    re.IGNORECASE,
)
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
    result = _in_words(text, today) or _in_numbers(text, today, year_first=year_first)
    if result is not None:
        return result
    if _looks_like_edtf(text):
        raise reason
    raise NotADate(f"`{text[:40]}` is not a date; {_WRITE}")


class Period(NamedTuple):
    """The first and last date of a period as EDTF, None where open or unknown; what a person should know of that."""

    starts: str | None
    ends: str | None
    note: str = ""


def office_period(value: object, *, year_first: bool = False, signed_on: str | None = None) -> Period:
    """Read a period: `2020. 8. 31.~2023. 8. 30.`, `2023. 8. 30.까지`, `체결일로부터 3년`, counted from ``signed_on``.

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
        return _checked(text, Period(bounds[0], bounds[1]))
    words = _BRACKETS.sub("", text).strip()
    if _ENDLESS.fullmatch(words):
        return Period(None, None, "has no end: no dates are recorded")
    period = _counted(text, words, signed_on) or _between(text, words, signed_on, year_first=year_first)
    if _EXTENDS.search(text):
        return Period(period.starts, None, "extends by itself: no end is recorded")
    return _checked(text, period)


def _counted(text: str, words: str, signed_on: str | None) -> Period | None:
    """Read a length: `3년`, `체결일로부터 3년간`, `2020. 8. 31.부터 18개월`; None where it is none."""
    result = _LENGTH.fullmatch(words)
    if result is None or not (result["years"] or result["months"]):
        return None
    months = 12 * int(result["years"] or 0) + int(result["months"] or 0)
    from_signing = not result["from"] or _SIGNING.fullmatch(result["from"]) is not None
    starts = signed_on if from_signing else office_date(result["from"])
    if starts is None:
        return Period(
            None, None, "is counted from the day of signing, which is not known: no dates are recorded"
        )
    ends = _later(starts, months)
    if ends is None:
        return Period(starts, None, f"is counted from {starts}, which is no certain day: no end is recorded")
    return Period(
        starts,
        ends,
        "is a length: it is counted from the day of signing, that day left aside" if from_signing else "",
    )


def _later(day: str, months: int) -> str | None:
    """Return a day, month or year so many months later: the day itself does not count (민법 제157조)."""
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", day):
        return dates.add_months(day, months)
    if re.fullmatch("[0-9]{4}-[0-9]{2}", day):
        return dates.add_months(f"{day}-01", months)[:7]
    return str(int(day) + months // 12) if re.fullmatch("[0-9]{4}", day) and months % 12 == 0 else None


def _between(text: str, words: str, signed_on: str | None, *, year_first: bool) -> Period:
    """Read two dates with a sign between them, or the last one alone: `2025. 12. 31.까지`."""
    parts = _BETWEEN.split(words)
    if len(parts) == 1 and words.endswith("까지"):
        parts = ["", words]
    if len(parts) != 2 or not (any(map(_HAS_NUMBERS.match, parts)) or _SIGNING.fullmatch(parts[0])):
        raise NotADate(f"`{text[:60]}` is not a period; write its first and its last date with ~ between")
    first = parts[0].strip()
    last = re.sub(r"\s*까지$", "", parts[1].strip())
    last = _with_year(first, last)
    starts = (
        signed_on
        if _SIGNING.fullmatch(first)
        else office_date(first, year_first=year_first)
        if first
        else None
    )
    ends = office_date(last, year_first=year_first) if last and not _ENDLESS.fullmatch(last) else None
    if starts is None and ends is None:
        raise NotADate(f"`{text[:60]}` has no date at either end")
    if signed_on is not None and not re.search("[0-9]{4}", words):
        starts, ends = _near(starts, signed_on), _near(ends, signed_on)
    return Period(starts, ends)


def _near(day: str | None, signed_on: str) -> str | None:
    """Return a date written with two digits of its year in the century after the day of signing."""
    if day is None or not (day[:4].isdigit() and signed_on[:4].isdigit()):
        return day
    years = int(day[:4]) - int(signed_on[:4])
    return f"{int(day[:4]) - 100}{day[4:]}" if years > 90 else day


def _checked(text: str, period: Period) -> Period:
    """Return a period whose first date does not lie after its last; raises NotADate."""
    if period.starts is None and period.ends is None and not period.note:
        raise NotADate(f"`{text[:60]}` has no date at either end")
    if period.starts and period.ends:
        earliest, latest = dates.parse(period.starts).earliest, dates.parse(period.ends).latest
        if earliest and latest and earliest > latest:
            raise NotADate(f"`{text[:60]}` begins after it ends")
    return period


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


def _in_words(text: str, today: str | None) -> str | None:
    """Read a date with 년 or 월 in it (`2020년 8월`, `2020. 8월`), or a month as spreadsheets write it (`Aug-20`)."""
    english = _MONTH_YEAR.fullmatch(text)
    if english is not None and english["month"] in _MONTHS:
        return _edtf(text, _century(english["year"], today), str(_MONTHS.index(english["month"]) + 1), None)
    result = _WORDS.fullmatch(text)
    if result is None:
        return None
    year, month, day = result.group("year", "month", "day")
    return _edtf(text, _century(year, today), month, day)


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
        return _edtf(text, _century(a, today), b, c)
    if c is None:
        raise NotADate(f"`{text}` has no year that can be told from the rest; {_WRITE}")
    if len(c) == 4:
        return _only_one(text, [(c, a, b), (c, b, a)], None)
    if len(a) != 2 and len(c) != 2:
        raise NotADate(f"`{text}` has no year of two or four digits; {_WRITE}")
    dotted = found["s1"].strip() == "."
    korean = dotted and (found["end"] or " " in found["s1"]) and len(a) == 2
    if (year_first or korean) and len(a) == 2:
        return _edtf(text, _century(a, today), b, c)
    orders = [(_century(a), b, c)] if len(a) == 2 else []
    if len(c) == 2:
        orders += [(_century(c), b, a), (_century(c), a, b)]
    result = _only_one(text, orders, today if dotted else None)
    return _century(result[2:4], today) + result[4:]


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


def _century(year: str, today: str | None = None) -> str:
    """Return a year of two digits with four: 1970 to 2069; where it cannot lie after ``today``, the last such year.

    Raises NotADate where that would be before any agreement: the next years are written by mistake, too.
    """
    if len(year) == 4:
        return year
    if today is None:
        return str((1900 if int(year) >= 70 else 2000) + int(year))
    result = 2000 + int(year)
    if result <= int(today[:4]):
        return str(result)
    if result - 100 < FIRST_SIGNING:
        raise NotADate(f"`{year}` as a year lies ahead, or long back; write the year with four digits, first")
    return str(result - 100)


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
