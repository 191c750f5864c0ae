"""The agreement itself: title and kind, when, where, how and what for it was signed, and whether it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.drafting.dating import Day
from tracker.drafting.layout import Layout, Paragraph, Printed
from tracker.drafting.rules import Rule, rule
from tracker.drafting.sentences import HIDDEN
from tracker.drafting.signing_day import signing_day

Sentences = Callable[[Paragraph], list[tuple[int, int]]]


@dataclass(slots=True)
class Terms:
    """What an article says of an agreement as a whole."""

    kind: str = "other"
    title: str | None = None
    lifecycle: str = "active"
    signed: Day | None = None
    mode: str = "unknown"
    mode_reason: Printed | None = None
    place: Printed | None = None
    purpose: Printed | None = None
    look_at: list[str] = field(default_factory=list)


def terms_of(layout: Layout, mask: str, sentences_of: Sentences, published: str | None) -> Terms:
    """Read what an article says of its agreement."""
    terms = Terms()
    spans = [span for part in layout.of("body", "caption") for span in sentences_of(part)]
    spans.sort(key=lambda span: span[0])
    del spans[100:]
    shown = [(part.start, part.end) for part in layout.of("headline")] + spans
    signing = [span for span in spans if _SIGNING.search(mask, *span) and _THING.search(mask, *span)]
    _kind(terms, layout, shown)
    _title(terms, layout)
    about = signing[:40] or [span for span in spans if _SIGNING.search(mask, *span)]
    _lifecycle(terms, mask, about, layout)
    future = terms.lifecycle == "pending"
    terms.signed = signing_day(layout, mask, about, spans, published, future=future)
    if terms.signed is None:
        terms.look_at.append("the day of the signing is unknown")
    else:
        if "X" in terms.signed.edtf:
            terms.look_at.append(
                "the month or year of the signing is not printed; the day of publication would tell"
            )
        if not terms.signed.sure:
            terms.look_at.append("the day of the signing follows from a weekday and the day of publication")
    _how(terms, layout, mask, spans)
    _where(terms, layout, mask, about)
    _what_for(terms, layout, mask, about, spans)
    return terms


def _kind(terms: Terms, layout: Layout, shown: list[tuple[int, int]]) -> None:
    for kind, pattern in _KINDS:
        for start, end in shown:
            if pattern.search(layout.text, start, end) is not None:
                terms.kind = kind
                return
    terms.look_at.append("what kind of agreement it is is not said")


def _title(terms: Terms, layout: Layout) -> None:
    match = _TITLED.search(layout.text, 0, 6_000)
    if match is not None:
        kind = match["kind"]
        terms.title = f"{kind[0].upper()}{kind[1:]} for the {match['name'].rstrip('.,')}"


def _lifecycle(terms: Terms, mask: str, about: list[tuple[int, int]], layout: Layout) -> None:
    done = any(_DONE.search(mask, *span) for span in about)
    headlines = [(part.start, part.end) for part in layout.of("headline")]
    ahead = any(_AHEAD.search(mask, *span) for span in (*about, *headlines))
    if ahead and not done:
        terms.lifecycle = "pending"
        terms.look_at.append("announced, not yet signed when this was printed")


def _how(terms: Terms, layout: Layout, mask: str, spans: list[tuple[int, int]]) -> None:
    for mode, pattern in _MODES:
        for start, end in spans:
            match = pattern.search(mask, start, end)
            if match is None or not (
                _SIGNING.search(mask, start, end) or _TELLS_OF_IT.search(mask[start:end])
            ):
                continue
            if terms.mode == "unknown":
                terms.mode = mode
            reason = _REASON.search(mask, start, end)
            if reason is not None and terms.mode_reason is None:
                name = next(name for name in ("en", "ko", "after") if reason[name])
                terms.mode_reason = Printed(
                    layout.text[reason.start(name) : reason.end(name)], *reason.span(name)
                )
        if terms.mode != "unknown":
            return


def _where(terms: Terms, layout: Layout, mask: str, about: list[tuple[int, int]]) -> None:
    for start, end in about:
        for pattern in _PLACES:
            match = pattern.search(mask, start, end)
            if match is not None and HIDDEN not in match["place"]:
                terms.place = Printed(
                    layout.text[match.start("place") : match.end("place")], *match.span("place")
                )
                return


def _what_for(
    terms: Terms, layout: Layout, mask: str, about: list[tuple[int, int]], spans: list[tuple[int, int]]
) -> None:
    for start, end in [*about, *spans]:
        if layout.text[start : start + 4] == "On t" and "photo" in layout.text[start:end]:
            continue
        match = _PURPOSE.search(mask, start, end) or _KOREAN_PURPOSE.search(mask, start, end)
        if match is not None and match.groupdict().get("goal"):
            terms.purpose = Printed(layout.text[match.start("goal") : match.end("goal")], *match.span("goal"))
            return
        if match is None:
            continue
        begin, stop = match.span("purpose")
        begin += _beside_the_point(match["purpose"])
        if stop - begin < SHORTEST_PURPOSE or HIDDEN in mask[begin:stop]:
            continue
        while layout.text[stop - 1] in " .,":
            stop -= 1
        terms.purpose = Printed(layout.text[begin:stop], begin, stop)
        return


def _beside_the_point(words: str) -> int:
    """Return how much of a Korean sentence up to its purpose tells who, when and where."""
    return max((match.end() for match in _WHO_WHEN_WHERE.finditer(words)), default=0)


SHORTEST_PURPOSE = 8
_WHO_WHEN_WHERE = rule(
    r"(?:\)|[가-힣A-Za-z](?<![하있없되나오가지리르쓰]))(?:은|는|이|가)\s(?!위)"
    r"|(?<![같많높좋깊넓젊밝])은\s|에서\s|\d[년월일]\s|(?:오전|오후)(?:\s\d+시)?\s|\d시\s",
    "says who, when and where, before a Korean sentence says what for",
    "누리과학고등학교(교장 백승아)가 12일 반도체 인재 양성을",
)


_THING = rule(
    r"\b(?:mous?|moa|memorand\w+|agreements?|accord|pact|deal|partnership|protocol|treaty|"
    r"ceremony|letter of intent|contract|declaration|document|cooperation|tasks|acordo|convênio|"
    r"termo|protocolo|memorando)\b|서명식|조인식|협약|양해각서|MOU|협정|자매결연|약정|협력|계약|"
    r"선언",
    "names an agreement",
    "청년창업 활성화를 위한 업무협약을 체결했다고 6일 밝혔다.",
    re.IGNORECASE,
)
_SIGNING = rule(
    r"\b(?:(?:re-?)?sign\w*|put (?:their|its) names?|put pen to paper|exchanged|affixed|inked|"
    r"sealed|entered into|concluded|conducted|formali[sz]ed|shakes hands|agreed|renewed|launched|"
    r"ceremony|assin\w+|firm(?:ou|aram))\b|체결|서명|맺|교환|협약식|손잡|열렸|개최|진행",
    "says that something is signed",
    "Council has signed a partnership",
    re.IGNORECASE,
)
_DONE = rule(
    r"\b(?:has|have|was|were|had) (?:now |today |also |recently |formally )?(?:re-?)?(?:signed|"
    r"sealed|inked|concluded|entered)|(?<!\bbe )\bsigned\b|\binked\b|\bsigns\b|\bassin(?:ou|"
    r"aram)\b|체결했|체결하고|맺었|맺고|서명했|협약식을 (?:가졌|열었|개최했|진행했)|손잡았|"
    r"체결하였",
    "says that it is signed",
    "Council has signed a partnership",
    re.IGNORECASE,
)
_AHEAD = rule(
    r"\b(?:will|to|set to|due to|plans? to|expected to|about to|are to|is to|"
    r"scheduled to) (?:today |formally |be |soon )?(?:re-?)?(?:sign(?:ed)?|ink|seal|conclude|"
    r"enter into)\b|\bwill be (?:re-?)?signed\b|\bwill put (?:their|its) names? to\b|"
    r"\bassinar[áã]o?\b|marcará a assinatura|체결할 (?:예정|계획|방침)|체결한다|맺을 예정|맺는다|"
    r"서명할 예정|협약식을 (?:연다|갖는다|개최한다|열 예정|가질 예정)|체결하기로 했",
    "says that it will be signed",
    "University will sign an agreement",
    re.IGNORECASE,
)
_KINDS: tuple[tuple[str, Rule], ...] = (
    (
        "sister_city",
        rule(
            r"sister[- ]?cit(?:y|ies)(?: (?:agreement|relationship|ties|pact))?|twinning agreement|"
            r"friendship city|자매결연|자매도시|우호도시|우호협약|우호교류|cidades?[- ]irmãs?",
            "tells a sister-city agreement",
            "announces sister city ties with",
            re.IGNORECASE,
        ),
    ),
    (
        "investment",
        rule(
            r"투자\s?(?:유치\s?)?(?:협약|양해각서|MOU)|investment (?:agreement|mou|pact)",
            "tells an investment agreement",
            "가온도, 다솜전자와 500억 원 투자협약… 일자리 120개",
            re.IGNORECASE,
        ),
    ),
    (
        "moa",
        rule(
            r"memorand(?:um|a) of agreement|\bMOA\b|합의각서|memorando de acordo",
            "tells a memorandum of agreement",
            "Agos Water ink MOA on bulk water",
            re.IGNORECASE,
        ),
    ),
    (
        "mou",
        rule(
            r"(?i:memorand(?:um|a)s? of (?:understanding|cooperation|co-operation))|\bMOUs?\b|\bMoUs?\b|"
            r"\bmous?\b|business agreements?|업무\s?협약|양해각서|업무\s?협정|업무제휴|"
            r"memorando de entendimento|협약",
            "tells a memorandum of understanding",
            "signed a business agreement with",
        ),
    ),
    (
        "treaty",
        rule(r"\btreat(?:y|ies)\b|조약|tratado", "tells a treaty", "a treaty on the river", re.IGNORECASE),
    ),
    (
        "declaration",
        rule(
            r"\b(?:joint )?declaration\b|공동\s?선언|declaração conjunta",
            "tells a declaration",
            "a joint declaration",
            re.IGNORECASE,
        ),
    ),
    (
        "contract",
        rule(r"\bcontract\b|계약|contrato", "tells a contract", "계약을 맺었다", re.IGNORECASE),
    ),
)
_TITLED = rule(
    r"\b(?P<kind>business agreement|memorandum of understanding|cooperation agreement|"
    r"partnership agreement|agreement)\b[^.“\"\n]{0,140}\bfor the [“\"]"
    r"(?P<name>[^\"”\n]{4,160})[\"”]",
    "gives an agreement its title",
    'a business agreement with the agency for the "Fostering of Data"',
)
_MODES = (
    (
        "video",
        rule(
            r"\b(?:video(?:[- ]?conferenc\w+| link| call)?|videoconferência|virtual(?:ly)?|online|"
            r"non-face-to-face|zoom)\b|영상|비대면|온라인|화상",
            "tells a signing by video",
            "attended by video link, called",
            re.IGNORECASE,
        ),
    ),
    (
        "correspondence",
        rule(
            r"\b(?:by (?:mail|post|correspondence)|exchange of (?:letters|notes)|exchanged (?:documents|"
            r"papers) by)\b|서면(?:으로)?|서신",
            "tells a signing by correspondence",
            "exchanged documents by post",
            re.IGNORECASE,
        ),
    ),
    (
        "electronic",
        rule(
            r"\b(?:electronic(?:ally)? sign\w*|signed electronically|e-signature|digital signature)\b|"
            r"전자\s?서명",
            "tells an electronic signing",
            "was signed electronically",
            re.IGNORECASE,
        ),
    ),
    (
        "in_person",
        rule(
            r"\b(?:in person|face-to-face)\b|(?<!비)대면으로|presencialmente",
            "tells a signing in person",
            "signed in person",
            re.IGNORECASE,
        ),
    ),
)
_REASON = rule(
    r"(?P<en>\b(?:Considering|Because of|Due to|In view of|Given|Owing to|In light of|"
    r"As a precaution against)\b[^,.]{4,120})(?=,)|(?<=[.\s])(?P<after>\b(?:because of|due to|"
    r"owing to|in view of|given) [^,.]{4,100})(?=[,.])|"
    r"(?:이날|이번|협약식은|협약은|은|는)\s(?P<ko>[^,.]{3,60}?(?:고려해|고려하여|감안해|감안하여|"
    r"위해|인해|때문에|차원에서|따라|예방하기 위해))(?=[\s,])",
    "says why it was signed in this way",
    "Considering the heat wave, it was signed by video",
)
_ROOM = (
    r"(?:[Rr]oom|[Hh]all|[Oo]ffice|[Bb]uilding|[Hh]otel|[Cc]entre|[Cc]enter|[Hh]eadquarters|"
    r"[Cc]ampus|[Ll]ibrary|[Mm]useum|[Aa]uditorium|[Cc]hamber|[Pp]alace|[Ee]mbassy|[Tt]heatre|"
    r"[Ll]ounge|[Pp]avilion|[Cc]lubhouse|[Ss]tation)"
)
_PLACES = (
    rule(
        rf"\b(?:at|in)\s(?:the\s|its\s|his\s|her\s|their\s)?(?P<place>(?:[\w’'-]+\s){{0,5}}{_ROOM}(?:\s"
        rf"(?:of|at|in)\s(?:the\s)?(?:[A-Z][\w’-]+\s?){{1,5}})?)(?=[\s,.]|$)",
        "names the room or house of signing",
        "Wednesday at the community hall.",
    ),
    rule(
        r"(?:\s|^)(?P<place>(?:(?![가-힣A-Za-z0-9]{0,13}[은는이가과와의일후전을를] |"
        r"\d{1,2}[시분] )[가-힣A-Za-z0-9]{1,14} ){0,3}[가-힣A-Za-z0-9]{0,12}(?:회의실|상황실|접견실|"
        r"시청|도청|군청|구청|청사|본관|대강당|강당|호텔|본사|집무실|세미나실|컨벤션센터|홀|영빈관|"
        r"교육장|대학교|본원|의회|비즈니스룸|캠퍼스|센터))에서",
        "names the room or house of signing in Korean",
        "가온시와 나래대학교가 14일 시청에서 업무협약을 체결했다.",
    ),
    rule(
        r"\b(?:na|no)\s(?P<place>(?:Gabinete|Palácio|Sede|sede|Auditório|Salão|Sala|"
        r"Prefeitura)\b[^.,]{0,60}(?:,\ssituad[oa][^.]{0,80})?)",
        "names the room or house of signing in Portuguese",
        "no Auditório da Reitoria, em Lisboa",
    ),
    rule(
        r"\b(?:visit to|held in|signed in|ceremony in|in|"
        r"Meeting \d{4} in)\s(?P<place>[A-Z][\w’-]+(?: [A-Z][\w’-]+){0,2}(?:, [A-Z][\w’-]+(?: "
        r"[A-Z][\w’-]+)?)?)(?=\s(?:on|today|yesterday|with|to|last|this)\b|[,.]\s?|\.$|$)",
        "names the town of signing",
        "agreement in Kestrel on 2 October",
    ),
)
_PURPOSE = rule(
    r"\b(?:goal|aim|purpose|objective)s? of (?:the|this) (?:mou|MOU|MoU|agreement|memorandum|"
    r"partnership)[^.]{0,20}? (?:is|are) to (?P<goal>[a-z][^\n]{8,400}?)(?=\.(?:\s|$)|$)|"
    r"\b(?:signed|sign|signs|signing|inked|sealed|entered into|concluded|agreement|MOU|MoU|"
    r"[Mm]emorandum of [Uu]nderstanding(?: \(MO?o?U\))?)\b[^.;“\"]{0,200}?,?\s(?P<purpose>(?:to "
    r"(?!be\b|sign\b|the\b|a\b|an\b|its\b|their\b|his\b|her\b|our\b|this\b|that\b|these\b|all\b|"
    r"each\b|both\b|have\b)|in order to |aimed at |that aims to |"
    r"which aims to )[a-z][^\n]{8,400}?)(?=\.(?:\s|$)|,\s(?:and|the) (?:then|two)\b|$)",
    "says what an agreement is for",
    "agreement aims to deepen the ties between the two",
)
_KOREAN_PURPOSE = rule(
    r"(?:과|와|은|는|이|가|\))\s(?:(?:지난 )?\d{1,2}일(?: 오전|"
    r" 오후)?,?\s)?(?P<purpose>[^.,“\"]{4,120}?(?:을|를|하기|기) 위(?:해|한|"
    r"하여))(?=\s)[^.]{0,80}(?:협약|양해각서|MOU|협정)",
    "says in Korean what an agreement is for",
    "산들농협과 농촌인력중개센터 운영을 위한 업무협약을 체결했다.",
)
_TELLS_OF_IT = rule(
    "agreement|ceremony|협약|행사", "is on the agreement or its ceremony", "협약식은 영상으로 진행됐다"
)
