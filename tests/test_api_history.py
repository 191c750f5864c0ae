"""What history tells through the API: of one thing, removed or not, and of everything in commit order."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from tests.api import FOLLOW_UP, MET, Api, fill
from tests.rows import counts
from tracker.database.engine import Database
from tracker.models import Clause
from tracker.queries.computed import FIELDS as COMPUTED

NEW = {"kind": "listed", "text": "약속"}


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def entries(api: Api, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = path
    while following:
        answer = api.get(following)
        assert answer.status == 200, answer.raw
        found += answer.json["data"]
        following = answer.json["links"]["next"]
    return found


def told(api: Api, path: str) -> list[tuple[str, str]]:
    return [(entry["action"], entry["resource_id"]) for entry in entries(api, path)]


def test_a_change_is_told_whole(api: Api) -> None:
    made = api.post(
        "/v1/agreements/deal/clauses?comment=%EC%B2%AB%20%EB%B2%88%EC%A7%B8", NEW, X_Request_Id="one"
    )
    changed = api.patch("/v1/clauses/deal.11", {"due": "2022"}, X_Request_Id="two", role="admin")
    first, second = entries(api, "/v1/clauses/deal.11/history")
    kept = {name: value for name, value in made.json.items()
            if name not in (*COMPUTED[Clause], "created_at", "updated_at", "reported_status", "verified_status",
                            "status", "met_on", "reviewed_on")}  # fmt: skip
    assert first == {
        "id": 1,
        "at": first["at"],
        "actor": "Editor",
        "request": "one",
        "action": "create",
        "resource": "clause",
        "resource_id": "deal.11",
        "before": None,
        "after": kept,
        "comment": "첫 번째",
        "root": "deal",
        "sequence": 1,
        "previous": None,
        "digest": first["digest"],
    }
    assert second == {
        "id": 2,
        "at": second["at"],
        "actor": "Admin",
        "request": "two",
        "action": "update",
        "resource": "clause",
        "resource_id": "deal.11",
        "before": kept,
        "after": kept | {"due": "2022", "first_due": "2022", "version": 2},
        "comment": None,
        "root": "deal",
        "sequence": 2,
        "previous": first["digest"],
        "digest": second["digest"],
    }
    assert made.headers["X-Request-Id"] == "one"
    assert changed.json["version"] == 2


def test_a_comment_stands_in_history_of_every_kind_of_write(api: Api) -> None:
    id = api.post("/v1/clauses/deal.2/follow-ups?comment=a", FOLLOW_UP).json["id"]
    api.patch(f"/v1/follow-ups/{id}?comment=b", {"note": "x"})
    api.delete(f"/v1/follow-ups/{id}?comment=c")
    api.post("/v1/agreements/deal/clauses?comment=d", NEW)
    api.patch("/v1/clauses/deal.11?comment=e", {"label": "1"})
    api.delete("/v1/clauses/deal.11?comment=%E1%84%80%E1%85%A1")  # NFD
    assert [entry["comment"] for entry in entries(api, "/v1/changes")] == ["a", "b", "c", "d", "e", "가"]


def test_a_thing_that_was_removed_keeps_its_history(api: Api) -> None:
    id = api.post("/v1/clauses/deal.2/follow-ups", MET).json["id"]
    assert api.delete(f"/v1/follow-ups/{id}").status == 204
    assert api.delete("/v1/clauses/deal.2").status == 204
    assert told(api, f"/v1/follow-ups/{id}/history") == [("create", id), ("delete", id)]
    assert told(api, "/v1/clauses/deal.2/history") == [("delete", "deal.2")]
    assert told(api, "/v1/agreements/deal/history") == [("create", id), ("delete", id), ("delete", "deal.2")]
    created, removed = entries(api, f"/v1/follow-ups/{id}/history")
    assert (created["before"], removed["after"]) == (None, None)
    assert created["after"] == removed["before"]
    assert removed["before"]["evidence"][0]["url"] == "https://example.org/a"


def test_the_end_of_the_history_of_a_removed_thing_is_empty(api: Api) -> None:
    api.delete("/v1/clauses/deal.2")
    for path in ("/v1/clauses/deal.2/history?after=1", "/v1/clauses/deal.1/history", "/v1/changes?after=1"):
        answer = api.get(path)
        assert (answer.status, answer.json) == (200, {"data": [], "links": {"next": None}})


def test_what_never_was_has_no_history(api: Api) -> None:
    for path in (
        "clauses/deal.3",
        "parties/none",
        "follow-ups/018f3c2a-0000-7000-8000-000000000001",
        "quotes/a.q1",
    ):
        assert api.get(f"/v1/{path}/history").status == 404


def test_ids_that_resemble_each_other_share_no_history(api: Api) -> None:
    for number in (3, 33):
        api.post("/v1/agreements/deal/clauses", NEW | {"number": number})
    api.post("/v1/agreements/older/clauses", NEW | {"number": 3})
    api.delete("/v1/clauses/deal.33")
    assert told(api, "/v1/clauses/deal.3/history") == [("create", "deal.3")]
    assert told(api, "/v1/clauses/deal.33/history") == [("create", "deal.33"), ("delete", "deal.33")]
    assert api.get("/v1/clauses/deal.3").status == 200
    assert api.get("/v1/clauses/eal.3").status == 404
    assert api.get("/v1/clauses/d-al.3").status == 404


def test_every_change_stands_in_the_feed_in_commit_order(api: Api) -> None:
    for number in range(7):
        api.post(f"/v1/agreements/{('deal', 'older')[number % 2]}/clauses", NEW)
    feed = entries(api, "/v1/changes?limit=2")
    assert [entry["id"] for entry in feed] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry["sequence"] for entry in feed] == [1, 1, 2, 2, 3, 3, 4]
    assert feed == entries(api, "/v1/changes")
    assert [entry["id"] for entry in entries(api, "/v1/changes?after=5")] == [6, 7]
    first = api.get("/v1/changes?limit=2")
    assert first.json["links"]["next"] == "/v1/changes?after=2&limit=2"
    assert first.headers["Link"] == '</v1/changes?after=2&limit=2>; rel="next"'
    assert api.get("/v1/changes", if_none_match=api.get("/v1/changes").etag).status == 304
    ours = [entry["id"] for entry in entries(api, "/v1/agreements/older/history?limit=1")]
    assert ours == [2, 4, 6]


def test_links_of_history_lead_where_clients_reach_it(database: Database) -> None:
    fill(database)
    api = Api(database, public_url="https://example.org")
    for _ in range(2):
        api.post("/v1/agreements/deal/clauses", NEW)
    following = "https://example.org/v1/agreements/deal/history?after=1&limit=1"
    answer = api.get("/v1/agreements/deal/history?limit=1")
    assert answer.json["links"] == {"next": following}
    assert answer.headers["Link"] == f'<{following}>; rel="next"'
    made = api.post("/v1/agreements/deal/clauses", NEW)
    assert made.headers["Location"] == "https://example.org/v1/clauses/deal.13"


def test_a_refused_write_leaves_no_history(api: Api) -> None:
    before = counts(api.database)
    api.post("/v1/agreements/deal/clauses", {})
    api.patch("/v1/clauses/deal.1", {"label": "x"}, if_match='"9-a"')
    api.delete("/v1/clauses/deal.1")
    api.post("/v1/clauses/deal.1/follow-ups", MET | {"evidence": []})
    assert counts(api.database) == before
    assert api.get("/v1/changes").json["data"] == []


def test_free_texts_are_sealed_in_what_is_stored(api: Api) -> None:
    api.post("/v1/clauses/deal.1/follow-ups?comment=secret-comment", MET | {"note": "secret-note"})
    with api.database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT before, after, comment FROM change").one()
        texts = connection.exec_driver_sql("SELECT digest, salt, text FROM change_text").all()
    assert "secret" not in repr(stored)
    assert {words for _, _, words in texts} == {"secret-note", "secret-comment", "https://example.org/a"}
    for digest, salt, words in texts:
        assert hashlib.sha256(bytes.fromhex(salt) + words.encode()).hexdigest() == digest


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-1.2_3", True),
        ("x" * 100, True),
        ("x" * 101, False),
        ("a b", False),
        ("a\u00e9", False),
        ("", False),
    ],
)
def test_a_plain_request_id_is_kept_and_another_replaced(api: Api, given: str, kept: bool) -> None:
    answer = api.post("/v1/agreements/deal/clauses", NEW, X_Request_Id=given)
    (entry,) = entries(api, "/v1/changes")
    assert entry["request"] == answer.headers["X-Request-Id"]
    assert (entry["request"] == given) is kept
    assert len(entry["request"]) >= 1
