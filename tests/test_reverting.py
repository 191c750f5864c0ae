"""Undoing a change as a new change: back to what was, and never over what was done since."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Boolean, column, select, table

from tests.api import FOLLOW_UP, MET, Api, fill
from tests.loads import PERSON, TOWN, stored, told
from tests.servers import wait_until
from tests.test_cli import tracker
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.errors import Conflict
from tracker.models import Agreement, FollowUp
from tracker.queries.history import history_of
from tracker.services import record_follow_up, revert_change, reverting
from tracker.services.checking import problems
from tracker.services.redaction import redact

BY = Author("lee")


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def last(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/v1/changes?limit=200").json["data"][-1]
    return found


def revert(api: Api, change: int, **more: Any) -> Any:
    return api.post(f"/v1/changes/{change}:revert", None, **more)


def without_stamps(thing: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in thing.items() if name not in ("version", "created_at", "updated_at")
    }


def test_fields_get_the_values_back_that_they_had(api: Api, database: Database) -> None:
    before = api.get("/v1/clauses/deal.2").json
    api.patch(
        "/v1/clauses/deal.2",
        {"due": "2023", "text": "other", "parties": [{"party": "city", "role": "obligor"}]},
    )
    change = last(api)["id"]
    api.patch("/v1/clauses/deal.2", {"label": "나."})
    answer = revert(api, change)
    assert (answer.status, answer.json) == (
        200, {"reverted": change, "data": [{"resource": "clause", "id": "deal.2", "done": "changed"}]},
    )  # fmt: skip
    after = api.get("/v1/clauses/deal.2").json
    assert without_stamps(after) == without_stamps(before) | {"label": "나."}
    assert after["version"] == before["version"] + 3
    entry = last(api)
    assert (entry["action"], entry["resource_id"], entry["before"]["due"], entry["after"]["due"]) == (
        "revert", "deal.2", "2023", None,
    )  # fmt: skip
    assert list(problems(database)) == []


def test_what_was_made_goes_and_what_was_removed_comes_back(api: Api, database: Database) -> None:
    made = api.post("/v1/clauses/deal.1/follow-ups", MET).json
    assert revert(api, last(api)["id"]).json["data"][0]["done"] == "removed"
    assert api.get(f"/v1/follow-ups/{made['id']}").status == 410
    assert api.get("/v1/clauses/deal.1").json["status"] == "not_assessed"
    assert revert(api, last(api)["id"]).json["data"][0]["done"] == "brought back"
    again = api.get(f"/v1/follow-ups/{made['id']}").json
    assert without_stamps(again) == without_stamps(made)
    assert again["version"] == 2
    assert api.get("/v1/clauses/deal.1").json["status"] == "met"
    assert list(problems(database)) == []


def test_a_changed_follow_up_sets_its_clause_again(api: Api) -> None:
    made = api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP).json
    api.patch(f"/v1/follow-ups/{made['id']}", {"status": "behind"})
    assert api.get("/v1/clauses/deal.1").json["status"] == "behind"
    assert revert(api, last(api)["id"]).status == 200
    assert api.get("/v1/clauses/deal.1").json["status"] == "in_progress"


def test_an_agreement_comes_back_with_its_clauses_and_quotes_as_one_change(
    api: Api, database: Database
) -> None:
    before = [api.get(f"/v1/{path}").json for path in ("agreements/deal", "clauses/deal.1", "quotes/deal.q1")]
    assert api.delete("/v1/agreements/deal", role="admin").status == 204
    change = last(api)["id"]
    assert revert(api, change).status == 200
    after = [api.get(f"/v1/{path}").json for path in ("agreements/deal", "clauses/deal.1", "quotes/deal.q1")]
    assert [without_stamps(each) for each in after] == [without_stamps(each) for each in before]
    entry = last(api)
    assert (entry["id"], entry["action"], entry["resource_id"]) == (change + 1, "revert", "deal")
    assert [len(entry["after"][name]) for name in ("clauses", "quotes")] == [3, 2]
    assert list(problems(database)) == []


def test_removing_an_agreement_that_way_needs_an_admin_too(api: Api) -> None:
    api.post("/v1/agreements", {"id": "new", "title": "New", "kind": "mou"})
    change = last(api)["id"]
    assert revert(api, change).status == 403
    assert revert(api, change, role="admin").status == 200
    assert api.get("/v1/agreements/new").status == 410


def test_a_load_is_undone_as_a_whole(database: Database) -> None:
    told(database, TOWN)
    told(database, TOWN.replace("text: second", "text: other").replace("title: Deal", "title: New"))
    place = history_of(database.rows, Agreement, "deal")[0][-1]["id"]
    with database.write(BY) as change:
        undone = revert_change(change, place)
    assert [(each.id, each.done) for each in undone] == [("deal", "changed"), ("deal.2", "changed")]
    assert (stored(database, "agreement", "deal") or {})["title"] == "Deal"
    assert (stored(database, "clause", "deal.2") or {})["text"] == "second"
    assert list(problems(database)) == []


def test_nothing_is_undone_over_what_was_done_since(api: Api) -> None:
    api.patch("/v1/clauses/deal.2", {"due": "2023", "label": "a"})
    change = last(api)["id"]
    api.patch("/v1/clauses/deal.2", {"due": "2024"})
    overtaken = revert(api, change)
    assert (overtaken.status, overtaken.json["detail"], overtaken.json["hint"]) == (
        409,
        f"`due` of clause deal.2 changed since change {change}, by change {change + 1}",
        "undo that first, or change it by hand",
    )
    api.delete("/v1/clauses/deal.2")
    removed = revert(api, change)
    assert (
        removed.json["detail"] == f"clause deal.2 was removed since change {change}, by change {change + 2}"
    )
    assert [revert(api, each).status for each in (change + 2, change + 1, change)] == [200, 200, 200]
    assert revert(api, change).status == 409
    assert api.get("/v1/clauses/deal.2").json["due"] is None


def test_what_is_in_use_by_now_is_not_removed(api: Api) -> None:
    api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "x"})
    change = last(api)["id"]
    api.post("/v1/clauses/deal.11/follow-ups", FOLLOW_UP)
    assert revert(api, change).json["detail"] == "clause deal.11 has 1 follow-up"


def test_what_was_added_or_changed_since_is_not_taken_along(api: Api) -> None:
    api.post("/v1/agreements", {"id": "new", "title": "N", "kind": "mou"})
    made = last(api)["id"]
    api.post("/v1/agreements/new/clauses", {"number": 1, "kind": "listed", "text": "x"})
    added = revert(api, made, role="admin")
    assert (added.status, added.json["detail"]) == (
        409, f"clause new.1 was added to agreement new since change {made}",
    )  # fmt: skip
    assert revert(api, made + 1).status == 200
    api.patch("/v1/agreements/new", {"title": "Renamed"})
    changed = revert(api, made, role="admin")
    assert (changed.status, changed.json["detail"]) == (
        409, f"`title` of agreement new changed since change {made}, by change {made + 3}",
    )  # fmt: skip
    assert revert(api, made + 3).status == 200  # as it was made again: so it may go
    assert revert(api, made, role="admin").status == 200
    assert api.get("/v1/agreements/new").status == 410
    again = revert(api, made, role="admin").json["detail"]
    assert (
        again == f"agreement new was removed since change {made}, by change {made + 5}, which undid a change"
    )
    recorded = api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP).json["id"]
    made = last(api)["id"]
    api.patch(f"/v1/follow-ups/{recorded}", {"note": "second"})
    assert revert(api, made).json["detail"] == (
        f"`note` of follow-up {recorded} changed since change {made}, by change {made + 1}"
    )
    assert api.get(f"/v1/follow-ups/{recorded}").json["note"] == "second"


def test_a_follow_up_that_went_with_an_undone_load_is_gone_and_its_history_stays(
    api: Api, database: Database
) -> None:
    document = {
        "id": "doc",
        "title": "D",
        "kind": "mou",
        "clauses": [{"number": 1, "kind": "listed", "text": "x", "follow_ups": [FOLLOW_UP]}],
    }
    content = {"tracker": 1, "agreements": [document]}
    assert api.ask("PUT", "/v1/agreements/doc/document", content, role="editor").status == 201
    (recorded,) = api.get("/v1/clauses/doc.1/follow-ups").json["data"]
    assert revert(api, last(api)["id"], role="admin").status == 200
    path = f"/v1/follow-ups/{recorded['id']}"
    assert (api.get(path).status, api.delete(path).status) == (410, 410)
    history = api.get(f"{path}/history")
    assert [(each["action"], each["resource_id"]) for each in history.json["data"]] == [
        ("replace", recorded["id"]), ("revert", recorded["id"]),
    ]  # fmt: skip
    assert api.get("/v1/follow-ups/018f3c2a-0000-7000-8000-000000000009").status == 404
    assert list(problems(database)) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ("0", 404),
        ("999", 404),
        ("x", 400),
        ("-1", 400),
        ("٣", 400),
        ("99999999999", 400),
        ("2147483648", 404),
        ("9999999999", 404),
    ],
)
def test_a_change_that_is_not_there_is_not_undone(api: Api, change: str, status: int) -> None:
    answer = api.post(f"/v1/changes/{change}:revert", None)
    assert answer.status == status


def test_a_dry_run_undoes_nothing(api: Api) -> None:
    api.patch("/v1/clauses/deal.2", {"due": "2023"})
    change = last(api)["id"]
    assert api.post(f"/v1/changes/{change}:revert?dry_run=true", None).status == 200
    assert last(api)["id"] == change


def test_a_redacted_text_is_not_brought_back(database: Database) -> None:
    told(database, TOWN)
    with database.write(PERSON) as change:
        id = record_follow_up(change, "deal.1", FOLLOW_UP | {"note": "secret"})
    with database.write(PERSON) as change:
        place = history_of(database.rows, FollowUp, id)[0][-1]["id"]
        revert_change(change, place)
    with database.write(BY) as change:
        redact(change, FollowUp, id, fields=["note"])
    places = [entry["id"] for entry in history_of(database.rows, FollowUp, id)[0]]
    for place, said in (
        (places[1], "a text of follow-up .* was redacted"),
        (places[2], "is a redact, which cannot"),
    ):
        with pytest.raises(Conflict, match=said), database.write(BY) as change:
            revert_change(change, place)


def test_the_command_says_what_it_undoes(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    told(database, TOWN)
    id = tracker("follow-up", "add", "deal.1", "behind", "--track", "reported", "--on", "2021").out.strip()
    change = tracker("history", id).out.splitlines()[-1].split("\t")[0]
    tried = tracker("undo", change, "--dry-run")
    assert tried.all == (
        0,
        f"removed: follow-up {id}\n",
        f"dry run, nothing is written: change {change} is undone\n",
    )
    done = tracker("--as", "lee", "undo", change, "--comment", "by mistake")
    assert done.all == (0, f"removed: follow-up {id}\n", f"change {change} is undone\n")
    assert tracker("history", id).out.splitlines()[-1].split("\t")[2:] == [
        "lee", "revert", id, "deal.1: behind (reported)", "by mistake",
    ]  # fmt: skip
    assert tracker("undo", change).code == 6
    assert tracker("undo", "999").code == 5


def test_the_command_refuses_a_change_beyond_all_places(database: Database, database_url: str) -> None:
    said = tracker("undo", "9" * 22, TRACKER_DATABASE_URL=database_url)
    assert (said.code, said.err.partition(";")[0]) == (5, f"Error: there is no change {'9' * 22}")


ROUNDS = 25


def together(*calls: Callable[[], int]) -> list[int]:
    """Make calls at one instant; give what they return, in order."""
    start, statuses = threading.Barrier(len(calls)), [0] * len(calls)

    def make(number: int) -> None:
        start.wait()
        statuses[number] = calls[number]()

    threads = [threading.Thread(target=make, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


@pytest.mark.parametrize("other", ["change", "revert"])
def test_what_comes_between_looking_and_reverting_is_not_undone(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    api.patch("/v1/clauses/deal.1", {"label": "first"})
    change, etag = last_of(api, "clauses/deal.1"), api.get("/v1/clauses/deal.1").etag
    look, statuses = reverting._refuse_overtaken, []

    def second() -> None:
        monkeypatch.setattr(reverting, "_refuse_overtaken", look)
        content = {"label": "second"}
        answer = (
            revert(api, change)
            if other == "revert"
            else api.patch("/v1/clauses/deal.1", content, if_match=etag)
        )
        statuses.append(answer.status)

    def look_and_let_another_in(*arguments: Any) -> None:
        look(*arguments)
        thread.start()
        wait_until(lambda: bool(statuses) or waits_for_a_lock(database))

    thread = threading.Thread(target=second)
    monkeypatch.setattr(reverting, "_refuse_overtaken", look_and_let_another_in)
    first = revert(api, change).status
    thread.join()
    assert (first, statuses) == (200, [409 if other == "revert" else 412])
    assert api.get("/v1/clauses/deal.1").json["label"] != "second"


def waits_for_a_lock(database: Database) -> bool:
    """Return whether a writer waits for another one; on SQLite each of them does."""
    return database.is_sqlite or bool(database.rows(_UNGRANTED))


_UNGRANTED = Statement(
    select(column("pid")).select_from(table("pg_locks")).where(~column("granted", Boolean))
)


def test_what_was_changed_at_the_same_moment_does_not_go_with_the_revert_of_its_making(api: Api) -> None:
    for number in range(ROUNDS):
        path = api.post(
            "/v1/agreements/deal/clauses", {"kind": "listed", "text": f"promise {number}"}
        ).headers["Location"]
        change, etag = last_of(api, path.removeprefix("/v1/")), api.get(path).etag
        patched, reverted = together(
            lambda path=path, etag=etag: api.patch(path, {"label": "changed"}, if_match=etag).status,  # type: ignore[misc]
            lambda change=change: revert(api, change).status,  # type: ignore[misc]
        )
        assert (patched, reverted) in ((200, 409), (410, 200), (412, 200))
        assert api.get(path).status == (200 if patched == 200 else 410)


def last_of(api: Api, path: str) -> int:
    """Return the id of the last change of a resource."""
    position: int = max(entry["id"] for entry in api.get(f"/v1/{path}/history?limit=200").json["data"])
    return position
