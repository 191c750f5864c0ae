"""Spreadsheets as they are read: dates, marks, names, cells with their places, and what is no spreadsheet."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import offices
from tests.loads import TOWN, told
from tests.test_cli import tracker
from tracker import dates
from tracker.database.engine import Database
from tracker.dates import NotADate
from tracker.errors import Malformed, Place
from tracker.formulas import harmless, unquoted
from tracker.kinds import ID
from tracker.loading.spreadsheets import tables, workbooks
from tracker.loading.spreadsheets.cell_document import CellValue
from tracker.loading.spreadsheets.column_map import ColumnMap, parse_map
from tracker.loading.spreadsheets.delimited import csv_text, read_csv
from tracker.loading.spreadsheets.files import read_tables
from tracker.loading.spreadsheets.numbering import Numbering, RegisterClause, StoredClause
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.splitting import parts
from tracker.loading.spreadsheets.tables import Table
from tracker.romanisation import romanised, slug

TODAY = "2026-11-24"
NO_SURPRISE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@pytest.mark.parametrize(
    ("written", "edtf"),
    [
        ("2020. 8. 31.", "2020-08-31"),
        ("2020. 8. 31", "2020-08-31"),
        ("2020.8.31.(월)", "2020-08-31"),
        ("20.8.31", "2020-08-31"),
        ("20.8.31.", "2020-08-31"),
        ("'20.8.31.", "2020-08-31"),
        ("’08.09.20", "2008-09-20"),
        ("08. 9. 20.", "2008-09-20"),
        ("'99. 1. 1.", "1999-01-01"),
        ("2020.08", "2020-08"),
        ("2020. 1.", "2020-01"),
        ("2020년 8월 31일", "2020-08-31"),
        ("2020년8월", "2020-08"),
        ("20년 8월 31일", "2020-08-31"),
        ("2020년", "2020"),
        ("2020", "2020"),
        ("2020/8/31", "2020-08-31"),
        ("2020-8-31", "2020-08-31"),
        ("20200831", "2020-08-31"),
        ("31.8.2020", "2020-08-31"),
        ("8/31/2020", "2020-08-31"),
        ("2020-08~", "2020-08~"),
        ("XXXX-XX-31", "XXXX-XX-31"),
        ("2020-08-31/..", "2020-08-31/.."),
        ("２０２０．８．３１．", "2020-08-31"),
        (44074, "2020-08-31"),
        (44074.75, "2020-08-31"),
        (20200831, "2020-08-31"),
        (2020, "2020"),
        (2020.08, "2020-08"),
        (2020.12, "2020-12"),
        (datetime.fromisoformat("2020-08-31T14:00"), "2020-08-31"),
        (date(2020, 8, 31), "2020-08-31"),
    ],
)
def test_dates_as_offices_write_them_are_edtf(written: object, edtf: str) -> None:
    assert office_date(written, today=TODAY) == edtf


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("08/09/20", "may be 2008-09-20 or 2020-09-08 or 2020-08-09"),
        ("08.09.20", "may be 2008-09-20 or 2020-09-08 or 2020-08-09"),
        ("20/8/31", "may be 2020-08-31 or 2031-08-20"),
        ("08/09/2020", "may be 2020-08-09 or 2020-09-08"),
        ("2020.1", "may be January, or October with its zero lost"),
        (2020.1, "may be January, or October with its zero lost"),
        ("20.08", "has no year that can be told from the rest"),
        ("8월 31일", "is not a date"),
        ("2020. 2. 30.", "is not in the calendar"),
        ("2020.13.1", "is not in the calendar"),
        ("2020-08-31-1", "is not a date"),
        ("미정", "is not a date"),
        ("협약체결 후 1년", "is not a date"),
        ("", "is not a date"),
        (12, "is not a day as Excel counts them"),
        (float("inf"), "is not a date"),
        (1e12, "is not a day as Excel counts them"),
        (True, "is not a date"),
        (None, "is not a date"),
        ("٢٠٢٠. 8. 31.", "is not a date"),
        ("2020. ٨. 31.", "is not a date"),
    ],
)
def test_dates_that_are_not_certain_are_refused(written: object, reason: str) -> None:
    with pytest.raises(NotADate, match=re.escape(reason)):
        office_date(written, today=TODAY)


def test_an_office_may_say_that_its_years_stand_first() -> None:
    assert office_date("08/09/20", year_first=True) == "2008-09-20"
    assert office_date("25.12.31", year_first=True) == "2025-12-31"


def test_a_day_that_may_lie_ahead_is_not_told_by_what_is_past() -> None:
    assert office_date("25.12.31", today=TODAY) == "2025-12-31"
    with pytest.raises(NotADate, match="may be 2025-12-31 or 2031-12-25"):
        office_date("25.12.31")


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from([
    "{0}. {1}. {2}.", "{0}.{1}.{2}", "{0}.{1:02}.{2:02}.", "{0}년 {1}월 {2}일", "{0}/{1}/{2}", "{0}-{1:02}-{2:02}",
    "'{3:02}. {1}. {2}.", "{3:02}. {1}. {2}.", "{3:02}년 {1}월 {2}일", "{0}{1:02}{2:02}",
]))  # fmt: skip
def test_every_day_comes_back_from_each_form(day: date, form: str) -> None:
    written = form.format(day.year, day.month, day.day, day.year % 100)
    assert office_date(written) == day.isoformat()


@given(st.one_of(st.text(), st.from_regex(r"'?\d{1,4}[./ -]{1,2}\d{1,4}([./ -]{1,2}\d{1,4})?\.?", fullmatch=True), st.floats(allow_nan=False), st.integers()))  # fmt: skip
def test_whatever_stands_there_is_a_date_of_the_calendar_or_refused(written: object) -> None:
    for read in (office_date, office_period):
        try:
            found = read(written)
        except NotADate:
            continue
        for each in found if isinstance(found, tuple) else (found,):
            assert each is None or dates.parse(each).text == each


@given(st.integers(1, 28), st.integers(1, 28), st.integers(1, 28))
def test_a_date_with_slashes_and_two_digits_is_taken_only_where_no_other_order_fits(
    a: int, b: int, c: int
) -> None:
    possible = set()
    for year, month, day in ((a, b, c), (c, b, a), (c, a, b)):
        if month <= 12:
            possible.add(date(2000 + year, month, day).isoformat())
    written = f"{a:02}/{b:02}/{c:02}"
    if len(possible) == 1:
        assert {office_date(written)} == possible
    else:
        with pytest.raises(NotADate):
            office_date(written)


@pytest.mark.parametrize(
    ("written", "starts", "ends"),
    [
        ("2020. 8. 31.~2023. 8. 30.", "2020-08-31", "2023-08-30"),
        ("2020.8.31. ∼ 2023.8.30.", "2020-08-31", "2023-08-30"),
        ("'20.8.31.～'23.8.30.", "2020-08-31", "2023-08-30"),
        ("2020. 8. 31. ~ 12. 31.", "2020-08-31", "2020-12-31"),
        ("2020년 8월 31일부터 2023년 8월 30일까지", "2020-08-31", "2023-08-30"),
        ("2020.8.31 - 2023.8.30", "2020-08-31", "2023-08-30"),
        ("2020.8~2023.7", "2020-08", "2023-07"),
        ("2020. 8. 31.~", "2020-08-31", None),
        ("~2023. 8. 30.", None, "2023-08-30"),
        ("2020-08-31/2023-08-30", "2020-08-31", "2023-08-30"),
        ("2020-08-31/..", "2020-08-31", None),
    ],
)
def test_a_period_gives_its_two_ends(written: str, starts: str | None, ends: str | None) -> None:
    assert office_period(written)[:2] == (starts, ends)


@pytest.mark.parametrize(
    "written", ["체결일로부터", "2020. 8. 31.", "2023.1.1~2020.1.1", "~", "3년쯤", "년", 44074, None]
)
def test_what_is_no_period_is_refused(written: object) -> None:
    with pytest.raises(NotADate):
        office_period(written)


ROMANISED = """
구미 gumi|영동 yeongdong|백암 baegam|옥천 okcheon|합덕 hapdeok|호법 hobeop|월곶 wolgot|벚꽃 beotkkot|한밭 hanbat
설악 seorak|칠곡 chilgok|임실 imsil|울릉 ulleung|대관령 daegwallyeong|백마 baengma|종로 jongno|왕십리 wangsimni
별내 byeollae|신라 silla|해돋이 haedoji|같이 gachi|좋고 joko|놓다 nota|낳지 nachi|묵호 mukho|집현전 jiphyeonjeon
압구정 apgujeong|낙동강 nakdonggang|죽변 jukbyeon|낙성대 nakseongdae|팔당 paldang|샛별 saetbyeol|울산 ulsan
독립문 dongnimmun|촉석루 chokseongnu|극락전 geungnakjeon|속리산 songnisan|경복궁 gyeongbokgung|불국사 bulguksa
무량수전 muryangsujeon|연화교 yeonhwagyo|안압지 anapji|남한산성 namhansanseong|화랑대 hwarangdae|독도 dokdo
현충사 hyeonchungsa|오죽헌 ojukheon|종묘 jongmyo|다보탑 dabotap|금강 geumgang|광희문 gwanghuimun|부산 busan
충청북도 chungcheongbuk-do|제주도 jeju-do|의정부시 uijeongbu-si|양주군 yangju-gun|도봉구 dobong-gu|서구 seo-gu
신창읍 sinchang-eup|삼죽면 samjuk-myeon|인왕리 inwang-ri|당산동 dangsan-dong|광주광역시 gwangju-gwangyeoksi
서울특별시 seoul-teukbyeolsi|세종특별자치시 sejong-teukbyeoljachisi|전라북도 jeollabuk-do|대구 daegu|제주 jeju
한국전력공사 hangukjeollyeokgongsa|산업연구 saneobyeongu|앉아 anja|않는 anneun|닭이 dalgi|값 gap
"""
"""Examples of the Revised Romanisation's own text, and of names in official use."""


@pytest.mark.parametrize(
    ("hangul", "latin"), [each.split() for each in ROMANISED.strip().replace("\n", "|").split("|")]
)
def test_names_are_romanised_as_in_official_use(hangul: str, latin: str) -> None:
    assert romanised(hangul) == latin


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("(주)카카오", "kakao"),
        ("㈜KT", "kt"),
        ("주식회사 한빛 데이터", "hanbit-deiteo"),
        ("Société Générale", "societe-generale"),
        ("K-DATA / 2020년", "k-data-2020nyeon"),
        ("2020-031", "2020-031"),
        ("···", ""),
        ("가" * 200, "ga" * 40),
    ],
)
def test_an_id_is_made_from_a_name(name: str, id: str) -> None:
    assert slug(name) == id


@given(st.text())
def test_whatever_a_name_is_its_slug_is_an_id_or_nothing(name: str) -> None:
    assert slug(name) == "" or ID.fullmatch(slug(name))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("① 하나 ② 둘 ③ 셋", [("①", "하나"), ("②", "둘"), ("③", "셋")]),
        ("①하나②둘", [("①", "하나"), ("②", "둘")]),
        ("1. 하나\n2. 둘\n - 세부\n3. 셋", [("1.", "하나"), ("2.", "둘\n - 세부"), ("3.", "셋")]),
        ("1) 하나 2) 둘", [("1)", "하나"), ("2)", "둘")]),
        ("(1) 하나\n(2) 둘", [("(1)", "하나"), ("(2)", "둘")]),
        ("1. 2020. 2. 3.까지 완료 2. 둘", [("1.", "2020. 2. 3.까지 완료"), ("2.", "둘")]),
        ("가. 지원한다. 나. 협력한다.", [("가.", "지원한다."), ("나.", "협력한다.")]),
        ("제1조(목적) 하나\n제2조(협력) 둘", [("제1조(목적)", "하나"), ("제2조(협력)", "둘")]),
        ("- 하나\n- 둘", [("-", "하나"), ("-", "둘")]),
        ("· 하나\n· 둘", [("·", "하나"), ("·", "둘")]),
        ("▲하나 ▲둘, ▲셋,", [("▲", "하나"), ("▲", "둘"), ("▲", "셋")]),
        ("② 둘", [("②", "둘")]),
        ("② 둘 ③ 셋", [("②", "둘"), ("③", "셋")]),
        ("5. 다섯째", [("5.", "다섯째")]),
        ("20. 8. 31.까지 한다", [(None, "20. 8. 31.까지 한다")]),
        ("○ 하나\n  - 세부\n○ 둘", [("○", "하나\n  - 세부"), ("○", "둘")]),
        ("협약은 2020. 1. 2. 체결한다", [(None, "협약은 2020. 1. 2. 체결한다")]),
        ("한 줄 - 그리고 다른 말", [(None, "한 줄 - 그리고 다른 말")]),
        ("하나\n둘", [(None, "하나\n둘")]),
        ("", []),
    ],
)
def test_clauses_in_a_cell_are_split_by_their_marks(
    cell: str, expected: list[tuple[str | None, str]]
) -> None:
    assert [tuple(part) for part in parts(cell)[1]] == expected


def test_words_before_the_first_mark_are_given_apart() -> None:
    assert parts("다음과 같이 협력한다:\n1. 하나\n2. 둘") == (
        "다음과 같이 협력한다:",
        [("1.", "하나"), ("2.", "둘")],
    )


def test_lines_are_clauses_only_where_the_map_says_so() -> None:
    assert parts("하나\n\n둘", "lines") == ("", [(None, "하나"), (None, "둘")])
    assert parts("① 하나 ② 둘", "none") == ("", [(None, "① 하나 ② 둘")])


@given(
    st.lists(st.from_regex(r"[가-힣]{2,8}( [가-힣]{2,8}){0,3}", fullmatch=True), min_size=1, max_size=14),
    st.sampled_from(range(len(offices._MARKS))),
)
def test_what_is_joined_with_marks_is_split_again(clauses: list[str], kind: int) -> None:
    counted = {0: "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭", 2: "가나다라마바사아자차카타파하"}
    marks = [
        f"{counted[0][place]} " if kind == 0
        else f"{place + 1}. " if kind == 1
        else f"{counted[2][place]}. " if kind == 2
        else offices._MARKS[kind][0]
        for place in range(len(clauses))
    ]  # fmt: skip
    cell = "\n".join(f"{mark}{text}" for mark, text in zip(marks, clauses, strict=True))
    assert [part.text for part in parts(cell)[1]] == clauses


def _clauses(*texts: str) -> list[RegisterClause]:
    return [RegisterClause({}, CellValue(text, Place("a", 1, 1)), None, None) for text in texts]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["데이터 지원한다", "인재 양성한다", "축제 개최한다"], [1, 2, 3]),
        (["축제 개최한다", "데이터 지원한다"], [3, 1]),
        (["데이터 지원한다", "새로운 조항", "인재 양성한다", "축제 개최한다"], [1, 4, 2, 3]),
        (["데이터 지원한다", "우수 인재 양성한다", "축제 개최한다"], [1, 2, 3]),
        (["데이터 지원한다", "전혀 다른 말", "축제 개최한다"], [1, 4, 3]),
        (["새 것", "데이터 지원한다", "우수 인재 양성한다", "축제 개최한다"], [4, 1, 2, 3]),
    ],
)
def test_a_clause_keeps_its_number_however_a_cell_is_edited(texts: list[str], numbers: list[int]) -> None:
    clauses = _clauses(*texts)
    words = ("데이터 지원한다", "인재 양성한다", "축제 개최한다")
    stored = [StoredClause(number, text, None, False, False) for number, text in enumerate(words, 1)]
    Numbering(clauses, stored, [], lambda _: ()).assign()
    assert [clause.assigned for clause in clauses] == numbers


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_the_encodings_of_offices(encoding: str, delimiter: str) -> None:
    text = (
        delimiter.join(("협약명", "체결일"))
        + "\r\n"
        + delimiter.join(('"데이터\n협약"', "2020. 8. 31."))
        + "\r\n"
    )
    table = read_csv("a.csv", text.encode(encoding))
    assert [[(cell.value, str(cell.place)) for cell in line.cells.values()] for line in table.lines] == [
        [("협약명", "a.csv:1:1"), ("체결일", "a.csv:1:5")],
        [("데이터\n협약", "a.csv:2:1"), ("2020. 8. 31.", "a.csv:3:5")],
    ]


def test_what_is_no_csv_has_its_fault() -> None:
    faults = {}
    for name, raw in {
        "bytes": b"\xff\xfa\x80,a",
        "open": b'a,b\nc,"d\n',
        "inside": b'a,b\nc,"d"e\n',
        "nul": b"a,b\nc,d\n" + b"x" * 3000 + b"\0",
    }.items():
        with pytest.raises(Malformed) as caught:
            read_csv("a.csv", raw)
        faults[name] = str(caught.value)
    assert faults == {
        "bytes": "a.csv:1:1: the text is neither UTF-8 nor CP949 nor UTF-16 nor Windows-1252; save it as CSV UTF-8",
        "open": "a.csv:2:3: the text in quotes that begins here is not closed; close it",
        "inside": 'a.csv:2:3: a quotation mark stands where a cell cannot have one; write `"` inside a cell as `""`, and the whole cell in quotes',
        "nul": "a.csv:3:3001: a NUL character (U+0000) cannot be stored; remove it",
    }


@given(st.text())
def test_a_cell_kept_from_being_a_formula_comes_back(text: str) -> None:
    assert unquoted(harmless(text)) == text
    assert not harmless(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(NO_SURPRISE, min_size=2, max_size=4), min_size=1, max_size=5))
def test_csv_that_is_written_is_read_back(table: list[list[str]]) -> None:
    from unicodedata import normalize

    def said(cell: str) -> str:
        return normalize("NFC", cell.replace("\r\n", "\n").replace("\r", "\n")).strip()

    rows = [["제목", "둘", "셋", "넷"], *table]
    read = read_csv("a.csv", csv_text(iter(rows)).encode())
    found = [[cell.value for cell in line.cells.values()] for line in read.lines]
    assert found == [kept for row in rows if (kept := [said(cell) for cell in row if said(cell)])]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_refused(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(read_csv("a.csv", raw), Table)


# Workbooks


def _read(path: str) -> list[Table]:
    return read_tables(Path(path), path)


def _faults(path: str) -> list[str]:
    with pytest.raises(Malformed) as caught:
        _read(path)
    return [str(fault) for fault in caught.value.faults]


def test_a_cell_of_a_workbook_knows_its_place() -> None:
    offices.workbook(
        "a.xlsx",
        [["하나", datetime.fromisoformat("2020-08-31"), 3.0, True]],
        headings="가나다라",
        name="협약 현황",
    )
    line = _read("a.xlsx")[0].lines[1]
    assert [(cell.text, cell.is_date, str(cell.place)) for cell in line.cells.values()] == [
        ("하나", False, "a.xlsx:협약 현황!A2"),
        ("2020-08-31", True, "a.xlsx:협약 현황!B2"),
        ("3", False, "a.xlsx:협약 현황!C2"),
        ("TRUE", False, "a.xlsx:협약 현황!D2"),
    ]


def test_a_merged_cell_says_the_same_in_each_of_its_rows() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (["협약명", "내용"], ["데이터 협약", "하나"], [None, "둘"], [None, "셋"], [None, "넷"]):
        sheet.append(row)
    sheet.merge_cells("A2:A4")
    book.save("a.xlsx")
    lines = _read("a.xlsx")[0].lines
    assert [line.cells[1].value if 1 in line.cells else None for line in lines[1:]] == ["데이터 협약"] * 3 + [
        None
    ]
    assert {str(line.cells[1].place) for line in lines[1:4]} == {"a.xlsx:Sheet!A2"}


def test_formulas_count_with_their_stored_value_and_have_a_fault_without() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["협약명", "둘", "셋"])
    sheet.append(["=1+1", "text", "#REF!"])
    book.save("a.xlsx")
    cells = _read("a.xlsx")[0].lines[1].cells
    assert [each.fault and each.fault.code for each in cells.values()] == ["no_value", None, "cell_error"]
    with zipfile.ZipFile("a.xlsx") as old, zipfile.ZipFile("b.xlsx", "w") as new:
        for member in old.namelist():
            new.writestr(
                member,
                old.read(member)
                .replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>")
                .replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"),
            )
    cells = _read("b.xlsx")[0].lines[1].cells
    assert (cells[1].value, cells[1].fault) == (2, None)


def test_days_counted_from_1904_are_the_days_they_show() -> None:
    book = openpyxl.Workbook()
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book.epoch = CALENDAR_MAC_1904
    sheet: Any = book.active
    sheet.append(["체결일", "일련"])
    sheet.append([datetime.fromisoformat("2020-08-31"), 44074 - 1462])
    book.save("a.xlsx")
    cells = _read("a.xlsx")[0].lines[1].cells
    assert [office_date(cells[column].as_date) for column in (1, 2)] == ["2020-08-31", "2020-08-31"]


def test_hidden_sheets_and_blank_rows_are_passed_over() -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet["A1"], sheet["A9"] = "하나", "둘"
    book.create_sheet("숨김").sheet_state = "hidden"
    book.save("a.xlsx")
    found = _read("a.xlsx")
    assert [(table.name, [line.number for line in table.lines]) for table in found] == [("Sheet", [1, 9])]


def _repacked(path: str, changes: dict[str, bytes]) -> None:
    offices.workbook(path, [["하나"]], headings=["협약명"])
    content = {}
    with zipfile.ZipFile(path) as archive:
        content = {member: archive.read(member) for member in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, raw in (content | changes).items():
            archive.writestr(member, raw)


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/core.xml", "custom.xml"])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_wherever_it_stands(member: str, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    _repacked("a.xlsx", {member: bomb.encode(encoding)})
    assert _faults("a.xlsx") == [
        "a.xlsx:1:1: `a.xlsx` declares a document type, which no workbook needs; save it anew with a spreadsheet program"
    ]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST", 1_000_000)
    _repacked("a.xlsx", {"xl/media/a.bin": bytes(2_000_000)})
    assert Path("a.xlsx").stat().st_size < 20_000
    assert _faults("a.xlsx") == ["a.xlsx:1:1: `a.xlsx` holds more than 100 MiB; split it, or load JSON Lines"]


def test_rows_and_merged_cells_beyond_any_sheet_do_not_take_forever() -> None:
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData>{}</worksheet>'
    cell = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>a</t></is></c></row>'
    _repacked("a.xlsx", {"xl/worksheets/sheet1.xml": sheet.format(cell.format(10**15), "").encode()})
    assert len(_faults("a.xlsx")) == 1
    rows = "".join(cell.format(row) for row in range(1, 3_001))
    merged = "<mergeCells>" + '<mergeCell ref="A1:A1048576"/>' * 1_000 + "</mergeCells>"
    _repacked("b.xlsx", {"xl/worksheets/sheet1.xml": sheet.format(rows, merged).encode()})
    assert _faults("b.xlsx") == ["b.xlsx:1:1: `b.xlsx` holds more than 100 MiB; split it, or load JSON Lines"]


def test_what_is_no_workbook_says_so() -> None:
    Path("old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    Path("text.xlsx").write_text("협약명,체결일\n")
    Path("empty.xlsx").write_bytes(b"")
    with zipfile.ZipFile("zip.xlsx", "w") as archive:
        archive.writestr("a.txt", "a")
    hint = "open it in a spreadsheet program and save it as .xlsx"
    assert [_faults(name) for name in ("old.xlsx", "text.xlsx", "empty.xlsx", "zip.xlsx")] == [
        ["old.xlsx:1:1: `old.xlsx` is an old .xls workbook, or one with a password; save it as .xlsx without a password"],
        [f"text.xlsx:1:1: `text.xlsx` cannot be read as a workbook; {hint}"],
        [f"empty.xlsx:1:1: `empty.xlsx` cannot be read as a workbook; {hint}"],
        [f"zip.xlsx:1:1: `zip.xlsx` cannot be read as a workbook; {hint}"],
    ]  # fmt: skip


def test_a_broken_workbook_never_breaks_the_program() -> None:
    good = offices.workbook("good.xlsx", offices.rows(offices.city(5))).read_bytes()
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        content = {member: archive.read(member) for member in archive.namelist()}
    chance = random.Random(20200831)
    for _ in range(150):
        if chance.random() < 0.5:
            raw = bytearray(good)
            for _ in range(chance.randint(1, 8)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            Path("a.xlsx").write_bytes(raw[: chance.choice([len(raw), chance.randrange(len(raw))])])
        else:
            member = chance.choice(list(content))
            broken = bytearray(content[member])
            for _ in range(chance.randint(1, 4)):
                place = chance.randrange(len(broken))
                broken[place : place + chance.randint(0, 9)] = chance.choice(
                    [b"", b"9", b'"', b"<", b"-1", b"A"]
                )
            _repacked("a.xlsx", {member: bytes(broken)})
        with contextlib.suppress(Malformed):
            assert all(isinstance(table, Table) for table in _read("a.xlsx"))


def test_columns_have_their_letters() -> None:
    assert [tables.letters(each) for each in (1, 26, 27, 52, 703, 16384)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "AAA",
        "XFD",
    ]


# Maps


def test_a_map_says_how_columns_are_read() -> None:
    said = parse_map("map.yaml", offices.MAP.encode())
    assert (said.rows, said.split, said.party, said.year_first) == ("agreement", "marks", "광주광역시", False)
    assert "비고" not in said.columns
    assert said.defaults == {"agreement.kind": "mou"}
    assert parse_map("m", b"columns: {A: agreement.title}") == ColumnMap({"A": "agreement.title"})


def test_every_fault_of_a_map_has_its_place() -> None:
    text = """\
tracker: 2
sheets: a
header: first
rows: row
dates: day-first
columns:
  협약명: agreement.titel
  제목: agreement.title
  이름: agreement.title
values:
  상태: {a: b}
  제목: word
defaults:
  agreement.kind: 업무협약서
  due: 2020
"""
    with pytest.raises(Malformed) as caught:
        parse_map("map.yaml", text.encode())
    said = [str(fault).partition("; known are")[0] for fault in caught.value.faults]
    assert said == [
        "map.yaml:2:1: `sheets` is not a key of a map; did you mean `sheet`?",
        "map.yaml:1:10: only version 1 of maps is known; write `tracker: 1`",
        "map.yaml:4:7: `rows` is one of clause, agreement",
        "map.yaml:7:8: `agreement.titel` is nothing that a column fills in; did you mean `agreement.title`?",
        "map.yaml:9:7: `agreement.title` is filled in by two columns; keep one of the two",
        "map.yaml:3:9: `header` is the number of the row with the headings",
        "map.yaml:5:8: `dates` is one of year-first; did you mean `year-first`?",
        "map.yaml:11:7: `상태` is not under `columns`",
        "map.yaml:12:7: `제목` has a mapping of its words to what they mean",
        "map.yaml:14:19: `업무협약서` is not a code of agreement_kind; one of mou, moa, investment, sister_city, contract, treaty, declaration, other",
        "map.yaml:15:8: `due` is nothing that can be filled in",
    ]


def test_a_nul_in_csv_has_its_place_whatever_stands_around_it() -> None:
    for before in ("번호,협약\n1,가\n2,나", "a,b\n1,x\n2,y"):
        with pytest.raises(Malformed) as refused:
            read_csv("a.csv", f"{before}\0z\n".encode())
        assert [str(fault.place) for fault in refused.value.faults] == ["a.csv:3:4"]
    wide = "번호,협약명,주요내용과 그 밖의 긴 한글 제목들\n1,가나다,라마바\n"
    assert read_csv("a.csv", wide.encode("utf-16-le")).lines[0].cells[1].text == "번호"


def test_a_workbook_can_hold_every_text_that_the_database_can(database: Database) -> None:
    """XML has no U+FFFE and U+FFFF; openpyxl writes them all the same, into files that nothing reads."""
    strange = "x\ufffe\uffff\x01y"
    told(database, TOWN.replace("text: second", f"text: {json.dumps(strange)}, department: D"))
    for command in ("report -o a.xlsx", "worksheet --department D -o b.xlsx"):
        assert (
            tracker(
                *command.split(), TRACKER_DATABASE_URL=str(database.url.render_as_string(hide_password=False))
            ).code
            == 0
        )
    texts = {cell.value for name in ("a.xlsx", "b.xlsx") for sheet in openpyxl.load_workbook(name)
             for row in sheet.iter_rows() for cell in row}  # fmt: skip
    assert "x\ufffd\ufffd\ufffdy" in texts
