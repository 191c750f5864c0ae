"""Quotes: reading, adding, changing, removing."""

from __future__ import annotations

from flask import Blueprint, Response

from tracker import services
from tracker.api.exchange import (
    JSON,
    LISTED,
    MERGE_PATCH,
    READ,
    WRITING,
    body,
    check_id,
    if_match,
    nothing,
    operation,
    read_list,
    read_one,
    shown,
    write,
)
from tracker.models import Agreement, Quote

api = Blueprint("quotes", __name__)


@api.get("/quotes")
@operation(parameters=LISTED)
def list_quotes() -> Response:
    """List quotes."""
    return read_list(Quote)


@api.get("/quotes/<id>")
@operation(parameters=READ)
def read_quote(id: str) -> Response:
    """Read one quote."""
    return read_one(Quote, id)


@api.post("/agreements/<id>/quotes")
@operation(role="editor", takes=JSON, parameters=WRITING)
def create_quote(id: str) -> Response:
    """Add a quote to an agreement."""
    check_id(Agreement, id)
    content = body()
    with write() as session:
        return shown(session, Quote, services.create_part(session, Quote, id, content), created=True)


@api.patch("/quotes/<id>")
@operation(role="editor", takes=MERGE_PATCH, parameters=WRITING)
def change_quote(id: str) -> Response:
    """Change a quote, the clauses that it speaks to among others."""
    check_id(Quote, id)
    content, match = body(), if_match()
    with write() as session:
        services.change_thing(session, Quote, id, content, match)
        return shown(session, Quote, id)


@api.delete("/quotes/<id>")
@operation(role="editor", parameters=WRITING)
def remove_quote(id: str) -> Response:
    """Remove a quote; its history stays."""
    check_id(Quote, id)
    match = if_match()
    with write() as session:
        services.remove_thing(session, Quote, id, match)
    return nothing()
