"""What changed since an earlier report, as sections of a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracker import codes
from tracker.reports.parts import Cell, Column, Section, Table, Values, local
from tracker.reports.words import Words

_Row = Callable[[Values], list[Cell]]


def comparison_sections(report: Values, words: Words) -> list[Section]:
    """Give a chapter on what changed since the report that this one was compared with."""
    found = report["compared"]
    place, digest = found["history"]["place"], found["history"]["digest"]
    note = words(
        "compared_note",
        made_at=local(found["made_at"], report["time_zone"]),
        place=f"{place:,}",
        digest=digest,
    )
    sections = [Section("compared", words("compared", as_of=found["as_of"]), 1, note=note)]
    for name, (columns, row) in _tables(report, words).items():
        rows = [row(each) for each in found[name]]
        title = f"{words(name)}: {words('count', n=f'{len(rows):,}')}"
        table = Table([Column(words(heading), width) for heading, width in columns], rows)
        sections.append(Section(name, title, 2, table, empty=words("none")))
    return sections


def _tables(report: Values, words: Words) -> dict[str, tuple[Sequence[tuple[str, int]], _Row]]:
    titles = {each["id"]: each["title"] for each in report["register"]}
    texts = {clause["id"]: clause["text"] for each in report["register"] for clause in each["clauses"]}

    def clause(each: Values) -> str:
        id = each["clause"]
        lines = (texts.get(id) or each.get("text"), titles.get(id.rpartition(".")[0]), id)
        return "\n".join(filter(None, lines))

    def agreement(each: Values) -> str:
        id = each["agreement"]
        return f"{titles.get(id, each.get('title', ''))}\n{id}"

    def recorded(each: Values) -> list[Cell]:
        return [
            clause(each),
            words.label(codes.TRACK, each["track"]),
            words.status(each["status"]),
            words.day(each["effective_on"]),
            f"{each['recorded_at'][:10]}\n{each['recorded_by']}",
        ]

    def altered(each: Values) -> list[Cell]:
        before = each["before"]
        was = "" if before is None else f" ({words.status(before['status'])}, {before['effective_on']})"
        return [*recorded(each), f"{words('was_' + each['what'])}{was}"]

    records = (("clause", 44), ("track", 14), ("status", 14), ("effective_on", 12), ("recorded_at", 16))
    return {
        "status_changes": (
            (("clause", 40), ("before", 20), ("after", 20), ("why", 20)),
            lambda each: [
                clause(each),
                words.status(each["before"], each["before_basis"]),
                words.status(each["after"], each["after_basis"]),
                words(f"because_{each['because']}"),
            ],
        ),
        "moved_due_dates": (
            (("clause", 60), ("before", 20), ("after", 20)),
            lambda each: [clause(each), words.day(each["before"]) or "–", words.day(each["after"]) or "–"],
        ),
        "backdated": (records, recorded),
        "altered": ((("clause", 34), *records[1:], ("what", 10)), altered),
        "new_agreements": (
            (("agreement", 60), ("note", 40)),
            lambda each: [agreement(each), words("was_backdated") if each["backdated"] else ""],
        ),
        "removed_agreements": ((("agreement", 100),), lambda each: [agreement(each)]),
        "new_clauses": ((("clause", 100),), lambda each: [clause(each)]),
        "removed_clauses": ((("clause", 100),), lambda each: [clause(each)]),
    }
