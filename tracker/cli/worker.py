"""One process's HTTP: granian's engine (Rust, hyper) in front of a WSGI application.

granian reads requests and sends answers without Python; a request that it has read runs the application
in a thread. It hands a body over while it still arrives, so that a slow one keeps its thread: there are
many, made when they are needed and gone when they are not, and `Gate` sees to it that they cost nothing
else. What granian itself refuses (a broken request line or header, a header of more than 400 KB) it
answers with 400, 414 or 431 and an empty body: there the application is never asked.

granian's own command starts a process for each worker and one above them. `tracker serve` is one process
that a signal ends and a kill takes whole, so the engine is started here as granian's worker processes
start it. That is no public interface of granian: pyproject.toml says which versions have it.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from tracker.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONNECTIONS = 4_096
"""Open connections, slow and idle ones included; none costs a thread before its header is complete."""
THREADS = 1_024
"""Requests at one time, those whose bodies are on their way included."""
BODIES = 896
"""Bodies on their way at one time; whoever comes then is told to come back, and readers still find a thread."""
TURNS = 8
"""Requests that run at one time: more would only wait for Python's lock, each with a connection of its own."""
HEADER_TIMEOUT = 30.0
"""Seconds in which a header has to arrive, and after which an idle connection is closed."""
IDLE_THREAD = 10
"""Seconds after which a thread without work ends."""


class Worker:
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
        call = _callback_wrapper(Gate(app), {})
        engine.serve_mtr(_new_cbscheduler(self._loop, call, impl_asyncio=True), self._loop, self._stop)

    def stop(self, grace: float) -> bool:
        """Take no more connections, answer what has begun; give whether that ended within ``grace`` seconds."""
        self._stop.set()
        try:
            self._ended.get(timeout=grace)
        except Empty:
            return False
        self._loop.close()
        return True


class Gate:
    """A WSGI application behind which at most TURNS requests run; none runs while its body is on its way."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._turns: SimpleQueue[None] = (
            SimpleQueue()
        )  # a semaphore of the standard library costs ten times as much
        self._places: SimpleQueue[None] = SimpleQueue()
        for _ in range(TURNS):
            self._turns.put(None)
        for _ in range(BODIES):
            self._places.put(None)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request; in one piece where its length is known, since the engine sends that at once."""
        body: _Body | None = None
        if environ.get("CONTENT_LENGTH", "0") != "0":
            body = environ["wsgi.input"] = _Body(environ["wsgi.input"], self._turns, self._places)
        lengths: list[str] = []

        def started(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            lengths.extend(value for name, value in headers if name == "Content-Length")
            if body is not None and not body.was_read and status >= "4":
                # The engine may close behind a refusal whose body nobody read; the client has to know.
                headers.append(("Connection", "close"))
            return start(status, headers, *error)

        self._turns.get()
        try:
            answer = self._app(environ, started)
            if not lengths:
                return answer
            try:
                return [b"".join(answer)]
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        finally:
            self._turns.put(None)


class _Body:
    """A request's body; whoever waits for it gives its turn away."""

    def __init__(self, body: Any, turns: SimpleQueue[None], places: SimpleQueue[None]) -> None:
        self._body = body
        self._turns = turns
        self._places = places
        self.was_read = False

    def read(self, size: int = -1) -> bytes:
        """Give so many bytes, or as many as there are before the end."""
        try:
            self._places.get_nowait()
        except Empty:
            raise Unavailable(
                "too many requests are still sending their bodies",
                hint="nothing was changed; try again in a moment",
            ) from None
        self._turns.put(None)
        self.was_read = True
        try:
            return self._whole(size)
        finally:
            self._turns.get()
            self._places.put(None)

    def _whole(self, size: int) -> bytes:
        if size < 0:
            return bytes(self._body.read())
        parts: list[bytes] = []
        while size > 0 and (part := bytes(self._body.read(size))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
