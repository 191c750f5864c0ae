"""Codelists: the closed sets of words that fields may hold, their labels, and what each status needs.

Columns, validation, sheets, reports and constraints take codes, labels and synonyms from here, so a new code
is one line here and one migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Group = Literal["none", "finding", "open", "outcome", "excluded", "dropped"]
Lang = Literal["en", "ko"]
LANGS: tuple[Lang, ...] = ("ko", "en")
REPORT_FORMATS = ("html", "md", "csv", "json", "xlsx")
"""What a report can be written as, the ending of a file's name each."""


class Label(NamedTuple):
    """What a code or a field is called, in English and in Korean, and what else offices call it."""

    en: str
    ko: str
    synonyms: tuple[str, ...] = ()

    def text(self, lang: str) -> str:
        """Return the label in a language, ``en`` or ``ko``."""
        return self.ko if lang == "ko" else self.en

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read ``label | 한국어 | synonym, 다른 말``; the last part may be left out."""
        en, ko, *rest = (part.strip() for part in text.split("|"))
        synonyms = rest[0].split(",") if rest else []
        return cls(en, ko, tuple(word.strip() for word in synonyms))


@dataclass(frozen=True, slots=True)
class Codelist:
    """A named, ordered set of codes with their labels; ``in`` and iteration work on the codes."""

    name: str
    labels: dict[str, Label] = field(hash=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order in which lists show them."""
        return tuple(self.labels)

    def __contains__(self, code: object) -> bool:
        return code in self.labels

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def label(self, code: str, lang: str = "en") -> str:
        """Return a code's label; ``lang`` is en or ko."""
        return self.labels[code].text(lang)


def read_codelist(name: str, labels: str) -> Codelist:
    """Return a codelist read from lines of ``code | label | 한국어 | synonym, 다른 말``, the last part optional."""
    rows = (line.partition("|") for line in labels.strip().splitlines())
    return Codelist(name, {code.strip(): Label.parse(label) for code, _, label in rows})


PARTY_KIND = read_codelist(
    "party_kind",
    """
    organisation | Organisation | 기관·단체
    person | Person | 개인
    """,
)
PARTY_CLASS = read_codelist(
    "party_class",
    """
    local_government | Local government | 지방자치단체
    national_government | National government | 중앙행정기관
    public_agency | Public agency | 공공기관
    company | Company | 기업
    university | University | 대학
    association | Association | 협회·단체
    media | News organisation | 언론사
    other | Other | 기타
    """,
)
NAME_KIND = read_codelist(
    "name_kind",
    """
    alias | Alias | 별칭
    abbreviation | Abbreviation | 약칭
    former | Former name | 옛 이름
    romanisation | Romanisation | 로마자 표기
    translation | Translation | 번역명
    """,
)
SOURCE_KIND = read_codelist(
    "source_kind",
    """
    news_article | News article | 기사
    press_release | Press release | 보도자료
    official_document | Official document | 공문서
    agreement_text | Text of the agreement | 협약서
    dataset | Dataset | 데이터
    web_page | Web page | 웹페이지
    other | Other | 기타
    """,
)
INITIATIVE_KIND = read_codelist(
    "initiative_kind",
    """
    facility | Facility | 시설
    programme | Programme | 사업
    project | Project | 과제
    policy | Policy | 정책
    series | Series of agreements | 협약 시리즈
    """,
)
AGREEMENT_KIND = read_codelist(
    "agreement_kind",
    """
    mou | Business agreement (MOU) | 업무협약 | 협약, 업무협약(MOU), 양해각서, 업무제휴
    moa | Memorandum of agreement (MOA) | 합의각서 | 합의서
    investment | Investment agreement | 투자협약 | 투자양해각서
    sister_city | Sister city agreement | 자매결연 | 자매도시, 우호협력
    contract | Contract | 계약 | 위수탁계약
    treaty | Treaty | 조약
    declaration | Declaration | 공동선언
    other | Other | 기타
    """,
)
BINDING = read_codelist(
    "binding",
    """
    binding | Binding | 법적 구속력 있음 | 구속력 있음
    non_binding | Not binding | 법적 구속력 없음 | 구속력 없음
    unknown | Unknown | 알 수 없음 | 미상
    """,
)
LIFECYCLE = read_codelist(
    "lifecycle",
    """
    pending | Pending | 체결 예정
    active | Active | 유효 | 진행
    terminated | Terminated | 종료 | 만료
    cancelled | Cancelled | 취소 | 해지, 해제
    """,
)
SIGNING_MODE = read_codelist(
    "signing_mode",
    """
    in_person | In person | 대면
    video | By video | 화상
    correspondence | By correspondence | 서면
    electronic | Electronically | 전자서명 | 전자
    unknown | Unknown | 알 수 없음 | 미상
    """,
)
END_REASON = read_codelist(
    "end_reason",
    """
    purpose_met | Its purpose was met | 목적 달성
    counterparty_fault | The counterparty's fault | 상대방 귀책
    no_longer_needed | No longer needed | 필요성 소멸
    mutual | By mutual consent | 상호 합의
    other | Other | 기타
    """,
)
PARTY_ROLE = read_codelist(
    "party_role",
    """
    party | Party | 당사자
    witness | Witness | 입회자
    facilitator | Facilitator | 주선자
    beneficiary | Beneficiary | 수혜자
    """,
)
LINK_KIND = read_codelist(
    "link_kind",
    """
    renews | Renews | 갱신
    amends | Amends | 변경
    supersedes | Supersedes | 대체
    """,
)
CLAUSE_KIND = read_codelist(
    "clause_kind",
    """
    listed | Listed | 열거된 조항
    narrative | In running text | 서술된 약속
    spoken | Only spoken | 발언으로만 한 약속
    """,
)
CLAUSE_ROLE = read_codelist(
    "clause_role",
    """
    obligor | Owes it | 이행 주체
    beneficiary | Gains from it | 수혜자
    supporting | Supports it | 지원
    """,
)
QUOTE_KIND = read_codelist(
    "quote_kind",
    """
    headline | Headline | 제목
    direct | Direct | 직접 인용
    indirect | Indirect | 간접 인용
    """,
)
TRACK = read_codelist(
    "track",
    """
    reported | Reported by a party | 자체보고 | 보고, 자체평가
    verified | Verified by evidence | 검증 | 확인
    """,
)
STANCE = read_codelist(
    "stance",
    """
    supports | Supports the status | 뒷받침
    contradicts | Contradicts the status | 반박
    context | Context | 배경
    """,
)
ROLE = read_codelist(
    "role",
    """
    viewer | Viewer | 열람자
    editor | Editor | 편집자
    admin | Administrator | 관리자
    """,
)
REASON = read_codelist(
    "reason",
    """
    funding | Funding | 예산 | 예산 부족
    priority_changed | Priorities changed | 우선순위 변경
    legal_barrier | Legal barrier | 법적 제약
    counterparty | Counterparty | 상대방 사정 | 상대기관 사정
    external_event | External event | 외부 여건
    organisation_change | Organisation changed | 조직 개편 | 조직 변경
    unclear_commitment | Commitment unclear | 약속 불명확 | 내용 불명확
    achieved_otherwise | Achieved otherwise | 다른 방법으로 달성
    mutual_release | Mutual release | 상호 면제 | 상호 해제
    replaced | Replaced | 대체됨
    correction | Correction | 정정
    other | Other | 기타
    """,
)


@dataclass(frozen=True, slots=True)
class Status:
    """One status code: its group, its labels, what recording it needs, and what others call it.

    Where a standard has no code for it, its map is None: never a near miss.
    """

    code: str
    group: Group
    label: Label
    needs_reason: bool = False
    needs_evidence: bool = False
    """Whether a verified follow-up with this status needs evidence that supports it."""
    ocds: str | None = None
    """OCDS milestoneStatus."""
    ogp: str | None = None
    """Open Government Partnership, level of completion."""
    politifact: str | None = None
    manifesto: str | None = None
    """Progress classes of Korean local government, as Manifesto sites define them."""


STATUSES: dict[str, Status] = {
    status.code: status
    for status in (
        Status("not_assessed", "none", Label("Not assessed", "미평가"), ocds="scheduled", politifact="Not Yet Rated"),
        Status("no_evidence", "finding", Label("No evidence found", "근거 미확인", ("확인불가",)), ogp="No Evidence Available"),
        Status("not_started", "open", Label("Not started", "미착수"), ocds="scheduled", ogp="Not Started"),
        Status("in_progress", "open", Label("In progress", "추진 중", ("정상추진", "진행 중")),
               ocds="scheduled", politifact="In the Works", manifesto="정상추진"),  # there: when not overdue
        Status("behind", "open", Label("Behind", "일부추진·부진", ("일부추진", "부진")),
               ocds="scheduled", ogp="Limited", politifact="In the Works", manifesto="일부추진"),
        Status("stalled", "open", Label("Stalled", "지연·중단", ("지연", "중단", "보류")), needs_reason=True,
               ocds="scheduled", politifact="Stalled", manifesto="보류"),
        Status("partially_met", "outcome", Label("Partially met", "일부이행"), needs_evidence=True,
               ocds="partiallyMet", ogp="Substantial", politifact="Compromise"),
        Status("met", "outcome", Label("Met", "완료", ("이행 완료", "이행")), needs_evidence=True,
               ocds="met", ogp="Complete", politifact="Promise Kept", manifesto="완료"),
        Status("met_ongoing", "outcome", Label("Met, ongoing", "이행 후 계속추진", ("계속추진",)), needs_evidence=True,
               ocds="met", ogp="Complete", politifact="Promise Kept", manifesto="이행 후 계속추진"),
        Status("not_met", "outcome", Label("Not met", "미이행", ("불이행",)), needs_reason=True, needs_evidence=True,
               ocds="notMet", politifact="Promise Broken"),
        Status("waived", "excluded", Label("Waived", "면제"), needs_reason=True),
        Status("superseded", "excluded", Label("Superseded", "대체"), needs_reason=True),
        Status("dropped", "dropped", Label("Dropped", "폐기"), needs_reason=True,
               ocds="notMet", politifact="Promise Broken", manifesto="폐기"),
    )
}  # fmt: skip
"""Every status, in the order in which reports list them."""

STANDARDS = {
    "ocds": "OCDS milestoneStatus",
    "ogp": "Open Government Partnership, completion",
    "politifact": "PolitiFact",
    "manifesto": "Korean Manifesto progress classes; 정상추진 when not overdue",
}
"""The standards to which statuses map, by the name of the map."""


def statuses_in(*groups: Group) -> tuple[str, ...]:
    """Return the statuses of some groups, in the order in which reports list them."""
    return tuple(code for code, status in STATUSES.items() if status.group in groups)


NOT_ASSESSED = "not_assessed"
CURRENT_STATUS = Codelist("status", {code: status.label for code, status in STATUSES.items()})
"""What a clause's current status may be."""
RECORDED_STATUS = Codelist(
    "status", {code: labels for code, labels in CURRENT_STATUS.labels.items() if code != NOT_ASSESSED}
)
"""What a follow-up may record."""
NEED_A_REASON = tuple(status.code for status in STATUSES.values() if status.needs_reason)
MET = ("met", "met_ongoing")
"""The statuses of a promise that was kept."""
EXCLUDED = ("waived", "superseded")
"""The statuses that leave a promise out of the denominator."""
RELEASED = (*EXCLUDED, "dropped")
"""The statuses that release a promise from being reviewed."""

DAYS_SOON = 30
"""How many days before its due date a clause is due soon."""
SCHEDULE = read_codelist(
    "schedule",
    """
    no_deadline | No deadline | 기한 없음
    met_on_time | Met on time | 기한 내 완료
    met_late | Met late | 기한 후 완료
    closed | Closed | 종결
    overdue | Overdue | 기한 경과
    due_soon | Due soon | 기한 임박
    not_due | Not due yet | 기한 전
    """,
)
FRESHNESS = read_codelist(
    "freshness",
    """
    fresh | Reviewed within its interval | 점검 주기 이내
    never | Never reviewed, not due yet | 점검 전
    stale | Review due | 점검 필요
    very_stale | Review long overdue | 장기 미점검
    """,
)
HEADLINE = read_codelist(
    "headline",
    """
    empty | No clauses | 조항 없음
    closed | Closed | 종결
    not_tracked | Not tracked | 미추적
    fulfilled | Fulfilled | 이행 완료
    not_fulfilled | Not fulfilled | 미이행
    partially_fulfilled | Partially fulfilled | 일부 이행
    open | Open | 진행 중
    """,
)
BASIS = read_codelist(
    "basis",
    """
    verified | Verified | 검증 기준
    reported | As reported | 자체보고 기준
    """,
)
ACTION = read_codelist(
    "action",
    """
    create | Created | 등록
    update | Changed | 변경
    delete | Removed | 삭제
    load | Loaded from a file | 파일 적재
    replace | Replaced by a document | 문서로 교체
    revert | Reverted | 되돌림
    merge | Merged | 병합
    redact | Redacted | 비식별
    """,
)
FLAG = Codelist("flag", {"true": Label("Yes", "예"), "false": Label("No", "아니요")})
"""What a filter by yes or no takes."""

CODELISTS: dict[str, Codelist] = {
    codelist.name: codelist
    for codelist in (
        CURRENT_STATUS, REASON, TRACK, STANCE, SCHEDULE, FRESHNESS, HEADLINE, BASIS,
        AGREEMENT_KIND, BINDING, LIFECYCLE, SIGNING_MODE, END_REASON, PARTY_ROLE, LINK_KIND,
        CLAUSE_KIND, CLAUSE_ROLE, QUOTE_KIND, SOURCE_KIND, INITIATIVE_KIND,
        PARTY_KIND, PARTY_CLASS, NAME_KIND, ROLE, ACTION,
    )
}  # fmt: skip
"""Every codelist by name, in the order in which readers see them."""
