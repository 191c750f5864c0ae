"""A report laid out as a document: figures, what changed, lists, the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from tracker import codes
from tracker.reports.content import (
    AlteredRecord,
    Comparison,
    MovedDueDate,
    NewAgreement,
    NewClause,
    RemovedAgreement,
    RemovedClause,
    Report,
    StatusChange,
)
from tracker.reports.document import Bar, Cell, Column, Document, Section, Table, table
from tracker.reports.making import Period, reviews
from tracker.reports.register import (
    RegisterColumn,
    RegisterRow,
    council_told_of_ending,
    department,
    made_at,
    printed_register,
    status,
)
from tracker.reports.words import Words, local_time

_IN_THE_PERIOD = ("signed", "reviewed", "completed", "stalled", "unfulfilled", "ended", "expired")
_ATTENTION = (
    "overdue", "review_due", "lacks_evidence", "disagreement", "awaiting_verification", "council_not_told",
)  # fmt: skip


def document(report: Report) -> Document:
    """Lay out a report in its language."""
    words, rows = Words(report["lang"]), _rows(report)
    sections = [_figures(report, words), _by_status(report, words)]
    if "compared" in report:
        sections += _comparison(report, report["compared"], words)
    sections.append(Section("in_the_period", words("in_the_period"), 1))
    sections += [_list(name, 2, rows, report, words) for name in _IN_THE_PERIOD]
    sections.append(Section("attention", words("attention"), 1))
    sections += [_list(name, 2, rows, report, words) for name in _ATTENTION]
    sections.append(_list("next_steps", 1, rows, report, words))
    sections.append(Section("annex", words("annex"), 1, printed_register(report, words), empty=words("none")))
    title = words("title")
    foot = f"{title} · {words('as_of')} {report['as_of']}"
    return Document(title, foot, _meta(report, words), [*_numbered(sections)], words)


def _numbered(sections: Iterable[Section]) -> Iterator[Section]:
    chapter, part = 0, 0
    for section in sections:
        chapter, part = (chapter + 1, 0) if section.level == 1 else (chapter, part + 1)
        number = f"{chapter}." if section.level == 1 else f"{chapter}.{part}"
        yield replace(section, title=f"{number} {section.title}")


def _period(report: Report, words: Words) -> str:
    first, last = report["period"]["from"], report["period"]["to"]
    if first is None:
        return words("period_to", to=last)
    return words("period_from_to", first=first, to=last)


def _scope(report: Report, words: Words) -> str:
    parts = [
        f"{words(name)}: {', '.join(one['name'] or one['id'] for one in chosen)}"
        for name, chosen in report["scope"].items()
        if chosen
    ]
    return "; ".join(parts) or words("everything")


def _meta(report: Report, words: Words) -> list[tuple[str, str]]:
    place, digest = report["history"]["place"], report["history"]["digest"]
    return [
        (words("scope"), _scope(report, words)),
        (words("period"), _period(report, words)),
        (words("as_of"), report["as_of"]),
        (words("made_at"), made_at(report)),
        (words("history"), words("history_value", place=f"{place:,}", digest=digest)),
        ("", words("verify", place=place, digest=digest)),
    ]


def _figures(report: Report, words: Words) -> Section:
    lists, total = report["lists"], report["summary"]
    signed, ended, expired = (len(lists[name]) for name in ("signed", "ended", "expired"))
    overall = words.label(codes.HEADLINE, total["headline"])
    fulfilment = words.rate(total["fulfilment"], reported=total["basis"] == "reported")
    rows = [
        ["agreements", words.count(report["agreements"]),
         words("agreements_note", signed=signed, ended=ended, expired=expired)],
        ["promises", words.count(total["total"]), words("promises_note")],
        ["overall", f"{overall} ({words.as_reported})" if report["as_reported"] else overall, ""],
        ["fulfilment", fulfilment, words("fulfilment_note", verified=total["met_verified"], met=total["met"])],
        ["coverage", words.rate(total["coverage"]),
         words("coverage_note", verified=total["assessed_verified"], total=total["total"])],
        *([name, words.count(len(lists[name])), words.note(name)] for name in ("stalled", *_ATTENTION)),
    ]  # fmt: skip
    columns: tuple[Column[list[str]], ...] = (
        Column("figure", 24, lambda row, words: words(row[0])),
        Column("value", 26, lambda row, _: row[1]),
        Column("remark", 50, lambda row, _: row[2]),
    )
    return Section("figures", words("figures"), 1, table(columns, rows, words))


def _by_status(report: Report, words: Words) -> Section:
    total = report["summary"]["total"]
    columns: tuple[Column[tuple[str, int]], ...] = (
        Column("status", 24, lambda row, words: words.label(codes.CURRENT_STATUS, row[0])),
        Column("clauses", 10, lambda row, _: f"{row[1]:,}", right=True),
        Column("share", 10, lambda row, _: f"{100 * row[1] / total:.1f} %", right=True),
        Column("bar", 56, lambda row, _: Bar(dict([row]), total)),
    )
    counts = [(code, number) for code, number in report["summary"]["by_status"].items() if number]
    return Section("by_status", words("by_status"), 2, table(columns, counts, words), empty=words("none"))


def _list(name: str, level: int, rows: Rows, report: Report, words: Words) -> Section:
    ids = report["lists"][name]
    title = f"{words(name)}: {words.count(len(ids))}"
    listed = [rows[id] for id in ids]
    if name in _BY_CLAUSE:
        columns = (*_WHOSE, *_BY_CLAUSE[name])
    elif name in _CLAUSES_TOGETHER:
        columns, listed = _CLAUSES_TOGETHER[name], _together(listed)
    else:
        columns = _BY_AGREEMENT[name]
    note = words.note(name) if ids else ""
    return Section(name, title, level, table(columns, listed, words), note, words("none"))


Rows = dict[str, RegisterRow]
"""The row of each agreement, and of each clause alone, by id."""


def _rows(report: Report) -> Rows:
    rows = {}
    for agreement in report["register"]:
        rows[agreement["id"]] = RegisterRow(report, agreement, agreement["clauses"])
        rows |= {clause["id"]: RegisterRow(report, agreement, [clause]) for clause in agreement["clauses"]}
    return rows


def _together(rows: Sequence[RegisterRow]) -> list[RegisterRow]:
    """Return a row for each agreement with all of its clauses that are in the list."""
    by_agreement = groupby(rows, lambda row: row.agreement["id"])
    grouped = (list(group) for _, group in by_agreement)
    return [replace(group[0], clauses=[row.clause for row in group]) for group in grouped]


def _agreement(width: int) -> RegisterColumn:
    return Column("agreement", width, lambda row, _: f"{row.agreement['title']}\n{row.agreement['id']}")


def _counterparty(width: int) -> RegisterColumn:
    return Column("counterparty", width, lambda row, _: ", ".join(row.agreement["counterparties"]))


def _lead_departments(width: int) -> RegisterColumn:
    return Column("department", width, lambda row, _: ", ".join(row.agreement["lead_departments"]))


def _status(width: int) -> RegisterColumn:
    return Column("status", width, status)


def _since(width: int) -> RegisterColumn:
    return Column("since", width, lambda row, words: words.day(row.clause["since"]))


def _reason_and_note(heading: str, width: int) -> RegisterColumn:
    return Column(
        heading,
        width,
        lambda row, words: "\n".join(
            filter(None, (words.label(codes.REASON, row.clause["reason"]), row.clause["note"]))
        ),
    )


def _reviews(row: RegisterRow) -> list[tuple[int, str]]:
    first, last = row.report["period"]["from"], row.report["period"]["to"]
    return list(reviews(row.agreement, Period(first, last, row.report["as_of"])))


def _reviewed_clauses(row: RegisterRow, words: Words) -> str:
    numerator = len({number for number, _ in _reviews(row)})
    return words.rate_short({"numerator": numerator, "denominator": row.agreement["summary"]["total"]})


def _progress_bar(row: RegisterRow, words: Words) -> Cell:
    total = row.agreement["summary"]
    return Bar(total["by_status"], total["total"], words.counts(total["by_status"]))


def _earliest_review(row: RegisterRow, words: Words) -> str:
    return min(clause["reviewed_on"] or "" for clause in row.clauses) or words("never_reviewed")


def _next_review(row: RegisterRow, words: Words) -> str:
    return min((clause["next_review_on"] for clause in row.clauses if clause["next_review_on"]), default="")


def _least_fresh(row: RegisterRow, words: Words) -> str:
    worst = min(row.clauses, key=lambda clause: clause["freshness"] != "very_stale")
    return words.label(codes.FRESHNESS, worst["freshness"])


def _reported_by_clause(row: RegisterRow, words: Words) -> str:
    parts = []
    for clause in row.clauses:
        part = f"{clause['number']}. {words.status(clause['reported_status'])}"
        if clause["verified_status"] is not None:
            part += f"; {words('verified_column').lower()}: {words.status(clause['verified_status'])}"
        parts.append(part)
    return " · ".join(parts)


def _clauses_concerned(row: RegisterRow, words: Words) -> str:
    return "\n".join(
        f"{clause['number']}. {clause['text']} [{words.status(clause['status'], clause['basis'])}]"
        for clause in row.clauses
    )


def _next_steps(row: RegisterRow, words: Words) -> str:
    # What is planned for several clauses in the same words is written once.
    planned: dict[str, list[str]] = {}
    for clause in row.clauses:
        planned.setdefault(clause["next_steps"] or "", []).append(str(clause["number"]))
    return "\n".join(f"{', '.join(numbers)}: {text}" for text, numbers in planned.items())


_SIGNED: tuple[RegisterColumn, ...] = (
    _agreement(30),
    Column("kind", 12, lambda row, words: words.label(codes.AGREEMENT_KIND, row.agreement["kind"])),
    Column("signed_on", 10, lambda row, words: words.day(row.agreement["signed_on"]) or words("unknown")),
    _counterparty(20),
    _lead_departments(14),
    Column(
        "council",
        14,
        lambda row, words: words.day(row.agreement["council_reported_on"]) or words("not_recorded"),
    ),
)
_BY_AGREEMENT: dict[str, tuple[RegisterColumn, ...]] = {
    "signed": _SIGNED,
    "council_not_told": _SIGNED,
    "reviewed": (
        _agreement(34),
        _lead_departments(14),
        Column("last_day", 10, lambda row, _: max(day for _, day in _reviews(row))),
        Column("clauses", 10, _reviewed_clauses),
        Column("progress", 32, _progress_bar),
    ),
    "ended": (
        _agreement(28),
        _counterparty(16),
        _lead_departments(12),
        Column("lifecycle", 9, lambda row, words: words.label(codes.LIFECYCLE, row.agreement["lifecycle"])),
        Column("ended_on", 10, lambda row, words: words.day(row.agreement["ended_on"]) or words("unknown")),
        Column(
            "end_reason",
            11,
            lambda row, words: words.label(codes.END_REASON, row.agreement["end_reason"]) or words("unknown"),
        ),
        Column("council_told", 14, council_told_of_ending),
    ),
    "expired": (
        _agreement(30),
        _counterparty(18),
        _lead_departments(12),
        Column("expires", 10, lambda row, words: words.day(row.agreement["ends"])),
        Column("progress", 30, _progress_bar),
    ),
}
"""The columns of each list with a row for each of its agreements."""
_CLAUSES_TOGETHER: dict[str, tuple[RegisterColumn, ...]] = {
    "review_due": (
        _agreement(34),
        _lead_departments(14),
        Column(
            "clauses_concerned", 12, lambda row, _: ", ".join(str(clause["number"]) for clause in row.clauses)
        ),
        Column("interval", 8, lambda row, words: words("months", n=row.agreement["review_every_months"])),
        Column("reviewed_on", 12, _earliest_review),
        Column("next_review_on", 10, _next_review),
        Column("freshness", 14, _least_fresh),
    ),
    "awaiting_verification": (
        _agreement(34),
        _lead_departments(13),
        Column("reported_by_clause", 53, _reported_by_clause),
    ),
    "next_steps": (
        _agreement(26),
        _lead_departments(12),
        Column("clauses_concerned", 38, _clauses_concerned),
        Column("next_steps", 24, _next_steps),
    ),
}
"""The columns of each list of clauses with a row for each agreement."""
_WHOSE: tuple[RegisterColumn, ...] = (
    _agreement(25),
    Column("clause", 26, lambda row, _: f"{row.clause['number']}. {row.clause['text']}"),
    Column("department", 10, department),
)
_STALLED: tuple[RegisterColumn, ...] = (_status(12), _since(9), _reason_and_note("reason", 18))
_BY_CLAUSE: dict[str, tuple[RegisterColumn, ...]] = {
    "completed": (
        _status(17),
        Column("met_on", 11, lambda row, _: row.clause["met_on"] or ""),
        Column("schedule", 11, lambda row, words: words.label(codes.SCHEDULE, row.clause["schedule"])),
    ),
    "stalled": _STALLED,
    "unfulfilled": _STALLED,
    "overdue": (
        _status(17),
        Column("due", 12, lambda row, words: words.day(row.clause["due"])),
        Column("overdue_since", 10, lambda row, _: row.clause["overdue_since"] or ""),
    ),
    "lacks_evidence": (
        _status(15),
        _since(9),
        Column("note", 15, lambda row, _: row.clause["note"] or ""),
    ),
    "disagreement": (
        Column("reported", 11, lambda row, words: words.status(row.clause["reported_status"])),
        Column("verified_column", 11, lambda row, words: words.status(row.clause["verified_status"])),
        _reason_and_note("note", 17),
    ),
}
"""The columns of each list with a row for each of its clauses, behind those that say whose it is."""


def _comparison(report: Report, comparison: Comparison, words: Words) -> Iterator[Section]:
    """Yield a chapter on what changed since the report that this one was compared with."""
    note = words(
        "compared_note",
        made_at=local_time(comparison["made_at"], report["time_zone"]),
        place=f"{comparison['history']['place']:,}",
        digest=comparison["history"]["digest"],
    )
    yield Section("compared", words("compared", as_of=comparison["as_of"]), 1, note=note)
    for name, changes in _change_tables(report, comparison, words).items():
        title = f"{words(name)}: {words.count(len(changes.rows))}"
        yield Section(name, title, 2, changes, empty=words("none"))


def _change_tables(report: Report, comparison: Comparison, words: Words) -> dict[str, Table]:
    titles = {agreement["id"]: agreement["title"] for agreement in report["register"]}
    clauses = [clause for agreement in report["register"] for clause in agreement["clauses"]]
    texts = {clause["id"]: clause["text"] for clause in clauses}

    def clause(id: str, removed: str = "") -> str:
        lines = (texts.get(id) or removed, titles.get(id.rpartition(".")[0]), id)
        return "\n".join(filter(None, lines))

    def agreement(id: str, removed: str = "") -> str:
        return f"{titles.get(id, removed)}\n{id}"

    def what(row: AlteredRecord, words: Words) -> str:
        before = row["before"]
        was = "" if before is None else f" ({words.status(before['status'])}, {before['effective_on']})"
        return f"{words('was_' + row['what'])}{was}"

    def records(width: int) -> tuple[Column[Any], ...]:
        return (
            Column("clause", width, lambda row, _: clause(row["clause"])),
            Column("track", 14, lambda row, words: words.label(codes.TRACK, row["track"])),
            Column("status", 14, lambda row, words: words.status(row["status"])),
            Column("effective_on", 12, lambda row, words: words.day(row["effective_on"])),
            Column("recorded_at", 16, lambda row, _: f"{row['recorded_at'][:10]}\n{row['recorded_by']}"),
        )

    status_changes: tuple[Column[StatusChange], ...] = (
        Column("clause", 40, lambda row, _: clause(row["clause"])),
        Column("before", 20, lambda row, words: words.status(row["before"], row["before_basis"])),
        Column("after", 20, lambda row, words: words.status(row["after"], row["after_basis"])),
        Column("why", 20, lambda row, words: words(f"because_{row['because']}")),
    )
    moved_due_dates: tuple[Column[MovedDueDate], ...] = (
        Column("clause", 60, lambda row, _: clause(row["clause"])),
        Column("before", 20, lambda row, words: words.day(row["before"]) or "–"),
        Column("after", 20, lambda row, words: words.day(row["after"]) or "–"),
    )
    new_agreements: tuple[Column[NewAgreement], ...] = (
        Column("agreement", 60, lambda row, _: agreement(row["agreement"])),
        Column("note", 40, lambda row, words: words("was_backdated") if row["backdated"] else ""),
    )
    removed_agreements: tuple[Column[RemovedAgreement], ...] = (
        Column("agreement", 100, lambda row, _: agreement(row["agreement"], row["title"])),
    )
    new_clauses: tuple[Column[NewClause], ...] = (
        Column("clause", 100, lambda row, _: clause(row["clause"])),
    )
    removed_clauses: tuple[Column[RemovedClause], ...] = (
        Column("clause", 100, lambda row, _: clause(row["clause"], row["text"])),
    )
    altered: tuple[Column[AlteredRecord], ...] = (*records(34), Column("what", 10, what))
    return {
        "status_changes": table(status_changes, comparison["status_changes"], words),
        "moved_due_dates": table(moved_due_dates, comparison["moved_due_dates"], words),
        "backdated": table(records(44), comparison["backdated"], words),
        "altered": table(altered, comparison["altered"], words),
        "new_agreements": table(new_agreements, comparison["new_agreements"], words),
        "removed_agreements": table(removed_agreements, comparison["removed_agreements"], words),
        "new_clauses": table(new_clauses, comparison["new_clauses"], words),
        "removed_clauses": table(removed_clauses, comparison["removed_clauses"], words),
    }
