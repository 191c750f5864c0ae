"""An agreement as one document, read and put whole; and everything as one stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from logging import Logger

from flask import Blueprint, Response, current_app, request

from tracker.api.etags import etag_of, if_match
from tracker.api.exchange import (
    JSON,
    WRITING,
    answer,
    body,
    check_id,
    created,
    database,
    not_modified,
    operation,
    write,
)
from tracker.errors import TrackerError
from tracker.loading.documents import document, put_document
from tracker.loading.exporting import export
from tracker.models import Agreement
from tracker.queries.export import last_change
from tracker.services.resources import missing_from

api = Blueprint("documents", __name__)


def _etag_now(id: str) -> str | None:
    result = document(database(), id)
    return None if result is None else etag_of(result.encoded, result.version)


@api.get("/agreements/<id>/document")
@operation()
def read_document(id: str) -> Response:
    """Read an agreement with its clauses, quotes and follow-ups, in the shape of a seed file."""
    check_id(Agreement, id)
    result = document(database(), id)
    if result is None:
        raise missing_from(database(), Agreement, id)
    return answer(result.encoded, result.version)


@api.put("/agreements/<id>/document")
@operation(role="editor", takes=JSON, parameters=WRITING, etag=_etag_now, scoped=True)
def replace_document(id: str) -> Response:
    """Make an agreement and all in it what a document says, or make a new one.

    What is missing from a list of clauses or quotes is removed, a key that is absent leaves the value as it
    is. Follow-ups are recorded and changed, never removed: without one that is stored it is a conflict.
    """
    check_id(Agreement, id)
    with write() as change:
        result = put_document(database(), change, id, body(), if_match())
    response = answer(result.encoded, result.version)
    return created(response, f"/v1/agreements/{id}/document") if result.created else response


@api.get("/export.jsonl")
@operation()
def export_everything() -> Response:
    """Stream everything as JSON Lines that `tracker load` reads: what is referred to first, then by id.

    The ETag is that of the register's last change; a thing that is written while this is read may be as it
    was before or after.
    """
    etag = f'W/"{last_change(database())[:16]}"'
    unchanged = not_modified(etag)
    if unchanged is not None:
        return unchanged
    turn = request.environ.get("tracker.turn")
    if turn is not None:
        turn.stream()
    parts = _to_its_end(export(database(), format="jsonl"), current_app.logger)
    return Response(parts, mimetype="application/jsonl", headers=[("ETag", etag)])


def _to_its_end(parts: Iterable[bytes], logger: Logger) -> Iterator[bytes]:
    """Yield a stream; one that breaks off ends with a line that no loader takes, since its status is sent already."""
    try:
        yield from parts
    except TrackerError as error:
        logger.warning("an export broke off: %s", error)
        yield b'{"broken_off": "the export is not complete; ask for it again"}\n'
