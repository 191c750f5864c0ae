"""Clauses: reading, adding, changing, removing."""

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
from tracker.models import Agreement, Clause

api = Blueprint("clauses", __name__)


@api.get("/clauses")
@operation(parameters=LISTED)
def list_clauses() -> Response:
    """List clauses."""
    return read_list(Clause)


@api.get("/clauses/<id>")
@operation(parameters=READ)
def read_clause(id: str) -> Response:
    """Read one clause."""
    return read_one(Clause, id)


@api.post("/agreements/<id>/clauses")
@operation(role="editor", takes=JSON, parameters=WRITING)
def create_clause(id: str) -> Response:
    """Add a clause to an agreement."""
    check_id(Agreement, id)
    with write() as change:
        return change.show(Clause, services.create_clause(change, id, body()), created=True)


@api.patch("/clauses/<id>")
@operation(role="editor", takes=MERGE_PATCH, parameters=WRITING)
def change_clause(id: str) -> Response:
    """Change a clause, its due date or department among others."""
    check_id(Clause, id)
    with write() as change:
        services.change_clause(change, id, body(), if_match())
        return change.show(Clause, id)


@api.delete("/clauses/<id>")
@operation(role="editor", parameters=WRITING)
def remove_clause(id: str) -> Response:
    """Remove a clause without follow-ups; its history stays."""
    check_id(Clause, id)
    with write() as change:
        services.remove_clause(change, id, if_match())
        return nothing()
