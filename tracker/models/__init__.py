"""The tables; every field's one truth."""

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
from tracker.models.columns import Field, field_of
from tracker.models.follow_ups import Evidence, FollowUp
from tracker.models.history import Change, ChangeText, IdempotencyKey, Token
from tracker.models.parties import Affiliation, Identifier, MergedParty, Party, PartyName
from tracker.models.sources import Initiative, Source

RESOURCES: dict[str, type[Resource]] = {
    model.__tablename__: model for model in (Source, Party, Initiative, Agreement, Clause, Quote, FollowUp)
}
"""Every kind of thing that has an id and a history, by table name, in the order in which they load."""

__all__ = [
    "RESOURCES",
    "Affiliation",
    "Agreement",
    "AgreementInitiative",
    "AgreementLink",
    "AgreementParty",
    "AgreementSource",
    "Base",
    "Change",
    "ChangeText",
    "Clause",
    "ClauseParty",
    "Evidence",
    "Field",
    "FollowUp",
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
    "shown_fields",
    "table_of",
]
