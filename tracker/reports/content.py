"""The content of a report, as its JSON says it; the other formats are made from it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from tracker.models.values import AgreementLinkValues
from tracker.queries.report import AgreementFields, ClauseFields, FollowUpFields
from tracker.queries.rollup import SummaryRow

VERSION = 1


class History(TypedDict):
    """The head of history: how many changes there are, and the digest of all of them."""

    place: int
    digest: str


class Named(TypedDict):
    """A party or a series; without a name where it is not there."""

    id: str
    name: str | None


class Signatory(Named):
    """One who signed an agreement; persons by name."""

    role: str
    signed_by: str | None
    signed_as: str | None


class Link(AgreementLinkValues):
    """How an agreement stands to another one, which may have been removed."""

    title: str | None


class ClauseEntry(ClauseFields):
    """A clause in the register; ``basis``, ``since``, ``reason``, ``note`` are those of its current status."""

    basis: str | None
    since: str | None
    reason: str | None
    note: str | None
    stated_by: str | None
    lacks_evidence: bool
    next_steps: str | None
    next_steps_on: str | None
    follow_ups: list[FollowUpFields]


class AgreementEntry(AgreementFields):
    """An agreement in the register: its columns as ordinances list them, and its clauses."""

    id: str
    identifiers: list[str]
    title: str
    series_name: str | None
    parties: list[Signatory]
    counterparties: list[str]
    departments: list[str]
    lead_departments: list[str]
    expired: bool
    freshness: str | None
    next_review_on: str | None
    reviewed_on: str | None
    council_told_of_ending: bool | None
    links: list[Link]
    summary: SummaryRow
    as_reported: bool
    clauses: list[ClauseEntry]


Days = TypedDict("Days", {"from": str | None, "to": str})
"""The days of a period, both included; the first may be open."""


class StatusChange(TypedDict):
    """A clause whose status is another one than in an earlier report."""

    clause: str
    before: str
    before_basis: str | None
    after: str
    after_basis: str | None
    because: str


class MovedDueDate(TypedDict):
    """A clause whose due date is another one than in an earlier report."""

    clause: str
    before: str | None
    after: str | None


class Record(TypedDict):
    """A follow-up that an earlier report does not have."""

    clause: str
    id: str
    track: str
    status: str
    effective_on: str
    recorded_by: str
    recorded_at: str


class Finding(TypedDict):
    """What a follow-up said in an earlier report."""

    status: str
    effective_on: str


class AlteredRecord(Record):
    """A follow-up that an earlier report has otherwise, or that was withdrawn since."""

    what: str
    before: Finding | None


class NewAgreement(TypedDict):
    """An agreement that an earlier report does not have; ``backdated`` if signed by the day of that report."""

    agreement: str
    backdated: bool


class RemovedAgreement(TypedDict):
    """An agreement that only an earlier report has."""

    agreement: str
    title: str


class NewClause(TypedDict):
    """A clause that an earlier report does not have."""

    clause: str


class RemovedClause(NewClause):
    """A clause that only an earlier report has."""

    text: str


class Comparison(TypedDict):
    """What changed since an earlier report."""

    as_of: str
    made_at: str
    history: History
    status_changes: list[StatusChange]
    moved_due_dates: list[MovedDueDate]
    backdated: list[Record]
    altered: list[AlteredRecord]
    new_agreements: list[NewAgreement]
    removed_agreements: list[RemovedAgreement]
    new_clauses: list[NewClause]
    removed_clauses: list[RemovedClause]


class Report(TypedDict):
    """A report as its JSON says it."""

    tracker_report: int
    lang: str
    as_of: str
    made_at: str
    time_zone: str
    history: History
    scope: dict[str, list[Named]]
    period: Days
    summary: SummaryRow
    as_reported: bool
    agreements: int
    lists: dict[str, list[str]]
    """Ids of agreements or clauses, in the register's order."""
    register: list[AgreementEntry]
    compared: NotRequired[Comparison]
