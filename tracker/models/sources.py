"""Where things are printed, and the programmes that agreements belong to."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Nested, Resource
from tracker.models.parties import Identifier
from tracker.models.values import InitiativeValues, SourceValues


class Source(Resource[SourceValues]):
    """A text in which something is printed."""

    __tablename__ = "source"
    nested = (Nested("identifiers", Identifier, "source"),)

    id: Mapped[str] = columns.identity("the source's id", label="ID | ID")
    kind: Mapped[str] = columns.code(
        codes.SOURCE_KIND, "what sort of text it is", required=True, filter=True, label="Kind | 유형"
    )
    title: Mapped[str] = columns.words(500, "its headline or title", required=True, label="Title | 제목")
    publisher: Mapped[str | None] = columns.reference(
        "party",
        "the organisation that published it",
        kind="organisation",
        filter=True,
        label="Publisher | 발행처",
    )
    author: Mapped[str | None] = columns.reference(
        "party", "the party that wrote it", filter=True, label="Author | 작성자"
    )
    photo_credit: Mapped[str | None] = columns.words(
        300, "whose the photograph is, as printed", label="Photo credit | 사진 제공"
    )
    lang: Mapped[str | None] = columns.language()
    url: Mapped[str | None] = columns.url("where it can be read", label="Address | 주소")
    published: Mapped[str | None] = columns.partial_date("when it was published", label="Published | 발행일")
    sha256: Mapped[str | None] = columns.sha256("SHA-256 of its text in NFC, as UTF-8, in hex")
    char_count: Mapped[int | None] = columns.number(
        "the length of its text, in code points", label="Length | 글자 수"
    )
    text: Mapped[str | None] = columns.words(
        5_000_000, "its text; for token holders only", hidden=True, label="Text | 본문"
    )

    __table_args__ = (
        CheckConstraint("length(text) = char_count", name="text_has_char_count"),
        CheckConstraint("length(sha256) = 64 AND trim(sha256, '0123456789abcdef') = ''", name="sha256_form"),
    )


class Initiative(Resource[InitiativeValues]):
    """A programme, a facility, or a series of agreements."""

    __tablename__ = "initiative"

    id: Mapped[str] = columns.identity("the initiative's id", label="ID | ID")
    kind: Mapped[str] = columns.code(
        codes.INITIATIVE_KIND,
        "what sort of initiative it is",
        required=True,
        filter=True,
        label="Kind | 유형",
    )
    name: Mapped[str] = columns.words(300, "its name", required=True, label="Name | 이름")
    operator: Mapped[str | None] = columns.reference(
        "party", "the party that runs it", filter=True, label="Operator | 운영 기관"
    )
