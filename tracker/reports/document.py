"""A report as a document: headings, figures and tables, which each format writes in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from tracker import codes
from tracker.queries.rollup import in_the_count
from tracker.reports.comparison import comparison_sections
from tracker.reports.parts import Bar, Cell, Column, Section, Table, Values, local
from tracker.reports.register import in_charge, register_table, told_of_ending
from tracker.reports.words import Words


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed: a title, what it is of, and sections."""

    lang: str
    title: str
    meta: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    words: Words = field(repr=False)


def document(report: Values) -> Document:
    """Lay out a report in its language."""
    words = Words(report["lang"])
    sections = [_figures(report, words), _by_status(report, words)]
    if report.get("compared") is not None:
        sections += comparison_sections(report, words)
    sections += _chapter("in_the_period", _IN_THE_PERIOD, report, words)
    sections += _chapter("attention", _ATTENTION, report, words)
    sections += _chapter("ahead", ("next_steps",), report, words)
    sections.append(
        Section("annex", words("annex"), 1, register_table(report["register"], words), empty=words("none"))
    )
    return Document(report["lang"], words("title"), _meta(report, words), _numbered(sections), words)


def _numbered(sections: Sequence[Section]) -> list[Section]:
    found, chapter, part = [], 0, 0
    for section in sections:
        chapter, part = (chapter + 1, 0) if section.level == 1 else (chapter, part + 1)
        number = f"{chapter}." if section.level == 1 else f"{chapter}.{part}"
        found.append(replace(section, title=f"{number} {section.title}"))
    return found


def _period(report: Values, words: Words) -> str:
    """Give a report's period in words."""
    first, last = report["period"]["from"], report["period"]["to"]
    if first is None:
        return words("period_to", to=last)
    return words("period_from_to", first=first, to=last)


def _scope(report: Values, words: Words) -> str:
    """Give what a report is about in words."""
    said = [
        f"{words(name)}: {', '.join(each['name'] or each['id'] for each in chosen)}"
        for name, chosen in report["scope"].items()
        if chosen
    ]
    return "; ".join(said) or words("everything")


def _meta(report: Values, words: Words) -> list[tuple[str, str]]:
    place, digest = report["history"]["place"], report["history"]["digest"]
    return [
        (words("scope"), _scope(report, words)),
        (words("period"), _period(report, words)),
        (words("as_of"), report["as_of"]),
        (words("made_at"), made_at(report)),
        (words("history"), words("history_value", place=f"{place:,}", digest=digest)),
        ("", words("verify", place=place, digest=digest)),
    ]


def made_at(report: Values) -> str:
    """Give when a report was made, to the second, in the time zone of its register."""
    return local(report["made_at"], report["time_zone"])


_IN_THE_PERIOD = ("signed", "reviewed", "completed", "stalled", "unfulfilled", "ended", "expired")
_ATTENTION = (
    "overdue", "review_due", "lacks_evidence", "disagreement", "awaiting_verification", "council_not_told",
)  # fmt: skip


def _figures(report: Values, words: Words) -> Section:
    lists, total = report["lists"], report["summary"]
    signed, ended, expired = (len(lists[name]) for name in ("signed", "ended", "expired"))
    by_word = total["basis"] == "reported"
    rests_on_reports = report["as_reported"]
    headline = words.label(codes.HEADLINE, total["headline"])
    rows: list[list[Cell]] = [
        [
            words("agreements"),
            words("count", n=f"{report['agreements']:,}"),
            words("agreements_note", signed=signed, ended=ended, expired=expired),
        ],
        [words("promises"), words("count", n=f"{total['total']:,}"), words("promises_note")],
        [words("overall"), f"{headline} ({words('as_reported')})" if rests_on_reports else headline, ""],
        [
            words("fulfilment"),
            words.rate(total["fulfilment"], reported=by_word),
            words("fulfilment_note", verified=total["met_verified"], met=total["met"]),
        ],
        [
            words("coverage"),
            words.rate(total["coverage"]),
            words("coverage_note", verified=total["assessed_verified"], total=total["total"]),
        ],
    ]
    rows += [
        [
            words(name),
            words("count", n=f"{len(lists[name]):,}"),
            words(f"{name}_note") if words.known(f"{name}_note") else "",
        ]
        for name in ("stalled", *_ATTENTION)
    ]
    columns = (Column(words("figure"), 24), Column(words("value"), 26), Column(words("remark"), 50))
    return Section("figures", words("figures"), 1, Table(columns, rows))


def _by_status(report: Values, words: Words) -> Section:
    counts, total = report["summary"]["by_status"], report["summary"]["total"]
    rows: list[list[Cell]] = [
        [
            words.label(codes.CURRENT_STATUS, code),
            f"{number:,}",
            f"{100 * number / total:.1f} %",
            Bar({code: number}, total),
        ]
        for code, number in counts.items()
        if number
    ]
    columns = (
        Column(words("status"), 24), Column(words("clauses"), 10, right=True),
        Column(words("share"), 10, right=True), Column("", 56),
    )  # fmt: skip
    return Section("by_status", words("by_status"), 2, Table(columns, rows), empty=words("none"))


def _chapter(key: str, names: Sequence[str], report: Values, words: Words) -> Iterable[Section]:
    agreements = {each["id"]: each for each in report["register"]}
    clauses = {clause["id"]: (each, clause) for each in report["register"] for clause in each["clauses"]}
    level = 1 if len(names) == 1 else 2
    if level == 2:
        yield Section(key, words(key), 1)
    for name in names:
        ids = report["lists"][name]
        title = f"{words(name)}: {words('count', n=f'{len(ids):,}')}"
        note = words(f"{name}_note") if words.known(f"{name}_note") and ids else ""
        if name in _BY_AGREEMENT:
            columns, row = _BY_AGREEMENT[name]
            rows = [row(agreements[id], words, report) for id in ids]
        elif name in _GROUPED:
            columns, grouped = _GROUPED[name]
            of: dict[str, list[Values]] = {}
            for id in ids:
                of.setdefault(clauses[id][0]["id"], []).append(clauses[id][1])
            rows = [grouped(agreements[id], found, words) for id, found in of.items()]
        else:
            columns, of_clause = _BY_CLAUSE[name]
            rows = [[*_whose(*clauses[id], words), *of_clause(clauses[id][1], words)] for id in ids]
            columns = (*_WHOSE, *columns)
        made = tuple(Column(words(each), width) for each, width in columns)
        yield Section(name, title, level, Table(made, rows), note, words("none"))


Columns = tuple[tuple[str, int], ...]
_WHOSE: Columns = (("agreement", 25), ("clause", 26), ("department", 10))


def _whose(agreement: Values, clause: Values, words: Words) -> list[Cell]:
    return [_named(agreement), f"{clause['number']}. {clause['text']}", in_charge(agreement, clause)]


def _named(agreement: Values) -> str:
    return f"{agreement['title']}\n{agreement['id']}"


def _signed(agreement: Values, words: Words, report: Values) -> list[Cell]:
    return [
        _named(agreement),
        words.label(codes.AGREEMENT_KIND, agreement["kind"]),
        words.day(agreement["signed_on"]) or words("unknown"),
        ", ".join(agreement["counterparties"]),
        ", ".join(agreement["lead_departments"]),
        words.day(agreement["council_reported_on"]) or words("not_recorded"),
    ]


def _reviewed(agreement: Values, words: Words, report: Values) -> list[Cell]:
    first, last = report["period"]["from"] or "", min(report["period"]["to"], report["as_of"])
    days = {
        clause["number"]: [
            each["checked_on"] for each in clause["follow_ups"] if first <= each["checked_on"] <= last
        ]
        for clause in agreement["clauses"]
        if in_the_count(clause["kind"])
    }
    found = {number: each for number, each in days.items() if each}
    total = agreement["summary"]
    return [
        _named(agreement),
        ", ".join(agreement["lead_departments"]),
        max(max(each) for each in found.values()),
        words.rate_short({"numerator": len(found), "denominator": len(days)}),
        Bar(total["by_status"], total["total"], words.counts(total["by_status"])),
    ]


def _ended(agreement: Values, words: Words, report: Values) -> list[Cell]:
    return [
        _named(agreement),
        ", ".join(agreement["counterparties"]),
        ", ".join(agreement["lead_departments"]),
        words.label(codes.LIFECYCLE, agreement["lifecycle"]),
        words.day(agreement["ended_on"]) or words("unknown"),
        words.label(codes.END_REASON, agreement["end_reason"]) or words("unknown"),
        told_of_ending(agreement, words),
    ]


def _expired(agreement: Values, words: Words, report: Values) -> list[Cell]:
    total = agreement["summary"]
    return [
        _named(agreement),
        ", ".join(agreement["counterparties"]),
        ", ".join(agreement["lead_departments"]),
        words.day(agreement["ends"]),
        Bar(total["by_status"], total["total"], words.counts(total["by_status"])),
    ]


def _review_due(agreement: Values, clauses: list[Values], words: Words) -> list[Cell]:
    never = words("never_reviewed")
    days = [clause["reviewed_on"] or "" for clause in clauses]
    worst = min(clauses, key=lambda each: each["freshness"] != "very_stale")
    return [
        _named(agreement),
        ", ".join(agreement["lead_departments"]),
        ", ".join(str(clause["number"]) for clause in clauses),
        words("months", n=agreement["review_every_months"]),
        min(days) or never,
        min((clause["next_review_on"] for clause in clauses if clause["next_review_on"]), default=""),
        words.label(codes.FRESHNESS, worst["freshness"]),
    ]


def _awaiting(agreement: Values, clauses: list[Values], words: Words) -> list[Cell]:
    said = []
    for clause in clauses:
        more = (
            []
            if clause["verified_status"] is None
            else [f"{words('verified')}: {words.status(clause['verified_status'])}"]
        )
        of = [words.status(clause["reported_status"]), *more]
        said.append(f"{clause['number']}. {'; '.join(of)}")
    return [_named(agreement), ", ".join(agreement["lead_departments"]), " · ".join(said)]


def _next_steps(agreement: Values, clauses: list[Values], words: Words) -> list[Cell]:
    lines = [
        f"{clause['number']}. {clause['text']} [{words.status(clause['status'], clause['basis'])}]"
        for clause in clauses
    ]
    # What is planned for several clauses in the same words is said once.
    planned: dict[str, list[str]] = {}
    for clause in clauses:
        planned.setdefault(clause["next_steps"], []).append(str(clause["number"]))
    steps = [f"{', '.join(numbers)}: {text}" for text, numbers in planned.items()]
    return [_named(agreement), ", ".join(agreement["lead_departments"]), "\n".join(lines), "\n".join(steps)]


_SIGNED: tuple[Columns, Callable[..., list[Cell]]] = (
    (
        ("agreement", 30),
        ("kind", 12),
        ("signed_on", 10),
        ("counterparty", 20),
        ("department", 14),
        ("council", 14),
    ),
    _signed,
)
_BY_AGREEMENT: dict[str, tuple[Columns, Callable[..., list[Cell]]]] = {
    "signed": _SIGNED,
    "council_not_told": _SIGNED,
    "reviewed": (
        (("agreement", 34), ("department", 14), ("last_day", 10), ("clauses", 10), ("progress", 32)),
        _reviewed,
    ),
    "ended": (
        (("agreement", 28), ("counterparty", 16), ("department", 12), ("lifecycle", 9), ("ended_on", 10),
         ("end_reason", 11), ("council_told", 14)),
        _ended,
    ),
    "expired": (
        (("agreement", 30), ("counterparty", 18), ("department", 12), ("expires", 10), ("progress", 30)),
        _expired,
    ),
}  # fmt: skip
_GROUPED: dict[str, tuple[Columns, Callable[..., list[Cell]]]] = {
    "review_due": (
        (("agreement", 34), ("department", 14), ("clauses_concerned", 12), ("interval", 8), ("reviewed_on", 12),
         ("next_review_on", 10), ("freshness", 14)),
        _review_due,
    ),
    "awaiting_verification": (
        (("agreement", 34), ("department", 13), ("reported_by_clause", 53)),
        _awaiting,
    ),
    "next_steps": (
        (("agreement", 26), ("department", 12), ("clauses_concerned", 38), ("next_steps", 24)),
        _next_steps,
    ),
}  # fmt: skip


def _why(clause: Values, words: Words) -> str:
    return "\n".join(filter(None, (words.label(codes.REASON, clause["reason"]), clause["note"])))


_BY_CLAUSE: dict[str, tuple[Columns, Callable[[Values, Words], list[Cell]]]] = {
    "completed": (
        (("status", 17), ("met_on", 11), ("schedule", 11)),
        lambda clause, words: [
            words.status(clause["status"], clause["basis"]),
            clause["met_on"],
            words.label(codes.SCHEDULE, clause["schedule"]),
        ],
    ),
    "stalled": (
        (("status", 12), ("since", 9), ("reason", 18)),
        lambda clause, words: [
            words.status(clause["status"], clause["basis"]),
            words.day(clause["since"]),
            _why(clause, words),
        ],
    ),
    "unfulfilled": (
        (("status", 12), ("since", 9), ("reason", 18)),
        lambda clause, words: [
            words.status(clause["status"], clause["basis"]),
            words.day(clause["since"]),
            _why(clause, words),
        ],
    ),
    "overdue": (
        (("status", 17), ("due", 12), ("overdue_since", 10)),
        lambda clause, words: [
            words.status(clause["status"], clause["basis"]),
            words.day(clause["due"]),
            clause["overdue_since"],
        ],
    ),
    "lacks_evidence": (
        (("status", 15), ("since", 9), ("note", 15)),
        lambda clause, words: [
            words.status(clause["status"], clause["basis"]),
            words.day(clause["since"]),
            clause["note"] or "",
        ],
    ),
    "disagreement": (
        (("reported", 11), ("verified_column", 11), ("note", 17)),
        lambda clause, words: [
            words.status(clause["reported_status"]),
            words.status(clause["verified_status"]),
            _why(clause, words),
        ],
    ),
}


__all__ = ["Document", "document", "made_at"]
