"""The filters that lists take: those that Fields ask for, and those that look beyond one column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from sqlalchemy import CTE, ColumnElement, Select, and_, bindparam, exists, or_, select

from tracker import codes
from tracker.codes import Codelist
from tracker.models import (
    RESOURCES,
    Agreement,
    AgreementInitiative,
    AgreementParty,
    Clause,
    ClauseParty,
    FollowUp,
    Party,
    Resource,
    fields_of,
    table_of,
)
from tracker.queries.computed import FIELDS as COMPUTED
from tracker.queries.computed import TODAY, expression
from tracker.queries.json_sql import JsonFlag
from tracker.queries.merged import standing
from tracker.queries.rollup import headline_of

Condition = Callable[[Sequence[ColumnElement[Any]]], ColumnElement[bool]]
ValueKind = Literal["id", "code", "token", "text", "day"]


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter of a list.

    ``target`` is the kind of resource whose ids it takes, ``codelist`` the codes, ``column`` where the texts
    stand that it takes, as `party.country`. A ``day`` takes one EDTF date, of which the earliest day counts;
    a ``text`` one value, since it may have a comma in it, and may be repeated; all others several by comma.
    """

    kind: ValueKind
    condition: Condition
    doc: str
    target: str = ""
    codelist: Codelist | None = None
    column: str = ""
    historical_condition: Condition | None = None
    """The condition as of a day that has passed, where that is another one."""

    def holds(self, values: Sequence[ColumnElement[Any]], *, historical: bool) -> ColumnElement[bool]:
        """Return the condition for these values."""
        if historical and self.historical_condition is not None:
            return self.historical_condition(values)
        return self.condition(values)


Chosen = tuple[tuple[str, tuple[str, ...]], ...]
"""Filters by name, each with its values."""
Shape = tuple[tuple[str, int], ...]
"""Filters by name, each with how many values it has: what statements depend on."""


class Filtered:
    """A query of the resources that some filters let through."""

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
        names = [f"{name}_{position}" for position in range(count)]
        query = query.where(condition(name, [bindparam(each) for each in names]))
        parameters += names
    return query, parameters


def _of_fields(model: type[Resource]) -> Iterator[tuple[str, Filter]]:
    """Yield the filters that a model's Fields ask for."""
    table = table_of(model)
    for name, field in fields_of(model).items():
        if not field.filter:
            continue
        if field.kind == "date":
            earliest, latest = table.c[f"{name}_earliest"], table.c[f"{name}_latest"]
            yield f"{name}__gte", Filter("day", _at_least(earliest), f"{field.doc}: on that day or later")
            yield f"{name}__lt", Filter("day", _before(latest), f"{field.doc}: before that day")
            continue
        condition = _equals(table.c[name])
        if field.target == "party":
            yield name, _of_parties(condition, field.doc)
        elif field.target is not None:
            yield name, Filter("id", condition, field.doc, field.target)
        elif field.codelist is not None:
            yield name, Filter("code", condition, field.doc, codelist=field.codelist)
        else:
            kind: ValueKind = "text" if field.pattern is None else "token"
            yield name, Filter(kind, condition, field.doc, column=f"{table.name}.{name}")


def _of_parties(condition: Condition, doc: str) -> Filter:
    """Return a filter by parties; one that was merged stands for the party that it leads to."""
    return Filter("id", lambda values: condition([standing(value) for value in values]), doc, "party")


def _equals(column: ColumnElement[Any]) -> Condition:
    return lambda values: _among(column, values)


def _at_least(column: ColumnElement[Any]) -> Condition:
    return lambda values: column >= values[0]


def _before(column: ColumnElement[Any]) -> Condition:
    return lambda values: column < values[0]


def _among(column: Any, values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return condition


def _computed(name: str) -> Filter:
    """Return a filter of clauses by what is computed of them, as of today or as of a day that has passed."""
    field = (fields_of(Clause) | COMPUTED[Clause])[name]

    def condition(*, historical: bool) -> Condition:
        column = expression(Clause, name, historical=historical)
        return _equals(JsonFlag(column) if field.kind == "flag" else column)

    codelist = codes.FLAG if field.kind == "flag" else field.codelist
    return Filter(
        "code",
        condition(historical=False),
        field.doc,
        codelist=codelist,
        historical_condition=condition(historical=True),
    )


def _by_headline() -> Filter:
    def condition(*, historical: bool) -> Condition:
        return _equals(headline_of(table_of(Agreement).c.id, historical=historical))

    return Filter(
        "code",
        condition(historical=False),
        "what its clauses read as together",
        codelist=codes.HEADLINE,
        historical_condition=condition(historical=True),
    )


def _signs(agreement: Any) -> Condition:
    """Return the condition on parties that sign in any role, or for whom one signs; what merged into one of them counts as it."""

    def condition(values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
        parties = select(_with_merged(values).c.id)
        signs = or_(AgreementParty.party.in_(parties), AgreementParty.signed_by.in_(parties))
        return cast("ColumnElement[bool]", agreement.in_(select(AgreementParty.agreement).where(signs)))

    return condition


def _with_merged(values: Sequence[ColumnElement[Any]]) -> CTE:
    """Return parties, and those that had merged into them as of the day, over any number of mergers."""
    result = (
        select(Party.id).where(_among(Party.id, values)).cte(recursive=True)
    )  # without a name: two filters may ask
    earlier = table_of(Party).alias("earlier")
    merged = or_(earlier.c.succeeded_on_latest.is_(None), earlier.c.succeeded_on_latest <= TODAY)
    return result.union(select(earlier.c.id).where(earlier.c.successor == result.c.id, merged))


def _serves(agreement: Any) -> Condition:
    return lambda values: agreement.in_(
        select(AgreementInitiative.agreement).where(_among(AgreementInitiative.initiative, values))
    )


def _in_charge(agreement: Any) -> Condition:
    return lambda values: agreement.in_(
        select(AgreementParty.agreement).where(_among(AgreementParty.department, values))
    )


def _clause_in_charge(values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Return the condition on a clause's own department, else that of the agreement's parties."""
    return or_(
        _among(Clause.department, values),
        and_(Clause.department.is_(None), _in_charge(Clause.agreement)(values)),
    )


def _bound_to(role: str) -> Condition:
    """Return the condition on parties that a clause names in a role; a promise passes on to what its party merged into."""
    return lambda values: exists().where(
        ClauseParty.clause == Clause.id,
        ClauseParty.role == role,
        ClauseParty.party.in_(select(_with_merged(values).c.id)),
    )


def _follow_up_of(values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    return FollowUp.clause.in_(select(Clause.id).where(_among(Clause.agreement, values)))


_SIGNS = "parties that sign in any role, or for whom one signs"
_DEPARTMENT = Filter(
    "text", _in_charge(Agreement.id), "the department in charge", column="agreement_party.department"
)

FILTERS: dict[type[Resource], dict[str, Filter]] = {
    model: dict(_of_fields(model)) for model in RESOURCES.values()
}
"""The filters of each list, by parameter."""

FILTERS[Agreement] |= {
    "party": _of_parties(_signs(Agreement.id), _SIGNS),
    "headline": _by_headline(),
    "initiative": Filter("id", _serves(Agreement.id), "initiatives that it serves", "initiative"),
    "department": _DEPARTMENT,
}
FILTERS[Clause] |= {
    "party": _of_parties(_signs(Clause.agreement), _SIGNS),
    "obligor": _of_parties(_bound_to("obligor"), "who owes it"),
    "beneficiary": _of_parties(_bound_to("beneficiary"), "who gains from it"),
    "initiative": Filter("id", _serves(Clause.agreement), "initiatives of its agreement", "initiative"),
    "department": replace(_DEPARTMENT, condition=_clause_in_charge),
    **{
        name: _computed(name)
        for name in ("status", "schedule", "freshness", "disagreement", "awaiting_verification")
    },
}
FILTERS[FollowUp]["agreement"] = Filter("id", _follow_up_of, "the agreement of its clause", "agreement")
