"""What a cell of a workbook shows of a number or a date by its number format (ECMA-376 part 1, §18.8.31).

openpyxl knows which format a cell has, but not what it shows. What is left out here (fractions, conditions,
scientific form) shows nothing here: such a cell is its value.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

_TOKEN = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?|E[+-]|General|[0#?.,]+%*|.', re.DOTALL)
_DATE_TOKEN = re.compile(
    r'"[^"]*"?|\\.|_.|\*.|\[(?:h+|m+|s+)\]|\[[^\]]*\]?|am/pm|a/p|y+|e+|b+|m+|d+|h+|s+|a{3,}|.',
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[[<>=]")
_ENGLISH = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December")  # fmt: skip
SYSTEM_DATE = ("mm-dd-yy", "[$-F800]")
"""Formats for which each computer has its own order: the day is shown whole, in a form that nobody knows."""


class ShownDate(NamedTuple):
    """What a format shows of a date: EDTF, None where it shows no year; the text; whether a time stands in it."""

    edtf: str | None
    text: str
    has_time: bool


def shown_number(value: float, number_format: str) -> str | None:
    """Return a number as a format shows it: `1.10` by `0.00`, `0007` by `0000`; None where it shows the value."""
    tokens = _section(number_format, value)
    digits = "".join(token.text for token in tokens if token.is_digits)
    if not re.search("[0#?]", digits):
        return None
    whole, _, decimals = digits.rstrip("%,").partition(".")
    thousands = len(digits.rstrip("%")) - len(digits.rstrip("%,"))
    scale = Decimal(100) ** digits.count("%") / Decimal(1000) ** thousands
    number = abs(Decimal(repr(value))) * scale
    rounded = f"{number.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP):f}"
    left, _, right = rounded.partition(".")
    while right and decimals[len(right) - 1] == "#" and right.endswith("0"):
        right = right[:-1]
    left = left.lstrip("0").zfill(whole.count("0"))
    if re.search("[0#?],+[0#?]", whole):
        left = f"{int(left or 0):,}"
    sign = "-" if value < 0 and ";" not in number_format else ""
    return (sign + _in_slots(tokens, left, right)).strip()


class _Token(NamedTuple):
    text: str
    is_digits: bool = False


def _in_slots(tokens: tuple[_Token, ...], left: str, right: str) -> str:
    """Return digits in the places that a format has for them, with the texts that stand between."""
    slots = [
        len(re.sub("[^0#?]", "", token.text.partition(".")[0])) if token.is_digits else 0 for token in tokens
    ]
    point = next((index for index, token in enumerate(tokens) if token.is_digits and "." in token.text), None)
    last = max((index for index, count in enumerate(slots) if count), default=-1)
    shown, taken = "", 0
    for index, token in enumerate(tokens):
        if not token.is_digits:
            shown += token.text
            continue
        if slots[index] and (point is None or index <= point):
            behind = sum(slots[index + 1 : None if point is None else point + 1])
            end = len(left) if "," in left or index == last else max(len(left) - behind, taken)
            shown += left[taken:end]
            taken = end
        if index == point:
            shown += f".{right}" if right or token.text.endswith((".", "0")) else ""
        shown += "%" * token.text.count("%")
    return shown


@lru_cache(maxsize=512)
def _sections(number_format: str) -> tuple[tuple[_Token, ...], ...]:
    """Return the tokens of each part of a format; none of a part that is left out here."""
    sections: list[list[_Token] | None] = [[]]
    for token in _TOKEN.findall(number_format):
        section = sections[-1]
        if token == ";":
            sections.append([])
        elif token in ("E+", "E-", "/", "General", "@") or _CONDITION.match(token):
            sections[-1] = None
        elif section is None or token[0] in "_*":
            continue
        elif token[0] == "[":
            currency = re.match(r"\[\$([^\-\]]+)", token)
            section += [_Token(currency[1])] if currency else []
        else:
            section.append(_Token(_literal(token), token[0] in "0#?.,%"))
    return tuple(tuple(section or ()) for section in sections)


def _section(number_format: str, value: float) -> tuple[_Token, ...]:
    sections = _sections(number_format)
    index = 1 if value < 0 else 2 if value == 0 else 0
    return sections[index] if index < len(sections) and index < 3 else sections[0]


def shown_date(value: date | datetime | time, number_format: str) -> ShownDate:
    """Return what a format shows of a date: a month by `mmm-yy`, a year by `yyyy`, else a day."""
    moment = datetime.combine(date(1900, 1, 1), value) if isinstance(value, time) else value
    has_clock = isinstance(moment, datetime)
    if number_format.startswith(SYSTEM_DATE):
        return ShownDate(moment.strftime("%Y-%m-%d"), moment.strftime("%Y-%m-%d"), False)
    text, shows = "", set()
    tokens = _date_tokens(number_format)
    for index, token in enumerate(tokens):
        letter = token[0].lower() if token[0] != "[" else token[1].lower()
        if letter == "m" and _is_minute(tokens, index):
            letter = "n"
        part = _part(moment, letter, len(token.strip("[]")))
        if part is None:
            text += _literal(token)
            continue
        if has_clock or letter not in "hns":
            text += part
        shows.add("weekday" if letter == "a" or (letter == "d" and len(token) > 2) else letter)
    time_shown = bool(shows & {"h", "n", "s"})
    whole = moment.strftime("%Y-%m-%d")
    edtf = None
    if shows & {"y", "e", "b"}:
        edtf = whole if "d" in shows and "m" in shows else whole[:7] if "m" in shows else whole[:4]
    return ShownDate(None if isinstance(value, time) else edtf, text.strip(), time_shown)


@lru_cache(maxsize=512)
def _date_tokens(number_format: str) -> tuple[str, ...]:
    first = next(iter(re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)))
    return tuple(_DATE_TOKEN.findall(first))


def _is_minute(tokens: tuple[str, ...], index: int) -> bool:
    """Return whether an `m` stands behind hours or before seconds."""
    times = [token.strip("[]")[:1].lower() for token in tokens]
    letters = [
        (place, letter)
        for place, letter in enumerate(times)
        if letter in ("y", "m", "d", "h", "s")
        and re.fullmatch(r"\[?([ymdhs])\1*\]?", tokens[place], re.IGNORECASE)
    ]
    before = [letter for place, letter in letters if place < index]
    after = [letter for place, letter in letters if place > index]
    return (bool(before) and before[-1] == "h") or (bool(after) and after[0] == "s")


def _part(moment: date, letter: str, length: int) -> str | None:
    """Return what one token shows of a date; None where it is a text."""
    match letter:
        case "a" if length == 5 or length < 3:  # AM/PM, A/P
            return None
        case "y" | "e":
            return f"{moment.year:04}" if length > 2 or letter == "e" else f"{moment.year % 100:02}"
        case "b":
            return f"{moment.year + 543}"
        case "m":
            name = _ENGLISH[moment.month - 1]
            if length > 2:
                return name if length == 4 else name[:3] if length == 3 else name[0]
            return f"{moment.month:0{length}}"
        case "d":
            if length > 2:
                return moment.strftime("%a" if length == 3 else "%A")
            return f"{moment.day:0{length}}"
        case "a":
            return "월화수목금토일"[moment.weekday()] + ("요일" if length > 3 else "")
        case "h" | "n" | "s":
            clock = moment.time() if isinstance(moment, datetime) else time()
            return f"{ {'h': clock.hour, 'n': clock.minute, 's': clock.second}[letter]:0{min(length, 2)}}"
    return None


def _literal(token: str) -> str:
    if token[0] == '"':
        return token.strip('"')
    if token[0] == "\\":
        return token[1:]
    return "" if token[0] in "[_*" else token
