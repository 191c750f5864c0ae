"""A gate in front of a WSGI application, so that slow bodies cost no more than a thread each.

The server hands a body over while it still arrives, so that a slow one keeps its thread: there are many,
made when they are needed and gone when they are not.
"""

from __future__ import annotations

from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from tracker.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 1_024
"""Requests at one time, those whose bodies are on their way included."""
BODIES = 896
"""Bodies on their way at one time; later ones are refused with 503, and readers still find a thread."""
TURNS = 8
"""Requests that run at one time: more would only wait for Python's lock, each with a connection of its own."""


class Gate:
    """A WSGI application behind which at most TURNS requests run; none runs while its body is on its way."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        # Queues of tokens: a semaphore of the standard library costs ten times as much.
        self._turns = _tokens(TURNS)
        self._bodies = _tokens(BODIES)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request; in one piece where its length is known, since granian sends that at once."""
        body: _Body | None = None
        if environ.get("CONTENT_LENGTH", "0") != "0":
            body = environ["wsgi.input"] = _Body(environ["wsgi.input"], self._turns, self._bodies)
        lengths: list[str] = []

        def started(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            lengths.extend(value for name, value in headers if name == "Content-Length")
            if body is not None and not body.was_read and status >= "4":
                # granian may close the connection after refusing an unread body; the client has to know.
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
    """A request's body; while it is waited for, another request has the turn."""

    def __init__(self, body: Any, turns: SimpleQueue[None], bodies: SimpleQueue[None]) -> None:
        self._body = body
        self._turns = turns
        self._bodies = bodies
        self.was_read = False

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or as many as there are before the end; raises Unavailable beyond BODIES."""
        try:
            self._bodies.get_nowait()
        except Empty:
            raise Unavailable(
                "too many requests are still sending their bodies",
                hint="nothing was changed; try again in a moment",
            ) from None
        self._turns.put(None)
        self.was_read = True
        try:
            return self._read(size)
        finally:
            self._turns.get()
            self._bodies.put(None)

    def _read(self, size: int) -> bytes:
        if size < 0:
            return bytes(self._body.read())
        parts: list[bytes] = []
        while size > 0 and (part := bytes(self._body.read(size))):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _tokens(count: int) -> SimpleQueue[None]:
    tokens: SimpleQueue[None] = SimpleQueue()
    for _ in range(count):
        tokens.put(None)
    return tokens
