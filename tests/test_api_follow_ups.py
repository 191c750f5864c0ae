"""Recording, changing and removing follow-ups through the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.api import FOLLOW_UP, MET, TODAY, Api, fill
from tests.rows import counts
from tracker import dates
from tracker.codes import STATUSES
from tracker.database.engine import Database

PATH = "/v1/clauses/deal.1/follow-ups"
EVIDENCE = {
    "url": None,
    "source": None,
    "reference": None,
    "title": None,
    "stance": "supports",
    "archived_url": None,
    "published": None,
    "accessed_on": None,
    "sha256": None,
}
RECORDED = [code for code in STATUSES if code != "not_assessed"]


@pytest.fixture
def api(database: Database, monkeypatch: pytest.MonkeyPatch) -> Api:
    monkeypatch.setattr(dates, "today", lambda zone: TODAY)
    fill(database)
    return Api(database)


def test_a_follow_up_is_given_back_whole_with_its_address(api: Api) -> None:
    body = {
        "track": "verified",
        "status": "met",
        "effective_on": "2021-12",
        "checked_on": "2022-01-05",
        "note": "끝",
        "next_steps": "없음",
        "stated_by": "city",
        "evidence": [
            {"url": "https://example.org/a?b=한", "accessed_on": "2022-01-05", "published": "2022"},
            {"source": "article", "stance": "context"},
            {"reference": "도시데이터과-1234", "title": "보고"},
        ],
    }
    answer = api.post(PATH, body)
    assert answer.status == 201
    id, stamp = answer.json["id"], answer.json["recorded_at"]
    assert uuid.UUID(id).version == 7
    assert answer.headers["Location"] == f"/v1/follow-ups/{id}"
    assert answer.json == {
        "id": id,
        "clause": "deal.1",
        "track": "verified",
        "status": "met",
        "effective_on": "2021-12",
        "checked_on": "2022-01-05",
        "reason": None,
        "replaced_by": None,
        "note": "끝",
        "next_steps": "없음",
        "stated_by": "city",
        "recorded_by": "Editor",
        "recorded_at": stamp,
        "recorded_claimed": False,
        "version": 1,
        "created_at": answer.json["created_at"],
        "updated_at": answer.json["created_at"],
        "confirms": False,
        "evidence": [
            EVIDENCE
            | {"url": "https://example.org/a?b=한", "accessed_on": "2022-01-05", "published": "2022"},
            EVIDENCE | {"source": "article", "stance": "context"},
            EVIDENCE | {"reference": "도시데이터과-1234", "title": "보고"},
        ],
    }
    read = api.get(f"/v1/follow-ups/{id}")
    assert (read.raw, read.etag) == (answer.raw, answer.etag)
    clause = api.get("/v1/clauses/deal.1").json
    assert {
        name: clause[name] for name in ("verified_status", "status", "met_on", "reviewed_on", "version")
    } == {
        "verified_status": "met",
        "status": "met",
        "met_on": "2021-12-31",
        "reviewed_on": "2022-01-05",
        "version": 1,
    }


def test_a_follow_up_does_not_stand_in_the_way_of_a_change_of_its_clause(api: Api) -> None:
    etag = api.get("/v1/clauses/deal.1").etag
    made = api.post(PATH, FOLLOW_UP)
    assert api.patch(f"/v1/follow-ups/{made.json['id']}", {"note": "x"}).json["version"] == 2
    assert api.delete(f"/v1/follow-ups/{made.json['id']}").status == 204
    answer = api.patch("/v1/clauses/deal.1", {"due": "2030"}, if_match=etag)
    assert (answer.status, answer.json["version"]) == (200, 2)


def test_what_is_left_out_takes_today(api: Api) -> None:
    found = api.post(PATH, {"track": "verified", "status": "no_evidence"}).json
    assert (found["effective_on"], found["checked_on"]) == (TODAY, TODAY)
    found = api.post(PATH, {"track": "verified", "status": "no_evidence", "checked_on": "2025-05-05"}).json
    assert (found["effective_on"], found["checked_on"]) == ("2025-05-05", "2025-05-05")
    found = api.post(PATH, FOLLOW_UP).json
    assert (found["effective_on"], found["checked_on"]) == ("2021", TODAY)


@pytest.mark.parametrize("track", ["reported", "verified"])
@pytest.mark.parametrize("status", RECORDED)
def test_a_status_needs_the_reason_and_the_evidence_that_it_needs(api: Api, track: str, status: str) -> None:
    """What each status needs, written out again."""
    reason = status in {"stalled", "not_met", "waived", "superseded", "dropped"}
    evidence = track == "verified" and status in {"partially_met", "met", "met_ongoing", "not_met"}
    bare = {"track": track, "status": status, "effective_on": "2021"}
    shown = {"evidence": [{"reference": "1"}]}
    wanted = [("/evidence", "needs_evidence")] * evidence + [("/reason", "needs_reason")] * reason
    first = api.post(PATH, bare)
    assert first.status == (422 if wanted else 201)
    if wanted:
        assert first.faults == wanted
    speaks_against = {
        "evidence": [{"reference": "1", "stance": "contradicts"}, {"url": "http://a.b", "stance": "context"}]
    }
    answer = api.post(PATH, bare | {"reason": "other"} | speaks_against)
    assert answer.status == (422 if evidence else 201)
    assert api.post(PATH, bare | {"reason": "other"} | shown).status == 201


OPEN = ["no_evidence", "not_started", "in_progress", "behind"]
SETTLED = ["partially_met", "met", "met_ongoing", "not_met", "waived", "superseded", "dropped"]


@pytest.mark.parametrize("settled", SETTLED)
def test_going_back_needs_a_reason(api: Api, settled: str) -> None:
    body = {
        "track": "verified",
        "reason": "other",
        "evidence": [{"reference": "1"}],
        "checked_on": "2022-01-01",
    }
    assert api.post(PATH, body | {"status": settled, "effective_on": "2021-06"}).status == 201
    for status in OPEN:
        later = {"track": "verified", "status": status, "effective_on": "2021-07"}
        answer = api.post(PATH, later)
        assert answer.faults == [("/reason", "needs_reason")]
        assert (
            answer.json["errors"][0]["detail"] == f"going back from `{settled}` to `{status}` needs a reason"
        )
        assert api.post(f"{PATH}?dry_run=true", later | {"reason": "correction"}).status == 200
        earlier = later | {"effective_on": "2021-05"}
        assert api.post(f"{PATH}?dry_run=true", earlier).status == 200  # nothing stands before it
        assert api.post(f"{PATH}?dry_run=true", later | {"track": "reported"}).status == 200
        same_day = later | {"effective_on": "2021-06", "checked_on": "2021-12-31"}
        assert api.post(f"{PATH}?dry_run=true", same_day).status == 200  # checked before the other
    assert api.post(PATH, {"track": "verified", "status": "stalled", "effective_on": "2021-07"}).status == 422
    for other in ("met", "met_ongoing"):
        ok = {
            "track": "verified",
            "status": other,
            "effective_on": "2021-07",
            "evidence": [{"reference": "1"}],
        }
        assert api.post(f"{PATH}?dry_run=true", ok).status == 200


def test_neighbours_are_not_checked(api: Api) -> None:
    """A follow-up in between may make the one behind it a step back; only what is written is checked."""
    assert api.post(PATH, FOLLOW_UP | {"effective_on": "2021-06"}).status == 201
    assert api.post(PATH, MET | {"effective_on": "2021-01"}).status == 201
    ids = api.ids(PATH)
    assert api.delete(f"/v1/follow-ups/{ids[1]}").status == 204


def test_the_last_evidence_cannot_be_taken_away(api: Api) -> None:
    id = api.post(PATH, MET).json["id"]
    path = f"/v1/follow-ups/{id}"
    for evidence in ([], None, [{"url": "https://example.org/a", "stance": "context"}]):
        assert api.patch(path, {"evidence": evidence}).faults == [("/evidence", "needs_evidence")]
    assert api.patch(path, {"evidence": [], "status": "in_progress"}).status == 200
    assert api.patch(path, {"status": "met"}).faults == [("/evidence", "needs_evidence")]
    assert api.patch(path, {"status": "met", "track": "reported"}).status == 200
    assert api.patch(path, {"track": "verified"}).faults == [("/evidence", "needs_evidence")]


def test_a_reason_cannot_be_taken_away_where_it_is_needed(api: Api) -> None:
    id = api.post(PATH, FOLLOW_UP | {"status": "stalled", "reason": "funding"}).json["id"]
    assert api.patch(f"/v1/follow-ups/{id}", {"reason": None}).faults == [("/reason", "needs_reason")]
    assert api.patch(f"/v1/follow-ups/{id}", {"reason": None, "status": "behind"}).status == 200


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"track": "verifed"}, [("/track", "unknown_code")]),
        ({"status": "not_assessed"}, [("/status", "unknown_code")]),
        ({"status": "done", "track": None}, [("/status", "unknown_code"), ("/track", "required")]),
        ({"effective_on": None}, [("/effective_on", "required")]),
        ({"effective_on": "2021-13"}, [("/effective_on", "bad_date")]),
        ({"effective_on": "XXXX-05"}, [("/effective_on", "bad_date")]),
        ({"effective_on": "2021/.."}, [("/effective_on", "bad_date")]),
        ({"effective_on": "2026"}, [("/effective_on", "in_future")]),
        ({"effective_on": "2026-01-03"}, [("/effective_on", "in_future")]),
        ({"effective_on": "2026-01-02", "checked_on": "2026-01-03"}, [("/checked_on", "in_future")]),
        ({"checked_on": "2021"}, [("/checked_on", "bad_date")]),
        ({"checked_on": 5, "bogus": 1}, [("/bogus", "unknown_key"), ("/checked_on", "wrong_type")]),
        ({"reason": "fundng"}, [("/reason", "unknown_code")]),
        ({"stated_by": "ctiy"}, [("/stated_by", "unknown_reference")]),
        ({"replaced_by": "deal.1"}, [("/replaced_by", "replaced_by_itself")]),
        ({"replaced_by": "deal.99"}, [("/replaced_by", "unknown_reference")]),
        ({"replaced_by": "deal"}, [("/replaced_by", "bad_id")]),
        ({"evidence": [{}]}, [("/evidence/0", "one_place")]),
        ({"evidence": [{"url": "https://a.b", "reference": "x"}]}, [("/evidence/0", "one_place")]),
        ({"evidence": [{"url": "ftp://a.b"}]}, [("/evidence/0/url", "bad_url")]),
        ({"evidence": [{"url": "javascript:alert(1)"}]}, [("/evidence/0/url", "bad_url")]),
        ({"evidence": [{"source": "artcle"}]}, [("/evidence/0/source", "unknown_reference")]),
        ({"evidence": {}}, [("/evidence", "wrong_type")]),
        ({"evidence": [{"reference": "x", "sha256": "A" * 64}]}, [("/evidence/0/sha256", "bad_form")]),
        ({"id": str(uuid.uuid4())}, [("/id", "set_by_server")]),
        ({"clause": "deal.1"}, [("/clause", "set_by_server")]),
        ({"recorded_by": "x", "recorded_at": "2021-01-01T00:00:00Z"},
         [("/recorded_at", "set_by_server"), ("/recorded_by", "set_by_server")]),
        ({"recorded_claimed": True}, [("/recorded_claimed", "set_by_server")]),
        ({"note": ""}, [("/note", "empty")]),
        ({"note": "x" * 10_001}, [("/note", "too_long")]),
        ({"bogus": 1, "status": "stalled"}, [("/bogus", "unknown_key"), ("/reason", "needs_reason")]),
        ({"status": "met", "evidence": [{"url": "x"}]}, [("/evidence/0/url", "bad_url")]),
        ({"bogus": 1, "status": "not_met"},
         [("/bogus", "unknown_key"), ("/evidence", "needs_evidence"), ("/reason", "needs_reason")]),
    ],
)  # fmt: skip
def test_a_faulty_follow_up_is_refused_with_every_fault(
    api: Api, change: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    before = counts(api.database)
    answer = api.post(PATH, FOLLOW_UP | change)
    assert (answer.status, answer.faults) == (422, faults)
    assert counts(api.database) == before


def test_what_a_follow_up_needs_is_named(api: Api) -> None:
    assert api.post(PATH, {}).faults == [
        ("/effective_on", "required"),
        ("/status", "required"),
        ("/track", "required"),
    ]
    assert api.post(PATH, {"track": "reported", "status": "behind"}).faults == [("/effective_on", "required")]
    assert api.post(PATH, {"track": "x", "status": "no_evidence"}).faults == [("/track", "unknown_code")]
    unknown = api.post(PATH, FOLLOW_UP | {"stated_by": "ctiy"}).json["errors"][0]
    assert (unknown["detail"], unknown["hint"]) == ("party `ctiy` is not defined", "did you mean `city`?")


def test_the_days_of_a_leap_year_and_of_today_are_taken(api: Api) -> None:
    for day in ("2020-02-29", TODAY, "2025", "2019/2020-05", "202X-01-01" if TODAY > "2029" else "201X"):
        assert api.post(PATH, FOLLOW_UP | {"effective_on": day}).status == 201


def test_a_follow_up_does_not_go_back_from_itself(api: Api) -> None:
    made = api.post(PATH, MET | {"track": "reported"})
    path = f"/v1/follow-ups/{made.json['id']}"
    assert api.patch(path, {"status": "in_progress", "effective_on": "2022-02"}).status == 200
    later = api.post(PATH, {"track": "reported", "status": "met", "effective_on": "2022-03"})
    back = api.patch(f"/v1/follow-ups/{later.json['id']}", {"status": "behind", "effective_on": "2022-04"})
    assert (back.status, back.json.get("reason")) == (200, None)


def test_a_change_names_what_changes(api: Api) -> None:
    made = api.post(PATH, MET)
    path = f"/v1/follow-ups/{made.json['id']}"
    answer = api.patch(
        path, {"status": "met_ongoing", "note": "계속", "effective_on": "2021-11"}, if_match=made.etag
    )
    assert answer.json == made.json | {
        "status": "met_ongoing",
        "note": "계속",
        "effective_on": "2021-11",
        "version": 2,
        "updated_at": answer.json["updated_at"],
    }
    assert api.get("/v1/clauses/deal.1").json["met_on"] == "2021-11-30"
    assert api.patch(path, {"note": None}, if_match=made.etag).status == 412


def test_who_recorded_it_may_be_repeated_but_not_changed(api: Api) -> None:
    made = api.post(PATH, MET)
    path, rows = f"/v1/follow-ups/{made.json['id']}", counts(api.database)
    same = {
        name: made.json[name] for name in ("recorded_by", "recorded_at", "track", "evidence", "effective_on")
    }
    answer = api.patch(path, same, if_match=made.etag)
    assert (answer.status, answer.raw, answer.etag) == (200, made.raw, made.etag)
    assert counts(api.database) == rows
    assert api.patch(path, {"recorded_by": "Admin"}).faults == [("/recorded_by", "set_by_server")]
    assert api.patch(path, {"id": made.json["id"]}).faults == [("/id", "unchanging")]
    assert api.patch(path, {"clause": "deal.1"}).faults == [("/clause", "unchanging")]


def test_a_removed_follow_up_is_gone_from_today_but_not_from_history(api: Api) -> None:
    first = api.post(PATH, FOLLOW_UP).json["id"]
    second = api.post(PATH, MET).json["id"]
    assert api.delete(f"/v1/follow-ups/{second}").status == 204
    clause = api.get("/v1/clauses/deal.1").json
    assert (clause["status"], clause["met_on"]) == ("in_progress", None)
    gone = api.get(f"/v1/follow-ups/{second}")
    assert (gone.status, gone.json["history"]) == (410, f"/v1/follow-ups/{second}/history")
    assert api.get(gone.json["history"]).status == 200
    assert api.ids(PATH) == [first]
    assert api.delete(f"/v1/follow-ups/{first}").status == 204
    clause = api.get("/v1/clauses/deal.1").json
    assert (clause["status"], clause["verified_status"], clause["reviewed_on"]) == (
        "not_assessed",
        None,
        None,
    )
    assert api.get(f"/v1/follow-ups/{uuid.uuid4()}").status == 404


def test_a_token_for_one_track_writes_that_track_only(api: Api) -> None:
    ours = api.post(PATH, FOLLOW_UP | {"track": "reported"}, role="reported")
    assert ours.status == 201
    theirs = api.post(PATH, FOLLOW_UP)
    path = f"/v1/follow-ups/{theirs.json['id']}"
    for answer in (
        api.post(PATH, FOLLOW_UP, role="reported"),
        api.post(PATH, FOLLOW_UP | {"bogus": 1}, role="reported"),
        api.patch(path, {"note": "x"}, role="reported"),
        api.patch(path, {"track": "reported"}, role="reported"),
        api.patch(f"/v1/follow-ups/{ours.json['id']}", {"track": "verified"}, role="reported"),
        api.delete(path, role="reported"),
    ):
        assert (answer.status, answer.json["detail"]) == (403, "this token may write the reported track only")
    assert api.patch(path, {"note": "x"}, role="verified").status == 200


def test_a_dry_run_of_a_follow_up_changes_nothing(api: Api) -> None:
    kept = api.post(PATH, FOLLOW_UP).json["id"]
    before, clause = counts(api.database), api.get("/v1/clauses/deal.1").raw
    made = api.post(f"{PATH}?dry_run=true", MET)
    assert (made.status, made.json["status"]) == (200, "met")
    assert api.get(f"/v1/follow-ups/{made.json['id']}").status == 404
    assert api.patch(f"/v1/follow-ups/{kept}?dry_run=true", {"note": "x"}).json["version"] == 2
    assert api.delete(f"/v1/follow-ups/{kept}?dry_run=true").status == 204
    assert counts(api.database) == before
    assert api.get("/v1/clauses/deal.1").raw == clause
