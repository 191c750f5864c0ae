"""Organisations and persons in Korean, by the form of their names and the titles beside them."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity, Mention, Name, folded
from tracker.drafting.rules import rule
from tracker.drafting.wordlists import alternatives, entries, word_set

SURNAMES = "".join(entries("ko_surnames"))
_COMPOUND = alternatives("ko_surnames_of_two")
TITLES = alternatives("ko_titles")
_PERSON_PARTICLES = alternatives("ko_person_particles")
_PARTICLES = alternatives("ko_particles")
_ORGANISATION = alternatives("ko_organisations")
_TAKES_ONE = "시|도|군|구|청|원|부|처|대|사|회"
_NOT_LOCAL = word_set("ko_not_local")
_NOT_PERSON = word_set("ko_not_person")


def cast_of(text: str, parts: list[tuple[int, int]]) -> Cast:
    """Find everyone named in these parts of a text."""
    cast = Cast()
    for start, end in parts:
        for match in _ORG.finditer(text, start, end):
            _organisation(text, match, cast)
    for start, end in parts:
        for match in _LED.finditer(text, start, end):
            if not cast.within(match.start("name"), match.end("name"), "organisation") and _may_be_led(
                match["name"]
            ):
                entity = _named(match["name"], *match.span("name"), cast)
                cast.mention(Mention(*match.span("name"), entity))
    _short_forms(cast)
    for start, end in parts:
        _persons(text, start, end, cast)
    _persons_again(text, parts, cast)
    return cast


def _may_be_led(name: str) -> bool:
    return name not in _NOT_PERSON and name not in _GENERIC and not re.search(rf"(?:{TITLES})$", name)


def _organisation(text: str, match: re.Match[str], cast: Cast) -> None:
    name = match["name"]
    if (
        name in _NOT_LOCAL
        or name in _GENERIC
        or name.endswith(("하는", "위원", "다시"))
        or (name.endswith("역시") and not name.endswith("광역시"))
    ):
        return
    if match["one"] and (
        (len(name) < 3 and match["one"] not in "시도군구")
        or (name[:-1] in _NOT_PERSON and match["one"] not in "시도")
    ):
        return
    if (
        len(name) > 2
        and match["one"] in ("사", "회", "원", "부", "처", "대")
        and not _ORGANISATION_FOLLOWS.match(text, match.end("name"))
    ):
        return
    start, end = _with_its_branch(text, match)
    entity = _named(text[start:end], start, end, cast)
    aliases = _ALIAS.match(text, end, min(len(text), end + 60))
    if aliases is not None:
        _take_aliases(aliases, entity)
    cast.mention(Mention(start, end, entity))


def _with_its_branch(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return where a name stands with what it is a branch of, or with its branch: `농협 솔내군지부`, `나래대 산학협력단`."""
    start, end = match.span("name")
    above = _ABOVE.search(text, max(0, start - 10), start) if match["name"].endswith(_BRANCHES) else None
    below = _BELOW.match(text, end) if match["name"].endswith(("대학교", "대학", "대")) else None
    return start if above is None else above.start("name"), end if below is None else below.end()


def _take_aliases(parentheses: re.Match[str], entity: Entity) -> None:
    """Take other names from the parentheses behind one: `(옛 건강정보원, 이하 기록원)`."""
    for part in _PART_OF_ALIAS.finditer(parentheses["alias"]):
        match = _FORMER_OR_SHORT.fullmatch(part[0].strip())
        if match is None or _TITLED.match(match["name"]) or _NO_ALIAS.search(match["name"]):
            continue
        name = match["name"].strip("‘’'\"“” ")
        if not name or len(name) > 40:
            continue
        at = parentheses.start("alias") + parentheses["alias"].index(name, part.start())
        short = "abbreviation" if _ABBREVIATION.fullmatch(name) else "alias"
        kind = "former" if match["former"] else short
        entity.add(Name(name, kind, at, at + len(name)))


def _named(name: str, start: int, end: int, cast: Cast) -> Entity:
    known = cast.named(name, "organisation")
    if known is not None:
        return known
    bare = _LEGAL.removed_from(name)
    for organisation in cast.organisations:
        if _LEGAL.removed_from(organisation.name) == bare:
            organisation.add(Name(name, "alias", start, end))
            return organisation
    entity = Entity("organisation", [Name(name, "name", start, end)], class_=class_of(name))
    if not cast.is_full:
        cast.entities.append(entity)
    return entity


def _short_forms(cast: Cast) -> None:
    """Join short forms with what they stand for: 기록원 with 한국건강기록원, 해온 with 해온시."""
    for organisation in list(cast.organisations):
        longer = [
            other
            for other in cast.organisations
            if other is not organisation
            and len(other.name) > len(organisation.name) + 1
            and other.name.endswith(organisation.name)
        ]
        if (
            len(longer) == 1
            and not organisation.name.endswith(("시", "도", "군", "구"))
            and len(organisation.name) >= 3
        ):
            longer[0].add(
                Name(organisation.name, "alias", organisation.names[0].start, organisation.names[0].end)
            )
            cast.replace(organisation, longer[0])
    for organisation in list(cast.organisations):
        if organisation.name.endswith("대학교"):
            short = cast.named(organisation.name.removesuffix("학교"), "organisation")
            if short is not None and short is not organisation:
                organisation.add(Name(short.name, "alias", short.names[0].start, short.names[0].end))
                cast.replace(short, organisation)
        full = _SPECIAL_CITY.fullmatch(organisation.name)
        if full is not None:
            short = cast.named(full[1] + ("시" if organisation.name.endswith("시") else "도"), "organisation")
            if short is not None and short is not organisation:
                organisation.add(Name(short.name, "alias", short.names[0].start, short.names[0].end))
                cast.replace(short, organisation)


def _persons(text: str, start: int, end: int, cast: Cast) -> None:
    for pattern in (_NAME_TITLE, _TITLE_NAME, _IN_PARENTHESES):
        at = start
        while (match := pattern.search(text, at, end)) is not None:
            at = match.end() if _person(text, match, cast) else match.start() + 1


def _person(text: str, match: re.Match[str], cast: Cast) -> bool:
    """Take a match as a person; False where it is none."""
    name, title = match["name"], match["title"]
    if title in ("의원", "이사", "차장", "대표", "소장", "박사") and (
        len(name) != 3 or match.start("title") < match.start("name")
    ):
        return False
    if title.endswith(_MARKETS) or name.endswith("과") or _is_of_a_place(match):
        return False
    if match.end("name") == match.start("title") and name[-1] + title in entries("ko_titles"):
        return False  # 인민위원장
    if (
        name in _NOT_PERSON
        or name[-1] == "는"
        or name in entries("ko_surnames_of_two")
        or (name[:2] in _NOT_PERSON)
        or name.endswith(("하는", "에서", "위한", "통해", "부터", "까지", "으로"))
    ):
        return False
    if cast.named(name, "organisation") is not None:
        return False
    entity = cast.named(name, "person")
    if entity is None and cast.is_full:
        return False
    if entity is None:
        entity = Entity("person", [Name(name, "name", match.start("name"), match.end("name"))])
        cast.entities.append(entity)
    where = _where(text, match, cast)
    core = match.groupdict().get("core") or title
    if title != "기자" and entity.role is None:
        at = match.end("title") - len(core)
        entity.role, entity.role_at = (
            (core, (at, match.end("title"))) if where is not None else (title, match.span("title"))
        )
    if entity.organisation is None:
        entity.organisation = where
    first, last = min(match.start("name"), match.start("title")), max(match.end("name"), match.end("title"))
    cast.mention(Mention(match.start("name"), match.end("name"), entity, title, first, last))
    return True


def _is_of_a_place(match: re.Match[str]) -> bool:
    """Return whether a title is that of a place's head and what stands before it is the place: `나주시장`."""
    return (
        len(match["name"]) == 2
        and match.end("name") == match.start("title")
        and _HEAD_OF_A_PLACE.fullmatch(match["title"]) is not None
    )


def _where(text: str, match: re.Match[str], cast: Cast) -> Entity | None:
    """Return the organisation that a title belongs to: printed inside, before or around it."""
    groups = match.groupdict()
    between = (groups.get("where") or "").strip()
    prefix, core = groups.get("prefix") or "", groups.get("core") or match["title"]
    endings = {"도지사": "도", "지사": "도", "군수": "군"}
    candidates = [
        between,
        prefix,
        prefix + endings.get(core, ""),
        prefix + core.removesuffix("장"),
        between + core.removesuffix("장"),
    ]
    if between:
        candidates.append(between.split()[0])
    for piece in candidates:
        known = cast.named(piece, "organisation") if len(piece) >= 2 else None
        if known is not None:
            return known
    if between:
        inside = cast.within(match.start("where"), match.end("where"), "organisation")
        if inside:
            return inside[0].entity
    before = cast.within(max(0, match.start() - 40), match.start(), "organisation")
    if before and _BEFORE_A_TITLE.fullmatch(text[before[-1].end : match.start()]):
        return before[-1].entity
    return None


def _persons_again(text: str, parts: list[tuple[int, int]], cast: Cast) -> None:
    """Find persons named once more, without a title or by surname and title."""
    names = {name.text: person for person in cast.persons for name in person.names}
    if not names:
        return
    pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    for start, end in parts:
        for match in pattern.finditer(text, start, end):
            cast.mention(Mention(match.start(), match.end(), names[match[0]]))
    for start, end in parts:
        for match in _SURNAME_TITLE.finditer(text, start, end):
            holders = [
                person
                for person in cast.persons
                if person.name.startswith(match["surname"])
                and person.role
                and (person.role.endswith(match["title"]) or match["title"].endswith(person.role))
            ]
            if len(holders) == 1:
                cast.mention(
                    Mention(
                        match.start(), match.end(), holders[0], match["title"], match.start(), match.end()
                    )
                )


def has_head(name: str) -> bool:
    """Return whether a name ends as organisations do: `나래대학교`, `산들농협`."""
    return _HEAD.search(name) is not None or class_of(name) is not None


def class_of(name: str) -> str | None:
    """Return the class that a Korean name's ending tells; None where it does not."""
    for class_, ends in _CLASSES:
        if name.endswith(ends) or (class_ == "company" and _LEGAL.search(name) is not None):
            return class_
    return None


_SPLIT_TITLE = f"(?:{TITLES})"
_NAME = rf"(?:(?:{_COMPOUND})[가-힣]{{1,2}}?|[{SURNAMES}][가-힣]{{1,2}})"
_AFTER = rf"(?=(?:{_PERSON_PARTICLES})?(?![가-힣])|(?:은|는|이|가) |이다|이자 |이며 )"
_ASIDE = r"(?:\((?:\d{2}세?(?:[·,] ?[남여])?|[\u4e00-\u9fff]{2,4}|[A-Z][A-Za-z .-]{2,30})\))?"
"""What stands behind a name in parentheses: an age, or the name in Chinese or Latin letters."""
_NAME_TITLE = rule(
    rf"(?<![가-힣])(?P<name>{_NAME}){_ASIDE}(?: (?P<where>(?:[가-힣A-Za-z0-9·㈜-]{{1,19}}"
    rf"(?<![은는을를에와과의]) ){{1,2}}))? ?(?P<title>(?P<prefix>[가-힣A-Za-z]{{0,12}}?)"
    rf"(?P<core>{_SPLIT_TITLE}))(?:\([^)]{{1,20}}\))?{_AFTER}",
    "is a person by the office behind the name",
    "이동현 푸른숲병원장은 “의사가 버스를 타고 마을로 가겠다”",
)
_TITLE_NAME = rule(
    rf"(?<![가-힣])(?P<title>[가-힣]{{0,10}}?{_SPLIT_TITLE}) (?P<name>{_NAME})(?="
    rf"(?:{_PERSON_PARTICLES})?(?![가-힣]))",
    "is a person by the office before the name",
    "누리구(구청장 한서진)와 푸른재단(이사장 문가온)은 20일",
)
_IN_PARENTHESES = rule(
    rf"\((?P<title>(?:[가-힣]{{1,8}} ?)?{_SPLIT_TITLE})[ :·]{{0,2}}(?P<name>{_NAME})\)",
    "is an organisation's head in parentheses",
    "누리구(구청장 한서진)와 푸른재단(이사장 문가온)은 20일",
)
_TITLED = rule(
    rf"(?:[가-힣]{{1,8}} ?)?{_SPLIT_TITLE}[ :·]{{0,2}}{_NAME}|{_NAME} ?(?:[가-힣]{{1,8}} ?)?{_SPLIT_TITLE}",
    "is a person and an office in parentheses",
    "대표이사 진용석",
)
_SURNAME_TITLE = rule(
    rf"(?<![가-힣])(?P<surname>{_COMPOUND}|[{SURNAMES}]) ?(?P<title>{_SPLIT_TITLE})(?=은|는|이|가|"
    rf"도|과|와|의|을)",
    "is a person named once more by surname and office",
    "○ 오정민 구청장은 “골목상권이 숨 쉴 수 있도록 하겠다”",
)
_MARKETS = entries("ko_markets")
_LEGAL = rule(r"\s?(?:㈜|\(주\)|\(재\)|\(사\)|주식회사)\s?", "is a legal form", "㈜새빛에너지")
_ORG = rule(
    rf"(?<![가-힣A-Za-z])(?P<name>(?:㈜ ?|\(주\) ?|\(재\) ?|\(사\) ?|"
    rf"주식회사 )?(?:[가-힣A-Za-z0-9&]{{1,18}}?(?:{_ORGANISATION})|"
    rf"[가-힣]{{1,10}}?(?P<one>{_TAKES_ONE})|(?:(?<=㈜)|(?<=㈜ )|(?<=\(주\))|(?<=\(주\) )|"
    rf"(?<=주식회사 ))[가-힣A-Za-z0-9&]{{2,15}}?)(?: ?㈜|\(주\))?)(?=\(|"
    rf"(?:{_PARTICLES})?(?![가-힣A-Za-z]))",
    "is an organisation by the end of its name",
    "누리구(구청장 한서진)와 푸른재단(이사장 문가온)은 20일",
)
_HEAD = rule(rf"(?:{_ORGANISATION})$", "ends as names of organisations do", "푸른대학교 산학협력단")
_LED = rule(
    rf"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣A-Za-z0-9&]{{2,15}})\((?:공동 ?)?(?:대표이사|대표|사장|"
    rf"회장|이사장|원장|총장|단장|관장|센터장|은행장|행장|본부장|소장|위원장|조합장|서장|"
    rf"청장)[ :]{{0,2}}{_NAME}\)",
    "is an organisation, since a person in parentheses leads it",
    "(시장 강민호)와 한누리대학교(총장 윤지혜)는 17일 시청",
)
_PART_OF_ALIAS = rule(
    r"[^,;]+", "is one of several names in parentheses", "옛 건강정보원, 원장 한정우, 이하 기록원"
)
_FORMER_OR_SHORT = rule(
    r"(?P<former>(?:구|옛|전) )?(?:이하[ ,:]?\s?)?(?P<name>.+)",
    "is a former or a short name",
    "옛 건강정보원",
)
_NO_ALIAS = rule(
    r"^\d|[은는이가을를] |사진|왼쪽|오른쪽|이하$|위원장|대표|소재|소장|가운데",
    "stands in parentheses and is no name",
    "왼쪽",
)
_ORGANISATION_FOLLOWS = rule(
    r"[와과(]| (?:[가-힣]{2,4} )?총장|(?:은|는|이|가)?[·,]|(?:와|과) ",
    "behind a word with a weak ending, makes it an organisation",
    "같습니다.” 사공현 나래대 총장은 이렇게 말하며 웃었다.",
)
_HEAD_OF_A_PLACE = rule("시장|군수|구청장|도지사|지사", "is the office of a place's head", "시장")
_BRANCHES = entries("ko_branches")
_ABOVE = rule(
    r"(?<![가-힣])(?P<name>농협은행|농협|수협|축협|신협|적십자사|국민연금공단|건강보험공단) $",
    "is the body that a branch belongs to, before it",
    "농협은행 ",
)
_BELOW = rule(
    r" (?:산학협력단|평생교육원|평생교육대학|박물관|미술관|창업지원단)(?![가-힣]{2})",
    "is a university's branch, behind it",
    "농협 솔내군지부, 푸른대학교 산학협력단과 업무협약식을 가졌다.",
)
_ALIAS = rule(
    r"\((?P<alias>[^()\n]{1,48})\)",
    "gives other names in parentheses",
    "누리구(구청장 한서진)와 푸른재단(이사장 문가온)은 20일",
)
_GENERIC = word_set("ko_generic")
_CLASSES = tuple(
    (class_, entries(f"ko_class_{class_}"))
    for class_ in (
        "university",
        "media",
        "association",
        "company",
        "local_government",
        "public_agency",
        "national_government",
    )
)
__all__ = ["SURNAMES", "TITLES", "cast_of", "class_of", "folded"]
_SPECIAL_CITY = rule(
    r"([가-힣]{2,})(?:특별자치시|특별자치도|광역시|특별시)",
    "is a city or province with its rank",
    "가람광역시",
)
_BEFORE_A_TITLE = rule(r"\s?(?:의 )?|\(", "stands between an organisation and its head", " 의 ")
_ABBREVIATION = rule(r"[A-Z][A-Za-z0-9&·. -]{0,13}", "is an abbreviation in parentheses", "WAWS")
