"""What a clause's follow-ups say together: the rules of statuses, as pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from tracker import dates
from tracker.codes import MET, NOT_ASSESSED, RECORDED_STATUS
from tracker.database.statements import Among, Fetch, Statement
from tracker.models import FollowUp, table_of
from tracker.models.values import FollowUpValues

assert NOT_ASSESSED not in RECORDED_STATUS

NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class Finding:
    """The part of a follow-up that decides statuses: its track, its status, and when."""

    track: str
    status: str
    effective_latest: str
    checked_on: str
    recorded_at: str
    id: str

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Later findings of a track stand behind earlier ones."""
        return (self.effective_latest, self.checked_on, self.recorded_at, self.id)

    @property
    def looked(self) -> tuple[str, str]:
        """When someone looked, and when that was recorded."""
        return (self.checked_on, self.recorded_at)


@dataclass(frozen=True, slots=True)
class Current:
    """A clause's current statuses, as its columns hold them."""

    reported_status: str | None
    verified_status: str | None
    status: str
    met_on: str | None
    reviewed_on: str | None

    def columns(self) -> dict[str, str | None]:
        """Return them by column."""
        return {name: getattr(self, name) for name in self.__slots__}


def finding_of(values: FollowUpValues, id: str) -> Finding | None:
    """Return the finding of a follow-up, None where its values do not say all of it."""
    latest = dates.parse(values["effective_on"]).latest if values.get("effective_on") else None
    if latest is None or "track" not in values or "status" not in values:
        return None
    return Finding(values["track"], values["status"], latest, values["checked_on"], values["recorded_at"], id)


def stored_findings(fetch: Fetch, clauses: Iterable[str]) -> dict[str, list[Finding]]:
    """Return the findings of clauses, by clause."""
    findings: dict[str, list[Finding]] = {}
    for clause, *parts in fetch(_FINDINGS, sorted(clauses)):
        findings.setdefault(clause, []).append(Finding(*parts))
    return findings


def current(findings: Iterable[Finding]) -> Current:
    """Return the current statuses of a clause from all its follow-ups, in any order."""
    every = list(findings)
    reported, verified = (_standing(every, track) for track in ("reported", "verified"))
    deciding = verified or reported
    return Current(
        reported[-1].status if reported else None,
        verified[-1].status if verified else None,
        deciding[-1].status if deciding else NOT_ASSESSED,
        _met_on(deciding),
        max((finding.checked_on for finding in every), default=None),
    )


def before(findings: Iterable[Finding], written: Finding) -> Finding | None:
    """Return the finding that stands before one in its track, or None."""
    earlier = [
        finding
        for finding in findings
        if finding.track == written.track and finding.id != written.id and finding.order < written.order
    ]
    return max(earlier, key=lambda finding: finding.order, default=None)


def last(findings: Iterable[Finding], track: str) -> Finding | None:
    """Return the finding that says a track's current status, or None."""
    standing = _standing(list(findings), track)
    return standing[-1] if standing else None


def _standing(findings: Sequence[Finding], track: str) -> list[Finding]:
    """Return a track's findings in order, without each `no_evidence` that was looked into again later."""
    ours = sorted(
        (finding for finding in findings if finding.track == track), key=lambda finding: finding.order
    )
    last_look = max((finding.looked for finding in ours), default=("", ""))
    return [finding for finding in ours if finding.status != NO_EVIDENCE or finding.looked == last_look]


def _met_on(findings: Sequence[Finding]) -> str | None:
    since = None
    for finding in reversed(findings):
        if finding.status not in MET:
            break
        since = finding.effective_latest
    return since


_columns = table_of(FollowUp).c
_FINDINGS = Statement(
    select(
        _columns.clause,
        _columns.track,
        _columns.status,
        _columns.effective_on_latest,
        _columns.checked_on,
        _columns.recorded_at,
        _columns.id,
    ).where(Among(_columns.clause, "clauses")),
    "clauses",
)
