"""Spreadsheets in and out: registers with an office's own columns, templates, the yearly collection."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import offices
from tests.loads import FILE, PERSON, entries, state, stored, told, value
from tracker import dates
from tracker.cli import program
from tracker.codes import Lang
from tracker.database import migrations
from tracker.database.engine import Database, open_database
from tracker.errors import Conflict, Faulty, NotFound
from tracker.loading import Outcome, Sheets, load, validate
from tracker.loading.exporting import export
from tracker.loading.spreadsheets.column_map import parse_map
from tracker.loading.spreadsheets.guessing import guessed_map
from tracker.loading.spreadsheets.sheet_columns import COLUMNS
from tracker.loading.spreadsheets.worksheets import write_collection, write_template
from tracker.services import follow_ups
from tracker.services.resources import ANY

TODAY = dates.today("Asia/Seoul")


@dataclass
class Loaded:
    """What a load of a spreadsheet did, and what it said besides."""

    outcome: Outcome
    notes: list[str]

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {
            name: dict(getattr(self.outcome, name))
            for name in ("created", "updated", "unchanged")
            if getattr(self.outcome, name)
        }


def loaded(database: Database, path: str, text: str | None = None, **wishes: Any) -> Loaded:
    sheets = Sheets(None if text is None else parse_map("map.yaml", text.encode()))
    return Loaded(load(database, [path], FILE, sheets=sheets, **wishes), sheets.notes)


def refused(database: Database, path: str, text: str | None = None) -> list[str]:
    with pytest.raises(Faulty) as caught:
        loaded(database, path, text)
    return [str(fault) for fault in caught.value.faults]


# Registers


def test_a_register_of_300_rows_goes_in_as_it_is_and_again_changes_nothing(database: Database) -> None:
    city = offices.city(300)
    offices.workbook("register.xlsx", offices.rows(city), above=2)
    first = loaded(database, "register.xlsx", offices.MAP)
    clauses = sum(len(each["clauses"]) for each in city)
    partners = {name for each in city for name in each["partners"]}
    assert first.counts == {
        "created": {"party": len(partners) + 1, "agreement": 300, "clause": clauses, "follow_up": clauses}
    }
    for each in city:
        found = stored(database, "agreement", f"gwangju-gwangyeoksi-{each['number']}")
        assert found is not None
        assert (found["title"], found["signed_on"], found["ends"]) == (
            each["title"],
            each["signed_on"],
            each["ends"],
        )
        assert found["parties"][0]["party"] == "gwangju-gwangyeoksi"
        assert len(found["parties"]) == 1 + len(each["partners"])
        assert found["parties"][0]["department"] == each["department"]
        for number, text in enumerate(each["clauses"], start=1):
            assert value(database, "clause", f"{found['id']}.{number}", "text") == text
    before = state(database)
    again = loaded(database, "register.xlsx", offices.MAP)
    assert again.counts == {"unchanged": {"agreement": 300, "clause": clauses, "follow_up": clauses}}
    assert state(database) == before


def test_a_register_as_csv_says_the_same_as_the_workbook(database: Database) -> None:
    city = offices.city(30)
    offices.workbook("register.xlsx", offices.rows(city))
    loaded(database, "register.xlsx", offices.MAP)
    for encoding in ("utf-8-sig", "cp949", "utf-16"):
        Path("register.csv").write_bytes(offices.text(offices.rows(city)).encode(encoding))
        assert list(loaded(database, "register.csv", offices.MAP).counts) == ["unchanged"]


def test_an_edited_register_changes_what_differs_and_nothing_else(database: Database) -> None:
    rows = [
        ["1-1", "가 협약", "2020. 8. 31.", None, "한국전력공사", "기후과", "① 하나를 지원한다\n② 둘을 양성한다", None, None, None],
        ["1-2", "나 협약", "2021. 8. 31.", None, "네이버", "데이터과", "① 셋을 구축한다", None, None, None],
    ]  # fmt: skip
    offices.workbook("a.xlsx", rows)
    loaded(database, "a.xlsx", offices.MAP)
    offices.change(
        "a.xlsx", {"B2": "가 협약서", "G2": "① 영을 조사한다\n② 하나를 지원한다\n③ 둘을 새로 양성한다"}
    )
    dry = loaded(database, "a.xlsx", offices.MAP, dry_run=True)
    assert dry.outcome.changes == [
        "change agreement gwangju-gwangyeoksi-1-1: title",
        "create clause gwangju-gwangyeoksi-1-1.3",
        "change clause gwangju-gwangyeoksi-1-1.1: label",
        "change clause gwangju-gwangyeoksi-1-1.2: text, label",
    ]
    done = loaded(database, "a.xlsx", offices.MAP)
    assert done.counts == {
        "created": {"clause": 1},
        "updated": {"agreement": 1, "clause": 2},
        "unchanged": {"agreement": 1, "clause": 1},
    }
    assert [
        value(database, "clause", f"gwangju-gwangyeoksi-1-1.{number}", "text") for number in (1, 2, 3)
    ] == [
        "하나를 지원한다",
        "둘을 새로 양성한다",
        "영을 조사한다",
    ]
    assert [entry["action"] for entry in entries(database, "agreement", "gwangju-gwangyeoksi-1-1")] == [
        "load",
        "load",
    ]


def test_what_a_person_changed_is_kept_as_for_seed_files(database: Database) -> None:
    offices.workbook("a.xlsx", offices.rows(offices.city(1)))
    loaded(database, "a.xlsx", offices.MAP)
    id = f"gwangju-gwangyeoksi-{offices.city(1)[0]['number']}"
    told(database, f"agreements: [{{id: {id}, title: Other, purpose: mine}}]", by=PERSON)
    kept = loaded(database, "a.xlsx", offices.MAP).outcome.kept
    assert len(kept) == 1
    assert kept[0].startswith(f"`title` of agreement {id} is kept: kim changed it on ")
    assert value(database, "agreement", id, "purpose") == "mine"
    assert loaded(database, "a.xlsx", offices.MAP, overwrite=True).outcome.updated == {"agreement": 1}


def test_every_fault_of_a_register_stands_at_its_cell(database: Database) -> None:
    rows = offices.rows(offices.city(6, seed=3))
    offices.workbook("a.xlsx", rows, above=2)
    offices.change(
        "a.xlsx",
        {
            "C4": "08/09/20",
            "D5": "3년쯤",
            "H6": "부즌",
            "A7": "2020-01-01",
            "I8": "2099. 1. 1.",
            "B9": None,
            "J4": "=B4",
        },
    )
    offices.change("a.xlsx", {"A7": __import__("datetime").date(2020, 1, 1)})
    assert refused(database, "a.xlsx", offices.MAP) == [
        "a.xlsx:협약현황!C4: `체결일자`: `08/09/20` may be 2008-09-20 or 2020-09-08 or 2020-08-09; write the year with four digits, first",
        "a.xlsx:협약현황!D5: `협약기간`: `3년쯤` is not a period; write its first and its last date with ~ between",
        "a.xlsx:협약현황!H6: `부즌` is no status that is known; did you mean `부진`?",
        "a.xlsx:협약현황!A7: the spreadsheet has turned `관리번호` into the date 2020-01-01; format the column as text and write it again",
        f"a.xlsx:협약현황!H8: `checked_on` is after today, {TODAY}",
        f"a.xlsx:협약현황!I8: `점검일` ends on 2099-01-01, after today, {TODAY}; record what has happened, not what is planned",
        "a.xlsx:협약현황!B9: `협약명` is missing",
    ]
    assert state(database)["agreement"] == []


def test_faults_of_csv_stand_at_line_and_column(database: Database) -> None:
    Path("a.csv").write_text("관리번호,협약명,체결일자\n1,가 협약,2020. 8. 31.\n\n2,나 협약,31일\n", "utf-8")
    text = "columns: {관리번호: agreement.identifier, 협약명: agreement.title, 체결일자: agreement.signed_on}"
    assert refused(database, "a.csv", text) == [
        "a.csv:2:1: `kind` is missing",
        "a.csv:4:1: `kind` is missing",
        "a.csv:4:8: `체결일자`: `31일` is not a date; write year, month and day, such as 2020-08-31",
    ]


def test_a_formula_without_a_value_is_a_fault_only_where_its_column_is_read(database: Database) -> None:
    offices.workbook("a.xlsx", offices.rows(offices.city(1)))
    offices.change("a.xlsx", {"B2": "=A2", "J2": "=A2"})
    assert refused(database, "a.xlsx", offices.MAP) == [
        "a.xlsx:협약현황!B2: the formula in this cell has no stored value; open the workbook in a spreadsheet program and save it, or paste the values"
    ]


def test_a_formula_without_a_value_becomes_neither_party_nor_evidence(database: Database) -> None:
    headings = ["협약명", "협약유형", "협약내용", "추진상황", "상태기준일", "보고기관", "증빙"]
    row = ["가 협약", "mou", "하나", "완료", "2024", "=A1", "=A1"]
    offices.workbook("a.xlsx", [row], headings=headings)
    fault = "the formula in this cell has no stored value; open the workbook in a spreadsheet program and save it, or paste the values"
    assert refused(database, "a.xlsx") == [f"a.xlsx:협약현황!F2: {fault}", f"a.xlsx:협약현황!G2: {fault}"]
    told(database, OFFICE)
    write_collection(database, "데이터과", Path("d.xlsx"))
    new = {"새 추진상황": "완료", "새 상태기준일": "2025", "새 증빙": "=A1", "새 보고기관": "=A1"}
    offices.fill("d.xlsx", 2, new)
    assert [each.partition(": ")[2] for each in refused(database, "d.xlsx")] == [fault, fault]


def test_a_register_with_columns_of_its_own_needs_a_map(database: Database) -> None:
    offices.workbook("a.xlsx", [["가", "나"]], headings=["사업", "비고란"])
    assert refused(database, "a.xlsx") == [
        "a.xlsx:협약현황!A1: these columns are not those of a template; `tracker worksheet --guess FILE` proposes a map for columns of your own; `tracker load --map` takes it"
    ]
    assert refused(database, "a.xlsx", "columns: {협약명: agreement.title}") == [
        "a.xlsx:1:1: `a.xlsx` has no sheet with the map's columns; its sheets are 협약현황; mend the map"
    ]
    assert refused(database, "a.xlsx", "columns: {사업: agreement.title, 비고관: agreement.purpose}") == [
        "a.xlsx:협약현황!A1: there is no column `비고관`; did you mean `비고란`?"
    ]


def test_rows_of_clauses_belong_to_the_agreement_above_or_of_the_same_number(database: Database) -> None:
    headings = ["관리번호", "협약명", "조항", "상태"]
    rows: list[list[Any]] = [
        ["1", "가 협약", "하나", "완료"],
        [None, None, "둘", "추진 중"],
        ["2", "나 협약", "셋", "미평가"],
        ["1", None, "넷", None],
        ["합계", None, None, None],
    ]
    offices.workbook("a.xlsx", rows, headings=headings)
    text = """
columns: {관리번호: agreement.identifier, 협약명: agreement.title, 조항: clause.text, 상태: follow_up.status}
defaults: {agreement.kind: mou, follow_up.effective_on: 2024. 12. 31.}
"""
    done = loaded(database, "a.xlsx", text)
    assert [(each["id"], each["text"], each["status"]) for each in state(database)["clause"]] == [
        ("1.1", "하나", "met"),
        ("1.2", "둘", "in_progress"),
        ("1.3", "넷", "not_assessed"),
        ("2.1", "셋", "not_assessed"),
    ]
    assert done.notes == ["a.xlsx:협약현황!A6: the row `합계` is a sum: not loaded"]


def test_two_rows_that_say_two_things_of_one_agreement_are_a_fault(database: Database) -> None:
    offices.workbook(
        "a.xlsx", [["1", "가", "하나"], ["1", "나", "둘"]], headings=["관리번호", "협약명", "내용"]
    )
    text = "columns: {관리번호: agreement.identifier, 협약명: agreement.title, 내용: clause.text}\ndefaults: {agreement.kind: mou}"
    assert refused(database, "a.xlsx", text) == [
        "a.xlsx:협약현황!B3: `협약명` is `나` here and `가` at a.xlsx:협약현황!B2, which is the same agreement; keep one of the two, or give each agreement a number of its own"
    ]
    assert refused(database, "a.xlsx", text + "\nrows: agreement")[0] == (
        "a.xlsx:협약현황!A3: this agreement has a row already, a.xlsx:협약현황!A2; say `rows: clause` in the map, or give each agreement one row"
    )


def test_merged_cells_give_every_row_its_agreement(database: Database) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (
        ["협약명", "체결일", "협약내용"],
        ["가 협약", "2020.8.31.", "하나"],
        [None, None, "둘"],
        ["나 협약", "2021.8.31.", "셋"],
    ):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    book.save("a.xlsx")
    text = "columns: {협약명: agreement.title, 체결일: agreement.signed_on, 협약내용: clause.text}\ndefaults: {agreement.kind: mou}"
    loaded(database, "a.xlsx", text)
    assert [each["id"] for each in state(database)["clause"]] == [
        "ga-hyeobyak-2020.1",
        "ga-hyeobyak-2020.2",
        "na-hyeobyak-2021.1",
    ]


# Names and ids

PARTIES = """
parties:
  - {id: k-data, kind: organisation, name: 한국데이터산업진흥원, names: [{name: K-DATA, kind: abbreviation}]}
  - {id: kepco, kind: organisation, name: 한국전력공사}
  - {id: one, kind: organisation, name: 같은이름}
  - {id: two, kind: organisation, name: 같은이름}
"""
NAMES = "columns: {협약명: agreement.title, 기관: agreement.parties}\ndefaults: {agreement.kind: mou}"


def signed(database: Database, cell: str) -> tuple[list[str], list[str]]:
    """Load one agreement with this cell of parties; give the parties' ids and what was noted."""
    offices.workbook("a.xlsx", [["가 협약", cell]], headings=["협약명", "기관"])
    notes = loaded(database, "a.xlsx", NAMES).notes
    return [each["party"] for each in state(database)["agreement"][-1]["parties"]], notes


def test_parties_are_found_by_id_by_name_and_by_letters(database: Database) -> None:
    told(database, PARTIES)
    assert signed(database, "k-data, 한국전력공사") == (["k-data", "kepco"], [])


def test_a_name_that_has_the_letters_of_a_known_one_is_taken_for_it_and_noted(database: Database) -> None:
    told(database, PARTIES)
    assert signed(database, "한국 데이터산업 진흥원") == (
        ["k-data"],
        [
            "`한국 데이터산업 진흥원` is taken for party k-data (한국데이터산업진흥원), whose name has the same letters"
        ],
    )


def test_an_unknown_name_becomes_a_party_and_likeness_is_only_named(database: Database) -> None:
    told(database, "parties: [{id: kakao, kind: organisation, name: 카카오톡}]")
    told(database, "parties: [{id: kakao, name: 카카오}]", by=PERSON)
    told(database, "parties: [{id: gakao, kind: organisation, name: 가카옹}]")
    assert signed(database, "가카오\n새 기관") == (
        ["gakao-2", "sae-gigwan"],
        ["`가카오` becomes a new party; it may be party gakao (가카옹): if so, give that name to it"],
    )


@pytest.mark.parametrize(
    "name", ["(주)카카오", "㈜카카오", "주식회사 카카오", "카카오(주)", "카카오 주식회사"]
)
def test_a_legal_form_is_no_part_of_a_name(database: Database, name: str) -> None:
    told(database, "parties: [{id: kakao, kind: organisation, name: 카카오}]")
    assert signed(database, name) == (["kakao"], [])


def test_a_name_of_two_parties_is_a_fault(database: Database) -> None:
    told(database, PARTIES)
    offices.workbook("a.xlsx", [["가 협약", "같은이름"]], headings=["협약명", "기관"])
    assert refused(database, "a.xlsx", NAMES) == [
        "a.xlsx:협약현황!B2: `같은이름` is the name of one, two; write the party's id"
    ]


def test_names_that_are_not_said_are_noted(database: Database) -> None:
    assert signed(database, "광주테크노파크 외 3개 기관") == (
        ["gwangjutekeunopakeu"],
        [
            "a.xlsx:협약현황!B2: `광주테크노파크 외 3개 기관` does not name all parties; only `광주테크노파크` is recorded"
        ],
    )


def test_a_party_that_was_renamed_since_is_still_the_same(database: Database) -> None:
    signed(database, "새 기관")
    told(database, "parties: [{id: sae-gigwan, name: 헌 기관}]", by=PERSON)
    assert signed(database, "새 기관")[0] == ["sae-gigwan"]
    assert [each["id"] for each in state(database)["party"]] == ["sae-gigwan"]


def test_agreements_without_a_number_get_ids_from_names_and_year(database: Database) -> None:
    told(database, PARTIES)
    headings = ["협약명", "체결일", "기관"]
    rows: list[list[Any]] = [
        ["데이터 협약", "2020. 8. 31.", "k-data"],
        ["인재 협약", "2020. 9. 1.", "k-data"],
        ["셋째 협약", "2021. 9. 1.", "k-data; kepco"],
        ["기관 없는 협약", "2019. 1. 1.", None],
    ]
    text = "columns: {협약명: agreement.title, 체결일: agreement.signed_on, 기관: agreement.parties}\ndefaults: {agreement.kind: mou}"
    offices.workbook("a.xlsx", rows, headings=headings)
    loaded(database, "a.xlsx", text)
    ids = ["gigwan-eomneun-hyeobyak-2019", "k-data-2020", "k-data-2020-2", "k-data-kepco-2021"]
    assert [each["id"] for each in state(database)["agreement"]] == ids
    offices.workbook("a.xlsx", rows[::-1], headings=headings)
    assert loaded(database, "a.xlsx", text).counts == {"unchanged": {"agreement": 4}}


def test_a_number_that_another_register_took_is_a_fault(database: Database) -> None:
    told(
        database,
        "agreements: [{id: 2020-1, title: Other, kind: mou, identifiers: [{scheme: other, value: 7}]}]",
    )
    offices.workbook("a.xlsx", [["2020-1", "가"]], headings=["관리번호", "협약명"])
    text = (
        "columns: {관리번호: agreement.identifier, 협약명: agreement.title}\ndefaults: {agreement.kind: mou}"
    )
    assert refused(database, "a.xlsx", text) == [
        "a.xlsx:협약현황!A2: the id `2020-1`, made from 관리번호 2020-1, is another agreement's; give the agreement's id in a column of its own, or name the register's `party` in the map"
    ]


def test_an_agreement_is_found_by_its_number_whatever_its_id(database: Database) -> None:
    told(
        database,
        "agreements: [{id: mine, title: Old, kind: mou, identifiers: [{scheme: 관리번호, value: 2020-1}, {scheme: x, value: y}]}]",
    )
    offices.workbook("a.xlsx", [["2020-1", "새 제목"]], headings=["관리번호", "협약명"])
    text = (
        "columns: {관리번호: agreement.identifier, 협약명: agreement.title}\ndefaults: {agreement.kind: mou}"
    )
    assert loaded(database, "a.xlsx", text).outcome.changes == ["change agreement mine: title"]


def test_who_signed_and_other_roles_stay_as_they_are(database: Database) -> None:
    told(
        database,
        PARTIES
        + "  - {id: kim, kind: person, name: Kim}\nagreements:\n"
        + "  - {id: mine, title: 가, kind: mou, parties: [{party: kepco, signed_by: kim}, {party: k-data, role: witness}]}",
    )
    offices.workbook(
        "a.xlsx", [["mine", "가", "한국전력공사", "기후과"]], headings=["ID", "협약명", "기관", "부서"]
    )
    text = "columns: {ID: agreement.id, 협약명: agreement.title, 기관: agreement.parties, 부서: department}\nparty: kepco"
    assert loaded(database, "a.xlsx", text).outcome.changes == ["change agreement mine: parties"]
    parties = value(database, "agreement", "mine", "parties")
    assert [(each["party"], each["signed_by"], each["role"], each["department"]) for each in parties] == [
        ("kepco", "kim", "party", "기후과"),
        ("k-data", None, "witness", None),
    ]


# Guessing


def test_a_guessed_map_loads_the_register_it_was_guessed_from(database: Database) -> None:
    city = offices.city(300)
    offices.workbook("register.xlsx", offices.rows(city), above=3)
    text = guessed_map("register.xlsx", TODAY)
    said = parse_map("map.yaml", text.encode())
    assert (said.rows, said.split, said.header, said.sheets) == ("agreement", "marks", 4, ("협약현황",))
    assert dict(said.columns) == {
        "관리번호": "agreement.identifier",
        "협약명": "agreement.title",
        "체결일자": "agreement.signed_on",
        "협약기간": "agreement.period",
        "상대기관": "agreement.parties",
        "소관부서": "department",
        "주요내용": "clause.text",
        "추진상황": "follow_up.status",
        "점검일": "follow_up.checked_on",
    }
    assert "  비고: ignore  # not recognised" in text
    loaded(database, "register.xlsx", text.replace("follow_up.checked_on", "follow_up.effective_on"))
    assert len(state(database)["agreement"]) == 300


def test_a_guess_names_words_that_mean_no_code_and_what_is_missing() -> None:
    rows = [["가 협약", "미이행"], ["나 협약", "순항"], ["다 협약", "추진중"]]
    offices.workbook("현황_20241231.xlsx", rows, headings=["업무협약명", "추진상황"])
    assert (
        guessed_map("현황_20241231.xlsx", TODAY)
        == """\
# A map for 현황_20241231.xlsx:협약현황, guessed by looking at 3 rows. Look through it, then:
#   tracker load "현황_20241231.xlsx" --map THIS-FILE --dry-run
tracker: 1
sheet: 협약현황
header: 1
rows: agreement  # `업무협약명` differs in every row
split: none  # no column holds clauses
# party: ID-OR-NAME  # who keeps this register and signs every agreement, if it is not among the parties
columns:
  업무협약명: agreement.title  # sure: so it is called; e.g. 가 협약
  추진상황: follow_up.status  # sure: so it is called; e.g. 미이행
values:  # what words of these columns mean; look through the proposals; null: nothing
  추진상황:  # one of no_evidence, not_started, in_progress, behind, stalled, partially_met, met, met_ongoing, not_met, waived, superseded, dropped
    순항: null  # 1 times; say which; null records nothing
defaults:  # for every row that does not say it
  agreement.kind: mou  # a guess: 3 of 3 titles speak of an 협약 or MOU
  follow_up.effective_on: 2024-12-31  # a guess from the file's name: the day as of which the statuses hold
  follow_up.reason: other  # for the 1 rows that need one: 미이행
"""
    )
    map = parse_map("map.yaml", guessed_map("현황_20241231.xlsx", TODAY).encode())
    assert map.values == {"추진상황": {"순항": None}}


def test_a_guess_looks_at_values_before_names_and_proposes_what_words_mean(database: Database) -> None:
    words = ["추진중(70%)", "미추진", "종료", "협약 해지", "완료", "추진중(30%)"]
    rows = [
        [
            f"{number}",
            f"{number}호 협약",
            "2020. 8. 31.",
            word,
            "예산을 확보하고 부지를 정하였으며 곧 시작한다",
            f"일{number}",
        ]
        for number, word in enumerate(words, 1)
    ]
    headings = ["연번", "협약명", "체결일", "구분", "추진상황", "협약내용"]
    offices.workbook("a.xlsx", rows, headings=headings, above=1)
    offices.change("a.xlsx", {"A1": "업무협약 현황 (2024. 12. 31. 기준)"})
    text = guessed_map("a.xlsx", TODAY)
    said = parse_map("map.yaml", text.encode())
    assert (said.columns["구분"], said.columns["추진상황"]) == ("follow_up.status", "follow_up.note")
    assert "연번" not in said.columns
    assert said.values["구분"] == {
        "추진중(70%)": "in_progress",
        "추진중(30%)": "in_progress",
        "미추진": "not_started",
        "종료": None,
        "협약 해지": "dropped",
    }
    assert said.defaults["follow_up.effective_on"] == "2024-12-31"
    loaded(database, "a.xlsx", text)
    statuses = {each["text"]: (each["status"], each["met_on"]) for each in state(database)["clause"]}
    assert statuses["일4"] == ("dropped", None)
    assert statuses["일5"] == ("met", "2024-12-31")
    assert {each["reason"] for each in state(database)["follow_up"] if each["status"] == "met"} == {None}


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=6), min_size=1, max_size=5))  # fmt: skip
def test_whatever_a_table_holds_its_guessed_map_is_a_map(table: list[list[str]]) -> None:
    from tracker.errors import Malformed

    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(table)
    Path("a.csv").write_text(buffer.getvalue(), "utf-8", newline="")
    try:
        text = guessed_map("a.csv", TODAY)
    except Malformed:
        return
    if ": agreement." in text or ": clause." in text or ": follow_up." in text:
        parse_map("map.yaml", text.encode())


# Templates


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", ["register.xlsx", "register.csv"])
def test_an_empty_template_loads_and_says_that_nothing_is_in_it(
    database: Database, lang: Any, name: str
) -> None:
    write_template(Path(name), lang=lang)
    done = loaded(database, name)
    assert done.counts == {}
    assert [note.rpartition(" has ")[2] for note in done.notes] == ["no rows under its headings"]
    assert validate([name], database=database) == {}


def test_a_template_offers_codes_and_keeps_text_as_it_is_typed() -> None:
    write_template(Path("register.xlsx"))
    book = openpyxl.load_workbook("register.xlsx")
    sheet, codes = book.worksheets
    assert (sheet.freeze_panes, len(list(sheet[1])), codes.title) == (
        "A2",
        sum(column.in_template for column in COLUMNS.values()),
        "코드",
    )
    assert {each.number_format for each in sheet.column_dimensions.values()} == {"@"}
    offers = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation}
    assert offers["M2:M5000"] == "'코드'!$B$2:$B$13"
    assert [codes.cell(row, 2).value for row in (1, 2, 13)] == ["추진상황", "근거 미확인", "폐기"]


NUMBERS = itertools.count(1)
PROMISE = st.from_regex(r"[가-힣A-Za-z=+@-][가-힣A-Za-z0-9 ,.\"'=+-]{0,40}[가-힣a-z]", fullmatch=True)


@pytest.mark.parametrize("name", ["register.xlsx", "register.csv"])
def test_a_filled_in_template_says_what_a_seed_file_says(database: Database, name: str) -> None:
    write_template(Path(name), lang="en")
    rows: list[dict[str, str]] = [
        {"Register number": "7", "Title": "=Data", "Kind": "Mou", "Signed on": "2020. 8. 31.", "Starts": "2020-09", "Parties": "Town; Agency", "Department": "Data", "Clause": "-one", "Due": "2025-12-31", "Status": "Met", "Effective on": "2024-05", "Reason": "", "Evidence": "doc-1\nhttps://example.org/a", "Stated by": "Town"},
        {"Clause": "two, \"quoted\"", "Status": "지연·중단", "Effective on": "2024", "Checked on": "2025. 1. 2.", "Reason": "Funding", "Note": "+later", "Next steps": "@next"},
    ]  # fmt: skip
    if name.endswith("xlsx"):
        for place, row in enumerate(rows, start=2):
            offices.fill(name, place, {heading: said for heading, said in row.items() if said})
        book = openpyxl.load_workbook(name)
        for line in book.worksheets[0].iter_rows(min_row=2):
            for cell in line:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        book.save(name)
    else:
        from tracker.loading.spreadsheets.delimited import csv_text

        headings = next(csv.reader(io.StringIO(Path(name).read_text("utf-8"))))
        table = [headings, *([row.get(each, "") for each in headings] for row in rows)]
        Path(name).write_text(csv_text(iter(table)), "utf-8", newline="")
    loaded(database, name)
    found = state(database)
    told(database, """
parties: [{id: town, kind: organisation, name: Town}, {id: agency, kind: organisation, name: Agency}]
agreements:
  - id: 7
    title: "=Data"
    kind: mou
    signed_on: 2020-08-31
    signed_as_printed: 2020. 8. 31.
    starts: 2020-09
    parties: [{party: town}, {party: agency}]
    identifiers: [{scheme: Register number, value: 7}]
    clauses:
      - number: 1
        kind: listed
        text: -one
        due: 2025-12-31
        department: Data
        follow_ups:
          - {track: reported, status: met, effective_on: 2024-05, stated_by: town, evidence: [{reference: doc-1}, {url: "https://example.org/a"}]}
      - number: 2
        kind: listed
        text: 'two, "quoted"'
        follow_ups:
          - {track: reported, status: stalled, effective_on: 2024, checked_on: 2025-01-02, reason: funding, note: +later, next_steps: "@next"}
""")  # fmt: skip
    assert state(database) == found


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_register_in_a_template_loads_as_the_same_seed_file(
    database: Database, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, 3))
    city = [
        {
            "number": f"{next(NUMBERS)}-{place}",
            "title": data.draw(PROMISE),
            "clauses": data.draw(st.lists(PROMISE, min_size=1, max_size=4, unique=True)),
        }
        for place in range(count)
    ]
    Path("register.xlsx").unlink(missing_ok=True)
    write_template(Path("register.xlsx"), lang="en")
    book = openpyxl.load_workbook("register.xlsx")
    sheet: Any = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[1]}
    row = 2
    for each in city:
        for text in each["clauses"]:
            said = {"Register number": each["number"], "Title": each["title"], "Kind": "mou", "Clause": text}
            for heading, word in said.items():
                cell = sheet.cell(row, columns[heading])
                cell.value, cell.data_type = word, "s"
            row += 1
    book.save("register.xlsx")
    loaded(database, "register.xlsx")
    seed = {
        "agreements": [
            {
                "id": each["number"],
                "title": each["title"],
                "kind": "mou",
                "identifiers": [{"scheme": "Register number", "value": each["number"]}],
                "clauses": [
                    {"number": place, "kind": "listed", "text": text}
                    for place, text in enumerate(each["clauses"], 1)
                ],
            }
            for each in city
        ]
    }
    again = told(database, json.dumps(seed), name="a.json")
    assert dict(again.updated) == dict(again.created) == {}
    assert again.missing == []


def test_a_mistyped_heading_of_a_template_is_a_fault(database: Database) -> None:
    write_template(Path("a.xlsx"))
    offices.change("a.xlsx", {"K1": "협악내용"})
    assert refused(database, "a.xlsx")[0].startswith(
        "a.xlsx:협약 대장!K1: `협악내용` is not a column of a template; did you mean `협약내용`?"
    )


# The yearly collection

OFFICE = """
parties:
  - {id: town, kind: organisation, name: 광주광역시}
  - {id: agency, kind: organisation, name: 한국전력공사}
agreements:
  - id: deal
    title: 데이터 협약
    kind: mou
    signed_on: 2020-08-31
    parties: [{party: town, department: 데이터과}, {party: agency}]
    clauses:
      - {number: 1, kind: listed, text: 하나, follow_ups: [{track: reported, status: stalled, reason: funding, effective_on: 2024-03, stated_by: town}]}
      - {number: 2, kind: listed, text: 둘, follow_ups: [{track: reported, status: met, effective_on: 2024-05, checked_on: 2024-06-01}, {track: verified, status: in_progress, effective_on: 2024-06-01}]}
      - {number: 3, kind: listed, text: =셋}
      - {number: 4, kind: listed, text: 넷, department: 기후과}
  - {id: other, title: 다른 협약, kind: mou, clauses: [{number: 1, kind: listed, text: 다섯, department: 데이터과}]}
"""  # fmt: skip


@pytest.fixture
def office(database: Database) -> Database:
    told(database, OFFICE)
    write_collection(database, "데이터과", Path("d.xlsx"))
    return database


def test_a_worksheet_holds_a_departments_clauses_with_their_last_statuses(office: Database) -> None:
    found = [
        tuple(row[name] for name in ("조항 ID", "협약내용", "소관부서", "최근 보고 상태", "최근 보고 기준일", "최근 보고 점검일", "검증 상태", "새 추진상황"))
        for row in offices.cells("d.xlsx")
    ]  # fmt: skip
    assert found == [
        ("deal.1", "하나", "데이터과", "지연·중단", "2024-03", "2024-03-31", None, None),
        ("deal.2", "둘", "데이터과", "완료", "2024-05", "2024-06-01", "추진 중", None),
        ("deal.3", "=셋", "데이터과", None, None, None, None, None),
        ("other.1", "다섯", "데이터과", None, None, None, None, None),
    ]
    sheet: Any = openpyxl.load_workbook("d.xlsx").worksheets[0]
    assert [sheet.column_dimensions[each].hidden for each in "ABC"] == [True, True, False]
    assert (sheet.protection.sheet, sheet["A2"].protection.locked, sheet["M2"].protection.locked) == (
        True,
        True,
        False,
    )


def test_a_worksheet_names_parties_in_its_own_language(database: Database) -> None:
    told(
        database,
        "tracker: 1\nparties:\n"
        "  - {id: city, kind: organisation, name: City, names: [{name: 도시, kind: translation, lang: ko}]}\n"
        "agreements:\n  - {id: a, title: A, kind: mou, parties: [{party: city, department: D}],\n"
        "      clauses: [{number: 1, kind: listed, text: x}]}\n",
    )
    names: dict[Lang, str] = {"ko": "도시", "en": "City"}
    for lang, name in names.items():
        write_collection(database, "D", Path(f"{lang}.csv"), lang=lang)
        assert f",A,{name}," in Path(f"{lang}.csv").read_text("utf-8-sig")


def test_untouched_rows_say_nothing(office: Database) -> None:
    before = state(office)
    done = loaded(office, "d.xlsx")
    assert (done.counts, done.notes) == ({}, ["d.xlsx:이행현황: no row is filled in"])
    assert state(office) == before


@pytest.mark.parametrize("words", ["변동 없음", "변동없음", "no change", "No change"])
def test_no_change_confirms_the_last_report_and_again_adds_nothing(office: Database, words: str) -> None:
    offices.fill("d.xlsx", 2, {"새 추진상황": words, "새 추진내용": "예산 협의 중"})
    done = loaded(office, "d.xlsx")
    assert done.counts == {"created": {"follow_up": 1}, "unchanged": {"agreement": 1, "clause": 1}}
    assert done.outcome.missing == []
    added = [each for each in state(office)["follow_up"] if each["note"] == "예산 협의 중"]
    assert [
        (
            each["track"],
            each["status"],
            each["reason"],
            each["effective_on"],
            each["checked_on"],
            each["stated_by"],
        )
        for each in added
    ] == [("reported", "stalled", "funding", "2024-03", TODAY, "town")]
    clause = stored(office, "clause", "deal.1")
    assert clause
    assert (clause["reported_status"], clause["reviewed_on"]) == ("stalled", TODAY)
    again = loaded(office, "d.xlsx")
    assert again.counts == {"unchanged": {"agreement": 1, "clause": 1, "follow_up": 1}}
    assert again.notes == []  # its own confirmation is nothing that somebody recorded since


def test_no_change_said_on_a_day_is_recorded_for_that_day(office: Database) -> None:
    offices.fill("d.xlsx", 2, {"새 추진상황": "변동 없음", "새 점검일": "2025. 6. 30."})
    loaded(office, "d.xlsx")
    assert value(office, "clause", "deal.1", "reviewed_on") == "2025-06-30"


def test_a_new_status_is_reported_by_the_party_whose_department_it_is(office: Database) -> None:
    offices.fill(
        "d.xlsx",
        4,
        {
            "새 추진상황": "완료",
            "새 상태기준일": "2025. 3.",
            "새 점검일": "2025. 4. 1.",
            "새 증빙": "데이터과-12; https://example.org/a",
            "새 향후계획": "확대",
        },
    )
    offices.fill(
        "d.xlsx", 5, {"새 추진상황": "일부추진·부진", "새 상태기준일": "2025", "새 보고기관": "한국전력공사"}
    )
    done = loaded(office, "d.xlsx")
    assert done.counts["created"] == {"follow_up": 2}
    found = {each["clause"]: each for each in state(office)["follow_up"]}
    assert {
        name: found["deal.3"][name]
        for name in (
            "track",
            "status",
            "effective_on",
            "checked_on",
            "stated_by",
            "next_steps",
            "recorded_by",
        )
    } == {
        "track": "reported",
        "status": "met",
        "effective_on": "2025-03",
        "checked_on": "2025-04-01",
        "stated_by": "town",
        "next_steps": "확대",
        "recorded_by": "loader",
    }
    assert [each["reference"] or each["url"] for each in found["deal.3"]["evidence"]] == [
        "데이터과-12",
        "https://example.org/a",
    ]
    assert (found["other.1"]["status"], found["other.1"]["stated_by"]) == ("behind", "agency")
    assert loaded(office, "d.xlsx").counts["unchanged"]["follow_up"] == 2


def test_every_fault_of_a_worksheet_stands_at_its_cell(office: Database) -> None:
    offices.fill("d.xlsx", 2, {"새 추진상황": "미이행", "새 상태기준일": "2025"})
    offices.fill("d.xlsx", 3, {"새 추진상황": "추진중", "새 상태기준일": "2025. 13. 1.", "새 사유": "정장"})
    offices.fill("d.xlsx", 4, {"새 추진상황": "변동 없음", "새 보고기관": "모르는 곳"})
    offices.fill("d.xlsx", 5, {"새 추진내용": "말만"})
    assert refused(office, "d.xlsx") == [
        "d.xlsx:이행현황!P2: `not_met` needs a reason; give `새 사유`",
        "d.xlsx:이행현황!N3: `새 상태기준일`: `2025. 13. 1.` is not in the calendar; write year, month and day, such as 2020-08-31",
        "d.xlsx:이행현황!P3: `정장` is no reason that is known; did you mean `정정`?",
        "d.xlsx:이행현황!M4: nothing was reported that could be unchanged; say the status itself",
        "d.xlsx:이행현황!M5: this row is filled in, but has no status; say which, or that there is no change (변동 없음)",
    ]
    offices.fill("d.xlsx", 2, {"새 추진상황": "완료", "새 상태기준일": None, "조항 ID": "deal.99"})
    assert refused(office, "d.xlsx")[0] == (
        "d.xlsx:이행현황!A2: there is no clause deal.99; the hidden first column holds its id; take it from the sheet as it was written"
    )


def test_a_state_without_its_day_is_a_fault(office: Database) -> None:
    offices.fill("d.xlsx", 2, {"새 추진상황": "완료"})
    assert refused(office, "d.xlsx") == [
        "d.xlsx:이행현황!N2: `새 상태기준일` is missing; say when that state was reached, or when someone looked"
    ]


def test_what_was_recorded_since_the_sheet_was_written_stays_and_is_named(office: Database) -> None:
    with office.write(PERSON) as change:
        body = {"track": "reported", "status": "in_progress", "effective_on": "2025-05"}
        follow_ups.record_follow_up(change, "deal.1", body)
    offices.fill("d.xlsx", 2, {"새 추진상황": "완료", "새 상태기준일": "2025. 4."})
    offices.fill("d.xlsx", 3, {"새 추진상황": "변동 없음"})
    done = loaded(office, "d.xlsx")
    assert done.notes == [
        "d.xlsx:이행현황!M2: since this sheet was written, kim recorded `in_progress` as of 2025-05 for deal.1; both stay"
    ]
    assert done.counts["created"] == {"follow_up": 2}
    assert value(office, "clause", "deal.1", "reported_status") == "in_progress"


def test_no_change_of_a_report_that_was_removed_is_a_fault(office: Database) -> None:
    report = offices.cells("d.xlsx")[0]["기준 보고"]
    with office.write(PERSON) as change:
        follow_ups.remove_follow_up(change, report, ANY)
    offices.fill("d.xlsx", 2, {"새 추진상황": "변동 없음"})
    assert refused(office, "d.xlsx") == [
        "d.xlsx:이행현황!M2: the report that this row calls unchanged is not there any more; say the status itself"
    ]


def test_clauses_that_a_worksheet_leaves_out_are_not_missing(office: Database) -> None:
    offices.fill("d.xlsx", 2, {"새 추진상황": "변동 없음"})
    done = loaded(office, "d.xlsx", prune=True)
    assert (done.outcome.missing, dict(done.outcome.pruned)) == ([], {})


def test_a_worksheet_as_csv_goes_out_and_in(office: Database) -> None:
    write_collection(office, "데이터과", Path("d.csv"), lang="en", bom=True)
    raw = Path("d.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row[5] for row in table] == ["Clause", "하나", "둘", "'=셋", "다섯"]
    place = table[0].index("New: Status")
    table[2][place] = "No change"
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(table)
    Path("d.csv").write_bytes(buffer.getvalue().encode("cp949"))
    assert loaded(office, "d.csv").counts["created"] == {"follow_up": 1}


def test_a_department_that_nobody_has_is_named_with_its_nearest(office: Database) -> None:
    with pytest.raises(NotFound, match="no clause is in the charge of the department `데이타과`") as caught:
        write_collection(office, "데이타과", Path("e.xlsx"))
    assert caught.value.hint == "did you mean `데이터과`?"
    assert not Path("e.xlsx").exists()


def test_a_sheet_that_is_there_is_not_written_over(office: Database) -> None:
    before = Path("d.xlsx").read_bytes()
    with pytest.raises(Conflict, match="is there already"):
        write_collection(office, "데이터과", Path("d.xlsx"))
    assert Path("d.xlsx").read_bytes() == before
    assert sorted(os.listdir()) == sorted(
        {*os.listdir()} - {name for name in os.listdir() if name.startswith(".d")}
    )
    assert write_collection(office, "데이터과", Path("d.xlsx"), force=True) == 4


def test_a_years_round_of_a_city_comes_back_whole(database: Database) -> None:
    city = offices.city(60)
    offices.workbook("register.xlsx", offices.rows(city))
    loaded(database, "register.xlsx", offices.MAP)
    os.mkdir("back")
    departments = sorted({each["department"] for each in city})
    for department in departments:
        write_collection(database, department, Path("back") / f"{department}.xlsx")
    sheets = (f"back/{department}.xlsx" for department in departments)
    filled = sum(offices.fill_in(sheet, "새 추진상황", "변동 없음", every=2) for sheet in sheets)
    done = loaded(database, "back")
    assert done.outcome.created == {"follow_up": filled}
    assert done.notes == []
    assert {each["stated_by"] for each in state(database)["follow_up"]} == {None, "gwangju-gwangyeoksi"}
    assert dict(loaded(database, "back").outcome.created) == {}
    Path("all.yaml").write_bytes(b"".join(export(database)))
    other = open_database("sqlite:///other.db")
    migrations.upgrade(other)
    load(other, ["all.yaml"], FILE)
    assert b"".join(export(other)) == Path("all.yaml").read_bytes()
    other.close()


# The command line

Tracker = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tracker(office: Database, database_url: str) -> Tracker:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(program, arguments, env={"TRACKER_DATABASE_URL": database_url})
        return done.exit_code, done.stdout, done.stderr

    return run


def test_a_worksheet_is_written_filled_in_and_loaded_at_the_command_line(tracker: Tracker) -> None:
    assert tracker("worksheet", "--department", "기후과", "-o", "c.xlsx") == (
        0,
        "",
        "c.xlsx: 1 clause of 기후과; filled in, `tracker load c.xlsx` records it\n",
    )
    offices.fill("c.xlsx", 2, {"새 추진상황": "완료", "새 상태기준일": "2025. 1. 1."})
    code, out, err = tracker("load", "c.xlsx", "--format", "json")
    assert code == 0
    assert json.loads(out)[0] == {
        "table": "follow_up",
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "pruned": 0,
    }
    assert err == "1 created, 2 unchanged\n"


def test_a_guess_is_printed_and_its_map_taken(tracker: Tracker) -> None:
    offices.workbook("a.xlsx", offices.rows(offices.city(3)))
    code, out, _ = tracker("worksheet", "--guess", "a.xlsx")
    assert code == 0
    Path("map.yaml").write_text(out.replace("follow_up.checked_on", "follow_up.effective_on"), "utf-8")
    code, out, err = tracker("validate", "a.xlsx", "--map", "map.yaml")
    assert (code, err.splitlines()[-1]) == (0, "no faults")
    assert tracker("load", "a.xlsx", "--map", "nomap.yaml")[0] == 3


def test_a_worksheet_asks_for_what_it_needs(tracker: Tracker) -> None:
    assert tracker("worksheet")[0] == 2
    assert tracker("worksheet", "--template")[0] == 2
    assert tracker("worksheet", "--template", "--guess", "a.xlsx")[0] == 2
    assert tracker("worksheet", "--template", "-o", "a.xls")[0] == 1
    assert tracker("worksheet", "--template", "-o", "no/a.xlsx") == (
        1,
        "",
        "Error: `no/a.xlsx` cannot be written: No such file or directory\n",
    )
    assert tracker("worksheet", "--guess", "none.xlsx")[0] == 3
    assert tracker("worksheet", "--department", "없는과", "-o", "b.xlsx")[0] == 5
    assert tracker("worksheet", "--department", "데이터과", "-o", "d.xlsx")[0] == 6


def test_lists_give_csv_with_a_byte_order_mark_on_request(
    tracker: Tracker, office: Database, database_url: str
) -> None:
    def raw(*arguments: str) -> bytes:
        return CliRunner().invoke(program, arguments, env={"TRACKER_DATABASE_URL": database_url}).stdout_bytes

    plain = raw("clauses", "--format", "csv")
    assert raw("clauses", "--format", "csv", "--bom") == b"\xef\xbb\xbf" + plain
    assert raw("clauses", "--format", "json", "--bom") == raw("clauses", "--format", "json")
