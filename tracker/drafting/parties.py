"""Who signs: two or more that the words of signing stand between; who only is mentioned is no party."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tracker.drafting import names_en
from tracker.drafting.cast import Cast, Entity, Mention, Name, folded, words_of
from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.names_en import class_of
from tracker.drafting.names_ko import class_of as korean_class
from tracker.drafting.rules import rule
from tracker.drafting.runs_en import bare_names, is_title_case
from tracker.drafting.sentences import HIDDEN
from tracker.drafting.wordlists import patterns, word_set
from tracker.drafting.words_en import BODIES, COUNTRIES

Sentences = Callable[[Paragraph], list[tuple[int, int]]]


@dataclass(slots=True)
class Signing:
    """Who signs, in order, and the persons who do it for them."""

    parties: list[Entity] = field(default_factory=list)
    signatories: dict[int, Entity] = field(default_factory=dict)
    """By the place of the party in ``parties``."""
    inferred: bool = False


def signing_of(layout: Layout, mask: str, sentences_of: Sentences, cast: Cast, *, korean: bool) -> Signing:
    """Find who signs what an article is about."""
    rule = _Korean(layout, mask, cast) if korean else _Latin(layout, mask, cast)
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
        parties = _unique(rule.parties(start, min(end, start + 1_500)))
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
            for entity in rule.parties(start, min(end, start + 1_500)):
                if entity not in merged and len(merged) < 2:
                    merged.append(entity)
        best = merged
    signing = Signing(_unique(best))
    new = [party for party in signing.parties if party not in cast.entities]
    if new:
        cast.entities += new
        names_en.known_names(
            layout.text, [(part.start, part.end) for part in layout.of("body", "caption", "headline")], cast
        )
    _affiliate(layout, mask, cast, signing)
    return signing


def _unique(entities: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    for entity in entities:
        if entity not in kept:
            kept.append(entity)
    return kept[:12]


class _Latin:
    """Reads the sentences of texts in Latin letters."""

    def __init__(self, layout: Layout, mask: str, cast: Cast) -> None:
        self.layout, self.mask, self.cast = layout, mask, cast
        self.shows_names = True
        self._made: dict[str, Entity] = {}

    def parties(self, start: int, end: int) -> list[Entity]:
        """Return who signs: the subject and who stands behind `with`, or both behind `between`."""
        sentence = self.mask[start:end]
        self.shows_names = not is_title_case(sentence)
        agreement = _AGREEMENT_WORD.search(sentence)
        verb = _SIGNS.search(sentence)
        if verb is None and agreement is None:
            return []
        for opening in (_BETWEEN.search(sentence), _BRINGS.search(sentence) if agreement else None):
            signing = [] if opening is None else self._chain(start + opening.end(), end)
            if len(signing) >= 2 and (
                verb is None or any(entity in self.cast.entities for entity in signing)
            ):
                return signing
        if verb is None:
            return []
        if _BY.match(sentence[verb.end() :]):
            return self._by_persons(start + verb.end(), end)
        subject = self._subject(start, start + verb.start())
        partners = self._partners(start + verb.end(), end)
        is_strong = _STRONG.search(verb.group()) is not None
        if subject and partners:
            return [*subject, *partners]
        if len(subject) >= 2 and (agreement is not None or is_strong):
            return subject
        if agreement is None:
            return []
        return partners or (subject if is_strong else [])

    def _represented(self, start: int, end: int) -> list[Entity]:
        """Return the organisations of the persons between two places; for a mayor, the place itself."""
        organisations = [mention.entity.organisation for mention in self.cast.within(start, end, "person")]
        return _unique([entity for entity in organisations if entity is not None])

    def _partners(self, start: int, end: int) -> list[Entity]:
        """Return the organisations behind the first `with` that has any behind it."""
        for match in _WITH.finditer(self.mask, start, end):
            partners = self._chain(match.end(), end)
            if partners:
                return partners
        return []

    def _subject(self, start: int, end: int) -> list[Entity]:
        """Return the chain of organisations that ends where the verb begins."""
        people = self.cast.within(start, end, "person")
        named = self._entities(start, end)
        theirs = self._represented(start, end)
        if not named:
            return theirs
        chain = [named[0]]
        for mention in named[1:]:
            gap = self.mask[chain[-1].end : mention.start]
            if self._renames(chain[-1], mention, gap):
                chain[-1] = mention
            elif mention.entity is chain[-1].entity:
                continue
            elif _CHAIN.fullmatch(gap) or (people and re.search(r"\band\b|,", gap)):
                chain.append(mention)
        if people and self.mask[start : chain[0].start].count(" ") > 25:
            return []
        return [mention.entity for mention in chain]

    def _chain(self, start: int, end: int) -> list[Entity]:
        """Return the organisations that follow one another from a place on, joined by commas and `and`."""
        named = self._entities(start, min(end, start + 500))
        if not named or not _OPENING.fullmatch(self.mask[start : named[0].start]):
            return []
        chain = [named[0]]
        for mention in named[1:]:
            gap = self.mask[chain[-1].end : mention.start]
            if self._renames(chain[-1], mention, gap):
                chain[-1] = mention
            elif mention.entity is chain[-1].entity:
                continue
            elif _CHAIN.fullmatch(gap):
                chain.append(mention)
            else:
                break
        return [mention.entity for mention in chain]

    def _renames(self, last: Mention, following: Mention, gap: str) -> bool:
        """Return whether a name says further who the one before is: its ministry, or another language's."""
        return _OWNS.fullmatch(gap) is not None or (
            _DASH.fullmatch(gap) is not None and following.entity is last.entity
        )

    def _by_persons(self, start: int, end: int) -> list[Entity]:
        lead = _BY.match(self.mask[start:end])
        chain = self._chain(start + lead.end(), end) if lead is not None else []
        if len(chain) >= 2:
            return chain
        represented = self._represented(start, end)
        return represented if len(represented) >= 2 else []

    def _entities(self, start: int, end: int) -> list[Mention]:
        """Return the organisations between two places, with those that only this sentence shows."""
        text = self.layout.text
        known = [mention for mention in self.cast.within(start, end) if mention.entity.kind == "organisation"]
        people = [
            (mention.title_start if mention.title_start is not None else mention.start, mention.end)
            for mention in self.cast.within(start, end, "person")
        ]
        taken = [(mention.start, mention.end) for mention in known] + people
        mentions = list(known)
        for one, other in bare_names(text, self.mask, start, end) if self.shows_names else ():
            if any(one < b and a < other for a, b in taken):
                continue
            name = text[one:other]
            if (
                re.search(r",\s(?:the\s)?$", self.mask[max(start, one - 6) : one])
                and _COUNTRY.fullmatch(name)
                and known
                and known[0].start < one
            ):
                continue  # where an organisation is
            mentions.append(Mention(one, other, self._organisation(name, one, other)))
        return sorted(mentions, key=lambda each: each.start)

    def _organisation(self, name: str, start: int, end: int) -> Entity:
        known = self.cast.named(name, "organisation")
        if known is not None:
            return known
        mine = words_of(name)
        for organisation in self.cast.organisations:
            full = f" {organisation.name} "
            government = re.match(
                rf"{re.escape(name)}(?:’s|'s)? (?:Ministry|Government|Department)\b", organisation.name
            )
            inside = f" {name} " in full and len(mine) >= 2 and len(words_of(organisation.name)) > len(mine)
            if government or inside:
                organisation.add(Name(name, "alias", start, end))
                return organisation
        made = Entity("organisation", [Name(name, "name", start, end)], class_=class_of(name))
        made = self._made.setdefault(folded(name), made)
        names_en.take_alias(self.layout.text, end, made)
        return made


class _Korean:
    """Reads Korean sentences: who carries the particle of the subject, and who that of the partner."""

    def __init__(self, layout: Layout, mask: str, cast: Cast) -> None:
        self.layout, self.mask, self.cast = layout, mask, cast

    def parties(self, start: int, end: int) -> list[Entity]:
        """Return who signs in a sentence."""
        sentence = self.mask[start:end]
        agreement = _KOREAN_AGREEMENT.search(sentence)
        if agreement is None:
            return []
        verb = _KOREAN_DOES.search(sentence) or _KOREAN_SIGNS.search(sentence)
        stop = start + (agreement.end() if verb is None else verb.start())
        candidates = self._candidates(start, stop)
        signing: list[Entity] = []
        pending: list[Entity] = []
        by_particle = False
        headline = _is_headline(sentence)
        for number, (_one, other, entity) in enumerate(candidates):
            following = candidates[number + 1][0] if number + 1 < len(candidates) else stop
            rest = self.mask[other:following]
            rest = re.sub(r"^[’'”\"]?(?:\([^()]{1,60}\))*", "", rest)
            pending.append(entity)
            if number + 1 < len(candidates) and _JOINS.fullmatch(rest):
                by_particle = rest[:1] in "와과"
                continue
            if (
                _SUBJECT.match(rest)
                or (headline and _HEADLINE_ENDS.match(rest))
                or re.match(r"\s?(?:등과|등이|등은|간|등 )", rest)
                or _SO_MANY.match(rest)
            ):
                signing += pending
            elif by_particle:
                signing += pending[
                    :-1
                ]  # `…, 낙동병원과 북구 주민의 의료지원을 위한`: what follows is no partner
            pending, by_particle = [], False
        return signing

    def _candidates(self, start: int, end: int) -> list[tuple[int, int, Entity]]:
        """Return what may be a party in a sentence: organisations, and short forms that only it shows."""
        known = [
            (mention.start, mention.end, mention.entity)
            for mention in self.cast.within(start, end, "organisation")
        ]
        people = [
            (
                mention.title_start if mention.title_start is not None else mention.start,
                mention.whole_end or mention.end,
            )
            for mention in self.cast.within(start, end, "person")
        ]
        taken = [(one, other) for one, other, _ in known] + people
        candidates = list(known)
        for match in _KOREAN_TOKEN.finditer(self.mask, start, end):
            for at, piece in _pieces(match["word"]):
                one = match.start("word") + at
                other = one + len(piece)
                if any(one < b and a < other for a, b in taken):
                    continue
                entity = self._entity(piece, one)
                if entity is not None:
                    candidates.append((one, one + len(piece), entity))
        return self._outside_parentheses(sorted(candidates, key=lambda each: each[0]))

    def _outside_parentheses(
        self, candidates: list[tuple[int, int, Entity]]
    ) -> list[tuple[int, int, Entity]]:
        """Leave out what stands in parentheses behind another: the same one, by its other name."""
        kept: list[tuple[int, int, Entity]] = []
        for one, other, entity in candidates:
            if kept and re.fullmatch(r"\((?:구 |옛 |이하 |현 )?", self.mask[kept[-1][1] : one]):
                continue
            kept.append((one, other, entity))
        return kept

    def _entity(self, piece: str, at: int) -> Entity | None:
        """Return the organisation that a word names by its full name, its short one or an acronym."""
        known = self.cast.named(piece, "organisation")
        if known is not None:
            return known
        full = [
            organisation
            for organisation in self.cast.organisations
            if organisation.name.startswith(piece)
            and len(piece) >= 2
            and len(organisation.name) - len(piece) <= 3
            and organisation.name[len(piece) :] in _LEFT_OUT
        ]
        if len(full) == 1:
            full[0].add(Name(piece, "alias", at, at + len(piece)))
            return full[0]
        if re.fullmatch(r"[A-Z][A-Za-z0-9&.-]{1,20}", piece) and piece not in _NOT_ACRONYMS:
            return self._made(piece, at)
        return None

    def _made(self, piece: str, at: int) -> Entity:
        """Add an organisation that only its place in a sentence shows."""
        entity = Entity(
            "organisation", [Name(piece, "name", at, at + len(piece))], class_=korean_class(piece)
        )
        self.cast.entities.append(entity)
        return entity


def _pieces(word: str) -> list[tuple[int, str]]:
    """Divide `해온시·한국건강기록원` and `해온시-기록원`, with their places."""
    pieces, at = [], 0
    for match in re.finditer(r"[·ㆍ∙,/–-]", word):
        pieces.append((at, word[at : match.start()]))
        at = match.end()
    pieces.append((at, word[at:]))
    return [(at_start, piece) for at_start, piece in pieces if piece]


def _is_headline(words: str) -> bool:
    return "다." not in words and len(words) < 80 and not words.rstrip().endswith("다")


def _affiliate_by_words(layout: Layout, mask: str, cast: Cast, signing: Signing) -> None:
    """Find whose a person is by what stands before the name: `Osorio Mayor`, `trust chair`, `(Mayor …)`."""
    text = layout.text
    for mention in cast.mentions[:400]:
        entity = mention.entity
        if entity.kind != "person" or entity.organisation is not None:
            continue
        start = mention.title_start if mention.title_start is not None else mention.start
        if (
            entity.role_at is not None
            and entity.role_at[1] <= mention.start
            and mention.start - entity.role_at[1] < 30
        ):
            start = min(start, entity.role_at[0])
        before = text[max(0, start - 80) : start].rstrip(" ,")
        if before.endswith("("):
            before = before[:-1].rstrip()
        for party in signing.parties:
            if any(
                re.search(rf"(?<![\w-]){re.escape(name.text)}(?:’s|'s)?(?:\s\([^)]*\))?$", before)
                for name in party.names
            ):
                entity.organisation = party
        if entity.organisation is None and entity.role:
            first = entity.role.split()[0].removesuffix("’s").removesuffix("'s").casefold()
            last = (
                before.split()[-1].removesuffix("’s").removesuffix("'s").casefold() if before.split() else ""
            )
            for word in (first, last):
                fitting = [
                    party
                    for party in signing.parties
                    if word in BODIES and any(word in name.text.casefold().split() for name in party.names)
                ]
                if len(fitting) == 1:
                    entity.organisation = fitting[0]
                    break


def _affiliate(layout: Layout, mask: str, cast: Cast, signing: Signing) -> None:
    """Find who signs for whom; a person left over belongs to the party left over, and that is said."""
    _affiliate_by_words(layout, mask, cast, signing)
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
    topic = re.search(r"Minister (?:for|of) (.+)|(.+?) Minister$", role)
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
            if HIDDEN in sentence or re.search(
                r"\bwitness|also present|attended|배석",
                sentence[max(0, mention.start - start - 60) : mention.end - start + 60],
            ):
                continue
            if re.search(r"\b(?:sign(?:s|ed|ing|atories)?|assin\w+)\b", sentence) and not re.search(
                r"\b(?:said|says|welcomed|noted|highlighted)\b", sentence[: mention.end - start + 40]
            ):
                return candidate
            signs = re.search("체결|서명|협약식|맺|교환", sentence)
            if (
                signs is not None
                and _HEAD_ROLE.search(candidate.role or "")
                and (
                    re.search(r"참석|서명|\(", sentence)
                    or _DOES_IT.match(mask, mention.whole_end or mention.end)
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
_NOT_ACRONYMS = word_set("ko_not_acronyms")
_LEFT_OUT = frozenset(
    ["시", "도", "군", "구", "광역시", "특별시", "대학교", "학교", "특별자치도", "특별자치시", "교"]
)
"""What short forms of names leave out."""
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
_AGREEMENT_WORD = rule(
    r"\b(?:mous?|moa|memorand\w+|agreements?|accord|pact|deal|partnership|protocol|treaty|"
    r"letter of intent|cooperation|collaboration|contract|declaration|acordo|convênio|termo|"
    r"protocolo|memorando|parceria|sister[- ]city|relationship|tie-up|alliance)\b",
    "names an agreement",
    "signed a cooperation arrangement",
    re.IGNORECASE,
)
_SIGNS = rule(
    rf"\b(?:{patterns('en_signing')})\b",
    "is a verb of signing",
    "Council has signed a partnership",
    re.IGNORECASE,
)
_BY = rule(
    r"\s(?:(?:(?:on|in|at|during)\s[^.,;]{2,60}?|today|yesterday|jointly|earlier|this (?:morning|"
    r"afternoon|week|month)|last (?:week|month))\s){0,3}?(?:by|on behalf of)\s(?:the\s)?",
    "names who signed behind the verb",
    " by AIT Chief Executive Dr Martin",
)
_STRONG = rule(
    r"sign|ink|seal|conclud|enter|renew|reaffirm|formal|partner|team|agree|join|exchang|assin|"
    r"firm|celebr|struck|strik|extend|cement|cooperate|collaborate|put|ratif|finali|twin",
    "is a verb that says by itself that something was signed",
    "signed",
    re.IGNORECASE,
)
_BETWEEN = rule(
    r"\b(?:between|entre)\s(?:the\s|o\s|a\s|os\s|as\s)?(?:(?:cidades|cities|governments|"
    r"universities)\s(?:of|d[oea]s?)\s)?",
    "names both parties behind it",
    "Understanding between Wairoa Health",
    re.IGNORECASE,
)
_COUNTRY = rule(COUNTRIES, "is a country", "Chile")
_WITH = rule(
    r"\b(?:with|com)\s(?:(?:the|o|a|as)\s)?(?!(?:an?|the)\s(?:view|aim|focus)\b)",
    "names the other party behind it",
    "agreement with Xinhe Vocational",
)
_BRINGS = rule(
    r"\b(?:will see|sees|brings? together|unites?|links?|involves?|commits?)\s(?:the\s)?",
    "names the parties of an agreement behind it",
    "this week will see Coral Coast",
    re.IGNORECASE,
)
_CHAIN = rule(
    rf"(?:’s|'s)?(?:\s?\([^()]{{1,60}}\))?(?:,\s(?:through|via|acting through|"
    rf"represented by)\s(?:its|the|their)\s[^,.]{{3,80}}(?=,))?(?:,\s(?:the\s)?(?:{COUNTRIES})"
    rf"(?=[,\s]))?(?:\s(?:of|in|from)\s(?:the\s)?[A-Z][\w’-]+(?:\s[A-Z][\w’-]+)?)?\s?(?:,\s?)?(?:"
    rf"(?:and|as well as|along with|together with|&|e)\s)?(?:(?:[Tt]he|a|o|os|as|of|d[oae]|its|"
    rf"both)\s){{0,2}}(?:(?:[a-z-]{{3,16}}\s){{0,2}}(?:{'|'.join(sorted(BODIES))})\s(?:of\s"
    rf"(?:the\s)?)?)?\s?",
    "stands between two parties",
    " (MWA) of Singapore and the ",
)
_OWNS = rule(r"(?:’s|'s)\s", "stands between a country and what is its own", "Singapore’s Ministry")
_DASH = rule(
    r"\s?[-–—]\s?", "stands between a name and the same in another language", "University of Haeon – Te Whare"
)
_OPENING = rule(
    r"\s?(?:(?:the|a|an|o|os|as|d[oae]|both|its|partner|"
    r"partners)\s){0,2}(?:[a-z-]{3,20}\s){0,3}(?:(?<=government )of\s(?:the\s)?)?",
    "stands before the first party",
    "the partner ",
)
_KOREAN_AGREEMENT = rule(
    "협약|양해각서|MOU|협정|자매결연|약정|협력|손잡|맞손|합의|결연|조약|계약|공동선언",
    "names an agreement in Korean",
    "청년창업 활성화를 위한 업무협약을 체결했다고 6일 밝혔다.",
)
_KOREAN_DOES = rule(
    "체결|맺|손잡|손을 잡|서명|교환|맞손|뜻을 모|합의|협력하기로|힘을 모",
    "says in Korean that it is signed",
    "가온시와 나래대학교가 14일 시청에서 업무협약을 체결했다.",
)
_KOREAN_SIGNS = rule(
    f"{_KOREAN_DOES.pattern.pattern}|협약식|협약을|양해각서를",
    "says in Korean that it is signed, or tells of the ceremony",
    "솔내군지부, 푸른대학교 산학협력단과 업무협약식을 가졌다.",
)
_JOINS = rule(r"\s?(?:[·ㆍ∙/,–-]|및|와|과|그리고)\s?(?:및\s)?", "stands between two Korean parties", "와 ")
_SUBJECT = rule(
    r"(?:은|는|이|가|도|와|과|와의|과의|간)(?:\s|,|$)|\s?(?:과|와) ",
    "makes a Korean organisation a party",
    "과 지역의료 인력 양성을 위한 3자 업무협약(MOU)을",
)
_SO_MANY = rule(
    r"\s?(?:등 )?(?:\d{1,2}|두|세|네|다섯|여섯|일곱|여덟)\s?개?\s?(?:기관|대학|기업|단체|도시|"
    r"시군|시|군|구|회사|사|곳|지자체|협회|병원|학교)",
    "counts the parties behind their list",
    " 4개 기관이 업무협약을 ",
)
_HEADLINE_ENDS = rule(
    r"\s?(?:,|…|·|\s|$|“|‘|\"|')", "behind a name in a headline, makes it a party", ", 자매결연"
)
_KOREAN_TOKEN = rule(
    r"(?P<word>[가-힣A-Za-z0-9&㈜·ㆍ∙/–-]{2,40}?(?:\(주\))?)(?:\((?P<inside>[^()]{1,60})\))?"
    r"(?P<particle>와의|과의|은|는|이|가|와|과|및|간|도|의|에|을|를|에서|으로|"
    r"로)?(?P<comma>,)?(?=\s|$|[·.…“\"‘’”])",
    "is a Korean word that may be a party",
    "가람시(시장 민경택)와 한국건강기록원(옛 건강정보원, 원장",
)
