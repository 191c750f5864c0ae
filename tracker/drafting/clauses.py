"""Clauses: what stands in marked lists after a lead-in that promises, and promises in prose.

What decides is the words around a list, never its marks: hoped-for effects, achievements, captions and
lists of those present carry the same marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.rules import Rule, rule
from tracker.drafting.wordlists import patterns


@dataclass(frozen=True, slots=True)
class Promise:
    """A clause at its place; ``label`` is its mark as printed, None in prose."""

    start: int
    end: int
    label: str | None
    kind: str
    look_at: str = ""


def marked_clauses(
    layout: Layout, mask: str, sentences_of: Callable[[Paragraph], list[tuple[int, int]]]
) -> list[Promise]:
    """Return the clauses of every marked list, in order."""
    items: list[Promise] = []
    body = layout.of("body")
    for part in body:
        items += _inside(layout, mask, part, sentences_of(part))
    items += _over_lines(layout, mask, body)
    unique: dict[int, Promise] = {}
    for promise in sorted(items, key=lambda one: (one.start, -one.end)):
        unique.setdefault(promise.start, promise)
    return _separate(list(unique.values()))


def _separate(promises: list[Promise]) -> list[Promise]:
    kept: list[Promise] = []
    for promise in promises:
        if kept and promise.start < kept[-1].end:
            continue
        kept.append(promise)
    return kept


# Lists inside one paragraph


def _inside(layout: Layout, mask: str, part: Paragraph, spans: list[tuple[int, int]]) -> list[Promise]:
    text = layout.text
    for pattern in _RUNNING:
        marks = _in_series(pattern, mask, part)
        if len(marks) < 2:
            continue
        stop = _list_end(mask, marks[-1].end(), part)
        lead_start = _sentence_start(spans, marks[0].start(), part)
        lead = mask[max(lead_start, marks[0].start() - 400) : marks[0].start()]
        before = _before_a_short_lead(layout, mask, part, spans, lead_start) if len(lead.strip()) < 20 else ""
        tail_end = _sentence_end(mask, stop, part)
        tail = mask[stop:tail_end]
        says_itself = bool(lead.strip(" ○□ㅇ-")) and promises(lead, tail)
        if not says_itself and not promises(before + " " + lead, tail):
            return []
        items = []
        for number, mark in enumerate(marks):
            end = marks[number + 1].start() if number + 1 < len(marks) else stop
            span = _tidied(text, mark.end(), end, last=number + 1 == len(marks))
            if span is not None:
                items.append(Promise(*span, mark.group().strip(" .") or None, "listed"))
        if items:
            carried = _carried_on(text, mask, items[-1].end, _sentence_end(mask, items[-1].end, part))
            return [*items, *carried]
    return []


def _before_a_short_lead(
    layout: Layout, mask: str, part: Paragraph, spans: list[tuple[int, int]], lead_start: int
) -> str:
    """Return what stands before a lead-in of a word or two, `주요 내용은 ▲…`, which alone says not of what."""
    earlier = [span for span in spans if span[1] <= lead_start]
    return mask[slice(*earlier[-1])][-300:] if earlier else _line_before(layout, part)


def _line_before(layout: Layout, part: Paragraph) -> str:
    """Return the end of the paragraph before, where a list begins with its line."""
    if part.number == 0:
        return ""
    before = layout.paragraphs[part.number - 1]
    return _end_of(layout.text, before)


def _end_of(text: str, part: Paragraph) -> str:
    """Return as much of a paragraph's end as a lead-in takes."""
    return text[max(part.start, part.end - 300) : part.end]


def _in_series(pattern: Rule, mask: str, part: Paragraph) -> list[re.Match[str]]:
    """Return the marks of one list: of numbers only those that count on from one."""
    marks = list(islice(pattern.finditer(mask, part.start, part.end), 100))
    if not marks or "n" not in pattern.pattern.groupindex:
        if marks and len(marks) > 1 and marks[0].group().strip() in "-–":
            return []
        return marks
    for first, mark in enumerate(marks):
        series: list[re.Match[str]] = []
        for following in marks[first:]:
            if _count(following["n"]) == len(series) + 1:
                series.append(following)
        if _count(mark["n"]) == 1 and len(series) >= 2:
            return series
    return []


def _count(number: str) -> int:
    if number.isdecimal():
        return int(number)
    if len(number) == 1 and "①" <= number <= "⑳":
        return ord(number) - ord("①") + 1
    if number in _ROMAN:
        return _ROMAN.index(number) + 1
    if len(number) == 1 and number.isalpha():
        return (
            _KOREAN_LETTERS.index(number) + 1
            if number in _KOREAN_LETTERS
            else ord(number.lower()) - ord("a") + 1
        )
    return 0


def _list_end(mask: str, start: int, part: Paragraph) -> int:
    """Return where the last item of a running list ends: at 등, at a new clause, or with its sentence."""
    stop = _sentence_end(mask, start, part)
    item = mask[start:stop]
    for pattern in (_KOREAN_TAIL, _NEW_CLAUSE):
        match = pattern.search(item)
        if match is not None and match.start() > 2:
            return start + match.start()
    return stop


def _sentence_start(spans: list[tuple[int, int]], at: int, part: Paragraph) -> int:
    return next((start for start, end in spans if start <= at < end), part.start)


def _sentence_end(mask: str, at: int, part: Paragraph) -> int:
    match = _STOP.search(mask, at, part.end)
    return match.start() if match is not None else part.end


def _carried_on(text: str, mask: str, start: int, end: int) -> list[Promise]:
    """Return a promise in prose that the sentence of a list ends with: `, and … will also be pursued`."""
    rest = mask[start:end]
    match = _GOES_ON.match(rest)
    if match is None or not _WILL.search(match["clause"]):
        return []
    span = _tidied(text, start + match.start("clause"), end, last=True)
    return [] if span is None else [Promise(*span, None, "narrative", "this clause was prose")]


# Lists over several lines


def _over_lines(layout: Layout, mask: str, body: list[Paragraph]) -> list[Promise]:
    items: list[Promise] = []
    number = 0
    while number < len(body):
        style = _line_mark(mask, body[number])
        if style is None:
            number += 1
            continue
        group = [number]
        while group[-1] + 1 < len(body):
            following = _line_mark(mask, body[group[-1] + 1])
            if following is None or following[0] != style[0]:
                break
            group.append(group[-1] + 1)
        items += _lines(layout, mask, body, group)
        number = group[-1] + 1
    return items


def _line_mark(mask: str, part: Paragraph) -> tuple[str, re.Match[str]] | None:
    for name, pattern in _LINE_MARKS:
        match = pattern.match(mask, part.start, part.end)
        if match is not None:
            return name, match
    return None


def _lines(layout: Layout, mask: str, body: list[Paragraph], group: list[int]) -> list[Promise]:
    """Return the items of lines that carry one kind of mark, where what leads in to them promises."""
    opened = group[0] > 0 and layout.words(body[group[0] - 1]).rstrip().endswith((":", "："))
    if len(group) < 2 and not opened:
        return []
    lines = [body[number] for number in group]
    if sum(_is_prose(mask[part.start : part.end]) for part in lines) * 2 > len(lines):
        return []
    lead = ""
    for before in range(group[0] - 1, max(-1, group[0] - 3), -1):
        words = _end_of(mask, body[before])
        lead = words + " " + lead
        if words.rstrip().endswith((":", "：", ".", "다", "다.")) or len(words) > 60:
            break
    heading = layout.paragraphs[body[group[0]].number - 1] if body[group[0]].number else None
    if heading is not None and heading.role in ("noise", "caption"):
        lead = mask[heading.start : heading.end][-200:]
    if not promises(lead, ""):
        return []
    items = []
    for part in lines:
        marked = _line_mark(mask, part)
        assert marked is not None
        if _PAST_SENTENCE.fullmatch(mask[marked[1].end() : part.end].rstrip()):
            continue
        span = _tidied(layout.text, marked[1].end(), part.end, last=part is lines[-1])
        if span is not None:
            items.append(Promise(*span, marked[1].group().strip().strip(".") or None, "listed"))
    return items


def _is_prose(line: str) -> bool:
    """Return whether a marked line is a paragraph of its own: sentences, or one that ends in 다."""
    stripped = line.rstrip(' ”"’')
    if stripped.endswith(("다.", "다", "요.")) or len(line) > 420 or _INNER_MARK.search(line[2:]):
        return True
    return len(_NEXT_SENTENCE.pattern.findall(line)) >= 1 and len(line) > 160


# What a lead-in promises


def promises(lead: str, tail: str) -> bool:
    """Return whether the words before and behind a list say that it is what was agreed."""
    if _TAIL_DECOY.search(tail[:200]):
        return False
    last = lead[-400:]
    sentence = _SENTENCE_BREAK.pattern.split(last.rstrip())[-1]
    decoys = list(_DECOY.finditer(sentence))
    contents = list(_CONTENTS.finditer(sentence))
    if contents and all(decoy.start() > contents[-1].end() for decoy in decoys):
        return True
    if decoys:
        return False
    if contents or _CONTENTS.search(last) or _PROMISE.search(last):
        return _DECOY.search(last) is None or bool(contents)
    return _TAIL_PROMISE.search(tail[:200]) is not None


def _tidied(text: str, start: int, end: int, *, last: bool) -> tuple[int, int] | None:
    """Return an item without what only joins it to the next: spaces, commas, `and`."""
    while start < end and (text[start].isspace() or text[start] in "·:"):
        start += 1
    while True:
        before = end
        while end > start and (text[end - 1].isspace() or text[end - 1] in ",;、；"):
            end -= 1
        joined = _JOIN.search(text, max(start, end - 8), end)
        if joined is not None:
            end = joined.start()
        if last or text[end - 1 : end] in (".", "。"):
            while end > start and text[end - 1] in ".。":
                end -= 1
        if end == before:
            break
    return (start, end) if end - start >= 2 else None


_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_KOREAN_LETTERS = "가나다라마바사아자차카타파하"
_RUNNING = (
    rule("[▲△▷▶►◆◇■□◈◎]", "marks items inside a sentence", "▲창구 개설 ▲시민 교육"),
    rule("(?P<n>[①-⑳]) ?", "numbers items inside a sentence", "①창구 개설 ②시민 교육"),
    rule(r"(?:(?<=\s)|(?<=[:：(]))[(](?P<n>\d{1,2}|[ivx]{1,4}|[a-l])\) ?", "numbers items", "are (1) a map"),
    rule(r"(?:(?<=\s)|(?<=[:：]))(?P<n>\d{1,2})\)\s?", "numbers items", "are 1) a map; 2) a desk"),
    rule(r"(?:(?<=\s)|(?<=[:：]))(?P<n>[ivx]{1,4})\)\s?", "numbers items", "are i) a map; ii) a desk"),
    rule(r"(?:(?<=\s)|(?<=[:：]))(?P<n>[a-l])\)\s?", "numbers items", "are a) a map; b) a desk"),
    rule("[•▪●○◦‣∙]", "marks items inside a sentence", "• a map • a desk"),
)
_LINE_MARKS = (
    ("triangle", rule(r"[▲△▷▶►◆◇■□◈◎]\s*", "marks a line", "▲ 창구 개설")),
    ("bullet", rule(r"[•▪●○◦‣∙·ㆍ※❍]\s*|ㅇ\s+|o\s+", "marks a line", "• a map")),
    ("dash", rule(r"[-–—*]\s+|-(?=[가-힣])", "marks a line", "- a map")),
    ("circle", rule(r"[①-⑳]\s*", "numbers a line", "① 창구 개설")),
    ("number", rule(r"\(?\d{1,2}[.)]\s+|\d{1,2}\.\s*(?=[가-힣])", "numbers a line", "1. a map")),
    ("roman", rule(r"\(?[ivx]{1,4}[.)]\s+", "numbers a line", "ii) a map")),
    ("letter", rule(r"\(?[a-l][.)]\s+|[가나다라마바사아자차][.)]\s+", "numbers a line", "b) a map")),
    ("article", rule(r"제\d{1,2}조(?:\([^)]{1,40}\))?\s*", "numbers a line", "제3조(협력) 두 기관은")),
)
_STOP = rule(
    r"[.。](?=\s|$)|[!?](?=\s[A-Z가-힣]|$)|(?<=다)\.",
    "ends the sentence of a list",
    "visitors; (2) new export orders.",
)
_NEW_CLAUSE = rule(
    r",?\s(?:and|while|with|which|where)\s(?=[^▲△①•,;]{0,160}\b(?:will|shall|would|are expected|"
    r"is expected|plan to|plans to|agreed)\b)|,\s(?:and|while)\s(?=through\b)|,\s(?:according to|"
    r"he said|she said)",
    "ends a list where the sentence goes on",
    ", and the council will pay",
)
_KOREAN_TAIL = rule(
    r"(?:이|가) (?:있다|꼽힌다|꼽혔다)(?=\.|$)|\s?등(?=이다|을|에|의|으로|이|과|\s|$|,|\.|도|에서|"
    r"입니다|과 관련)|\s?(?:이다|입니다)(?=\.|$)|\s(?=분야에서|등의)"
    r"|(?:에|을|를) (?:대해 |관해 )?(?:서로 |상호 |함께 |적극 |긴밀히 |공동으로 )?(?:협력|추진|"
    r"노력|지원)하기로|(?:하기로|키로|기로) (?:했|합의|뜻|약속|하)"
    r"|(?:을|를) (?:주요 |핵심 |주 )?(?:골자|내용|핵심|주제)(?:으?로)|(?:을|를) (?:담은|담고|포함|"
    r"기대|약속)|에 (?:대해 )?(?:합의|나서|뜻을|서명|상호 |서로 |함께 )|(?<=[가-힣])\s?효과(?:가|"
    r"를|도|로)|\s?(?:할|될|일) 것으로",
    "ends a list in a Korean sentence",
    "대기 시간 단축 효과가 있을 것으로 기대하고 있다",
)
_IN_PAST = "".join(
    chr(code) for code in range(0xAC00, 0xD7A4) if (code - 0xAC00) % 28 == 20 and chr(code) not in "있겠"
)
"""The syllables in which a Korean past ends, 했 and 었: those with ㅆ but in 있다 and in the future's 겠다."""
_PAST_SENTENCE = rule(
    rf".*[{_IN_PAST}]다\.?"
    r"|(?:The|It|We|They|In \d{4},|[A-Z]\w+)\s.{0,80}?"
    r"\b(?:was|were|had|\w{3,}ed(?=\s(?:an?|the|its|their|to|in|by|\d)))\b(?!.*\b(?:will|shall|"
    r"must)\b).*\.",
    "tells what has happened, and so promises nothing",
    "The city opened a clinic in 2019.",
)
_JOIN = rule(
    r"[,;]?\s(?:and|or|e|및|그리고|와|과)$", "joins an item to the next", "urban search and rescue; and"
)
_WORD = (
    r"(?:agreement|mous?|memorand\w+|moa|pact|deal|accord|partnership|protocol|treaty|cooperation|"
    r"co-operation|collaboration|contract|charter|compact|arrangement|amendment|addendum|document|"
    r"framework|concordat|covenant|undertaking|letter of intent|loi|parties|sides|institutions|"
    r"cities|acordo|convênio|termo|protocolo|cooperação|memorando|acuerdo)"
)
_CONTENTS = rule(
    rf"(?:main|key|major|core|principal|specific|detailed)\s(?:contents?|points?|terms?|"
    rf"provisions?|areas?|items?|details|tasks?|elements|commitments)[^.]{{0,50}}\b{_WORD}|"
    rf"\b{_WORD}\b[^.▲]{{0,120}}\b(?:contents?|terms|provisions|includes?|including|covers?|"
    rf"covering|outlines?|sets? out|comprises?|consists?|calls? for|stipulates?|provides? for|"
    rf"commits?|focus(?:es)? on|as follows|the following|following areas)\b|"
    r"\b(?:agreed|agree|pledged|promised|committed|undertook|undertake|decided|will cooperate|"
    r"will collaborate|will work together|to cooperate|to collaborate|cooperate in|cooperate on|"
    r"collaborate on|collaborate in)\b[^.▲]{0,160}$|"
    r"(?:주요|세부|핵심|구체적인?|협력)?\s?(?:협약|협력|합의|협정|양해각서|MOU|약정)\s?(?:의|서의|"
    r"서)?\s?(?:주요|핵심|세부|구체적인?)?\s?(?:내용|사항|분야|과제|골자|조항|항목|방안|의제)|"
    r"협약서에는|협약에는|협약은|이번 협약을 통해|이번 협약에 따라|협약에 따라|협약을 통해|"
    r"협약 체결로|업무협약으로|주요 과제로는|"
    r"(?:두|양|세|네|각|이들|양측) ?(?:기관|도시|시|측|대학|단체|회사|사|교|지자체|지역|"
    r"기관들)?(?:은|는|이|가)[^.▲△①]{0,120}$|(?:공동|상호|서로|함께)\s?(?:협력|추진|"
    r"노력)(?:하기로|할|해|키로)?[^.]{0,30}$|약속(?:한|했)|"
    r"(?:acordo|convênio|termo|protocolo|cooperação|memorando)\b[^.]{0,120}\b(?:prevê|inclui|"
    r"abrange|contempla|estabelece|eixos|tais como|seguintes)|comprometem-se",
    "says that a list is what was agreed",
    "effects of the agreement include",
    re.IGNORECASE,
)
_PROMISE = rule(
    rf"\b{_WORD}\b|\bwill\b[^.]{{0,80}}[:：]?\s?$|협약|협력|양해각서|합의|약속|추진하기로|MOU|"
    rf"\bcooperat\w+|\bcollaborat\w+",
    "says that a list may be what was agreed",
    "Under the agreement, the parties",
    re.IGNORECASE,
)
_DECOY = rule(
    patterns("list_decoys"),
    "says that a list is something else",
    "signing ceremony was attended by",
    re.IGNORECASE,
)
_TAIL_DECOY = rule(
    r"(?:기대|예상|전망|효과|수상|참석|선정|성과를|실적|운영하고 있|운영 중|추진하고 있|추진해 왔|"
    r"해 왔|해왔|했던|거뒀|올렸|기록했|달성했|자랑|보유)|^\s?(?:are|is|were) (?:expected|hoped)|"
    r"attended|were present|have been (?:completed|achieved)",
    "behind a list, says that it is something else",
    " 효과가 있을 것으로 기대하고 있다",
)
_TAIL_PROMISE = rule(
    r"(?:골자|내용|핵심|담은|담긴|포함)[^.]{0,24}(?:협약|양해각서|협정|MOU|합의)|"
    r"(?:협력|추진|지원|노력|약속|합의|함께|공동)(?:하기로|키로|할 (?:계획|예정|방침)|해 나|한다|"
    r"하게|했다)|(?:하기로|기로|키로) ?(?:했|합의|뜻|약속)|agreed|pledged",
    "behind a list, says that it is what was agreed",
    "을 골자로 한 협약서에 서명했다",
)
_GOES_ON = rule(
    r"[,;]?\s(?:and|while|with)\s(?P<clause>[^▲△①•]{20,400})$",
    "goes on with a promise behind a list",
    ", and joint projects will also be pursued",
)
_INNER_MARK = rule("[▲△▷▶①②]", "marks an item inside a marked line", "주요 내용은 ▲창구 개설")
_SENTENCE_BREAK = rule(
    r"[.!?다]\.?\s(?=[A-Z가-힣○□])", "ends the sentence before a lead-in", "협약을 체결했다. 주요 내용은"
)
_WILL = rule(
    r"\b(?:will|shall|agreed to|plan to|plans to|pledged to)\b",
    "is a verb of promising behind a list",
    "joint projects will also be pursued",
)
_NEXT_SENTENCE = rule(
    r"[.!?]\.?[”\"’]?\s+[A-Z“]", "ends a sentence inside a marked line", "It was long. Guests applauded."
)
