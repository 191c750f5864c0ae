"""A report for spreadsheets: the register as CSV, and all of it as a workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from tracker import codes
from tracker.errors import TrackerError
from tracker.formulas import harmless, put_text
from tracker.reports.document import Document, document, made_at
from tracker.reports.parts import Section, Values, text_of
from tracker.reports.register import changes, in_charge, progress, review, series, told_of_ending
from tracker.reports.words import Words

_LONGEST_NAME = 31
_ELSEWHERE = ("figures", "by_status", "annex")
"""The sections that the first sheets of a workbook hold."""


def register_csv(report: Values) -> bytes:
    """Give the register as CSV (RFC 4180, UTF-8): a row for each agreement, no cell a formula.

    Each row ends with what the report is of, so that a row copied out of it still says it.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    headings, rows = _register_rows(report, Words(report["lang"]))
    writer.writerow(headings)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8", "replace")


def _register_rows(report: Values, words: Words) -> tuple[list[str], list[list[str]]]:
    headings = [
        words(key)
        for key in (
            "id", "agreement", "kind", "series", "signed_on", "counterparty", "main_contents", "progress",
            "clauses", "fulfilment", "coverage", "department", "changes", "review", "term", "lifecycle", "ended_on",
            "end_reason", "council", "council_told", "as_of", "made_at", "history_short",
        )
    ]  # fmt: skip
    history = report["history"]
    made = [report["as_of"], made_at(report), f"{history['place']}-{history['digest']}"]
    return headings, [[*_register_row(each, words), *made] for each in report["register"]]


def _register_row(agreement: Values, words: Words) -> list[str]:
    total = agreement["summary"]
    term = (agreement["starts"] or "", agreement["ends"] or "")
    ended = agreement["lifecycle"] in ("terminated", "cancelled")
    return [
        agreement["id"],
        agreement["title"],
        words.label(codes.AGREEMENT_KIND, agreement["kind"]),
        series(agreement, words),
        agreement["signed_on"] or "",
        "\n".join(agreement["counterparties"]),
        "\n".join(
            f"{clause['number']}. {clause['text']} [{words.status(clause['status'], clause['basis'])}]"
            for clause in agreement["clauses"]
        ),
        progress(agreement, words),
        str(total["total"]),
        words.rate(total["fulfilment"], reported=total["basis"] == "reported"),
        words.rate(total["coverage"]),
        "\n".join(agreement["lead_departments"]),
        changes(agreement, words),
        review(agreement, words),
        words("to", starts=term[0], ends=term[1]) if any(term) else "",
        words.label(codes.LIFECYCLE, agreement["lifecycle"]),
        agreement["ended_on"] or "",
        words.label(codes.END_REASON, agreement["end_reason"]),
        agreement["council_reported_on"] or "",
        told_of_ending(agreement, words) if ended else "",
    ]


def workbook(report: Values) -> bytes:
    """Give a report as a workbook (.xlsx): a sheet of figures, the register, the clauses, one for each list.

    Raises TrackerError where the extra `excel` is not installed.
    """
    openpyxl = _required()
    words = Words(report["lang"])
    found = document(report)
    book = openpyxl.Workbook()
    _add_styles(book)
    _first_sheet(book.active, found)
    headings, rows = _register_rows(report, words)
    widths = [18, 40, 14, 24, 12, 24, 60, 40, 8, 26, 26, 18, 30, 30, 24, 10, 12, 16, 14, 24, 12, 22, 24]
    _sheet(book, words("annex"), headings, rows, widths)
    _sheet(book, words("promises"), *_clauses(report, words))
    for section in found.sections:
        if section.table is not None and section.key not in _ELSEWHERE:
            table = section.table
            cells = [[text_of(cell) for cell in row] for row in table.rows]
            wide = [max(8, column.width * 1.6) for column in table.columns]
            title = words(section.key)
            _sheet(book, title, [column.heading for column in table.columns], cells, wide, section)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def can_write_workbooks() -> bool:
    """Whether the extra `excel` is installed."""
    return find_spec("openpyxl") is not None


def _required() -> Any:
    if not can_write_workbooks():
        hint = "pip install openpyxl, or take csv, html or md"
        raise TrackerError("workbooks (.xlsx) need the extra `excel`", hint=hint)
    import openpyxl

    return openpyxl


def _first_sheet(sheet: Any, found: Document) -> None:
    from openpyxl.styles import Font

    sheet.title = _name(found.words("figures"), set())
    lines: list[Sequence[str]] = [[found.title], *found.meta]
    bold = [1]
    for section in found.sections[:2]:
        lines += [[], [section.title]]
        bold.append(len(lines))
        if section.table is not None:
            lines.append([column.heading for column in section.table.columns])
            bold.append(len(lines))
            lines += [[text_of(cell) for cell in row] for row in section.table.rows]
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            put_text(sheet.cell(row, column), text)
            if row in bold or (column == 1 and row <= len(found.meta) + 1):
                sheet.cell(row, column).font = Font(bold=True, size=14 if row == 1 else 11)
    for letter, width in zip("ABC", (34, 50, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    _printed(sheet)


def _clauses(report: Values, words: Words) -> tuple[list[str], list[list[str]], list[float]]:
    columns = {
        "id": 24, "agreement": 36, "clause": 8, "clause_text": 50, "department": 16, "status": 24, "reported": 14,
        "verified_column": 14, "since": 12, "met_on": 12, "due": 14, "schedule": 14, "overdue_since": 14,
        "reviewed_on": 12, "next_review_on": 12, "freshness": 20, "reason": 14, "note": 40, "next_steps": 40,
    }  # fmt: skip
    rows = [
        [
            clause["id"],
            agreement["title"],
            str(clause["number"]),
            clause["text"],
            in_charge(agreement, clause),
            words.status(clause["status"], clause["basis"]),
            words.status(clause["reported_status"]),
            words.status(clause["verified_status"]),
            clause["since"] or "",
            clause["met_on"] or "",
            clause["due"] or "",
            words.label(codes.SCHEDULE, clause["schedule"]),
            clause["overdue_since"] or "",
            clause["reviewed_on"] or "",
            clause["next_review_on"] or "",
            words.label(codes.FRESHNESS, clause["freshness"]),
            words.label(codes.REASON, clause["reason"]),
            clause["note"] or "",
            clause["next_steps"] or "",
        ]
        for agreement in report["register"]
        for clause in agreement["clauses"]
    ]
    return [words(key) for key in columns], rows, list(map(float, columns.values()))


def _sheet(
    book: Any,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    section: Section | None = None,
) -> None:
    """Add a sheet: headings that stay and are printed on every page, texts wrapped, every cell a text."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_name(title, {each.title for each in book.worksheets}))
    for column, (heading, width) in enumerate(zip(headings, widths, strict=True), start=1):
        cell = sheet.cell(1, column)
        put_text(cell, heading)
        cell.style = "heading"
        sheet.column_dimensions[get_column_letter(column)].width = width
    for line, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            cell = sheet.cell(line, column)
            put_text(cell, text)
            cell.style = "entry"
    if not rows and section is not None:
        put_text(sheet.cell(2, 1), section.empty)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    if rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{len(rows) + 1}"
    _printed(sheet)


def _add_styles(book: Any) -> None:
    """Add the styles of headings and entries; said by name, they cost a tenth of what styling each cell does."""
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

    line = Side(style="thin", color="999999")
    border = Border(line, line, line, line)
    book.add_named_style(
        NamedStyle(
            "heading",
            font=Font(bold=True),
            fill=PatternFill("solid", fgColor="E8E8E8"),
            border=border,
            alignment=Alignment(wrap_text=True, vertical="center"),
        )
    )
    book.add_named_style(
        NamedStyle("entry", border=border, alignment=Alignment(wrap_text=True, vertical="top"))
    )


def _printed(sheet: Any) -> None:
    """Let a sheet print on A4, landscape, as wide as a page, with page numbers."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.right.text = "&P / &N"


def _name(title: str, taken: set[str]) -> str:
    """Give a sheet's name: what a workbook allows, and not there yet."""
    plain = "".join("-" if letter in "[]:*?/\\'" else letter for letter in title)[:_LONGEST_NAME]
    name, number = plain, 2
    while name.lower() in {each.lower() for each in taken}:
        end = f" {number}"
        name, number = plain[: _LONGEST_NAME - len(end)] + end, number + 1
    return name
