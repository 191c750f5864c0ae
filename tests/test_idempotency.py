"""Idempotency-Key: a POST that is sent again is told what it was told, and writes once."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests import servers
from tests.api import FOLLOW_UP, Answer, Api, fill, serving
from tests.rows import BY, counts
from tests.servers import Client
from tracker.database.engine import Database
from tracker.models import Clause
from tracker.services.checking import problems
from tracker.services.redaction import redact

CLAUSES = "/v1/agreements/deal/clauses"
NEW = {"kind": "listed", "text": "약속"}
POSTS: dict[str, tuple[str, Any]] = {
    "clause": (CLAUSES, NEW),
    "quote": ("/v1/agreements/deal/quotes", {"kind": "direct", "text": "말"}),
    "follow-up": ("/v1/clauses/deal.1/follow-ups", FOLLOW_UP),
    "batch": ("/v1/follow-ups:batch", {"follow_ups": [{"clause": "deal.1", **FOLLOW_UP}]}),
    "party": ("/v1/parties", {"id": "new", "kind": "person", "name": "New"}),
    "source": ("/v1/sources", {"id": "new", "kind": "other", "title": "New", "text": "말"}),
    "initiative": ("/v1/initiatives", {"id": "new", "kind": "facility", "name": "New"}),
    "agreement": ("/v1/agreements", {"id": "new", "kind": "mou", "title": "New"}),
}


@pytest.fixture
def api(database: Database) -> Api:
    fill(database)
    return Api(database)


def same(answer: Answer) -> tuple[Any, ...]:
    """Return what a repeated request has to be told again."""
    names = ("Location", "ETag", "Content-Type")
    return answer.status, answer.raw, *(answer.headers.get(name) for name in names)


@pytest.mark.parametrize("kind", POSTS)
def test_the_same_request_again_is_told_the_same_and_writes_nothing(api: Api, kind: str) -> None:
    path, content = POSTS[kind]
    first = api.post(path, content, Idempotency_Key="key-1")
    assert first.status == 201, first.raw
    before = counts(api.database)
    for _ in range(2):
        assert same(api.post(path, content, Idempotency_Key="key-1")) == same(first)
    assert counts(api.database) == before
    assert before["idempotency_key"] == 1
    assert list(problems(api.database)) == []


def test_a_removed_thing_does_not_change_what_was_told(api: Api) -> None:
    first = api.post(CLAUSES, NEW, Idempotency_Key="k")
    assert api.delete("/v1/agreements/deal", role="admin").status == 204
    assert same(api.post(CLAUSES, NEW, Idempotency_Key="k")) == same(first)
    assert api.post(CLAUSES, NEW).status == 410


def test_spaces_and_order_in_a_body_do_not_matter(api: Api) -> None:
    first = api.post(CLAUSES, b'{"kind":"listed","text":"x"}', Idempotency_Key="k")
    again = api.post(CLAUSES, b' { "text" : "x", "kind" : "listed" } ', Idempotency_Key="k")
    assert (first.status, same(again)) == (201, same(first))


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (CLAUSES, NEW | {"text": "other"}),
        ("/v1/agreements/older/clauses", NEW),
        (CLAUSES + "?comment=why", NEW),
        ("/v1/clauses/deal.1/follow-ups", FOLLOW_UP),
    ],
)
def test_another_request_with_the_key_is_refused(api: Api, path: str, content: Any) -> None:
    first = api.post(CLAUSES, NEW, Idempotency_Key="k")
    before = counts(api.database)
    answer = api.post(path, content, Idempotency_Key="k")
    assert answer.status == 422
    assert answer.json == {
        "type": "/problems/key-reused",
        "title": "The Idempotency-Key was sent with another request",
        "status": 422,
        "detail": "this Idempotency-Key was sent with another request before",
        "hint": "a key is for one request and its repetitions; take a new one",
    }
    assert counts(api.database) == before
    assert same(api.post(CLAUSES, NEW, Idempotency_Key="k")) == same(first)


def test_a_key_belongs_to_its_token(api: Api) -> None:
    first = api.post(CLAUSES, NEW, Idempotency_Key="k")
    second = api.post(CLAUSES, NEW, role="admin", Idempotency_Key="k")
    assert (first.json["number"], second.json["number"]) == (11, 12)


def test_what_fails_is_not_kept(api: Api) -> None:
    for content, status in (({}, 422), (b"{", 400), (NEW | {"number": 1}, 409)):
        assert api.post(CLAUSES, content, Idempotency_Key="k").status == status
    assert api.post("/v1/agreements/none/clauses", NEW, Idempotency_Key="k").status == 404
    assert api.post(CLAUSES, NEW, role="viewer", Idempotency_Key="k").status == 403
    assert counts(api.database)["idempotency_key"] == 0
    assert api.post(CLAUSES, NEW, Idempotency_Key="k").status == 201


def test_a_dry_run_has_no_part_in_it(api: Api) -> None:
    dry = CLAUSES + "?dry_run=true"
    assert api.post(dry, NEW, Idempotency_Key="k").status == 200
    assert counts(api.database)["idempotency_key"] == 0
    assert api.post(CLAUSES, NEW, Idempotency_Key="k").json["number"] == 11
    assert api.post(dry, NEW | {"text": "other"}, Idempotency_Key="k").json["number"] == 12


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "a\x7f", "x" * 256])
def test_a_key_has_its_form(api: Api, key: str) -> None:
    before = counts(api.database)
    answer = api.post(CLAUSES, NEW, Idempotency_Key=key)
    assert (answer.status, answer.faults) == (400, [("Idempotency-Key", "bad_key")])
    assert counts(api.database) == before


def test_every_visible_character_makes_a_key(api: Api) -> None:
    for key in ("".join(map(chr, range(0x21, 0x7F))), "x" * 255):
        first = api.post(CLAUSES, NEW, Idempotency_Key=key)
        assert same(api.post(CLAUSES, NEW, Idempotency_Key=key)) == same(first)


def test_other_methods_know_no_key(api: Api) -> None:
    for label in ("a", "b"):
        assert api.patch("/v1/clauses/deal.1", {"label": label}, Idempotency_Key="k k").json["label"] == label
    assert counts(api.database)["idempotency_key"] == 0


def test_an_answer_is_kept_for_a_day(api: Api) -> None:
    first = api.post(CLAUSES, NEW, Idempotency_Key="k")
    age(api.database, "-23 hours -59 minutes", "23 hours 59 minutes")
    assert same(api.post(CLAUSES, NEW, Idempotency_Key="k")) == same(first)
    age(api.database, "-2 minutes", "2 minutes")
    assert api.post(CLAUSES, NEW, Idempotency_Key="other").json["number"] == 12
    assert counts(api.database)["idempotency_key"] == 1  # the old one went in passing
    assert api.post(CLAUSES, NEW, Idempotency_Key="k").json["number"] == 13


def test_a_redacted_text_is_not_told_again(api: Api) -> None:
    secret = '100% "secret"_\n'
    for key, words in (("a", secret), ("b", "100 secrets")):
        assert api.post(CLAUSES, NEW | {"text": words}, Idempotency_Key=key).status == 201
    assert api.patch("/v1/clauses/deal.11", {"text": "other"}).status == 200
    with api.database.write(BY) as change:
        assert redact(change, Clause, "deal.11", fields=["text"]) == 2
    with api.database.engine.connect() as connection:
        assert list(connection.execute(text("SELECT key FROM idempotency_key")).scalars()) == ["b"]


@pytest.mark.parametrize(
    ("redacted", "kept"), [("40% off", "40 euros off"), ("a_b_c", "axbxc"), ("so! far", "so% far")]
)
def test_only_answers_with_the_very_text_are_forgotten(api: Api, redacted: str, kept: str) -> None:
    for key, words in (("redacted", redacted), ("kept", kept)):
        assert api.post(CLAUSES, NEW | {"text": words}, Idempotency_Key=key).status == 201
    assert api.patch("/v1/clauses/deal.11", {"text": "other"}).status == 200
    with api.database.write(BY) as change:
        assert redact(change, Clause, "deal.11", fields=["text"]) == 2
    with api.database.engine.connect() as connection:
        assert list(connection.execute(text("SELECT key FROM idempotency_key")).scalars()) == ["kept"]


@pytest.mark.parametrize("kind", ["follow-up", "batch"])
def test_a_token_of_one_track_is_held_to_it_under_a_key_too(api: Api, kind: str) -> None:
    path, content = POSTS[kind]
    before = counts(api.database)
    refused = api.post(path, content, role="reported", Idempotency_Key="k")
    assert (refused.status, refused.json["detail"]) == (403, "this token may write the reported track only")
    assert counts(api.database) == before
    assert api.post(path, content, role="verified", Idempotency_Key="k").status == 201


def age(database: Database, on_sqlite: str, on_postgresql: str) -> None:
    """Let what is kept grow older."""
    moved = f"created_at - interval '{on_postgresql}'"
    if database.is_sqlite:
        steps = ", ".join(f"'{step}'" for step in (on_sqlite.replace(" -", "|-").split("|")))
        moved = f"strftime('%Y-%m-%dT%H:%M:%f000Z', created_at, {steps})"
    with database.write(BY) as change:
        change.connection.execute(text(f"UPDATE idempotency_key SET created_at = {moved}"))


def test_a_second_request_is_told_to_wait_while_the_first_one_runs(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tracker import services

    begun, go_on = threading.Event(), threading.Event()
    create: Callable[..., str] = services.create_part

    def slow(*args: Any) -> str:
        begun.set()
        assert go_on.wait(20)
        return create(*args)

    monkeypatch.setattr(services, "create_part", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(api.post, CLAUSES, NEW, Idempotency_Key="k")
        try:
            assert begun.wait(20)
            second = api.post(CLAUSES, NEW, Idempotency_Key="k")
            other = Api.__new__(Api)  # a process of its own knows nothing of what runs in this one
            other.__dict__ |= (
                api.__dict__ | {"app": Api(api.database).app} if not api.database.is_sqlite else {}
            )
            third = other.post(CLAUSES, NEW, Idempotency_Key="k") if not api.database.is_sqlite else second
        finally:
            go_on.set()
        made = first.result(20)
    for told in (second, third):
        assert (told.status, told.headers["Retry-After"]) == (409, "1")
        assert told.json["type"] == "/problems/still-running"
    assert made.status == 201
    assert same(api.post(CLAUSES, NEW, Idempotency_Key="k")) == same(made)


def test_of_eight_at_once_one_writes(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.tokens['editor']}", "Content-Type": "application/json"}
    with serving(api.app) as port:
        for round in range(10):
            race(lambda _, key: posted(port, headers, key), f"key-{round}")
    assert counts(api.database)["clause"] == 4 + 10
    assert list(problems(api.database)) == []


def posted(port: int, headers: dict[str, str], key: str) -> Answer:
    import http.client
    import json

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", CLAUSES, json.dumps(NEW), headers | {"Idempotency-Key": key})
    found = connection.getresponse()
    answer = Answer(found.status, found.headers, found.read())
    connection.close()
    return answer


@pytest.mark.safety
def test_of_eight_at_once_over_two_servers_one_writes(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    fill(database)
    database.close()
    token = servers.editor(database_url)
    rounds = 100
    with ExitStack() as stack:
        pair = [
            stack.enter_context(servers.serving(database_url, tmp_path / f"server{n}.log")) for n in (1, 2)
        ]
        clients = [stack.enter_context(closing(Client(pair[n % 2], token))) for n in range(8)]
        statuses: Counter[int] = Counter()
        for round in range(rounds):
            path = random.choice([CLAUSES, "/v1/clauses/deal.1/follow-ups"])
            content = NEW if path == CLAUSES else FOLLOW_UP
            statuses += race(
                lambda n, key, path=path, content=content: clients[n].ask(  # type: ignore[misc]
                    "POST", path, content, Idempotency_Key=key
                ),
                f"key-{round}",
            )
        assert not any("Traceback" in server.log for server in pair)
    servers.say(f"answers {dict(statuses)}")
    found = counts(database)
    assert found["clause"] - 4 + found["follow_up"] == rounds
    assert found["change"] == rounds
    assert list(problems(database)) == []


def race(post: Callable[[int, str], Answer], key: str) -> Counter[int]:
    """Send one request from eight clients at one instant until each has its answer: all the same."""
    start = threading.Barrier(8)

    def ask(number: int) -> tuple[Answer, list[int]]:
        start.wait(20)
        waited = []
        while True:
            answer = post(number, key)
            waited.append(answer.status)
            if answer.status == 201 or len(waited) > 200:
                return answer, waited
            assert answer.status in (409, 503), answer.raw
            assert int(answer.headers["Retry-After"]) > 0
            threading.Event().wait(random.uniform(0.005, 0.03))

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(ask, range(8)))
    assert len({same(answer) for answer, _ in told}) == 1
    assert told[0][0].status == 201
    return Counter(status for _, waited in told for status in waited)
