"""`tracker serve` as a network sees it: broken requests, slow clients, huge bodies, signals, workers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from tests import servers
from tests.api import FOLLOW_UP, fill
from tests.servers import PATIENCE, Client, Server, serving, wait_until
from tracker.cli.running import GRACE
from tracker.database.engine import Database
from tracker.services.checking import problems

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
PATH = "/v1/clauses/deal.1/follow-ups"
BODY = json.dumps(FOLLOW_UP).encode()


@pytest.fixture
def token(database: Database) -> str:
    """A small world of agreements, open to nobody: the token of an editor."""
    fill(database)
    database.close()
    return servers.editor(database.url.render_as_string(hide_password=False))


@pytest.fixture
def server(token: str, database_url: str, tmp_path: Path) -> Iterator[Server]:
    with serving(database_url, tmp_path / "server.log") as running:
        yield running
        assert "Traceback" not in running.log


# Requests that are not as they should be


def get(rest: bytes = b"", *, line: bytes = b"GET /livez HTTP/1.1") -> bytes:
    return line + b"\r\nHost: x\r\nConnection: close\r\n" + rest + b"\r\n"


def post(*headers: bytes, body: bytes = BODY) -> bytes:
    given = b"".join(header + b"\r\n" for header in headers)
    return b"POST %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer TOKEN\r\n%b\r\n%b" % (
        PATH.encode(), given, body,
    )  # fmt: skip


LENGTH = b"Content-Length: %d" % len(BODY)
CUT_OFF = b"Content-Length: 1000"
CHUNKS = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)

REFUSED_BY_THE_ENGINE = {
    "no request": (b"NONSENSE\r\n\r\n", 400),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(100), 400),
    "an unknown version": (get(line=b"GET /livez HTTP/9.9"), 400),
    "NUL in the path": (get(line=b"GET /v1/clauses/a\0b HTTP/1.1"), 400),
    "NUL in a header": (get(b"X: a\0b\r\n"), 400),
    "a folded header": (get(b"X: a\r\n b\r\n"), 400),
    "a space before the colon": (get(b"X : a\r\n"), 400),
    "a header of 1 MB": (get(b"X: " + b"a" * 1_000_000 + b"\r\n"), 431),
    "5,000 headers": (get(b"".join(b"X-%d: a\r\n" % n for n in range(5000))), 431),
    "an address of 300 KB": (get(line=b"GET /" + b"a" * 300_000 + b" HTTP/1.1"), 414),
    "a length in words": (post(b"Content-Length: ten"), 400),
    "a negative length": (post(b"Content-Length: -5"), 400),
    "a length with a sign": (post(b"Content-Length: +65"), 400),
    "a length with an underscore": (post(b"Content-Length: 6_5"), 400),
    "two lengths": (post(LENGTH, b"Content-Length: 3"), 400),
    "an unknown transfer encoding": (post(b"Transfer-Encoding: br"), 400),
}
"""What never reaches the application: the status, without a body."""

REFUSED_AS_PROBLEMS = {
    "%00 in the path": (get(line=b"GET /v1/clauses/a%00b HTTP/1.1"), 400, "malformed"),
    "%FF in the path": (get(line=b"GET /v1/clauses/%FF HTTP/1.1"), 400, "malformed"),
    "half a percent sign": (get(line=b"GET /v1/clauses/%zz HTTP/1.1"), 400, "malformed"),
    "a chunked body": (post(b"Transfer-Encoding: chunked", body=CHUNKS), 411, "length-required"),
    "a length and chunks": (post(LENGTH, b"Transfer-Encoding: chunked", body=CHUNKS), 411, "length-required"),
    "a body that is too large": (post(b"Content-Length: 9999999999"), 413, "too-large"),
    "a body that is cut off": (post(CUT_OFF), 400, "malformed"),
    "OPTIONS *": (get(line=b"OPTIONS * HTTP/1.1"), 404, "no-such-page"),
    "a tunnel": (get(line=b"CONNECT example.org:80 HTTP/1.1"), 404, "no-such-page"),
}

TAKEN = {
    "an absolute address": (get(line=b"GET http://example.org/livez HTTP/1.1"), [200]),
    "HTTP/1.0": (b"GET /livez HTTP/1.0\r\n\r\n", [200]),
    "a header that is not ASCII": (get(b"X-Request-Id: a\xff\r\n"), [200]),
    "three at once": (b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 2 + get(), [200, 200, 200]),
    "a GET with a body": (b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + get(), [200, 200]),
    "a body that nobody reads": (
        b"POST /nope HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n" + b"G" * 30 + get(), [404],
    ),
    "Expect": (post(LENGTH, b"Expect: 100-continue"), [100, 201]),
}  # fmt: skip


def answers(server: Server, token: str, request: bytes) -> bytes:
    """Return all that comes back for what is sent, until the connection ends."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        received = b""
        try:
            connection.sendall(request.replace(b"TOKEN", token.encode()))
            if CUT_OFF in request:  # else not: the engine drops what a client no longer seems to wait for
                connection.shutdown(socket.SHUT_WR)
            while block := connection.recv(65_536):
                received += block
        except ConnectionError:  # the rest of the request was never read
            pass
        return received


def statuses(received: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", received)]


@ON_SQLITE
def test_broken_requests_are_refused_and_harm_nobody(server: Server, token: str) -> None:
    answered = {}
    for name, (request, _) in REFUSED_BY_THE_ENGINE.items():
        received = answers(server, token, request)
        # What was sent beyond a refused header may reset the connection before its answer is read.
        answered[name] = (statuses(received) or [431])[0], received.partition(b"\r\n\r\n")[2]
    assert answered == {name: (status, b"") for name, (_, status) in REFUSED_BY_THE_ENGINE.items()}
    answered_as_problems = {}
    for name, (request, _, _) in REFUSED_AS_PROBLEMS.items():
        head, _, body = answers(server, token, request).partition(b"\r\n\r\n")
        assert b"content-type: application/problem+json" in head.lower(), (name, head)
        answered_as_problems[name] = statuses(head)[0], json.loads(body)["type"]
    assert answered_as_problems == {
        name: (status, f"/problems/{code}") for name, (_, status, code) in REFUSED_AS_PROBLEMS.items()
    }
    for name, (request, expected) in TAKEN.items():
        assert statuses(answers(server, token, request)) == expected, name
    with closing(Client(server, token)) as client:
        assert len(client.all("/v1/follow-ups")) == 1  # the one after Expect


@ON_SQLITE
def test_head_gives_the_headers_of_get_and_no_body(server: Server, token: str) -> None:
    with closing(Client(server, token)) as client:
        got, head = (client.ask(method, "/v1/clauses/deal.1") for method in ("GET", "HEAD"))
    assert (head.status, head.raw) == (200, b"")
    for name in ("ETag", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name]


@ON_SQLITE
def test_a_body_in_small_pieces_is_put_together(server: Server, token: str) -> None:
    body = BODY[:-1] + b', "note": "' + b"n" * 1_900 + b'"}'
    request = post(b"Content-Length: %d" % len(body), body=body).replace(b"TOKEN", token.encode())
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        for start in range(0, len(request), 200):
            connection.sendall(request[start : start + 200])
            time.sleep(0.002)  # so that they arrive apart
        assert statuses(connection.recv(65_536)) == [201]


@ON_SQLITE
def test_an_endless_body_is_refused_unread(server: Server, token: str) -> None:
    process = psutil.Process(server.pid)
    with closing(Client(server, token)) as client:
        client.ask("GET", "/v1/clauses")
    before = process.memory_info().rss
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as connection:
        connection.sendall(post(b"Transfer-Encoding: chunked", body=b"").replace(b"TOKEN", token.encode()))
        sent = 0
        try:
            while sent < 2_048:
                connection.sendall(chunk)
                sent += 1
        except ConnectionError:
            pass
        assert sent < 256, "the body was taken to its end"
        assert statuses(connection.recv(65_536)) == [411]
    assert process.memory_info().rss - before < 32_000_000


# Slow clients


@ON_SQLITE
def test_a_thousand_slow_clients_do_not_stand_in_the_way(server: Server, token: str) -> None:
    with ExitStack() as stack:
        headers, bodies = ([_connection(stack, server) for _ in range(500)] for _ in range(2))
        for connection in headers:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHo")
        for connection in bodies:
            connection.sendall(post(LENGTH, body=BODY[:5]).replace(b"TOKEN", token.encode()))
        with closing(Client(server, token, timeout=PATIENCE)) as client:
            for _ in range(50):
                assert client.ask("GET", "/v1/clauses/deal.1").status == 200
                assert client.ask("POST", PATH, FOLLOW_UP).status == 201
            for connection in bodies[:20]:  # they are still waited for
                connection.sendall(BODY[5:])
                assert statuses(connection.recv(65_536)) == [201]
            assert len(client.all("/v1/follow-ups")) == 70


@ON_SQLITE
def test_more_slow_bodies_than_there_are_threads_leave_some_for_readers(server: Server, token: str) -> None:
    with ExitStack() as stack:
        for _ in range(1_100):
            connection = _connection(stack, server)
            connection.sendall(post(LENGTH, body=BODY[:5]).replace(b"TOKEN", token.encode()))
        with closing(Client(server, token, timeout=PATIENCE)) as client:
            wait_until(lambda: client.ask("POST", PATH, FOLLOW_UP).status == 503)
            refused = client.ask("POST", PATH, FOLLOW_UP)
            assert servers.is_honest_503(refused.status, refused.headers)
            assert client.ask("GET", "/v1/clauses/deal.1").status == 200
    with closing(Client(server, token)) as client:
        wait_until(lambda: client.ask("POST", PATH, FOLLOW_UP).status == 201)


def test_an_answer_to_a_body_that_was_not_read_says_that_it_closes(server: Server, token: str) -> None:
    with closing(Client(server, "trk_nobody")) as client:
        for _ in range(3):
            refused = client.ask("POST", PATH, FOLLOW_UP)
            assert (refused.status, refused.headers["Connection"]) == (401, "close")
            assert client.ask("GET", "/v1/clauses/deal.1").status == 401
    with closing(Client(server, token)) as client:
        assert client.ask("POST", PATH, FOLLOW_UP).headers["Connection"] is None


def _connection(stack: ExitStack, server: Server) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))


# Ends

SLOW_APP = """
import sys
from tracker.cli import serving

def app(environ, start):
    if environ["PATH_INFO"] == "/wait":
        print("begun", flush=True)
        sys.stdin.readline()
    start("200 OK", [("Content-Length", "3000000")])
    return [b"x" * 3_000_000]

listening = serving.listen("127.0.0.1", 0)
serving.run(app, listening, lambda: print(serving.url_of(listening), flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_stops_answers_what_has_begun(number: signal.Signals) -> None:
    env = os.environ | {"PYTHONPATH": str(servers.ROOT)}
    command = [sys.executable, "-c", SLOW_APP]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        subprocess.Popen(command, text=True, env=env, **pipes) as running,  # type: ignore[call-overload]
        ExitStack() as stack,
    ):
        stack.callback(running.kill)
        host = running.stdout.readline().strip().removeprefix("http://")
        idle, busy, quick = (
            stack.enter_context(closing(HTTPConnection(host, timeout=PATIENCE))) for _ in range(3)
        )
        idle.connect()
        busy.request("GET", "/wait")
        assert running.stdout.readline() == "begun\n"
        quick.request("GET", "/")
        assert len(quick.getresponse().read()) == 3_000_000
        running.send_signal(number)
        wait_until(lambda: not _listens(int(host.rpartition(":")[2])))
        running.stdin.write("go on\n")
        running.stdin.flush()
        answer = busy.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (200, "close")
        assert len(answer.read()) == 3_000_000
        assert running.wait(PATIENCE) == 0


def test_a_server_that_is_stopped_twice_ends_in_order(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    with serving(database_url, tmp_path / "server.log") as server:
        assert server.stop_insistently() == 0


def test_twenty_requests_in_flight_are_all_answered(
    token: str, database: Database, database_url: str, tmp_path: Path
) -> None:
    """Ten reads and ten writes whose last byte is sent with the signal."""
    with serving(database_url, tmp_path / "server.log") as server, ExitStack() as stack:
        reading = b"GET /v1/clauses/deal.1 HTTP/1.1\r\nHost: x\r\n\r\n"
        writing = post(LENGTH).replace(b"TOKEN", token.encode()).replace(b"Connection: close\r\n", b"")
        pairs = [(_connection(stack, server), request) for request in [reading, writing] * 10]
        for connection, request in pairs:
            connection.sendall(request[:-1])
        wait_until(lambda: _accepted(server) == 20)
        for connection, request in pairs:
            connection.sendall(request[-1:])
        os.kill(server.pid, signal.SIGTERM)
        answered = [_answer_status(connection) for connection, _ in pairs]
        assert server.stop() == 0
        assert answered[::2] == [200] * 10
        check_written(database, answered[1::2])
        assert "Traceback" not in server.log


def test_clients_that_never_finish_do_not_hold_up_the_end(
    token: str, database_url: str, tmp_path: Path
) -> None:
    assert GRACE == 10.0  # as the README says
    with serving(database_url, tmp_path / "server.log") as server, ExitStack() as stack:
        _connection(stack, server).sendall(b"GET / HTT")
        _connection(stack, server).sendall(post(LENGTH, body=BODY[:5]).replace(b"TOKEN", token.encode()))
        wait_until(lambda: _accepted(server) == 2)
        assert server.stop() == 0
        assert "Traceback" not in server.log


def _accepted(server: Server) -> int:
    """How many connections a server, or its workers, have accepted."""
    process = psutil.Process(server.pid)
    return sum(
        connection.status == psutil.CONN_ESTABLISHED
        for serving_process in [process, *process.children()]
        for connection in serving_process.net_connections("tcp")
    )


def check_written(database: Database, answered: list[int]) -> None:
    """Check that just those writes are there that were acknowledged; the others were answered 503.

    On a machine that is busy enough a writer's turn does not come in time, and 503 is the honest answer.
    """
    assert set(answered) <= {201, 503}
    assert answered.count(201) > 0
    with database.engine.connect().execution_options(reading=True) as connection:
        written = connection.exec_driver_sql("SELECT count(*) FROM follow_up").scalar_one()
    assert written == answered.count(201)
    assert list(problems(database)) == []


def _answer_status(connection: socket.socket) -> int:
    received = b""
    while not re.search(rb"content-length: (\d+)\r\n", received, re.IGNORECASE) or b"}" not in received:
        block = connection.recv(65_536)
        assert block, received
        received += block
    return statuses(received)[0]


# Workers


@contextmanager
def two_workers(database_url: str, tmp_path: Path) -> Iterator[tuple[Server, list[int]]]:
    with serving(database_url, tmp_path / "server.log", "--workers", "2") as server:
        yield server, workers(server)


def workers(server: Server) -> list[int]:
    return sorted(worker.pid for worker in psutil.Process(server.pid).children())


def test_two_workers_serve_one_database(
    token: str, database: Database, database_url: str, tmp_path: Path
) -> None:
    with two_workers(database_url, tmp_path) as (server, pair):
        assert len(pair) == 2
        clients = [Client(server, token) for _ in range(8)]

        def write(client: Client) -> list[int]:
            return [client.ask("POST", PATH, FOLLOW_UP).status for _ in range(10)]

        with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
            for client in clients:
                stack.callback(client.close)
            answered = [status for codes in pool.map(write, clients) for status in codes]
        assert server.stop() == 0
        assert not any(psutil.pid_exists(worker) for worker in pair)
        check_written(database, answered)
        assert "Traceback" not in server.log


@ON_SQLITE
def test_a_worker_that_dies_is_replaced(token: str, database_url: str, tmp_path: Path) -> None:
    with two_workers(database_url, tmp_path) as (server, pair):
        os.kill(pair[0], signal.SIGKILL)
        wait_until(lambda: len(workers(server)) == 2 and pair[0] not in workers(server))
        with closing(Client(server, token)) as client:
            assert client.ask("GET", "/v1/clauses/deal.1").status == 200
        assert f"worker {pair[0]} died; another one takes its place" in server.log
        assert server.stop() == 0


@ON_SQLITE
def test_workers_end_with_the_process_above_them(token: str, database_url: str, tmp_path: Path) -> None:
    with two_workers(database_url, tmp_path) as (server, pair):
        server.kill()
        wait_until(lambda: not any(psutil.pid_exists(worker) for worker in pair))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port)).close()


def test_workers_answer_what_has_begun(
    token: str, database: Database, database_url: str, tmp_path: Path
) -> None:
    with two_workers(database_url, tmp_path) as (server, _), ExitStack() as stack:
        request = post(LENGTH).replace(b"TOKEN", token.encode())
        waiting = [_connection(stack, server) for _ in range(20)]
        for connection in waiting:
            connection.sendall(request[:-1])
        wait_until(lambda: _accepted(server) == 20)
        ended = threading.Thread(target=server.stop)
        ended.start()
        wait_until(lambda: not _listens(server.port))
        for connection in waiting:
            connection.sendall(request[-1:])
        answered = [_answer_status(connection) for connection in waiting]
        ended.join()
        check_written(database, answered)


# As the README says


def readme(name: str) -> str:
    """Return the fenced block that follows `<!-- name -->`."""
    text = (servers.ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert block, name
    return block[1]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="there is no nginx")
@ON_SQLITE
def test_nginx_stands_in_front_of_it(server: Server, token: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    site = readme("nginx").replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};")
    settings = tmp_path / "nginx.conf"
    settings.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}; proxy_temp_path {tmp_path};"
        f" fastcgi_temp_path {tmp_path}; uwsgi_temp_path {tmp_path}; scgi_temp_path {tmp_path};\n{site}}}\n"
    )
    with subprocess.Popen(["nginx", "-c", settings, "-p", tmp_path]) as front, ExitStack() as stack:
        stack.callback(front.terminate)
        wait_until(lambda: _listens(port))
        connection = stack.enter_context(closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)))
        for _ in range(3):
            connection.request("GET", "/v1/clauses/deal.1")
            assert connection.getresponse().read().startswith(b'{"id":"deal.1"')
        # In chunks: nginx collects them and says how long the body is.
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request("POST", PATH, iter([BODY[:5], BODY[5:]]), headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["clause"]) == (201, "deal.1")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "tracker.service"
    unit.write_text(readme("systemd").replace("/opt/tracker/.venv/bin/tracker", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, "tracker.service" in done.stderr) == (0, False), done.stderr


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
