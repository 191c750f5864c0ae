"""The filters that lists take: which parameters, what values, which condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, or_, select

from tracker import codes
from tracker.codes import Codelist
from tracker.models import (
    Agreement,
    AgreementInitiative,
    AgreementParty,
    Clause,
    ClauseParty,
    FollowUp,
    Initiative,
    Party,
    Quote,
    Resource,
    Source,
)
from tracker.queries.merged import standing

Condition = Callable[[Sequence[ColumnElement[Any]]], ColumnElement[bool]]
ValueKind = Literal["id", "code", "text", "day"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter of a list.

    ``target`` is the kind of thing whose ids it takes, ``codelist`` the codes; a ``day`` takes one
    EDTF date, of which the earliest day counts; all others take several values by comma.
    """

    kind: ValueKind
    condition: Condition
    doc: str
    target: str = ""
    codelist: Codelist | None = None


def _ids(target: str, column: Any, doc: str) -> Filter:
    return Filter("id", lambda values: _among(column, values), doc, target)


def _parties(condition: Condition, doc: str) -> Filter:
    """A filter by parties; one that was merged stands for the party that it leads to."""
    return Filter("id", lambda values: condition([standing(value) for value in values]), doc, "party")


def _party(column: Any, doc: str) -> Filter:
    return _parties(lambda values: _among(column, values), doc)


def _codes(codelist: Codelist, column: Any, doc: str) -> Filter:
    return Filter("code", lambda values: _among(column, values), doc, codelist=codelist)


def _texts(column: Any, doc: str) -> Filter:
    return Filter("text", lambda values: _among(column, values), doc)


def _from(column: Any, doc: str) -> Filter:
    return Filter("day", lambda values: column >= values[0], doc)


def _before(column: Any, doc: str) -> Filter:
    return Filter("day", lambda values: column < values[0], doc)


def _among(column: Any, values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return condition


def _signs(agreement: Any) -> Condition:
    """Parties that sign in any role, or for whom one signs."""
    return lambda values: agreement.in_(
        select(AgreementParty.agreement).where(
            or_(_among(AgreementParty.party, values), _among(AgreementParty.signed_by, values))
        )
    )


def _serves(agreement: Any) -> Condition:
    return lambda values: agreement.in_(
        select(AgreementInitiative.agreement).where(_among(AgreementInitiative.initiative, values))
    )


def _in_charge(agreement: Any) -> Condition:
    return lambda values: agreement.in_(
        select(AgreementParty.agreement).where(_among(AgreementParty.department, values))
    )


def _clause_in_charge(values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """A clause's own department, else that of the agreement's parties."""
    return or_(
        _among(Clause.department, values),
        and_(Clause.department.is_(None), _in_charge(Clause.agreement)(values)),
    )


def _bound_to(role: str) -> Condition:
    return lambda values: exists().where(
        ClauseParty.clause == Clause.id, ClauseParty.role == role, _among(ClauseParty.party, values)
    )


def _follow_up_of(values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return FollowUp.clause.in_(select(Clause.id).where(_among(Clause.agreement, values)))


_SIGNS = "parties that sign in any role, or for whom one signs"

FILTERS: dict[type[Resource], dict[str, Filter]] = {
    Party: {
        "kind": _codes(codes.PARTY_KIND, Party.kind, "organisation or person"),
        "class": _codes(codes.PARTY_CLASS, Party.class_, "what sort of organisation"),
        "country": _texts(Party.country, "ISO 3166-1 alpha-2"),
    },
    Source: {
        "kind": _codes(codes.SOURCE_KIND, Source.kind, "what sort of text"),
        "publisher": _party(Source.publisher, "who published it"),
        "author": _party(Source.author, "who wrote it"),
    },
    Initiative: {
        "kind": _codes(codes.INITIATIVE_KIND, Initiative.kind, "what sort of initiative"),
        "operator": _party(Initiative.operator, "who runs it"),
    },
    Agreement: {
        "party": _parties(_signs(Agreement.id), _SIGNS),
        "initiative": Filter("id", _serves(Agreement.id), "initiatives that it serves", "initiative"),
        "series": _ids("initiative", Agreement.series, "the series it belongs to"),
        "kind": _codes(codes.AGREEMENT_KIND, Agreement.kind, "what sort of agreement"),
        "lifecycle": _codes(codes.LIFECYCLE, Agreement.lifecycle, "where it stands"),
        "department": Filter("text", _in_charge(Agreement.id), "the department in charge"),
        "signed_on__gte": _from(Agreement.__table__.c.signed_on_earliest, "signed on that day or later"),
        "signed_on__lt": _before(Agreement.__table__.c.signed_on_latest, "signed before that day"),
    },
    Clause: {
        "agreement": _ids("agreement", Clause.agreement, "the agreement it stands in"),
        "party": _parties(_signs(Clause.agreement), _SIGNS),
        "obligor": _parties(_bound_to("obligor"), "who owes it"),
        "beneficiary": _parties(_bound_to("beneficiary"), "who gains from it"),
        "initiative": Filter("id", _serves(Clause.agreement), "initiatives of its agreement", "initiative"),
        "status": _codes(codes.CURRENT_STATUS, Clause.status, "its current status"),
        "kind": _codes(codes.CLAUSE_KIND, Clause.kind, "listed, narrative or spoken"),
        "department": Filter("text", _clause_in_charge, "the department in charge"),
        "due__gte": _from(Clause.__table__.c.due_earliest, "due on that day or later"),
        "due__lt": _before(Clause.__table__.c.due_latest, "due before that day"),
    },
    Quote: {
        "agreement": _ids("agreement", Quote.agreement, "the agreement it is about"),
        "speaker": _party(Quote.speaker, "who said it"),
        "on_behalf_of": _party(Quote.on_behalf_of, "for whom"),
        "kind": _codes(codes.QUOTE_KIND, Quote.kind, "headline, direct or indirect"),
    },
    FollowUp: {
        "clause": _ids("clause", FollowUp.clause, "the clause it is about"),
        "agreement": Filter("id", _follow_up_of, "the agreement of its clause", "agreement"),
        "track": _codes(codes.TRACK, FollowUp.track, "reported or verified"),
        "status": _codes(codes.RECORDED_STATUS, FollowUp.status, "what became of the clause"),
        "stated_by": _party(FollowUp.stated_by, "whose word it is"),
        "recorded_by": _texts(FollowUp.recorded_by, "who recorded it"),
        "effective_on__gte": _from(
            FollowUp.__table__.c.effective_on_earliest, "reached on that day or later"
        ),
        "effective_on__lt": _before(FollowUp.__table__.c.effective_on_latest, "reached before that day"),
    },
}
"""The filters of each list, by parameter."""
