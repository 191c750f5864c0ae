"""What became of a clause, and what shows it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Base, Nested, Resource

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
    url: Mapped[str | None] = columns.url("where it can be read")
    source: Mapped[str | None] = columns.reference("source", "the text that shows it")
    reference: Mapped[str | None] = columns.words(500, "a document's number (문서번호)")
    title: Mapped[str | None] = columns.words(500, "what it is called")
    stance: Mapped[str] = columns.code(codes.STANCE, "whether it supports the status", default="supports")
    archived_url: Mapped[str | None] = columns.url("a lasting copy")
    published: Mapped[str | None] = columns.partial_date("when it was published")
    accessed_on: Mapped[str | None] = columns.day("when it was read")
    sha256: Mapped[str | None] = columns.sha256("SHA-256 of what was read, in hex")

    __table_args__ = (CheckConstraint(f"{_GIVEN} = 1", name="one_place"),)


class FollowUp(Resource):
    """What became of a clause: one finding of one track."""

    __tablename__ = "follow_up"
    plural = "follow_ups"
    noun = "follow-up"
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
        "clause", "the clause it is about", required=True, set_by="server", unchanging=True
    )
    track: Mapped[str] = columns.code(
        codes.TRACK, "reported by a party, or verified by evidence", required=True
    )
    status: Mapped[str] = columns.code(codes.RECORDED_STATUS, "what became of it", required=True)
    effective_on: Mapped[str] = columns.partial_date(
        "when that state was reached", required=True, defaulted=True
    )
    checked_on: Mapped[str] = columns.day("the day someone looked", required=True, defaulted=True)
    reason: Mapped[str | None] = columns.code(codes.REASON, "why")
    replaced_by: Mapped[str | None] = columns.reference("clause", "the clause that replaced it")
    note: Mapped[str | None] = columns.words(10_000, "what else there is to say")
    next_steps: Mapped[str | None] = columns.words(10_000, "what comes next (향후계획)")
    stated_by: Mapped[str | None] = columns.reference("party", "the party whose word it is")
    recorded_by: Mapped[str] = columns.token(
        200, "who recorded it", required=True, set_by="seed", defaulted=True
    )
    recorded_at: Mapped[str] = columns.instant(
        "when it was recorded", required=True, set_by="seed", defaulted=True
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
