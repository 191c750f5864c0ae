"""What was signed, clause by clause, and what was said about it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Base, Nested, Resource
from tracker.models.parties import Identifier
from tracker.models.values import AgreementValues, ClauseValues, QuoteValues

_SPAN = (
    '(source IS NULL AND start IS NULL AND "end" IS NULL) OR '
    '(source IS NOT NULL AND start IS NOT NULL AND "end" IS NOT NULL '
    'AND 0 <= start AND start < "end" AND length(text) = "end" - start)'
)


class AgreementParty(Base):
    """Who signed an agreement, as what."""

    __tablename__ = "agreement_party"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    party: Mapped[str] = columns.reference("party", "who signed", required=True, label="Party | 협약기관")
    role: Mapped[str] = columns.code(codes.PARTY_ROLE, "as what", default="party", label="Role | 역할")
    signed_by: Mapped[str | None] = columns.reference(
        "party", "the person who signed", kind="person", label="Signed by | 서명자"
    )
    signed_as: Mapped[str | None] = columns.words(
        200, "the signatory's role, as printed", label="Signed as | 서명 직위"
    )
    department: Mapped[str | None] = columns.token(
        200, "the department in charge", label="Department | 소관부서"
    )

    __table_args__ = (UniqueConstraint("agreement", "party", "role"),)


class AgreementSource(Base):
    """A text in which an agreement is printed."""

    __tablename__ = "agreement_source"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    source: Mapped[str] = columns.reference("source", "the text", required=True, label="Source | 출처")

    __table_args__ = (UniqueConstraint("agreement", "source"),)


class AgreementInitiative(Base):
    """An initiative that an agreement serves."""

    __tablename__ = "agreement_initiative"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    initiative: Mapped[str] = columns.reference(
        "initiative", "the initiative", required=True, label="Initiative | 사업"
    )

    __table_args__ = (UniqueConstraint("agreement", "initiative"),)


class AgreementLink(Base):
    """How an agreement stands to an earlier one."""

    __tablename__ = "agreement_link"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    kind: Mapped[str] = columns.code(
        codes.LINK_KIND, "what it does to the other", required=True, label="Link | 관계"
    )
    target: Mapped[str] = columns.reference(
        "agreement", "the other agreement", required=True, label="Other agreement | 다른 협약"
    )

    __table_args__ = (
        UniqueConstraint("agreement", "kind", "target"),
        CheckConstraint("target <> agreement", name="target_is_another"),
    )


class Agreement(Resource[AgreementValues]):
    """What was signed."""

    __tablename__ = "agreement"
    nested = (
        Nested("sources", AgreementSource, "agreement", scalar="source"),
        Nested("initiatives", AgreementInitiative, "agreement", scalar="initiative"),
        Nested("parties", AgreementParty, "agreement"),
        Nested("links", AgreementLink, "agreement"),
        Nested("identifiers", Identifier, "agreement"),
    )

    id: Mapped[str] = columns.identity(
        "the agreement's id", label="Agreement ID | 협약 ID", sheet="mapped", width=22
    )
    title: Mapped[str] = columns.words(
        500,
        "its title",
        required=True,
        label="Title | 협약명 | 협약명칭, 협약 제목, 제목, 업무협약명, 협약서명, 사업명, 건명, Agreement, Name",
        width=40,
    )
    kind: Mapped[str] = columns.code(
        codes.AGREEMENT_KIND,
        "what sort of agreement; mou is 업무협약, a business agreement",
        required=True,
        filter=True,
        label="Kind | 협약유형 | 유형, 구분, 협약구분, 협약종류, 종류, Type",
        width=16,
    )
    binding: Mapped[str] = columns.code(
        codes.BINDING,
        "whether it binds in law",
        default="unknown",
        label="Binding | 구속력 | 법적 구속력",
        sheet="mapped",
        width=12,
    )
    lifecycle: Mapped[str] = columns.code(
        codes.LIFECYCLE,
        "where it stands",
        default="active",
        filter=True,
        label="In force | 효력상태 | 협약상태, 유효여부, Lifecycle",
        sheet="mapped",
        width=12,
    )
    purpose: Mapped[str | None] = columns.words(
        5000, "what it is for", label="Purpose | 협약목적 | 목적, 취지, 체결목적, Aim"
    )
    signed_on: Mapped[str | None] = columns.partial_date(
        "when it was signed, as understood",
        filter=True,
        not_ahead=True,
        label="Signed on | 체결일 | 협약일자, 체결일자, 협약일, 협약체결일, 체결년월일, 협약 체결 일자, 체결연월일, "
        "Date, Date signed",
    )
    signed_as_printed: Mapped[str | None] = columns.words(
        300, "when it was signed, as printed", label="Signed, as printed | 체결일 표기", sheet="none"
    )
    signing_mode: Mapped[str] = columns.code(
        codes.SIGNING_MODE,
        "how it was signed",
        default="unknown",
        label="Signing mode | 체결방식 | 방식, 체결방법",
        sheet="mapped",
        width=12,
    )
    signing_mode_reason: Mapped[str | None] = columns.words(
        1000, "why it was signed that way", label="Reason for the mode | 체결방식 사유", sheet="none"
    )
    signing_place: Mapped[str | None] = columns.words(
        300, "where it was signed, as printed", label="Signing place | 체결장소 | 장소, Place", sheet="mapped"
    )
    starts: Mapped[str | None] = columns.partial_date(
        "when it takes effect", label="Starts | 시작일 | 협약시작일, 개시일, 효력발생일, Start, From"
    )
    ends: Mapped[str | None] = columns.partial_date(
        "when it expires", label="Ends | 종료일 | 만료일, 협약종료일, 협약만료일, End, Until"
    )
    ended_on: Mapped[str | None] = columns.partial_date(
        "when it was ended", label="Ended on | 종결일", sheet="none"
    )
    end_reason: Mapped[str | None] = columns.code(
        codes.END_REASON, "on which ground it was ended", label="Why it ended | 종결 사유", sheet="none"
    )
    council_reported_on: Mapped[str | None] = columns.partial_date(
        "when the council was told",
        not_ahead=True,
        label="Council told on | 의회보고일 | 의회 보고일자, 의회보고",
        sheet="mapped",
    )
    series: Mapped[str | None] = columns.reference(
        "initiative", "the series it belongs to", kind="series", filter=True, label="Series | 시리즈"
    )
    series_number: Mapped[int | None] = columns.number(
        "its number in that series", low=1, label="Number in the series | 시리즈 번호", sheet="none"
    )
    review_every_months: Mapped[int] = columns.number(
        "how often it has to be reviewed, in months",
        low=1,
        default=12,
        label="Review interval in months | 점검 주기(개월)",
        sheet="none",
    )


class ClauseParty(Base):
    """Who owes a promise, or gains from it; only where the text says so."""

    __tablename__ = "clause_party"

    clause: Mapped[str] = columns.owned_by("clause")
    ordinal: Mapped[int] = columns.ordinal()
    party: Mapped[str] = columns.reference("party", "who", required=True, label="Party | 기관")
    role: Mapped[str] = columns.code(codes.CLAUSE_ROLE, "as what", required=True, label="Role | 역할")

    __table_args__ = (UniqueConstraint("clause", "party", "role"),)


class Clause(Resource[ClauseValues]):
    """One promise."""

    __tablename__ = "clause"
    nested = (Nested("parties", ClauseParty, "clause"),)

    id: Mapped[str] = columns.token(
        columns.CLAUSE_ID_LENGTH,
        "AGREEMENT.NUMBER",
        label="ID | ID",
        sheet="none",
        required=True,
        set_by="server",
        unchanging=True,
        primary_key=True,
    )
    agreement: Mapped[str] = columns.reference(
        "agreement",
        "the agreement it stands in",
        required=True,
        set_by="server",
        unchanging=True,
        filter=True,
        label="Agreement | 협약",
    )
    number: Mapped[int] = columns.number(
        "its number in the agreement",
        low=1,
        required=True,
        unchanging=True,
        defaulted=True,
        label="Clause number | 조항번호 | 항번, 조항 순번, No. of clause",
        width=10,
    )
    kind: Mapped[str] = columns.code(
        codes.CLAUSE_KIND,
        "listed, in running text or only spoken",
        required=True,
        filter=True,
        label="Kind | 조항유형",
        sheet="none",
    )
    text: Mapped[str] = columns.words(
        10_000,
        "the promise, verbatim",
        required=True,
        label="Clause | 협약내용 | 주요내용, 주요 협약내용, 협약 주요내용, 주요협약내용, 조항내용, 내용, 이행과제, "
        "세부내용, 협약사항, Contents, Main contents, Text",
        width=60,
    )
    label: Mapped[str | None] = columns.words(
        80,
        "its mark or number, as printed",
        label="Label | 조항표시 | 조문, 조항, 조",
        sheet="mapped",
        width=10,
    )
    lang: Mapped[str | None] = columns.language()
    due: Mapped[str | None] = columns.partial_date(
        "by when it is promised",
        filter=True,
        label="Due | 이행기한 | 기한, 완료예정일, 이행기간, 목표일, 완료예정, Deadline, Due date",
    )
    first_due: Mapped[str | None] = columns.partial_date(
        "the first due date ever set", set_by="seed", label="First due | 최초 기한", sheet="none"
    )
    department: Mapped[str | None] = columns.token(
        200,
        "the department in charge",
        label="Department | 소관부서 | 담당부서, 주관부서, 부서, 추진부서, 부서명, 담당과, 소관과, "
        "Department in charge, Division",
        width=18,
    )
    source: Mapped[str | None] = columns.reference("source", "where it is printed", label="Source | 출처")
    start: Mapped[int | None] = columns.number(
        "where it begins there, in code points", label="Start | 시작 위치", sheet="none"
    )
    end: Mapped[int | None] = columns.number(
        "where it ends there, exclusive", low=1, label="End | 끝 위치", sheet="none"
    )
    reported_status: Mapped[str | None] = columns.code(
        codes.RECORDED_STATUS,
        "what a party last reported",
        set_by="server",
        in_history=False,
        label="Last reported | 최근 보고 상태",
    )
    verified_status: Mapped[str | None] = columns.code(
        codes.RECORDED_STATUS,
        "what evidence last verified",
        set_by="server",
        in_history=False,
        label="Verified | 검증 상태",
    )
    status: Mapped[str] = columns.code(
        codes.CURRENT_STATUS,
        "verified, else reported",
        default=codes.NOT_ASSESSED,
        set_by="server",
        in_history=False,
        label="Status | 상태",
    )
    met_on: Mapped[str | None] = columns.day(
        "since when it is met", set_by="server", in_history=False, label="Met on | 완료일"
    )
    reviewed_on: Mapped[str | None] = columns.day(
        "when someone last looked", set_by="server", in_history=False, label="Last reviewed on | 최근 점검일"
    )

    __table_args__ = (
        UniqueConstraint("agreement", "number"),
        CheckConstraint("id = agreement || '.' || number", name="id_form"),
        CheckConstraint(_SPAN, name="span"),
        Index(None, "status", "agreement", "number"),
        Index(None, "department"),
    )


class QuoteClause(Base):
    """A clause that a quote speaks to."""

    __tablename__ = "quote_clause"

    quote: Mapped[str] = columns.owned_by("quote")
    ordinal: Mapped[int] = columns.ordinal()
    clause: Mapped[str] = columns.reference("clause", "the clause", required=True, label="Clause | 조항")

    __table_args__ = (UniqueConstraint("quote", "clause"),)


class Quote(Resource[QuoteValues]):
    """What someone said."""

    __tablename__ = "quote"
    nested = (Nested("clauses", QuoteClause, "quote", scalar="clause"),)

    id: Mapped[str] = columns.token(
        columns.CLAUSE_ID_LENGTH,
        "AGREEMENT.qNUMBER",
        label="ID | ID",
        sheet="none",
        required=True,
        set_by="server",
        unchanging=True,
        primary_key=True,
    )
    agreement: Mapped[str] = columns.reference(
        "agreement",
        "the agreement it is about",
        required=True,
        set_by="server",
        unchanging=True,
        filter=True,
        label="Agreement | 협약",
    )
    number: Mapped[int] = columns.number(
        "its number in the agreement",
        low=1,
        required=True,
        unchanging=True,
        defaulted=True,
        label="Number | 번호",
    )
    kind: Mapped[str] = columns.code(
        codes.QUOTE_KIND, "headline, direct or indirect", required=True, filter=True, label="Kind | 유형"
    )
    text: Mapped[str] = columns.words(
        10_000, "what was said, without the marks around it", required=True, label="Quote | 발언"
    )
    speaker: Mapped[str | None] = columns.reference(
        "party", "who said it", filter=True, label="Speaker | 발언자"
    )
    on_behalf_of: Mapped[str | None] = columns.reference(
        "party", "for whom", filter=True, label="On behalf of | 소속"
    )
    speaker_as_printed: Mapped[str | None] = columns.words(
        300, "who said it, as printed", label="Speaker, as printed | 발언자 표기"
    )
    lang: Mapped[str | None] = columns.language()
    source: Mapped[str | None] = columns.reference("source", "where it is printed", label="Source | 출처")
    start: Mapped[int | None] = columns.number(
        "where it begins there, in code points", label="Start | 시작 위치"
    )
    end: Mapped[int | None] = columns.number("where it ends there, exclusive", low=1, label="End | 끝 위치")

    __table_args__ = (
        UniqueConstraint("agreement", "number"),
        CheckConstraint("id = agreement || '.q' || number", name="id_form"),
        CheckConstraint(_SPAN, name="span"),
    )
