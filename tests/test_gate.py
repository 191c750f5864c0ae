"""What one visitor can do is bounded: turns that nothing else can take, and work that ends in time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api import fill
from tests.servers import wait_until
from tracker.api.exchange import budget_of_request
from tracker.app import create_app
from tracker.cli.gate import BODIES_OF_ONE, STREAMS, Gate
from tracker.cli.watching import connections_to, end_what_is_over
from tracker.config import Settings
from tracker.database import budgets
from tracker.database.budgets import Budget, within
from tracker.database.engine import Database
from tracker.errors import Unavailable
from tracker.queries import lists, summary
from tracker.queries.summary import summarised, summary_query

Work = Callable[[dict[str, Any]], Iterable[bytes]]


def _start(*_: object) -> Callable[[bytes], object]:
    return lambda _: None


def gate(work: Work) -> Gate:
    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        parts = work(environ)
        lengths = [("Content-Length", str(sum(map(len, parts))))] if isinstance(parts, list) else []
        start("200 OK", lengths)
        return parts

    return Gate(app)


@contextmanager
def asking(served: Gate, path: str, count: int, release: threading.Event) -> Iterator[None]:
    """Ask so many times at once, in threads that hang until they are released at the end of the block."""
    threads = [threading.Thread(target=ask, args=(served, path), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        release.set()
        for thread in threads:
            thread.join(60)


def ask(gate: Gate, path: str = "/", **more: Any) -> list[bytes]:
    return list(gate({"PATH_INFO": path, **more}, _start))


@pytest.mark.parametrize("name", ["writing", "heavy"])
def test_readers_go_on_while_every_other_turn_is_held(name: str) -> None:
    held, release = threading.Semaphore(0), threading.Event()

    def work(environ: dict[str, Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/much":
            environ["tracker.turn"].take(name)
            held.release()
            release.wait()
        return [b"read"]

    served = gate(work)
    with asking(served, "/much", 9, release):
        assert held.acquire(timeout=60)
        assert ask(served, "/clause") == [b"read"]  # it would wait for ever


def test_livez_is_answered_while_every_reader_hangs() -> None:
    held, release = threading.Semaphore(0), threading.Event()

    def work(environ: dict[str, Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            held.release()
            release.wait()
        return [b"lives"]

    served = gate(work)
    with asking(served, "/slow", 8, release):
        for _ in range(8):
            assert held.acquire(timeout=60)
        assert ask(served, "/livez") == [b"lives"]


def test_behind_a_full_queue_work_is_refused() -> None:
    release = threading.Event()

    def work(environ: dict[str, Any]) -> list[bytes]:
        environ["tracker.turn"].take("heavy")
        release.wait()
        return [b""]

    served = gate(work)
    with asking(served, "/", 9, release):
        wait_until(lambda: served.lanes["heavy"]._places.qsize() == 0)
        with pytest.raises(Unavailable) as refused:
            ask(served)
        assert refused.value.retry_after > 0


def test_a_stream_that_nobody_reads_is_not_made_and_holds_no_turn() -> None:
    made = []

    def parts() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"x" * 100_000

    def work(environ: dict[str, Any]) -> Iterable[bytes]:
        environ["tracker.turn"].stream()
        return parts()

    served = gate(work)
    streams = [served({"PATH_INFO": "/"}, _start) for _ in range(STREAMS)]
    for stream in streams:
        assert len(next(iter(stream))) <= 65_536
    assert len(made) == STREAMS
    with pytest.raises(Unavailable, match="exports"):
        ask(served)
    streams[0].close()  # type: ignore[attr-defined]
    assert len(b"".join(ask(served))) == 100_000_000


def test_one_address_cannot_take_every_place_for_bodies() -> None:
    entered, release = threading.Semaphore(0), threading.Event()

    class Slow:
        def read(self, _: int) -> bytes:
            entered.release()
            release.wait()
            return b""

    def work(environ: dict[str, Any]) -> list[bytes]:
        return [environ["wsgi.input"].read(5)]

    served = gate(work)
    slow: dict[str, Any] = {"CONTENT_LENGTH": "5", "wsgi.input": Slow(), "REMOTE_ADDR": "192.0.2.1"}
    threads = [
        threading.Thread(target=ask, args=(served,), kwargs=dict(slow), daemon=True)
        for _ in range(BODIES_OF_ONE)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert entered.acquire(timeout=60)
    with pytest.raises(Unavailable, match="bodies"):
        ask(served, **slow)
    release.set()
    assert ask(served, **(slow | {"REMOTE_ADDR": "192.0.2.2"})) == [b""]
    for thread in threads:
        thread.join(60)


def test_a_statement_ends_when_its_budget_is_over(database: Database) -> None:
    fill(database)
    query = summary_query([("every", "month"), ("from", "2016-12-01"), ("to", "2026-11-29")])
    with within(Budget(0)), pytest.raises(Unavailable):
        summarised(database, query)
    assert summarised(database, query).rows
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    budget = Budget(600)

    def work() -> None:
        with within(budget), pytest.raises(Unavailable), database.snapshot() as fetch:
            fetch(_Endless(endless))

    thread = threading.Thread(target=work)
    thread.start()
    wait_until(lambda: budget in budgets.running())
    while thread.is_alive():
        end_what_is_over((Budget(0), budget), {budget: set()})
        budget.end()
        thread.join(0.05)
    assert summarised(database, query).rows  # the connection is as good as new


class _Endless:
    def __init__(self, sql: str) -> None:
        self._sql = sql

    def prepared(self, *_: object) -> tuple[str, tuple[()]]:
        return self._sql, ()


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux says what a connection waits for")
def test_work_ends_when_its_client_is_gone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname())
        served, _ = listening.accept()
        with served:
            client.sendall(b"GET")
            assert served.recv(3) == b"GET"
            assert connections_to("127.0.0.1")
            budget = Budget(600, "127.0.0.1")
            budget.began -= 1
            mine = {budget: set(connections_to("127.0.0.1"))}
            end_what_is_over((budget,), mine)
            assert not budget.is_over
            client.close()
        served.close()
        end_what_is_over((budget,), mine)
        assert budget.is_over


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="only Linux says what a connection waits for")
def test_work_goes_on_for_a_client_that_has_sent_its_next_request() -> None:
    waiting: dict[Budget, set[int]] = {}
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as client,
        listening.accept()[0] as served,
    ):
        budget = Budget(600, "127.0.0.1")
        budget.began -= 60  # the connection seems to have waited for less time than the work takes
        client.sendall(b"GET")
        assert served.recv(3) == b"GET"
        end_what_is_over((budget,), waiting)
        served.sendall(b"200")  # the answer before it in the pipeline
        end_what_is_over((budget,), waiting)
        assert not budget.is_over


def test_work_that_came_through_no_gate_is_not_ended_for_a_client(database: Database) -> None:
    app = create_app(Settings(), database)
    with app.test_request_context("/v1/clauses", environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert budget_of_request(is_heavy=False).client is None


def test_routes_say_what_is_much_work(database: Database) -> None:
    fill(database)
    taken = []

    class Noted:
        def take(self, name: str) -> None:
            taken.append(name)

        def stream(self) -> None:
            taken.append("stream")

    app = create_app(Settings(), database)
    for path in ("/v1/report", "/v1/summary?every=year", "/v1/export.jsonl"):
        assert app.test_client().get(path, environ_base={"tracker.turn": Noted()}).status_code == 200
    assert app.test_client().get("/v1/summary", environ_base={"tracker.turn": Noted()}).status_code == 200
    assert taken == ["heavy", "heavy", "stream"]


def test_statements_that_clients_choose_the_shape_of_are_kept_in_small_numbers() -> None:
    for kept in (lists._page_statement, lists._count_statement, summary._counts, summary._keys):
        most = kept.cache_info().maxsize
        assert most is not None
        assert most <= 64  # of a few MB each
