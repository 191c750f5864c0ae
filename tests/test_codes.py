"""Codelists: every code with its labels, what statuses need, and what standards call them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.api import Api
from tests.test_api_reading import on_sqlite
from tracker import codes
from tracker.database.engine import Database
from tracker.loading.spreadsheets.sheet_columns import COLUMNS, code_for
from tracker.loading.spreadsheets.worksheets import write_template
from tracker.models import Base, field_of
from tracker.reports.words import Words
from tracker.validation import match_key

MAPS = """
not_assessed  | scheduled    |                       | Not Yet Rated  |
no_evidence   |              | No Evidence Available |                |
not_started   | scheduled    | Not Started           |                |
in_progress   | scheduled    |                       | In the Works   | 정상추진
behind        | scheduled    | Limited               | In the Works   | 일부추진
stalled       | scheduled    |                       | Stalled        | 보류
partially_met | partiallyMet | Substantial           | Compromise     |
met           | met          | Complete              | Promise Kept   | 완료
met_ongoing   | met          | Complete              | Promise Kept   | 이행 후 계속추진
not_met       | notMet       |                       | Promise Broken |
waived        |              |                       |                |
superseded    |              |                       |                |
dropped       | notMet       |                       | Promise Broken | 폐기
"""


@on_sqlite
def test_statuses_carry_group_needs_and_maps(database: Database) -> None:
    listed = {each["code"]: each for each in Api(database).get("/v1/codes").json["data"]["status"]}
    maps = {}
    for line in MAPS.strip().splitlines():
        code, *found = (part.strip() or None for part in line.split("|"))
        maps[code] = dict(zip(("ocds", "ogp", "politifact", "manifesto"), found, strict=True))
    assert {code: each["maps"] for code, each in listed.items()} == maps
    assert listed["not_met"] == {
        "code": "not_met",
        "label": "Not met",
        "label_ko": "미이행",
        "group": "outcome",
        "needs": {"reason": True, "evidence": True},
        "maps": maps["not_met"],
    }
    assert {code for code, each in listed.items() if each["needs"]["reason"]} == {
        "stalled", "not_met", "waived", "superseded", "dropped",
    }  # fmt: skip
    assert {code for code, each in listed.items() if each["needs"]["evidence"]} == {
        "partially_met", "met", "met_ongoing", "not_met",
    }  # fmt: skip
    assert listed["not_assessed"]["group"] is None


@on_sqlite
def test_every_codelist_of_a_field_is_listed_with_both_labels(database: Database) -> None:
    listed: dict[str, list[dict[str, Any]]] = Api(database).get("/v1/codes").json["data"]
    for table in Base.metadata.tables.values():
        for column in table.columns:
            codelist = field_of(column).codelist
            if codelist is not None:
                assert set(codelist) <= {each["code"] for each in listed[codelist.name]}
    for entries in listed.values():
        assert all(each["label"] and each["label_ko"] for each in entries)
        for name in ("label", "label_ko"):
            assert len({each[name] for each in entries}) == len(entries)


@pytest.mark.parametrize("codelist", codes.CODELISTS.values(), ids=codes.CODELISTS)
def test_korean_labels_are_korean(codelist: codes.Codelist) -> None:
    for code in codelist:
        assert any("가" <= letter <= "힣" for letter in codelist.label(code, "ko")), code


@pytest.mark.parametrize("codelist", codes.CODELISTS.values(), ids=codes.CODELISTS)
def test_a_label_is_read_as_its_code_and_a_synonym_as_no_other(codelist: codes.Codelist) -> None:
    means: dict[str, str] = {}
    for code, label in codelist.labels.items():
        for word in (code, label.en, label.ko, *label.synonyms):
            assert code_for(codelist, word) == code, word
            assert means.setdefault(match_key(word), code) == code, word


def test_every_code_has_one_label_wherever_it_is_shown_and_read(database: Database, tmp_path: Path) -> None:
    listed = Api(database).get("/v1/codes").json["data"]
    for lang in codes.LANGS:
        path = tmp_path / f"{lang}.xlsx"
        write_template(path, lang=lang)
        sheet = openpyxl.load_workbook(path).worksheets[1]
        offered = {
            column[0].value: [cell.value for cell in column[1:] if cell.value] for column in sheet.columns
        }
        for column in COLUMNS.values():
            if column.codelist is None:
                continue
            labels = [column.codelist.label(code, lang) for code in column.codelist]
            member = "label_ko" if lang == "ko" else "label"
            assert [
                each[member] for each in listed[column.codelist.name] if each["code"] in column.codelist
            ] == labels
            assert [Words(lang).label(column.codelist, code) for code in column.codelist] == labels
            if column.in_template:
                assert offered[column.heading(lang)] == labels
