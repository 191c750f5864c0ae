"""Values of resources as types: the fields that code names, so that a misspelt one does not pass mypy.

They are a row as it is stored, or what a body sets of it: every field may be absent, but in a nested list
none that is stored. A field that no code
names needs no line here, since what handles all fields takes ``Values`` of any resource. A test compares
names and types with the models.
"""

from __future__ import annotations

from typing import TypedDict, TypeVar

Values = dict[str, object]
"""Fields of a resource of any kind; whoever names one of them takes a type of those below."""


class ResourceValues(TypedDict, total=False):
    """What every resource has."""

    id: str
    version: int


V = TypeVar("V", bound=ResourceValues)
"""The values of one kind of resource."""


class PartyNameValues(TypedDict):
    """Another name of a party."""

    name: str
    kind: str
    lang: str | None
    valid_to: str | None


class PartyValues(ResourceValues, total=False):
    """A party."""

    kind: str
    name: str
    country: str | None
    founded: str | None
    description: str | None
    successor: str | None
    succeeded_on: str | None
    names: list[PartyNameValues]


class SourceValues(ResourceValues, total=False):
    """A source."""

    text: str | None
    char_count: int | None
    sha256: str | None


class InitiativeValues(ResourceValues, total=False):
    """An initiative."""

    kind: str


class IdentifierValues(TypedDict):
    """A number that others use for a party, an agreement or a source."""

    scheme: str
    value: str


class AgreementPartyValues(TypedDict):
    """One who signed an agreement; parties and persons by id."""

    party: str
    role: str
    signed_by: str | None
    signed_as: str | None
    department: str | None


class AgreementLinkValues(TypedDict):
    """How an agreement stands to another one."""

    kind: str
    target: str


class AgreementValues(ResourceValues, total=False):
    """An agreement."""

    title: str
    lifecycle: str
    signed_on: str | None
    ended_on: str | None
    end_reason: str | None
    parties: list[AgreementPartyValues]
    links: list[AgreementLinkValues]
    identifiers: list[IdentifierValues]


class PrintedValues(ResourceValues, total=False):
    """What a source prints of an agreement, and where: a clause or a quote."""

    agreement: str
    number: int
    text: str
    source: str | None
    start: int | None
    end: int | None


class ClauseValues(PrintedValues, total=False):
    """A clause."""

    due: str | None
    first_due: str | None
    department: str | None
    status: str
    verified_status: str | None


class QuoteValues(PrintedValues, total=False):
    """A quote."""

    kind: str
    speaker: str | None
    speaker_as_printed: str | None
    clauses: list[str]


class EvidenceValues(TypedDict, total=False):
    """An item of evidence."""

    url: str | None
    source: str | None
    reference: str | None
    stance: str


class FollowUpValues(ResourceValues, total=False):
    """A follow-up."""

    clause: str
    track: str
    status: str
    effective_on: str
    checked_on: str
    reason: str | None
    note: str | None
    next_steps: str | None
    replaced_by: str | None
    stated_by: str | None
    recorded_by: str
    recorded_at: str
    evidence: list[EvidenceValues]
