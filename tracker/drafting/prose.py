"""Promises in prose: what the parties, or their agreement, will do, one promise each, where the words say so."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracker.drafting.cast import Cast, Entity, Mention
from tracker.drafting.clauses import Promise
from tracker.drafting.layout import Found, Layout, Paragraph
from tracker.drafting.sentences import HIDDEN
from tracker.drafting.words_en import AGREEMENT, JOINT

LOOK = "this clause was prose"


def prose_clauses(
    layout: Layout,
    mask: str,
    sentences_of: Callable[[Paragraph], list[tuple[int, int]]],
    cast: Cast,
    parties: list[Entity],
    taken: list[Promise],
) -> list[Promise]:
    """Give the promises that stand in sentences outside every list and quotation."""
    found: list[Promise] = []
    read = 0
    covered = [(each.start, each.end) for each in taken]
    for part in layout.of("body"):
        about = goes_on = False
        for start, end in sentences_of(part):
            if read > 200 or any(one < end and start < other for one, other in covered):
                continue
            if _MAY_PROMISE.search(mask, start, end) is None:
                about = _ABOUT.match(mask, start, end) is not None
                goes_on = False
                continue
            read += 1
            sentence = mask[start:end]
            if sentence.count(HIDDEN) * 2 > len(sentence) or len(sentence) > 1500:
                continue
            korean = re.search("[가-힣]", sentence) is not None
            spans = (
                _in_korean(sentence, start, cast, parties, goes_on=goes_on)
                if korean
                else _in_english(sentence, start, cast, parties, about=about)
            )
            about = _ABOUT.match(sentence) is not None
            goes_on = korean and bool(spans)
            for one, other in spans:
                if other - one >= 3:
                    found.append(Promise(one, other, None, "narrative", LOOK))
    return found


def purpose_clause(purpose: Found | None, others: list[Promise]) -> list[Promise]:
    """Give what an agreement is for as its promise, where the article prints hardly any other."""
    if purpose is None or any(one.start < purpose.end and purpose.start < one.end for one in others):
        return []
    lead = re.match(r"(?:in order )?to |that aims to |which aims to ", purpose.text)
    start = purpose.start + (lead.end() if lead else 0)
    return [
        Promise(start, purpose.end, None, "narrative", "this clause was prose, the purpose of the agreement")
    ]


def _in_english(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, about: bool
) -> list[tuple[int, int]]:
    if HIDDEN in sentence and _SPOKEN.search(sentence):
        return []
    listed = _LISTED.search(sentence)
    if listed is not None and not _HOPE.search(sentence[: listed.end()]):
        items = _items(sentence, listed.end())
        if len(items) >= 2:
            return [(base + start, base + end) for start, end in items]
    which = _WHICH.search(sentence) or (_IT_ALSO.match(sentence) if about else None)
    if which is not None and not _HOPE.search(sentence[: which.end()]):
        items = (
            _items(sentence, which.end())
            if re.search(r",\s(?:and|as well as)\s", sentence[which.end() :])
            else []
        )
        return [
            (base + start, base + end)
            for start, end in items or [_closed(sentence, which.end(), len(sentence))]
        ]
    for pattern in (_AGREED, _UNDER_LONG, _CONTENT, _JOINTLY, _UNDER, _SET_UP):
        match = pattern.match(sentence) if pattern in (_UNDER, _UNDER_LONG) else pattern.search(sentence)
        if match is None or _HOPE.search(sentence[: match.end()]) or _PAST.search(sentence[: match.end()]):
            continue
        if pattern is _SET_UP and not re.search(
            rf"\b(?:under|through|as part of|pursuant to|cooperation|collaboration|partnership)\b|{AGREEMENT}",
            sentence,
            re.IGNORECASE,
        ):
            continue
        if pattern in (_CONTENT, _JOINTLY) and (
            _EFFECT.search(match["clause"])
            or re.search(r"\bsigning of\s$", sentence[: match.start("clause")])
        ):
            continue
        if re.search(
            r"\b(?:said|says|stated|noted|stressed|emphasi[sz]ed|explained|added)\b",
            sentence[: match.start("clause")],
        ):
            continue
        several = _infinitives(sentence, match.start("clause"), len(sentence))
        if several:
            return [(base + one, base + other) for one, other in several]
        start, end = match.span("clause")
        stop = len(sentence) if match.end("clause") < len(sentence) else end
        return [(base + one, base + other) for one, other in _each_subject(sentence, start, stop)]
    return _by_party(sentence, base, cast, parties)


def _by_party(sentence: str, base: int, cast: Cast, parties: list[Entity]) -> list[tuple[int, int]]:
    """Give what one of the parties alone will do."""
    match = re.search(
        r"\b(?:will|shall|has agreed to|agreed to|pledged to|promised to|committed to|undertakes to|has committed to|intends? to|plans? to|have agreed to|have pledged to|have committed to)\s(?!be held|sign|today|hold a|announce)",
        sentence,
    )
    if (
        match is None
        or match.start() > 140
        or _HOPE.search(sentence[: match.end() + 40])
        or re.search(r"\b(?:said|says|that|which|who)\b", sentence[: match.start()])
    ):
        return []
    subject = cast.within(base, base + match.start(), "organisation")
    if not subject or not any(each.entity in parties for each in subject):
        return []
    last = subject[-1]
    if sentence[last.end - base : match.start()].strip(" ,)") not in (
        "",
        "also",
        "and its students",
        "each",
        "both",
        "jointly",
        "together",
    ):
        return []
    first = subject[0].start - base
    lead = re.match(r"(?:[^,]{0,140},\s)?(?:the\s)?", sentence[:first])
    start = lead.end() if lead is not None and lead.end() >= first - 5 else first
    start = min(start, first)
    return [(base + one, base + other) for one, other in _each_subject(sentence, start, len(sentence))]


def _infinitives(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `agreed to run …, to sell … and to publish …` into what each is; nothing where it is one."""
    lead = re.search(
        r"\b(?:agreed|agree|pledged|committed|promised|undertook|decided|commits [^.]{3,60}?)\s(?:to)\s",
        sentence[start:end],
    )
    if lead is None:
        return []
    found: list[tuple[int, int, int]] = []
    at = start + lead.end()
    for match in re.finditer(r",?\s(?:and\s)?to\s(?=[a-z]+\s)|,\sand\sto\s", sentence[at:end]):
        if not (sentence[at + match.start()] == "," or match.group().startswith(" and")):
            continue
        found.append(
            (start + lead.end() if not found else found[-1][2], at + match.start(), at + match.end())
        )
    if not found:
        return []
    return [*(_closed(sentence, one, other) for one, other, _ in found), _closed(sentence, found[-1][2], end)]


def _each_subject(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `A will … and B will …`: one promise each; what one subject does twice stays together."""
    found = []
    for match in _NEXT_SUBJECT.finditer(sentence, start + 20, end):
        found.append(_closed(sentence, start, match.start()))
        start = match.end()
    return [*found, _closed(sentence, start, end)]


def _items(sentence: str, start: int) -> list[tuple[int, int]]:
    """Divide an enumeration in prose: at semicolons if it has any, else at commas and the last `and`."""
    end = len(sentence.rstrip(" ."))
    inner = re.match(r"(?:[\w-]+\s?){1,5},?\s(?:including|such as|namely)\s", sentence[start:end])
    if inner is not None:
        start += inner.end()
    last = re.search(r"[,;]\s(?:and|as well as|e)\s(?!.*[,;]\s(?:and|as well as)\s)", sentence[start:end])
    divider = (
        re.compile(r";\s(?:(?:and|as well as|e)\s)?") if ";" in sentence[start:end] else re.compile(r",\s")
    )
    stop = start + last.start() if last is not None else end
    items = []
    at = start
    for match in divider.finditer(sentence, start, stop):
        items.append((at, match.start()))
        at = match.end()
    if last is not None:
        items += [(at, stop), (start + last.end(), end)]
    else:
        joined = re.search(
            r"\sand\s(?=(?:the|a|an|[a-z]+ing|joint|active|mutual|shared)\b[^,;]*$)", sentence[at:end]
        )
        items += [(at, end)] if joined is None else [(at, at + joined.start()), (at + joined.end(), end)]
    items = [span for span in items if sentence[slice(*span)].strip()]
    if any(sentence[one:other].count("(") != sentence[one:other].count(")") for one, other in items):
        return []
    if any(other - one < 3 or other - one > 300 for one, other in items):
        return []
    return items


def _closed(sentence: str, start: int, end: int) -> tuple[int, int]:
    while end > start and sentence[end - 1] in " .;:,\n":
        end -= 1
    while start < end and sentence[start] in " ,":
        start += 1
    return start, end


def _in_korean(
    sentence: str, base: int, cast: Cast, parties: list[Entity], *, goes_on: bool
) -> list[tuple[int, int]]:
    """Give what the parties, or one of them, will do; ``goes_on``: the sentence before said that, too."""
    if HIDDEN in sentence and re.search("말했|밝혔|강조|덧붙|전했|설명", sentence):
        return []
    if _KOREAN_NEITHER.search(sentence):
        return []
    match = _KOREAN_PROMISE.search(sentence)
    plain = None if match else _KOREAN_PLAIN.search(sentence)
    if match is None and (plain is None or _KOREAN_NO_PROMISE.search(sentence)):
        return []
    stop = match.start() if match else plain.start() if plain else 0
    head = sentence[:stop]
    both = _KOREAN_BOTH.search(head)
    inside = [
        each
        for each in cast.within(base, base + len(head), "organisation")
        if each.entity in parties and _KOREAN_SUBJECT.match(sentence[each.end - base : each.end - base + 40])
    ]
    agreed = match is not None and re.search("합의|뜻을|약속|의견", match.group()) is not None
    by_agreement = _KOREAN_BY.match(sentence) is not None
    if both is None and not inside and not (goes_on or agreed or (by_agreement and plain is None)):
        return []
    if both is None and _KOREAN_EVENT.search(sentence[max(0, stop - 24) : stop + 12]):
        return []
    start = both.end() if both else 0
    if inside and (both is None or inside[0].start - base > both.end()):
        # Whoever alone does something stands in the clause; what several do together is everyone's.
        alone = len({id(each.entity) for each in inside}) == 1 and both is None
        last = inside[0] if len(inside) > 1 and not alone else inside[-1]
        if both is None and _joined_subjects(sentence, base, cast, inside[0]):
            particle = _KOREAN_SUBJECT.match(sentence[last.end - base :])
            start = last.end - base + (particle.end() if particle else 0)
        elif both is None:
            start = inside[0].start - base
    start += _lead(sentence[start:])
    short = re.match(r"(?:도|시|군|구|대학|병원|재단|은행)(?:은|는)\s", sentence[start:])
    if short is not None and both is not None:
        start += short.end()
    joint = _KOREAN_TOGETHER.match(sentence[start:])
    if joint is not None:
        start += joint.end()
    start += _lead(sentence[start:])
    end = stop
    if match is not None and match["stem"] is not None:
        end = match.end("stem")
    elif plain is not None:
        end = plain.end("stem")
    pieces = _korean_items(sentence, start, end)
    return [(base + one, base + other) for one, other in pieces if other - one >= 6]


def _lead(words: str) -> int:
    """Give how much of a Korean sentence leads in to what is promised."""
    found = _KOREAN_LEAD.match(words)
    return found.end() if found is not None else 0


def _joined_subjects(sentence: str, base: int, cast: Cast, subject: Mention) -> bool:
    """Whether somebody stands before a subject, joined with it: `A와 B는`."""
    before = [
        each for each in cast.within(base, subject.start, "organisation") if each.entity is not subject.entity
    ]
    return (
        bool(before)
        and re.search(
            r"^(?:\([^)]*\))?(?:와|과|,|·|및|\s)", sentence[before[-1].end - base : subject.start - base]
        )
        is not None
        and subject.start - before[-1].end < 40
    )


def _korean_items(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """Divide `A, B, C 등에 협력하기로` at its commas; a sentence without such an enumeration stays whole."""
    rest = sentence[start:end]
    listed = re.search(r"\s등(?:에서?|을|의|에|으로|\s)", rest)
    if listed is not None and rest[: listed.start()].count(",") >= 2:
        items, at = [], start
        for match in re.finditer(r",\s?", sentence[start : start + listed.start()]):
            items.append((at, start + match.start()))
            at = start + match.end()
        items.append((at, start + listed.start()))
        return [_closed(sentence, *span) for span in items]
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"(?<=[가-힣])(?:하고|하며|으며|이며|고|며),?\s", rest):
        before, after = rest[: match.start()], rest[match.end() :]
        if len(before) >= 8 and re.search(r"[을를]\s|[에로]\s", before) and re.search(r"[을를에]\s", after):
            found.append(_closed(sentence, start, start + match.start()))
            return [*found, *_korean_items(sentence, start + match.end(), end)]
    return [_closed(sentence, start, end)]


_NEXT_SUBJECT = re.compile(
    r",?\s(?:and|while|whereas)\s(?=(?:the\s[a-z]+|[A-Z][\w’&-]+(?:\s(?:of\s|and\s)?[A-Z][\w’&-]+){1,5}|its\s[a-z]+)\s(?:will|shall)\b)"
)
_MAY_PROMISE = re.compile(
    r"\b(?:will|shall|agree\w*|pledg\w+|promis\w+|commit\w*|undert\w+|decided|resolved|vowed|intends?|plans?|includ\w+|cover\w*|outlin\w+|sets? out|provi\w+|captur\w+|calls?|stipulat\w+|contains?|establish\w*|focus\w*|creat\w+|formali\w+|enabl\w+|allows?|details|supports?|can take|such as|namely|follow\w+|tais como|como|prevê|eixos|inclu\w+|abrange|áreas)\b|기로|계획|예정|방침|다\.?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(rf"(?:{AGREEMENT})\b", re.IGNORECASE)
_IT_ALSO = re.compile(
    r"(?:It|This)\s(?:also\s|will also\s|further\s)?(?:includes?|covers?|provides? for|calls? for|involves?)\s"
)
_WHICH = re.compile(
    rf"\b(?:{AGREEMENT})\b[^.]{{0,120}},\swhich\s(?:also\s)?(?:includes?|covers?|provides? for|involves?)\s",
    re.IGNORECASE,
)
_EFFECT = re.compile(
    r"^[^.]{0,160}?\b(?:will|also|and)\s(?:also\s|further\s|greatly\s|help\s){0,2}(?:strengthen|deepen|mark|boost|benefit|pave|open doors|be a|be an|be the|play|make|ensure that|represent|serve as|become|have|contribute)\b",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:said|says|added|adding|noted|stressed|emphasi[sz]ed|stated|explained|disse|afirmou|explica)\b"
)
_HOPE = re.compile(
    r"\b(?:expects?|expected|hopes?|hoped|hoping|believes?|is likely|may|might|could|aims? to|is designed to|are designed to|intended to|seeks? to|plans? to consider|looks? forward|in the past|already|has been|have been|previously|so far|if)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:in (?:19|20)\d\d|last (?:year|month)|since)\b")
_VERB_CONTENT = r"(?:sets? out|outlines?|captures?|covers?|includes?|provides? for|calls? for|commits?|stipulates?|contains?|establish(?:es)?|focus(?:es)? on|creates?|formali[sz]es?|enables?|allows?|will (?!be signed|be held|take place|mark|come into|also mark)|also (?:covers?|includes?|provides?|sets?|calls?)|details? how|supports?|can take|will take|takes the form)"
_LISTED = re.compile(
    rf"(?:(?:{AGREEMENT})\b[^.;:]{{0,120}}?\b(?:including|include|includes|covers?|covering|such as|namely|as follows|the following|outlines?)\b(?:\s(?:cooperation|collaboration|areas such as|the following areas))?\s?:?\s(?=[^;,]{{3,120}}[,;]\s[^;,]{{3,120}}[,;]))"
    rf"|(?:\b(?:agreed|agree|pledged|committed|will (?:cooperate|collaborate|work together))\b[^.;:]{{0,100}}:\s)|(?:\b(?:acordo|cooperação|convênio|termo|protocolo|parceria)\b[^.;:]{{0,160}}\b(?:tais como|como|inclui|incluindo|abrange|prevê|eixos|áreas)\b\s?:\s?)",
    re.IGNORECASE,
)
_AGREED = re.compile(
    rf"\b(?P<clause>(?:{JOINT})\s(?:have\s|has\s|also\s|further\s|today\s){{0,2}}(?:agreed|agree|pledged|pledge|promised|committed|commit|undertook|undertake|decided|resolved|vowed)\s(?:to|on|that)\b.{{10,}})",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    rf"\b(?P<clause>(?:{AGREEMENT})(?:,[^,]{{0,80}},|\s\([^)]{{1,20}}\)|\s(?:that|which|also|between [^.]{{0,120}}?))?\s{_VERB_CONTENT}\b.{{15,}})",
    re.IGNORECASE,
)
_JOINTLY = re.compile(
    rf"\b(?P<clause>(?:{JOINT})(?:,[^,]{{0,60}},)?\s(?:also\s)?(?:will|shall)\s(?!sign|hold a signing|be held).{{12,}})",
    re.IGNORECASE,
)
_UNDER = re.compile(
    rf"(?:(?:Under|Through|As part of|Pursuant to|In accordance with|According to|With|Based on|By)\s(?:[^,]{{0,40}}\s)?(?:{AGREEMENT})(?:[^,]{{0,60}})?,\s)(?P<clause>[^.]{{0,200}}?\b(?:will|shall|agreed to|pledged to|is to|are to|plan to|plans to|can)\b.{{10,}})",
    re.IGNORECASE,
)
_UNDER_LONG = re.compile(
    rf"(?:Under|Through|Pursuant to|According to)\s(?:{AGREEMENT})[^.]{{0,300}}?,\s(?P<clause>(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){{0,4}}(?:\sand\s(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+){{0,4}})?\s(?:will|shall)\b.{{10,}})"
)
_SET_UP = re.compile(
    r"(?P<clause>(?:(?:A|An|The)\s[^,.(]{3,80}(?:,[^,]{0,100},|\s\([^)]{1,100}\))?\swill\s(?:also\s)?be\s(?:set up|established|created|formed|launched|built|opened).{0,400}|there (?:is|are) (?:also )?provisions? for.{10,}))"
)
_KOREAN_NEITHER = re.compile(
    r"기대하|기대된|기대를|전망|예상|바란다|바람|당부|소감|계기로 삼|이라고 |라고 |다고 |며 “"
    r"|다음(?:과 같| 사항| 내용|의 내용)|아래(?:와 같| 사항| 내용)|[▲△▷▶①②•]"
)
"""Hopes and reports, and what holds a list or leads in to one."""
_KOREAN_PROMISE = re.compile(
    r"(?:하기로|키로|기로) ?(?:했|하였|합의|약속|뜻을|협의|의견|한 )|(?:할|해 나갈|나갈|갈|을|칠|울|일|릴|킬|될) (?:계획|예정|방침)(?:이다|이며|입니다|\.|$)|(?P<stem>추진|지원|협력|운영|투자|고용|채용|건립|신설|구축|개발|제공|조성|확대|마련|설치|참여|진행|발굴|양성|공유|실시|강화)(?:한다|하게 된다|해 나간다|해나간다)(?:\.|$)"
)
_KOREAN_PLAIN = re.compile(
    r"(?P<stem>[가-힣]{1,8}?)(?:한다|하게 된다|해 나간다|해나간다|(?<=맡)는다|(?<=돕)는다|(?<=만)든다|(?<=나)선다|(?<=[가-힣])(?:어|아|해) ?준다|(?<=보)낸다|(?<=[늘알올])린다)(?:\.|$)"
)
"""A plain present, with which news tell what somebody is going to do."""
_KOREAN_NO_PROMISE = re.compile(
    r"(?:말|설명|강조|전|평가|자랑|위치|해당|차지|의미|불과|못|가능|필요|중요|시작|개최|체결|참석|기록|달|속|뜻|당부|주장|지적|분석|예상)한다\.?$|(?:밝힌|열린|연|맺는|갖는|있는|없는|보인|꼽힌)다\.?$"
    r"|부터 |지난해|작년|그동안|그간|현재|이미|앞서|올해로|설립|기존|해 ?왔|개원|출범|창립"
)
_KOREAN_BOTH = re.compile(
    r"(?:두|양|세|네|이들|양측|각) ?(?:기관|도시|시|측|대학|단체|회사|사|교|지자체|지역)?(?:은|는|이|가)\s|협약(?:에 따라|에 따르면|을 통해|으로)[,\s]|협약 내용에|(?:^|\s)(?:도|시|군|구|대학|병원|재단|은행|회사|공사|협회)(?:[와과] (?:도|시|군|구|대학|병원|재단|은행|회사|공사|협회))?(?:은|는)\s"
)
_KOREAN_TOGETHER = re.compile(
    r"(?:두|양|세|네|이들) ?(?:기관|도시|시|측|대학|단체|회사|사|교|지자체|지역)?(?:은|는|이|가)\s"
)
_KOREAN_SUBJECT = re.compile(r"(?:\([^)]*\))?(?:은|는|이|가|에서는|에서)\s")
_KOREAN_BY = re.compile(r"(?:이번 |이날 )?(?:업무)?(?:협약|협정|합의)(?:에 따라|에 따르면|을 통해|으로)[,\s]")
_KOREAN_EVENT = re.compile(
    r"(?:협약|양해각서|협약식|협정|행사|간담회)[을를]?\s?(?:[가-힣]+ )?(?:체결|맺|개최|열|갖|가지)"
)
_KOREAN_LEAD = re.compile(
    r"(?:(?:앞으로|향후|우선|먼저|이번 협약(?:에 따라|을 통해|으로)|(?:업무)?협약(?:에 따라|에 따르면|을 통해)|이에 따라|이를 통해|또한?|아울러|특히)[,\s]\s?)+"
)
