"""What HTTP itself asks of every answer: compression, ETags, whom a request is for, what a replay says."""

from __future__ import annotations

import gzip
import socket
import zlib
from typing import Any

import pytest

from tests.api import FOLLOW_UP, MET, Api, fill, serving
from tracker.api.compression import SMALLEST, wants_gzip
from tracker.database.engine import Database

CLAUSE = "/v1/clauses/deal.1"


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


# Answers in gzip


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("GZip;q=0.5", True),
        ("*", True),
        ("br;q=1, *;q=0.1", True),
        ("gzip;q=0.5, identity", False),
        ("gzip;q=0", False),
        ("*, gzip;q=0", False),
        ("deflate, br", False),
        ("identity", False),
        ("", False),
        ("gzip;q=x", False),
    ],
)
def test_gzip_is_for_whoever_prefers_it(header: str, wanted: bool) -> None:
    assert wants_gzip(header) is wanted


@pytest.mark.parametrize("path", ["/v1/codes", "/v1/clauses?limit=200", "/v1/agreements", "/v1/summary"])
def test_what_is_large_is_compressed_where_the_client_asks(api: Api, path: str) -> None:
    plain = api.get(path)
    packed = api.get(path, accept_encoding="br, gzip")
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in ", ".join(plain.headers.getlist("Vary"))
    assert len(plain.raw) >= SMALLEST
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw) == plain.raw
    assert packed.headers["Content-Length"] == str(len(packed.raw))
    assert len(packed.raw) < len(plain.raw) / 2
    assert packed.etag == f'{plain.etag[:-1]}-gzip"'
    for etag in (packed.etag, plain.etag, f"W/{packed.etag}"):
        again = api.get(path, accept_encoding="gzip", if_none_match=etag)
        assert (again.status, again.raw) == (304, b"")
        assert again.etag in (packed.etag, plain.etag)
    assert api.get(path, if_none_match=packed.etag).etag == packed.etag
    head = api.ask("HEAD", path, accept_encoding="gzip")
    assert (head.raw, head.etag, head.headers["Content-Encoding"]) == (b"", packed.etag, "gzip")


def test_what_is_small_or_compressed_already_stays_as_it_is(api: Api) -> None:
    for path in ("/livez", CLAUSE, "/v1/report?format=xlsx", "/v1/clauses/none.1"):
        plain, asked = api.get(path), api.get(path, accept_encoding="gzip")
        assert "Content-Encoding" not in asked.headers
        assert asked.headers.get("Content-Length") == str(len(asked.raw))
        assert asked.status == plain.status
        assert not asked.headers.get("ETag", "").endswith('-gzip"')
    assert api.delete("/v1/clauses/deal.10", accept_encoding="gzip").raw == b""


def test_a_stream_is_compressed_part_by_part(api: Api) -> None:
    plain, packed = (api.get("/v1/export.jsonl", accept_encoding=coding) for coding in ("", "gzip"))
    assert gzip.decompress(packed.raw) == plain.raw
    assert (packed.headers["Content-Encoding"], packed.etag) == ("gzip", plain.etag)
    assert api.get("/v1/export.jsonl", accept_encoding="gzip", if_none_match=plain.etag).status == 304
    with serving(api.app) as port:
        answer = raw(port, b"GET /v1/export.jsonl HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n")
        head = raw(port, b"HEAD /v1/codes HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n")
    assert b"\r\ncontent-encoding: gzip\r\n" in answer
    assert head.endswith(b"\r\n\r\n")
    assert b"-gzip" in head


def test_the_first_part_of_a_stream_needs_no_second(api: Api) -> None:
    api.app.add_url_rule("/endless", view_func=lambda: api.app.response_class(endless(), mimetype="text/csv"))
    with api.app.test_client() as client:
        answer = client.get("/endless", headers={"Accept-Encoding": "gzip"}, buffered=False)
        first: Any = next(iter(answer.response))
        answer.close()
    assert zlib.decompressobj(31).decompress(first) == b"a,b\n"


def endless() -> Any:
    yield b"a,b\n"
    raise AssertionError("nobody asked for more")


# ETags


def test_every_200_and_201_has_an_etag(api: Api) -> None:
    created = [
        api.post("/v1/initiatives", {"id": "new", "kind": "project", "name": "New"}),
        api.post("/v1/agreements/deal/clauses", {"kind": "listed", "text": "새 약속"}),
        api.post(f"{CLAUSE}/follow-ups", MET),
        api.post("/v1/follow-ups:batch", {"follow_ups": [FOLLOW_UP | {"clause": "deal.2"}]}),
        api.ask("PUT", "/v1/agreements/fresh/document", document(api, "fresh"), role="editor"),
    ]
    assert [answer.status for answer in created] == [201] * 5
    last = api.get("/v1/changes?limit=200").json["data"][-1]["id"]
    changed = [
        api.patch(CLAUSE, {"label": "1"}),
        api.patch(CLAUSE, {"label": "1"}),
        api.post("/v1/initiatives?dry_run=true", {"id": "newer", "kind": "project", "name": "New"}),
        api.ask("PUT", "/v1/agreements/fresh/document", document(api, "fresh"), role="editor", if_match="*"),
        api.post(f"/v1/changes/{last}:revert", None, role="admin"),
        api.post("/v1/drafts", {"text": "광주시는 31일 업무협약을 체결했다고 밝혔다."}),
    ]
    read = [api.get(path) for path in reading_paths(api)]
    for answer in (*created, *changed, *read):
        assert answer.status in (200, 201), answer.raw
        assert answer.headers.get("ETag"), answer.raw[:100]


def reading_paths(api: Api) -> list[str]:
    """Return an address of every route that is read, from the application itself."""
    known = {"id": "deal", "code": "gone"}
    ids = {
        "clauses": "deal.1",
        "quotes": "deal.q1",
        "parties": "city",
        "sources": "article",
        "initiatives": "new",
    }
    paths = []
    for rule in api.app.url_map.iter_rules():
        if (
            "GET" not in (rule.methods or ())
            or rule.rule == "/v1/follow-ups/<id>"
            or "follow-ups/<id>/" in rule.rule
        ):
            continue
        kind = rule.rule.split("/")[2] if rule.rule.startswith("/v1/") else ""
        values = known | ({"id": ids[kind]} if kind in ids else {})
        path = rule.rule
        for name, value in values.items():
            path = path.replace(f"<{name}>", value)
        paths.append(path)
    return paths


def document(api: Api, id: str) -> Any:
    content = api.get("/v1/agreements/older/document").json
    content["agreements"][0] |= {"id": id, "clauses": []}
    return content


@pytest.mark.parametrize("suffix", ["-gzip", "-br", "-zstd", "--gzip", ";gz", ";br", "-x-gzip1"])
def test_a_tag_with_a_coding_at_its_end_counts_as_what_it_was_made_of(api: Api, suffix: str) -> None:
    etag = api.get(CLAUSE).etag
    for tag in (f'{etag[:-1]}{suffix}"', f'W/{etag[:-1]}{suffix}"'):
        known = api.get(CLAUSE, if_none_match=tag).status == 304
        changed = api.patch(f"{CLAUSE}?dry_run=true", {"label": "x"}, if_match=tag).status == 200
        assert (known, changed) == ((False, False) if suffix == "-x-gzip1" else (True, True))


def test_a_refused_version_comes_with_the_current_etag(api: Api) -> None:
    path = "/v1/agreements/deal/document"
    for kind, id, content in (
        ("clauses", "deal.1", {"label": "1"}),
        ("sources", "article", {"title": "다른 제목"}),
        ("parties", "city", {"founded": "1935"}),
        ("agreements", "deal", {"purpose": "데이터"}),
    ):
        old = api.get(f"/v1/{kind}/{id}", role="editor").etag
        assert api.patch(f"/v1/{kind}/{id}", content).status == 200
        for refused in (
            api.patch(f"/v1/{kind}/{id}", {"bogus": 1}, if_match=old),
            api.delete(f"/v1/{kind}/{id}", if_match=old, role="admin"),
        ):
            assert refused.status == 412
            assert refused.etag == api.get(f"/v1/{kind}/{id}", role="editor").etag
    refused = api.ask("PUT", path, api.get(path).json, role="editor", if_match='"1-abc"')
    assert (refused.status, refused.etag) == (412, api.get(path).etag)
    missing = api.ask("PUT", "/v1/agreements/none/document", {}, role="editor", if_match='"1-abc"')
    assert (missing.status, "ETag" in missing.headers) == (412, False)


def test_a_change_that_was_made_already_is_not_reported_as_somebody_elses(api: Api) -> None:
    etag = api.get(CLAUSE).etag
    first = api.patch(CLAUSE, {"label": "1", "due": "2022"}, if_match=etag)
    again = api.patch(CLAUSE, {"label": "1", "due": "2022"}, if_match=etag)
    assert again.status == 412
    assert again.etag == first.etag
    assert again.json == {
        "type": "/problems/already-made",
        "title": "It says so already",
        "status": 412,
        "detail": "clause deal.1 says so already, in version 2; If-Match names another",
        "hint": "nothing is left to do; read it again before you change more",
    }
    for other in ({"label": "2"}, {"label": "1", "bogus": 1}, {}):
        assert api.patch(CLAUSE, other, if_match=etag).json["type"] == "/problems/stale"
    made = api.post(f"{CLAUSE}/follow-ups", MET)
    path = f"/v1/follow-ups/{made.json['id']}"
    for wanted in ("200 -", "412 /problems/already-made"):
        answer = api.patch(path, {"note": "끝"}, if_match=made.etag)
        assert f"{answer.status} {answer.json.get('type', '-')}" == wanted


# Bodies and replays


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity"])
def test_a_body_with_a_content_encoding_is_refused(api: Api, coding: str) -> None:
    body = gzip.compress(b'{"label": "x"}')
    answer = api.patch(CLAUSE, body, content_encoding=coding)
    assert (answer.status, answer.json["type"]) == (415, "/problems/content-encoding")
    answer = api.post(f"{CLAUSE}/follow-ups", body, content_encoding=coding)
    assert (answer.status, answer.json["hint"]) == (415, "send it as it is, without Content-Encoding")
    assert api.post(f"{CLAUSE}/follow-ups", body, content_encoding=coding, role="viewer").status == 403


def test_a_replay_says_that_it_is_one(api: Api) -> None:
    path = f"{CLAUSE}/follow-ups"
    first, again, other = (api.post(path, FOLLOW_UP, idempotency_key=key) for key in ("a", "a", "b"))
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, again, other)] == [
        None,
        "true",
        None,
    ]
    assert (again.status, again.raw, again.etag) == (first.status, first.raw, first.etag)
    assert len(api.get(path).json["data"]) == 2


# Whom a request is for


REFUSED = {
    "two hosts": (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n", b"400"),
    "one host twice": (b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: a\r\n", b"400"),
    "no host": (b"GET /livez HTTP/1.1\r\n", b"400"),
    "a host with a path": (b"GET /livez HTTP/1.1\r\nHost: a/b\r\n", b"400"),
    "a host with a space": (b"GET /livez HTTP/1.1\r\nHost: a b\r\n", b"400"),
    "two slashes": (b"GET //v1/codes HTTP/1.1\r\nHost: a\r\n", b"404"),
    "three slashes": (b"GET ///livez HTTP/1.1\r\nHost: a\r\n", b"404"),
    "two slashes in the middle": (b"GET /v1//codes HTTP/1.1\r\nHost: a\r\n", b"404"),
    "an encoded slash at the beginning": (b"GET /%2Fv1/codes HTTP/1.1\r\nHost: a\r\n", b"404"),
    "an encoded slash in an id": (b"GET /v1/agreements/a%2Fb HTTP/1.1\r\nHost: a\r\n", b"404"),
}  # fmt: skip
TAKEN = {
    "a host with a port": b"GET /livez HTTP/1.1\r\nHost: localhost:8000\r\n",
    "an address of IPv6": b"GET /livez HTTP/1.1\r\nHost: [::1]:8000\r\n",
    "an absolute address": b"GET http://example.org/livez HTTP/1.1\r\nHost: example.org\r\n",
    "HTTP/1.0 without a host": b"GET /livez HTTP/1.0\r\n",
}


def test_a_request_is_for_one_host_and_one_address(api: Api) -> None:
    with serving(api.app) as port:
        for name, (request, status) in REFUSED.items():
            answer = raw(port, request)
            assert answer.split(b" ", 2)[1] == status, (name, answer)
            assert b"\r\ncontent-type: application/problem+json\r\n" in answer, name
            assert b"\r\nx-request-id: " in answer, name
        for name, request in TAKEN.items():
            assert raw(port, request).split(b" ", 2)[1] == b"200", name


def test_no_id_has_a_slash_in_it(api: Api) -> None:
    for path in ("/v1/agreements/deal%2Fdocument", "/v1/clauses/deal.1%2ffollow-ups", "/v1%2Fcodes"):
        assert api.get(path).faults == [("id", "bad_id")]
        assert api.get(path).status == 400
    assert api.get("/v1/clauses?q=a%2Fb", accept_encoding="gzip").status in (200, 400)


def raw(port: int, request: bytes) -> bytes:
    """Send a request as it is, on a connection of its own, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request + b"Connection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65_536), b""))
