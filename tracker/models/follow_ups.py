"""What became of a clause, and what shows it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Base, Nested, Resource
from tracker.models.values import FollowUpValues

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_GIVEN = " + ".join(
    f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in ("url", "source", "reference")
)
_REASONED = ", ".join(repr(status) for status in codes.NEED_A_REASON)


class Evidence(Base):
    """One thing that shows, or speaks against, a status."""

    __tablename__ = "evidence"

    follow_up: Mapped[str] = columns.reference("follow_up", "whose it is", owner=True, primary_key=True)
    ordinal: Mapped[int] = columns.ordinal()
    url: Mapped[str | None] = columns.url("where it can be read", label="Address | 주소")
    source: Mapped[str | None] = columns.reference("source", "the text that shows it", label="Source | 출처")
    reference: Mapped[str | None] = columns.words(
        500, "a document's number (문서번호)", label="Document number | 문서번호"
    )
    title: Mapped[str | None] = columns.words(500, "what it is called", label="Title | 제목")
    stance: Mapped[str] = columns.code(
        codes.STANCE, "whether it supports the status", default="supports", label="Stance | 뒷받침 여부"
    )
    archived_url: Mapped[str | None] = columns.url("a lasting copy", label="Archived copy | 보존본")
    published: Mapped[str | None] = columns.partial_date("when it was published", label="Published | 발행일")
    accessed_on: Mapped[str | None] = columns.day("when it was read", label="Read on | 열람일")
    sha256: Mapped[str | None] = columns.sha256("SHA-256 of what was read, in hex")

    __table_args__ = (CheckConstraint(f"{_GIVEN} = 1", name="one_place"),)


class FollowUp(Resource[FollowUpValues]):
    """What became of a clause: one finding of one track."""

    __tablename__ = "follow_up"
    nested = (Nested("evidence", Evidence, "follow_up"),)

    id: Mapped[str] = columns.token(
        36,
        "a UUID",
        required=True,
        set_by="seed",
        unchanging=True,
        defaulted=True,
        pattern=UUID,
        example="018f3c2a-…",
        primary_key=True,
    )
    clause: Mapped[str] = columns.reference(
        "clause",
        "the clause it is about",
        required=True,
        set_by="server",
        unchanging=True,
        filter=True,
        label="Clause | 조항",
    )
    track: Mapped[str] = columns.code(
        codes.TRACK,
        "whose word it is: reported by a party, or verified by evidence",
        required=True,
        filter=True,
        label="Track | 구분(보고·검증) | 보고구분, 평가구분",
        sheet="mapped",
        width=12,
    )
    status: Mapped[str] = columns.code(
        codes.RECORDED_STATUS,
        "what became of the clause",
        required=True,
        filter=True,
        label="Status | 추진상황 | 이행상태, 진행상황, 추진상태, 이행상황, 추진현황, 이행현황, 상태, 진행상태, 추진여부, "
        "이행여부, Progress",
        width=18,
    )
    effective_on: Mapped[str] = columns.partial_date(
        "when that state was reached: 2021-03-31, 2021-03 or 2021",
        required=True,
        defaulted=True,
        filter=True,
        not_ahead=True,
        option="--on",
        label="Effective on | 상태기준일 | 기준일, 상태일, 기준일자, 완료일, 이행일, As of",
    )
    checked_on: Mapped[str] = columns.day(
        "the day someone looked; today unless given",
        required=True,
        defaulted=True,
        not_ahead=True,
        option="--checked",
        label="Checked on | 점검일 | 확인일, 점검일자, 최종점검일, 조사일, 평가일, Reviewed on, Last checked",
    )
    reason: Mapped[str | None] = columns.code(
        codes.REASON, "why", label="Reason | 사유 | 부진사유, 미이행사유, 지연사유", width=18
    )
    replaced_by: Mapped[str | None] = columns.reference(
        "clause", "the clause that replaced it", label="Replaced by | 대체 조항"
    )
    note: Mapped[str | None] = columns.words(
        10_000,
        "what else there is to say",
        label="Note | 추진내용 | 추진실적, 이행실적, 성과, 실적, 추진사항, 주요성과, Result, Results, Notes",
    )
    next_steps: Mapped[str | None] = columns.words(
        10_000,
        "what comes next (향후계획)",
        option="--next",
        label="Next steps | 향후계획 | 추진계획, 계획, 향후추진계획, Plan",
    )
    stated_by: Mapped[str | None] = columns.reference(
        "party",
        "the party whose word it is",
        filter=True,
        sheet="template",
        width=18,
        label="Stated by | 보고기관 | 작성기관, 보고자",
    )
    recorded_by: Mapped[str] = columns.token(
        200,
        "who recorded it",
        required=True,
        set_by="seed",
        defaulted=True,
        filter=True,
        label="Recorded by | 기록자",
    )
    recorded_at: Mapped[str] = columns.instant(
        "when it was recorded", required=True, set_by="seed", defaulted=True, label="Recorded at | 기록 시각"
    )
    recorded_claimed: Mapped[bool] = columns.flag("whether a file claims who recorded it and when")

    __table_args__ = (
        CheckConstraint(
            "effective_on_earliest IS NOT NULL AND effective_on_latest IS NOT NULL",
            name="effective_on_both_bounds",
        ),
        CheckConstraint(f"status NOT IN ({_REASONED}) OR reason IS NOT NULL", name="needs_a_reason"),
        CheckConstraint("replaced_by <> clause", name="replaced_by_another"),
        Index(None, "recorded_at", "id"),
    )
