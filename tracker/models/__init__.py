"""The tables; every field's one truth."""

from tracker.kinds import KINDS
from tracker.models.agreements import (
    Agreement,
    AgreementInitiative,
    AgreementLink,
    AgreementParty,
    AgreementSource,
    Clause,
    ClauseParty,
    Quote,
    QuoteClause,
)
from tracker.models.base import Base, Nested, Resource, Value, fields_of, shown_fields, table_of
from tracker.models.columns import Field, field_of, label_of
from tracker.models.follow_ups import Evidence, FollowUp
from tracker.models.history import ChangeResource, ChangeText, HistoryEntry, IdempotencyKey, Token
from tracker.models.parties import Affiliation, Identifier, MergedParty, Party, PartyName
from tracker.models.sources import Initiative, Source

_BY_NAME = {model.__tablename__: model for model in Resource.__subclasses__()}
RESOURCES: dict[str, type[Resource]] = {name: _BY_NAME[name] for name in KINDS}
"""The model of every kind of resource, in the order of the registry."""
SECTIONS: dict[str, type[Resource]] = {
    kind.plural: RESOURCES[kind.name] for kind in KINDS.values() if kind.parent is None
}
"""The models whose resources stand by themselves, by the section of seed files that holds them."""
CHILDREN: dict[type[Base], dict[str, type[Resource]]] = {
    model: children
    for name, model in RESOURCES.items()
    if (children := {kind.plural: RESOURCES[kind.name] for kind in KINDS.values() if kind.parent == name})
}
"""The resources that a seed file writes inside another, by the member that holds them."""

__all__ = [
    "CHILDREN",
    "RESOURCES",
    "SECTIONS",
    "Affiliation",
    "Agreement",
    "AgreementInitiative",
    "AgreementLink",
    "AgreementParty",
    "AgreementSource",
    "Base",
    "ChangeResource",
    "ChangeText",
    "Clause",
    "ClauseParty",
    "Evidence",
    "Field",
    "FollowUp",
    "HistoryEntry",
    "IdempotencyKey",
    "Identifier",
    "Initiative",
    "MergedParty",
    "Nested",
    "Party",
    "PartyName",
    "Quote",
    "QuoteClause",
    "Resource",
    "Source",
    "Token",
    "Value",
    "field_of",
    "fields_of",
    "label_of",
    "shown_fields",
    "table_of",
]
