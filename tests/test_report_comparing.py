"""What changed since an earlier report: statuses, due dates, what is new and removed, backdated and altered rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.api import FOLLOW_UP, MET, Api, fill
from tests.test_report import run_report
from tracker.database.engine import Database


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


@pytest.fixture
def last(api: Api, database_url: str) -> Path:
    """A report as of the end of 2021, when two follow-ups were on record."""
    for clause, content in (("deal.1", FOLLOW_UP), ("deal.2", FOLLOW_UP | {"effective_on": "2021-05"})):
        assert api.post(f"/v1/clauses/{clause}/follow-ups", content).status == 201
    assert run_report(database_url, "--as-of", "2021-12-31", "-o", "last.json").code == 0
    return Path("last.json")


def compared(database_url: str, *words: str) -> Any:
    result = run_report(database_url, "--compare", "last.json", "--format", "json", *words)
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)["compared"]


def test_nothing_has_changed_where_nothing_was_done(last: Path, database_url: str) -> None:
    report = json.loads(last.read_bytes())
    comparison = compared(database_url, "--as-of", "2021-12-31")
    assert comparison["history"] == report["history"]
    assert (comparison["as_of"], comparison["made_at"]) == ("2021-12-31", report["made_at"])
    assert [name for name, entries in comparison.items() if isinstance(entries, list) and entries] == []


def test_every_change_is_listed_and_backdated_rows_stand_out(api: Api, last: Path, database_url: str) -> None:
    backdated = api.post("/v1/clauses/deal.1/follow-ups", MET).json["id"]
    api.post("/v1/clauses/deal.10/follow-ups", FOLLOW_UP | {"effective_on": "2022-03"})
    (row,) = api.get("/v1/clauses/deal.2/follow-ups").json["data"]
    assert api.patch(f"/v1/follow-ups/{row['id']}", {"status": "behind"}).status == 200
    assert api.patch("/v1/clauses/deal.1", {"due": "2023-12"}).status == 200
    assert api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "new"}).status == 201
    assert api.delete("/v1/agreements/older", role="admin").status == 204
    for id, signed in (("early", "2021-01-01"), ("late", "2022-01-01")):
        content = {"id": id, "title": id, "kind": "mou", "signed_on": signed, "parties": [{"party": "city"}]}
        assert api.post("/v1/agreements", content).status == 201
    comparison = compared(database_url, "--as-of", "2022-12-31")
    assert comparison["status_changes"] == [
        {"clause": "deal.1", "before": "in_progress", "before_basis": "verified", "after": "met",
         "after_basis": "verified", "because": "backdated"},
        {"clause": "deal.2", "before": "in_progress", "before_basis": "verified", "after": "behind",
         "after_basis": "verified", "because": "altered"},
        {"clause": "deal.10", "before": "not_assessed", "before_basis": None, "after": "in_progress",
         "after_basis": "verified", "because": "recorded"},
    ]  # fmt: skip
    assert [(each["clause"], each["id"]) for each in comparison["backdated"]] == [("deal.1", backdated)]
    assert [(each["clause"], each["what"], each["before"]) for each in comparison["altered"]] == [
        ("deal.2", "altered", {"status": "in_progress", "effective_on": "2021-05"})
    ]
    assert comparison["moved_due_dates"] == [{"clause": "deal.1", "before": "2021-12", "after": "2023-12"}]
    assert comparison["new_agreements"] == [
        {"agreement": "early", "backdated": True},
        {"agreement": "late", "backdated": False},
    ]
    assert comparison["removed_agreements"] == [{"agreement": "older", "title": "older"}]
    assert comparison["new_clauses"] == [{"clause": "deal.11"}]
    text = run_report(database_url, "--compare", "last.json", "--as-of", "2022-12-31", "--lang", "ko").out
    assert "## 2. 2021-12-31 기준 보고서 이후의 변경" in text
    assert "추진 중 | 완료 | 소급 기록 |" in text
    assert "(소급 기록): 1건" in text
    for format in ("html", "xlsx"):
        result = run_report(
            database_url, "--compare", "last.json", "--as-of", "2022-12-31", "-o", f"now.{format}"
        )
        assert result.code == 0


def test_a_follow_up_that_was_withdrawn_is_listed(api: Api, last: Path, database_url: str) -> None:
    (row,) = api.get("/v1/clauses/deal.2/follow-ups").json["data"]
    assert api.delete(f"/v1/follow-ups/{row['id']}").status == 204
    comparison = compared(database_url)
    assert [(each["clause"], each["what"], each["id"]) for each in comparison["altered"]] == [
        ("deal.2", "withdrawn", row["id"])
    ]
    assert [(each["clause"], each["after"], each["because"]) for each in comparison["status_changes"]] == [
        ("deal.2", "not_assessed", "altered")
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"tracker_report": 2}', b'{"tracker_report": 1}',
     b'{"tracker_report": 1, "as_of": "x", "made_at": "", "history": {"place": 1, "digest": ""}, "scope": {}, "register": []}'],
)  # fmt: skip
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_no_report_is_refused(api: Api, database_url: str, content: bytes) -> None:
    Path("last.json").write_bytes(content)
    result = run_report(database_url, "--compare", "last.json")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("--compare: that is no report (version 1) as JSON: ")
    assert result.err.endswith("; give the file that `tracker report --format json` wrote\n")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_reports_that_do_not_compare_are_refused(last: Path, database_url: str) -> None:
    result = run_report(database_url, "--compare", "last.json", "--as-of", "2021-06-30", "--party", "city")
    assert (result.code, result.out) == (3, "")
    assert result.err.splitlines() == [
        "--compare: that report is of other parties or series; it is of everything; ask for the same",
        "--compare: that report is as of 2021-12-31, later than 2021-06-30; compare with an earlier one",
    ]
    assert run_report(database_url, "--compare", "nowhere.json").code == 1
    assert run_report(database_url, "--compare", "last.json", "--format", "csv").code == 2
