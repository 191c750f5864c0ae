"""granian's HTTP engine (Rust, hyper) in front of a WSGI application, in this process.

granian reads requests and sends answers without Python; a request whose header it has read runs the
application in a thread. What granian itself refuses (a broken request line or header, a header of more
than 400 KB) it answers with 400, 414 or 431 and an empty body, without the application.

The engine is started here as granian's worker processes start it, which is no public interface:
pyproject.toml says which versions have it, and nothing else imports it. The public ways were tried with
granian 2.8.7, and the tests of `tracker serve` failed or it cost too much:

- `granian.server.Server` runs a process for each worker and one above them. When the one above is killed,
  its workers go on serving, with the port and the database; a second SIGTERM ends it with -15 instead
  of in order. One worker takes 95 MB instead of 65.
- `granian.server.embed.Server` is one process, but takes no WSGI application. Through an adapter for RSGI
  and asyncio one clause costs a third more (580 µs of processor time instead of 430), and its `stop` has
  no limit of time, so that a client that never finishes holds up the end.
"""

from __future__ import annotations

import asyncio
import os
import socket
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from tracker.cli.gate import THREADS, Gate
from tracker.cli.watching import watch

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CONNECTIONS = 4_096
"""Open connections, slow and idle ones included; none costs a thread before its header is complete."""
HEADER_TIMEOUT = 30.0
"""Seconds in which a header has to arrive, and after which an idle connection is closed."""
IDLE_THREAD = 10
"""Seconds after which a thread without work ends."""


class GranianEngine:
    """Serves an application on a listening socket, in threads of this process, from when it is made."""

    def __init__(self, app: WSGIApplication, listening: socket.socket) -> None:
        from granian._futures import _new_cbscheduler
        from granian._granian import SocketHolder, WorkerSignal, WSGIWorker
        from granian.http import HTTP1Settings
        from granian.wsgi import _callback_wrapper

        self._ended: SimpleQueue[None] = SimpleQueue()
        self._stop = WorkerSignal()
        self._stop.add_cb(lambda: self._ended.put(None))
        self._loop = asyncio.new_event_loop()  # it never runs; the engine wants one to hold
        engine = WSGIWorker(
            1,
            (None, SocketHolder(os.dup(listening.fileno()), False, 1024)),
            None,
            py_threads=THREADS,
            py_threads_idle_timeout=IDLE_THREAD,
            backpressure=CONNECTIONS,
            http_mode="1",
            http1_opts=HTTP1Settings(header_read_timeout=int(HEADER_TIMEOUT * 1000)),
            metrics=(None, None),
        )
        watch()
        call = _callback_wrapper(Gate(app), {})
        engine.serve_mtr(_new_cbscheduler(self._loop, call, impl_asyncio=True), self._loop, self._stop)

    def stop(self, grace: float) -> bool:
        """Take no more connections and answer what has begun; return whether that took at most ``grace`` seconds."""
        self._stop.set()
        try:
            self._ended.get(timeout=grace)
        except Empty:
            return False
        self._loop.close()
        return True
