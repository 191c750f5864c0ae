"""A gate in front of a WSGI application: which requests run, which wait, which are refused.

The server hands a body over while it still arrives, and sends a stream as its reader takes it, so that slow
clients keep their threads: there are many, made when they are needed and gone when they are not. Turns
bound what runs: a request begins with one of those for reading, and changes it for one of its own kind when
the application knows that it writes or is much work. So neither can take what readers need.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from tracker.database.budgets import Budget, within
from tracker.errors import Unavailable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

THREADS = 1_024
"""Requests at one time, those whose bodies are on their way included."""
BODIES = 896
"""Bodies on their way at one time; later ones are refused with 503, and readers still find a thread."""
BODIES_OF_ONE = 640
"""Bodies on their way from one address, so that one visitor cannot keep all others from sending theirs."""
STREAMS = 8
"""Streams that are open at one time; each keeps a few hundred kB until its reader has taken them."""
PIECE = 65_536
"""Bytes of a stream that are handed to the server at once: it keeps some pieces for a reader that is slow."""
PIECE_SECONDS = 60.0
"""How long the making of one part of a stream may take."""
UNBOUNDED = ("/livez",)
"""What is answered without a turn, since it needs nothing that others could hold."""


class Lane:
    """Turns of one kind: so many at a time; so many wait for one, so long; the rest is refused."""

    def __init__(self, name: str, turns: int, waiting: int, patience: float | None) -> None:
        self._name = name
        # A queue of tokens: a semaphore of the standard library costs ten times as much.
        self._turns = _tokens(turns)
        self._places = _tokens(waiting)
        self._patience = patience

    def take(self) -> None:
        """Wait for a turn; raises Unavailable where too many wait already, or it takes too long."""
        try:
            self._turns.get_nowait()
        except Empty:
            self._wait()

    def give_back(self) -> None:
        """Let the next one have the turn."""
        self._turns.put(None)

    def _wait(self) -> None:
        try:
            self._places.get_nowait()
        except Empty:
            raise self._busy() from None
        try:
            self._turns.get(timeout=self._patience)
        except Empty:
            raise self._busy() from None
        finally:
            self._places.put(None)

    def _busy(self) -> Unavailable:
        hint = "nothing was changed; try again in a moment"
        return Unavailable(f"too many requests for {self._name} are waiting", hint=hint, retry_after=5)


class Gate:
    """A WSGI application in lanes; none of its requests has a turn while its body is on its way."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.reading = Lane("reading", 8, THREADS, None)
        self.lanes = {"writing": Lane("writing", 8, 64, 15.0), "heavy": Lane("much work", 1, 8, 20.0)}
        self.streaming = Lane("streams", 1, STREAMS, None)
        self.streams = _tokens(STREAMS)
        self.bodies = _Bodies()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request; in one piece where its length is known, since granian sends that at once."""
        if environ["PATH_INFO"] in UNBOUNDED:
            return self._app(environ, start)
        turn = environ["tracker.turn"] = Turn(self)
        body: _Body | None = None
        if environ.get("CONTENT_LENGTH", "0") != "0":
            client = environ.get("REMOTE_ADDR", "")
            body = environ["wsgi.input"] = _Body(environ["wsgi.input"], turn, self.bodies, client)
        lengths: list[str] = []

        def started(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            lengths.extend(value for name, value in headers if name == "Content-Length")
            if body is not None and not body.was_read and status >= "4":
                # granian may close the connection after refusing an unread body; the client has to know.
                headers.append(("Connection", "close"))
            return start(status, headers, *error)

        try:
            answer = self._app(environ, started)
            if not lengths:
                return _Stream(answer, self.streaming, turn)
            try:
                return [b"".join(answer)]
            finally:
                if hasattr(answer, "close"):
                    answer.close()
                turn.end_stream()
        except BaseException:
            turn.end_stream()
            raise
        finally:
            turn.give_back()


class Turn:
    """The turn that a request has; the application changes it by ``environ["tracker.turn"]``."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lane: Lane | None = gate.reading
        self._streams = False
        gate.reading.take()

    def take(self, name: str) -> None:
        """Change it for one of another kind, `writing` or `heavy`; raises Unavailable."""
        self.give_back()
        lane = self._gate.lanes[name]
        lane.take()
        self._lane = lane

    def give_back(self) -> None:
        """Let another request have it."""
        if self._lane is not None:
            self._lane.give_back()
            self._lane = None

    def take_back(self) -> None:
        """Go on after a wait, reading."""
        self._gate.reading.take()
        self._lane = self._gate.reading

    def stream(self) -> None:
        """Open a stream; raises Unavailable where too many are open."""
        try:
            self._gate.streams.get_nowait()
        except Empty:
            raise Unavailable(
                "too many exports are being read", hint="try again later", retry_after=30
            ) from None
        self._streams = True

    def end_stream(self) -> None:
        """Let another stream be opened, if this request had one."""
        if self._streams:
            self._streams = False
            self._gate.streams.put(None)


class _Stream:
    """An answer in pieces, made one at a time; while its reader is waited for, another stream has the turn."""

    def __init__(self, answer: Iterable[bytes], lane: Lane, turn: Turn) -> None:
        self._answer = answer
        self._lane = lane
        self._turn = turn

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self._answer)
        while True:
            self._lane.take()
            try:
                with within(Budget(PIECE_SECONDS)):
                    part = next(parts, None)
            finally:
                self._lane.give_back()
            if part is None:
                return
            for first in range(0, len(part), PIECE):
                yield part[first : first + PIECE]

    def close(self) -> None:
        """End it, read or not."""
        try:
            if hasattr(self._answer, "close"):
                self._answer.close()
        finally:
            self._turn.end_stream()


class _Bodies:
    """How many bodies are on their way, in all and from each address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_client: dict[str, int] = {}
        self._all = 0

    def enter(self, client: str) -> None:
        """Count one more; raises Unavailable where there are too many."""
        with self._lock:
            if self._all >= BODIES or self._by_client.get(client, 0) >= BODIES_OF_ONE:
                raise Unavailable(
                    "too many requests are still sending their bodies",
                    hint="nothing was changed; try again in a moment",
                )
            self._all += 1
            self._by_client[client] = self._by_client.get(client, 0) + 1

    def leave(self, client: str) -> None:
        """Count one less."""
        with self._lock:
            self._all -= 1
            self._by_client[client] -= 1
            if not self._by_client[client]:
                del self._by_client[client]


class _Body:
    """A request's body; while it is waited for, another request has the turn."""

    def __init__(self, body: Any, turn: Turn, bodies: _Bodies, client: str) -> None:
        self._body = body
        self._turn = turn
        self._bodies = bodies
        self._client = client
        self.was_read = False

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or as many as there are before the end; raises Unavailable beyond the bounds."""
        self._bodies.enter(self._client)
        self._turn.give_back()
        self.was_read = True
        try:
            return self._read(size)
        finally:
            self._bodies.leave(self._client)
            self._turn.take_back()

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
