"""Answers in gzip, for clients that ask (RFC 9110 §8.4, §12.5.3); nobody else pays for it.

A compressed answer is another representation, so its strong ETag has `-gzip` at its end, as RFC 9110
§8.8.3.3 has it; weak ones stay.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Accept, Headers
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SMALLEST = 1_000
"""Bytes; a smaller answer fits one packet as it is."""
LEVEL = 4
"""Most of what level 9 saves, at less work; an answer waits for it."""
_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = ("text/", "application/json", "application/problem+json", "application/jsonl")
"""What media types begin with that are not compressed yet, as workbooks are."""


@lru_cache(256)
def wants_gzip(accept_encoding: str) -> bool:
    """Return whether an Accept-Encoding header prefers gzip to the answer as it is."""
    codings = parse_accept_header(accept_encoding, Accept)
    named = {name.lower(): quality for name, quality in codings}
    gzip = named.get("gzip", named.get("x-gzip", named.get("*", 0)))
    return gzip > 0 and gzip >= named.get("identity", 0)


def in_gzip(app: WSGIApplication, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answer a request in gzip where that makes the answer smaller."""
    begun: list[tuple[str, list[tuple[str, str]], tuple[Any, ...]]] = []

    def begin(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        begun[:] = [(status, headers, error)]
        return lambda _: None

    parts = app(environ, begin)
    status, headers, error = begun[0]
    fields = Headers(headers)
    length = fields.get("Content-Length", type=int)
    if not _shrinks(fields, length) or status.startswith(("204", "304")):
        start(status, headers, *error)
        return parts
    fields["Content-Encoding"] = "gzip"
    etag = fields.get("ETag")
    if status.startswith("20") and etag is not None and not etag.startswith("W/"):
        fields["ETag"] = f'{etag[:-1]}-gzip"'
    if length is not None:
        del fields["Content-Length"]
    if length is None or environ["REQUEST_METHOD"] == "HEAD":
        start(status, fields.to_wsgi_list(), *error)
        return parts if environ["REQUEST_METHOD"] == "HEAD" else _packed(parts)
    try:
        packed = zlib.compress(b"".join(parts), LEVEL, _GZIP)
    finally:
        _close(parts)
    fields["Content-Length"] = str(len(packed))
    start(status, fields.to_wsgi_list(), *error)
    return [packed]


def _shrinks(headers: Headers, length: int | None) -> bool:
    if length is not None and length < SMALLEST:
        return False
    return headers.get("Content-Type", "").startswith(_PLAIN) and "Content-Encoding" not in headers


def _packed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a stream in gzip, part by part, so that a reader has each as soon as it is made."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    try:
        for part in parts:
            if part:
                yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
        yield packer.flush()
    finally:
        _close(parts)


def _close(parts: Iterable[bytes]) -> None:
    if hasattr(parts, "close"):
        parts.close()
