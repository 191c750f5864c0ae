"""The council report: what stands in which list, that it agrees with the API, and every format of it."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests import city
from tests.api import Api
from tests.loads import FILE, told
from tests.test_cli import Result, tracker
from tracker import dates
from tracker.codes import REPORT_FORMATS
from tracker.database.engine import Database
from tracker.loading import load
from tracker.reports.formats import FORMATS
from tracker.services.chains import head

SEEDS = Path(__file__).parent.parent / "seeds"
DAY = "2025-06-30"
COUNT = 40

TOWN = """\
tracker: 1
parties:
  - {id: town, kind: organisation, name: 가온시, names: [{name: Gaon, kind: translation, lang: en}]}
  - {id: agency, kind: organisation, name: "=Agency <b>&"}
initiatives:
  - {id: ai, kind: series, name: AI}
agreements:
  - id: deal
    title: "=HYPERLINK(\\"x\\") <script>alert(1)</script> | a"
    kind: mou
    signed_on: 2020-08-31
    series: ai
    series_number: 31
    parties: [{party: town, department: 도시과}, {party: agency}]
    clauses:
      - {number: 1, kind: listed, text: reported met, due: 2021-12~, follow_ups: [
          {track: reported, status: met, effective_on: 2021-06, stated_by: town}]}
      - {number: 2, kind: listed, text: differs, due: 2021-12-31, follow_ups: [
          {track: reported, status: met, effective_on: 2021-06-30, stated_by: town, evidence: [{reference: doc}]},
          {track: verified, status: behind, effective_on: 2021-07-01, note: half, next_steps: go on}]}
      - {number: 3, kind: listed, text: stalls, follow_ups: [
          {track: reported, status: stalled, reason: funding, effective_on: 2020-12-31, checked_on: 2021-02-01, stated_by: town}]}
      - {number: 4, kind: listed, text: not found, follow_ups: [
          {track: verified, status: no_evidence, checked_on: 2021-08-01}]}
      - {number: 5, kind: spoken, text: only said, due: 2021-01-31}
      - {number: 6, kind: listed, text: nobody looked}
      - {number: 7, kind: listed, text: given up, follow_ups: [
          {track: reported, status: dropped, reason: funding, effective_on: 2021-05-05, stated_by: town}]}
  - id: over
    title: Over
    kind: moa
    signed_on: 2019-01
    lifecycle: terminated
    ended_on: 2021-03-01
    end_reason: counterparty_fault
    council_reported_on: 2019-03
    parties: [{party: town}, {party: agency}]
  - id: told
    title: Told
    kind: moa
    signed_on: 2019-01-01
    lifecycle: cancelled
    ended_on: 2021-03
    end_reason: mutual
    council_reported_on: 2021-03-15
    parties: [{party: town}]
  - {id: past, title: Past, kind: moa, signed_on: 2020-01-01, ends: 2021-06-30, parties: [{party: town}]}
  - {id: later, title: Later, kind: moa, signed_on: 2022-02-02, parties: [{party: agency}]}
"""


@pytest.fixture
def town(database: Database) -> Api:
    told(database, TOWN)
    return Api(database)


@pytest.fixture
def gaon(database: Database, monkeypatch: pytest.MonkeyPatch) -> Api:
    Path("city.json").write_text(json.dumps(city.register(COUNT), ensure_ascii=False), "utf-8")
    load(database, ["city.json"], FILE)
    monkeypatch.setattr(dates, "today", lambda zone: DAY)
    return Api(database)


def report_of(api: Api, query: str = "") -> Any:
    answer = api.get(f"/v1/report{query}")
    assert answer.status == 200, answer.raw
    return answer.json


def run_report(database_url: str, *words: str) -> Result:
    return tracker("report", *words, TRACKER_DATABASE_URL=database_url)


def test_each_list_holds_what_it_says(town: Api) -> None:
    report = report_of(town, "?from=2021&to=2021")
    assert (report["as_of"], report["period"]) == ("2021-12-31", {"from": "2021-01-01", "to": "2021-12-31"})
    assert [each["id"] for each in report["register"]] == ["told", "over", "past", "deal"]
    assert report["lists"] == {
        "signed": [],
        "council_not_told": [],
        "reviewed": ["deal"],
        "completed": ["deal.1"],
        "stalled": ["deal.3"],
        "unfulfilled": ["deal.7"],
        "ended": ["told", "over"],
        "expired": ["past"],
        "overdue": [],
        "review_due": ["deal.6"],
        "lacks_evidence": ["deal.1", "deal.4"],
        "disagreement": ["deal.2"],
        "awaiting_verification": ["deal.1", "deal.3", "deal.7"],
        "next_steps": ["deal.2"],
    }
    later = report_of(town, "?as_of=2022-02-02&from=2022")["lists"]
    assert (later["overdue"], later["signed"], later["ended"]) == (["deal.2"], ["later"], [])
    assert later["council_not_told"] == ["later"]


def test_a_period_may_end_later_than_the_day_of_the_report_but_not_begin_later(town: Api) -> None:
    report = report_of(town, "?from=2021&to=2021&as_of=2021-06-30")
    assert (report["as_of"], report["period"]["to"]) == ("2021-06-30", "2021-12-31")
    assert (report["lists"]["reviewed"], report["lists"]["expired"]) == (["deal"], [])
    deal = next(each for each in report["register"] if each["id"] == "deal")
    assert (
        max(each["effective_on"] for clause in deal["clauses"] for each in clause["follow_ups"])
        == "2021-06-30"
    )
    # What was reached by then may have been looked at later.
    assert report_of(town, "?from=2021&to=2021&as_of=2021-01-15")["lists"]["reviewed"] == []
    assert town.get("/v1/report?from=2022&as_of=2021-06-30").faults == [("from", "bad_range")]


def test_an_ending_says_its_ground_and_whether_the_council_was_told(town: Api) -> None:
    ended = {each["id"]: each for each in report_of(town, "?as_of=2021-12-31")["register"]}
    assert [ended[id]["council_told_of_ending"] for id in ("told", "over", "past")] == [True, False, None]
    assert ended["over"]["end_reason"] == "counterparty_fault"
    text = town.get("/v1/report?as_of=2021-12-31&format=md&lang=ko").raw.decode()
    assert "| 종료 | 2021-03-01 | 상대방 귀책 | 종료 보고 기록 없음(최근 보고 2019-03) |" in text
    assert "| 취소 | 2021-03 | 상호 합의 | 보고함(2021-03-15) |" in text


def test_nothing_reads_as_fulfilled_on_a_partys_word_alone(town: Api) -> None:
    report = report_of(town, "?as_of=2021-12-31")
    assert (report["summary"]["fulfilment"], report["summary"]["basis"], report["as_reported"]) == (
        {"numerator": 1, "denominator": 6},
        "reported",
        True,
    )
    assert report["summary"]["coverage"] == {"numerator": 5, "denominator": 6}
    for lang, words, met in (("en", "as reported", "Met"), ("ko", "자체보고 기준", "완료")):
        text = town.get(f"/v1/report?as_of=2021-12-31&lang={lang}&format=md").raw.decode()
        assert f"{met} ({words})" in text
        rates = re.findall(r".*16\.7 ?%.*", text)
        assert any(words in each for each in rates), rates
        assert f"● 1. reported met \\[{met} ({words})" in text


def test_the_counterparty_is_the_other_side(town: Api) -> None:
    def sides(query: str) -> Any:
        return {each["id"]: each["counterparties"] for each in report_of(town, query)["register"]}

    assert sides("?as_of=2021-12-31")["deal"] == ["=Agency <b>&"]
    assert sides("?as_of=2021-12-31&party=agency") == {"over": ["Gaon"], "deal": ["Gaon"]}
    assert sides("?as_of=2021-12-31&party=agency&lang=ko") == {"over": ["가온시"], "deal": ["가온시"]}
    assert list(sides("?series=ai")) == ["deal"]
    nobody = report_of(town, "?party=nobody")
    assert (nobody["register"], nobody["scope"]["party"]) == ([], [{"id": "nobody", "name": None}])
    assert nobody["summary"]["headline"] == "empty"


def test_a_report_agrees_with_the_lists_and_roll_ups_of_the_api(gaon: Api) -> None:
    report = report_of(gaon, "?from=2019")
    assert gaon.get("/v1/summary").json["grand_total"] == report["summary"]
    assert len(report["register"]) == report["agreements"] == COUNT
    spoken = set(gaon.ids("/v1/clauses?kind=spoken&limit=200"))
    for name, query in {
        "overdue": "schedule=overdue",
        "disagreement": "disagreement=true",
        "awaiting_verification": "awaiting_verification=true",
        "stalled": "status=stalled",
    }.items():
        ids = [id for id in gaon.ids(f"/v1/clauses?{query}&limit=200") if id not in spoken]
        assert sorted(report["lists"][name]) == sorted(ids), name
        assert report["lists"][name]
    for agreement in report["register"][:10]:
        stands = gaon.get(f"/v1/agreements/{agreement['id']}?include=clauses").json
        for name in ("summary", "freshness", "next_review_on", "expired", "lifecycle"):
            assert agreement[name] == stands[name]
        for mine, theirs in zip(agreement["clauses"], stands["clauses"], strict=True):
            shared = mine.keys() & theirs.keys()
            assert len(shared) > 15
            assert {name: mine[name] for name in shared} == {name: theirs[name] for name in shared}


def test_a_day_that_has_passed_knows_what_was_known(gaon: Api) -> None:
    report = report_of(gaon, "?to=2020-12-31")
    assert gaon.get("/v1/summary?as_of=2020-12-31").json["grand_total"] == report["summary"]
    days = [
        each["effective_on"] for a in report["register"] for c in a["clauses"] for each in c["follow_ups"]
    ]
    assert days
    assert max(days)[:4] <= "2020"


def test_a_report_carries_the_head_of_the_history_it_was_made_from(town: Api) -> None:
    report = report_of(town)
    place, digest = head(town.database)
    assert report["history"] == {"place": place, "digest": digest}
    for format in ("html", "md", "csv"):
        text = town.get(f"/v1/report?format={format}").raw.decode()
        assert f"{place}-{digest}" in text
        assert report["as_of"] in text
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(Asia/Seoul, UTC\+0900\)", text)


def test_all_faults_are_told_at_once(town: Api) -> None:
    answer = town.get("/v1/report?party=X!&from=2022&to=2021&as_of=soon&lang=kr&format=pdf&nope=1&lang=ko")
    assert answer.status == 400
    assert answer.faults == [
        ("as_of", "bad_date"),
        ("format", "unknown_code"),
        ("from", "bad_range"),
        ("lang", "repeated_parameter"),
        ("nope", "unknown_parameter"),
        ("party", "bad_id"),
    ]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/markdown;q=0.5, application/json;q=0.1", "text/markdown; charset=utf-8"),
        ("image/png", "application/json"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_accept_chooses_the_format_unless_it_is_named(town: Api, accept: str, expected: str) -> None:
    answer = town.get("/v1/report", Accept=accept)
    assert (answer.status, answer.headers["Content-Type"], answer.headers["Vary"]) == (
        200,
        expected,
        "Accept",
    )
    named = town.get("/v1/report?format=csv", Accept=accept)
    assert named.headers["Content-Type"] == "text/csv; charset=utf-8"
    day = dates.today("Asia/Seoul")
    assert named.headers["Content-Disposition"] == f'attachment; filename="report-{day}.csv"'


def test_csv_is_the_register_and_no_cell_is_a_formula(town: Api) -> None:
    raw = town.get("/v1/report?as_of=2021-12-31&format=csv&lang=ko").raw.decode()
    rows = list(csv.DictReader(io.StringIO(raw, newline="")))
    assert [row["식별자"] for row in rows] == ["told", "over", "past", "deal"]
    deal = rows[3]
    assert deal["협약명"].startswith("'=HYPERLINK")
    assert (deal["시리즈"], deal["체결일"], deal["상대기관"]) == ("AI 제31호", "2020-08-31", "'=Agency <b>&")
    assert deal["이행 완료"] == "6건 중 1건(16.7%), 자체보고 기준"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+@\t" and cell]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_workbook_holds_every_list_as_text(town: Api) -> None:
    raw = town.get("/v1/report?as_of=2021-12-31&format=xlsx").raw
    book = openpyxl.load_workbook(io.BytesIO(raw))
    assert book.sheetnames[:3] == ["Summary", "Register of agreements", "Clauses (promises)"]
    assert len(book.sheetnames) == 3 + 14
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    register = book["Register of agreements"]
    assert (register.max_row, register.freeze_panes, register.print_title_rows) == (5, "A2", "$1:$1")


class Tags(HTMLParser):
    """The tags of a page, and what stands in its addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.addresses: list[str | None] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "col", "rect", "circle", "path"):
            self.open.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "circle", "path"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_html_needs_nothing_else_and_runs_nothing(town: Api, lang: str) -> None:
    answer = town.get(f"/v1/report?as_of=2021-12-31&format=html&lang={lang}")
    text = answer.raw.decode()
    page = Tags(text)
    assert page.open == []
    assert page.addresses == []
    assert "script" not in page.tags
    assert f'<html lang="{lang}">' in text
    assert '=HYPERLINK("x") <script>alert(1)</script> | a' in page.texts
    assert "&lt;script&gt;alert(1)&lt;/script&gt; | a" in text
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    # A bar for each agreement, and its words beside it for whoever cannot see it.
    met = {"en": "Met 1", "ko": "완료 1"}[lang]
    assert len(re.findall(r'role="img" aria-label="[^"]+"', text)) >= 4
    assert re.search(rf'aria-label="[^"]*{met}[^"]*"', text)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_markdown_keeps_a_cell_a_cell(town: Api) -> None:
    text = town.get("/v1/report?as_of=2021-12-31&format=md").raw.decode()
    assert '=HYPERLINK("x") \\<script\\>alert(1)\\</script\\> \\| a' in text
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) > 8
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_the_seed_reads_as_not_tracked(database: Database) -> None:
    load(database, [str(SEEDS)], FILE)
    report = report_of(Api(database))
    assert report["summary"]["headline"] == "not_tracked"
    assert report["summary"]["coverage"] == {"numerator": 0, "denominator": 6}
    assert (report["summary"]["basis"], report["as_reported"]) == (None, False)
    assert len(report["lists"]["review_due"]) == 6
    (agreement,) = report["register"]
    assert (agreement["freshness"], agreement["reviewed_on"]) == ("very_stale", None)
    text = Api(database).get("/v1/report?format=md&lang=ko").raw.decode()
    assert "| 종합 | 미추적 |" in text
    assert "점검 기록 없음" in text


def test_at_the_command_line_the_ending_of_the_file_names_the_format(town: Api, database_url: str) -> None:
    assert set(FORMATS) == set(REPORT_FORMATS)
    for format, begins in {
        "html": b"<!doctype",
        "md": b"# Report",
        "csv": b"ID,",
        "json": b"{",
        "xlsx": b"PK",
    }.items():
        written = run_report(database_url, "-o", f"report.{format}")
        assert (written.code, written.out, written.err) == (0, "", f"report.{format} is written\n")
        assert Path(f"report.{format}").read_bytes().startswith(begins)
        if format != "xlsx":
            assert run_report(database_url, "--format", format).raw.startswith(begins)
    assert run_report(database_url, "--format", "csv", "--bom").raw.startswith(b"\xef\xbb\xbfID,")
    assert run_report(database_url, "--lang", "ko").out.startswith("# 업무협약 추진상황 보고서\n")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_at_the_command_line_faults_name_options(town: Api, database_url: str) -> None:
    wrong = run_report(database_url, "--from", "2022", "--to", "2021", "--as-of", "x", "--party", "X!")
    assert wrong.code == 3
    assert [line.split(":")[0].split(" is ")[0] for line in wrong.err.splitlines()] == [
        "--party",
        "--as-of",
        "--from",
    ]
    nowhere = run_report(database_url, "-o", "no/such/folder/report.md")
    assert (nowhere.code, nowhere.err) == (
        1,
        "Error: `no/such/folder/report.md` cannot be written: No such file or directory\n",
    )


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_the_extra_a_workbook_says_what_to_install(
    town: Api, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.reports.workbook.find_spec", lambda name: None)
    wrong = run_report(database_url, "-o", "report.xlsx")
    assert (wrong.code, wrong.err) == (
        1,
        "Error: workbooks (.xlsx) need the extra `excel`; pip install openpyxl, or take csv, html or md\n",
    )
    assert not Path("report.xlsx").exists()
    assert town.get("/v1/report?format=xlsx").faults == [("format", "not_installed")]
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert town.get("/v1/report", Accept=sheet).headers["Content-Type"] == "application/json"


def test_the_lead_department_is_that_of_the_clauses_where_no_party_has_one(database: Database) -> None:
    text = (
        "tracker: 1\nagreements:\n  - {id: a, title: A, kind: mou, clauses: [\n"
        "      {number: 1, kind: listed, text: one, department: AI정책과}, {number: 2, kind: listed, text: two}]}\n"
    )
    told(database, text)
    (agreement,) = report_of(Api(database))["register"]
    assert (agreement["departments"], agreement["lead_departments"]) == ([], ["AI정책과"])
    assert [each["department"] for each in agreement["clauses"]] == ["AI정책과", None]
    register = Api(database).get("/v1/report?format=csv").raw.decode()
    assert "AI정책과" in register
