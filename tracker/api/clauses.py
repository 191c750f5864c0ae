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
    shown,
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
    content = body()
    with write() as session:
        return shown(session, Clause, services.create_clause(session, id, content), created=True)


@api.patch("/clauses/<id>")
@operation(role="editor", takes=MERGE_PATCH, parameters=WRITING)
def change_clause(id: str) -> Response:
    """Change a clause, its due date or department among others."""
    check_id(Clause, id)
    content, match = body(), if_match()
    with write() as session:
        services.change_clause(session, id, content, match)
        return shown(session, Clause, id)


@api.delete("/clauses/<id>")
@operation(role="editor", parameters=WRITING)
def remove_clause(id: str) -> Response:
    """Remove a clause without follow-ups; its history stays."""
    check_id(Clause, id)
    match = if_match()
    with write() as session:
        services.remove_clause(session, id, match)
    return nothing()
