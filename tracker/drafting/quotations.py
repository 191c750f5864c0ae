"""Which marked pieces are quotations: words that someone said, not titles, ceremonies or scare quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.marks import Marked, marked
from tracker.drafting.rules import rule
from tracker.drafting.words_en import SAYING

MOST = 200


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that someone said, with their place and the paragraph that they stand in."""

    piece: Marked
    part: Paragraph

    @property
    def start(self) -> int:
        """Where the words begin, behind the mark."""
        return self.piece.start

    @property
    def end(self) -> int:
        """Where they end, before the mark."""
        return self.piece.end


def quotations(layout: Layout, *, korean: bool) -> list[Quotation]:
    """Return the quotations of an article, in order."""
    result: list[Quotation] = []
    for part in layout.of("body", "headline"):
        if len(result) >= MOST:
            break
        pieces = list(islice(marked(layout.text, part.start, part.end), MOST))
        for piece in pieces:
            previous = result[-1] if result and result[-1].part is part else None
            if _is_quotation(layout, part, piece, korean=korean, previous=previous):
                result.append(Quotation(piece, part))
    return result


def _is_quotation(
    layout: Layout, part: Paragraph, piece: Marked, *, korean: bool, previous: Quotation | None
) -> bool:
    text = layout.text
    content = text[piece.start : piece.end]
    if not any(letter.isalpha() for letter in content):
        return False
    before = text[max(part.start, piece.before - 90) : piece.before]
    after = text[piece.after : min(part.end, piece.after + 90)]
    if re.search("[가-힣]", content) or (korean and re.search("[가-힣]", before + after)):
        return _is_korean_quotation(part, piece, content, before, after)
    words = content.split()
    if part.role == "headline":
        return _is_headline_quotation(words, before, after)
    said_after = _SAID_AFTER.match(after) is not None
    said_before = _SAID_BEFORE.search(before) is not None
    inside = content[-1] in ",.?!…"
    if _is_a_name(words, before, after, inside=inside, said_before=said_before, said_after=said_after):
        return False
    is_paragraph = not before.strip(" >*-–—\\") and not after.strip(" .\\")
    speaks = said_after or said_before
    if piece.is_single:
        goes_on = previous is not None and inside and content[0].isupper() and len(words) >= 3
        stands = inside and content[0].isupper() and len(words) >= 6 and not after.strip()
        opened = not before.strip() or previous is not None or before.rstrip().endswith((".", ":", ","))
        long = inside and len(words) >= 8 and opened
        goes_on = goes_on or (stands and opened)
        return len(words) >= 3 and (
            goes_on or long or (inside and (speaks or is_paragraph)) or (is_paragraph and len(words) >= 6)
        )
    if speaks:
        return len(words) >= 2 or inside
    if is_paragraph:
        return len(words) >= 3
    if not before.strip(" >*-–—\\"):
        return inside or len(words) >= 6 or not piece.closed
    return (
        (previous is not None and inside)
        or (len(words) >= 3 and _ANY_SAYING.search(_around(text, part, piece)) is not None)
        or (inside and len(words) >= 5 and content[0].isupper())
    )


def _is_a_name(
    words: list[str], before: str, after: str, *, inside: bool, said_before: bool, said_after: bool
) -> bool:
    """Return whether words in marks are a title, a ceremony, a scare quote: not what someone said."""
    if _NAMING.search(before) and not (said_after and len(words) > 8):
        return True
    article = _ARTICLE.search(before) is not None
    if _is_title_case(words):
        speaks = said_before and inside and len(words) > 3 and not article
        if not speaks and not (said_after and words[-1][-1] in ",?!"):
            return True
    if article and not said_after and (len(words) <= 8 or not inside):
        return True
    return _NOUN_AFTER.match(after) is not None and not inside and not said_after


def _around(text: str, part: Paragraph, piece: Marked) -> str:
    """Return what of the sentence stands before and behind a piece."""
    before = re.split(r"[.!?] ", text[max(part.start, piece.before - 260) : piece.before])[-1]
    return f"{before} | {re.split(r'[.!?](?: |$)', text[piece.after : piece.after + 160])[0]}"


def _is_headline_quotation(words: list[str], before: str, after: str) -> bool:
    if _NAMING.search(before) or _ARTICLE.search(before):
        return False
    if _COLON.search(before) and before.strip(" :：-–—"):
        return len(words) >= 2
    if not before.strip() and _COLON_BEHIND.match(after) and len(words) >= 3:
        return True
    return (
        bool(_SAID_AFTER.match(after))
        or (len(words) >= 4 and not before.strip(" -–—") and not after.strip())
        or (_SAID_BEFORE.search(before) is not None and len(words) >= 3)
    )


def _is_korean_quotation(part: Paragraph, piece: Marked, content: str, before: str, after: str) -> bool:
    words = content.split()
    ends = _KOREAN_END.search(content) is not None
    if piece.mark in "『《〈" or (not piece.is_single and _KOREAN_NAMING.match(after)):
        return False
    if part.role == "headline":
        return _is_korean_headline_quotation(piece, words, before, after, ends=ends)
    follows = _KOREAN_SAID.match(after) is not None
    if piece.is_single:
        reported = ends or (len(words) >= 5 and _KOREAN_WHILE.match(after) is not None)
        return follows and reported and len(words) >= 3 and _KOREAN_VERB.search(after) is not None
    if follows or _COLON.search(before):
        return len(words) >= 2 or (follows and ends)
    is_paragraph = not before.strip(" -○□ㅇ") and not after.strip(" .")
    if (is_paragraph and len(words) >= 2) or (not piece.closed and len(words) >= 6):
        return True
    if ends and content[-1] in ",.!?" and not before.strip() and len(words) >= 2:
        return True
    if _KOREAN_ATTITUDE.match(after):
        return len(words) >= 3
    subject = _KOREAN_SUBJECT.search(before) is not None
    if ends and ((subject and not re.match(r"[가-힣]", after)) or not piece.closed):
        return True
    reported = _KOREAN_REPORT.match(after) is not None
    stops = content[-1] in ".!?" and not _KOREAN_PARTICLE.match(after)
    return ends and len(words) >= 3 and (reported or stops)


def _is_korean_headline_quotation(
    piece: Marked, words: list[str], before: str, after: str, *, ends: bool
) -> bool:
    if piece.is_single:
        return _KOREAN_HEAD.search(before) is not None and len(words) >= 3
    named = _KOREAN_NAMED.search(before) is not None
    if named and not _KOREAN_OBJECT.search(before) and len(words) >= 2:
        return ends or _KOREAN_NOUN_AFTER.match(after) is None
    return ends and not before.strip(" -–…·") and len(words) >= 3


def _is_title_case(words: list[str]) -> bool:
    long = [
        word.strip("“”\"'’,.!?()")
        for word in words
        if len(word.strip("“”\"'’,.!?()")) > 3 and word[0].isalpha()
    ]
    if len(long) < 2:
        return len(words) <= 3 and all(word[0].isupper() for word in words if word[0].isalpha())
    return sum(word[:1].isupper() for word in long) >= 0.8 * len(long)


_NAMED = r"(?:[A-ZÀ-Þ][\w.’'()&/-]{0,25}|of|the|for|and|at|de|da|do|dos|e|in)"
_SAID_AFTER = rule(
    rf"\s?,?\s?(?:(?:also|then|further)\s)?(?:(?:he|she|they|it|who|ele|ela)\s(?:(?:also|then|"
    rf"further|has|had|later)\s)?)?(?:{SAYING})\b"
    rf"|\s?,?\s?(?:the\s|a\s|o\s)?(?:{_NAMED}\s|[a-z][\w-]{{1,20}}\s){{0,9}}(?:{SAYING})\b|"
    rf"\s?[-–—]\s?[A-ZÀ-Þ]",
    "behind marked words, makes them a quotation",
    ", disse a diretora do instituto,",
)
_SAID_BEFORE = rule(
    rf"\b(?:{SAYING}|according to|saying|in the words of|statement|as saying|that|cited as|"
    rf"quoted)(?:[^“\"‘.:;]{{0,50}}?)?[,:]?\s?(?:that\s)?(?:[-–—]\s?)?$|[:：]\s?$",
    "before marked words, makes them a quotation",
    "Llanbryn Cllr Eleri Bevan said: ",
    re.IGNORECASE,
)
_ANY_SAYING = rule(
    rf"\b(?:{SAYING}|according to)\b",
    "is a verb of saying in the sentence",
    ', mas certo", disse a diretora do',
    re.IGNORECASE,
)
_NAMING = rule(
    r"(?:called|named|titled|entitled|dubbed|themed|the theme(?: of)?|theme|slogan|motto|purpose|"
    r"mission|vision|objective|entry|reads|reading|under the (?:theme|title|name|banner|"
    r"slogan)(?: of)?|known as|so-called|the (?:term|word|phrase|name|title|project|programme|"
    r"program|book|film|song|report)|"
    r"intitulad[oa]|chamad[oa]|denominad[oa]|o tema|tema|slogan|projeto|programa|as a|as the|"
    r"like a|brand(?:ed)?|designated)\s?[,:]?\s?$",
    "before marked words, makes them a name",
    "It is part of the so-called ",
    re.IGNORECASE,
)
_ARTICLE = rule(
    r"(?:^|\s)(?:the|a|an|its|their|our|his|her|this|for|of|in|at|on|and the|o|a|os|as|do|da|no|na)\s$",
    "before marked words, makes them a name",
    "They held a ceremony for the ",
    re.IGNORECASE,
)
_NOUN_AFTER = rule(
    r"\s?(?:project|program|programme|initiative|ceremony|agreement|campaign|event|festival|forum|"
    r"conference|award|policy|strategy|plan|complex|center|centre|platform|series|course|"
    r"exhibition|scheme|model|fund|label|status|certification|projeto|programa)s?\b",
    "behind marked words, makes them a name",
    "project",
    re.IGNORECASE,
)
_KOREAN_END = rule(
    r"(?:다|요|죠|까|자|것|함|음|길|라|네|지|세|임|됨|바람|기대|터|께|을 것|습니다|만들 것|연다|"
    r"하겠다|최선)[.!?…,~]?$",
    "ends marked words as sentences end",
    "병원이 멀어 아픈 것을 참는 어르신이 없도록 하겠다",
)
_KOREAN_SAID = rule(
    r"\s?(?:이?라고도?|이?라며|이?라면서|이?라면서도|고도|고|며|면서|면서도|하며|하고|했다|"
    r"라는 (?:뜻|말|소감|입장)|이?라 )(?![가-힣]{3,})",
    "behind Korean marked words, makes them a quotation",
    '고 강조했고, 한 원장은 "기록이 먼저 문을 두드리겠다"',
)
_KOREAN_ATTITUDE = rule(
    r"(?:이?라는|는|란)\s?(?:게|것|말|설명|입장|뜻|의지|포부|각오|취지|반응|소감|평가|지적|얘기|"
    r"이야기|의견|주장|계획|방침)",
    "behind Korean marked words, tells an attitude",
    "는 것이 이사장의 설명이다.",
)
_KOREAN_HEAD = rule(
    r"(?:시장|지사|군수|구청장|원장|회장|대표|총장|장관|사장|이사장|청장|교육감|의장)\s?,?$",
    "ends with an office, before marked words",
    "반지운 시장",
)
_KOREAN_OBJECT = rule(
    r"(?:을|를|의|에|은|는|인|한|할|위한|및|와|과)\s*$", "ends with a particle that no speaker has", "기업을"
)
_KOREAN_NOUN_AFTER = rule(
    r"\s?(?:업무협약|협약|MOU|사업|체결|프로젝트|행사|개최|추진|선정|지원|조성|구축|운영|공모|맞손|캠페인)",
    "behind marked words of a headline, makes them a name",
    "업무협약",
)
_KOREAN_VERB = rule(
    r"(?:말했|밝혔|강조|덧붙|전했|설명|당부|약속|언급|소감|다짐|평가|기대|피력|했다|말하|제안|"
    r"화답|주문|호소|주장|토로|역설)",
    "is a Korean verb of saying",
    "이라며 ‘주민이 먼저 웃게 하겠다’고 말했다.",
)
_KOREAN_NAMING = rule(
    r"\s?(?:이?라는|란|이란)\s?(?:이름|주제|슬로건|제목|명칭|표어|구호|비전|의미|취지의|개념|"
    r"프로그램|사업|행사|콘셉트|캐치프레이즈|브랜드|테마)|\s?(?:을|를|의|와|과|에|에서|으로|로|이|"
    r"가|은|등)(?![가-힣])|\s?(?:을|를)?\s?(?:주제로|슬로건|위한|사업|프로젝트|협약식|행사|캠페인|"
    r"제목)",
    "behind Korean marked words, makes them a name",
    "라는 주제로",
)
_COLON = rule(r"[:：]\s*$", "leads in to a quotation by a colon", "Mayor Ann Vale: ")
_COLON_BEHIND = rule(r"\s?[:：]", "says behind a quotation whose headline it is", ": Norwick signs")
_KOREAN_SUBJECT = rule(r"(?:은|는|이|가|도)\s*,?\s*$", "ends with a Korean subject", "반지운 시장은 ")
_KOREAN_REPORT = rule(r"\s?(?:라|이라|하)", "reports a Korean quotation", "라고 말했다")
_KOREAN_NAMED = rule(
    r"[가-힣]{2,}\s?[:：,]?\s*$", "ends with a word that may name the speaker", "반지운 시장 "
)
_KOREAN_PARTICLE = rule(r"[을를의에와과이가은는]", "makes marked words a noun", "을 위한")
_KOREAN_WHILE = rule(r"이?라(?:며|면서|고)", "reports a Korean quotation and goes on", "이라며")
