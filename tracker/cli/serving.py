"""`tracker serve`: the API on a socket, in one process or several, until a signal ends it."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import configured
from tracker.cli.running import run
from tracker.cli.workers import run_workers
from tracker.errors import Fault, Invalid, TrackerError

if TYPE_CHECKING:
    from tracker.config import Settings
    from tracker.database.engine import Database

FILES = 8_192
"""How many files, sockets among them, a serving process may hold open, where the system lets it."""
UNREAD = 30.0
"""Seconds after which a connection is closed whose client takes nothing of what is sent."""
HOST = "127.0.0.1"
PORT = 8000


class CannotListen(TrackerError):
    """The address cannot be served: it is taken, or it is not this machine's."""


@click.command(
    cls=Command,
    examples="""
        tracker serve
        tracker serve --host 0.0.0.0 --port 80
        TRACKER_DATABASE_URL=postgresql+psycopg://localhost/tracker tracker serve --workers 4
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
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes; on PostgreSQL as many as there are cores. On SQLite one is best: writes take turns.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve the REST API.

    SIGINT or SIGTERM ends it; what has begun by then is answered first.
    """
    from tracker.config import settings

    in_force = settings()
    database = configured(in_force)
    database.ready()
    listening = listen(host, port)

    def ready() -> None:
        say(f"tracker serves {url_of(listening)}; stop it with Ctrl-C")

    serve_app(in_force, database, listening, ready, workers=workers)


def listen(host: str, port: int) -> socket.socket:
    """Bind an address and return its socket; port 0 takes a free one. Raises CannotListen."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CannotListen(f"{host} is not the name or address of a machine", hint="say --host") from None
    reason: OSError | None = None
    for family, kind, protocol, _, address in addresses:
        try:
            return _bound(socket.socket(family, kind, protocol), address)
        except OSError as error:
            reason = reason or error
    taken = reason is not None and reason.errno == errno.EADDRINUSE
    raise CannotListen(
        f"cannot listen on {host} port {port}: {reason and reason.strerror}",
        hint="say another --port, or --port 0 for a free one" if taken else "say another --host or --port",
    )


def url_of(listening: socket.socket) -> str:
    """Return the URL of a socket as a client on this machine writes it."""
    host, port = listening.getsockname()[:2]
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def serve_app(
    settings: Settings,
    database: Database,
    listening: socket.socket,
    ready: Callable[[], None],
    *,
    workers: int = 1,
) -> None:
    """Serve the application of these settings on a socket until SIGINT or SIGTERM.

    ``ready`` is called when it answers. Raises Invalid where the system has no worker processes.
    """
    from tracker.app import create_app

    _allow_files(FILES)
    if workers == 1:
        run(create_app(settings, database), listening, ready)
        return
    if not hasattr(os, "fork"):
        raise Invalid([Fault("bad_option", "this system has no worker processes", "leave --workers away")])
    database.close()  # each process makes its own: connections do not survive a fork
    run_workers(lambda: create_app(settings), listening, ready, workers)


def _bound(listening: socket.socket, address: Any) -> socket.socket:
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: SO_REUSEADDR would share a port in use
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(
            socket, "TCP_USER_TIMEOUT"
        ):  # Linux closes connections to whoever reads nothing for so long
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD * 1000))
        listening.bind(address)
        listening.listen(1024)
        return listening
    except OSError:
        listening.close()
        raise


def _allow_files(count: int) -> None:
    """Raise the number of files that this process may hold open, sockets among them, where it can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
