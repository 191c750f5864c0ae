"""`tracker serve`: waitress, configured for slow clients, and stopped without losing an answer."""

from __future__ import annotations

import errno
import logging
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import configured
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.config import Settings
    from tracker.database import Database

THREADS = 8
CONNECTIONS = 1_000
"""Open connections, slow and idle ones included; waitress holds them without a thread each."""
GRACE = 10.0
"""Seconds in which requests that have begun are answered after the server was told to stop."""
QUIET = 0.2
"""Seconds after which a connection without a request is closed by a server that stops."""
HOST = "127.0.0.1"
PORT = 8000


class CannotListen(TrackerError):
    """The address cannot be served: it is taken, or it is not this machine's."""


@click.command(
    cls=Command,
    examples="""
        tracker serve
        tracker serve --host 0.0.0.0 --port 80
        TRACKER_DATABASE_URL=postgresql+psycopg://localhost/tracker tracker serve --port 0
    """,
)
@click.option("--host", default=HOST, show_default=True, metavar="HOST", help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    metavar="PORT",
    help="The port; 0 takes a free one.",
)
def serve(host: str, port: int) -> None:
    """Serve the REST API.

    SIGINT or SIGTERM ends it; what has begun by then is answered first.
    """
    from tracker.config import settings

    found = settings()
    database = configured(found)
    database.ready()
    listening = listen(host, port)
    serve_app(
        found, database, listening, lambda: say(f"tracker serves {address(listening)}; stop it with Ctrl-C")
    )


def listen(host: str, port: int) -> socket.socket:
    """Bind an address and give its socket; port 0 takes a free one. Raises CannotListen."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CannotListen(f"{host} is not the name or address of a machine", hint="say --host") from None
    reason: OSError | None = None
    for family, kind, protocol, _, place in found:
        try:
            return _bound(socket.socket(family, kind, protocol), place)
        except OSError as error:
            reason = reason or error
    taken = reason is not None and reason.errno == errno.EADDRINUSE
    raise CannotListen(
        f"cannot listen on {host} port {port}: {reason and reason.strerror}",
        hint="say another --port, or --port 0 for a free one" if taken else "say another --host or --port",
    )


def address(listening: socket.socket) -> str:
    """Give the address of a socket as a client on this machine writes it."""
    host, port = listening.getsockname()[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def serve_app(
    settings: Settings, database: Database, listening: socket.socket, ready: Callable[[], None]
) -> None:
    """Serve the application of these settings on a socket until SIGINT or SIGTERM."""
    from tracker.app import create_app

    run(create_app(settings, database), listening, settings.max_body, ready)


def run(app: Any, listening: socket.socket, max_body: int, ready: Callable[[], None]) -> None:
    """Serve a WSGI application on a socket until SIGINT or SIGTERM; ``ready`` is called when it answers."""
    from waitress.server import create_server

    # One line for each request that has to wait for a thread would drown everything else.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _allow_files(2 * CONNECTIONS)
    server: Any = create_server(
        app,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS if hasattr(select, "poll") else 400,  # select() ends at 512
        asyncore_use_poll=hasattr(select, "poll"),
        # Up to here the application refuses a body itself, in its own words; beyond, it is not even stored.
        max_request_body_size=2 * max_body + 65_536,
        ident=None,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = _channel_class()
    with _stop_signals(server.pull_trigger) as stopping:
        ready()
        while not stopping():
            _poll(server, 1.0)
        _drain(server, time.monotonic() + GRACE)
    server.task_dispatcher.shutdown(timeout=0.5)
    with suppress(OSError):
        server.close()


def _bound(listening: socket.socket, place: Any) -> socket.socket:
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: SO_REUSEADDR would share a port in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(1024)
        return listening
    except OSError:
        listening.close()
        raise


def _poll(server: Any, timeout: float) -> None:
    server.asyncore.loop(timeout=timeout, use_poll=server.adj.asyncore_use_poll, map=server._map, count=1)  # noqa: SLF001 - waitress's own run() is this loop


@contextmanager
def _stop_signals(wake: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Give whether SIGINT or SIGTERM came; a second one ends the program at once."""
    came: list[int] = []
    numbers = [signal.SIGINT, signal.SIGTERM]

    def stop(number: int, _frame: object) -> None:
        came.append(number)
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)
        wake()

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _drain(server: Any, deadline: float) -> None:
    """Take in what waits at the door, close it, answer what has begun."""
    server.channel_class.draining = True
    for _ in range(CONNECTIONS):
        known = len(server.active_channels)
        _poll(server, 0)
        if len(server.active_channels) <= known:
            break
    server.del_channel(server._map)  # noqa: SLF001 - closing the server itself would take its trigger away
    server.socket.close()
    while time.monotonic() < deadline:
        channels = list(server.active_channels.values())
        if not channels:
            return
        for channel in channels:
            busy = channel.requests or channel.request or channel.total_outbufs_len
            if not busy and time.time() - channel.last_activity > QUIET:
                channel.will_close = True
        _poll(server, 0.05)


def _channel_class() -> type[Any]:
    """Give waitress's channel with two changes.

    Broken requests are answered in the API's own form (RFC 9457); a server that stops says so with
    each answer (`Connection: close`), so that clients do not send the next request into a closed door.
    """
    from waitress.channel import HTTPChannel
    from waitress.task import ErrorTask, WSGITask

    from tracker.api.problems import PAGES
    from tracker.queries.representation import encoder

    class Problem(ErrorTask):
        request: Any
        response_headers: Any

        def execute(self) -> None:
            error = self.request.error
            code = {413: "too-large", 500: "internal"}.get(error.code, "http")
            self.status = f"{error.code} {error.reason}"
            self.response_headers.append(("Content-Type", "application/problem+json"))
            self.set_close_on_finish()
            body = {"type": f"/problems/{code}", "title": PAGES[code][0], "status": error.code}
            detail = PAGES[code][1] if code == "too-large" else error.body
            content = encoder.encode(body | {"detail": detail})
            self.content_length = len(content)
            self.write(content)

    class Answer(WSGITask):
        request: Any

        def build_response_header(self) -> bytes:
            if Channel.draining:
                self.request.headers["CONNECTION"] = "close"
            header: bytes = super().build_response_header()
            return header

    class Channel(HTTPChannel):
        draining = False
        task_class = Answer
        error_task_class = Problem

    return Channel


def _allow_files(count: int) -> None:
    """Raise the number of files that this process may hold open, sockets among them, where it can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
