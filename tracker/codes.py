"""Codelists: the closed sets of words that fields may hold, and what each status needs.

Columns, shapes and constraints take their members from here, so a new code is one line here and one
migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Group = Literal["none", "finding", "open", "outcome", "excluded", "dropped"]


@dataclass(frozen=True, slots=True)
class Codelist:
    """A named, ordered set of codes; ``in`` and iteration work on the codes."""

    name: str
    codes: tuple[str, ...]

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)


def _codelist(name: str, codes: str) -> Codelist:
    return Codelist(name, tuple(codes.split()))


PARTY_KIND = _codelist("party_kind", "organisation person")
PARTY_CLASS = _codelist(
    "party_class",
    "local_government national_government public_agency company university association media other",
)
NAME_KIND = _codelist("name_kind", "alias abbreviation former romanisation translation")
SOURCE_KIND = _codelist(
    "source_kind",
    "news_article press_release official_document agreement_text dataset web_page other",
)
INITIATIVE_KIND = _codelist("initiative_kind", "facility programme project policy series")
AGREEMENT_KIND = _codelist(
    "agreement_kind", "mou moa investment sister_city contract treaty declaration other"
)
BINDING = _codelist("binding", "binding non_binding unknown")
LIFECYCLE = _codelist("lifecycle", "pending active terminated cancelled")
SIGNING_MODE = _codelist("signing_mode", "in_person video correspondence electronic unknown")
END_REASON = _codelist("end_reason", "purpose_met counterparty_fault no_longer_needed mutual other")
PARTY_ROLE = _codelist("party_role", "party witness facilitator beneficiary")
LINK_KIND = _codelist("link_kind", "renews amends supersedes")
CLAUSE_KIND = _codelist("clause_kind", "listed narrative spoken")
CLAUSE_ROLE = _codelist("clause_role", "obligor beneficiary supporting")
QUOTE_KIND = _codelist("quote_kind", "headline direct indirect")
TRACK = _codelist("track", "reported verified")
STANCE = _codelist("stance", "supports contradicts context")
ROLE = _codelist("role", "viewer editor admin")
REASON = _codelist(
    "reason",
    "funding priority_changed legal_barrier counterparty external_event organisation_change "
    "unclear_commitment achieved_otherwise mutual_release replaced correction other",
)


@dataclass(frozen=True, slots=True)
class Status:
    """One status code: its group, its labels, and what recording it needs."""

    code: str
    group: Group
    label: str
    label_ko: str
    needs_reason: bool = False
    needs_evidence: bool = False
    """Whether a verified follow-up with this status needs evidence that supports it."""


STATUSES: dict[str, Status] = {
    status.code: status
    for status in (
        Status("not_assessed", "none", "Not assessed", "미평가"),
        Status("no_evidence", "finding", "No evidence found", "근거 미확인"),
        Status("not_started", "open", "Not started", "미착수"),
        Status("in_progress", "open", "In progress", "추진 중"),
        Status("behind", "open", "Behind", "일부추진·부진"),
        Status("stalled", "open", "Stalled", "지연·중단", needs_reason=True),
        Status("partially_met", "outcome", "Partially met", "일부이행", needs_evidence=True),
        Status("met", "outcome", "Met", "완료", needs_evidence=True),
        Status("met_ongoing", "outcome", "Met, ongoing", "이행 후 계속추진", needs_evidence=True),
        Status("not_met", "outcome", "Not met", "미이행", needs_reason=True, needs_evidence=True),
        Status("waived", "excluded", "Waived", "면제", needs_reason=True),
        Status("superseded", "excluded", "Superseded", "대체", needs_reason=True),
        Status("dropped", "dropped", "Dropped", "폐기", needs_reason=True),
    )
}
"""Every status, in the order in which reports list them."""

NOT_ASSESSED = "not_assessed"
CURRENT_STATUS = Codelist("status", tuple(STATUSES))
"""What a clause's current status may be."""
RECORDED_STATUS = Codelist("status", tuple(code for code in STATUSES if code != NOT_ASSESSED))
"""What a follow-up may record."""
NEED_A_REASON = tuple(status.code for status in STATUSES.values() if status.needs_reason)
MET = ("met", "met_ongoing")
ACTION = _codelist("action", "create update delete load replace revert merge redact")
"""What a history entry says was done; ``load`` is a seed file's, all others are a person's."""
