"""Cells are what they show: formats, escapes, hidden rows, what a program has destroyed, and what is left out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.loads import state
from tests.test_worksheets import loaded, refused
from tracker.database.engine import Database
from tracker.dates import NotADate
from tracker.errors import Malformed
from tracker.formulas import put_text
from tracker.loading.spreadsheets.delimited import read_csv
from tracker.loading.spreadsheets.files import read_tables
from tracker.loading.spreadsheets.number_formats import shown_number
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.tables import Cell, Table, listed

TODAY = "2026-11-24"
HEADINGS = ["관리번호", "협약명", "체결일", "기관", "부서", "내용"]
MAP = """
rows: agreement
split: marks
columns: {관리번호: agreement.identifier, 협약명: agreement.title, 체결일: agreement.signed_on, 기관: agreement.parties, 부서: department, 내용: clause.text}
defaults: {agreement.kind: mou}
"""
ROW = ["2021-7", "등대 협약", "2021. 7. 1.", "물빛시", "항만과", "등대를 고친다"]


def book(*rows: list[Any], change: Callable[[Any], object] = lambda _: None, epoch: Any = None) -> None:
    made = openpyxl.Workbook()
    if epoch is not None:
        made.epoch = epoch
    sheet: Any = made.active
    sheet.title = "협약"
    for row in (HEADINGS, *rows):
        sheet.append(row)
    change(made)
    made.save("a.xlsx")


def rewrite(old: str, new: str, member: str = "xl/worksheets/sheet1.xml") -> None:
    with zipfile.ZipFile("a.xlsx") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in members if re.fullmatch(member, name)]
    assert any(old.encode() in members[name] for name in names)
    with zipfile.ZipFile("a.xlsx", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(old.encode(), new.encode()) if name in names else content)


def table() -> Table:
    return read_tables(Path("a.xlsx"), "a.xlsx")[0]


def cell(value: object, number_format: str, epoch: Any = None) -> Cell:
    def change(made: Any) -> None:
        made.active["A2"].number_format = number_format

    book([value], change=change, epoch=epoch)
    return table().lines[1].cells[1]


def csv(*rows: list[str], encoding: str = "utf-8", delimiter: str = ",") -> None:
    text = "".join(delimiter.join(row) + "\n" for row in (HEADINGS, *rows))
    Path("a.csv").write_bytes(text.encode(encoding))


def edited(row: list[Any] = ROW, **changes: Any) -> list[Any]:
    return [changes.get(heading, value) for heading, value in zip(HEADINGS, row, strict=True)]


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (1.1, "0.00", "1.10"),
        (7, "0000", "0007"),
        (20210007, "0000-0000", "2021-0007"),
        (7, '"제"000"호"', "제007호"),
        (7, '"제0"0', "제07"),
        (-3, "0;(0)", "(3)"),
        (1234567, "#,##0", "1,234,567"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.705, "0.0%", "70.5%"),
        (1.5, "0.##", "1.5"),
        (1234, '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', "1,234"),
        (3, "General", None),
        (3, "@", None),
        (1.25, "# ?/?", None),
        (12, "0.00E+00", None),
        (3, "[>=10]0;00", None),
    ],
)
def test_a_number_is_what_its_format_shows(value: float, number_format: str, shown: str | None) -> None:
    assert shown_number(value, number_format) == shown
    assert cell(value, number_format).text == (shown or str(value))


@pytest.mark.parametrize(
    ("number_format", "edtf", "text"),
    [
        ("yyyy-mm-dd", "2021-07-01", "2021-07-01"),
        ("mm-dd-yy", "2021-07-01", "2021-07-01"),
        ("yyyy. m. d. (aaa)", "2021-07-01", "2021-07-01"),
        ("mmm-yy", "2021-07", "Jul-21"),
        ('yyyy"년" m"월"', "2021-07", "2021년 7월"),
        ('[$-412]yyyy"년" m"월";@', "2021-07", "2021년 7월"),
        ("yyyy", "2021", "2021"),
        ("d-mmm", None, "1-Jul"),
        ('m"월" d"일"', None, "7월 1일"),
        ("h:mm", None, "14:05"),
    ],
)
def test_a_date_is_what_its_format_shows(number_format: str, edtf: str | None, text: str) -> None:
    result = cell(datetime.fromisoformat("2021-07-01T14:05"), number_format)
    assert (result.text, result.is_date) == (text, True)
    if edtf is None:
        with pytest.raises(NotADate):
            office_date(result.as_date)
    else:
        assert office_date(result.as_date) == edtf


def test_a_korean_format_that_excel_has_built_in_shows_a_date() -> None:
    book([44378])
    rewrite('<c r="A2"', '<c r="A2" s="1"')
    rewrite(
        "</cellXfs>", '<xf numFmtId="31" fontId="0" fillId="0" borderId="0" /></cellXfs>', "xl/styles.xml"
    )
    result = table().lines[1].cells[1]
    assert (result.value, result.is_date) == (date(2021, 7, 1), True)


def test_only_what_is_read_as_a_date_moves_in_a_workbook_from_1904(database: Database) -> None:
    book(edited(관리번호=20217, 체결일=44378 - 1462), epoch=CALENDAR_MAC_1904)
    loaded(database, "a.xlsx", MAP)
    (agreement,) = state(database)["agreement"]
    assert (agreement["identifiers"][0]["value"], agreement["signed_on"]) == ("20217", "2021-07-01")


def test_a_month_that_a_cell_shows_is_kept_as_it_shows_it(database: Database) -> None:
    def change(made: Any) -> None:
        made.active["C2"].number_format = "mmm-yy"

    book(edited(체결일=date(2021, 7, 1)), change=change)
    loaded(database, "a.xlsx", MAP)
    (agreement,) = state(database)["agreement"]
    assert (agreement["signed_on"], agreement["signed_as_printed"]) == ("2021-07", "Jul-21")


def test_a_day_seconds_before_midnight_is_refused_where_the_cell_hides_it(database: Database) -> None:
    def change(made: Any) -> None:
        made.active["C2"].number_format = "yyyy-mm-dd"

    book(edited(체결일=datetime.fromisoformat("2021-06-30T23:59:08")), change=change)
    assert refused(database, "a.xlsx", MAP) == [
        "a.xlsx:협약!C2: the cell shows 2021-06-30, but holds 23:59:08 of that day, which may mean 2021-07-01; write the day that is meant"
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("등대_x000D_\n협약", "등대\n협약"),
        ("등대_x000d_협약", "등대\n협약"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "😀"),
        ("_x00e_", "_x00e_"),
    ],
)
def test_escapes_are_the_characters_that_they_stand_for(written: str, read: str) -> None:
    book([written])
    assert table().lines[1].cells[1].text == read


def test_an_escape_that_cannot_be_stored_is_refused() -> None:
    book(["등_x0000_대"])
    fault = table().lines[1].cells[1].fault
    assert fault is not None
    assert fault.detail == "the cell holds a NUL or half of a surrogate pair"


def test_text_that_looks_like_an_escape_goes_out_and_in() -> None:
    book([""], change=lambda made: put_text(made.active["A2"], "a_x000D_b"))
    assert table().lines[1].cells[1].text == "a_x000D_b"


def test_a_formula_that_gives_nothing_is_blank() -> None:
    book(["=A9"])
    rewrite('<c r="A2"', '<c r="A2" t="str"')
    assert [line.number for line in table().lines] == [1]


@pytest.mark.parametrize("text", ["#REF!", "#N/A", "#SPILL!", "Err:502", "#######", "2.02E+11", "1E+05"])
def test_what_a_program_has_destroyed_is_refused_in_csv_and_workbooks(database: Database, text: str) -> None:
    csv(edited(관리번호=text))
    book(edited(관리번호=text))
    for path in ("a.csv", "a.xlsx"):
        (fault,) = refused(database, path, MAP)
        assert text in fault


def test_a_number_with_more_digits_than_a_spreadsheet_keeps_is_refused(database: Database) -> None:
    book(edited(관리번호=20210701000100012))
    (fault,) = refused(database, "a.xlsx", MAP)
    assert "more than 15 digits" in fault


@pytest.mark.parametrize("text", ["Jul-21", "1-Jul", "07월 01일"])
def test_a_number_that_a_program_has_made_a_date_is_refused_in_csv(database: Database, text: str) -> None:
    csv(edited(관리번호=text))
    (fault,) = refused(database, "a.csv", MAP)
    assert f"turned `관리번호` into the date {text}" in fault


def test_hidden_rows_and_sheets_are_left_out_and_said(database: Database) -> None:
    def change(made: Any) -> None:
        for row in (3, 4, 6):
            made.active.row_dimensions[row].hidden = True
        made.create_sheet("삭제분").sheet_state = "hidden"

    rows = [edited(관리번호=f"2021-{number}", 협약명=f"협약 {number}") for number in range(2, 7)]
    book(*rows, change=change)
    notes = loaded(database, "a.xlsx", MAP).notes
    assert [agreement["title"] for agreement in state(database)["agreement"]] == ["협약 2", "협약 5"]
    assert notes[:2] == [
        "a.xlsx: hidden sheets are not loaded: 삭제분",
        "a.xlsx:협약: hidden rows are not loaded: 3–4, 6",
    ]


def test_a_hidden_row_still_says_what_is_merged_from_it() -> None:
    def change(made: Any) -> None:
        made.active.merge_cells("A2:A3")
        made.active.row_dimensions[2].hidden = True

    book(["2021-7", "하나"], [None, "둘"], change=change)
    assert [each.text for each in table().lines[1].cells.values()] == ["2021-7", "둘"]


def test_a_workbook_of_which_nothing_is_to_be_seen_says_what_is_hidden(database: Database) -> None:
    book(ROW)
    rewrite('state="visible"', 'state="hidden"', "xl/workbook.xml")
    assert refused(database, "a.xlsx", MAP) == [
        "a.xlsx:1:1: every sheet of `a.xlsx` is hidden: 협약; unhide the sheet that is to be read"
    ]


def test_a_strict_workbook_is_read() -> None:
    book(ROW)
    for kind, strict in (("spreadsheetml/2006/main", "spreadsheetml/main"),
                         ("officeDocument/2006/relationships", "officeDocument/relationships")):  # fmt: skip
        rewrite(
            f"http://schemas.openxmlformats.org/{kind}",
            f"http://purl.oclc.org/ooxml/{strict}",
            r".*\.(xml|rels)",
        )
    assert [each.text for each in table().lines[1].cells.values()] == ROW


def test_a_sheets_name_is_composed(database: Database) -> None:
    book(ROW, change=lambda made: setattr(made.active, "title", normalize("NFD", "협약")))
    loaded(database, "a.xlsx", f"sheet: 협약\n{MAP}")
    assert len(state(database)["agreement"]) == 1


@pytest.mark.parametrize("word", ["-", "–", "미정", "해당없음", "해당 없음", "N/A", "추후 결정"])
def test_a_cell_that_says_nothing_is_blank(database: Database, word: str) -> None:
    book(edited(체결일=word, 부서=word, 기관=word))
    loaded(database, "a.xlsx", MAP)
    (agreement,) = state(database)["agreement"]
    assert (agreement["signed_on"], agreement["parties"]) == (None, [])


def test_a_line_break_in_a_field_of_one_line_is_a_space(database: Database) -> None:
    book(edited(부서="항만\n관리과"))
    loaded(database, "a.xlsx", MAP)
    assert state(database)["clause"][0]["department"] == "항만 관리과"


def test_cells_beyond_the_headings_are_refused_unless_blank(database: Database) -> None:
    csv([*ROW[:3], "물빛시", " 바다시", *ROW[4:]], [*edited(관리번호="2021-8"), "", ""])
    assert refused(database, "a.csv", MAP) == [
        "a.csv:2:1: 7 cells stand under 6 headings; put the cell that holds the separator in quotes"
    ]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
@pytest.mark.parametrize("above", ["", "협약 현황, 2021년, 7월\n"])
def test_the_row_of_the_headings_says_what_separates_the_cells(delimiter: str, above: str) -> None:
    texts = ["등대, 부두, 방파제; 그리고, 또, 더; 하나", "갈매기; 파도; 바람, 비"]
    quoted = [f'"{text}"' if delimiter in text else text for text in texts]
    rows = "".join(delimiter.join([*ROW[:5], text]) + "\n" for text in quoted)
    read = read_csv("a.csv", f"{above}{delimiter.join(HEADINGS)}\n{rows}".encode())
    assert [line.cells[6].text for line in read.lines[-2:]] == texts


def test_an_encoding_that_was_found_out_is_named() -> None:
    western = "Nr;Titel;Stadt\n1;Freundschaft – Ärzte für Zürich;Zürich\n2;It’s a café;Genève\n"
    for text, encoding, called in (
        (",".join(HEADINGS), "cp949", "a.csv is read as CP949 (Korean Windows)"),
        (western, "cp1252", "a.csv is read as Windows-1252 (Western European)"),
    ):
        read = read_csv("a.csv", text.encode(encoding))
        assert read.notes == [called]
        assert read.lines[0].cells[1].text in ("관리번호", "Nr")
    assert read.lines[1].cells[2].text == "Freundschaft – Ärzte für Zürich"


def test_a_text_that_two_encodings_fit_is_refused() -> None:
    with pytest.raises(
        Malformed, match=re.escape("the text may be CP949 (`x,容 y`) or Windows-1252 (`x,é» y`)")
    ):
        read_csv("a.csv", b"x,\xe9\xbb y\n")


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("2020. 8월", "2020-08"),
        ("2023.12월", "2023-12"),
        ("'20.8월", "2020-08"),
        ("2020. 8월.", "2020-08"),
        ("Aug-20", "2020-08"),
        ("'68. 9. 9.", "1968-09-09"),
        ("66년 6월 30일", "1966-06-30"),
        ("67. 12. 18.", "1967-12-18"),
        ("68.9.9", "1968-09-09"),
        ("67/12/18", "1967-12-18"),
        ("'26. 1. 2.", "2026-01-02"),
    ],
)
def test_a_month_and_a_year_that_cannot_lie_ahead_are_read(written: str, edtf: str) -> None:
    assert office_date(written, today=TODAY) == edtf


def test_a_year_of_two_digits_that_is_neither_past_nor_long_ago_is_refused() -> None:
    with pytest.raises(NotADate, match="write the year with four digits"):
        office_date("'27. 1. 1.", today=TODAY)


@pytest.mark.parametrize(
    ("written", "starts", "ends"),
    [
        ("체결일로부터 3년", "2021-07-01", "2024-07-01"),
        ("협약체결일부터 2년간", "2021-07-01", "2023-07-01"),
        ("3년", "2021-07-01", "2024-07-01"),
        ("18개월", "2021-07-01", "2023-01-01"),
        ("2025.12.31까지", None, "2025-12-31"),
        ("체결일 ~ 2025. 12월", "2021-07-01", "2025-12"),
        ("2021. 8. 1.부터 1년", "2021-08-01", "2022-08-01"),
        ("2021. 8. 1. ~ 2022. 7. 31.(1년씩 자동연장)", "2021-08-01", None),
        ("2021. 8. 1. ~ 해지 시까지", "2021-08-01", None),
        ("무기한", None, None),
    ],
)
def test_a_period_may_be_counted_from_the_day_of_signing(
    written: str, starts: str | None, ends: str | None
) -> None:
    assert office_period(written, signed_on="2021-07-01")[:2] == (starts, ends)


def test_a_period_without_a_day_to_count_from_has_no_dates() -> None:
    assert office_period("3년")[:2] == (None, None)
    assert office_period("'66.6.30~'68.6.29", signed_on="1966-06-30")[:2] == ("1966-06-30", "1968-06-29")


def test_notes_sections_and_sums_are_no_agreements_and_are_said(database: Database) -> None:
    book(
        ["□ 바다 분야"],
        ROW,
        HEADINGS,
        [None, "등대 이야기"],
        ["소계(1건)", None, None, None, None, "1"],
        edited(관리번호="2021-8", 협약명="부두 협약"),
        ["※ 2021. 12. 31. 기준"],
        ["자료: 항만과"],
        ["어느 것도 아닌 말"],
    )
    notes = loaded(database, "a.xlsx", MAP).notes
    assert [agreement["title"] for agreement in state(database)["agreement"]] == ["등대 협약", "부두 협약"]
    assert [note for note in notes if "not loaded" in note] == [
        "a.xlsx:협약!A2: `□ 바다 분야` is a note or the heading of a section: not loaded",
        "a.xlsx:협약!A4: the row repeats the headings: not loaded",
        "a.xlsx:협약!B5, a.xlsx:협약!A10: rows that fill only one cell are no agreements: not loaded",
        "a.xlsx:협약!A6: the row `소계(1건)` is a sum: not loaded",
        "a.xlsx:협약!A8: `※ 2021. 12. 31. 기준` is a note or the heading of a section: not loaded",
        "a.xlsx:협약!A9: `자료: 항만과` is a note or the heading of a section: not loaded",
    ]


def test_clauses_under_a_section_do_not_go_to_the_agreement_above_it(database: Database) -> None:
    book(ROW, ["□ 하늘 분야"], [None, None, None, None, None, "연을 날린다"])
    assert refused(database, "a.xlsx", MAP.replace("rows: agreement", "rows: clause")) == [
        "a.xlsx:협약!F4: no agreement stands in this row, and the row above it is none; write the agreement's number or title in this row"
    ]


def test_numbers_are_listed_as_people_do() -> None:
    assert listed([9, 4, 7, 8]) == "4, 7–9"
    assert listed(range(1, 40, 2), most=3) == "1, 3, 5 and 17 more"
