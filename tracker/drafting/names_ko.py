"""Organisations and persons in Korean, by the form of their names and the titles beside them."""

from __future__ import annotations

import re

from tracker.drafting.cast import Cast, Entity, Mention, Name, folded
from tracker.drafting.wordlists import wordlist

SURNAMES = "나피김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반라왕금옥육인맹제모탁국어은편용예봉경부사감음빈목옹동온호범좌팽승간상시갈단견당"
_COMPOUND = "남궁|황보|제갈|사공|선우|서문|독고|동방"
TITLES = (
    "광역시장|특별시장|부시장|시장|도지사|부지사|지사|부군수|군수|부구청장|구청장|경찰청장|소방서장|경찰서장|청장|차장|연구원장|진흥원장|부원장|원장|이사장|부회장|회장|부사장|사장|대표이사|공동대표|대표|총장|부총장|"
    "장관|차관|본부장|센터장|사업단장|단장|처장|국장|과장|팀장|실장|연구소장|소장|관장|부위원장|위원장|부의장|의장|교육감|교수|총재|은행장|행장|조합장|학장|서장|대사|총영사|이사|상무|전무|지사장|지점장|지부장|지회장|협회장|"
    "연합대장|방범대장|대장|학교장|사령관|변호사|사무총장|사무국장|사무처장|의원|대통령|국무총리|총리|교육장|박사|이장|주무관|감독|목사|신부|스님|교장|병원장|의료원장|학과장|추진단장|CEO|최고경영자|담당관|비서관|보좌관|수석|부문장|그룹장|법인장|공장장|역장|서기관|사무관|기자"
)
_PERSON_PARTICLES = "은|는|이|가|도|께서|께서는|을|를|과|와|의|에게|씨|님|등|및"
_PARTICLES = "으로부터|로부터|에서는|에서도|에서|에게|으로|로|께서|은|는|이|가|을|를|과|와|의|에|도|만|및|등|측|이며|이고|이다"
_ORGANISATION = (
    "특별자치시|특별자치도|광역시|특별시|시청|도청|군청|구청|시의회|도의회|군의회|구의회|의회|교육지원청|교육청|경찰청|경찰서|소방서|소방본부|세관|"
    "진흥원|연구원|개발원|기록원|정보원|평가원|관리원|교육원|의료원|보호원|기술원|지원단|사업단|산학협력단|재단|공사|공단|협회|협의회|중앙회|연합회|총연합회|조합|연맹|학회|대학교|대학원|대학|고등학교|중학교|초등학교|학교|병원|의원|은행|금고|"
    "센터|위원회|상공회의소|회의소|그룹|주식회사|기업|전자|건설|통신|화학|제철|에너지|증권|보험|생명|카드|물산|중공업|제약|바이오|테크|시스템|솔루션|텔레콤|항공|철도|방송|신문|일보|본부|연구소|박물관|미술관|도서관|문화원|예술단|"
    "지부|지사|지회|지점|사업본부|부처|복지관|체육회|봉사단|적십자사|사회|유니온|마켓|랩|코리아|홀딩스|네트웍스|산업|식품|유통|농협|수협|축협|신협|로보틱스|모터스|해운|조선|원자력|발전|전력|가스|과학원|합창단|무용단|극단|교향악단|악단|구단|아카데미|학원|청년회|부녀회|포럼|클럽|컴퍼니|인터내셔널|엔터테인먼트"
)
_TAKES_ONE = "시|도|군|구|청|원|부|처|대|사|회"
_NOT_LOCAL = wordlist(
    """
    다시 역시 즉시 혹시 잠시 동시 일시 당시 표시 제시 실시 전시 도시 지시 명시 게시 상시 임시 수시 필시
    개시 매시 연구 요구 추구 지구 기구 도구 친구 복구 입구 가구 인구 출구 항구 축구 야구 농구 배구 제도
    정도 지도 속도 온도 강도 태도 용도 각도 한도 밀도 수도 별도 시도 의도 주도 유도 보도 철도 궤도 선도
    모두 대도 이도 그도 만족도 인지도 선호도 장군 해군 공군 육군 국군 직군 제품군 교육청 지원 회원 직원
    인원 자원 공원 위원 의원 구성원 일원 요원 정원 차원 민원 병원 법원 연구원 전부 일부 내부 외부 정부 간부
    납부 여부 본부 처 부처 대처 조처 출처 근처 회 기회 사회 대회 국회 의회 협회 학회 교회 위원회 행사 회사
    인사 본사 조사 검사 공사 기사 강사 의사 감사 봉사 자사 양사 각사 시대 세대 군대 현대 최대 확대 절대
    기대 초대 증대 연대 무대 상대 요청 신청 시청 구청 군청 도청 환경 안전도 접근도 것도 때도 이번도
    데이터도 사업도 협약도 지난해도 올해도 등도 투자도 이날도 전국 미래도 전략도 경제도 만큼도 청년도
    또다시 몇몇도 그래도 아래도 누구 하구 산업도 교류도 도 시 군 구 청 원 부 대 사 양해각서도
    """
)
_NOT_PERSON = wordlist(
    """
    이번 지난 신임 현재 전임 한국 해당 정부 이날 우리 최근 전국 주요 부산 서울 대구 광주 경기 강원 제주
    전남 전북 경남 경북 충남 충북 인천 대전 울산 세종 조합 문화 안전 여성 국제 홍보 행정 기획 경제 교육
    복지 지역 시민 도시 이사 연구 사업 공동 상임 수석 선임 전문 담당 부 총괄 주민 노동 고용 환경 산업 정보
    기술 정책 전략 운영 관리 지원 개발 투자 인사 재무 예산 감사 민원 자치 소방 경찰 보건 의료 농업 수산
    해양 교통 건설 주택 관광 체육 청년 노인 아동 가족 방송 유통 국내 해외 현지 전통 신규 동네 마을 상가
    상설 시의 도의 도시재생 대표 명예 초대 임시 차기 역대 양측 양 두 세 각 전 현 구 신 본 당 동 고위 정무
    경제부 행정부 문화체육 안전도시 한편 이후 이어 또한 이와 하지만 국장 방문 유치 성공 공공 민간 사회 연합
    중앙 지방 기관 오늘 내일 어제 모두 이를 이에 함께 위해 통해 구청 군청 시청 도청 본청 교육청 진흥 기록 평가 보호 나라
    나눔 나무 나머 피해
    """
)


def cast_of(text: str, parts: list[tuple[int, int]]) -> Cast:
    """Find everyone named in these parts of a text."""
    cast = Cast()
    for start, end in parts:
        for match in _ORG.finditer(text, start, end):
            _organisation(text, match, cast)
    for start, end in parts:
        for match in (*_LED.finditer(text, start, end), *_IN_LEGAL_FORM.finditer(text, start, end)):
            if not cast.within(match.start("name"), match.end("name"), "organisation") and _may_be_led(
                match["name"]
            ):
                entity = _named(match["name"], *match.span("name"), cast)
                cast.mention(Mention(*match.span("name"), entity))
    _short_forms(text, parts, cast)
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
    """Give where a name stands with what it is a branch of, or with its branch: `농협 솔내군지부`, `나래대 산학협력단`."""
    start, end = match.span("name")
    above = _ABOVE.search(text, max(0, start - 10), start) if match["name"].endswith(_BRANCHES) else None
    below = _BELOW.match(text, end) if match["name"].endswith(("대학교", "대학", "대")) else None
    return start if above is None else above.start("name"), end if below is None else below.end()


def _take_aliases(found: re.Match[str], entity: Entity) -> None:
    """Take other names from the parentheses behind one: `(옛 건강정보원, 이하 기록원)`."""
    for part in _PART_OF_ALIAS.finditer(found["alias"]):
        said = _FORMER_OR_SHORT.fullmatch(part[0].strip())
        if said is None or _TITLED.match(said["name"]) or _NO_ALIAS.search(said["name"]):
            continue
        name = said["name"].strip("‘’'\"“” ")
        if not name or len(name) > 40:
            continue
        at = found.start("alias") + found["alias"].index(name, part.start())
        if said["former"]:
            kind = "former"
        else:
            kind = "abbreviation" if re.fullmatch(r"[A-Z][A-Za-z0-9&·. -]{0,13}", name) else "alias"
        entity.add(Name(name, kind, at, at + len(name)))


def _named(name: str, start: int, end: int, cast: Cast) -> Entity:
    known = cast.named(name, "organisation")
    if known is not None:
        return known
    bare = _LEGAL.sub("", name)
    for each in cast.organisations:
        if _LEGAL.sub("", each.name) == bare:
            each.add(Name(name, "alias", start, end))
            return each
    entity = Entity("organisation", [Name(name, "name", start, end)], class_=class_of(name))
    if not cast.is_full:
        cast.entities.append(entity)
    return entity


def _short_forms(text: str, parts: list[tuple[int, int]], cast: Cast) -> None:
    """Join short forms with what they stand for: 기록원 with 한국건강기록원, 해온 with 해온시."""
    for each in list(cast.organisations):
        longer = [
            other
            for other in cast.organisations
            if other is not each and len(other.name) > len(each.name) + 1 and other.name.endswith(each.name)
        ]
        if len(longer) == 1 and not each.name.endswith(("시", "도", "군", "구")) and len(each.name) >= 3:
            longer[0].add(Name(each.name, "alias", each.names[0].start, each.names[0].end))
            cast.replace(each, longer[0])
    for each in list(cast.organisations):
        if each.name.endswith("대학교"):
            short = cast.named(each.name.removesuffix("학교"), "organisation")
            if short is not None and short is not each:
                each.add(Name(short.name, "alias", short.names[0].start, short.names[0].end))
                cast.replace(short, each)
        full = re.fullmatch(r"([가-힣]{2,})(?:특별자치시|특별자치도|광역시|특별시)", each.name)
        if full is not None:
            short = cast.named(full[1] + ("시" if each.name.endswith("시") else "도"), "organisation")
            if short is not None and short is not each:
                each.add(Name(short.name, "alias", short.names[0].start, short.names[0].end))
                cast.replace(short, each)


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
    if title.endswith(_MARKETS) or name.endswith("과") or _is_of_a_place(text, match):
        return False
    if match.end("name") == match.start("title") and name[-1] + title in TITLES.split("|"):
        return False  # 인민위원장
    if (
        name in _NOT_PERSON
        or name[-1] == "는"
        or name in _COMPOUND.split("|")
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


def _is_of_a_place(text: str, match: re.Match[str]) -> bool:
    """Whether a title is that of a place's head and what stands before it is the place: `나주시장`."""
    return (
        len(match["name"]) == 2
        and match.end("name") == match.start("title")
        and _HEAD_OF_A_PLACE.fullmatch(match["title"]) is not None
    )


def _where(text: str, match: re.Match[str], cast: Cast) -> Entity | None:
    """Give the organisation that a title belongs to: printed inside, before or around it."""
    groups = match.groupdict()
    between = (groups.get("where") or "").strip()
    prefix, core = groups.get("prefix") or "", groups.get("core") or match["title"]
    endings = {"도지사": "도", "지사": "도", "군수": "군"}
    wanted = [
        between,
        prefix,
        prefix + endings.get(core, ""),
        prefix + core.removesuffix("장"),
        between + core.removesuffix("장"),
    ]
    if between:
        wanted.append(between.split()[0])
    for piece in wanted:
        known = cast.named(piece, "organisation") if len(piece) >= 2 else None
        if known is not None:
            return known
    if between:
        inside = cast.within(match.start("where"), match.end("where"), "organisation")
        if inside:
            return inside[0].entity
    before = cast.within(max(0, match.start() - 40), match.start(), "organisation")
    if before and re.fullmatch(r"\s?(?:의 )?|\(", text[before[-1].end : match.start()]):
        return before[-1].entity
    return None


def _persons_again(text: str, parts: list[tuple[int, int]], cast: Cast) -> None:
    """Find persons named once more, without a title or by surname and title."""
    names = {name.text: each for each in cast.persons for name in each.names}
    if not names:
        return
    pattern = re.compile("|".join(sorted(map(re.escape, names), key=len, reverse=True)))
    for start, end in parts:
        for match in pattern.finditer(text, start, end):
            cast.mention(Mention(match.start(), match.end(), names[match[0]]))
    for start, end in parts:
        for match in _SURNAME_TITLE.finditer(text, start, end):
            found = [
                each
                for each in cast.persons
                if each.name.startswith(match["surname"])
                and each.role
                and (each.role.endswith(match["title"]) or match["title"].endswith(each.role))
            ]
            if len(found) == 1:
                cast.mention(
                    Mention(match.start(), match.end(), found[0], match["title"], match.start(), match.end())
                )


def has_head(name: str) -> bool:
    """Return whether a name ends as organisations do: `나래대학교`, `산들농협`."""
    return _HEAD.search(name) is not None or class_of(name) is not None


def class_of(name: str) -> str | None:
    """Give the class that a Korean name's ending tells; None where it does not."""
    for class_, pattern in _CLASSES:
        if pattern.search(name):
            return class_
    return None


_SPLIT_TITLE = f"(?:{TITLES})"
_NAME = rf"(?:(?:{_COMPOUND})[가-힣]{{1,2}}?|[{SURNAMES}][가-힣]{{1,2}})"
_AFTER = rf"(?=(?:{_PERSON_PARTICLES})?(?![가-힣])|(?:은|는|이|가) |이다|이자 |이며 )"
_ASIDE = r"(?:\((?:\d{2}세?(?:[·,] ?[남여])?|[\u4e00-\u9fff]{2,4}|[A-Z][A-Za-z .-]{2,30})\))?"
"""What stands behind a name in parentheses: an age, or the name in Chinese or Latin letters."""
_NAME_TITLE = re.compile(
    rf"(?<![가-힣])(?P<name>{_NAME}){_ASIDE}(?: (?P<where>(?:[가-힣A-Za-z0-9·㈜-]{{1,19}}(?<![은는을를에와과의]) ){{1,2}}))? ?(?P<title>(?P<prefix>[가-힣A-Za-z]{{0,12}}?)(?P<core>{_SPLIT_TITLE}))(?:\([^)]{{1,20}}\))?{_AFTER}"
)
_TITLE_NAME = re.compile(
    rf"(?<![가-힣])(?P<title>[가-힣]{{0,10}}?{_SPLIT_TITLE}) (?P<name>{_NAME})(?=(?:{_PERSON_PARTICLES})?(?![가-힣]))"
)
_IN_PARENTHESES = re.compile(
    rf"\((?P<title>(?:[가-힣]{{1,8}} ?)?{_SPLIT_TITLE})[ :·]{{0,2}}(?P<name>{_NAME})\)"
)
_TITLED = re.compile(
    rf"(?:[가-힣]{{1,8}} ?)?{_SPLIT_TITLE}[ :·]{{0,2}}{_NAME}|{_NAME} ?(?:[가-힣]{{1,8}} ?)?{_SPLIT_TITLE}"
)
_SURNAME_TITLE = re.compile(
    rf"(?<![가-힣])(?P<surname>{_COMPOUND}|[{SURNAMES}]) ?(?P<title>{_SPLIT_TITLE})(?=은|는|이|가|도|과|와|의|을)"
)
_MARKETS = (
    "전통시장",
    "재래시장",
    "야시장",
    "도매시장",
    "금융시장",
    "노동시장",
    "증권시장",
    "취업시장",
    "국내시장",
    "해외시장",
)
_LEGAL = re.compile(r"\s?(?:㈜|\(주\)|\(재\)|\(사\)|주식회사)\s?")
_ORG = re.compile(
    rf"(?<![가-힣A-Za-z])(?P<name>(?:㈜ ?|\(주\) ?|\(재\) ?|\(사\) ?|주식회사 )?(?:[가-힣A-Za-z0-9&]{{1,18}}?(?:{_ORGANISATION})|[가-힣]{{1,10}}?(?P<one>{_TAKES_ONE})|(?:(?<=㈜)|(?<=㈜ )|(?<=\(주\))|(?<=\(주\) )|(?<=주식회사 ))[가-힣A-Za-z0-9&]{{2,15}}?)(?: ?㈜|\(주\))?)(?=\(|(?:{_PARTICLES})?(?![가-힣A-Za-z]))"
)
_HEAD = re.compile(rf"(?:{_ORGANISATION})$")
_LED = re.compile(
    rf"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣A-Za-z0-9&]{{2,15}})\((?:공동 ?)?(?:대표이사|대표|사장|회장|이사장|원장|총장|단장|관장|센터장|은행장|행장|본부장|소장|위원장|조합장|서장|청장)[ :]{{0,2}}{_NAME}\)"
)
"""Whoever is led by a person in parentheses is an organisation, whatever its name."""
_IN_LEGAL_FORM = re.compile(r"(?<![가-힣A-Za-z0-9])(?P<name>[가-힣A-Za-z0-9&]{2,15}(?:㈜|\(주\)))")
_PART_OF_ALIAS = re.compile(r"[^,;]+")
_FORMER_OR_SHORT = re.compile(r"(?P<former>(?:구|옛|전) )?(?:이하[ ,:]?\s?)?(?P<name>.+)")
_NO_ALIAS = re.compile(r"^\d|[은는이가을를] |사진|왼쪽|오른쪽|이하$|위원장|대표|소재|소장|가운데")
_ORGANISATION_FOLLOWS = re.compile(r"[와과(]| (?:[가-힣]{2,4} )?총장|(?:은|는|이|가)?[·,]|(?:와|과) ")
_HEAD_OF_A_PLACE = re.compile("시장|군수|구청장|도지사|지사")
_BRANCHES = (
    "지부",
    "지사",
    "지점",
    "지회",
    "본부",
    "사업단",
    "산학협력단",
    "공사",
    "공단",
    "병원",
    "연구소",
    "교육지원청",
    "의회",
    "대학원",
    "복지관",
)
_ABOVE = re.compile(
    r"(?<![가-힣])(?P<name>농협은행|농협|수협|축협|신협|적십자사|국민연금공단|건강보험공단) $"
)
_BELOW = re.compile(r" (?:산학협력단|평생교육원|평생교육대학|박물관|미술관|창업지원단)(?![가-힣]{2})")
_ALIAS = re.compile(r"\((?P<alias>[^()\n]{1,48})\)")
_GENERIC = wordlist(
    """
    기관 협회 센터 재단 대학 병원 학교 은행 기업 회사 공사 공단 조합 본부 지사 연구소 연구원 도서관 박물관
    사업단 산업 발전 에너지 조선 시스템 솔루션 대학교 고등학교 중학교 초등학교 위원회 의회 사회 지역사회
    국회 정부 중소기업 대기업 벤처기업 공공기관 통신 건설 전자 바이오 양 의료기관 교육기관 협력센터
    유관기관 참여기업 지역기업 관내기업 신산업 관광산업 미래산업 첨단산업 전략산업 문화산업 데이터산업
    콘텐츠산업 지속발전 균형발전 동반발전 상생발전 상호발전 지역발전 국가발전 경제발전 신재생에너지
    재생에너지 시청 도청 군청 구청 지방자치단체 지자체 시민사회 인공지능산업 스타트업 청년기업 창업기업
    협의회 그룹 포럼 학원 클럽 식품 유통 보험 생명 항공 철도 방송 신문 카드 해운 가스 전력 과학원 아카데미
    로봇 연맹 학회 총회 대회 지점 지부 지회 농협 수협 축협 신협 금고 경찰서 소방서 경찰청 교육청 시의회
    도의회 의원 병의원
    """
)
_CLASSES = (
    ("university", re.compile("(?:대학교|대학|대학원|대)$")),
    ("media", re.compile("(?:일보|신문|방송|뉴스)$")),
    (
        "association",
        re.compile(
            "(?:협회|협의회|중앙회|연합회|연맹|학회|조합|재단|적십자사|체육회|상공회의소|회의소|사회|회)$"
        ),
    ),
    (
        "company",
        re.compile(
            r"㈜|\(주\)|주식회사|(?:은행|전자|건설|통신|화학|증권|보험|카드|물산|중공업|제약|바이오|테크|시스템|텔레콤|항공|그룹|에너지|식품|유통|모터스|코리아|홀딩스|컴퍼니|랩)$"
        ),
    ),
    (
        "local_government",
        re.compile("(?:특별자치시|특별자치도|광역시|특별시|[시도군구]|시청|도청|군청|구청)$"),
    ),
    (
        "public_agency",
        re.compile("(?:원|공사|공단|센터|위원회|병원|박물관|도서관|교육청|경찰청|경찰서|소방서|본부|청)$"),
    ),
    ("national_government", re.compile("[부처]$")),
)
__all__ = ["SURNAMES", "TITLES", "cast_of", "class_of", "folded"]
