"""Whatever is done to a sheet, each promise keeps its follow-ups, or the load is refused.

``TRACKER_TEST_SHEETS`` says how many edits are tried (100 unless given; 2,000 before a release).
"""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loads import FILE, PERSON, state
from tracker.database.engine import Database
from tracker.errors import Faulty
from tracker.loading import Sheets, load
from tracker.loading.spreadsheets.column_map import parse_map
from tracker.loading.spreadsheets.worksheets import write_collection
from tracker.services import follow_ups

EXAMPLES = int(os.environ.get("TRACKER_TEST_SHEETS", "100"))
HEADINGS = ["관리번호", "협약명", "체결일", "협약기관", "소관부서", "협약내용"]
MAP = """
party: 가람시
columns: {관리번호: agreement.identifier, 협약명: agreement.title, 체결일: agreement.signed_on,
  협약기관: agreement.parties, 소관부서: department, 협약내용: clause.text}
defaults: {agreement.kind: mou}
"""
ROWS = [
    [str(number), f"{name} 협약", f"2021-0{number}-02", partner, "문화과", f"{name} {year}년까지 {count}곳을 연다"]
    for number, (name, partner) in enumerate([("드론", "나래"), ("수소", "나래"), ("책", "한빛")], 1)
    for year, count in ((2021, 3), (2022, 5), (2023, 1.1), (2024, 1.10))
]  # fmt: skip
EDITS = ("sort", "drop", "shift", "retype", "blank", "swap numbers", "reword")


def edited(data: st.DataObject, table: list[list[str]], columns: range) -> list[list[str]]:
    """Change rows as people and programs do: sorted, filtered, moved by one, typed again, left blank."""
    rows = [list(row) for row in table]
    for edit in data.draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)):
        place = data.draw(st.integers(0, len(rows) - 1))
        column = data.draw(st.sampled_from(columns))
        match edit:
            case "sort":
                rows = data.draw(st.permutations(rows))
            case "drop" if len(rows) > 2:
                del rows[place]
            case "shift":
                moved = [row[column] for row in rows]
                for row, text in zip(rows, moved[1:] + moved[:1], strict=True):
                    row[column] = text
            case "retype":
                text = rows[place][column]
                rows[place][column] = text.replace("-", ". ") if text[:2] == "20" else text.removesuffix("0")
            case "blank":
                rows[place][column] = ""
            case "swap numbers":
                other = data.draw(st.integers(0, len(rows) - 1))
                rows[place][0], rows[other][0] = rows[other][0], rows[place][0]
            case "reword":
                rows[place][column] = rows[place][column].replace("1", "7").replace("3", "9")
    return rows


def saved(data: st.DataObject, rows: list[list[str]], stem: str) -> str:
    """Save rows as one of the programs of offices does."""
    form = data.draw(st.sampled_from(["xlsx", "utf-8-sig", "cp949", "utf-16"]))
    if form == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(f"{stem}.xlsx")
        return f"{stem}.xlsx"
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    Path(f"{stem}.csv").write_bytes(buffer.getvalue().encode(form))
    return f"{stem}.csv"


def tried(database: Database, path: str, text: str | None) -> bool:
    """Load a sheet; return whether it was taken."""
    sheets = Sheets(None if text is None else parse_map("map.yaml", text.encode()))
    try:
        load(database, [path], FILE, sheets=sheets)
    except Faulty:
        return False
    return True


@pytest.fixture
def city(database: Database) -> Database:
    """A database with three agreements, each promise with a follow-up that names its words."""
    Path("all.csv").write_text("\n".join(",".join(row) for row in [HEADINGS, *ROWS]), "utf-8")
    assert tried(database, "all.csv", MAP)
    for clause in state(database)["clause"]:
        body: dict[str, Any] = {
            "track": "reported", "status": "in_progress", "effective_on": "2024", "note": clause["text"],
        }  # fmt: skip
        with database.write(PERSON) as change:
            follow_ups.record_follow_up(change, clause["id"], body)
    return database


def mixed_up(database: Database) -> list[tuple[str, str]]:
    """Return the follow-ups that stand under other words than those they were given for."""
    now = state(database)
    words = {clause["id"]: clause["text"] for clause in now["clause"]}
    return [
        (each["note"], words[each["clause"]])
        for each in now["follow_up"]
        if each["note"] != words[each["clause"]]
    ]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_done_to_a_register_each_promise_keeps_its_follow_ups(
    city: Database, data: st.DataObject
) -> None:
    path = saved(data, [HEADINGS, *edited(data, ROWS, range(len(HEADINGS)))], "r")
    tried(city, path, MAP)
    assert mixed_up(city) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_done_to_a_worksheet_a_report_stands_under_its_own_promise(
    city: Database, data: st.DataObject
) -> None:
    write_collection(city, "문화과", Path("w.csv"), force=True)
    header, *rows = list(csv.reader(io.StringIO(Path("w.csv").read_text("utf-8-sig"))))
    words, note = header.index("협약내용"), header.index("새 추진내용")
    for row in rows:
        row[header.index("새 추진상황")], row[header.index("새 상태기준일")] = "추진 중", "2024"
        row[note] = row[words]
    changed = edited(data, rows, range(words))
    for row in changed:
        row[note] = row[words]
    tried(city, saved(data, [header, *changed], "w-back"), None)
    assert mixed_up(city) == []
