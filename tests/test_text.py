"""Text is normalised in time, or refused."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import click
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import strict_json
from tracker.api.exchange import parameter_faults
from tracker.cli.acting import person
from tracker.cli.check import content_of
from tracker.drafting import read_text
from tracker.errors import TrackerError
from tracker.loading import yaml_content
from tracker.loading.spreadsheets.delimited import read_csv
from tracker.loading.spreadsheets.office_dates import office_date, office_period
from tracker.loading.spreadsheets.workbooks import read_workbook
from tracker.models import Agreement
from tracker.queries.lists import list_query
from tracker.romanisation import slug
from tracker.text import MOST_MARKS, UnfitText, comparable, legible, normalised, storable


@pytest.mark.parametrize("form", ["NFC", "NFKC"])
@given(text=st.text())
def test_text_comes_out_in_its_normal_form(form: str, text: str) -> None:
    assert normalised(text, form) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "marks",
    [
        "\u0301\u0316",
        "\u0344",
        "\u0f73",  # a letter to `combining`, two marks once it is decomposed
        "\u0301\uff9e",
    ],
)
def test_a_run_of_marks_that_would_take_minutes_is_refused(marks: str) -> None:
    with pytest.raises(UnfitText, match="combining marks"):
        normalised("a" + marks * 5_000, "NFKC")


def test_as_many_marks_as_a_script_can_need_are_taken() -> None:
    text = "a" + "\u0301\u0316" * (MOST_MARKS // 2)
    assert storable(text) == unicodedata.normalize("NFC", text)
    with pytest.raises(UnfitText):
        storable(text + "\u0301")
    assert storable(f"{text}b{text}") == unicodedata.normalize("NFC", f"{text}b{text}")


@pytest.mark.parametrize("text", ["\0", "a\0", "가\0", "\ud800", "a\udfffb"])
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(UnfitText, match="NUL or half"):
        storable(text)


MARKS = "a" + "\u0301\u0316" * 16
"""Two more than may follow each other."""


def csv(text: str) -> None:
    raise_of(read_csv("a.csv", f"A,B\n1,{text}\n".encode()).lines[1].cells[2].fault)


def workbook(text: str) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["A", text])
    book.save("a.xlsx")
    raise_of(read_workbook(Path("a.xlsx"), "a.xlsx")[0].lines[0].cells[2].fault)


def yaml(text: str) -> None:
    for fault in yaml_content.read("a.yaml", f"a: {text}\n".encode())[2]:
        raise_of(fault)


def yaml_key(text: str) -> None:
    for fault in yaml_content.read("a.yaml", f"{text}: 1\n".encode())[2]:
        raise_of(fault)


def lenient_json(text: str) -> None:
    for fault in strict_json.read_on(json.dumps({"a": text}), file="a.json")[1]:
        raise_of(fault)


def comment(text: str) -> None:
    for fault in parameter_faults([("comment", text)], ["comment"]):
        raise_of(fault)


def spans(text: str) -> None:
    Path("article.txt").write_text(text, encoding="utf-8")
    content_of("article.txt")


def raise_of(fault: object) -> None:
    if fault is not None:
        raise UnfitText(str(fault), "")


@pytest.mark.parametrize(
    "taken",
    [
        csv, workbook, yaml, yaml_key, lenient_json, comment, spans, person, read_text,
        lambda text: strict_json.read(json.dumps(text)),
        lambda text: strict_json.read(json.dumps({text: 1})),
        lambda text: strict_json.read(json.dumps([text], ensure_ascii=False).encode()),
        lambda text: list_query(Agreement, [("department", text)]),
        lambda text: read_text(f"<p>{text.replace(chr(0x301), '&#769;')}</p>", html=True),
    ],
)  # fmt: skip
def test_text_from_outside_is_refused_before_its_marks_are_sorted(taken: Callable[[str], object]) -> None:
    """Each way by which text comes in; what is refused says so, and few marks pass."""
    with pytest.raises((UnfitText, TrackerError, click.BadParameter), match="30 combining marks in a row"):
        taken(MARKS)
    taken("a\u0301\u0316")


def test_json_says_where_the_marks_are() -> None:
    with pytest.raises(TrackerError) as refused:
        strict_json.read(f'{{"a": "b",\n "c": "{MARKS}"}}')
    assert "(line 2, column 7)" in str(refused.value)


def test_what_is_only_compared_stays_as_it_is() -> None:
    long = "a" + "\u0301\u0316" * 20_000
    assert comparable(long) == long
    assert legible(long) == "\ufffd"
    assert slug(f"b{long}") == "ba"
    for read in (office_date, office_period):
        with pytest.raises(ValueError, match="is not a"):
            read(long)
