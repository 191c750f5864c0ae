"""A report as a workbook (.xlsx)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tracker.errors import TrackerError
from tracker.formulas import put_text
from tracker.reports.content import Report
from tracker.reports.document import Document, Table, text_of
from tracker.reports.register import clause_sheet, register_sheet
from tracker.reports.sections import document
from tracker.reports.words import Words

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_LONGEST_TITLE = 31
_ON_OTHER_SHEETS = ("figures", "by_status", "annex")
"""The sections that the first sheets of a workbook hold."""


def workbook(report: Report) -> bytes:
    """Return a report as a workbook: a sheet of figures, the register, the clauses, one for each list.

    Raises TrackerError where the extra `excel` is not installed.
    """
    if not can_write_workbooks():
        hint = "pip install openpyxl, or take csv, html or md"
        raise TrackerError("workbooks (.xlsx) need the extra `excel`", hint=hint)
    from openpyxl import Workbook

    words = Words(report["lang"])
    content = document(report)
    book = Workbook()
    _add_styles(book)
    _add_figures(book, content)
    _add_table(book, "annex", register_sheet(report, words), words)
    _add_table(book, "promises", clause_sheet(report, words), words)
    for section in content.sections:
        if section.table is not None and section.key not in _ON_OTHER_SHEETS:
            _add_table(book, section.key, section.table, words, scale=1.6, empty=section.empty)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def can_write_workbooks() -> bool:
    """Return whether the extra `excel` is installed."""
    return find_spec("openpyxl") is not None


def _add_figures(book: Workbook, content: Document) -> None:
    """Fill the first sheet: what the report is of, and its figures."""
    from openpyxl.styles import Font

    sheet = book.worksheets[0]
    sheet.title = content.words("figures")
    lines: list[Sequence[str]] = [[content.title], *content.meta]
    bold = [1]
    for section in content.sections[:2]:
        lines += [[], [section.title]]
        bold.append(len(lines))
        if section.table is not None:
            lines.append([content.words(column.heading) for column in section.table.columns])
            bold.append(len(lines))
            lines += [[text_of(cell) for cell in row] for row in section.table.rows]
    for row, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            put_text(sheet.cell(row, column), text)
            if row in bold or (column == 1 and row <= len(content.meta) + 1):
                sheet.cell(row, column).font = Font(bold=True, size=14 if row == 1 else 11)
    for letter, width in zip("ABC", (34, 50, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    _set_print(sheet)


def _add_table(
    book: Workbook, title: str, table: Table, words: Words, *, scale: float = 1, empty: str = ""
) -> None:
    """Add a sheet: headings that stay and are printed on every page, texts wrapped, every cell a text.

    ``scale`` makes widths on paper (in percent) widths of a sheet (in characters).
    """
    from openpyxl.utils import get_column_letter

    # openpyxl refuses what no title can hold, and tells sheets of one title apart by a number.
    sheet: Worksheet = book.create_sheet(words(title)[:_LONGEST_TITLE])
    rows = [[words(column.heading) for column in table.columns], *table.rows]
    for line, row in enumerate(rows, start=1):
        for number, cell in enumerate(row, start=1):
            put_text(sheet.cell(line, number), text_of(cell))
            sheet.cell(line, number).style = "heading" if line == 1 else "entry"
    for number, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(8, column.width * scale)
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    if table.rows:
        sheet.auto_filter.ref = sheet.dimensions
    elif empty:
        put_text(sheet["A2"], empty)
    _set_print(sheet)


def _add_styles(book: Workbook) -> None:
    """Add the styles of headings and entries: setting one by name costs a tenth of styling each cell."""
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side

    line = Side(style="thin", color="999999")
    border = Border(line, line, line, line)
    grey = PatternFill("solid", fgColor="E8E8E8")
    middle, top = (Alignment(wrap_text=True, vertical=vertical) for vertical in ("center", "top"))
    book.add_named_style(NamedStyle("heading", Font(bold=True), grey, border, middle))
    book.add_named_style(NamedStyle("entry", border=border, alignment=top))


def _set_print(sheet: Worksheet) -> None:
    """Let a sheet print on A4, landscape, as wide as a page, with page numbers."""
    from openpyxl.worksheet.properties import PageSetupProperties

    setup = sheet.page_setup
    setup.orientation, setup.paperSize = sheet.ORIENTATION_LANDSCAPE, int(sheet.PAPERSIZE_A4)
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.oddFooter is not None:  # as its stubs allow
        sheet.oddFooter.right.text = "&P / &N"
