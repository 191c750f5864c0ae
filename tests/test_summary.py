"""Roll-ups over HTTP and at the command line: rows, pages, points over time, what the seed reads as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.api import FOLLOW_UP, MET, Api, fill
from tracker import dates
from tracker.cli import program
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.loading import load

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture
def api(database: Database, monkeypatch: pytest.MonkeyPatch) -> Api:
    fill(database)
    monkeypatch.setattr(dates, "today", lambda zone: "2022-07-15")
    return Api(database)


def short(row: dict[str, Any]) -> list[Any]:
    return [row[name] for name in ("key", "label", "total", "assessed", "met", "headline", "basis")]


def test_rows_by_agreement_party_series_and_status(api: Api) -> None:
    api.post("/v1/clauses/deal.1/follow-ups", MET | {"track": "reported"})
    api.post("/v1/clauses/older.1/follow-ups", MET)  # only spoken: outside every roll-up
    total = [None, None, 3, 1, 1, "partially_fulfilled", "reported"]
    for by, rows in {
        "agreement": [["deal", "Deal", *total[2:]], ["older", "older", 0, 0, 0, "empty", None]],
        "party": [["agency", "K_DATA", *total[2:]], ["city", "광주", *total[2:]]],
        "series": [["series", "Series", *total[2:]]],
        "status": [
            ["not_assessed", "Not assessed", 2, 0, 0, "not_tracked", None],
            ["met", "Met", 1, 1, 1, "fulfilled", "reported"],
        ],
    }.items():
        body = api.get(f"/v1/summary?by={by}").json
        assert [short(row) for row in body["data"]] == rows
        assert short(body["grand_total"]) == total
        assert body["links"] == {"next": None}
    assert list(body["grand_total"]) == [
        "key", "label", "total", "by_status", "assessed", "assessed_verified", "open", "met", "met_verified",
        "excluded", "overdue", "stale", "disagreement", "awaiting_verification", "fulfilment", "coverage",
        "headline", "basis",
    ]  # fmt: skip
    assert body["grand_total"]["fulfilment"] == {"numerator": 1, "denominator": 3}
    assert body["grand_total"]["coverage"] == {"numerator": 1, "denominator": 3}
    assert (body["grand_total"]["overdue"], body["grand_total"]["awaiting_verification"]) == (1, 1)
    assert (
        api.get("/v1/agreements/deal").json["summary"] == api.get("/v1/summary?by=agreement").json["data"][0]
    )


def test_filters_and_pages(api: Api) -> None:
    for query, keys in {
        "party=mayor": ["deal"],
        "party=agency": ["deal", "older"],
        "series=series": ["deal"],
        "initiative=series": ["deal"],
        "agreement=older,deal": ["deal", "older"],
        "department=과": ["deal"],
        "party=nobody": [],
    }.items():
        body = api.get(f"/v1/summary?by=agreement&{query}").json
        assert [row["key"] for row in body["data"]] == keys
        assert body["grand_total"]["total"] == sum(row["total"] for row in body["data"])
    assert api.get("/v1/summary?department=과").json["grand_total"]["total"] == 1
    first = api.get("/v1/summary?by=agreement&limit=1")
    second = api.get(first.json["links"]["next"])
    assert first.headers["Link"] == f'<{first.json["links"]["next"]}>; rel="next"'
    assert [row["key"] for row in first.json["data"] + second.json["data"]] == ["deal", "older"]
    assert first.json["grand_total"] == second.json["grand_total"]
    assert api.get(f"{first.json['links']['next']}&party=city").faults == [("cursor", "bad_cursor")]
    assert api.get(
        "/v1/summary?by=partys&every=week&as_of=soon&from=2020&limit=0&parti=x&party=X&cursor=%C3%A9"
    ).faults == [
        ("as_of", "bad_date"), ("by", "unknown_code"), ("every", "unknown_code"), ("from", "needs_every"),
        ("limit", "bad_limit"), ("parti", "unknown_parameter"), ("party", "bad_id"),
    ]  # fmt: skip


def test_points_over_time_say_what_was_known_at_the_end_of_each_month(api: Api) -> None:
    api.post(
        "/v1/clauses/deal.1/follow-ups", FOLLOW_UP | {"effective_on": "2022-04", "checked_on": "2022-04-30"}
    )
    api.post("/v1/clauses/deal.1/follow-ups", MET | {"effective_on": "2022-06-30"})
    body = api.get("/v1/summary?every=month&from=2022-04-01").json
    assert [[row["key"], row["label"], row["open"], row["met"]] for row in body["data"]] == [
        ["2022-04-30", "2022-04", 1, 0],
        ["2022-05-31", "2022-05", 1, 0],
        ["2022-06-30", "2022-06", 0, 1],
        ["2022-07-15", "2022-07", 0, 1],
    ]
    assert body["grand_total"] | {"key": "2022-07-15", "label": "2022-07"} == body["data"][-1] | {}
    years = api.get("/v1/summary?every=year&to=2021&from=2019-01-01").json["data"]
    assert [row["key"] for row in years] == ["2019-12-31", "2020-12-31", "2021-12-31"]
    assert [row["total"] for row in years] == [0, 3, 3]
    assert len(api.get("/v1/summary?every=quarter").json["data"]) == 12
    assert api.get("/v1/summary?every=month&from=0001").faults == [("every", "too_many")]
    assert api.get("/v1/summary?every=month&from=2023&to=2022").faults == [("from", "bad_range")]
    assert api.get("/v1/summary?by=party&every=month").faults == [("by", "by_with_every")]


def test_the_seed_right_after_loading_reads_not_tracked(database: Database) -> None:
    load(database, [str(SEEDS)], Author("tester", loading=True))
    api = Api(database)
    agreement = api.get("/v1/agreements/gwangju-kdata-2020").json
    row = agreement["summary"]
    assert (row["headline"], row["coverage"], row["basis"]) == (
        "not_tracked",
        {"numerator": 0, "denominator": 6},
        None,
    )
    assert (agreement["freshness"], agreement["next_review_on"]) == ("very_stale", "2021-08-31")
    clauses = api.get("/v1/clauses?agreement=gwangju-kdata-2020").json["data"]
    assert [(each["schedule"], each["freshness"], each["reviewed_on"]) for each in clauses] == [
        ("no_deadline", "very_stale", None)
    ] * 6
    assert api.ids("/v1/agreements?headline=not_tracked") == ["gwangju-kdata-2020"]
    assert api.ids("/v1/agreements?headline=open,fulfilled") == []


def test_todo_lists_what_needs_somebody(api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    api.post("/v1/clauses/deal.2/follow-ups", MET | {"track": "reported", "stated_by": "city"})

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(program, ["todo", *arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    rows = [json.loads(line) for line in run("--format", "jsonl").splitlines()]
    assert [(row["todo"], row["clause"]) for row in rows] == [
        ("overdue", "deal.10"), ("overdue", "deal.1"), ("review_due", "older.1"), ("review_due", "deal.1"),
        ("review_due", "deal.10"), ("awaiting_verification", "deal.2"),
    ]  # fmt: skip
    rows = [json.loads(line) for line in run("--format", "jsonl", "--as-of", "2021-06").splitlines()]
    assert [(row["todo"], row["clause"]) for row in rows] == [
        ("due_soon", "deal.10"),
        ("review_due", "older.1"),
    ]
    assert "Overdue: 2" in run("--format", "table")
    assert "Reported, awaiting verification: 1" in run("--format", "table", "--department", "과")
    result = CliRunner().invoke(program, ["todo", "--as-of", "x"])
    assert result.exit_code == 3
    assert "--as-of" in result.stderr
