"""Whom a request is for: one host (RFC 9112 §3.2), and an address that means what was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.api.problems import Rejected
from tracker.errors import Fault, Malformed, TrackerError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# RFC 3986 §3.2.2 and §3.2.3, without the comma with which WSGI servers join two headers.
_HOST = re.compile(r"(?:[A-Za-z0-9._~%!$&'()*+;=-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")


def wrong_target(environ: WSGIEnvironment) -> TrackerError | None:
    """Return why a request is for nobody here, or None where its host and its address are well formed."""
    host = environ.get("HTTP_HOST", "")
    if not host and environ["SERVER_PROTOCOL"] == "HTTP/1.1":
        return _bad_host("there is no Host header")
    if not _HOST.fullmatch(host):
        return _bad_host("Host is not one host" if "," in host else "Host is malformed")
    if environ["PATH_INFO"].startswith("//"):  # Flask would drop all slashes but one
        return Rejected(404, "no-such-page", "the address begins with two slashes", hint="write one")
    if _has_encoded_slash(environ):
        detail = "the address has a slash written as %2F, and no id has one in it"
        return Malformed([Fault("bad_id", detail, "write the id as you were given it", parameter="id")])
    return None


def _bad_host(detail: str) -> Malformed:
    hint = "send one Host header, with a host and its port"
    return Malformed([Fault("bad_host", detail, hint, parameter="Host")])


def _has_encoded_slash(environ: WSGIEnvironment) -> bool:
    """Return whether the path holds %2F, as far as the server hands over what was written (granian does not)."""
    written: str = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    return "%2f" in written.partition("?")[0].lower()
