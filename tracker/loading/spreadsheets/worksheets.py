"""Sheets for people to fill in: an empty register, and a department's clauses for the yearly collection."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import select, union

from tracker.codes import RECORDED_STATUS, Label, Lang
from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.errors import Conflict, NotFound, TrackerError, nearest
from tracker.formulas import put_text
from tracker.loading.spreadsheets.delimited import csv_text
from tracker.loading.spreadsheets.sheet_columns import (
    COLUMNS,
    EVIDENCE,
    FOLLOW_UP_COLUMNS,
    NO_CHANGE,
    Column,
    labels_of,
)
from tracker.loading.spreadsheets.tables import ENDINGS, letters
from tracker.models import Agreement, AgreementParty, Clause, FollowUp, Party, Resource
from tracker.models.values import AgreementValues, ClauseValues, FollowUpValues, V
from tracker.queries.lists import pages
from tracker.queries.names import name_in
from tracker.queries.representation import reading, stored
from tracker.services.statuses import last, stored_findings

if TYPE_CHECKING:
    from openpyxl import Workbook

CODES = ("코드", "Codes")
"""The sheet with the codes, in each language; loading passes it over."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a worksheet: what it is, its heading, its codes, whether a person fills it in."""

    name: str
    text: str
    width: int
    words: tuple[str, ...] = ()
    filled_in: bool = True
    hidden: bool = False


_SHOWN = (
    Column("clause", Label("Clause ID", "조항 ID"), width=10),
    Column("seen", Label("Report seen", "기준 보고"), width=10),
    replace(COLUMNS["agreement.title"], width=34),
    replace(COLUMNS["agreement.parties"], width=26),
    replace(COLUMNS["agreement.signed_on"], width=12),
    replace(COLUMNS["clause.text"], width=50),
    replace(COLUMNS["clause.due"], width=12),
    replace(COLUMNS["department"], width=16),
    Column("reported", Label("Last reported", "최근 보고 상태"), width=15),
    Column("reported_on", Label("Reported as of", "최근 보고 기준일"), width=12),
    Column("checked", Label("Report checked", "최근 보고 점검일"), width=12),
    Column("verified", Label("Verified", "검증 상태"), width=15),
)
_FILLED_IN = [column for column in (*FOLLOW_UP_COLUMNS, EVIDENCE) if column.in_template]
_HIDDEN = ("clause", "seen")
_NEW = Label("New: ", "새 ")
NO_REPORT = "-"
"""What the hidden column says where nothing was reported yet."""


def collection_headings(lang: Lang) -> list[Heading]:
    """Return the columns of a department's worksheet."""
    shown = [
        Heading(
            column.name, column.heading(lang), column.width, filled_in=False, hidden=column.name in _HIDDEN
        )
        for column in _SHOWN
    ]
    for column in _FILLED_IN:
        words = _words(column, lang)
        if column.field == "status":
            words = (NO_CHANGE.text(lang), *words)
        shown.append(Heading(column.name, _NEW.text(lang) + column.heading(lang), column.width, words))
    return shown


def write_template(path: Path, *, lang: Lang = "ko", bom: bool = False, force: bool = False) -> None:
    """Write an empty register with its codes, .xlsx or .csv by the path's ending; raises TrackerError."""
    headings = [
        Heading(column.name, column.heading(lang), column.width, _words(column, lang))
        for column in COLUMNS.values()
        if column.in_template
    ]
    title = "협약 대장" if lang == "ko" else "Register"
    _write(path, title, headings, [], lang, bom=bom, force=force)


def write_collection(
    database: Database,
    department: str,
    path: Path,
    *,
    lang: Lang = "ko",
    bom: bool = False,
    force: bool = False,
) -> int:
    """Write a department's clauses with their last statuses and room for new ones; give how many.

    Raises NotFound where no clause has the department, and TrackerError where the file cannot be written.
    """
    rows = [_row(database, clause, lang) for clause in _clauses(database, department)]
    if not rows:
        known = [row[0] for row in database.rows(_DEPARTMENTS)]
        hint = nearest(department, known) or (f"known are {', '.join(known[:10])}" if known else None)
        raise NotFound(f"no clause is in the charge of the department `{department}`", hint=hint)
    title = "이행현황" if lang == "ko" else "Follow-ups"
    _write(path, title, collection_headings(lang), rows, lang, bom=bom, force=force)
    return len(rows)


def department_of(clause: ClauseValues, agreement: AgreementValues) -> str | None:
    """Return the department in charge of a clause: its own, else that of the agreement's only party with one."""
    if clause["department"] is not None:
        return clause["department"]
    departments = {party["department"] for party in agreement["parties"]} - {None}
    return departments.pop() if len(departments) == 1 else None


def _words(column: Column, lang: Lang) -> tuple[str, ...]:
    return () if column.codelist is None else tuple(labels_of(column.codelist, lang))


def _clauses(database: Database, department: str) -> Iterator[ClauseValues]:
    """Yield the clauses in the charge of a department, as readers see them."""
    shape = reading(Clause)
    for rows in pages(database, Clause, [], fixed={"department": department}):
        yield from (cast("ClauseValues", shape.values(row)) for row in rows)


def _row(database: Database, clause: ClauseValues, lang: Lang) -> dict[str, str]:
    """Return what the worksheet shows of a clause, by the names of its columns."""
    agreement = _existing(database, Agreement, clause["agreement"])
    reported = last(stored_findings(database.rows, [clause["id"]]).get(clause["id"], ()), "reported")
    report: FollowUpValues = {} if reported is None else _existing(database, FollowUp, reported.id)
    parties = [_existing(database, Party, party["party"]) for party in agreement["parties"]]
    values = {
        "clause": clause["id"],
        "seen": report.get("id", NO_REPORT),
        "agreement.title": agreement["title"],
        "agreement.parties": "\n".join(name_in(lang, party["name"], party["names"]) for party in parties),
        "agreement.signed_on": agreement["signed_on"],
        "clause.text": clause["text"],
        "clause.due": clause["due"],
        "department": department_of(clause, agreement),
        "reported": report and RECORDED_STATUS.label(report["status"], lang),
        "reported_on": report.get("effective_on"),
        "checked": report.get("checked_on"),
        "verified": clause["verified_status"] and RECORDED_STATUS.label(clause["verified_status"], lang),
    }
    return {name: str(value) for name, value in values.items() if value}


def _existing(database: Database, model: type[Resource[V]], id: str) -> V:
    values = stored(database.rows, model, id)
    assert values is not None
    return values


def _write(
    path: Path,
    title: str,
    headings: Sequence[Heading],
    rows: Sequence[dict[str, str]],
    lang: Lang,
    *,
    bom: bool,
    force: bool,
) -> None:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise TrackerError(
            f"`{path}` is not named like a spreadsheet", hint=f"end it in {' or '.join(ENDINGS)}"
        )
    if path.exists() and not force:
        hint = "choose another name, or say --force to lose what was filled in there"
        raise Conflict(f"`{path}` is there already", hint=hint)
    if ending == ".csv":
        lines = [[heading.text for heading in headings]]
        lines += [[row.get(heading.name, "") for heading in headings] for row in rows]
        text = ("\ufeff" if bom else "") + csv_text(iter(lines))
        put_file(path, lambda place: place.write_bytes(text.encode()))
        return
    book = _book(title, headings, rows, lang)
    put_file(path, book.save)


def put_file(path: Path, save: Callable[[Path], object]) -> None:
    """Write a file whole or not at all."""
    try:
        number, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(number)
        try:
            save(Path(made))
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(made, 0o666 & ~mask)
            os.replace(made, path)
        except BaseException:
            os.unlink(made)
            raise
    except OSError as error:
        raise TrackerError(f"`{path}` cannot be written: {error.strerror or error}") from None


def _book(title: str, headings: Sequence[Heading], rows: Sequence[dict[str, str]], lang: Lang) -> Workbook:
    from tracker.loading.spreadsheets.workbooks import required

    openpyxl = required()
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    book: Workbook = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    is_collection = any(not heading.filled_in for heading in headings)
    dark, light = PatternFill("solid", fgColor="1F3864"), PatternFill("solid", fgColor="EDEDED")
    for column, heading in enumerate(headings, start=1):
        top = sheet.cell(1, column, heading.text)
        top.font, top.fill = Font(bold=True, color="FFFFFF"), dark
        top.alignment = Alignment(wrap_text=True, vertical="center")
        dimension = sheet.column_dimensions[letters(column)]
        dimension.width, dimension.hidden, dimension.number_format = heading.width, heading.hidden, "@"
        if is_collection and heading.filled_in:
            dimension.protection = Protection(locked=False)
    for line, row in enumerate(rows, start=2):
        for column, heading in enumerate(headings, start=1):
            cell = sheet.cell(line, column)
            put_text(cell, row.get(heading.name))
            cell.number_format, cell.alignment = "@", Alignment(wrap_text=True, vertical="top")
            if heading.filled_in:
                cell.protection = Protection(locked=False)
            else:
                cell.fill = light
    sheet.freeze_panes = "A2"
    _add_codes(book, headings, lang, len(rows) + 1 if is_collection else 5_000)
    if is_collection:
        sheet.auto_filter.ref = f"A1:{letters(len(headings))}{len(rows) + 1}"
        protection = sheet.protection
        protection.sheet = True
        # Against slips, not against people: there is no password.
        protection.formatColumns = protection.formatRows = protection.autoFilter = False
    return book


def _add_codes(book: Workbook, headings: Sequence[Heading], lang: Lang, last_row: int) -> None:
    """Add the sheet of codes, and let the cells of their columns offer them down to a row."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.datavalidation import DataValidation

    codes = book.create_sheet(CODES[0 if lang == "ko" else 1])
    with_codes = [(column, heading) for column, heading in enumerate(headings, start=1) if heading.words]
    for codes_column, (column, heading) in enumerate(with_codes, start=1):
        letter = letters(codes_column)
        codes.cell(1, codes_column, heading.text).font = Font(bold=True)
        codes.column_dimensions[letter].width = 22
        for row, word in enumerate(heading.words, start=2):
            put_text(codes.cell(row, codes_column), word)
        span = f"'{codes.title}'!${letter}$2:${letter}${len(heading.words) + 1}"
        offer = DataValidation("list", formula1=span, allow_blank=True, showErrorMessage=True)
        offer.add(f"{letters(column)}2:{letters(column)}{last_row}")
        book.worksheets[0].add_data_validation(offer)


_DEPARTMENTS = Statement(
    union(
        select(Clause.department).where(Clause.department.is_not(None)),
        select(AgreementParty.department).where(AgreementParty.department.is_not(None)),
    )
)
