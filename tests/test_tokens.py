"""What each token opens: every route with every kind of token, and the follow-ups that a scope lets through."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from tests.api import FOLLOW_UP, TODAY, Api, fill, held
from tests.rows import counts
from tracker import dates, services
from tracker.database import migrations
from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.errors import Conflict, Invalid, NotFound
from tracker.models import Party
from tracker.services.access import tokens
from tracker.services.checking import problems
from tracker.services.merging import merge_party

BY = Author("root")
OURS = FOLLOW_UP | {"track": "reported", "stated_by": "city"}
"""A follow-up of deal.1 that lies within every scope of this module."""
SCOPES = {
    "reporter": {"track": "reported"},
    "city": {"party": "city"},
    "office": {"department": "도시과"},
}
"""The limits of the tokens with a scope."""
CLOSED = ("expired", "revoked", "unknown")
"""Tokens that open nothing, nor let anybody read as the public does."""
MATRIX = {
    "anonymous": "public",
    "viewer": "public viewer",
    "editor": "public viewer follow-ups editor",
    "admin": "public viewer follow-ups editor admin",
    **dict.fromkeys(SCOPES, "public viewer follow-ups"),
    **dict.fromkeys(CLOSED, ""),
}
"""Which routes let whom in, by what a route needs; those that are `always` open ask for nothing."""
ROUTES = {
    "GET /": "always",
    "GET /v1": "always",
    "GET /livez": "always",
    "GET /readyz": "always",
    "GET /problems/<code>": "always",
    "GET /v1/codes": "public",
    "GET /v1/changes": "public",
    "GET /v1/report": "public",
    "GET /v1/summary": "public",
    "GET /v1/export.jsonl": "public",
    "GET /v1/agreements/<id>/document": "public",
    "GET /v1/clauses/<id>/follow-ups": "public",
    **{
        f"GET /v1/{path}{more}": "public"
        for path in ("parties", "sources", "initiatives", "agreements", "clauses", "quotes", "follow-ups")
        for more in ("", "/<id>", "/<id>/history")
    },
    "POST /v1/drafts": "viewer",
    "POST /v1/clauses/<id>/follow-ups": "follow-ups",
    "POST /v1/follow-ups:batch": "follow-ups",
    "PATCH /v1/follow-ups/<id>": "follow-ups",
    "DELETE /v1/follow-ups/<id>": "follow-ups",
    "PUT /v1/agreements/<id>/document": "follow-ups",
    "POST /v1/changes/<id>:revert": "follow-ups",
    **{
        f"{method}": "editor"
        for path in ("parties", "sources", "initiatives")
        for method in (f"POST /v1/{path}", f"PATCH /v1/{path}/<id>", f"DELETE /v1/{path}/<id>")
    },
    "POST /v1/agreements": "editor",
    "PATCH /v1/agreements/<id>": "editor",
    "DELETE /v1/agreements/<id>": "admin",
    "POST /v1/agreements/<id>/clauses": "editor",
    "PATCH /v1/clauses/<id>": "editor",
    "DELETE /v1/clauses/<id>": "editor",
    "POST /v1/agreements/<id>/quotes": "editor",
    "PATCH /v1/quotes/<id>": "editor",
    "DELETE /v1/quotes/<id>": "editor",
}
"""What every route of the application needs; a route that is not declared here fails."""
IDS = {
    "parties": "agency",
    "sources": "closed",
    "initiatives": "series",
    "agreements": "deal",
    "clauses": "deal.1",
    "quotes": "deal.q1",
}
NEW: dict[str, dict[str, Any]] = {
    "parties": {"id": "new", "kind": "organisation", "name": "New"},
    "sources": {"id": "new", "kind": "other", "title": "New"},
    "initiatives": {"id": "new", "kind": "series", "name": "New"},
    "agreements": {"id": "new", "kind": "mou", "title": "New"},
    "clauses": {"kind": "listed", "text": "새 약속"},
    "quotes": {"kind": "direct", "text": "새 말"},
    "follow-ups": OURS,
    "follow-ups:batch": {"follow_ups": [{"clause": "deal.1", **OURS}]},
    "drafts": {"text": "광주광역시는 협약을 체결했다."},
}


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    api = Api(database)
    for name, limits in SCOPES.items():
        api.tokens[name] = held(database, name=name, **limits)
    api.tokens["expired"] = held(database, name="expired", role="admin", expires_on="2020-12-31")
    api.tokens["revoked"] = held(
        database, name="revoked", role="admin", revoked_at=f"{TODAY}T00:00:00.000000Z"
    )
    api.tokens["unknown"] = "trk_unknown"
    return api


def routes(api: Api) -> Iterator[str]:
    for rule in api.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.rule}"


def request(route: str, follow_up: str, change: int) -> tuple[str, str, Any, dict[str, str]]:
    """Return a good request for a route: method, path, body, headers; nothing that it does stays."""
    method, rule = route.split(" ")
    kind = rule.removeprefix("/v1/").split("/")[0]
    path = rule.replace("<code>", "gone").replace(
        "<id>", (IDS | {"follow-ups": follow_up}).get(kind, str(change))
    )
    if rule.startswith("/v1/summary"):
        path += "?by=status"
    if method == "GET":
        return method, path, None, {}
    if method == "POST":
        return method, f"{path}?dry_run=true", NEW.get(rule.rpartition("/")[2]), {}
    content = {"PUT": {"agreements": [{"id": "deal"}]}, "PATCH": {}}.get(method)
    return method, f"{path}?dry_run=true", content, {"if_match": "*"}


@pytest.mark.parametrize("access", ["public", "token"])
def test_every_route_lets_in_whom_it_should(database: Database, access: str, api: Api) -> None:
    api.app.config["SETTINGS"] = replace(api.app.config["SETTINGS"], read_access=access)
    made = api.post("/v1/clauses/deal.1/follow-ups", OURS).json["id"]
    change = api.get("/v1/changes", role="viewer").json["data"][-1]["id"]
    before = counts(database)
    assert sorted(routes(api)) == sorted(ROUTES), "say in ROUTES what each route needs"
    for route, needs in ROUTES.items():
        method, path, content, headers = request(route, made, change)
        for who, opens in MATRIX.items():
            role = None if who == "anonymous" else who
            answer = api.ask(method, path, content, role=role, **headers)
            may = needs == "always" or needs in opens.split()
            if access == "token" and who == "anonymous":
                may = needs == "always"
            refusal = 401 if who in (*CLOSED, "anonymous") else 403
            cell = f"{route} by {who}: {answer.status} {answer.raw[:200]!r}"
            assert (answer.status in (200, 201, 204, 409)) if may else (answer.status == refusal), cell
    assert counts(database) == before


BEYOND: dict[str, tuple[str, dict[str, Any]]] = {
    "another track": ("reporter", {"clause": "deal.1", "track": "verified"}),
    "another party's word": ("city", {"clause": "deal.1", "stated_by": "agency"}),
    "another party's agreement": ("city", {"clause": "older.1"}),
    "nobody's word": ("city", {"clause": "deal.1", "stated_by": None}),
    "a clause with a department of its own": ("office", {"clause": "deal.2"}),
    "an agreement of no department": ("office", {"clause": "older.1"}),
}
"""Follow-ups just beyond a scope: whose token, and how they differ from one that lies within."""


@pytest.mark.parametrize("case", BEYOND)
def test_follow_ups_beyond_a_scope_are_refused_on_every_way(api: Api, case: str) -> None:
    who, differs = BEYOND[case]
    clause, agreement = differs["clause"], differs["clause"].partition(".")[0]
    body = {name: value for name, value in (OURS | differs).items() if name != "clause"}
    theirs = api.post(f"/v1/clauses/{clause}/follow-ups", body).json["id"]
    made = api.get("/v1/changes").json["data"][-1]["id"]
    ours = api.post("/v1/clauses/deal.1/follow-ups", OURS, role=who)
    assert ours.status == 201, ours.raw
    document = f"/v1/agreements/{agreement}/document"
    whole = api.get(document).json
    listed = next(
        each for each in whole["agreements"][0]["clauses"] if f"{agreement}.{each['number']}" == clause
    )
    listed["follow_ups"] = [*listed["follow_ups"], body | {"note": "ours"}]
    moves = {name: value for name, value in differs.items() if name != "clause"}
    before = counts(api.database)
    answers = [
        api.post(f"/v1/clauses/{clause}/follow-ups", body, role=who),
        api.post(f"/v1/clauses/{clause}/follow-ups", body, role=who, Idempotency_Key="one"),
        api.post(f"/v1/clauses/{clause}/follow-ups", body | {"bogus": 1}, role=who),
        api.post("/v1/follow-ups:batch", {"follow_ups": [{"clause": "deal.1", **OURS}, {"clause": clause, **body}]},
                 role=who),
        api.post("/v1/follow-ups:batch", {"follow_ups": [{"clause": clause, **body}]}, role=who, Idempotency_Key="two"),
        api.patch(f"/v1/follow-ups/{theirs}", {"note": "x"}, role=who),
        api.patch(f"/v1/follow-ups/{theirs}", {"track": "reported", "stated_by": "city", "note": "x"}, role=who)
        if moves else api.patch(f"/v1/follow-ups/{theirs}", {"note": None}, role=who),
        *([api.patch(f"/v1/follow-ups/{ours.json['id']}", moves, role=who)] if moves else []),
        api.delete(f"/v1/follow-ups/{theirs}", role=who),
        api.ask("PUT", document, whole, role=who, if_match="*"),
        api.post(f"/v1/changes/{made}:revert", None, role=who),
        api.post(f"/v1/changes/{made}:revert", None, role=who, Idempotency_Key="three"),
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [403] * len(answers)
    assert counts(api.database) == before
    assert list(problems(api.database)) == []


@pytest.mark.parametrize("who", SCOPES)
def test_a_scope_lets_nobody_reword_what_they_report_on(api: Api, who: str) -> None:
    path = "/v1/agreements/deal/document"
    assert api.patch("/v1/clauses/deal.1", {"label": "제1조"}).status == 200
    reworded = api.get("/v1/changes").json["data"][-1]["id"]
    before = counts(api.database)
    whole = api.get(path).json
    new = {"agreements": [{"id": "new", "kind": "mou", "title": "New"}]}
    edits: tuple[Callable[[Any], object], ...] = (
        lambda agreement: agreement.update(title="Another"),
        lambda agreement: agreement["clauses"][0].update(text="무엇이든"),
        lambda agreement: agreement["clauses"][1].update(due="2050"),
        lambda agreement: agreement["clauses"].append({"number": 99, "kind": "listed", "text": "새"}),
        lambda agreement: agreement["clauses"].pop(),
        lambda agreement: agreement["quotes"].clear(),
    )
    for edit in edits:
        changed = api.get(path).json
        edit(changed["agreements"][0])
        answer = api.ask("PUT", path, changed, role=who, if_match="*")
        assert (answer.status, answer.json["detail"]) == (
            403,
            "this token may record follow-ups and nothing else",
        )
    assert api.ask("PUT", "/v1/agreements/new/document", new, role=who).status == 403
    assert api.post(f"/v1/changes/{reworded}:revert", None, role=who).status == 403
    assert counts(api.database) == before
    whole["agreements"][0]["clauses"][0]["follow_ups"] = [OURS]
    assert api.ask("PUT", path, whole, role=who, if_match="*").status == 200
    assert api.get("/v1/clauses/deal.1").json["reported_status"] == OURS["status"]


@pytest.mark.parametrize("who", SCOPES)
def test_what_lies_within_a_scope_is_written_and_taken_back(api: Api, who: str) -> None:
    made = api.post("/v1/clauses/deal.1/follow-ups", OURS, role=who, Idempotency_Key="one")
    again = api.post("/v1/clauses/deal.1/follow-ups", OURS, role=who, Idempotency_Key="one")
    assert (made.status, again.status, again.json) == (201, 201, made.json)
    path = f"/v1/follow-ups/{made.json['id']}"
    batch = {"follow_ups": [{"clause": "deal.1", **OURS}]}
    assert api.post("/v1/follow-ups:batch", batch, role=who).status == 201
    assert api.patch(path, {"note": "말"}, role=who).status == 200
    change = api.get("/v1/changes").json["data"][-1]["id"]
    assert api.post(f"/v1/changes/{change}:revert", None, role=who).status == 200
    assert api.get(path).json["note"] is None
    assert api.delete(path, role=who).status == 204


def test_a_party_speaks_for_itself_without_saying_so(api: Api) -> None:
    unsaid = {name: value for name, value in OURS.items() if name != "stated_by"}
    made = api.post("/v1/clauses/deal.1/follow-ups", unsaid, role="city")
    assert (made.status, made.json["stated_by"]) == (201, "city")
    batch = api.post("/v1/follow-ups:batch", {"follow_ups": [{"clause": "deal.1", **unsaid}]}, role="city")
    assert [each["stated_by"] for each in batch.json["data"]] == ["city"]
    other = api.post("/v1/clauses/deal.1/follow-ups", unsaid, role="office")
    assert (other.status, other.json["stated_by"]) == (201, None)


def test_all_limits_of_a_token_hold_together(api: Api) -> None:
    limits = {"track": "reported", "party": "city", "department": "과"}
    api.tokens["narrow"] = held(api.database, name="narrow", **limits)
    for path, differs, status in (
        ("deal.2", {}, 201),
        ("deal.2", {"track": "verified"}, 403),
        ("deal.2", {"stated_by": "agency"}, 403),
        ("deal.1", {}, 403),
    ):
        answer = api.post(f"/v1/clauses/{path}/follow-ups", OURS | differs, role="narrow")
        assert answer.status == status, (path, differs)
    assert api.post("/v1/clauses/deal.99/follow-ups", OURS, role="narrow").status == 404


def test_the_token_of_a_party_that_was_merged_speaks_for_the_other(api: Api) -> None:
    with api.database.write(BY) as change:
        services.create_resource(change, Party, {"id": "town", "kind": "organisation", "name": "Town"})
        merge_party(change, "city", "town")
    made = api.post("/v1/clauses/deal.1/follow-ups", OURS | {"stated_by": "town"}, role="city")
    assert (made.status, made.json["stated_by"]) == (201, "town")


def test_an_expired_token_says_so_and_its_last_day_counts(api: Api) -> None:
    answer = api.get("/v1/codes", role="expired")
    assert (answer.status, answer.json["detail"]) == (
        401,
        "the token has expired: it was valid until 2020-12-31",
    )
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    with api.database.write(BY) as change:
        change.connection.execute(
            text(f"UPDATE token SET expires_on = '{change.today}' WHERE name = 'expired'")
        )
        today = change.today
    # Around midnight the day may have passed meanwhile.
    assert api.get("/v1/codes", role="expired").status == 200 or dates.today("Asia/Seoul") > today


def test_the_last_day_of_use_is_noted_once_a_day_and_by_readers_too(api: Api) -> None:
    def used() -> dict[str, Any]:
        return {str(token["name"]): token["last_used_on"] for token in tokens(api.database)}

    assert set(used().values()) == {None}
    first = dates.today("Asia/Seoul")
    assert api.get("/v1/codes", role="viewer").status == 200
    assert used()["Viewer"] in (first, dates.today("Asia/Seoul"))
    assert used()["Editor"] is None
    with api.database.write(BY) as change:
        change.connection.execute(text("UPDATE token SET last_used_on = '2999-01-01' WHERE name = 'Viewer'"))
    assert api.get("/v1/codes", role="viewer").status == 200
    assert used()["Viewer"] == "2999-01-01"


def test_nobody_waits_for_the_last_day_of_use(api: Api) -> None:
    with api.database.write(BY) as change:
        change.connection.execute(text("UPDATE agreement SET title = 'Held'"))  # SQLite locks the file
        assert api.get("/v1/codes", role="viewer").status == 200


def test_a_token_is_made_and_revoked_in_history_without_its_secret(api: Api) -> None:
    with api.database.write(BY) as change:
        secret = services.create_token(
            change, "kim", "editor", "reported", party="city", expires_on="2999-12-31"
        )
    with api.database.write(BY) as change:
        id = next(str(token["id"]) for token in tokens(api.database) if token["name"] == "kim")
        services.revoke_token(change, id)
    answer = api.get("/v1/changes")
    made, revoked = answer.json["data"]
    assert (made["action"], made["resource"], made["resource_id"], made["actor"]) == (
        "create",
        "token",
        id,
        "root",
    )
    assert made["after"] == {
        "id": id, "name": "kim", "role": "editor", "track": "reported", "party": "city", "department": None,
        "expires_on": "2999-12-31", "created_at": made["after"]["created_at"], "created_by": "root",
        "revoked_at": None,
    }  # fmt: skip
    assert (revoked["action"], revoked["before"]) == ("update", made["after"])
    assert {**revoked["after"], "revoked_at": None} == made["after"]
    assert revoked["after"]["revoked_at"] is not None
    for hidden in (secret, secret.removeprefix("trk_"), "sha256"):
        assert hidden not in answer.raw.decode()
    for change in (made["id"], revoked["id"]):
        refused = api.post(f"/v1/changes/{change}:revert", None, role="admin")
        assert (refused.status, refused.json["type"]) == (409, "/problems/conflict")
    assert list(problems(api.database)) == []


def test_two_valid_tokens_never_have_one_name(database: Database) -> None:
    fill(database)
    with database.write(BY) as change:
        services.create_token(change, "kim", "editor")
    first = tokens(database)[0]["id"]
    with pytest.raises(Conflict, match=f"kim holds the token {first}"), database.write(BY) as change:
        services.create_token(change, "kim", "viewer")
    with pytest.raises(Conflict), database.write(BY) as change:
        change.connection.execute(text("INSERT INTO token (id, name, role, secret_sha256, created_at, created_by)"
                                       " SELECT 'x', name, role, 'y', created_at, created_by FROM token"))  # fmt: skip
    with database.write(BY) as change:
        services.revoke_token(change, str(first))
        services.create_token(change, "kim", "viewer")
    assert [token["name"] for token in tokens(database)] == ["kim", "kim"]


def test_a_token_that_makes_no_sense_is_not_made(database: Database) -> None:
    fill(database)
    with pytest.raises(Invalid) as refused, database.write(BY) as change:
        services.create_token(change, "kim", "admin", department="과", expires_on="2020-01-01")
    assert [fault.code for fault in refused.value.faults] == ["scope_of_role", "in_past"]
    with pytest.raises(NotFound, match="there is no party cit"), database.write(BY) as change:
        services.create_token(change, "kim", "editor", party="cit")
    assert tokens(database) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_its_owner_reads_a_new_database(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    migrations.upgrade(database)
    with database.write(BY) as change:
        services.create_token(change, "kim", "editor")
        beside = [path for path in database.path.parent.iterdir() if path.name.startswith(database.path.name)]
        modes = {path.name: stat.filemode(path.stat().st_mode) for path in beside}
    database.close()
    assert len(modes) >= 2
    assert set(modes.values()) == {"-rw-------"}
