"""Who signs: two or more that the words of signing stand between; who only is mentioned is no party."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.drafting.cast import Cast, Entity, unique, words_of
from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.organisations_en import known_names
from tracker.drafting.parties_en import LatinParties
from tracker.drafting.parties_ko import KoreanParties
from tracker.drafting.rules import rule
from tracker.drafting.runs_en import is_head
from tracker.drafting.sentences import HIDDEN
from tracker.drafting.words_en import BODIES

MOST = 12
Sentences = Callable[[Paragraph], list[tuple[int, int]]]


@dataclass(slots=True)
class Signing:
    """Who signs, in order, and the persons who do it for them."""

    parties: list[Entity] = field(default_factory=list)
    signatories: dict[int, Entity] = field(default_factory=dict)
    """By the place of the party in ``parties``."""


def signing_of(layout: Layout, mask: str, sentences_of: Sentences, cast: Cast, *, korean: bool) -> Signing:
    """Find who signs what an article is about."""
    reader = KoreanParties(layout, mask, cast) if korean else LatinParties(layout, mask, cast)
    best: list[Entity] = []
    vague: list[Entity] = []
    single: list[Entity] = []
    spans = [(part, span) for part in layout.of("body", "caption") for span in sentences_of(part)]
    spans.sort(key=lambda one: one[0].role == "caption")
    del spans[120:]
    headlines = [(part, (part.start, part.end)) for part in layout.of("headline")][:20]
    for _, (start, end) in [*spans, *headlines]:
        if len(best) >= 2:
            break
        parties = unique(reader.parties(start, min(end, start + 1_500)))
        if len(parties) >= 2 and any(entity in cast.entities for entity in parties):
            best = parties
        elif len(parties) >= 2:
            vague = vague or parties  # Singapore and Shanghai, until their ministries are named
        elif parties and not single:
            single = parties
    if len(best) < 2 and vague:
        best = vague
    if len(best) < 2:
        merged = list(single)
        for _, (start, end) in [*headlines, *spans[:12]]:
            for entity in reader.parties(start, min(end, start + 1_500)):
                if entity not in merged and len(merged) < 2:
                    merged.append(entity)
        best = merged
    signing = Signing(unique(best)[:MOST])
    new = [party for party in signing.parties if party not in cast.entities]
    if new:
        cast.entities += new
        known_names(
            layout.text, [(part.start, part.end) for part in layout.of("body", "caption", "headline")], cast
        )
    _affiliate(layout, mask, cast, signing)
    return signing


def _affiliate_by_words(layout: Layout, cast: Cast, signing: Signing) -> None:
    """Find whose a person is by what stands before the name: `Osorio Mayor`, `trust chair`, `(Mayor …)`."""
    for mention in cast.mentions[:400]:
        person = mention.entity
        if person.kind != "person" or person.organisation is not None:
            continue
        start = mention.title_start if mention.title_start is not None else mention.start
        if person.role_at is not None and 0 <= mention.start - person.role_at[1] < 30:
            start = min(start, person.role_at[0])
        before = layout.text[max(0, start - 80) : start].rstrip(" ,").removesuffix("(").rstrip()
        person.organisation = _named_at_the_end(before, signing.parties) or _named_in_short(
            [*(person.role or "").split()[:1], *before.split()[-1:]], signing.parties
        )


def _named_at_the_end(words: str, parties: list[Entity]) -> Entity | None:
    """Return the party whose name ends some words, with its abbreviation behind it or without."""
    for party in parties:
        for name in party.names:
            if re.search(rf"(?<![\w-]){re.escape(name.text)}(?:’s|'s)?(?:\s\([^)]*\))?$", words):
                return party
    return None


def _named_in_short(words: list[str], parties: list[Entity]) -> Entity | None:
    """Return the one party that a word stands for: `trust` for the Kauri Trust, `Agos` for Agos Water."""
    for word in words:
        short = word.removesuffix("’s").removesuffix("'s")
        body = short.casefold()
        fitting = [
            party
            for party in parties
            if (body in BODIES and any(body in name.text.casefold().split() for name in party.names))
            or (short[:1].isupper() and not is_head(short) and party.name.startswith(f"{short} "))
        ]
        if len(fitting) == 1:
            return fitting[0]
    return None


def _affiliate(layout: Layout, mask: str, cast: Cast, signing: Signing) -> None:
    """Find who signs for whom; a person left over belongs to the party left over, and that is said."""
    _affiliate_by_words(layout, cast, signing)
    for person in cast.persons:
        if person.organisation is None:
            person.organisation = _ministry_of(person.role or "", signing.parties)
        if person.organisation is None:
            fitting = [party for party in signing.parties if _heads(person.role or "", party)]
            if len(fitting) == 1:
                person.organisation, person.inferred = fitting[0], True
    for number, party in enumerate(signing.parties):
        signer = _signer(mask, cast, party)
        if signer is not None:
            signing.signatories[number] = signer


def _ministry_of(role: str, parties: list[Entity]) -> Entity | None:
    """Return the ministry whose field a minister's title names."""
    topic = _MINISTER.search(role)
    words = words_of(topic[1] or topic[2]) if topic is not None else frozenset()
    fitting = [
        party for party in parties if "Ministry" in party.name and words and words <= words_of(party.name)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _signer(mask: str, cast: Cast, party: Entity) -> Entity | None:
    """Return the person of a party who is named where it is signed."""
    candidates = [person for person in cast.persons if person.organisation is party]
    for candidate in candidates:
        for mention in cast.mentions[:400]:
            if mention.entity is not candidate or mask[mention.start] == HIDDEN:
                continue
            start = max(
                mask.rfind(". ", 0, mention.start) + 1,
                mask.rfind("\n", 0, mention.start) + 1,
                mention.start - 500,
            )
            stops = [
                position
                for position in (mask.find(". ", mention.end), mask.find("\n", mention.end))
                if position >= 0
            ]
            sentence = mask[start : min([*stops, mention.end + 500, len(mask)])]
            if HIDDEN in sentence or _WITNESSES.search(
                sentence[max(0, mention.start - start - 60) : mention.end - start + 60]
            ):
                continue
            if _SIGNING.search(sentence) and not _SPEAKS.search(sentence[: mention.end - start + 40]):
                return candidate
            signs = _KOREAN_SIGNING.search(sentence)
            if (
                signs is not None
                and _HEAD_ROLE.search(candidate.role or "")
                and (
                    _KOREAN_PRESENT.search(sentence) or _DOES_IT.match(mask, mention.whole_end or mention.end)
                )
            ):
                return candidate
    return None


def _heads(role: str, party: Entity) -> bool:
    """Return whether a role is that of the head of such an organisation, and of no other sort."""
    names = [name.text for name in party.names]
    for word, ending in _HEADS:
        if re.search(word, role) and any(re.search(ending, name) for name in names):
            return True
    return False


_HEADS = (
    (r"시장$", r"(?:시|광역시|특별시)$"),
    (r"지사$", "도$"),
    (r"군수$", "군$"),
    (r"구청장$", "구$"),
    (r"총장$", "(?:대학교|대학|대)$"),
    (r"원장$", "원$"),
    (r"청장$", "청$"),
    (r"센터장$", "센터$"),
    (r"관장$", "관$"),
    (r"은행장$|행장$", "은행$"),
    (r"이사장$", "(?:재단|공단|조합|금고)$"),
    (r"교육감$", "교육청$"),
    (r"서장$", "서$"),
    (r"회장$", "회$|협회$|그룹$"),
    (r"장관$", "부$"),
    (r"소장$", "소$"),
    (r"단장$", "단$"),
    (r"(?:^|[^부])사장$", "공사$"),
    (r"총재$", "은행$|사$"),
    (
        r"\bMayor\b|[Pp]refeit[oa]",
        r"\b(?:City|Town|Council|Municipality|Prefeitura|County|District|Village|Borough)\b",
    ),
    (r"\bGovernor\b", r"\b(?:Province|State|Prefecture)\b"),
    (r"\bPrincipal\b", r"\b(?:College|School)\b"),
    (r"\b[Dd]ean\b|Professor", r"\b(?:University|College)\b"),
    (
        r"Chancellor\b|\bRector\b|\bProvost\b|\b[Rr]eitora?\b",
        r"\b(?:University|Universiti|Universidade|College|Institute of Technology)\b",
    ),
    (r"\bMinister\b|\bMinistr[oa]\b", r"\b(?:Ministry|Government|Ministério)\b"),
    (r"Police Commissioner|Superintendent|Police", r"\bPolice\b"),
)
"""Offices, and how the organisations end whose heads hold them."""
_DOES_IT = rule(
    r"(?:과|와|은|는|이|가)\s",
    "makes who stands before it the one who signs",
    "반지운 가온시장과 오세린 나래대 총장은 14일 시청에서",
)
_HEAD_ROLE = rule(
    r"Mayor|Director|President|Chair|Governor|Minister|Secretary|Commissioner|Chancellor|Chief|"
    r"CEO|Rector|Dean|Head|Principal|Premier|시장|지사|군수|구청장|원장|이사장|회장|사장|대표|"
    r"총장|장관|청장|센터장|본부장|단장|관장|소장|총재|행장|위원장|의장|교육감|[Pp]refeit|"
    r"[Rr]eitor|[Pp]resident",
    "is the office of a head",
    "대표이사",
)
_MINISTER = rule(
    r"Minister (?:for|of) (.+)|(.+?) Minister$", "names a minister's field", "Minister for Water Affairs"
)
_KOREAN_SIGNING = rule("체결|서명|협약식|맺|교환", "tells of the signing in Korean", "협약서에 서명했다")
_WITNESSES = rule(r"\bwitness|also present|attended|배석", "makes a person a witness", "It was witnessed by")
_SIGNING = rule(r"\b(?:sign(?:s|ed|ing|atories)?|assin\w+)\b", "tells of the signing", "was signed by")
_SPEAKS = rule(
    r"\b(?:said|says|welcomed|noted|highlighted)\b",
    "makes a person one who speaks, not signs",
    "Mayor Ann Vale said",
)
_KOREAN_PRESENT = rule(r"참석|서명|\(", "makes a person one who is there to sign", "협약식에 참석했다")
