"""Errors as problem details (RFC 9457): one table from what went wrong to a status and a page."""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from tracker import errors
from tracker.api.etags import etag_of
from tracker.kinds import KINDS
from tracker.queries.representation import encoder

STATUS: dict[type[errors.TrackerError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Refused: 403,
    errors.NotFound: 404,
    errors.Gone: 410,
    errors.Merged: 308,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Invalid: 422,
    errors.VersionRequired: 428,
    errors.Unavailable: 503,
    errors.NotReady: 503,
}
"""What each error means in HTTP (RFC 9110 §15, RFC 6585)."""

PAGES: dict[str, tuple[str, str]] = {
    errors.Malformed.code: (
        errors.Malformed.title,
        "The JSON, a query parameter, a header or an id is malformed. `errors` lists every fault with its place.",
    ),
    errors.Invalid.code: (
        errors.Invalid.title,
        "The body reads well but breaks rules. `errors` lists every fault with its pointer and the next step.",
    ),
    errors.Unauthenticated.code: (
        errors.Unauthenticated.title,
        "Send `Authorization: Bearer trk_…`. An administrator makes tokens with `tracker token create`.",
    ),
    errors.Refused.code: (
        errors.Refused.title,
        "Writing needs the role editor, deleting agreements admin. Ask an administrator for another token.",
    ),
    errors.NotFound.code: (errors.NotFound.title, "Nothing with this id was ever recorded here."),
    errors.Gone.code: (
        errors.Gone.title,
        "It was removed from today's state. Its history stays; `history` names where.",
    ),
    errors.Merged.code: (
        errors.Merged.title,
        "The two were one party, recorded twice. Location names it; its history holds that of both.",
    ),
    errors.Conflict.code: (
        errors.Conflict.title,
        "Something depends on what you want to remove, or the id is taken. The detail names it.",
    ),
    errors.Stale.code: (
        errors.Stale.title,
        "Someone changed it after you read it. Read it again, look at what changed, then send the new ETag.",
    ),
    errors.AlreadyMade.code: (
        errors.AlreadyMade.title,
        "If-Match names a version that is not the current one, and the current one is what you want: an answer "
        "may have been lost, or someone made the same change.",
    ),
    errors.VersionRequired.code: (
        errors.VersionRequired.title,
        "PATCH and DELETE need If-Match with the ETag that you were given, so that nobody's change is lost.",
    ),
    errors.Unavailable.code: (
        errors.Unavailable.title,
        "The database is gone, locked, read-only or full; Retry-After says when to try again. If it went away "
        "in the middle of a write, read before you repeat it: the write may have happened.",
    ),
    errors.NotReady.code: (
        errors.NotReady.title,
        "An administrator has to run `tracker db upgrade`, or to install the version that fits the database.",
    ),
    "no-such-page": ("There is no such address", "See the resources under /v1."),
    "method": ("This address does not take that method", "The Allow header lists what it takes."),
    "media-type": (
        "The body has another media type",
        "Send `application/json`; a PATCH may also send `application/merge-patch+json`.",
    ),
    "content-encoding": (
        "The body has a Content-Encoding",
        "Send the body as it is, without that header; answers are compressed for whoever asks.",
    ),
    "length-required": (
        "The length of the body is missing",
        "Send Content-Length; a chunked body is not read.",
    ),
    "too-large": ("The body is too large", "TRACKER_MAX_BODY sets how many bytes are read."),
    "key-reused": (
        "The Idempotency-Key was sent with another request",
        "A key names one request and its repetitions for 24 hours: the same address, the same body.",
    ),
    "still-running": (
        "The first request with this Idempotency-Key still runs",
        "Send it again after Retry-After: it will be told what the first one is told.",
    ),
    "http": ("The request was refused", "The detail says why."),
    "internal": (
        "Something went wrong here",
        "It is our fault. The request id finds it in the server's log.",
    ),
}
"""Every kind of problem: its title and what to do about it."""

pages = Blueprint("problems", __name__)


class Rejected(errors.TrackerError):
    """A request that fails before any rule of the domain: its length, its media type."""

    def __init__(
        self, status: int, code: str, detail: str, *, hint: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail, hint=hint)
        self.status = status
        self.code = code
        self.retry_after = retry_after


def problem(error: errors.TrackerError) -> Response:
    """Return an error as problem details, every fault in `errors`."""
    status = error.status if isinstance(error, Rejected) else _status(type(error))
    body: dict[str, Any] = {
        "type": _page(error.code),
        "title": PAGES[error.code][0],
        "status": status,
        "detail": error.public_detail,
    }
    if error.hint is not None and not isinstance(error, errors.NotReady):
        body["hint"] = error.hint
    if isinstance(error, errors.Unavailable | errors.NotReady):
        current_app.logger.warning("%s: %s", request.environ.get("tracker.request_id"), error)
    if error.faults:
        body["errors"] = [_fault(fault) for fault in error.faults]
    if isinstance(error, errors.Gone):
        body["history"] = public_url(history_path(error.kind, error.id))
    response = _response(body, status)
    if isinstance(error, errors.Merged):
        response.headers["Location"] = public_url(_following(error))
    if isinstance(error, errors.Stale) and error.etag is not None:
        response.headers["ETag"] = error.etag
    if isinstance(error, errors.Unavailable | Rejected) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, errors.NotReady):
        response.headers["Retry-After"] = "30"
    if isinstance(error, errors.Unauthenticated):
        response.headers["WWW-Authenticate"] = 'Bearer realm="tracker"'
    if isinstance(error, errors.Gone):
        response.headers["Link"] = (
            f'<{public_url(history_path(error.kind, error.id))}>; rel="version-history"'
        )
    return response


def http_problem(error: HTTPException) -> Response:
    """Return what Flask itself refuses (no such address, no such method) as problem details."""
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    code = {404: "no-such-page", 405: "method", 413: "too-large", 415: "media-type"}.get(status, "http")
    detail = {
        404: f"there is nothing at {_path()}",
        405: f"{_path()} does not take {request.method}{_taken(error)}",
    }.get(status, str(error.description or error.name))
    response = _response(
        {"type": _page(code), "title": PAGES[code][0], "status": status, "detail": detail}, status
    )
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _taken(error: HTTPException) -> str:
    """Say which methods an address takes."""
    methods = sorted(error.valid_methods or ()) if isinstance(error, MethodNotAllowed) else []
    return f", only {', '.join(methods)}" if methods else ""


def unexpected(error: Exception) -> Response:
    """Log what nobody expected, and answer without a stack."""
    said = request.environ.get("tracker.request_id")
    current_app.logger.error("%s: unexpected error at %s", said, request.path, exc_info=error)
    title, detail = PAGES["internal"]
    return _response({"type": _page("internal"), "title": title, "status": 500, "detail": detail}, 500)


@pages.get("/problems/<code>")
def problem_page(code: str) -> Response:
    """Say what a kind of problem means and what to do about it."""
    if code not in PAGES:
        raise errors.NotFound(
            f"there is no kind of problem `{code[:80]}`", hint=f"known are {', '.join(PAGES)}"
        )
    title, words = (escape(text) for text in PAGES[code])
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<body style="font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem">'
        f"<h1>{title}</h1><p>{words}</p><p><code>{escape(code)}</code></p></body></html>"
    )
    return Response(body, mimetype="text/html", headers=[("ETag", etag_of(body.encode()))])


def _status(kind: type[errors.TrackerError]) -> int:
    return next((STATUS[each] for each in kind.__mro__ if each in STATUS), 400)


def _page(code: str) -> str:
    return public_url(f"/problems/{code}")


def history_path(kind: str, id: str) -> str:
    """Return the path of a resource's history."""
    return f"/v1/{KINDS[kind].path}/{id}/history"


def public_url(path: str) -> str:
    """Return the address under which clients reach a path of this server."""
    public: str = current_app.config["SETTINGS"].public_url
    return public.rstrip("/") + path


def _following(error: errors.Merged) -> str:
    """Return the address that was asked for with the id of the party that it leads to, query included."""
    assert request.endpoint is not None
    path = url_for(request.endpoint, **{**(request.view_args or {}), "id": error.into})
    query = quote(request.query_string, safe="%/:?@!$&'()*+,;=-._~")
    return path + (f"?{query}" if query else "")


def _path() -> str:
    return request.path if request.path.isprintable() else ascii(request.path)


def _fault(fault: errors.Fault) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": fault.code, "detail": fault.detail}
    if fault.parameter is not None:
        shown["parameter"] = fault.parameter
    elif fault.pointer is not None:
        shown["pointer"] = fault.pointer
    if fault.hint is not None:
        shown["hint"] = fault.hint
    return shown


def _response(body: dict[str, Any], status: int) -> Response:
    return Response(encoder.encode(body), status, mimetype="application/problem+json")
