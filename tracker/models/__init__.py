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
from tracker.models.base import Base, Nested, Resource, fields_of, shown_fields, table_of
from tracker.models.columns import Field, field_of, label_of
from tracker.models.follow_ups import Evidence, FollowUp
from tracker.models.history import ChangeText, HistoryEntry, IdempotencyKey, Token
from tracker.models.parties import Affiliation, Identifier, MergedParty, Party, PartyName
from tracker.models.sources import Initiative, Source

_BY_NAME = {model.__tablename__: model for model in Resource.__subclasses__()}
RESOURCES: dict[str, type[Resource]] = {name: _BY_NAME[name] for name in KINDS}
"""The model of every kind of resource, in the order of the registry."""

__all__ = [
    "RESOURCES",
    "Affiliation",
    "Agreement",
    "AgreementInitiative",
    "AgreementLink",
    "AgreementParty",
    "AgreementSource",
    "Base",
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
    "field_of",
    "fields_of",
    "label_of",
    "shown_fields",
    "table_of",
]
