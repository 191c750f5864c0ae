"""Registers of business agreements as Korean offices keep them: generated, and written as workbooks and CSV."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

HEADINGS = (
    "관리번호",
    "협약명",
    "체결일자",
    "협약기간",
    "상대기관",
    "소관부서",
    "주요내용",
    "추진상황",
    "점검일",
    "비고",
)

MAP = """\
tracker: 1
rows: agreement
split: marks
party: 광주광역시
columns:
  관리번호: agreement.identifier
  협약명: agreement.title
  체결일자: agreement.signed_on
  협약기간: agreement.period
  상대기관: agreement.parties
  소관부서: department
  주요내용: clause.text
  추진상황: follow_up.status
  점검일: follow_up.effective_on
  비고: ignore
defaults:
  agreement.kind: mou
"""

_AGENCIES = ("한국데이터산업진흥원", "한국전력공사", "광주테크노파크", "전남대학교", "(주)카카오", "네이버", "한국수자원공사", "광주은행", "조선대학교", "한국인터넷진흥원", "국립아시아문화전당", "한국토지주택공사", "대한상공회의소", "광주신용보증재단")  # fmt: skip
_THEMES = ("데이터산업 육성", "인공지능 인재 양성", "탄소중립 도시", "청년 일자리 창출", "스마트시티 조성", "문화도시 기반", "소상공인 지원", "자율주행 실증", "시민 건강증진", "평생교육 활성화")  # fmt: skip
_DEPARTMENTS = ("도시데이터과", "인공지능정책과", "기후환경과", "청년정책과", "문화정책과", "경제정책과")
_VERBS = ("공동 추진한다", "상호 협력한다", "지원한다", "구축·운영한다", "적극 홍보한다")
_OBJECTS = ("데이터 바우처 사업을", "전문인력 교육과정을", "기술 실증 공간을", "기업 수요 조사를", "성과 확산 행사를", "관련 조례 정비를", "시민 참여단을", "연구 성과 공유를")  # fmt: skip
_STATUSES = ("추진 중", "정상추진", "완료", "이행 후 계속추진", "일부추진", "미착수")
_DATES = (
    "{0}. {1}. {2}.",
    "{0}.{1:02}.{2:02}",
    "{0}.{1}.{2}.",
    "'{3:02}.{1}.{2}.",
    "{0}년 {1}월 {2}일",
    "{0}-{1:02}-{2:02}",
    "{0}/{1}/{2}",
)
_MARKS: tuple[tuple[str, ...], ...] = (
    ("① ", "② ", "③ ", "④ ", "⑤ "),
    ("1. ", "2. ", "3. ", "4. ", "5. "),
    ("가. ", "나. ", "다. ", "라. ", "마. "),
    ("- ",) * 5,
    ("▲", "▲", "▲", "▲", "▲"),
    ("○ ",) * 5,
    ("· ",) * 5,
)


def city(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return the agreements of a city over six years: plain values, and the rows' texts beside them."""
    chance = random.Random(seed)
    found = []
    for number in range(1, count + 1):
        year, month, day = 2019 + number * 6 // (count + 1), chance.randint(1, 12), chance.randint(1, 28)
        marks = chance.choice(_MARKS)
        texts = chance.sample(
            [f"{each} {verb}" for each in _OBJECTS for verb in _VERBS], chance.randint(1, 5)
        )
        written = chance.choice(_DATES).format(year, month, day, year % 100)
        found.append(
            {
                "number": f"{year}-{number:03}",
                "title": f"{chance.choice(_THEMES)}을 위한 업무협약 제{number}호",
                "signed_on": f"{year}-{month:02}-{day:02}",
                "written": written,
                "period": f"{year}. {month}. {day}. ~ {year + 3}. {month}. {day}.",
                "ends": f"{year + 3}-{month:02}-{day:02}",
                "partners": chance.sample(_AGENCIES, chance.randint(1, 3)),
                "department": chance.choice(_DEPARTMENTS),
                "clauses": texts,
                "cell": "\n".join(f"{mark}{text}" for mark, text in zip(marks, texts, strict=False)),
                "status": chance.choice(_STATUSES),
                "checked": f"{year + 1}. 12. 31.",
            }
        )
    return found


def rows(agreements: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Return the rows of a register, one an agreement, under HEADINGS."""
    return [
        [
            each["number"],
            each["title"],
            each["written"],
            each["period"],
            ", ".join(each["partners"]),
            each["department"],
            each["cell"],
            each["status"],
            each["checked"],
            None,
        ]
        for each in agreements
    ]


def workbook(
    path: str,
    table: Sequence[Sequence[Any]],
    *,
    headings: Sequence[str] = HEADINGS,
    name: str = "협약현황",
    above: int = 0,
) -> Path:
    """Write a workbook with one sheet; ``above`` rows with a title stand over the headings."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for _ in range(above):
        sheet.append(["업무협약 관리대장", None])
    sheet.append(list(headings))
    for row in table:
        sheet.append(list(row))
    book.save(path)
    return Path(path)


def fill_in(path: str, heading: str, words: str, *, every: int = 1) -> int:
    """Write words under a heading into every row of a workbook, or every second and so on; count them."""
    book = openpyxl.load_workbook(path)
    sheet: Any = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}[heading]
    rows = range(2, sheet.max_row + 1, every)
    for row in rows:
        sheet.cell(row, column).value = words
    book.save(path)
    return len(rows)


def text(table: Sequence[Sequence[Any]], *, headings: Sequence[str] = HEADINGS) -> str:
    """Return the rows as CSV."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(headings)
    writer.writerows([["" if value is None else value for value in row] for row in table])
    return buffer.getvalue()


def change(path: str, cells: dict[str, Any], *, to: str | None = None) -> str:
    """Put values into cells of the first sheet of a workbook."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    for place, value in cells.items():
        sheet[place] = value
    book.save(to or path)
    return to or path


def cells(path: str) -> list[dict[str, Any]]:
    """Return the rows of a workbook's first sheet by heading."""
    sheet: Any = openpyxl.load_workbook(path).worksheets[0]
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


def fill(path: str, row: int, values: dict[str, Any]) -> None:
    """Fill cells of a row in, by their headings."""
    book = openpyxl.load_workbook(path)
    sheet: Any = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for heading, value in values.items():
        sheet.cell(row, columns[heading]).value = value
    book.save(path)
