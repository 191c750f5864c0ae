"""Who signs, in Korean: who carries the particle of the subject, and who that of the partner."""

from __future__ import annotations

from tracker.drafting.cast import Cast, Entity, Name
from tracker.drafting.layout import Layout
from tracker.drafting.names_ko import class_of as korean_class
from tracker.drafting.rules import rule
from tracker.drafting.wordlists import word_set


class KoreanParties:
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
            rest = _ASIDE.removed_from(rest)
            pending.append(entity)
            if number + 1 < len(candidates) and _JOINS.fullmatch(rest):
                by_particle = rest[:1] in "와과"
                continue
            if (
                _SUBJECT.match(rest)
                or (headline and _HEADLINE_ENDS.match(rest))
                or _AND_OTHERS.match(rest)
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
            if kept and _OTHER_NAME.fullmatch(self.mask[kept[-1][1] : one]):
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
        if _ACRONYM.fullmatch(piece) and piece not in _NOT_ACRONYMS:
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
    for match in _DIVIDER.finditer(word):
        pieces.append((at, word[at : match.start()]))
        at = match.end()
    pieces.append((at, word[at:]))
    return [(at_start, piece) for at_start, piece in pieces if piece]


def _is_headline(words: str) -> bool:
    return "다." not in words and len(words) < 80 and not words.rstrip().endswith("다")


_NOT_ACRONYMS = word_set("ko_not_acronyms")
_LEFT_OUT = frozenset(
    ["시", "도", "군", "구", "광역시", "특별시", "대학교", "학교", "특별자치도", "특별자치시", "교"]
)
"""What short forms of names leave out."""
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
_DIVIDER = rule(r"[·ㆍ∙,/–-]", "divides names in one word", "해온시·기록원")
_ASIDE = rule(r"^[’'”\"]?(?:\([^()]{1,60}\))*", "stands between a name and its particle", "(시장 반지운)는")
_ACRONYM = rule(r"[A-Z][A-Za-z0-9&.-]{1,20}", "is an acronym that may be a party", "LH")
_AND_OTHERS = rule(r"\s?(?:등과|등이|등은|간|등 )", "ends a list of parties", " 등이")
_OTHER_NAME = rule(
    r"\((?:구 |옛 |이하 |현 )?", "opens another name of the same in parentheses", "(옛 건강정보원)"
)
