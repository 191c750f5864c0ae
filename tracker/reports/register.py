"""The register: each agreement in the columns that ordinances list."""

from __future__ import annotations

from collections.abc import Sequence

from tracker import codes
from tracker.reports.parts import MARKS, Bar, Cell, Column, Table, Values
from tracker.reports.words import Words


def register_table(register: Sequence[Values], words: Words) -> Table:
    """Give the register as a table to print: a row for each agreement, its clauses in one cell."""
    columns = (
        Column(words("number"), 3, right=True), Column(words("agreement"), 15), Column(words("signed_on"), 7),
        Column(words("counterparty"), 9), Column(words("contents"), 28), Column(words("progress"), 13),
        Column(words("department"), 7), Column(words("changes"), 8), Column(words("review"), 10),
    )  # fmt: skip
    rows = [
        [
            str(number),
            _title(agreement, words),
            words.day(agreement["signed_on"]) or agreement["signed_as_printed"] or words("unknown"),
            "\n".join(agreement["counterparties"]),
            contents(agreement, words),
            _progress(agreement, words),
            "\n".join(agreement["lead_departments"]),
            changes(agreement, words),
            review(agreement, words),
        ]
        for number, agreement in enumerate(register, 1)
    ]
    return Table(columns, rows)


def _title(agreement: Values, words: Words) -> str:
    lines = [agreement["title"], words.label(codes.AGREEMENT_KIND, agreement["kind"])]
    if agreement["series"] is not None:
        lines.append(series(agreement, words))
    lines += [*agreement["identifiers"], agreement["id"]]
    return "\n".join(lines)


def in_charge(agreement: Values, clause: Values) -> str:
    """Give the department in charge of a clause: its own, else those of the agreement's parties."""
    return clause["department"] or ", ".join(agreement["departments"])


def series(agreement: Values, words: Words) -> str:
    """Give the series of an agreement with its number there; of none, nothing."""
    name = agreement["series_name"] or agreement["series"] or ""
    if name and agreement["series_number"] is not None:
        return words("series_no", name=name, n=agreement["series_number"])
    return str(name)


def contents(agreement: Values, words: Words) -> str:
    """Give an agreement's clauses, a line each, with where each stands."""
    return "\n".join(_clause_line(clause, words) for clause in agreement["clauses"])


def _clause_line(clause: Values, words: Words) -> str:
    said = words.status(clause["status"], clause["basis"])
    if clause["disagreement"]:
        said += f", {words('differs', reported=words.status(clause['reported_status']))}"
    if clause["due"] is not None:
        said += f"; {words('due_by', on=words.day(clause['due']))}"
    if clause["schedule"] in ("overdue", "due_soon", "met_late"):
        said += f", {words.label(codes.SCHEDULE, clause['schedule'])}"
    if clause["kind"] == "spoken":
        said += f"; {words('only_spoken')}"
    return f"{MARKS[clause['status']]} {clause['number']}. {clause['text']} [{said}]"


def _progress(agreement: Values, words: Words) -> Cell:
    return Bar(agreement["summary"]["by_status"], agreement["summary"]["total"], progress(agreement, words))


def progress(agreement: Values, words: Words) -> str:
    """Give where an agreement stands: its headline, how much of it is met and assessed, how it ended."""
    total = agreement["summary"]
    headline = words.label(codes.HEADLINE, total["headline"])
    if agreement["as_reported"]:
        headline += f" ({words('as_reported')})"
    lines = [headline]
    if total["total"]:
        met, assessed = words.rate_short(total["fulfilment"]), words.rate_short(total["coverage"])
        lines.append(f"{words('fulfilment')} {met}, {words('coverage')} {assessed}")
        lines.append(words.counts(total["by_status"]))
    return "\n".join([*lines, *_ending(agreement, words)])


def _ending(agreement: Values, words: Words) -> list[str]:
    if agreement["lifecycle"] in ("terminated", "cancelled"):
        reason = words.label(codes.END_REASON, agreement["end_reason"]) or words("unknown")
        lifecycle = words.label(codes.LIFECYCLE, agreement["lifecycle"])
        on = words.day(agreement["ended_on"]) or words("unknown")
        return [words("ended_line", lifecycle=lifecycle, on=on, reason=reason)]
    if agreement["expired"]:
        return [words("expired_line", on=words.day(agreement["ends"]))]
    return []


def changes(agreement: Values, words: Words) -> str:
    """Give what changed in an agreement: what it renews, amends or supersedes, due dates that were moved."""
    lines = [
        f"{words.label(codes.LINK_KIND, link['kind'])}: {link['title'] or ''}\n{link['target']}"
        for link in agreement["links"]
    ]
    lines += [
        words(
            "moved",
            clause=clause["number"],
            before=words.day(clause["first_due"]),
            after=words.day(clause["due"]) or "–",
        )
        for clause in agreement["clauses"]
        if clause["due"] != clause["first_due"] and clause["first_due"] is not None
    ]
    return "\n".join(lines)


def review(agreement: Values, words: Words) -> str:
    """Give when an agreement was last reviewed, by when it has to be again, and what the council was told."""
    lines = [
        words("never_reviewed")
        if agreement["reviewed_on"] is None
        else words("review_line", on=agreement["reviewed_on"])
    ]
    if agreement["next_review_on"] is not None and agreement["lifecycle"] in ("active", "pending"):
        lines.append(words("review_by", on=agreement["next_review_on"]))
    if agreement["freshness"] in ("stale", "very_stale"):
        lines.append(words.label(codes.FRESHNESS, agreement["freshness"]))
    told = words.day(agreement["council_reported_on"]) or words("not_recorded")
    return "\n".join([*lines, f"{words('council')}: {told}"])


def told_of_ending(agreement: Values, words: Words) -> str:
    """Give whether the council was told that an agreement ended."""
    told = words.day(agreement["council_reported_on"])
    if agreement["council_told_of_ending"]:
        return words("told_yes", on=told)
    return words("told_before", on=told) if told else words("told_no")
