"""Adding, changing and removing clauses through the API."""

from __future__ import annotations

import http.client
import json
import threading
import unicodedata
from typing import Any

import pytest
from sqlalchemy import text as sql

from tests.api import FOLLOW_UP, TEXT, Api, fill, serving
from tests.rows import counts
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.models import Clause
from tracker.services import history
from tracker.services.rows import insert_rows

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
NEW = {"kind": "listed", "text": "약속"}


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def test_a_new_clause_is_given_back_whole_with_its_address(api: Api) -> None:
    answer = api.post("/v1/agreements/deal/clauses", {**NEW, "number": 7, "due": "2022-05~"})
    assert answer.status == 201
    assert answer.headers["Location"] == "/v1/clauses/deal.7"
    stamp = answer.json["created_at"]
    assert answer.json == {
        "id": "deal.7",
        "agreement": "deal",
        "number": 7,
        "kind": "listed",
        "text": "약속",
        "label": None,
        "lang": None,
        "due": "2022-05~",
        "first_due": "2022-05~",
        "department": None,
        "source": None,
        "start": None,
        "end": None,
        "reported_status": None,
        "verified_status": None,
        "status": "not_assessed",
        "met_on": None,
        "reviewed_on": None,
        "version": 1,
        "created_at": stamp,
        "updated_at": stamp,
        "schedule": "overdue",
        "overdue_since": "2022-06-01",
        "slippage_days": 0,
        "freshness": "very_stale",
        "next_review_on": "2021-08-31",
        "disagreement": False,
        "awaiting_verification": False,
        "parties": [],
    }
    read = api.get("/v1/clauses/deal.7")
    assert (read.raw, read.etag) == (answer.raw, answer.etag)


def test_a_clause_without_a_number_takes_the_next_one_ever(api: Api) -> None:
    path = "/v1/agreements/deal/clauses"
    assert api.post(path, NEW).json["id"] == "deal.11"
    assert api.delete("/v1/clauses/deal.11").status == 204
    assert api.post(path, NEW).json["id"] == "deal.12"
    assert api.post(path, NEW | {"number": 10}).status == 409
    assert api.post(path, NEW | {"number": 2**31 - 1}).status == 201
    full = api.post(path, NEW)
    assert (full.status, full.json["detail"]) == (409, "agreement deal has no number left after 2147483647")
    assert api.post(path, NEW | {"number": 5}).status == 201


def test_a_number_that_is_taken_is_a_conflict(api: Api) -> None:
    answer = api.post("/v1/agreements/deal/clauses", NEW | {"number": 1})
    assert answer.status == 409
    assert answer.json == {
        "type": "/problems/conflict",
        "title": "It does not fit what is there",
        "status": 409,
        "detail": "clause deal.1 is there already",
        "hint": "leave `number` out to take the next one",
    }


def test_every_fault_is_named_at_once(api: Api) -> None:
    body = {
        "number": 0,
        "kind": "lsted",
        "text": " ",
        "label": "x" * 81,
        "lang": "한국어",
        "due": "soon",
        "department": "a\nb",
        "source": "artcle",
        "start": 1.5,
        "end": "5",
        "parties": [{"party": "ctiy", "role": "obliger"}, {"role": "obligor"}, 1],
        "status": "met",
        "id": "deal.3",
        "bogus": None,
    }
    answer = api.post("/v1/agreements/deal/clauses", body)
    assert answer.status == 422
    assert answer.faults == [
        ("/bogus", "unknown_key"),
        ("/department", "bad_character"),
        ("/due", "bad_date"),
        ("/end", "wrong_type"),
        ("/id", "set_by_server"),
        ("/kind", "unknown_code"),
        ("/label", "too_long"),
        ("/lang", "bad_form"),
        ("/number", "out_of_range"),
        ("/parties/0/party", "unknown_reference"),
        ("/parties/0/role", "unknown_code"),
        ("/parties/1/party", "required"),
        ("/parties/2", "wrong_type"),
        ("/source", "unknown_reference"),
        ("/start", "wrong_type"),
        ("/status", "set_by_server"),
        ("/text", "empty"),
    ]
    hints = {fault["pointer"]: fault.get("hint") for fault in answer.json["errors"]}
    assert hints["/kind"] == "did you mean `listed`?"
    assert hints["/source"] == "did you mean `article`?"
    assert hints["/parties/0/role"] == "did you mean `obligor`?"
    assert api.post("/v1/agreements/deal/clauses", {}).faults == [
        ("/kind", "required"),
        ("/text", "required"),
    ]


def test_faults_of_references_are_named_beside_a_bad_number(api: Api) -> None:
    """A field that only a new clause may set does not hide the faults of the others."""
    body = {"number": 7, "kind": "bad", "text": "x", "source": "nothing", "start": 0, "end": 1,
            "parties": [{"party": "ctiy", "role": "obligor"}]}  # fmt: skip
    assert api.post("/v1/agreements/deal/clauses", body).faults == [
        ("/kind", "unknown_code"),
        ("/parties/0/party", "unknown_reference"),
        ("/source", "unknown_reference"),
    ]


@pytest.mark.parametrize(
    ("span", "faults"),
    [
        ({"source": "article", "start": 0, "end": 5, "text": TEXT[:5]}, []),
        ({"source": "article", "start": len(TEXT) - 1, "end": len(TEXT), "text": TEXT[-1]}, []),
        ({"source": "article", "start": 1, "end": 6, "text": TEXT[:5]}, [("/start", "span")]),
        ({"source": "article", "start": 0, "end": 6, "text": TEXT[:5]}, [("/end", "span")]),
        ({"source": "article", "start": 5, "end": 5, "text": TEXT[:5]}, [("/end", "span")]),
        ({"source": "article", "start": 5, "end": 3}, [("/end", "span")]),
        ({"source": "closed", "start": 6, "end": 11, "text": "12345"}, [("/end", "span")]),
        ({"source": "closed", "start": 5, "end": 10, "text": "12345"}, []),
        ({"source": "closed", "start": 0, "end": 1, "text": "😀"}, []),  # one code point
        ({"source": "article", "start": 0}, [("/end", "span")]),
        ({"start": 0, "end": 2}, [("/source", "span")]),
        ({"source": "article"}, [("/start", "span")]),
        ({"source": "article", "start": -1, "end": 1}, [("/start", "out_of_range")]),
        (
            {"source": "article", "start": 2**31, "end": 2**31 + 1},
            [("/end", "out_of_range"), ("/start", "out_of_range")],
        ),
        ({"source": "article", "start": True, "end": 2.0}, [("/start", "wrong_type")]),
        ({"source": "Article", "start": 0, "end": 2}, [("/source", "bad_id")]),
    ],
)
def test_a_span_has_to_fit_its_text_and_its_source(
    api: Api, span: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    answer = api.post("/v1/agreements/deal/clauses", NEW | span)
    assert answer.status == (422 if faults else 201)
    if faults:
        assert answer.faults == faults
    changed = api.patch("/v1/clauses/deal.2", {"text": "약속"} | span)
    assert changed.status == (422 if faults else 200)


def test_a_span_that_reads_otherwise_is_told_where_the_words_stand(api: Api) -> None:
    answer = api.patch("/v1/clauses/deal.1", {"start": 3, "end": 8})
    assert answer.json["errors"] == [
        {
            "code": "span",
            "detail": "the source does not read so at 3–8",
            "pointer": "/start",
            "hint": "it stands at 0–5",
        }
    ]


def test_korean_in_nfd_is_stored_in_nfc(api: Api) -> None:
    nfd = unicodedata.normalize("NFD", "광주광역시")
    assert len(nfd) > 5
    answer = api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": nfd, "department": nfd})
    assert (answer.json["text"], answer.json["department"]) == ("광주광역시", "광주광역시")
    assert api.ids("/v1/clauses?department=" + nfd) == [answer.json["id"]]


def test_whole_numbers_may_be_written_as_floats(api: Api) -> None:
    assert api.post("/v1/agreements/deal/clauses", b'{"kind": "listed", "text": "x", "number": 20.0}').json["id"] == "deal.20"  # fmt: skip


def test_a_patch_changes_what_it_names_and_null_clears(api: Api) -> None:
    before = api.get("/v1/clauses/deal.1")
    answer = api.patch(
        "/v1/clauses/deal.1",
        {"due": "2023-01", "label": "▲", "source": None, "start": None, "end": None, "parties": None},
        if_match=before.etag,
        Content_Type="application/merge-patch+json",
    )
    assert answer.status == 200
    assert answer.json == before.json | {
        "due": "2023-01",
        "label": "▲",
        "source": None,
        "start": None,
        "end": None,
        "parties": [],
        "version": 2,
        "updated_at": answer.json["updated_at"],
        "overdue_since": "2023-02-01",
        "slippage_days": 396,  # first_due stays 2021-12
    }
    assert answer.json["updated_at"] > before.json["updated_at"]
    read = api.get("/v1/clauses/deal.1")
    assert (read.raw, read.etag) == (answer.raw, answer.etag)
    assert answer.etag.startswith('"2-')
    cleared = api.patch("/v1/clauses/deal.1", {"due": None}, if_match=answer.etag)
    assert (cleared.json["due"], cleared.json["first_due"]) == (None, "2021-12")
    assert api.patch("/v1/clauses/deal.1", {"due": "2030"}).json["first_due"] == "2021-12"


def test_the_first_due_date_is_the_first_that_was_set(api: Api) -> None:
    assert api.get("/v1/clauses/deal.2").json["first_due"] is None
    assert api.patch("/v1/clauses/deal.2", {"due": "2022"}).json["first_due"] == "2022"
    assert api.patch("/v1/clauses/deal.2", {"due": "2023"}).json["first_due"] == "2022"
    assert api.patch("/v1/clauses/deal.2", {"first_due": "2020"}).faults == [("/first_due", "set_by_server")]


def test_a_patch_that_changes_nothing_makes_no_version_and_no_history(api: Api) -> None:
    before, rows = api.get("/v1/clauses/deal.1"), counts(api.database)
    same = {
        name: before.json[name]
        for name in ("kind", "text", "due", "source", "start", "end", "parties", "label")
    }
    for content in ({}, same, {"start": 0.0}, {"parties": same["parties"]}):
        answer = api.patch("/v1/clauses/deal.1", content, if_match=before.etag)
        assert (answer.status, answer.raw, answer.etag) == (200, before.raw, before.etag)
    assert counts(api.database) == rows


def test_what_never_changes_and_what_the_server_sets_are_faults(api: Api) -> None:
    now = api.get("/v1/clauses/deal.1").json
    for name in ("id", "agreement", "number"):
        assert api.patch("/v1/clauses/deal.1", {name: now[name]}).faults == [(f"/{name}", "unchanging")]
    for name in ("status", "met_on", "reviewed_on", "version", "created_at", "updated_at", "reported_status"):
        assert api.patch("/v1/clauses/deal.1", {name: now[name]}).faults == [(f"/{name}", "set_by_server")]
    for name in ("kind", "text"):
        assert api.patch("/v1/clauses/deal.1", {name: None}).faults == [(f"/{name}", "required")]
    twice = [{"party": "city", "role": "obligor"}] * 2
    assert api.patch("/v1/clauses/deal.1", {"parties": twice}).faults == [("/parties/1", "repeated")]


def test_a_stale_version_changes_nothing(api: Api) -> None:
    etag = api.get("/v1/clauses/deal.1").etag
    assert api.patch("/v1/clauses/deal.1", {"label": "1"}, if_match=etag).status == 200
    for answer in (
        api.patch("/v1/clauses/deal.1", {"label": "2"}, if_match=etag),
        api.delete("/v1/clauses/deal.1", if_match=etag),
    ):
        assert answer.status == 412
        assert answer.json["detail"] == "clause deal.1 has changed since you read it"
    assert api.get("/v1/clauses/deal.1").json["label"] == "1"


def test_a_clause_is_removed_when_nothing_needs_it(api: Api) -> None:
    answer = api.delete("/v1/clauses/deal.2", if_match=api.get("/v1/clauses/deal.2").etag)
    assert (answer.status, answer.raw) == (204, b"")
    assert "Content-Type" not in answer.headers
    for again in (
        api.get("/v1/clauses/deal.2"),
        api.delete("/v1/clauses/deal.2"),
        api.patch("/v1/clauses/deal.2", {"label": "x"}),
        api.post("/v1/clauses/deal.2/follow-ups", FOLLOW_UP),
        api.get("/v1/clauses/deal.2/follow-ups"),
    ):
        assert again.status == 410
        assert again.json == {
            "type": "/problems/gone",
            "title": "It was removed",
            "status": 410,
            "detail": "clause deal.2 was removed",
            "hint": "its history stays",
            "history": "/v1/clauses/deal.2/history",
        }
        assert again.headers["Link"] == '</v1/clauses/deal.2/history>; rel="version-history"'
    assert api.get("/v1/clauses/deal.2/history").status == 200
    assert api.get("/v1/clauses/deal.3").status == 404


def test_what_depends_on_a_clause_is_named(api: Api) -> None:
    assert api.delete("/v1/clauses/deal.1").json["detail"] == "clause deal.1 is needed by 1 quote (deal.q1)"
    assert api.post("/v1/clauses/deal.2/follow-ups", FOLLOW_UP).status == 201
    answer = api.delete("/v1/clauses/deal.2")
    assert (answer.status, answer.json["detail"]) == (409, "clause deal.2 has 1 follow-up")
    body = {"track": "reported", "status": "superseded", "effective_on": "2021", "reason": "replaced"}
    replaced = api.post("/v1/clauses/deal.2/follow-ups", body | {"replaced_by": "deal.10"})
    answer = api.delete("/v1/clauses/deal.10")
    assert answer.status == 409
    assert answer.json["detail"] == f"clause deal.10 is needed by 1 follow-up ({replaced.json['id']})"


def test_a_version_is_never_used_again(api: Api) -> None:
    first = api.post("/v1/agreements/deal/clauses", NEW | {"number": 5})
    assert api.patch("/v1/clauses/deal.5", {"label": "a"}).json["version"] == 2
    assert api.delete("/v1/clauses/deal.5").status == 204
    again = api.post("/v1/agreements/deal/clauses", NEW | {"number": 5})
    assert again.json["version"] == 3
    assert api.patch("/v1/clauses/deal.5", {"label": "b"}, if_match=first.etag).status == 412
    assert api.delete("/v1/clauses/deal.5").status == 204
    assert api.post("/v1/agreements/deal/clauses", NEW | {"number": 5}).json["version"] == 4


def removed_by_a_load(database: Database, id: str, version: int) -> None:
    """Remove a clause as a load does: one change of its agreement, which holds what was there."""
    with database.write(Author("loader", loading=True)) as change:
        change.connection.execute(sql("DELETE FROM clause WHERE id = :id"), {"id": id})
        before = {"clause": {id: {"id": id, "version": version}}}
        history.record(change, ("agreement", "deal"), "load", ("agreement", "deal"), before, {})


def test_a_load_counts_as_an_earlier_life(api: Api) -> None:
    """A load writes one change for the whole agreement, however often it changed a clause."""
    with api.database.write(Author("setup")) as change:
        insert_rows(
            change, Clause, [{"id": "deal.30", "agreement": "deal", "number": 30, **NEW, "version": 6}]
        )
    removed_by_a_load(api.database, "deal.30", 6)
    gone = api.get("/v1/clauses/deal.30")
    assert (gone.status, gone.json["history"]) == (410, "/v1/clauses/deal.30/history")
    entries = api.get("/v1/clauses/deal.30/history").json["data"]
    assert [(entry["action"], entry["resource_id"], entry["before"]) for entry in entries] == [
        ("load", "deal.30", {"id": "deal.30", "version": 6})
    ]
    assert api.post("/v1/agreements/deal/clauses", NEW).json["number"] == 31
    assert api.post("/v1/agreements/deal/clauses", NEW | {"number": 30}).json["version"] == 7


def test_a_dry_run_answers_and_changes_nothing(api: Api) -> None:
    before = counts(api.database)
    made = api.post("/v1/agreements/deal/clauses?dry_run=true", NEW)
    assert (made.status, made.json["id"], "Location" in made.headers) == (200, "deal.11", False)
    changed = api.patch("/v1/clauses/deal.1?dry_run=true", {"label": "x"})
    assert (changed.status, changed.json["label"], changed.json["version"]) == (200, "x", 2)
    assert api.delete("/v1/clauses/deal.2?dry_run=true").status == 204
    assert api.post("/v1/agreements/deal/clauses?dry_run=true", {}).status == 422
    assert api.delete("/v1/clauses/deal.1?dry_run=true").status == 409
    assert counts(api.database) == before
    assert api.get("/v1/clauses/deal.1").json["version"] == 1
    assert api.get("/v1/clauses/deal.2").status == 200
    assert api.patch("/v1/clauses/deal.1?dry_run=false", {"label": "x"}).json["version"] == 2
    assert api.get("/v1/clauses/deal.1").json["label"] == "x"


def test_of_eight_changes_with_one_version_one_wins(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.tokens['editor']}", "Content-Type": "application/json"}
    with serving(api.app) as port:
        for round_ in range(5):
            etag = api.get("/v1/clauses/deal.1").etag
            assert sorted(race(port, headers, etag)) == [200, *[412] * 7]
            assert api.get("/v1/clauses/deal.1").json["version"] == round_ + 2
    assert len(api.get("/v1/clauses/deal.1/history").json["data"]) == 5


def race(port: int, headers: dict[str, str], etag: str) -> list[int]:
    """Send eight changes at one instant, all with one ETag; give their statuses."""
    start = threading.Barrier(8)
    statuses: list[int] = []

    def change(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        start.wait()
        body = json.dumps({"label": f"{etag} {number}"})
        connection.request("PATCH", "/v1/clauses/deal.1", body, headers | {"If-Match": etag})
        statuses.append(connection.getresponse().status)
        connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
