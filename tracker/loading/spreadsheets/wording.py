"""The words of spreadsheets: headings and codes in Korean and English, and what offices call them.

A column of a sheet is named by what it fills in: `agreement.title`, `clause.text`, `follow_up.status`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tracker import codes
from tracker.codes import STATUSES, Codelist
from tracker.validation import match_key

Lang = Literal["ko", "en"]
LANGS: tuple[Lang, ...] = ("ko", "en")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that sheets can have: its name, its heading in each language, what offices call it."""

    name: str
    ko: str
    en: str
    also: tuple[str, ...] = ()
    width: int = 14
    kind: Literal["text", "date", "code", "number", "names"] = "text"
    codelist: Codelist | None = None

    def heading(self, lang: Lang) -> str:
        """Give its heading in a language."""
        return self.ko if lang == "ko" else self.en


def _column(
    name: str,
    ko: str,
    en: str,
    also: str = "",
    width: int = 14,
    kind: str = "text",
    codelist: Codelist | None = None,
) -> Column:
    others = tuple(each.strip() for each in also.split(",") if each.strip())
    return Column(name, ko, en, others, width, kind, codelist)  # type: ignore[arg-type]


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        _column("agreement.identifier", "관리번호", "Register number", "협약번호, 등록번호, 문서번호, 일련번호, Reg. no, Number", 14),
        _column("agreement.id", "협약 ID", "Agreement ID", "", 22),
        _column("agreement.title", "협약명", "Title", "협약명칭, 협약 제목, 제목, 업무협약명, 협약서명, 사업명, 건명, Agreement, Name", 40),
        _column("agreement.kind", "협약유형", "Kind", "유형, 구분, 협약구분, 협약종류, 종류, Type", 16, "code", codes.AGREEMENT_KIND),
        _column("agreement.signed_on", "체결일", "Signed on", "협약일자, 체결일자, 협약일, 협약체결일, 체결년월일, 협약 체결 일자, 체결연월일, Date, Date signed", 14, "date"),
        _column("agreement.period", "협약기간", "Period", "기간, 유효기간, 협약 유효기간, 사업기간, Term, Duration", 26, "date"),
        _column("agreement.starts", "시작일", "Starts", "협약시작일, 개시일, 효력발생일, Start, From", 14, "date"),
        _column("agreement.ends", "종료일", "Ends", "만료일, 협약종료일, 협약만료일, End, Until", 14, "date"),
        _column("agreement.parties", "협약기관", "Parties", "상대기관, 협약상대, 협약상대방, 협약대상, 상대방, 협약당사자, 참여기관, 체결기관, 협약 상대기관, 대상기관, Counterparty, Partner, Partners", 34, "names"),
        _column("department", "소관부서", "Department", "담당부서, 주관부서, 부서, 추진부서, 부서명, 담당과, 소관과, Department in charge, Division", 18),
        _column("agreement.purpose", "협약목적", "Purpose", "목적, 취지, 체결목적, Aim", 40),
        _column("agreement.signing_place", "체결장소", "Signing place", "장소, Place", 18),
        _column("agreement.signing_mode", "체결방식", "Signing mode", "방식, 체결방법", 12, "code", codes.SIGNING_MODE),
        _column("agreement.binding", "구속력", "Binding", "법적 구속력", 12, "code", codes.BINDING),
        _column("agreement.lifecycle", "효력상태", "In force", "협약상태, 유효여부, Lifecycle", 12, "code", codes.LIFECYCLE),
        _column("agreement.council_reported_on", "의회보고일", "Council told on", "의회 보고일자, 의회보고, 의회보고일자", 14, "date"),
        _column("clause.number", "조항번호", "Clause number", "항번, 조항 순번, No. of clause", 10, "number"),
        _column("clause.text", "협약내용", "Clause", "주요내용, 주요 협약내용, 협약 주요내용, 주요협약내용, 조항내용, 내용, 이행과제, 세부내용, 협약사항, Contents, Main contents, Text", 60),
        _column("clause.label", "조항표시", "Label", "조문, 조항, 조", 10),
        _column("clause.due", "이행기한", "Due", "기한, 완료예정일, 이행기간, 목표일, 완료예정, Deadline, Due date", 14, "date"),
        _column("follow_up.status", "추진상황", "Status", "이행상태, 진행상황, 추진상태, 이행상황, 추진현황, 이행현황, 상태, 진행상태, 추진여부, 이행여부, Progress", 18, "code", codes.RECORDED_STATUS),
        _column("follow_up.track", "구분(보고·검증)", "Track", "보고구분, 평가구분", 12, "code", codes.TRACK),
        _column("follow_up.effective_on", "상태기준일", "Effective on", "기준일, 상태일, 기준일자, 완료일, 이행일, As of", 14, "date"),
        _column("follow_up.checked_on", "점검일", "Checked on", "확인일, 점검일자, 최종점검일, 조사일, 평가일, Reviewed on, Last checked", 14, "date"),
        _column("follow_up.reason", "사유", "Reason", "부진사유, 미이행사유, 지연사유", 18, "code", codes.REASON),
        _column("follow_up.note", "추진내용", "Note", "추진실적, 이행실적, 성과, 실적, 추진사항, 주요성과, Result, Results, Notes", 40),
        _column("follow_up.next_steps", "향후계획", "Next steps", "추진계획, 계획, 향후추진계획, Plan", 40),
        _column("follow_up.evidence", "증빙", "Evidence", "증빙자료, 근거, 근거자료, 관련문서, 증빙(URL·문서번호)", 30),
        _column("follow_up.stated_by", "보고기관", "Stated by", "작성기관, 보고자", 18, "names"),
    )
}  # fmt: skip
"""Every column that a map may name, in the order of a template."""

NO_CHANGE = ("no change", "unchanged", "변동 없음", "변동사항 없음", "변경 없음", "변화 없음", "이상 없음")
TOTALS = frozenset(
    match_key(word) for word in ("계", "합계", "소계", "총계", "합 계", "총 계", "total", "sum")
)

_KOREAN: dict[str, dict[str, str]] = {
    "agreement_kind": {
        "mou": "업무협약", "moa": "합의각서", "investment": "투자협약", "sister_city": "자매결연",
        "contract": "계약", "treaty": "조약", "declaration": "공동선언", "other": "기타",
    },
    "binding": {"binding": "구속력 있음", "non_binding": "구속력 없음", "unknown": "미상"},
    "lifecycle": {"pending": "체결 예정", "active": "유효", "terminated": "종료", "cancelled": "해지"},
    "signing_mode": {
        "in_person": "대면", "video": "화상", "correspondence": "서면", "electronic": "전자", "unknown": "미상",
    },
    "track": {"reported": "자체보고", "verified": "검증"},
    "reason": {
        "funding": "예산", "priority_changed": "우선순위 변경", "legal_barrier": "법적 제약",
        "counterparty": "상대기관 사정", "external_event": "외부 여건", "organisation_change": "조직 변경",
        "unclear_commitment": "내용 불명확", "achieved_otherwise": "다른 방법으로 달성",
        "mutual_release": "상호 해제", "replaced": "대체됨", "correction": "정정", "other": "기타",
    },
}  # fmt: skip
_ALSO: dict[str, dict[str, str]] = {
    "agreement_kind": {
        "협약": "mou", "업무협약(MOU)": "mou", "양해각서": "mou", "업무제휴": "mou", "합의서": "moa",
        "투자양해각서": "investment", "자매도시": "sister_city", "우호협력": "sister_city", "위수탁계약": "contract",
    },
    "lifecycle": {"진행": "active", "만료": "terminated", "취소": "cancelled", "해제": "cancelled"},
    # The progress classes of Korean local government, as domain.md maps them.
    "status": {
        "추진중": "in_progress", "정상추진": "in_progress", "진행중": "in_progress", "일부추진": "behind",
        "부진": "behind", "지연": "stalled", "중단": "stalled", "보류": "stalled", "이행완료": "met", "이행": "met",
        "계속추진": "met_ongoing", "이행후계속추진": "met_ongoing", "미착수": "not_started", "일부이행": "partially_met",
        "불이행": "not_met", "확인불가": "no_evidence",
    },
    "track": {"보고": "reported", "자체평가": "reported", "확인": "verified"},
    "reason": {"예산 부족": "funding", "예산부족": "funding"},
}  # fmt: skip


def label(codelist: Codelist, code: str, lang: Lang) -> str:
    """Give what a code is called in a language."""
    if codelist.name == "status":
        return STATUSES[code].label_ko if lang == "ko" else STATUSES[code].label
    if lang == "ko" and codelist.name in _KOREAN:
        return _KOREAN[codelist.name][code]
    return code.replace("_", " ").capitalize()


def code_for(codelist: Codelist, word: str) -> str | None:
    """Give the code that a word means: the code, a label in either language, or an office's own word."""
    return _words(codelist).get(match_key(word))


def words_for(codelist: Codelist, lang: Lang = "ko") -> list[str]:
    """Give what a cell of a template may say."""
    return [label(codelist, code, lang) for code in codelist]


def known_words(codelist: Codelist) -> list[str]:
    """Give every word that means a code: for hints."""
    said = [label(codelist, code, lang) for lang in LANGS for code in codelist]
    return [*said, *codelist, *_ALSO.get(codelist.name, {})]


def means_no_change(word: str) -> bool:
    """Whether a cell says that a status is still the same."""
    return match_key(word) in _NO_CHANGE


def is_total(words: Iterable[str]) -> bool:
    """Whether a row begins with a word for a sum."""
    return match_key(next(iter(words), "")) in TOTALS


@cache
def headings(*, own_only: bool = False) -> dict[str, str]:
    """Give the columns by the match keys of their headings: a template's own first, then those of offices."""
    found: dict[str, str] = {}
    for column in COLUMNS.values():
        for word in (column.name, column.ko, column.en):
            found.setdefault(match_key(word), column.name)
    if not own_only:
        for column in COLUMNS.values():
            for word in column.also:
                found.setdefault(match_key(word), column.name)
    return found


@cache
def _words(codelist: Codelist) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in codelist:
        for word in (code, label(codelist, code, "en"), label(codelist, code, "ko")):
            found.setdefault(match_key(word), code)
    for word, code in _ALSO.get(codelist.name, {}).items():
        if code in codelist:
            found.setdefault(match_key(word), code)
    return found


_NO_CHANGE = frozenset(match_key(word) for word in NO_CHANGE)
