"""HTTP servers compared under the application: what `tracker serve` runs on, and what it could run on.

    python -m tests.benchmarks.servers [--servers tracker,granian,waitress,gunicorn] [--url postgresql+psycopg://…]

For each server: CPU microseconds of its processes (the database's own not among them) and requests a
second, of one clause and of a page of 50, with 1 and 16 connections; readers' p50 and p99 beside 500 slow
headers and 500 slow bodies; how many of 20 requests in flight at SIGTERM (10 reads, 10 writes) are
answered; what a chunked body of 2 GiB does; memory at rest. Rounds alternate between the servers, the
median counts. waitress and gunicorn are needed only here: `pip install waitress gunicorn gunicorn_h1c`.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import resource
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.hot_path import CLAUSES_OF_EACH, _fill
from tracker.app import create_app
from tracker.database.engine import open_database
from tracker.database.migrations import upgrade

ROOT = Path(__file__).parent.parent.parent
BODY = b'{"track":"verified","status":"in_progress","effective_on":"2026-03"}'


def main() -> None:
    """Build the register, then measure each server and print."""
    arguments = _arguments()
    if arguments.serve:
        SERVERS[arguments.serve](arguments.port)
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    names = [
        name for name in arguments.servers.split(",") if name == "tracker" or importlib.util.find_spec(name)
    ]
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder) / 'register.db'}"
        with closing(open_database(url)) as database:
            upgrade(database)
            secret = _fill(database, arguments.clauses)
        agreements = arguments.clauses // CLAUSES_OF_EACH
        _print_costs(names, url, agreements, arguments)
        for name in names:
            print(f"\n{name}")
            for robust in (_slow_clients, _in_flight, _endless_body):
                with running(name, url) as (port, process):
                    print(f"  {robust(port, process, secret)}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--servers", default="tracker,granian,waitress,gunicorn")
    parser.add_argument("--clauses", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2_000, help="in each round")
    parser.add_argument("--url", help="an empty database; default: a new SQLite file")
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


# The servers, each as well configured as it can be


def _granian(port: int) -> None:
    """Serve with granian as its own command would, with a thread for each slow body."""
    from granian.server import Server

    server = Server(
        "-", port=port, interface="wsgi", http="1", websockets=False, blocking_threads=1_024,
        backpressure=4_096, log_enabled=False, workers_kill_timeout=10,
    )  # fmt: skip
    server.serve(target_loader=create_app, wrap_loader=False)


def _waitress(port: int) -> None:
    import waitress

    waitress.serve(
        create_app(), host="127.0.0.1", port=port, threads=8, connection_limit=4_096, asyncore_use_poll=True,
        max_request_body_size=2 * 1_048_576, backlog=1_024,
    )  # fmt: skip


def _gunicorn(port: int) -> None:
    from gunicorn.app.base import BaseApplication

    class Served(BaseApplication):  # type: ignore[misc] # it has no types
        def load_config(self) -> None:
            options = {
                "bind": f"127.0.0.1:{port}", "worker_class": "gthread", "threads": 8, "keepalive": 30,
                "worker_connections": 4_096, "backlog": 1_024, "graceful_timeout": 10, "loglevel": "error",
            }  # fmt: skip
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return create_app()

    Served().run()


SERVERS: dict[str, Callable[[int], None]] = {
    "tracker": lambda port: None,
    "granian": _granian,
    "waitress": _waitress,
    "gunicorn": _gunicorn,
}


@contextmanager
def running(name: str, url: str) -> Iterator[tuple[int, psutil.Process]]:
    """Start a server on a free port, wait until it answers, and end it with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["-m", "tests.benchmarks.servers", "--serve", name, "--port", str(port)]
    if name == "tracker":
        command = ["-m", "tracker", "serve", "--port", str(port)]
    env = os.environ | {"TRACKER_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen([sys.executable, *command], env=env, stderr=subprocess.DEVNULL)
    process = psutil.Process(started.pid)
    try:
        deadline = time.monotonic() + 30
        while _status(port, "/livez") != 200:
            assert time.monotonic() < deadline, f"{name} does not answer"
            time.sleep(0.05)
        yield port, process
    finally:
        for one in [*process.children(recursive=True), process] if process.is_running() else []:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        started.wait(10)


# What a request costs


def _print_costs(names: list[str], url: str, agreements: int, arguments: argparse.Namespace) -> None:
    kinds = {"one clause": partial(_clause, agreements), "page of 50": partial(_page, agreements)}
    costs: dict[tuple[str, str, int], list[tuple[float, float]]] = {}
    with ExitStack() as stack:
        servers = {name: stack.enter_context(running(name, url)) for name in names}
        memory = {name: _memory(process) for name, (_, process) in servers.items()}
        for round in range(arguments.rounds + 1):
            for name, (port, process) in servers.items():
                for kind, path in kinds.items():
                    for connections in (1, 16):
                        measured = _cost(port, process, path, connections, arguments.requests)
                        if round:  # the first one warms up
                            costs.setdefault((name, kind, connections), []).append(measured)
    print(f"{url.partition(':')[0]}: CPU µs and requests a second, median of rounds; memory at rest")
    for name in names:
        print(f"{name} ({memory[name]:.0f} MB)")
        for kind in kinds:
            for connections in (1, 16):
                rounds = costs[name, kind, connections]
                cpu, rate = (statistics.median(figures) for figures in zip(*rounds, strict=True))
                print(f"  {kind}, {connections:2} connections {cpu:7.0f} µs {rate:7.0f}/s")


def _clause(agreements: int, place: int) -> str:
    return f"/v1/clauses/a{place * 7919 % agreements:06}.3"


def _page(agreements: int, place: int) -> str:
    some = ",".join(f"a{(place * 7919 + n) % agreements:06}" for n in range(50 // CLAUSES_OF_EACH))
    return f"/v1/clauses?agreement={some}"


def _cost(
    port: int, process: psutil.Process, path: Callable[[int], str], connections: int, requests: int
) -> tuple[float, float]:
    """Return CPU microseconds a request and requests a second."""
    before, begun = _cpu(process), time.perf_counter()
    with ExitStack() as stack, selectors.DefaultSelector() as waiting:
        sent = answered = 0
        for _ in range(connections):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(_get(path(sent)))
            waiting.register(connection, selectors.EVENT_READ, bytearray())
            sent += 1
        while answered < requests:
            for key, _ in waiting.select(30):
                ready: Any = key.fileobj
                key.data.extend(ready.recv(262_144))
                if _is_complete(key.data):
                    assert key.data[9:12] == b"200", key.data
                    key.data.clear()
                    answered += 1
                    if sent < requests:
                        ready.sendall(_get(path(sent)))
                        sent += 1
    passed = time.perf_counter() - begun
    return (_cpu(process) - before) / requests * 1e6, requests / passed


def _get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n".encode()


def _is_complete(answer: bytes | bytearray) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and length is not None and len(body) >= int(length[1])


def _cpu(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in [process, *process.children(recursive=True)]]
    return float(sum(cpu.user + cpu.system for cpu in times))


def _memory(process: psutil.Process) -> float:
    """Return megabytes; what processes share is counted once (PSS) where the system says so."""
    sizes = [one.memory_full_info() for one in [process, *process.children(recursive=True)]]
    return float(sum(getattr(size, "pss", size.rss) for size in sizes)) / 1e6


# What clients do to it


def _post(secret: str, *headers: str) -> bytes:
    lines = [
        "POST /v1/clauses/a000001.1/follow-ups HTTP/1.1", "Host: x", "Content-Type: application/json",
        f"Authorization: Bearer {secret}", *headers,
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _slow_clients(port: int, process: psutil.Process, secret: str) -> str:
    with ExitStack() as stack:
        slow = []
        for number in range(1_000):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            length = f"Content-Length: {len(BODY)}"
            connection.sendall(
                _post(secret, length) + BODY[:3] if number % 2 else b"GET /livez HTTP/1.1\r\nHo"
            )
            slow.append(connection)
        time.sleep(1)
        times: list[float] = []
        healthy = HTTPConnection("127.0.0.1", port, timeout=5)
        ends = time.monotonic() + 10
        try:
            while time.monotonic() < ends:
                begun = time.perf_counter()
                healthy.request("GET", f"/v1/clauses/a{len(times) % 1000:06}.3")
                assert healthy.getresponse().read()
                times.append((time.perf_counter() - begun) * 1000)
                time.sleep(0.002)
        except OSError:
            return f"500 slow headers and 500 slow bodies: no answer in 5 s after {len(times)} requests"
        finally:
            healthy.close()
        times.sort()
        p99 = times[len(times) * 99 // 100]
        return (
            f"500 slow headers and 500 slow bodies: {len(times)} requests, p50 {times[len(times) // 2]:.1f} ms,"
            f" p99 {p99:.1f} ms, memory {_memory(process):.0f} MB"
        )


def _in_flight(port: int, process: psutil.Process, secret: str) -> str:
    """Send the last byte of 20 requests at once, and SIGTERM right behind."""
    with ExitStack() as stack:
        waiting = []
        for number in range(20):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            request = (
                _post(secret, f"Content-Length: {len(BODY)}") + BODY if number % 2 else _get("/v1/clauses")
            )
            connection.sendall(request[:-1])
            waiting.append((connection, request[-1:]))
        time.sleep(0.3)
        for connection, last in waiting:
            connection.sendall(last)
        process.send_signal(signal.SIGTERM)
        statuses: Counter[str] = Counter()
        for connection, _ in waiting:
            answer = b""
            with suppress(OSError):
                while not _is_complete(answer) and (block := connection.recv(65_536)):
                    answer += block
            statuses[answer[9:12].decode() if _is_complete(answer) else "none"] += 1
    begun = time.monotonic()
    with suppress(psutil.TimeoutExpired):
        process.wait(20)
    answers = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    return f"20 in flight at SIGTERM: {answers}; ended {time.monotonic() - begun:.1f} s later"


def _endless_body(port: int, process: psutil.Process, secret: str) -> str:
    before, begun, sent = _memory(process), time.monotonic(), 0
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(_post(secret, "Transfer-Encoding: chunked"))
        with suppress(OSError):
            while sent < 2_048:
                connection.sendall(chunk)
                sent += 1
        answer = b""
        with suppress(OSError):
            answer = connection.recv(65_536)
    return (
        f"2 GiB in chunks: {answer[9:12].decode() or 'no answer'} after {sent} MiB and"
        f" {time.monotonic() - begun:.2f} s, {_memory(process) - before:+.0f} MB"
    )


def _status(port: int, path: str) -> int | None:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    with closing(connection), suppress(OSError):
        connection.request("GET", path)
        return connection.getresponse().status
    return None


if __name__ == "__main__":
    main()
