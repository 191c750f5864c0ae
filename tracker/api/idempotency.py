"""The Idempotency-Key header: which request it names, whether that runs, what it was answered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from flask import Response, current_app, g, request

from tracker.api.problems import Rejected
from tracker.database.changes import Change
from tracker.errors import Fault, Malformed
from tracker.services import idempotency
from tracker.services.idempotency import Answered

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_canonical = msgspec.json.Encoder(order="deterministic")


class Repeated(Exception):
    """A request that was answered before; ``answer`` is what it was told."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class First:
    """A request that is answered for the first time under its key."""

    change: Change
    token: str
    key: str
    request: str

    def keep(self, response: Response) -> None:
        """Keep what it is answered, in the transaction of its write."""
        given = Answered(
            self.request,
            response.status_code,
            response.get_data(as_text=True),
            response.headers.get("Location"),
            response.headers.get("ETag"),
        )
        idempotency.keep(self.change, self.token, self.key, given)


def idempotency_key() -> str | None:
    """Read the header of a POST, 1 to 255 visible ASCII characters; None for other methods. Raises Malformed."""
    key: str | None = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    if key is None or request.method != "POST":
        return None
    if not _KEY.fullmatch(key):
        hint = "send 1 to 255 visible ASCII characters, such as a UUID"
        raise Malformed([Fault("bad_key", "Idempotency-Key is malformed", hint, parameter="Idempotency-Key")])
    return key


@contextmanager
def running(token: str, key: str) -> Iterator[None]:
    """Hold a key while its request runs in this process; raises Rejected where it runs already."""
    now: dict[tuple[str, str], object] = current_app.extensions.setdefault("tracker.running", {})
    mine = object()
    if now.setdefault((token, key), mine) is not mine:
        raise _still_running()
    try:
        yield
    finally:
        del now[token, key]


def first(change: Change, token: str, key: str) -> First:
    """Begin the one write of a key.

    Raises Repeated with the answer that the same request was given before, and Rejected where another
    request had the key, or where the first one still runs in another process.
    """
    if not idempotency.is_first(change, token, key):
        raise _still_running()
    wanted = _fingerprint()
    given = idempotency.answered(change, token, key)
    if given is None:
        return First(change, token, key, wanted)
    if given.request != wanted:
        raise Rejected(
            422,
            "key-reused",
            "this Idempotency-Key was sent with another request before",
            hint="a key is for one request and its repetitions; take a new one",
        )
    raise Repeated(_again(given))


def _still_running() -> Rejected:
    return Rejected(
        409,
        "still-running",
        "the first request with this Idempotency-Key is still running",
        hint="send it again in a moment",
        retry_after=1,
    )


def _fingerprint() -> str:
    """Return the SHA-256 of what is asked: the address with its query, and the body, however it is spaced."""
    content: Any = g.get("content")
    address = f"{request.path}?{request.query_string.decode('latin-1')}"
    return hashlib.sha256(address.encode() + b"\n" + _canonical.encode(content)).hexdigest()


def _again(given: Answered) -> Response:
    response = Response(given.answer, given.status, mimetype="application/json")
    response.headers["Idempotent-Replayed"] = "true"
    for name, value in (("Location", given.location), ("ETag", given.etag)):
        if value is not None:
            response.headers[name] = value
    return response
