"""What the API refuses: in which order, in which words, and what a broken database looks like."""

from __future__ import annotations

import gc
import json
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import postgres
from tests.api import FOLLOW_UP, MET, Api, fill, serving
from tests.rows import counts
from tracker import errors
from tracker.api.problems import PAGES, STATUS
from tracker.database import engine as module
from tracker.database.changes import Change
from tracker.database.engine import Database, open_database, sqlite_connection
from tracker.services import history
from tracker.shipped import newest_revision

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

CLAUSE = {"kind": "listed", "text": "약속"}


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def subclasses(kind: type[errors.TrackerError]) -> Iterator[type[errors.TrackerError]]:
    for each in kind.__subclasses__():
        yield each
        yield from subclasses(each)


def test_the_page_of_every_kind_of_problem_opens(api: Api) -> None:
    for code, (title, _) in PAGES.items():
        page = api.get(f"/problems/{code}")
        assert page.status == 200
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f"<code>{code}</code>" in page.raw.decode()
        assert title.split("'")[0] in page.raw.decode()
    assert all(kind.code in PAGES for kind in STATUS)
    missing = api.get("/problems/nothing")
    assert missing.status == 404
    assert missing.json["detail"] == "there is no kind of problem `nothing`"


def test_a_problem_is_given_whole(api: Api) -> None:
    answer = api.get("/v1/clauses?statsu=met&limit=1&kind=lsted&limit=0")
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json == {
        "type": "/problems/malformed",
        "title": "The request cannot be read",
        "status": 400,
        "detail": "4 faults in the input",
        "errors": [
            {
                "code": "unknown_parameter",
                "detail": "`statsu` is not a parameter here",
                "parameter": "statsu",
                "hint": "did you mean `status`?",
            },
            {
                "code": "repeated_parameter",
                "detail": "`limit` is given twice",
                "parameter": "limit",
                "hint": "several values of one parameter are separated by commas",
            },
            {
                "code": "unknown_code",
                "detail": "`kind`: `lsted` is not a code of clause_kind",
                "parameter": "kind",
                "hint": "did you mean `listed`?",
            },
            {"code": "bad_limit", "detail": "`limit` is a whole number from 1 to 200", "parameter": "limit"},
        ],
    }


def test_the_type_of_a_problem_is_an_address_that_clients_reach(database: Database) -> None:
    api = Api(database, public_url="https://example.org/")
    answer = api.get("/v1/clauses/none.1")
    assert answer.json == {
        "type": "https://example.org/problems/not-found",
        "title": "There is no such thing",
        "status": 404,
        "detail": "there is no clause none.1",
    }


# Each request has every fault from its step on: the first in order is the one that is told.
WORST: dict[str, Any] = {"content": b"{", "if_match": "abc", "Content_Type": "text/plain"}
ORDER: list[tuple[str, str, str, dict[str, Any], int, str]] = [
    ("route", "PATCH", "/v1/nothing/none.1", {**WORST}, 404, "no-such-page"),
    ("method", "PUT", "/v1/clauses/none.1", {**WORST}, 405, "method"),
    ("token", "PATCH", "/v1/clauses/none.1", {**WORST}, 401, "unauthenticated"),
    ("role", "PATCH", "/v1/clauses/none.1", {**WORST, "role": "viewer"}, 403, "refused"),
    ("media type", "PATCH", "/v1/clauses/none.1", {**WORST, "role": "editor"}, 415, "media-type"),
    (
        "JSON",
        "PATCH",
        "/v1/clauses/none.1",
        {**WORST, "role": "editor", "Content_Type": "application/json"},
        400,
        "malformed",
    ),
    (
        "existence",
        "PATCH",
        "/v1/clauses/none.1",
        {"role": "editor", "content": {"bogus": 1}, "if_match": "abc"},
        404,
        "not-found",
    ),
    (
        "malformed If-Match",
        "PATCH",
        "/v1/clauses/deal.1",
        {"role": "editor", "content": {"bogus": 1}, "if_match": "abc"},
        400,
        "malformed",
    ),
    (
        "no If-Match",
        "PATCH",
        "/v1/clauses/deal.1",
        {"role": "editor", "content": {"bogus": 1}},
        428,
        "version-required",
    ),
    (
        "stale If-Match",
        "PATCH",
        "/v1/clauses/deal.1",
        {"role": "editor", "content": {"bogus": 1}, "if_match": '"9-a"'},
        412,
        "stale",
    ),
    (
        "fields",
        "PATCH",
        "/v1/clauses/deal.1",
        {"role": "editor", "content": {"bogus": 1}, "if_match": '"1-a"'},
        422,
        "invalid",
    ),
    ("existence", "DELETE", "/v1/clauses/none.1", {"role": "editor", "if_match": "abc"}, 404, "not-found"),
    ("existence", "POST", "/v1/agreements/none/clauses", {"role": "editor", "content": []}, 404, "not-found"),
    (
        "existence",
        "POST",
        "/v1/clauses/none.1/follow-ups",
        {"role": "editor", "content": []},
        404,
        "not-found",
    ),
]


@pytest.mark.parametrize(("method", "path", "more", "status", "code"), [row[1:] for row in ORDER])
def test_a_request_is_checked_in_the_order_that_is_promised(
    api: Api, method: str, path: str, more: dict[str, Any], status: int, code: str
) -> None:
    before = counts(api.database)
    answer = api.ask(method, path, **more)
    assert (answer.status, answer.json["type"]) == (status, f"/problems/{code}")
    assert counts(api.database) == before


NESTED = b"[" * 1000 + b"]" * 1000
BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty"),
    "cut off": (b'{"text": ', "syntax"),
    "nested too deep": (NESTED, "too_deep"),
    "nested too deep in an object": (b'{"text":' * 1000 + b"1" + b"}" * 1000, "too_deep"),
    "NaN": (b'{"number": NaN}', "number"),
    "Infinity": (b'{"number": -Infinity}', "number"),
    "a number too large for a float": (b'{"number": 1e999}', "number"),
    "5,000 digits": (b'{"number": ' + b"9" * 5000 + b"}", "number"),
    "a key twice": (b'{"text": "a", "text": "b"}', "duplicate_key"),
    "a key twice, once escaped": (b'{"text": "a", "\\u0074ext": "b"}', "duplicate_key"),
    "NUL": (b'{"text": "a\\u0000b"}', "nul"),
    "half of a surrogate pair": (b'{"text": "\\ud800"}', "surrogate"),
    "not UTF-8": (b'{"text": "\xff"}', "not_utf_8"),
    "UTF-16": ('{"text": "a"}'.encode("utf-16"), "not_utf_8"),
    "two values": (b"{} {}", "several_values"),
    "a trailing comma": (b'{"text": "a",}', "syntax"),
}


@pytest.mark.parametrize("name", BROKEN)
@on_sqlite
def test_json_that_cannot_be_read_is_refused(api: Api, name: str) -> None:
    raw, code = BROKEN[name]
    for path in ("/v1/agreements/deal/clauses", "/v1/clauses/deal.1/follow-ups"):
        answer = api.post(path, raw)
        assert answer.status == 400
        assert [fault["code"] for fault in answer.json["errors"]][:1] == [code]
    assert api.patch("/v1/clauses/deal.1", raw).status == 400


@pytest.mark.parametrize("content", [[], 1, None, "text", True, [{}]])
@on_sqlite
def test_a_body_that_is_no_object_is_a_fault(api: Api, content: Any) -> None:
    raw = json.dumps(content).encode()
    for answer in (
        api.post("/v1/agreements/deal/clauses", raw),
        api.post("/v1/clauses/deal.1/follow-ups", raw),
        api.patch("/v1/clauses/deal.1", raw),
    ):
        assert answer.status == 422
        assert answer.json["errors"] == [
            {"code": "wrong_type", "detail": "the body must be an object", "pointer": ""}
        ]


@pytest.mark.parametrize("key", ["[key]", "", "/", "~", "a\tb", "é" * 5000, "__class__", "version"])
@on_sqlite
def test_any_unknown_key_is_a_fault_at_its_pointer(api: Api, key: str) -> None:
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    answer = api.post("/v1/agreements/deal/clauses", CLAUSE | {key: 1})
    assert answer.status == 422
    code = "set_by_server" if key == "version" else "unknown_key"
    assert answer.faults == [(pointer, code)]
    follow_up = api.post("/v1/clauses/deal.1/follow-ups", FOLLOW_UP | {key: 1})
    assert (follow_up.status, follow_up.faults) == (422, [(pointer, code)])
    nested = api.patch("/v1/clauses/deal.1", {"parties": [{"party": "city", "role": "obligor", key: 1}]})
    assert (nested.status, nested.faults) == (422, [(f"/parties/0{pointer}", "unknown_key")])


MALFORMED = ["abc", '"1', '1"', "", " ", '"1-a" "2-b"', '"1-a";', '"é-a"', "W/", 'W/*', '*,"1-a"', '"1-a\x7f"',
             'w/"1-a"']  # fmt: skip


@pytest.mark.parametrize("header", MALFORMED)
@on_sqlite
def test_a_malformed_if_match_is_refused(api: Api, header: str) -> None:
    for answer in (
        api.patch("/v1/clauses/deal.1", {"label": "x"}, if_match=header),
        api.delete("/v1/clauses/deal.1", if_match=header),
    ):
        assert answer.status == 400
        assert answer.json["errors"] == [
            {
                "code": "bad_etag",
                "detail": "If-Match is malformed",
                "parameter": "If-Match",
                "hint": "send the ETag as you were given it, with its quotation marks, or *",
            }
        ]
    assert api.get("/v1/clauses/deal.1").json["version"] == 1


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"1-abc"', 200),  # only the version is compared
        ('"2-abc", "1-abc"', 200),
        (' "1-abc" ,"7-a"', 200),
        ("*", 200),
        ('W/"1-abc"', 200),  # a proxy that compresses weakens it
        ('"1-abc-gzip"', 200),
        ('W/"1-abc-br", "2-abc"', 200),
        ('W/"2-abc"', 412),
        ('"2-abc-gzip"', 412),
        ('"1"', 412),
        ('""', 412),
        ('"01-abc"', 412),
        ('"1-abc-1"', 412),
        ('"99999999999999999999-a"', 412),
    ],
)
def test_only_the_version_of_an_etag_is_compared(api: Api, header: str, status: int) -> None:
    answer = api.patch("/v1/clauses/deal.1", {"label": "x"}, if_match=header)
    assert answer.status == status
    assert api.get("/v1/clauses/deal.1").json["label"] == ("x" if status == 200 else None)


def test_a_change_without_a_version_is_refused_with_the_next_step(api: Api) -> None:
    answer = api.ask("PATCH", "/v1/clauses/deal.1", {"label": "x"}, role="editor")
    assert answer.status == 428
    assert answer.json == {
        "type": "/problems/version-required",
        "title": "Say which version you saw",
        "status": 428,
        "detail": "a change has to say which version it is based on",
        "hint": "send If-Match with the ETag that you were given, or * for any",
    }


@pytest.mark.parametrize(
    "header",
    [
        "Basic abc",
        "Bearer",
        "Bearer ",
        "Bearer trk_unknown",
        "trk_x",
        "Bearer é한",
        "",
        "Bearer a b\tc",
        "B" * 9000,
    ],
)
@on_sqlite
def test_a_wrong_token_is_refused_even_where_reading_is_public(api: Api, header: str) -> None:
    answer = api.get("/v1/clauses", Authorization=header.encode().decode("latin-1"))
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tracker"'
    assert answer.json["type"] == "/problems/unauthenticated"


def test_roles_include_what_the_lower_ones_may(api: Api) -> None:
    for role, status in (("viewer", 403), ("editor", 201), ("admin", 201), ("reported", 403)):
        assert api.post("/v1/agreements/deal/clauses", CLAUSE, role=role).status == status
    answer = api.post("/v1/agreements/deal/clauses", CLAUSE, role="viewer")
    assert answer.json == {
        "type": "/problems/refused",
        "title": "The token's role does not allow it",
        "status": 403,
        "detail": "this needs the role editor; the token of Viewer has viewer",
        "hint": "`tracker token create --role editor --name NAME` makes one",
    }


def test_reading_may_need_a_token_too(database: Database) -> None:
    fill(database)
    api = Api(database, read_access="token")
    for path in ("/v1/clauses", "/v1/clauses/deal.1", "/v1/changes", "/v1/clauses/deal.1/history"):
        assert api.get(path).status == 401
        assert api.get(path, role="viewer").status == 200
    for path in ("/livez", "/readyz", "/problems/gone"):
        assert api.get(path).status == 200


@pytest.mark.parametrize(
    "media",
    ["", "text/plain", "application/xml", "application/json; charset=euc-kr", "é", "multipart/form-data"],
)
@on_sqlite
def test_another_media_type_is_refused(api: Api, media: str) -> None:
    answer = api.post("/v1/agreements/deal/clauses", CLAUSE, Content_Type=media)
    assert (answer.status, answer.json["type"]) == (415, "/problems/media-type")
    assert api.patch("/v1/clauses/deal.1", {}, Content_Type=media).status == 415
    assert (
        api.post("/v1/agreements/deal/clauses", CLAUSE, Content_Type="application/merge-patch+json").status
        == 415
    )


@pytest.mark.parametrize(
    "media", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
@on_sqlite
def test_json_in_utf_8_is_taken(api: Api, media: str) -> None:
    assert api.post("/v1/agreements/deal/clauses", CLAUSE, Content_Type=media).status == 201


BAD_QUERIES = {
    "/v1/clauses?q%00=1": "q\x00",
    "/v1/clauses?comment=x": "comment",
    "/v1/clauses/deal.1?x=1": "x",
    "/v1/clauses?agreement=Deal": "agreement",
    "/v1/clauses?agreement=deal,,older": "agreement",
    "/v1/clauses?department=%00": "department",
    "/v1/clauses?department=": "department",
    "/v1/clauses?status=": "status",
    "/v1/clauses?due__gte=soon": "due__gte",
    "/v1/clauses?due__gte=XXXX": "due__gte",
    "/v1/clauses?due__lt=2021,2022": "due__lt",
    "/v1/clauses?count=all": "count",
    "/v1/clauses?limit=201": "limit",
    "/v1/clauses?limit=%D9%A3": "limit",
    "/v1/clauses?limit=1_0": "limit",
    "/v1/clauses?limit=-1": "limit",
    "/v1/clauses?limit=" + "9" * 5000: "limit",
    "/v1/clauses?sort=nothing": "sort",
    "/v1/clauses?sort=": "sort",
    "/v1/clauses?sort=--id": "sort",
    "/v1/clauses?sort=due,-due": "sort",
    "/v1/clauses/deal.1/follow-ups?clause=deal.2": "clause",
    "/v1/changes?after=x": "after",
    "/v1/changes?after=99999999999": "after",
    "/v1/changes?limit=0": "limit",
    "/v1/changes?afetr=1": "afetr",
    "/v1/clauses/deal.1/history?limit=1&limit=2": "limit",
    "/v1/clauses?status=%FF": "query",
    "/v1/clauses?status=%ED%A0%80": "query",
    "/v1/clauses?%FF=1": "query",
    "/v1/clauses/deal.1?a=%FF": "query",
    "/v1/changes?after=%FF": "query",
}


@pytest.mark.parametrize("path", BAD_QUERIES)
@on_sqlite
def test_a_bad_query_is_refused_at_its_parameter(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status == 400
    assert {place for place, _ in answer.faults} == {BAD_QUERIES[path]}


@on_sqlite
def test_bytes_in_the_query_that_are_not_utf_8_are_refused(api: Api) -> None:
    with api.app.test_client() as client:
        for raw in ("department=\xff", "\xff", "department=%ff\xed\x95\x9c"):
            found = client.get("/v1/clauses", environ_overrides={"QUERY_STRING": raw})
            assert (found.status_code, found.get_json(force=True)["errors"][0]["code"]) == (
                400,
                "bad_encoding",
            )
        good = client.get("/v1/clauses", environ_overrides={"QUERY_STRING": "department=\xea\xb3\xbc"})
        assert [row["id"] for row in good.get_json(force=True)["data"]] == ["deal.2"]


@on_sqlite
def test_a_replacement_character_is_a_character(api: Api) -> None:
    """U+FFFD in good UTF-8 is not bad UTF-8."""
    assert api.get("/v1/clauses?department=%EF%BF%BD").json == {"data": [], "links": {"next": None}}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/clauses/Deal.1", "/v1/clauses/deal", "/v1/clauses/deal.0", "/v1/clauses/deal.q1", "/v1/clauses/deal.1%00",
        "/v1/clauses/%FF", "/v1/parties/-x", "/v1/parties/" + "x" * 81, "/v1/follow-ups/1", "/v1/quotes/deal.1",
        "/v1/clauses/deal.1%0A", "/v1/parties/%ED%A0%80/history", "/v1/clauses/x/follow-ups",
        "/v1/follow-ups/018F3C2A-0000-7000-8000-000000000001",
    ],
)  # fmt: skip
@on_sqlite
def test_an_id_that_nothing_can_have_is_refused(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.faults) == (400, [("id", "bad_id")])


@on_sqlite
def test_an_address_or_a_method_that_is_not_there_says_so(api: Api) -> None:
    for path in (
        "/v1/",
        "/v2/clauses",
        "/v1/clauses/",
        "/v1//clauses",
        "/%00",
        "/%FF",
        "/v1/clauses/a/b",
    ):
        answer = api.get(path)
        assert (answer.status, answer.json["type"]) == (404, "/problems/no-such-page")
    answer = api.ask("DELETE", "/v1/clauses")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.json["detail"] == "/v1/clauses does not take DELETE, only GET, HEAD, OPTIONS"


@on_sqlite
def test_a_body_that_is_too_large_is_refused_unread(database: Database) -> None:
    fill(database)
    api = Api(database, max_body=100)
    answer = api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "x" * 100})
    assert (answer.status, answer.json["type"]) == (413, "/problems/too-large")
    assert api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "x"}).status == 201


@on_sqlite
def test_a_body_shorter_than_it_says_is_refused(api: Api) -> None:
    with api.app.test_client() as client:
        found = client.post(
            "/v1/agreements/deal/clauses",
            data=b"{}",
            headers={"Authorization": f"Bearer {api.tokens['editor']}", "Content-Type": "application/json"},
            environ_overrides={"CONTENT_LENGTH": "3"},
        )
    assert (found.status_code, found.get_json(force=True)["errors"][0]["code"]) == (400, "cut_off")


@on_sqlite
def test_a_body_of_unknown_length_is_refused(api: Api) -> None:
    with api.app.test_client() as client:
        found = client.post(
            "/v1/agreements/deal/clauses",
            headers={
                "Authorization": f"Bearer {api.tokens['editor']}",
                "Content-Type": "application/json",
                "Transfer-Encoding": "chunked",
            },
        )
    assert (found.status_code, found.get_json(force=True)["type"]) == (411, "/problems/length-required")


@on_sqlite
def test_many_unknown_keys_are_all_named_quickly(api: Api) -> None:
    import time

    started = time.process_time()
    answer = api.post("/v1/agreements/deal/clauses", CLAUSE | {f"departmen{n}": 1 for n in range(20_000)})
    assert answer.status == 422
    assert len(answer.json["errors"]) == 20_000
    assert time.process_time() - started < 3


@pytest.mark.parametrize("text", ["x" * 1001, "%00", ""])
@on_sqlite
def test_a_comment_that_cannot_stand_in_history_is_refused(api: Api, text: str) -> None:
    answer = api.patch(f"/v1/clauses/deal.1?comment={text}", {"label": "x"})
    assert (answer.status, answer.faults) == (400, [("comment", "bad_value")])


@on_sqlite
def test_dry_run_is_true_or_false(api: Api) -> None:
    answer = api.patch("/v1/clauses/deal.1?dry_run=1", {"label": "x"})
    assert (answer.status, answer.faults) == (400, [("dry_run", "bad_value")])
    assert api.patch("/v1/clauses/deal.1?dry_run=true&dry_run=false", {"label": "x"}).status == 400


def test_the_probes_answer(api: Api) -> None:
    assert api.get("/livez").json == {"status": "ok"}
    ready = api.get("/readyz").json
    assert ready["status"] == "ok"
    assert ready["engine"] == api.database.engine.dialect.name
    assert ready["schema"] == newest_revision()


def test_a_database_without_tables_is_not_ready(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    from tracker.app import create_app
    from tracker.config import Settings

    with closing(database), create_app(Settings(), database).test_client() as client:
        assert client.get("/livez").status_code == 200
        for path in ("/readyz", "/v1/clauses", "/v1/clauses/deal.1", "/v1/changes"):
            found = client.get(path)
            assert found.status_code == 503
            assert found.get_json(force=True) == {
                "type": "/problems/not-ready",
                "title": "The database is not ready",
                "status": 503,
                "detail": "the database is not ready; its administrator knows how to make it so",
            }
            assert found.headers["Retry-After"] == "30"
        found = client.get("/v1/clauses", headers={"Authorization": "Bearer trk_x"})
        assert found.status_code == 503


WRITES: list[tuple[str, str, Any]] = [
    ("POST", "/v1/agreements/deal/clauses", CLAUSE),
    ("POST", "/v1/clauses/deal.1/follow-ups", MET),
    ("PATCH", "/v1/clauses/deal.1", {"label": "x"}),
    ("DELETE", "/v1/clauses/deal.2", None),
]


def refused_writes(api: Api) -> set[str]:
    details = set()
    for method, path, content in WRITES:
        answer = api.ask(method, path, content, role="editor", if_match="*")
        assert (answer.status, answer.json["type"]) == (503, "/problems/unavailable")
        assert answer.headers["Retry-After"] == "2"
        details.add(answer.json["detail"])
    return details


def accepted_writes(api: Api) -> list[int]:
    return [
        api.ask(method, path, content, role="editor", if_match="*").status for method, path, content in WRITES
    ]


@on_sqlite
def test_a_read_only_file_is_read_and_every_write_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(path: Path, *, create: bool = False) -> Any:
        connection = sqlite_connection(path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    api.database.close()
    with monkeypatch.context() as patched:
        patched.setattr(module, "sqlite_connection", read_only)
        assert refused_writes(api) == {"the database is read-only"}
        assert len(api.ids("/v1/clauses")) == 4
        api.database.close()
    assert accepted_writes(api) == [201, 201, 200, 204]


@on_postgresql
def test_a_read_only_server_is_read_and_every_write_says_so(
    api: Api, postgres_databases: postgres.Databases
) -> None:
    name = api.database.url.database
    admin = postgres_databases._admin
    admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    try:
        api.database.close()
        assert refused_writes(api) == {"the database is read-only"}
        assert len(api.ids("/v1/clauses")) == 4
    finally:
        admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
        api.database.close()
    assert accepted_writes(api) == [201, 201, 200, 204]


@on_sqlite
def test_a_locked_file_is_read_and_every_write_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_WAIT", 0.05)
    api.database.close()
    other = sqlite_connection(api.database.path)
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        assert refused_writes(api) == {"the database is locked by another program"}
        assert api.get("/v1/clauses").status == 200
        other.execute("ROLLBACK")
    assert accepted_writes(api) == [201, 201, 200, 204]


@on_sqlite
def test_a_file_that_is_gone_is_not_ready_until_it_is_back(api: Api) -> None:
    path = api.database.path
    api.database.close()
    path.rename(path.with_suffix(".away"))
    for url in ("/readyz", "/v1/clauses"):
        answer = api.get(url)
        assert (answer.status, answer.json["type"]) == (503, "/problems/not-ready")
    path.with_suffix(".away").rename(path)
    assert api.get("/readyz").status == 200
    assert accepted_writes(api) == [201, 201, 200, 204]


@on_postgresql
def test_ended_connections_are_made_anew(api: Api, postgres_databases: postgres.Databases) -> None:
    for method, path, content in [("GET", "/v1/clauses", None), ("GET", "/v1/clauses/deal.1", None), *WRITES]:
        api.get("/v1/clauses")
        postgres_databases.disconnect_all()
        answer = api.ask(method, path, content, role="editor", if_match="*")
        assert answer.status in (200, 201, 204, 503)
        assert answer.status != 503 or answer.headers["Retry-After"]
        assert api.get("/readyz").status == 200
        assert api.get("/v1/clauses").status == 200


@on_postgresql
# psycopg warns of connections that SQLAlchemy drops once the server has ended them in the middle of a statement.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_connections_that_end_in_the_middle_lose_nothing_that_was_acknowledged(
    api: Api, postgres_databases: postgres.Databases
) -> None:
    stop = threading.Event()
    acknowledged: list[str] = []
    seen: set[int] = set()

    def write() -> None:
        while not stop.is_set():
            answer = api.post("/v1/agreements/deal/clauses", CLAUSE)
            seen.add(answer.status)
            if answer.status == 201:
                acknowledged.append(answer.json["id"])

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        postgres_databases.disconnect_all()
        threading.Event().wait(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    assert seen <= {201, 503}
    assert len(set(acknowledged)) == len(acknowledged)
    assert set(acknowledged) <= set(api.ids("/v1/clauses?limit=200"))
    assert api.post("/v1/agreements/deal/clauses", CLAUSE).status == 201
    gc.collect()  # what psycopg warns of belongs to this test


def test_no_answer_shows_sql_or_a_constraint(api: Api) -> None:
    leaks = re.compile(rb"SELECT|INSERT|sqlite|psycopg|ck_|fk_|uq_|Traceback|\.py", re.IGNORECASE)
    answers = [
        api.post("/v1/agreements/deal/clauses", CLAUSE | {"number": 1}),
        api.post("/v1/agreements/deal/clauses", CLAUSE | {"number": 2**31}),
        api.post("/v1/agreements/deal/clauses", CLAUSE | {"source": "closed", "start": 5, "end": 7}),
        api.post("/v1/clauses/deal.1/follow-ups", {}),
        api.delete("/v1/clauses/deal.1"),
    ]
    assert [answer.status for answer in answers] == [409, 422, 201, 422, 409]
    assert not any(leaks.search(answer.raw) for answer in answers)


@on_sqlite
def test_a_real_server_refuses_broken_requests(api: Api) -> None:
    """What the test client cannot send: raw bytes over a socket, as `tracker serve` takes them."""
    import socket

    token = api.tokens["editor"].encode()

    def ask(raw: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(raw)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def status(raw: bytes) -> int:
        return int(ask(raw).split(b" ", 2)[1])

    post = b"POST /v1/agreements/deal/clauses HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer " + token  # fmt: skip
    body = json.dumps(CLAUSE).encode()
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    get = b"GET /v1/clauses HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with serving(api.app) as port:
        assert status(post + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body) == 201
        assert status(post + b"\r\n\r\n") == 400
        assert status(post + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk) in (201, 411)
        assert status(post + b"\r\nContent-Length: 1_0\r\n\r\n" + body) == 400
        assert status(get.replace(b"clauses", b"clauses?department=\xff") + b"\r\n") == 400
        assert status(get + b"If-None-Match: \xff\xfe\r\n\r\n") == 200
        assert status(get + b"X-Request-Id: a\xff\r\n\r\n") == 200
        assert status(get + b"Authorization: Bearer \xff\r\n\r\n") == 401


@on_sqlite
@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_file_that_was_moved_away_takes_no_more_writes(
    api: Api, tmp_path: Path, *, replaced: bool
) -> None:
    path = "/v1/clauses/deal.1/follow-ups"
    content = {"track": "reported", "status": "behind", "effective_on": "2021"}
    assert api.post(path, content).status == 201
    file = api.database.path
    copy = sqlite3.connect(tmp_path / "copy.db")
    with closing(sqlite3.connect(file)) as original, closing(copy):
        original.backup(copy)
    file.rename(tmp_path / "moved.db")
    if replaced:
        (tmp_path / "copy.db").rename(file)
    assert api.get("/v1/clauses/deal.1").status == (200 if replaced else 503)
    assert api.post(path, content).status == (201 if replaced else 503)
    with closing(sqlite3.connect(tmp_path / "moved.db")) as moved:
        assert moved.execute("SELECT count(*) FROM follow_up").fetchone() == (1,)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (
            errors.NotReady("the database at /srv/secret/tracker.db has schema 0001"),
            "the database is not ready; its administrator knows how to make it so",
        ),
        (
            errors.Unavailable("the database at postgresql://kim@db.internal/tracker does not answer"),
            "the database does not answer",
        ),
    ],
)
def test_strangers_read_no_path_and_no_host(
    api: Api, monkeypatch: pytest.MonkeyPatch, raised: errors.TrackerError, said: str
) -> None:
    def refuse(*_: object) -> None:
        raise raised

    monkeypatch.setattr(Database, "rows", refuse)
    answer = api.get("/v1/clauses")
    assert (answer.status, answer.json["detail"]) == (503, said)
    assert b"secret" not in answer.raw
    assert b"internal" not in answer.raw


def test_what_could_not_be_ordered_is_tried_again_five_times_at_most(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, left = history.write_records, [4]

    def contended(change: Change) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise errors.Contended("too many changes at the same moment")
        write(change)

    monkeypatch.setattr(history, "write_records", contended)
    assert api.patch("/v1/clauses/deal.1", {"label": "x"}).status == 200
    assert [entry["action"] for entry in api.get("/v1/clauses/deal.1/history").json["data"]] == ["update"]
    left[0] = 5
    assert api.patch("/v1/clauses/deal.1", {"label": "y"}).status == 503
    assert left[0] == 0
