"""When it was signed and published: days as printed, and what follows from them, never a guess.

A day alone stays `XXXX-XX-14` unless the day of publication is given, or printed in the article.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.drafting.rules import rule


@dataclass(frozen=True, slots=True)
class Day:
    """A date as printed: what of it is known, and the words that say it."""

    edtf: str
    start: int
    end: int
    sure: bool = True


def days(
    text: str, start: int, end: int
) -> Iterator[tuple[str | None, int | None, int | None, str, int, int]]:
    """Yield each date between two places: year, month, day (None where not printed), a word, its extent."""
    for match in _DATE.finditer(text, start, end):
        year, month = _group(match, "y"), _month(_group(match, "m"))
        day = _whole(_group(match, "d"))
        word = next((word for word in _WORDS if match[word]), "")
        if (day is not None and not 1 <= day <= 31) or (month is not None and not 1 <= month <= 12):
            continue
        if word == "weekday":
            word = match["weekday"].lower()
        if (
            day is not None
            and month is not None
            and day > monthrange(2000 if year is None else max(1, int(year)), month)[1]
        ):
            continue
        one, other = match.span()
        if not word and year is None:
            word, one, other = _relative(text, one, other, start, end)
        yield year, month, day, word, one, other


def _relative(text: str, one: int, other: int, start: int, end: int) -> tuple[str, int, int]:
    """Return which year or month a date is of by the words beside it, and its extent with them."""
    before = _BESIDE.search(text[max(start, one - 30) : one])
    behind = _BEHIND.match(text[other : min(end, other + 40)])
    match = before or behind
    if match is None:
        return "", one, other
    word = next(
        name for name, words in _RELATIVE.items() if re.fullmatch(words, match["words"], re.IGNORECASE)
    )
    return (word, one - len(before[0]), other) if before else (word, one, other + match.end())


def printed_day(text: str, spans: list[tuple[int, int]]) -> Day | None:
    """Return the first whole date that these lines print: a dateline."""
    for start, end in spans:
        for year, month, day, _, one, other in days(text, start, end):
            if year is not None and month is not None and day is not None:
                return Day(f"{year}-{month:02}-{day:02}", one, other)
    return None


def resolved(
    year: str | None, month: int | None, day: int | None, word: str, published: str | None, *, future: bool
) -> tuple[str, bool] | None:
    """Return a date as EDTF, completed from the day of publication; None where there is no date.

    The second part says whether the text alone, with that day, leaves no other reading.
    """
    on = _iso(published)
    if word in _RELATIVE:
        return _by_relative(word, month, day, on)
    if word:
        return _by_word(word, on, future=future)
    if year is not None:
        return "-".join(
            [year, *([f"{month:02}"] if month else []), *([f"{day:02}"] if month and day else [])]
        ), True
    if month is not None:
        if on is None:
            return f"XXXX-{month:02}" + (f"-{day:02}" if day else ""), True
        chosen = on.year
        if not future and (month, day or 1) > (on.month, on.day if day else 31):
            chosen -= 1
        if future and (month, day or 31) < (on.month, on.day if day else 1):
            chosen += 1
        if day and day > monthrange(chosen, month)[1]:
            return f"XXXX-{month:02}-{day:02}", True
        return f"{chosen}-{month:02}" + (f"-{day:02}" if day else ""), True
    if day is not None:
        return _by_day(day, on, future=future), True
    return None


def _by_day(day: int, on: date | None, *, future: bool) -> str:
    if on is None:
        return f"XXXX-XX-{day:02}"
    year, month = on.year, on.month
    if not future and day > on.day:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    if future and day < on.day:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if day > monthrange(year, month)[1]:
        return f"XXXX-XX-{day:02}"
    return f"{year}-{month:02}-{day:02}"


def _by_relative(word: str, month: int | None, day: int | None, on: date | None) -> tuple[str, bool]:
    """Return a date of last year, next month and so on; without the day of publication its year is unknown."""
    printed = "XX" if month is None else f"{month:02}"
    shown_day = "" if day is None else f"-{day:02}"
    unit, _, shift = word.partition(" ")
    if on is None or not shift:
        return f"XXXX-{printed}{shown_day}", bool(shift)
    if unit == "year":
        if month and day and day > monthrange(on.year + int(shift), month)[1]:
            return f"XXXX-{printed}{shown_day}", False
        return f"{on.year + int(shift)}-{printed}{shown_day}", month is not None
    year, number = divmod(on.year * 12 + on.month - 1 + int(shift), 12)
    if month not in (None, number + 1) or (day and day > monthrange(year, number + 1)[1]):
        return f"XXXX-{printed}{shown_day}", False
    return f"{year}-{number + 1:02}{shown_day}", True


def _by_word(word: str, on: date | None, *, future: bool) -> tuple[str, bool] | None:
    if on is None:
        return None
    match word:
        case "today":
            return on.isoformat(), True
        case "yesterday":
            return (on - timedelta(days=1)).isoformat(), True
        case "tomorrow":
            return (on + timedelta(days=1)).isoformat(), True
        case "this_month":
            return f"{on.year}-{on.month:02}", True
        case "last_month":
            year, month = (on.year, on.month - 1) if on.month > 1 else (on.year - 1, 12)
            return f"{year}-{month:02}", True
    weekday = next(
        (n for n, names in enumerate(_WEEKDAYS) if any(word.endswith(name) for name in names)), None
    )
    if weekday is None:
        return None
    ahead = (weekday - on.weekday()) % 7
    if future:  # on its own weekday, an article may mean today or a week from now
        return ((on + timedelta(days=ahead)).isoformat(), False) if ahead else None
    back = (on.weekday() - weekday) % 7
    if back == 0 and word.startswith("last"):
        back = 7
    return (on - timedelta(days=back)).isoformat(), False


def _iso(day: str | None) -> date | None:
    try:
        return date.fromisoformat(day) if day and len(day) == 10 else None
    except ValueError:
        return None


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


def _group(match: re.Match[str], letter: str) -> str | None:
    """Return the group of a letter that matched: `y4` of those for a year."""
    groups = match.groupdict()
    return next(
        (groups[name] for name in groups if re.fullmatch(rf"{letter}\d+", name) and groups[name]), None
    )


def _month(name: str | None) -> int | None:
    if not name:
        return None
    if name.isdecimal():
        return int(name)
    folded = name.lower().rstrip(".")
    for number, names in enumerate(_MONTHS, 1):
        if any(folded == name or (len(folded) >= 3 and name.startswith(folded)) for name in names):
            return number
    return None


def in_parentheses(text: str, start: int, end: int) -> tuple[int, int, int] | None:
    """Return a day that stands in parentheses behind a weekday: `terça-feira (23)`."""
    match = _DAY_BEHIND_A_WEEKDAY.search(text, start, end)
    return (
        None
        if match is None or not 1 <= int(match["day"]) <= 31
        else (int(match["day"]), match.start(), match.end())
    )


_WORDS = ("today", "yesterday", "tomorrow", "weekday", "this_month", "last_month")
_MONTHS = (
    ("january", "janeiro"),
    ("february", "fevereiro"),
    ("march", "março"),
    ("april", "abril"),
    ("may", "maio"),
    ("june", "junho"),
    ("july", "julho"),
    ("august", "agosto"),
    ("september", "setembro"),
    ("october", "outubro"),
    ("november", "novembro"),
    ("december", "dezembro"),
)
_WEEKDAYS = (
    ("monday", "월요일", "segunda-feira"),
    ("tuesday", "화요일", "terça-feira"),
    ("wednesday", "수요일", "quarta-feira"),
    ("thursday", "목요일", "quinta-feira"),
    ("friday", "금요일", "sexta-feira"),
    ("saturday", "토요일", "sábado"),
    ("sunday", "일요일", "domingo"),
)
_RELATIVE = {
    "year -1": r"지난 ?해|작년|전년|last year|the previous year|a year ago",
    "year -2": r"재작년|지지난 ?해|2년 전|the year before last|two years ago",
    "year 0": r"올해|금년|this year",
    "year 1": r"내년|next year",
    "year": r"같은 ?해|그 ?해|이듬 ?해|that year|the same year|the following year",
    "month -1": r"지난 ?달|전 ?달|전월|last month|the previous month",
    "month -2": r"지지난 ?달|the month before last",
    "month 0": r"이번 ?달|이달|금월|this month",
    "month 1": r"다음 ?달|내달|next month",
}
"""Words beside a date that say of which year or month it is, counted from the day of publication."""
_BESIDE = rule(
    rf"(?<![가-힣\w])(?P<words>{'|'.join(_RELATIVE.values())})(?:,? on(?: the)?)? ?$",
    "before a date, says of which year or month it is",
    "가람시와 나래공단은 지난해 ",
    re.IGNORECASE,
)
_BEHIND = rule(
    rf",? (?:of |in )?(?P<words>{'|'.join(_RELATIVE.values())})\b",
    "behind a date, says of which year or month it is",
    " of last month",
    re.IGNORECASE,
)
_NAMES = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_MESES = r"(?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)"
_DATE = rule(
    rf"(?<![\w-])(?P<y5>(?:19|20)\d\d)[-./] ?(?P<m5>\d{{1,2}})[-./] ?(?P<d5>\d{{1,2}})(?!\d)"
    r"|(?P<y4>(?:19|20)\d\d)년 ?(?P<m4>\d{1,2})월(?: ?(?P<d4>\d{1,2})일)?|"
    r"(?<!\d)(?P<m7>\d{1,2})월(?: ?(?P<d9>\d{1,2})일)(?!간)|(?<![\d월~-])(?P<d8>\d{1,2})일(?=\s|,|"
    r"에|을|은|\(|\)|오전|오후|$)(?!\s?(?:간|동안|차|째|만에|이내)|\s?(?:전|후|뒤)(?=[ ,에]))"
    rf"|(?<![\w-])(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: day)?(?: of)? (?i:(?P<m1>{_NAMES}))(?:,? "
    rf"(?P<y1>(?:19|20)\d\d))?(?!\w)"
    rf"|(?<!\w)(?i:(?P<m2>{_NAMES})) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<y2>(?:19|20)\d\d))?(?![\w])"
    rf"|(?<!\w)(?P<d3>\d{{1,2}}) de (?P<m3>{_MESES})(?: de (?P<y3>(?:19|20)\d\d))?|"
    rf"(?<!\w)(?P<m6>{_NAMES}) (?P<y6>(?:19|20)\d\d)(?!\w)"
    r"|\b(?:the previous day|the day before|a day earlier), the (?P<d11>\d{1,2})(?:st|nd|rd|th)\b|"
    r"\b[Oo]n (?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?: morning| afternoon|"
    r" evening)?, )?the (?:morning of the |afternoon of the |"
    r"evening of the )?(?P<d10>\d{1,2})(?:st|nd|rd|th)\b(?! (?:anniversary|floor|century))|"
    r"(?P<y7>(?<=\bin )(?:19|20)\d\d(?=[ ,.]))"
    r"|\b(?P<today>[Tt]oday|[Tt]his (?:morning|afternoon|evening)|[Tt]onight|[Hh]oje)\b|"
    r"(?P<yesterday>\b[Yy]esterday\b|\b[Oo]ntem\b|(?<![가-힣])(?:어제|전날)(?= |,))|"
    r"(?P<tomorrow>\b[Tt]omorrow\b|\b[Aa]manhã\b|(?<![가-힣])내일(?= |,))"
    r"|\b(?P<this_month>(?:[Ee]arlier )?[Tt]his month)\b|\b(?P<last_month>[Ll]ast month)\b"
    r"|\b(?<!every )(?<!each )(?:on )?(?P<weekday>(?:last )?(?:Monday|Tuesday|Wednesday|Thursday|"
    r"Friday|Saturday|Sunday))\b"
    rf"(?!,? \(?(?:the )?(?:{_NAMES} \d|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_NAMES}|(?:19|20)\d\d[-./]))"
    r"(?! (?!January|February|March|April|May|June|July|August|"
    r"September|October|November|December)[A-Z])",
    "is a date, whole or in part",
    "□ 가람군은 11일 군청 소회의실에서 농협은행 가람군지부와",
)
_DAY_BEHIND_A_WEEKDAY = rule(
    r"(?:feira|sábado|domingo|[a-z]{3,6}day|요일|[월화수목금토일])\s?\((?P<day>\d{1,2})(?:일)?\)",
    "is a day in parentheses behind a weekday",
    "terça-feira (23)",
)
