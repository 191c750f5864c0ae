"""ETags, and the headers in which clients name them (RFC 9110 §8.8.3, §13.1).

An ETag is `"VERSION-DIGEST"`, of a list the digest alone. Whoever compresses an answer makes another
representation of it: a proxy weakens the tag (`W/"…"`) or adds the coding's name (`"…-gzip"`), as we do
ourselves. Clients send back what they were given, so each of these counts as the tag that it was made of.
"""

from __future__ import annotations

import hashlib
import re

from flask import request
from werkzeug.datastructures import ETags
from werkzeug.http import parse_etags, quote_etag, unquote_etag

from tracker.errors import Fault
from tracker.services.resources import Match

_LIST = re.compile(r'\*|(?:W/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W/)?"[\x21\x23-\x7e]*")*')
_CODING = r"(?:[-;:+/]{1,2}[a-z][a-z0-9]*)?"
"""What is added for a coding: `-gzip` by Apache, `--gzip` by Jetty, `;gz` by LiteSpeed."""
_VERSION = re.compile(rf"([1-9][0-9]{{0,8}})-[0-9a-f]+{_CODING}")
_TAG = re.compile(rf"((?:[1-9][0-9]*-)?[0-9a-f]{{16}}){_CODING}")


def etag_of(encoded: bytes, version: int | None = None) -> str:
    """Return the ETag of a representation: its version, where there is one, and its digest."""
    digest = hashlib.sha256(encoded).hexdigest()[:16]
    return quote_etag(digest if version is None else f"{version}-{digest}")


def if_match() -> Match:
    """Read If-Match: the versions that the client accepts (RFC 9110 §13.1.1).

    A malformed header is reported only where the resource itself exists.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return Match(given=False)
    etags = _etags(header)
    if etags is None:
        hint = "send the ETag as you were given it, with its quotation marks, or *"
        return Match(malformed=Fault("bad_etag", "If-Match is malformed", hint, parameter="If-Match"))
    versions = (_VERSION.fullmatch(tag) for tag in etags.as_set(include_weak=True) if tag)
    return Match(tuple(int(version[1]) for version in versions if version), any=etags.star_tag)


def known_etag(etag: str) -> str | None:
    """Return the ETag by which a client says that it has what an ETag names, or None (RFC 9110 §13.1.2).

    If-None-Match spares a body and guards nothing: where it is malformed the client has nothing.
    """
    header = request.headers.get("If-None-Match")
    if header is None or request.method not in ("GET", "HEAD"):
        return None
    etags = _etags(header)
    if etags is None:
        return None
    plain = unquote_etag(etag)[0]
    if etags.contains_weak(plain):
        return etag
    for tag in etags.as_set(include_weak=True):
        match = _TAG.fullmatch(tag or "")
        if match is not None and match[1] == plain:
            return quote_etag(tag)
    return None


def _etags(header: str) -> ETags | None:
    """Return the ETags that a header lists, or None where it is malformed.

    werkzeug takes words without quotation marks for a tag and passes over what it cannot read; no change
    may be made, and none left out, because of a guess.
    """
    header = header.strip()
    return parse_etags(header) if _LIST.fullmatch(header) else None
