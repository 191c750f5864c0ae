"""Promises in Korean prose: what the parties, or one of them, will do, where the words say so."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity, Mention
from tracker.drafting.rules import rule
from tracker.drafting.sentences import HIDDEN, closed


def promises_in_korean(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, goes_on: bool
) -> list[tuple[int, int]]:
    """Return where a sentence that begins at ``base`` promises; ``goes_on``: the one before it did, too."""
    named = _MAIN_TASKS.search(sentence)
    if named is not None:
        spans = re.finditer(r"[^,]+", sentence[: named.end("items")][named.start("items") :])
        at = base + named.start("items")
        return [
            (at + one, at + other) for one, other in (closed(match.string, *match.span()) for match in spans)
        ]
    if _NEITHER.search(sentence) or (HIDDEN in sentence and _REPORTED.search(sentence)):
        return []
    verb = _PROMISE.search(sentence)
    if verb is None or (verb["stem"] and _ALREADY.search(sentence)):
        return []
    start = _start(sentence, base, cast, parties, verb, goes_on=goes_on)
    if start is None:
        return []
    end = verb.end("stem") if verb["stem"] else verb.start()
    return [(base + one, base + other) for one, other in _items(sentence, start, end) if other - one >= 6]


def _start(
    sentence: str, base: int, cast: Cast, parties: list[Entity], verb: re.Match[str], *, goes_on: bool
) -> int | None:
    """Return where the promise begins, or None where nobody is its subject who could promise.

    Whoever alone does something stands in the clause; what all do together is everyone's.
    """
    head = sentence[: verb.start("stem") if verb["stem"] else verb.start()]
    both = _BOTH.search(head)
    if both is not None:
        return _behind_leads(head, both.end())
    subjects = [
        mention
        for mention in cast.within(base, base + len(head), "organisation")
        if mention.entity in parties
        and _SUBJECT.match(sentence[mention.end - base : mention.end - base + 40])
    ]
    if subjects:
        first = subjects[0]
        if not _is_joined(sentence, base, cast, first):
            return _behind_leads(head, first.start - base)
        particle = _SUBJECT.match(sentence[first.end - base :])
        return _behind_leads(head, first.end - base + (particle.end() if particle else 0))
    short = _short_party(head, parties)
    if short is not None:
        return _behind_leads(head, short)
    agreed = _AGREED.search(verb.group()) is not None
    by_agreement = _BY.match(sentence) is not None
    return _behind_leads(head, 0) if goes_on or agreed or by_agreement else None


def _behind_leads(head: str, start: int) -> int:
    """Return the place behind what leads in to a promise."""
    return start + _lead(head[start:])


def _short_party(head: str, parties: list[Entity]) -> int | None:
    """Return where a party's short name stands as a subject: `의료원은` of 해솔의료원."""
    names = [name.text for party in parties for name in party.names]
    for match in _WORD_AS_SUBJECT.finditer(head):
        word = match["word"]
        if any(name != word and (name.endswith(word) or name.startswith(word)) for name in names):
            return match.start()
    return None


def _lead(words: str) -> int:
    """Return how much of a Korean sentence leads in to what is promised."""
    match = _LEAD.match(words)
    return match.end() if match is not None else 0


def _is_joined(sentence: str, base: int, cast: Cast, subject: Mention) -> bool:
    """Return whether somebody stands before a subject, joined with it: `A와 B는`."""
    before = [
        mention
        for mention in cast.within(base, subject.start, "organisation")
        if mention.entity is not subject.entity
    ]
    return (
        bool(before)
        and _JOINED.search(sentence[before[-1].end - base : subject.start - base]) is not None
        and subject.start - before[-1].end < 40
    )


def _items(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `A, B, C 등에 협력하기로` at its commas; a sentence without such an enumeration stays whole."""
    rest = sentence[start:end]
    listed = _AND_OTHERS.search(rest)
    if listed is not None and rest[: listed.start()].count(",") >= 2:
        items, at = [], start
        for match in re.finditer(r",\s?", sentence[start : start + listed.start()]):
            items.append((at, start + match.start()))
            at = start + match.end()
        items.append((at, start + listed.start()))
        return [closed(sentence, *span) for span in items]
    spans: list[tuple[int, int]] = []
    for match in _AND_DOES.finditer(rest):
        before, after = rest[: match.start()], rest[match.end() :]
        if len(before) >= 8 and _HAS_OBJECT.search(before) and _NEXT_OBJECT.search(after):
            spans.append(closed(sentence, start, start + match.start()))
            return [*spans, *_items(sentence, start + match.end(), end)]
    return [closed(sentence, start, end)]


_MAIN_TASKS = rule(
    r"주요 과제로는 (?P<items>[^,.]{4,60}(?:, [^,.]{4,60}?){1,9}?)(?: 등)?(?:이|가)? "
    r"(?:있다|꼽힌다|꼽혔다|선정했다|정했다)",
    "enumerates what was agreed",
    "주요 과제로는 순회진료 실시, 원격협진 구축 등이 있다.",
)
_NEITHER = rule(
    r"^한편|별도로|별개로|손(?:을 )?잡고|기대하|기대했|기대된|기대를|전망|예상|바란다|바람|당부|"
    r"소감|계기로 삼|이라고 |라고 |다고 |며 “"
    r"|다음(?:과 같| 사항| 내용|의 내용)|아래(?:와 같| 사항| 내용)|[▲△▷▶①②•]",
    "tells a hope or a report, holds a list or leads in to one",
    "청년창업 활성화를 위한 업무협약을 체결했다고 6일 밝혔다.",
)
_GOING_TO = "".join(chr(code) for code in range(0xAC00, 0xD7A4) if (code - 0xAC00) % 28 == 8)
"""The syllables that end in ㄹ, as what is going to be done does: 할, 될, 줄."""
_PROMISE = rule(
    rf"(?:하기로|키로|기로) ?(?:했|하였|합의|약속|뜻을|협의|의견|한 )|[{_GOING_TO}] (?:계획|예정|"
    rf"방침)(?:이다|이며|입니다|\.|$)|(?P<stem>추진|지원|협력|운영|투자|고용|채용|건립|신설|구축|"
    rf"개발|제공|조성|확대|마련|설치|참여|진행|발굴|양성|공유|실시|강화)(?:한다|하게 된다|"
    rf"해 나간다|해나간다)(?:\.|$)",
    "is a verb of promising",
    "발전 수익 일부는 취약계층 전기요금 지원에 쓰기로 했다.",
)
_ALREADY = rule(
    r"\d년부터|지난해|작년|그동안|그간|현재|이미|앞서|올해로|설립|기존|해 ?왔|개원|출범|창립",
    "tells the past, and so promises nothing",
    "미래전자는 지난해 매출 2조 원을 기록했다.",
)
_BOTH = rule(
    r"(?:두|양|세|네|이들|양측|각) ?(?:기관|도시|시|측|대학|단체|회사|사|교|지자체|지역)?(?:은|는|"
    r"이|가)\s|협약(?:에 따라|에 따르면|을 통해|으로)[,\s]|협약 내용에|(?:^|\s)(?:도|시|군|구|"
    r"대학|병원|재단|은행|회사|공사|협회)(?:[와과] (?:도|시|군|구|대학|병원|재단|은행|회사|공사|"
    r"협회))?(?:은|는)\s",
    "makes all the parties, or one by its common noun, the subject",
    "이들은 최근 업무협약을 맺고 세대별 소화기 점검을 분기마다",
)
_SUBJECT = rule(
    r"(?:\([^)]*\))?(?:은|는|이|가|에서는|에서)\s",
    "makes a Korean organisation the subject",
    "는 3년간 5억 원 상당의 실습 장비를 기증하고 졸업생",
)
_WORD_AS_SUBJECT = rule(
    r"(?<![가-힣])(?P<word>[가-힣A-Za-z]{2,12})(?:은|는|이|가)\s",
    "is a word that is the subject",
    "발전 수익의 30%는 입주민 관리비를 줄이는 데 쓰",
)
_BY = rule(
    r"(?:이번 |이날 )?(?:업무)?(?:협약|협정|합의|결연|양해각서|약정)(?:서|안)?(?:에 따라|"
    r"에 따르면|을 통해|으로)[,\s]",
    "says that something is done by the agreement",
    "협약에 따르면 다솜전자는 2026년까지 미르산단 3만㎡",
)
_LEAD = rule(
    r"(?:(?:앞으로|향후|우선|먼저|이번 협약(?:에 따라|을 통해|으로)|(?:업무)?(?:협약|협정|합의|"
    r"결연|양해각서|약정)(?:서|안)?(?:에 따라|에 따르면|을 통해)|이와 함께|이에 따라|이를 통해|"
    r"또한?|아울러|특히)[,\s]\s?)+",
    "leads in to a promise and is no part of it",
    "앞으로 청소년 상호 방문을 매년 정례화하고 공무원을 1년간",
)
_REPORTED = rule(
    "말했|밝혔|강조|덧붙|전했|설명",
    "says that a sentence reports",
    " 것이 구교린 미르협동조합 이사장의 설명이다.",
)
_AGREED = rule("합의|뜻을|약속|의견", "says that it was agreed", "합의했다")
_AND_OTHERS = rule(r"\s등(?:에서?|을|의|에|으로|\s)", "ends an enumeration", "교육 등에 협력")
_AND_DOES = rule(
    r"(?<=[가-힣])(?:하고|하며|으며|이며|고|며),?\s",
    "stands between two promises of one sentence",
    "부지를 제공하고 인허가를",
)
_JOINED = rule(
    r"^(?:\([^)]*\))?(?:와|과|,|·|및|\s)", "joins a Korean subject to one before", "(시장 반지운)와"
)
_HAS_OBJECT = rule(r"[을를]\s|[에로]\s", "shows that words before a second verb are a promise", "부지를 제공")
_NEXT_OBJECT = rule(r"[을를에]\s", "shows that words behind a first verb are a promise", "인허가를 지원")
