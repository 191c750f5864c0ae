"""The filters that lists take: which parameters, what values, which condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import CTE, ColumnElement, Select, and_, bindparam, exists, or_, select

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
    table_of,
)
from tracker.queries.computed import TODAY, expression
from tracker.queries.json_sql import JsonFlag
from tracker.queries.merged import standing
from tracker.queries.rollup import headline_of

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
    historical_condition: Condition | None = None
    """The condition as of a day that has passed, where that is another one."""

    def holds(self, values: Sequence[ColumnElement[Any]], *, historical: bool) -> ColumnElement[bool]:
        """Give the condition for these values."""
        if historical and self.historical_condition is not None:
            return self.historical_condition(values)
        return self.condition(values)


Chosen = tuple[tuple[str, tuple[str, ...]], ...]
"""Filters by name, each with its values."""
Shape = tuple[tuple[str, int], ...]
"""Filters by name, each with how many values it has: what statements depend on."""


class Filtered:
    """What is asked of the things that some filters let through."""

    __slots__ = ()
    filters: Chosen

    @property
    def shape(self) -> Shape:
        """What statements depend on: the filters and how many values each has."""
        return tuple((name, len(values)) for name, values in self.filters)

    @property
    def values(self) -> list[str]:
        """The values of all filters, in the order in which statements take them."""
        return [value for _, values in self.filters for value in values]


def filtered(
    query: Select[Any],
    shape: Shape,
    condition: Callable[[str, Sequence[ColumnElement[Any]]], ColumnElement[bool]],
) -> tuple[Select[Any], list[str]]:
    """Return a query with the condition of each filter by name, and the names of its parameters."""
    parameters: list[str] = []
    for name, count in shape:
        names = [f"{name}_{place}" for place in range(count)]
        query = query.where(condition(name, [bindparam(each) for each in names]))
        parameters += names
    return query, parameters


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


def _standing(codelist: Codelist, name: str, doc: str) -> Filter:
    """A filter of clauses by where they stand, which is computed, or found again as of a day."""

    def condition(*, historical: bool) -> Condition:
        return lambda values: _among(expression(Clause, name, historical=historical), values)

    return Filter("code", condition(historical=False), doc, "", codelist, condition(historical=True))


def _flag(name: str, doc: str) -> Filter:
    def condition(*, historical: bool) -> Condition:
        return lambda values: _among(JsonFlag(expression(Clause, name, historical=historical)), values)

    return Filter("code", condition(historical=False), doc, "", codes.FLAG, condition(historical=True))


def _headlined() -> Filter:
    def condition(*, historical: bool) -> Condition:
        return lambda values: _among(headline_of(table_of(Agreement).c.id, historical=historical), values)

    doc = "what its clauses read as together"
    return Filter("code", condition(historical=False), doc, "", codes.HEADLINE, condition(historical=True))


def _signs(agreement: Any) -> Condition:
    """Parties that sign in any role, or for whom one signs; what merged into one of them counts as it."""

    def condition(values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
        parties = select(_with_merged(values).c.id)
        signs = or_(AgreementParty.party.in_(parties), AgreementParty.signed_by.in_(parties))
        return cast("ColumnElement[bool]", agreement.in_(select(AgreementParty.agreement).where(signs)))

    return condition


def _with_merged(values: Sequence[ColumnElement[Any]]) -> CTE:
    """Give parties, and those that had merged into them as of the day, over any number of mergers."""
    found = (
        select(Party.id).where(_among(Party.id, values)).cte(recursive=True)
    )  # without a name: two filters may ask
    earlier = table_of(Party).alias("earlier")
    merged = or_(earlier.c.succeeded_on_latest.is_(None), earlier.c.succeeded_on_latest <= TODAY)
    return found.union(select(earlier.c.id).where(earlier.c.successor == found.c.id, merged))


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
    """Parties that a clause names in a role; a promise passes on to what its party merged into."""
    return lambda values: exists().where(
        ClauseParty.clause == Clause.id,
        ClauseParty.role == role,
        ClauseParty.party.in_(select(_with_merged(values).c.id)),
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
        "headline": _headlined(),
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
        "status": _standing(codes.CURRENT_STATUS, "status", "its current status"),
        "schedule": _standing(codes.SCHEDULE, "schedule", "where it stands to its due date"),
        "freshness": _standing(codes.FRESHNESS, "freshness", "how long ago someone looked"),
        "disagreement": _flag("disagreement", "whether evidence shows something else than the report"),
        "awaiting_verification": _flag("awaiting_verification", "whether a report waits to be verified"),
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
