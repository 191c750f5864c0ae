"""What was signed, clause by clause, and what was said about it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Base, Nested, Resource
from tracker.models.parties import Identifier

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
    party: Mapped[str] = columns.reference("party", "who signed", required=True)
    role: Mapped[str] = columns.code(codes.PARTY_ROLE, "as what", default="party")
    signed_by: Mapped[str | None] = columns.reference("party", "the person who signed", kind="person")
    signed_as: Mapped[str | None] = columns.words(200, "the signatory's role, as printed")
    department: Mapped[str | None] = columns.token(200, "the department in charge (소관부서)")

    __table_args__ = (UniqueConstraint("agreement", "party", "role"),)


class AgreementSource(Base):
    """A text in which an agreement is printed."""

    __tablename__ = "agreement_source"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    source: Mapped[str] = columns.reference("source", "the text", required=True)

    __table_args__ = (UniqueConstraint("agreement", "source"),)


class AgreementInitiative(Base):
    """An initiative that an agreement serves."""

    __tablename__ = "agreement_initiative"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    initiative: Mapped[str] = columns.reference("initiative", "the initiative", required=True)

    __table_args__ = (UniqueConstraint("agreement", "initiative"),)


class AgreementLink(Base):
    """How an agreement stands to an earlier one."""

    __tablename__ = "agreement_link"

    agreement: Mapped[str] = columns.owned_by("agreement")
    ordinal: Mapped[int] = columns.ordinal()
    kind: Mapped[str] = columns.code(codes.LINK_KIND, "what it does to the other", required=True)
    target: Mapped[str] = columns.reference("agreement", "the other agreement", required=True)

    __table_args__ = (
        UniqueConstraint("agreement", "kind", "target"),
        CheckConstraint("target <> agreement", name="target_is_another"),
    )


class Agreement(Resource):
    """What was signed."""

    __tablename__ = "agreement"
    plural = "agreements"
    noun = "agreement"
    nested = (
        Nested("sources", AgreementSource, "agreement", scalar="source"),
        Nested("initiatives", AgreementInitiative, "agreement", scalar="initiative"),
        Nested("parties", AgreementParty, "agreement"),
        Nested("links", AgreementLink, "agreement"),
        Nested("identifiers", Identifier, "agreement"),
    )

    id: Mapped[str] = columns.identity("the agreement's id")
    title: Mapped[str] = columns.words(500, "its title", required=True)
    kind: Mapped[str] = columns.code(
        codes.AGREEMENT_KIND, "mou is 업무협약, a business agreement", required=True
    )
    binding: Mapped[str] = columns.code(codes.BINDING, "whether it binds in law", default="unknown")
    lifecycle: Mapped[str] = columns.code(codes.LIFECYCLE, "where it stands", default="active")
    purpose: Mapped[str | None] = columns.words(5000, "what it is for")
    signed_on: Mapped[str | None] = columns.partial_date("when it was signed, as understood")
    signed_as_printed: Mapped[str | None] = columns.words(300, "when it was signed, as printed")
    signing_mode: Mapped[str] = columns.code(codes.SIGNING_MODE, "how it was signed", default="unknown")
    signing_mode_reason: Mapped[str | None] = columns.words(1000, "why it was signed that way")
    signing_place: Mapped[str | None] = columns.words(300, "where it was signed, as printed")
    starts: Mapped[str | None] = columns.partial_date("when it takes effect")
    ends: Mapped[str | None] = columns.partial_date("when it expires")
    ended_on: Mapped[str | None] = columns.partial_date("when it was ended")
    end_reason: Mapped[str | None] = columns.code(codes.END_REASON, "on which ground it was ended")
    council_reported_on: Mapped[str | None] = columns.partial_date("when the council was told")
    series: Mapped[str | None] = columns.reference("initiative", "the series it belongs to", kind="series")
    series_number: Mapped[int | None] = columns.number("its number in that series", low=1)
    review_every_months: Mapped[int] = columns.number("how often it has to be reviewed", low=1, default=12)


class ClauseParty(Base):
    """Who owes a promise, or gains from it; only where the text says so."""

    __tablename__ = "clause_party"

    clause: Mapped[str] = columns.owned_by("clause")
    ordinal: Mapped[int] = columns.ordinal()
    party: Mapped[str] = columns.reference("party", "who", required=True)
    role: Mapped[str] = columns.code(codes.CLAUSE_ROLE, "as what", required=True)

    __table_args__ = (UniqueConstraint("clause", "party", "role"),)


class Clause(Resource):
    """One promise."""

    __tablename__ = "clause"
    plural = "clauses"
    noun = "clause"
    nested = (Nested("parties", ClauseParty, "clause"),)

    id: Mapped[str] = columns.token(
        columns.CLAUSE_ID_LENGTH,
        "AGREEMENT.NUMBER",
        required=True,
        set_by="server",
        unchanging=True,
        primary_key=True,
    )
    agreement: Mapped[str] = columns.reference(
        "agreement", "the agreement it stands in", required=True, set_by="server", unchanging=True
    )
    number: Mapped[int] = columns.number(
        "its number in the agreement", low=1, required=True, unchanging=True, defaulted=True
    )
    kind: Mapped[str] = columns.code(codes.CLAUSE_KIND, "listed, narrative or only spoken", required=True)
    text: Mapped[str] = columns.words(10_000, "the promise, verbatim", required=True)
    label: Mapped[str | None] = columns.words(80, "its mark or number, as printed")
    lang: Mapped[str | None] = columns.language()
    due: Mapped[str | None] = columns.partial_date("by when it is promised")
    first_due: Mapped[str | None] = columns.partial_date("the first due date ever set", set_by="seed")
    department: Mapped[str | None] = columns.token(200, "the department in charge (소관부서)")
    source: Mapped[str | None] = columns.reference("source", "where it is printed")
    start: Mapped[int | None] = columns.number("where it begins there, in code points")
    end: Mapped[int | None] = columns.number("where it ends there, exclusive", low=1)
    reported_status: Mapped[str | None] = columns.code(
        codes.RECORDED_STATUS, "what a party last reported", set_by="server"
    )
    verified_status: Mapped[str | None] = columns.code(
        codes.RECORDED_STATUS, "what evidence last verified", set_by="server"
    )
    status: Mapped[str] = columns.code(
        codes.CURRENT_STATUS, "verified, else reported", default=codes.NOT_ASSESSED, set_by="server"
    )
    met_on: Mapped[str | None] = columns.day("since when it is met", set_by="server")
    reviewed_on: Mapped[str | None] = columns.day("when someone last looked", set_by="server")

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
    clause: Mapped[str] = columns.reference("clause", "the clause", required=True)

    __table_args__ = (UniqueConstraint("quote", "clause"),)


class Quote(Resource):
    """What someone said."""

    __tablename__ = "quote"
    plural = "quotes"
    noun = "quote"
    nested = (Nested("clauses", QuoteClause, "quote", scalar="clause"),)

    id: Mapped[str] = columns.token(
        columns.CLAUSE_ID_LENGTH,
        "AGREEMENT.qNUMBER",
        required=True,
        set_by="server",
        unchanging=True,
        primary_key=True,
    )
    agreement: Mapped[str] = columns.reference(
        "agreement", "the agreement it is about", required=True, set_by="server", unchanging=True
    )
    number: Mapped[int] = columns.number(
        "its number in the agreement", low=1, required=True, unchanging=True, defaulted=True
    )
    kind: Mapped[str] = columns.code(codes.QUOTE_KIND, "headline, direct or indirect", required=True)
    text: Mapped[str] = columns.words(10_000, "what was said, without the marks around it", required=True)
    speaker: Mapped[str | None] = columns.reference("party", "who said it")
    on_behalf_of: Mapped[str | None] = columns.reference("party", "for whom")
    speaker_as_printed: Mapped[str | None] = columns.words(300, "who said it, as printed")
    lang: Mapped[str | None] = columns.language()
    source: Mapped[str | None] = columns.reference("source", "where it is printed")
    start: Mapped[int | None] = columns.number("where it begins there, in code points")
    end: Mapped[int | None] = columns.number("where it ends there, exclusive", low=1)

    __table_args__ = (
        UniqueConstraint("agreement", "number"),
        CheckConstraint("id = agreement || '.q' || number", name="id_form"),
        CheckConstraint(_SPAN, name="span"),
    )
