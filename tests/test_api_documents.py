"""An agreement as one document, read and put whole; and everything as one stream."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.api import MET, Api, fill, serving
from tests.loads import PERSON, entries, told, value
from tests.test_export import FOLLOWED, exported
from tracker.database.engine import Database
from tracker.models import Clause
from tracker.services import create_part, record_follow_up
from tracker.services.checking import problems

DEAL = "/v1/agreements/deal/document"
FOLLOW_UP = "018f3c2a-0000-7000-8000-000000000001"


@pytest.fixture
def api(database: Database) -> Api:
    told(database, FOLLOWED)
    return Api(database)


def read(api: Api, path: str = DEAL) -> dict[str, Any]:
    answer = api.get(path)
    assert answer.status == 200, answer.raw
    found: dict[str, Any] = answer.json
    return found


def deal(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["agreements"][0]
    return found


def put(api: Api, content: Any, path: str = DEAL, **more: Any) -> Any:
    return api.ask("PUT", path, content, **{"role": "editor", "if_match": "*", **more})


def places(api: Api) -> int:
    with api.database.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one())


# Reading


def test_a_document_says_everything_in_the_shape_of_a_seed_file(api: Api) -> None:
    content = read(api)
    assert list(content) == ["tracker", "agreements"]
    assert list(deal(content)) == [
        "id", "title", "kind", "binding", "lifecycle", "purpose", "signed_on", "signed_as_printed",
        "signing_mode", "signing_mode_reason", "signing_place", "starts", "ends", "ended_on", "end_reason",
        "council_reported_on", "series", "series_number", "review_every_months", "sources", "initiatives",
        "parties", "links", "identifiers", "clauses", "quotes",
    ]  # fmt: skip
    first, second = deal(content)["clauses"]
    assert second == {
        "number": 2, "kind": "listed", "text": "second", "label": None, "lang": None, "due": None,
        "first_due": None, "department": None, "source": None, "start": None, "end": None, "parties": [],
        "follow_ups": [],
    }  # fmt: skip
    assert [each["id"] for each in first["follow_ups"]] == [FOLLOW_UP]
    assert first["follow_ups"][0]["recorded_by"] == "kim"
    assert "recorded_claimed" not in first["follow_ups"][0]
    assert deal(content)["quotes"][0]["clauses"] == ["deal.1"]


def test_a_document_loads_as_a_seed_file_without_a_change(api: Api) -> None:
    outcome = told(api.database, json.dumps(read(api)), name="a.json")
    assert (outcome.changes, outcome.missing) == ([], [])


def test_an_agreement_that_is_not_there_has_no_document(api: Api) -> None:
    assert api.get("/v1/agreements/other/document").status == 404
    assert api.get("/v1/agreements/No_Such/document").status == 400
    assert api.get(f"{DEAL}?as_of=2020").faults == [("as_of", "unknown_parameter")]


def test_the_version_counts_every_change_of_all_that_is_in_it(api: Api) -> None:
    first = api.get(DEAL)
    assert first.etag.startswith('"1-')
    assert api.get(DEAL, if_none_match=first.etag).status == 304
    assert api.patch("/v1/clauses/deal.2", {"due": "2022"}).status == 200
    assert api.get(DEAL).etag.startswith('"2-')
    assert api.post("/v1/clauses/deal.2/follow-ups", MET).status == 201
    assert api.get(DEAL).etag.startswith('"3-')
    assert put(api, read(api), if_match=first.etag).status == 412


# Putting


def test_what_is_read_and_put_back_writes_nothing(api: Api) -> None:
    before, count = api.get(DEAL), places(api)
    answer = put(api, before.json, if_match=before.etag)
    assert (answer.status, answer.raw, answer.etag) == (200, before.raw, before.etag)
    assert places(api) == count


def test_a_put_document_overwrites_prunes_and_counts_as_a_persons_change(api: Api) -> None:
    before = api.get(DEAL)
    content = before.json
    deal(content)["title"] = "Bargain"
    deal(content)["purpose"] = "협력"
    deal(content)["clauses"][0]["department"] = "도시과"
    del deal(content)["clauses"][1]
    deal(content)["clauses"].append({"number": 3, "kind": "listed", "text": "third", "due": "2023"})
    deal(content)["quotes"] = []
    answer = put(api, content, f"{DEAL}?comment=corrected", if_match=before.etag)
    assert answer.status == 200, answer.raw
    found = deal(answer.json)
    assert (found["title"], found["purpose"], found["quotes"]) == ("Bargain", "협력", [])
    assert [(each["number"], each["department"]) for each in found["clauses"]] == [(1, "도시과"), (3, None)]
    assert found["clauses"][1]["first_due"] == "2023"
    now = api.get(DEAL)
    assert (now.raw, now.etag) == (answer.raw, answer.etag)
    assert api.get("/v1/clauses/deal.2").status == 410
    (first, last) = entries(api.database, "agreement", "deal")
    assert [first["action"], last["action"]] == ["load", "replace"]
    assert (last["actor"], last["comment"]) == ("Editor", "corrected")
    outcome = told(api.database, FOLLOWED)
    assert [line.partition(" is kept")[0] for line in outcome.kept] == ["`title` of agreement deal"]
    assert [line.partition(" stays")[0] for line in outcome.removed] == ["clause deal.2", "quote deal.q1"]
    assert value(api.database, "agreement", "deal", "title") == "Bargain"
    assert list(problems(api.database)) == []


def test_an_absent_key_leaves_the_value_and_null_clears_it(api: Api) -> None:
    found = put(api, {"agreements": [{"id": "deal", "signed_on": None}]})
    assert found.status == 200, found.raw
    assert (deal(found.json)["signed_on"], deal(found.json)["title"]) == (None, "Deal")
    assert [len(deal(found.json)[name]) for name in ("clauses", "quotes", "parties")] == [2, 1, 2]


def test_a_new_agreement_is_made_and_says_where_it_is(api: Api) -> None:
    content = {"tracker": 1, "agreements": [{
        "id": "new", "title": "New", "kind": "mou", "parties": [{"party": "town"}],
        "clauses": [{"number": 1, "kind": "listed", "text": "t",
                     "follow_ups": [{"track": "reported", "status": "in_progress", "effective_on": "2021"}]}],
        "quotes": [{"number": 1, "kind": "direct", "text": "q", "clauses": [1]}],
    }]}  # fmt: skip
    path = "/v1/agreements/new/document"
    dry = api.ask("PUT", f"{path}?dry_run=true", content, role="editor")
    assert (dry.status, dry.headers.get("Location")) == (200, None)
    assert api.get(path).status == 404
    assert api.ask("PUT", path, content, role="editor", if_match="*").status == 412
    answer = api.ask("PUT", path, content, role="editor")
    assert (answer.status, answer.headers["Location"]) == (201, path)
    assert (api.get(path).raw, api.get(path).etag) == (answer.raw, answer.etag)
    (follow_up,) = deal(answer.json)["clauses"][0]["follow_ups"]
    assert follow_up["recorded_by"] == "Editor"
    assert value(api.database, "follow_up", follow_up["id"], "recorded_claimed") is False
    assert value(api.database, "clause", "new.1", "status") == "in_progress"
    assert api.ask("PUT", path, content, role="editor").status == 428
    (only,) = entries(api.database, "agreement", "new")
    assert only["action"] == "replace"


def test_what_if_match_demands_is_checked_before_the_fields(api: Api) -> None:
    wrong = {"agreements": [{"id": "deal", "title": 1}]}
    assert api.ask("PUT", DEAL, wrong, role="editor").status == 428
    assert put(api, wrong, if_match='"9-abc"').status == 412
    assert put(api, wrong, if_match='W/"9-abc"').status == 412
    assert put(api, wrong, if_match='W/"1-abc"').status == 422  # a proxy weakened it
    assert put(api, wrong, if_match="nonsense").status == 400
    assert put(api, wrong, if_match="*").status == 422
    assert put(api, wrong, role="viewer").status == 403
    assert put(api, wrong, role=None).status == 401
    assert put(api, wrong, content_type="text/plain").status == 415
    assert put(api, b"{").status == 400


def test_every_fault_is_named_at_its_pointer(api: Api) -> None:
    content = {"tracker": 2, "extra": 1, "parties": [{"id": "x", "kind": "person", "name": "X"}], "agreements": [
        {"id": "deal", "kind": "mouu", "bogus": 1, "series": "none", "status": "met",
         "parties": [{"party": "towm"}, {"role": "party"}],
         "clauses": [{"number": 1, "text": " "}, {"number": 7, "kind": "listed"}, {"kind": "listed"}, 3,
                     {"number": 2, "follow_ups": [{"track": "verified", "status": "met", "effective_on": "2021"},
                                                  {"track": "reported", "status": "met"}]}],
         "quotes": [{"number": 1, "kind": "direct", "clauses": [99]}]},
        {"id": "other", "title": "O", "kind": "mou"},
    ]}  # fmt: skip
    answer = put(api, content)
    assert answer.status == 422
    a = "/agreements/0"
    assert answer.faults == sorted([
        ("/tracker", "unknown_version"), ("/extra", "unknown_key"), ("/parties", "other_things"),
        ("/agreements/1", "one_agreement"), (f"{a}/kind", "unknown_code"), (f"{a}/bogus", "unknown_key"),
        (f"{a}/status", "unknown_key"), (f"{a}/series", "unknown_reference"),
        (f"{a}/parties/0/party", "unknown_reference"), (f"{a}/parties/1/party", "required"), (f"{a}/clauses/0/text", "empty"),
        (f"{a}/clauses/1/text", "required"), (f"{a}/clauses/2/number", "required"),
        (f"{a}/clauses/3", "wrong_type"), (f"{a}/clauses/4/follow_ups/0/evidence", "needs_evidence"),
        (f"{a}/clauses/4/follow_ups/1/effective_on", "required"),
        (f"{a}/quotes/0/clauses/0", "unknown_reference"),
    ])  # fmt: skip
    assert put(api, {"agreements": [{"id": "other"}]}).faults == [
        ("/agreements/0/id", "other_id"), ("/agreements/0/kind", "required"), ("/agreements/0/title", "required"),
    ]  # fmt: skip
    assert put(api, {}).faults == [("/agreements", "required")]
    assert put(api, []).faults == [("", "wrong_type")]
    assert put(api, {"agreements": 3}).faults == [("/agreements", "wrong_type")]
    assert exported(api.database) == FOLLOWED


# Follow-ups in it


def test_a_put_document_changes_follow_ups_of_persons_and_records_new_ones(api: Api) -> None:
    with api.database.write(PERSON) as change:
        mine = record_follow_up(
            change, "deal.2", {"track": "reported", "status": "in_progress", "effective_on": "2021"}
        )
    content = read(api)
    clause = deal(content)["clauses"][1]
    clause["follow_ups"][0]["note"] = "half of it"
    clause["follow_ups"].append({"track": "verified", "status": "behind", "effective_on": "2022"})
    answer = put(api, content)
    assert answer.status == 200, answer.raw
    found = {each["track"]: each for each in deal(answer.json)["clauses"][1]["follow_ups"]}
    assert (found["reported"]["id"], found["reported"]["note"]) == (mine, "half of it")
    assert (found["reported"]["recorded_by"], found["verified"]["recorded_by"]) == ("kim", "Editor")
    assert value(api.database, "clause", "deal.2", "status") == "behind"
    again = put(api, content)  # the new one has its id from what it says
    assert (again.status, again.etag) == (200, answer.etag)


def test_who_recorded_a_follow_up_cannot_be_claimed(api: Api) -> None:
    content = read(api)
    follow_up = deal(content)["clauses"][0]["follow_ups"][0]
    follow_up["recorded_at"] = "2021-04-02T09:00:00+09:00"  # the same instant
    assert put(api, content).status == 200
    follow_up |= {"recorded_by": "lee", "recorded_at": "2021-04-02T09:00:00Z"}
    deal(content)["clauses"][1]["follow_ups"] = [
        {"track": "reported", "status": "in_progress", "effective_on": "2021", "recorded_by": "lee"}
    ]
    at = "/agreements/0/clauses"
    assert put(api, content).faults == [
        (f"{at}/0/follow_ups/0/recorded_at", "set_by_server"),
        (f"{at}/0/follow_ups/0/recorded_by", "set_by_server"),
        (f"{at}/1/follow_ups/0/recorded_by", "set_by_server"),
    ]
    assert exported(api.database) == FOLLOWED


def test_follow_ups_are_not_lost_with_a_document(api: Api) -> None:
    content = read(api)
    kept = deal(content)["clauses"].pop(0)
    answer = put(api, content)
    assert answer.status == 409
    assert FOLLOW_UP in answer.json["detail"]
    deal(content)["clauses"].append(kept | {"follow_ups": []})
    answer = put(api, content)
    assert (answer.status, answer.json["detail"]) == (
        409,
        f"not in the document: follow-up {FOLLOW_UP} of clause deal.1",
    )
    del deal(content)["clauses"][1]["follow_ups"]
    assert put(api, content).status == 200
    assert exported(api.database) == FOLLOWED
    assert api.delete(f"/v1/follow-ups/{FOLLOW_UP}").status == 204
    del deal(content)["clauses"][1]
    deal(content)["quotes"] = []
    assert put(api, content).status == 200
    assert api.get("/v1/clauses/deal.1").status == 410


def test_a_token_of_one_track_changes_no_follow_up_of_the_other(api: Api) -> None:
    content = read(api)
    assert put(api, content, role="reported").status == 200
    deal(content)["clauses"][0]["follow_ups"][0]["note"] = "changed"
    assert put(api, content, role="reported").status == 403
    assert put(api, content, role="verified").status == 200


def test_a_follow_up_stays_with_its_clause(api: Api) -> None:
    content = read(api)
    first, second = deal(content)["clauses"]
    second["follow_ups"], first["follow_ups"] = first["follow_ups"], []
    assert put(api, content).faults == [("/agreements/0/clauses/1/follow_ups/0/clause", "unchanging")]


def test_a_dry_run_checks_everything_and_changes_nothing(api: Api) -> None:
    content = read(api)
    deal(content)["title"] = "Bargain"
    answer = put(api, content, f"{DEAL}?dry_run=true")
    assert (answer.status, deal(answer.json)["title"]) == (200, "Bargain")
    assert exported(api.database) == FOLLOWED


# Races


def test_of_two_at_once_one_wins_and_the_other_is_told(api: Api) -> None:
    """Documents with one ETag, and a change of a clause in it, from several threads."""
    for _ in range(15):
        before = api.get(DEAL)
        start = threading.Barrier(3)
        statuses: dict[str, int] = {}

        def write(name: str, before: Any = before, start: Any = start, statuses: Any = statuses) -> None:
            content = json.loads(before.raw)
            deal(content)["purpose"] = f"{name} {before.etag}"
            deal(content)["clauses"][1]["label"] = name
            start.wait()
            statuses[name] = put(api, content, if_match=before.etag).status

        def change(before: Any = before, start: Any = start, statuses: Any = statuses) -> None:
            start.wait()
            statuses["clause"] = api.patch("/v1/clauses/deal.2", {"department": before.etag}).status

        threads = [threading.Thread(target=write, args=("a",)), threading.Thread(target=write, args=("b",))]
        threads.append(threading.Thread(target=change))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert statuses["clause"] in (200, 503), statuses
        winners = [name for name in ("a", "b") if statuses[name] == 200]
        assert len(winners) <= 1, statuses
        assert {statuses[name] for name in ("a", "b")} <= {200, 412}, statuses
        now = read(api)
        if statuses["clause"] == 200:
            assert deal(now)["clauses"][1]["department"] == before.etag
        if winners:
            assert deal(now)["purpose"] == f"{winners[0]} {before.etag}"
    assert list(problems(api.database)) == []


# Everything


def test_the_export_is_the_commands(api: Api) -> None:
    answer = api.get("/v1/export.jsonl")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/jsonl")
    assert answer.raw.decode() == exported(api.database, format="jsonl")
    assert api.get("/v1/export.jsonl", if_none_match=answer.etag).status == 304
    api.patch("/v1/clauses/deal.2", {"due": "2022"})
    assert api.get("/v1/export.jsonl", if_none_match=answer.etag).status == 200
    assert api.ask("HEAD", "/v1/export.jsonl").raw == b""
    assert api.get("/v1/export.jsonl?format=yaml").status == 400


def test_the_export_needs_a_token_where_reading_does(database: Database) -> None:
    api = Api(database, read_access="token")
    assert api.get("/v1/export.jsonl").status == 401
    assert api.get(DEAL).status == 401
    assert api.get("/v1/export.jsonl", role="viewer").raw == b""


def test_texts_of_sources_are_in_no_export_even_with_a_token(database: Database) -> None:
    fill(database)
    api = Api(database)
    assert "데이터 산업을 지원한다".encode() not in api.get("/v1/export.jsonl", role="admin").raw


def test_the_export_streams_over_the_wire_while_others_write(database: Database) -> None:
    agreements = [{"id": f"d{n:04}", "title": "업무협약" * 40, "kind": "mou"} for n in range(2000)]
    told(database, json.dumps({"agreements": agreements}), name="a.json")
    api = Api(database)
    with serving(api.app) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/v1/export.jsonl")
        answer = connection.getresponse()
        assert answer.headers["Content-Length"] is None
        assert answer.read(10) == b'{"agreemen'
        with database.write(PERSON) as change:  # nobody holds a transaction open meanwhile
            create_part(change, Clause, "d1999", {"kind": "listed", "text": "t"})
        assert answer.read().count(b"\n") == 2000
        connection.close()
