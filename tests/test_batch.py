"""Recording many follow-ups in one request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api import FOLLOW_UP, MET, Api, fill
from tests.loads import stored
from tests.rows import counts
from tracker.database.engine import Database
from tracker.services.checking import problems

PATH = "/v1/follow-ups:batch"
MANY: list[dict[str, Any]] = [
    {"clause": "deal.1", **FOLLOW_UP},
    {"clause": "deal.2", **MET},
    {"clause": "deal.1", **MET},
    {"clause": "deal.1", "track": "verified", "status": "no_evidence", "reason": "correction"},
    {
        "clause": "deal.1",
        "track": "verified",
        "status": "behind",
        "effective_on": "2022",
        "reason": "funding",
    },
    {"clause": "older.1", "track": "reported", "status": "waived", "effective_on": "2021", "reason": "other"},
]
"""Follow-ups of three clauses; the last of the first clause goes back from what stands before it in the list."""


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def content(answer: Any) -> list[dict[str, Any]]:
    """Return follow-ups without what differs between two runs."""
    varying = ("id", "recorded_at", "created_at", "updated_at")
    return [{name: value for name, value in each.items() if name not in varying} for each in answer]


def test_a_batch_records_what_single_posts_record(api: Api) -> None:
    answer = api.post(PATH, {"follow_ups": MANY}, X_Request_Id="batch")
    assert answer.status == 201, answer.raw
    assert answer.json["links"] == {"next": None}
    recorded = answer.json["data"]
    assert [each["clause"] for each in recorded] == [each["clause"] for each in MANY]
    assert [api.get(f"/v1/follow-ups/{each['id']}").json for each in recorded] == recorded
    instants = [each["recorded_at"] for each in recorded]
    assert instants == sorted(set(instants))
    clauses = [stored(api.database, "clause", id) for id in ("deal.1", "deal.2", "older.1")]
    entries = api.get("/v1/changes").json["data"]
    assert [(each["action"], each["resource_id"], each["request"]) for each in entries] == [
        ("create", each["id"], "batch") for each in recorded
    ]
    for each, entry in zip(recorded, entries, strict=True):
        left_out = ("created_at", "updated_at", "confirms")
        kept = {name: value for name, value in each.items() if name not in left_out}
        assert entry["after"] == kept
    assert list(problems(api.database)) == []
    for each in recorded:
        assert api.delete(f"/v1/follow-ups/{each['id']}").status == 204
    singles = [
        api.post(f"/v1/clauses/{each['clause']}/follow-ups", {k: v for k, v in each.items() if k != "clause"})
        for each in MANY
    ]
    assert content(each.json for each in singles) == content(recorded)
    assert [stored(api.database, "clause", id) for id in ("deal.1", "deal.2", "older.1")] == clauses


def test_all_or_nothing_with_every_fault_at_its_place(api: Api) -> None:
    before = counts(api.database)
    faulty: list[Any] = [
        {"clause": "deal.1", **MET},
        {"clause": "deal.1", "track": "verified", "status": "in_progress", "effective_on": "2022"},
        {"clause": "dael.1", **FOLLOW_UP},
        {"clause": [], "track": "claimed"},
        7,
        {"clause": "Deal", "track": "verified", "status": "met", "effective_on": "2999", "id": "x",
         "evidence": [{}]},
        {**FOLLOW_UP, "stated_by": "nobody"},
    ]  # fmt: skip
    answer = api.post(PATH, {"follow_ups": faulty})
    assert answer.status == 422
    assert answer.faults == [
        ("/follow_ups/1/reason", "needs_reason"),  # against the one before it in the list
        ("/follow_ups/2/clause", "unknown_reference"),
        ("/follow_ups/3/clause", "bad_id"),
        ("/follow_ups/3/effective_on", "required"),
        ("/follow_ups/3/status", "required"),
        ("/follow_ups/3/track", "unknown_code"),
        ("/follow_ups/4", "wrong_type"),
        ("/follow_ups/5/clause", "bad_id"),
        ("/follow_ups/5/effective_on", "in_future"),
        ("/follow_ups/5/evidence/0", "one_place"),
        ("/follow_ups/5/id", "set_by_server"),
        ("/follow_ups/6/clause", "required"),
        ("/follow_ups/6/stated_by", "unknown_reference"),
    ]
    assert counts(api.database) == before


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ([FOLLOW_UP], [("", "wrong_type")]),
        ({}, [("/follow_ups", "required")]),
        ({"follow_ups": None}, [("/follow_ups", "wrong_type")]),
        ({"follow_ups": []}, [("/follow_ups", "empty")]),
        ({"follow_ups": [{}] * 1001}, [("/follow_ups", "too_long")]),
        ({"follow_ups": [1], "clause": "deal.1"}, [("/clause", "unknown_key")]),
    ],
)
def test_a_batch_has_its_form(api: Api, body: Any, faults: list[tuple[str, str]]) -> None:
    answer = api.post(PATH, body)
    assert (answer.status, answer.faults) == (422, faults)


def test_a_thousand_at_once(api: Api) -> None:
    answer = api.post(PATH, {"follow_ups": [{"clause": "deal.1", **FOLLOW_UP}] * 1000})
    assert (answer.status, len(answer.json["data"])) == (201, 1000)
    assert list(problems(api.database)) == []


def test_a_batch_obeys_roles_tracks_and_dry_runs(api: Api) -> None:
    body = {"follow_ups": MANY}
    before = counts(api.database)
    assert api.post(PATH, body, role="viewer").status == 403
    assert api.post(PATH, body, role="verified").status == 403
    assert api.post(PATH + "?dry_run=true", body).status == 200
    assert api.ask("GET", PATH).headers["Allow"] == "OPTIONS, POST"
    assert counts(api.database) == before
    assert api.post(PATH, {"follow_ups": MANY[:5]}, role="verified").status == 201
