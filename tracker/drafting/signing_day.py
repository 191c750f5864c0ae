"""The day of signing: in the sentences about it, first those that print a day."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.drafting.dating import Day, days, in_parentheses, resolved
from tracker.drafting.layout import Layout
from tracker.drafting.rules import rule
from tracker.drafting.sentences import HIDDEN


def signing_day(
    layout: Layout,
    mask: str,
    about: list[tuple[int, int]],
    spans: list[tuple[int, int]],
    published: str | None,
    *,
    future: bool,
) -> Day | None:
    """Return the day of signing: in the sentences about it, first those that print a day."""
    best: tuple[int, Day] | None = None
    for number, (start, end) in enumerate(_sentences_of_days(mask, about, spans)):
        verb = _SIGNED_AT.search(mask[start:end])
        for year, month, day, word, one, other in _possible_days(mask, start, end):
            day_resolved = resolved(year, month, day, word, published, future=future)
            if day_resolved is None or (year is not None and month is None):
                continue
            edtf, sure = day_resolved
            is_complete = "X" not in edtf[-2:] and len(edtf) == 10
            near = 1 if abs(one - start - (verb.start() if verb else 0)) < 60 else 0
            near += 2 * mask.startswith(("the previous day", "the day before", "a day earlier"), one)
            score = 10 * is_complete + 5 * (word in ("today", "yesterday")) + 2 * near - number
            if best is None or score > best[0]:
                best = (score, Day(edtf, *_widened(layout.text, one, other, start), sure))
    return None if best is None else best[1]


def _sentences_of_days(
    mask: str, about: list[tuple[int, int]], spans: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return where the day of signing may stand: with the signing, behind `When:`, in the sentence before."""
    signing = [span for span in about[:8] if _SIGNED_AT.search(mask, *span)]
    when = [span for span in spans if _WHEN_LINE.match(mask, span[0])]
    before = [
        spans[number - 1]
        for number, span in enumerate(spans)
        if number and span in about[:4] and _THEN.match(mask, span[0])
    ]
    return [*signing, *when, *before]


def _possible_days(
    mask: str, start: int, end: int
) -> Iterator[tuple[str | None, int | None, int | None, str, int, int]]:
    """Yield the dates of a sentence that may be the signing's: not of other things, not when it was told."""
    dates = list(days(mask, start, end))
    inside = in_parentheses(mask, start, end)
    if inside is not None:
        dates.append((None, None, inside[0], "", inside[1], inside[2]))
    for date in dates:
        word, one, other = date[3:]
        is_reported = (word and _SAID_WHEN.search(mask[max(start, one - 60) : one])) or _TOLD.match(
            mask, other
        )
        elsewhere = _ELSEWHERE.search(mask[max(start, one - 40) : one]) or _PERIOD.match(mask, other)
        if not is_reported and not elsewhere and HIDDEN not in mask[one:other]:
            yield date


def _widened(text: str, start: int, end: int, least: int) -> tuple[int, int]:
    """Let the words before a date that belong to it count as printed: `On the morning of the`."""
    lead = re.search(
        r"(?:\b[Oo]n )?(?:the )?(?:(?:morning|afternoon|evening) of )?(?:the )?(?:(?:Mon|Tues|Wednes|"
        r"Thurs|Fri|Satur|Sun)day,? )?$|(?:n[ao] |d?esta |nesta )?(?:segunda-|terça-|quarta-|quinta-|"
        r"sexta-|sábado |domingo )$|(?:지난 |오는 |이달 )$",
        text[max(least, start - 48) : start],
    )
    if lead is not None and lead[0]:
        start -= len(lead[0])
    tail = _PART_OF_THE_DAY.match(text[end : end + 4])
    return start, end + (len(tail[0]) if tail else 0)


_SIGNED_AT = rule(
    r"\b(?:(?:re-?)?sign\w*|put (?:their|its) names?|put pen to paper|exchanged|affixed|inked|"
    r"sealed|entered into|concluded|held|ceremony|announced|said on|shakes hands|agreed|"
    r"formali[sz]ed|renewed|conducted|assin\w+|firm(?:ou|aram)|will)\b|체결|서명|맺|교환|협약식|"
    r"협약을|손잡|밝혔|열",
    "stands near the day of signing",
    "Council has signed a partnership",
    re.IGNORECASE,
)
_ELSEWHERE = rule(
    r"\b(?:since|until|till|by|from|founded|established|started|launched|first|previous(?:ly)?|"
    r"back|extended|due|deadline|between|before|until the end of|born|opened|opening|"
    r"in (?:the )?year)\b[^.]{0,14}$|(?:까지|부터|설립|개원|출범|기한)[^.]{0,6}$",
    "makes a date another's than the signing's",
    "a plant opened in",
    re.IGNORECASE,
)
_WHEN_LINE = rule(
    r"(?:When|Date|Data|일시|일 ?시)\s?[:：]|(?:서명(?:식)?|협약식|체결식|조인식)은 |"
    r"The signing (?:took place|was held) ",
    "opens a line or a sentence on when it is signed",
    "나래대학교가 협약을 체결했다. 서명은 지난 9월 30일 시청에서",
)
_TOLD = rule(
    r"\s?(?:오전 |오후 )?(?:밝혔|전했|말했|발표)|\s(?:announced|said|revealed|confirmed|reported)\b",
    "behind a date, makes it the day of the announcement",
    "옥상 태양광 보급을 위한 업무협약을 체결했다고 9일 밝혔다.",
)
_THEN = rule(
    r"(?:The (?:meeting|ceremony|signing|event)|O encontro|A (?:solenidade|cerimônia|assinatura)|"
    r"이날|협약식)",
    "opens a sentence on the event of the sentence before",
    "The signing ceremony was attended",
)
_SAID_WHEN = rule(
    r"\b(?:announced|said|stated|reported|told)\s(?:on\s)?$",
    "before a date, makes it the day of the announcement",
    "Mayor Dana Whitlock announced ",
)
_PERIOD = rule(
    r"\s?(?:까지|부터|~|년간|간\b|동안)|\s?(?:to|–|-)\s?\d",
    "behind a date, makes it the end of a period",
    "~ 30일까지",
)
_PART_OF_THE_DAY = rule(r" (?:오전|오후)|일\b", "goes on with a printed day", "일 오전")
