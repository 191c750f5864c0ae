"""Organisations and persons, their names and their roles."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Base, Nested, Resource
from tracker.models.values import PartyValues


class PartyName(Base):
    """Another name of a party."""

    __tablename__ = "party_name"

    party: Mapped[str] = columns.owned_by("party")
    ordinal: Mapped[int] = columns.ordinal()
    name: Mapped[str] = columns.words(300, "the name, as printed", required=True, label="Name | 이름")
    kind: Mapped[str] = columns.code(
        codes.NAME_KIND, "what sort of name it is", required=True, label="Kind | 유형"
    )
    lang: Mapped[str | None] = columns.language()
    valid_from: Mapped[str | None] = columns.partial_date(
        "since when it is used", label="Valid from | 사용 시작"
    )
    valid_to: Mapped[str | None] = columns.partial_date(
        "until when it was used", label="Valid to | 사용 종료"
    )
    match_key: Mapped[str] = columns.token(
        300, "letters and digits only, folded", required=True, hidden=True, set_by="server"
    )

    __table_args__ = (
        UniqueConstraint("party", "name", "kind"),
        Index(None, "match_key"),
    )


class Affiliation(Base):
    """The role of a person in an organisation."""

    __tablename__ = "affiliation"

    party: Mapped[str] = columns.owned_by("party")
    ordinal: Mapped[int] = columns.ordinal()
    organisation: Mapped[str] = columns.reference(
        "party", "the organisation", kind="organisation", required=True, label="Organisation | 소속"
    )
    role: Mapped[str] = columns.words(200, "the role, as printed", required=True, label="Role | 직위")
    valid_from: Mapped[str | None] = columns.partial_date("since when", label="Valid from | 시작")
    valid_to: Mapped[str | None] = columns.partial_date("until when", label="Valid to | 종료")


class Identifier(Base):
    """A number that others use for a party, an agreement or a source."""

    __tablename__ = "identifier"

    key: Mapped[int] = columns.number(
        "a key of this table", required=True, hidden=True, primary_key=True, autoincrement=True
    )
    party: Mapped[str | None] = columns.reference("party", "whose it is", owner=True, required=False)
    agreement: Mapped[str | None] = columns.reference("agreement", "whose it is", owner=True, required=False)
    source: Mapped[str | None] = columns.reference("source", "whose it is", owner=True, required=False)
    ordinal: Mapped[int] = columns.ordinal(primary_key=False)
    scheme: Mapped[str] = columns.token(
        80, "whose numbering it is: 관리번호, org-id, wikidata", required=True, label="Scheme | 번호 체계"
    )
    value: Mapped[str] = columns.token(300, "the number itself", required=True, label="Number | 번호")

    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN party IS NULL THEN 0 ELSE 1 END) + (CASE WHEN agreement IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN source IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        Index(None, "scheme", "value"),
        UniqueConstraint("party", "ordinal"),
        UniqueConstraint("agreement", "ordinal"),
        UniqueConstraint("source", "ordinal"),
    )


class Party(Resource[PartyValues]):
    """An organisation or a person."""

    __tablename__ = "party"
    nested = (
        Nested("names", PartyName, "party"),
        Nested("affiliations", Affiliation, "party"),
        Nested("identifiers", Identifier, "party"),
    )

    id: Mapped[str] = columns.identity("the party's id", label="ID | ID")
    kind: Mapped[str] = columns.code(
        codes.PARTY_KIND,
        "organisation or person",
        required=True,
        unchanging=True,
        filter=True,
        label="Kind | 구분",
    )
    class_: Mapped[str | None] = columns.code(
        codes.PARTY_CLASS,
        "what sort of organisation it is",
        name="class",
        filter=True,
        label="Class | 기관유형",
    )
    name: Mapped[str] = columns.words(300, "its name", required=True, label="Name | 이름")
    country: Mapped[str | None] = columns.token(
        2, "ISO 3166-1 alpha-2", pattern="[A-Z]{2}", example="KR", filter=True, label="Country | 국가"
    )
    founded: Mapped[str | None] = columns.partial_date(
        "when it was founded or born", label="Founded | 설립·출생일"
    )
    description: Mapped[str | None] = columns.words(
        5000, "what else there is to say", label="Description | 설명"
    )
    successor: Mapped[str | None] = columns.reference(
        "party", "the party that it became part of", label="Successor | 승계 기관"
    )
    succeeded_on: Mapped[str | None] = columns.partial_date(
        "when its successor took over", label="Succeeded on | 승계일"
    )
    match_key: Mapped[str] = columns.token(
        300, "letters and digits of its name, folded", required=True, hidden=True, set_by="server"
    )

    __table_args__ = (
        UniqueConstraint("id", "kind"),
        ForeignKeyConstraint(
            ["successor", "kind"],
            ["party.id", "party.kind"],
            name="fk_party_successor_of_same_kind",
            deferrable=True,
        ),
        CheckConstraint("successor <> id", name="successor_is_another"),
        Index(None, "match_key"),
    )


class MergedParty(Base):
    """The id of a party that was merged into another: it leads there ever after."""

    __tablename__ = "merged_party"

    id: Mapped[str] = columns.identity("the id that it had")
    party: Mapped[str] = columns.reference("party", "the party that it is part of", owner=True)

    __table_args__ = (
        CheckConstraint("party <> id", name="into_another"),
        Index(None, "party"),
    )
