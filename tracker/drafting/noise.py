"""What stands around and inside articles and is no part of them, in English, Korean and Portuguese."""

from __future__ import annotations

import re

from tracker.drafting.rules import rule
from tracker.drafting.wordlists import patterns
from tracker.drafting.words_en import SAYING

PREFIX = rule(
    r"[ \t]*(?:View original image|View original|원본보기|원본 보기|이미지 크게 보기|사진 확대|"
    r"이미지 확대|\[SPONSORED\]|ADVERTISEMENT(?=[A-Z\[]))",
    "is the label of a picture that runs into the first words",
    "View original image",
    re.IGNORECASE,
)

BRACKETED = rule(
    r"\s{0,5}[\[(（【]((?=[^\])）】]{0,100}?(?:기자|특파원|통신원|리포터|=|Reporter|Correspondent|"
    r"뉴스|일보|신문|Staff writer))[^\])）】\n]{2,100})[\])）】]"
    r"(?:\s{0,3}[가-힣]{2,4} (?:인턴|선임|전문)?\s?(?:기자|특파원|통신원))?\s{0,3}=?",
    "is a byline in brackets",
    "[가온=나래뉴스] 나혜진 기자 = 가온시와 나래대학교가",
)
AGENCY = rule(
    r"\s{0,5}((?:\([가-힣·]{2,12}=[^)\n]{1,30}\)\s?)?[가-힣]{2,4} (?:인턴|선임|전문)?\s?(?:기자|"
    r"특파원)) ?=",
    "is a byline as agencies print it",
    "(해온=연합) 김도윤 기자 =",
)

OPENING = rule(
    r"(?:[A-ZÀ-Þ][A-ZÀ-Þ.’' -]{2,30}(?:, [A-Z][\w. ]{1,20})?,?\s?(?:\([^)]{2,40}\)\s?)?"
    r"(?:[A-Z][a-z]{2,8}\.? \d{1,2},? ?(?:\d{4})?|"
    r"\d{1,2} [A-Z][a-z]{2,8}\.?,? ?(?:\d{4})?)?\s?(?:\([^)]{2,40}\)\s?|"
    r"/[\w .&-]{2,30}/\s?)?(?:--|[–—]|(?<=[\s)])-)\s+|"
    r"[A-Z][A-Za-z ]{2,25}, (?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December|[A-Z][a-z]{2}\.) \d{1,2}(?:, \d{4})?: |"
    r"[A-Z][A-Za-z ]{2,25}, [A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?,? (?:[A-Z]{2,6}\s|"
    r"\([^)]{2,40}\)\s)?(?:--|[–—-])\s+|"
    r"[A-ZÀ-Þ][\w’.-]{1,20}(?: [A-ZÀ-Þ][\w’-]{1,20}){0,2}, [A-ZÀ-Þ][\w’.-]{1,20}(?: "
    r"[A-ZÀ-Þ][\w’-]{1,20}){0,2}\s(?:--|[–—])\s+|"
    r"[A-Z][A-Za-z ]{2,25}, \d{1,2} [A-Z][a-z]{2,8},? \d{4}\s?(?:--|[–—-])\s+|"
    r"\d{1,2} [A-Z][a-z]{2,8},? \d{4}\s?(?:--|[–—-])\s+|"
    r"\([A-Z][A-Za-z ]{2,30}(?:, [^)]{3,40})\)\s?(?:--|[–—-])?\s)(?=[A-Z“\"‘])",
    "says where and when an article was written, before its first words",
    "MARLOW, 3 October 2024 – Battery",
)

CREDIT = rule(
    r"(?:(?:[\[(/|]|\s|^)(?:Photos?|Image|Picture)(?: credits?)?(?:\s?(?:by|:|=|/)|"
    r"\s(?:courtesy of|provided by|supplied by))\s?|"
    r"[\[(/ .]?(?:\(?사진\s?(?:제공)?\s?[=:/ⓒ]|사진제공\s?[=:]?)\s?|\(Foto:\s?|Foto:\s?|"
    r"\bCourtesy of\s)(?P<who>[^\n]{0,120})$",
    "says whose a photograph is",
    "and read it.” (Photo by Kim Doe)",
    re.IGNORECASE,
)

CAPTION = rule(
    r"^\s?(?:[▲△▼◀◁▶▷◇]\s?)?(?:[^\n]{0,400}?)(?:기념\s?(?:사진|촬영)(?:을|"
    r"를)?[^\n.]{0,20}(?:하고 있다|있다|찍고|촬영하|했다)|포즈를 취|악수하고 있다|악수를 나누|"
    r"(?:모습|장면)\.?\s?(?:$|[\[(/])|"
    r"\[?사진\s?=|/\s?사진|사진제공|\(사진\)|사진=)|"
    r"^\s?[\[(](?:사진|Photo|Pictured)[^\n]{0,300}|^(?:Pictured|Caption|Photo|Image|"
    r"Photo caption)(?: \([^)]{1,30}\))?\s?:|"
    r"^[^\n“\"]{0,300}\((?:left|right|center|centre|second from (?:left|right)|third from (?:left|"
    r"right)|from left|pictured)\)[^\n]{0,200}$|"
    r"^(?:From left|Left to right|L-R|L to R)\b|(?:pose|posed|poses) for (?:a |"
    r"the )?(?:commemorative )?(?:photo|picture|photograph)|(?:took|take|"
    r"taking) a commemorative photo",
    "makes a line a caption",
    "▲ 협약서에 서명하는 모습",
    re.IGNORECASE,
)

OWNED = rule(
    r"\s?(?:ⓒ|©)\s?[^\n]{1,50}$",
    "says whose a picture or an article is, at its end",
    "<저작권자 © 한결뉴스, 무단 전재 및 재배포 금지>",
)
RIGHTS = rule(
    r"rights reserved|무단|저작권|copyright|재배포",
    "claims rights in an article",
    "All rights reserved",
    re.IGNORECASE,
)
CAPTION_MARK = rule(r"\s?[▲△▼◀◁▶▷◇]", "opens a caption", "▲ 가온시와 나래대가 협약 후 기념촬영을 하고 있다.")

BYLINE = rule(
    r"\s?(?:(?:By|BY|Written by|Reported by|Words by|Por)\s(?:[A-ZÀ-Þ][\w.’'-]{0,25}\s?(?:and\s|"
    r"e\s)?){2,6}(?:(?:[,|/]|\s[-–—]\s|\s{2}).{0,60})?$|"
    r"[가-힣]{2,4}\s?(?:인턴|선임|전문)?\s?(?:기자|특파원)(?:\s?[\w.+-]{2,30}@[\w.-]{2,40})?\.?$|"
    r"(?:입력|등록|수정|승인|기사입력|최종수정)\s?:?\s?\d{4}|"
    r"(?:Press Release|PRESS RELEASE|News Release|Media Release|MEDIA RELEASE|Source|Publisher|"
    r"Author|Reporter)\s?:\s?\S.{0,100}$|보도자료$|(?:PRESS|MEDIA|NEWS|Press|Media|"
    r"News) (?:RELEASE|[Rr]elease)$|(?:FOR )?IMMEDIATE RELEASE|For immediate release|배포일|"
    r"보도일시|배포일시|담당부서|보도 ?일자)",
    "makes a line a byline",
    "By Dana Firth  14 March 2023, 9:20 am",
)

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    r"Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
DATELINE = rule(
    r"(?:Published|Posted|Date|Released|Issued|Updated|Publicado em|Posted on|Published on|"
    r"Issued on|Date published|Last updated)?\s?[:–-]?\s?(?:[A-Z][\w .’&-]{2,60}(?: \| ?|"
    r", )){0,3}(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s)?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH},?\s\d{{4}}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|"
    rf"th)?,?\s\d{{4}}|\d{{4}}[-./]\s?\d{{1,2}}[-./]\s?\d{{1,2}}\.?|"
    rf"\d{{4}}년 ?\d{{1,2}}월 ?\d{{1,2}}일|\d{{1,2}} de [a-zç]{{4,10}} de \d{{4}})"
    r"(?:[\s,|–-].{0,60})?",
    "makes a line a dateline",
    "Northern Lake Herald | June 23, 2023",
    re.IGNORECASE,
)

MARK = rule(
    r"\s?(?:[▲△▷▶►◆◇■□●○◦•▪‣∙·ㆍ※☞❍]|[-–*]\s|[①-⑳]|[(]?(?:\d{1,2}|[a-hivx]{1,4}|"
    r"[가나다라마바사아자차카타파하])[).]\s|ㅇ\s|o\s)",
    "opens a line that is an item, and no headline",
    "□ 가람군은 11일 군청 소회의실에서 농협은행 가람군지부와",
)

_NOISE_LINE = rule(
    rf"\s?(?:{patterns('noise_lines')})\s?",
    "is a line that is no part of an article",
    "Share this article",
    re.IGNORECASE,
)
_NOISE_INSIDE = rule(
    patterns("noise_inside"),
    "makes a line that holds it no part of an article",
    "© 2022 Ridgeway Post. All rights",
    re.IGNORECASE,
)

_LINKS = rule(
    rf"\W{{0,5}}(?:{patterns('link_headings')})[^\n]{{0,20}}",
    "is a heading of links to other articles",
    "RELATED STORIES",
    re.IGNORECASE,
)

_SENTENCE = rule(
    r"[.!?。](?:[\"'”’)\]]{0,3})$|다\.?$|요\.?$|[:：]$",
    "ends a line as sentences end",
    "The trust will host students.",
)


_MARKED_WORDS = rule(
    r"[“\"‘「](?:[^“”\"「」\n]){8,}?[”\"’」]",
    "is a quotation in a line",
    '농협 관계자는 "직원 모두가 홍보대사가 되겠다"고 말했다.',
)
_SAYS = rule(
    rf"\b(?:{SAYING})\b|말했|밝혔|강조|덧붙|전했|설명|당부|[고며] 했다",
    "says in a line that somebody speaks",
    ", disse a diretora do instituto,",
)


def is_noise(line: str, length: int) -> bool:
    """Return whether a line is no part of an article, by itself."""
    stripped = line.strip()
    if length <= 300 and _NOISE_LINE.fullmatch(stripped):
        return True
    if length <= 600 and _NOISE_INSIDE.search(stripped):
        return length <= 200 or not _reads_on(stripped)
    return not any(letter.isalnum() for letter in stripped) and length < 200


def opens_links(line: str) -> bool:
    """Return whether a line is the heading of links to other articles: `Hot Picks Today`."""
    return len(line) <= 80 and _LINKS.fullmatch(line.strip()) is not None


def quotes_somebody(line: str) -> bool:
    """Return whether a line is a sentence that quotes somebody: it is never dropped as noise."""
    return (
        _MARKED_WORDS.search(line) is not None
        and _SAYS.search(_MARKED_WORDS.removed_from(line)) is not None
        and _WHOLE_SENTENCE.search(line) is not None
    )


def is_article(line: str, length: int) -> bool:
    """Return whether a line below a heading of links is the article going on: a sentence, not a headline."""
    stripped = line.strip()
    if stripped.startswith(("-", "•", "·", "▶", "☞", "*", "└", "ㄴ", "[")) or length < (
        20 if stripped.endswith("다.") else 40
    ):
        return False
    if "...\u0020" in stripped or "… " in stripped or _QUOTING_LINK.match(stripped):
        return False
    return (
        stripped.endswith((".", ".”", '."', ".’", ".'", "다", "다.”"))
        or (stripped[-1] in '”"’' and length > 60)
        or length > 200
    )


def is_sentence(line: str) -> bool:
    """Return whether a line ends as sentences do, and so belongs to the body."""
    stripped = line.strip()
    if stripped.endswith(("”", '"', "’", "'")) and len(stripped) < 160:
        opened = _QUOTING_HEADLINE.match(stripped)
        return opened is None and stripped[-2:-1] in ".!?,"
    if len(stripped) < 60 and stripped.endswith("다"):
        return False  # a Korean headline
    return _SENTENCE.search(stripped[-6:]) is not None


def _reads_on(line: str) -> bool:
    """Return whether a long line that mentions an address or cookies is prose all the same."""
    return len(re.findall(r"[a-z가-힣][.!?] |다\. ", line)) >= 2 and not _NEVER_PROSE.search(line)


_QUOTING_LINK = rule(
    '["“][^"”]{1,120}["”]\\s?(?:\\.{3}|…)',
    "is a link that begins with a quotation",
    "“월세가 두 배”… 세입자들",
)
_QUOTING_HEADLINE = rule(
    r"[^\"“‘]{0,60}[:：…]\s?[\"“‘]|[^\"“‘]{2,40}[\"“‘]",
    "is a headline that quotes",
    "Mayor Ann Vale: “We begin”",
)
_WHOLE_SENTENCE = rule(r"[.!?][”\"’']?\s*$|다\s*$", "ends a sentence that quotes", "“We begin,” she said.")
_NEVER_PROSE = rule(
    "all rights reserved|무단|cookies?",
    "makes even a long line no part of an article",
    "All rights reserved",
    re.IGNORECASE,
)
