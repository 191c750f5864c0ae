"""The register: each agreement in the columns that ordinances list, to print and for spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker import codes
from tracker.models import Field, label_of
from tracker.queries.report import OTHER_FIELDS
from tracker.reports.content import AgreementEntry, ClauseEntry, Report
from tracker.reports.document import MARKS, Bar, Cell, Column, Table, table
from tracker.reports.words import Words, local_time


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """An agreement of a report, those of its clauses that the row is about, and its number in the table."""

    report: Report
    agreement: AgreementEntry
    clauses: Sequence[ClauseEntry]
    number: int = 1

    @property
    def clause(self) -> ClauseEntry:
        """The clause of a row that is about one."""
        return self.clauses[0]


RegisterColumn = Column[RegisterRow]


def printed_register(report: Report, words: Words) -> Table:
    """Return the register to print: a row for each agreement, its clauses in one cell."""
    return table(_PRINTED, _by_agreement(report), words)


def register_sheet(report: Report, words: Words) -> Table:
    """Return the register for spreadsheets: a row for each agreement.

    Each row ends with the report's day and digest, so that a row copied out of it still says them.
    """
    return table(_SHEET, _by_agreement(report), words)


def clause_sheet(report: Report, words: Words) -> Table:
    """Return the register's clauses for spreadsheets, a row for each."""
    rows = (
        RegisterRow(report, agreement, [clause])
        for agreement in report["register"]
        for clause in agreement["clauses"]
    )
    return table(_CLAUSES, rows, words)


def _by_agreement(report: Report) -> list[RegisterRow]:
    return [
        RegisterRow(report, agreement, agreement["clauses"], number)
        for number, agreement in enumerate(report["register"], 1)
    ]


def made_at(report: Report) -> str:
    """Return when a report was made, to the second, in the time zone of its register."""
    return local_time(report["made_at"], report["time_zone"])


def department(row: RegisterRow, words: Words) -> str:
    """Return the department in charge of a clause: its own, else those of the agreement's parties."""
    return row.clause["department"] or ", ".join(row.agreement["departments"])


def status(row: RegisterRow, words: Words) -> str:
    """Return the status of a clause, and whether it rests on a party's word."""
    return words.status(row.clause["status"], row.clause["basis"])


def council_told_of_ending(row: RegisterRow, words: Words) -> str:
    """Return whether the council was told that an agreement ended."""
    reported_on = words.day(row.agreement["council_reported_on"])
    if row.agreement["council_told_of_ending"]:
        return words("told_yes", on=reported_on)
    return words("told_before", on=reported_on) if reported_on else words("told_no")


def _title(row: RegisterRow, words: Words) -> str:
    agreement = row.agreement
    lines = [agreement["title"], words.label(codes.AGREEMENT_KIND, agreement["kind"]), _series(row, words)]
    return "\n".join([*filter(None, lines), *agreement["identifiers"], agreement["id"]])


def _series(row: RegisterRow, words: Words) -> str:
    name = row.agreement["series_name"] or row.agreement["series"] or ""
    if name and row.agreement["series_number"] is not None:
        return words("series_no", name=name, n=row.agreement["series_number"])
    return name


def _contents(row: RegisterRow, words: Words) -> str:
    return "\n".join(_clause_line(clause, words) for clause in row.clauses)


def _clause_line(clause: ClauseEntry, words: Words) -> str:
    state = words.status(clause["status"], clause["basis"])
    if clause["disagreement"]:
        state += f", {words('differs', reported=words.status(clause['reported_status']))}"
    if clause["due"] is not None:
        state += f"; {words('due_by', on=words.day(clause['due']))}"
    if clause["schedule"] in ("overdue", "due_soon", "met_late"):
        state += f", {words.label(codes.SCHEDULE, clause['schedule'])}"
    if clause["kind"] == "spoken":
        state += f"; {words('only_spoken')}"
    return f"{MARKS[clause['status']]} {clause['number']}. {clause['text']} [{state}]"


def _progress(row: RegisterRow, words: Words) -> str:
    """Return an agreement's headline, how much of it is met and assessed, how it ended."""
    total = row.agreement["summary"]
    headline = words.label(codes.HEADLINE, total["headline"])
    lines = [f"{headline} ({words.as_reported})" if row.agreement["as_reported"] else headline]
    if total["total"]:
        met, assessed = words.rate_short(total["fulfilment"]), words.rate_short(total["coverage"])
        lines.append(f"{words('fulfilment')} {met}, {words('coverage')} {assessed}")
        lines.append(words.counts(total["by_status"]))
    return "\n".join([*lines, *_ending(row.agreement, words)])


def _ending(agreement: AgreementEntry, words: Words) -> list[str]:
    if agreement["council_told_of_ending"] is not None:
        reason = words.label(codes.END_REASON, agreement["end_reason"]) or words("unknown")
        lifecycle = words.label(codes.LIFECYCLE, agreement["lifecycle"])
        on = words.day(agreement["ended_on"]) or words("unknown")
        return [words("ended_line", lifecycle=lifecycle, on=on, reason=reason)]
    return [words("expired_line", on=words.day(agreement["ends"]))] if agreement["expired"] else []


def _progress_bar(row: RegisterRow, words: Words) -> Cell:
    total = row.agreement["summary"]
    return Bar(total["by_status"], total["total"], _progress(row, words))


def _changes(row: RegisterRow, words: Words) -> str:
    """Return what an agreement renews, amends or supersedes, and which due dates were moved."""
    lines = [
        f"{words.label(codes.LINK_KIND, link['kind'])}: {link['title'] or ''}\n{link['target']}"
        for link in row.agreement["links"]
    ]
    lines += [
        words(
            "moved",
            clause=clause["number"],
            before=words.day(clause["first_due"]),
            after=words.day(clause["due"]) or "–",
        )
        for clause in row.clauses
        if clause["due"] != clause["first_due"] and clause["first_due"] is not None
    ]
    return "\n".join(lines)


def _review(row: RegisterRow, words: Words) -> str:
    """Return when an agreement was last reviewed, by when it has to be again, and what the council was told."""
    agreement = row.agreement
    reviewed = agreement["reviewed_on"]
    lines = [words("never_reviewed") if reviewed is None else words("review_line", on=reviewed)]
    if agreement["next_review_on"] is not None and agreement["lifecycle"] in ("active", "pending"):
        lines.append(words("review_by", on=agreement["next_review_on"]))
    if agreement["freshness"] in ("stale", "very_stale"):
        lines.append(words.label(codes.FRESHNESS, agreement["freshness"]))
    reported_on = words.day(agreement["council_reported_on"]) or words("not_recorded")
    return "\n".join([*lines, f"{words('council')}: {reported_on}"])


def _main_contents(row: RegisterRow, words: Words) -> str:
    return "\n".join(
        f"{clause['number']}. {clause['text']} [{words.status(clause['status'], clause['basis'])}]"
        for clause in row.clauses
    )


def _fulfilment(row: RegisterRow, words: Words) -> str:
    total = row.agreement["summary"]
    return words.rate(total["fulfilment"], reported=total["basis"] == "reported")


def _term(row: RegisterRow, words: Words) -> str:
    starts, ends = row.agreement["starts"] or "", row.agreement["ends"] or ""
    return words("to", starts=starts, ends=ends) if starts or ends else ""


def _signed_on(row: RegisterRow, words: Words) -> str:
    agreement = row.agreement
    return words.day(agreement["signed_on"]) or agreement["signed_as_printed"] or words("unknown")


def _history(row: RegisterRow, words: Words) -> str:
    return "{place}-{digest}".format(**row.report["history"])


def _column_of(name: str, field: Field) -> RegisterColumn:
    """Return the column of a field that is shown as it is stored, codes by their label."""

    def cell(row: RegisterRow, words: Words) -> str:
        value = dict(row.agreement)[name]
        if field.codelist is not None and isinstance(value, str):
            return words.label(field.codelist, value)
        return "" if value is None else str(value)

    return Column(label_of(name, field), field.width, cell)


_PRINTED: tuple[RegisterColumn, ...] = (
    Column("number", 3, lambda row, _: str(row.number), right=True),
    Column("agreement", 15, _title),
    Column("signed_on", 7, _signed_on),
    Column("counterparty", 9, lambda row, _: "\n".join(row.agreement["counterparties"])),
    Column("contents", 28, _contents),
    Column("progress", 13, _progress_bar),
    Column("department", 7, lambda row, _: "\n".join(row.agreement["lead_departments"])),
    Column("changes", 8, _changes),
    Column("review", 10, _review),
)
"""The register as ordinances list its columns, widths in percent."""
_SHEET: tuple[RegisterColumn, ...] = (
    Column("id", 18, lambda row, _: row.agreement["id"]),
    Column("agreement", 40, lambda row, _: row.agreement["title"]),
    Column("kind", 14, lambda row, words: words.label(codes.AGREEMENT_KIND, row.agreement["kind"])),
    Column("series", 24, _series),
    Column("signed_on", 12, lambda row, _: row.agreement["signed_on"] or ""),
    Column("counterparty", 24, lambda row, _: "\n".join(row.agreement["counterparties"])),
    Column("main_contents", 60, _main_contents),
    Column("progress", 40, _progress),
    Column("clauses", 8, lambda row, _: str(row.agreement["summary"]["total"])),
    Column("fulfilment", 26, _fulfilment),
    Column("coverage", 26, lambda row, words: words.rate(row.agreement["summary"]["coverage"])),
    Column("department", 18, lambda row, _: "\n".join(row.agreement["lead_departments"])),
    Column("changes", 30, _changes),
    Column("review", 30, _review),
    Column("term", 24, _term),
    Column("lifecycle", 10, lambda row, words: words.label(codes.LIFECYCLE, row.agreement["lifecycle"])),
    Column("ended_on", 12, lambda row, _: row.agreement["ended_on"] or ""),
    Column("end_reason", 16, lambda row, words: words.label(codes.END_REASON, row.agreement["end_reason"])),
    Column("council", 14, lambda row, _: row.agreement["council_reported_on"] or ""),
    Column(
        "council_told",
        24,
        lambda row, words: (
            "" if row.agreement["council_told_of_ending"] is None else council_told_of_ending(row, words)
        ),
    ),
    *(_column_of(name, field) for name, field in OTHER_FIELDS.items()),
    Column("as_of", 12, lambda row, _: row.report["as_of"]),
    Column("made_at", 22, lambda row, _: made_at(row.report)),
    Column("history_short", 24, _history),
)
"""The register for spreadsheets, widths in characters."""
_CLAUSES: tuple[RegisterColumn, ...] = (
    Column("id", 24, lambda row, _: row.clause["id"]),
    Column("agreement", 36, lambda row, _: row.agreement["title"]),
    Column("clause", 8, lambda row, _: str(row.clause["number"])),
    Column("clause_text", 50, lambda row, _: row.clause["text"]),
    Column("department", 16, department),
    Column("status", 24, status),
    Column("reported", 14, lambda row, words: words.status(row.clause["reported_status"])),
    Column("verified_column", 14, lambda row, words: words.status(row.clause["verified_status"])),
    Column("since", 12, lambda row, _: row.clause["since"] or ""),
    Column("met_on", 12, lambda row, _: row.clause["met_on"] or ""),
    Column("due", 14, lambda row, _: row.clause["due"] or ""),
    Column("schedule", 14, lambda row, words: words.label(codes.SCHEDULE, row.clause["schedule"])),
    Column("overdue_since", 14, lambda row, _: row.clause["overdue_since"] or ""),
    Column("reviewed_on", 12, lambda row, _: row.clause["reviewed_on"] or ""),
    Column("next_review_on", 12, lambda row, _: row.clause["next_review_on"] or ""),
    Column("freshness", 20, lambda row, words: words.label(codes.FRESHNESS, row.clause["freshness"])),
    Column("reason", 14, lambda row, words: words.label(codes.REASON, row.clause["reason"])),
    Column("note", 40, lambda row, _: row.clause["note"] or ""),
    Column("next_steps", 40, lambda row, _: row.clause["next_steps"] or ""),
)
"""The clauses of the register for spreadsheets, widths in characters."""
