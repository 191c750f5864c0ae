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
    with write() as change:
        return change.show(Quote, services.create_part(change, Quote, id, body()), created=True)


@api.patch("/quotes/<id>")
@operation(role="editor", takes=MERGE_PATCH, parameters=WRITING)
def change_quote(id: str) -> Response:
    """Change a quote, the clauses that it speaks to among others."""
    check_id(Quote, id)
    with write() as change:
        services.change_thing(change, Quote, id, body(), if_match())
        return change.show(Quote, id)


@api.delete("/quotes/<id>")
@operation(role="editor", parameters=WRITING)
def remove_quote(id: str) -> Response:
    """Remove a quote; its history stays."""
    check_id(Quote, id)
    with write() as change:
        services.remove_thing(change, Quote, id, if_match())
        return nothing()
