"""What routes are written with: the body, the versions a client accepts, a transaction, an answer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from flask import Response, current_app, g, request
from msgspec import Raw

from tracker import strict_json
from tracker.api.etags import etag_of, known_etag
from tracker.api.idempotency import Repeated, first, idempotency_key, running
from tracker.api.problems import Rejected, public_url
from tracker.config import Settings
from tracker.database.budgets import Budget, within
from tracker.database.changes import Author, Change
from tracker.database.engine import Database
from tracker.errors import Contended, Fault, Malformed, NotFound, Stale, Unauthenticated, a, nearest
from tracker.kinds import KINDS, is_id
from tracker.models import Resource, Source
from tracker.queries.computed import AsOf, as_of_day
from tracker.queries.lists import ListQuery, encoded_page, list_query
from tracker.queries.read_options import (
    EVERYTHING,
    READING,
    ReadOptions,
    read_options,
    read_resource,
    reads_parts,
)
from tracker.queries.representation import encode_list, encoder, find
from tracker.queries.sources import TEXT, with_text
from tracker.services.access import Holder, holder
from tracker.services.resources import missing_from
from tracker.services.scopes import refuse_all_but_follow_ups
from tracker.text import UnfitText, storable

TRIES = 5
_jitter = random.SystemRandom()
JSON = ("application/json",)
MERGE_PATCH = ("application/merge-patch+json", "application/json")

Role = Literal["viewer", "editor", "admin"]


def database() -> Database:
    """Return the database that this application serves."""
    result: Database = current_app.extensions["tracker"]
    return result


def operation(
    *,
    role: Role | None = None,
    takes: Sequence[str] = (),
    parameters: Sequence[str] = (),
    etag: Callable[..., str | None] | None = None,
    heavy: Callable[[], bool] | None = None,
    scoped: bool = False,
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """State a route's contract: the role it needs, the media types it takes, its query parameters.

    Checks them in this order: token, role, media type, parameters, JSON. A transaction that the database
    could not order among others is tried again, five times at most. ``etag`` returns the current ETag of
    what the route changes, which a refusal of a version carries. ``heavy`` returns whether a request is much
    work: such requests run apart from others, and take their time. What any may take is bounded.
    A ``scoped`` route takes tokens that may write some follow-ups only, and its service holds them to that.
    """

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        @wraps(view)
        def operate(**arguments: Any) -> Response:
            authorize(role, scoped=scoped)
            if takes:
                _check_media_type(takes)
            if parameters is not LISTED and parameters is not READ and request.query_string:
                _check_parameters(parameters)
            if takes:
                body()  # read before a transaction begins, however slowly it comes
            budget = budget_of_request(is_heavy=heavy is not None and heavy())
            try:
                with within(budget):
                    for _ in range(TRIES - 1):
                        try:
                            return view(**arguments)
                        except Contended:
                            time.sleep(_jitter.uniform(0.005, 0.05))
                    return view(**arguments)
            except Repeated as repeated:
                return repeated.answer
            except Stale as error:
                error.etag = None if etag is None else etag(**arguments)
                raise

        return operate

    return decorate


def always() -> bool:
    """Return True: each request of the route is much work."""
    return True


def budget_of_request(*, is_heavy: bool) -> Budget:
    """Take the turn that a request needs, where turns are kept, and return the time that it may take.

    Raises Unavailable where too many wait for such a turn already.
    """
    turn = request.environ.get("tracker.turn")
    # Another server than ours may hold its connections elsewhere: nobody could say whether one is gone.
    client = None if turn is None else request.environ.get("REMOTE_ADDR")
    if is_heavy:
        if turn is not None:
            turn.take("heavy")
        return Budget(HEAVY_SECONDS, client)
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if turn is not None:
            turn.take("writing")
        return Budget(WRITING_SECONDS, client)
    return Budget(READING_SECONDS, client)


READING_SECONDS, WRITING_SECONDS, HEAVY_SECONDS = 10.0, 30.0, 60.0
"""How long the work of a request may take."""
LISTED: Sequence[str] = ("a list checks its own parameters",)
READ: Sequence[str] = tuple(READING)
"""What reading one thing takes; `read_one` checks it."""
WRITING = ("comment", "dry_run")


_SEND_TOKEN = "send `Authorization: Bearer TOKEN`, with a token as `tracker token create` printed it"


def authorize(role: Role | None, *, scoped: bool = False) -> None:
    """Find out whose token a request has; raises Unauthenticated and Refused."""
    if "Authorization" not in request.headers:
        settings: Settings = current_app.config["SETTINGS"]
        if role is None and settings.read_access == "public":
            return
        raise Unauthenticated("this needs a token", hint=_SEND_TOKEN)
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        raise Unauthenticated("the Authorization header is not a bearer token", hint=_SEND_TOKEN)
    g.holder = holder(database(), authorization.token)
    g.holder.must_be(role or "viewer")
    if role in ("editor", "admin") and not scoped:
        refuse_all_but_follow_ups(g.holder.scope)


def body() -> Any:
    """Read the request's JSON body, strictly; raises Malformed, or Rejected for its length."""
    if "content" not in g:
        settings: Settings = current_app.config["SETTINGS"]
        length = request.content_length
        if length is None and "HTTP_TRANSFER_ENCODING" in request.environ:
            raise Rejected(411, "length-required", "the body has no Content-Length")
        if (length or 0) > settings.max_body:
            detail = f"the body has {length:,} bytes; at most {settings.max_body:,} are read"
            raise Rejected(413, "too-large", detail)
        raw = request.environ["wsgi.input"].read(length or 0)
        if len(raw) < (length or 0):
            raise Malformed([Fault("cut_off", "the body ends before its Content-Length")])
        g.content = strict_json.read(raw)
    return g.content


@dataclass(eq=False)
class RequestChange(Change):
    """The open change of a request, which also makes its answer."""

    answer: Response | None = field(init=False, default=None)

    def show(self, model: type[Resource], id: str, *, created: bool = False) -> Response:
        """Answer with a resource as it now stands."""
        result = read_resource(self.rows, model, id, EVERYTHING, self._as_of())
        assert result is not None
        encoded, version = result
        # Who may write may read a source's text; the answer and its ETag are those of GET.
        if model is Source:
            encoded = with_text(encoded, self.rows(TEXT, id)[0][0])
        response = _answer(encoded, version)
        return self._answered(response, f"/v1/{model.path}/{id}" if created else None)

    def show_all(self, model: type[Resource], ids: Sequence[str]) -> Response:
        """Answer with new resources, in order."""
        rows = (read_resource(self.rows, model, id, EVERYTHING, self._as_of()) for id in ids)
        resources = [Raw(row[0]) for row in rows if row is not None]
        response = _answer(encode_list(resources, {"next": None}), None)
        if not _dry_run():
            response.status_code = 201
        return self._answered(response)

    def show_result(self, content: Any) -> Response:
        """Answer with what was done."""
        return self._answered(_answer(encoder.encode(content), None))

    def _as_of(self) -> AsOf:
        return as_of_day(self.today, database().time_zone)

    def _answered(self, response: Response, location: str | None = None) -> Response:
        self.answer = response if location is None else created(response, location)
        return self.answer


@contextmanager
def write() -> Iterator[RequestChange]:
    """Open the change of this request; it is committed when the block ends.

    `?dry_run=true` undoes it instead, after everything was checked and done. A POST with an
    Idempotency-Key keeps its answer in the same transaction; a dry run has no part in that.
    """
    holds: Holder = g.holder
    change = RequestChange(Author(holds.name, request.environ["tracker.request_id"], _comment()), holds.scope)
    key, dry_run = idempotency_key(), _dry_run()
    if key is None or dry_run:
        with database().open(change, dry_run=dry_run):
            yield change
        return
    with running(holds.token, key), database().open(change):
        once = first(change, holds.token, key)
        yield change
        assert change.answer is not None
        once.keep(change.answer)


def read_one(model: type[Resource], id: str, *, with_its_text: bool = False) -> Response:
    """Answer with one thing, or 304 where the client has it; raises NotFound and Gone.

    ``with_its_text`` is for sources: their text comes along unless fields were chosen.
    """
    check_id(model, id)
    given = request.query_string
    options = _asked(model, given) if given else EVERYTHING
    result = _read(model, id, options, with_its_text=with_its_text)
    if result is None:
        raise _missing(model, id, options.as_of_day(database()))
    return _answer(*result)


def etag_now(model: type[Resource], id: str) -> str | None:
    """Return the ETag with which a token holder reads a thing now, or None where it is not there."""
    result = _read(model, id, EVERYTHING, with_its_text=model is Source)
    return None if result is None else etag_of(*result)


def _read(
    model: type[Resource], id: str, options: ReadOptions, *, with_its_text: bool
) -> tuple[bytes, int] | None:
    """Return a thing as JSON and its version, or None where it is not there."""
    served = database()
    as_of = options.as_of_day(served)
    if reads_parts(model, options):
        with served.snapshot() as fetch:
            result = read_resource(fetch, model, id, options, as_of)
    else:
        result = read_resource(served.rows, model, id, options, as_of)
    if result is None or not with_its_text or options.fields is not None:
        return result
    stored = served.rows(TEXT, id)
    return with_text(result[0], stored[0][0] if stored else None), result[1]


def _missing(model: type[Resource], id: str, as_of: AsOf) -> NotFound:
    if as_of.explicit and find(database(), model, id) is not None:
        return NotFound(
            f"{model.noun} {id} was not there on {as_of.day}",
            hint="it was signed, or took effect, later; leave `as_of` out, or name a later day",
        )
    return missing_from(database(), model, id)


@lru_cache(1024)
def _asked(model: type[Resource], query_string: bytes) -> ReadOptions:
    given = query_parameters()
    faults = parameter_faults(given, READ)
    result = read_options(model, dict(given), faults)
    if faults:
        raise Malformed(faults)
    return result


def read_list(model: type[Resource], *, fixed: Mapping[str, str] | None = None) -> Response:
    """Answer with one page of a list."""
    wanted = requested_list(model, fixed)
    result = encoded_page(database(), wanted)
    following = None if result.next is None else next_link(result.next)
    encoded = encode_list(result.entries, {"next": following}, result.count)
    response = _answer(encoded, None)
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def requested_list(model: type[Resource], fixed: Mapping[str, str] | None = None) -> ListQuery:
    """Read the query string of a list; raises Malformed with every fault."""
    return _cached_list_query(model, request.query_string, None if fixed is None else tuple(fixed.items()))


@lru_cache(1024)
def _cached_list_query(
    model: type[Resource], query_string: bytes, fixed: tuple[tuple[str, str], ...] | None
) -> ListQuery:
    return list_query(model, query_parameters(), fixed=None if fixed is None else dict(fixed))


def answer(encoded: bytes, version: int | None = None) -> Response:
    """Answer with JSON and its ETag: the version, where there is one, and a digest."""
    return _answer(encoded, version)


def created(response: Response, path: str) -> Response:
    """Let an answer say that its thing is new, and where it is; a dry run has made nothing."""
    if not _dry_run():
        response.status_code = 201
        response.headers["Location"] = public_url(path)
    return response


def not_modified(etag: str) -> Response | None:
    """Return 304 where the client has what an ETag names, else None."""
    known = known_etag(etag)
    if known is None:
        return None
    response = _empty(304)
    response.headers["ETag"] = known
    return response


def nothing() -> Response:
    """Answer that it is done: 204."""
    return _empty(204)


def check_id(model: type[Resource], id: str) -> None:
    """Raise Malformed for an id that no thing of this kind could have."""
    if not is_id(model.__tablename__, id):
        clean = id[:80].encode("utf-8", "replace").decode()
        raise Malformed(
            [
                Fault(
                    "bad_id",
                    f"`{clean}` does not have the form of {a(model.noun)}'s id",
                    f"for example {KINDS[model.__tablename__].id_example}",
                    parameter="id",
                )
            ]
        )


def query_parameters() -> list[tuple[str, str]]:
    """Return the query string's parameters in order; raises Malformed where they are not UTF-8."""
    if "parameters" not in g:
        try:
            g.parameters = parse_qsl(request.query_string.decode(), keep_blank_values=True, errors="strict")
        except UnicodeDecodeError:
            raise Malformed(
                [Fault("bad_encoding", "the query string is not UTF-8", parameter="query")]
            ) from None
    result: list[tuple[str, str]] = g.parameters
    return result


def _answer(encoded: bytes, version: int | None) -> Response:
    etag = etag_of(encoded, version)
    known = not_modified(etag)
    if known is not None:
        return known
    length = str(len(encoded))
    return Response(
        encoded, headers=[("Content-Type", "application/json"), ("Content-Length", length), ("ETag", etag)]
    )


def _empty(status: int) -> Response:
    """Answer without a body, and so without a media type."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def next_link(cursor: str) -> str:
    """Return the address of the page after this one."""
    kept = [(name, text) for name, text in query_parameters() if name != "cursor"]
    return public_url(f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}")


def _check_media_type(takes: Sequence[str]) -> None:
    if "Content-Encoding" in request.headers:
        hint = "send it as it is, without Content-Encoding"
        raise Rejected(415, "content-encoding", "the body is compressed, or said to be", hint=hint)
    parameters = {name: value.lower() for name, value in request.mimetype_params.items()}
    if request.mimetype not in takes or parameters not in ({}, {"charset": "utf-8"}):
        wanted = " or ".join(takes)
        raise Rejected(
            415, "media-type", f"the body's media type is not {wanted}", hint=f"send Content-Type: {takes[0]}"
        )


def _check_parameters(known: Sequence[str]) -> None:
    faults = parameter_faults(query_parameters(), known)
    if faults:
        raise Malformed(faults)


def parameter_faults(parameters: Sequence[tuple[str, str]], known: Sequence[str]) -> list[Fault]:
    """Return a fault for each query parameter that is not known here, is given twice, or has a bad value."""
    faults = []
    given: set[str] = set()
    for name, text in parameters:
        if name not in known:
            hint = nearest(name, known) or (f"known are {', '.join(known)}" if known else "it takes none")
            faults.append(
                Fault(
                    "unknown_parameter", f"`{name[:80]}` is not a parameter here", hint, parameter=name[:80]
                )
            )
        elif name in given:
            faults.append(Fault("repeated_parameter", f"`{name}` is given twice", None, parameter=name))
        elif name == "dry_run" and text not in ("true", "false"):
            faults.append(Fault("bad_value", "`dry_run` is true or false", None, parameter=name))
        elif name == "comment":
            faults += _comment_faults(text)
        given.add(name)
    return faults


def _comment_faults(text: str) -> list[Fault]:
    if not 0 < len(text) <= 1000:
        return [Fault("bad_value", "`comment` has 1 to 1,000 characters", None, parameter="comment")]
    try:
        storable(text)
    except UnfitText as error:
        return [Fault("bad_value", f"`comment` {error}", error.hint, parameter="comment")]
    return []


def _comment() -> str | None:
    given = dict(query_parameters()).get("comment")
    return None if given is None else storable(given)


def _dry_run() -> bool:
    return ("dry_run", "true") in query_parameters()
