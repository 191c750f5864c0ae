"""Follow-ups: what became of a clause."""

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
from tracker.api.exchange import database as the_database
from tracker.models import Clause, FollowUp
from tracker.queries.representation import find
from tracker.services.resources import missing_from

api = Blueprint("follow_ups", __name__)


@api.get("/follow-ups")
@operation(parameters=LISTED)
def list_follow_ups() -> Response:
    """List follow-ups of all clauses."""
    return read_list(FollowUp)


@api.get("/clauses/<id>/follow-ups")
@operation(parameters=LISTED)
def list_follow_ups_of_clause(id: str) -> Response:
    """List the follow-ups of one clause."""
    check_id(Clause, id)
    if find(the_database(), Clause, id) is None:
        raise missing_from(the_database(), Clause, id)
    return read_list(FollowUp, fixed={"clause": id})


@api.post("/clauses/<id>/follow-ups")
@operation(role="editor", takes=JSON, parameters=WRITING)
def record_follow_up(id: str) -> Response:
    """Record what became of a clause."""
    check_id(Clause, id)
    with write() as change:
        return change.show(FollowUp, services.record_follow_up(change, id, body()), created=True)


@api.post("/follow-ups:batch")
@operation(role="editor", takes=JSON, parameters=WRITING)
def record_follow_ups() -> Response:
    """Record up to 1,000 follow-ups at once, all or none: `{"follow_ups": [{"clause": …, …}, …]}`.

    Each is a follow-up as `POST /v1/clauses/{id}/follow-ups` takes it, with its `clause`, and counts as if
    it had been sent by itself after those before it. The answer lists them as recorded, in order; faults
    of all of them come at once, with pointers such as `/follow_ups/3/status`.
    """
    with write() as change:
        return change.show_all(FollowUp, services.record_follow_ups(change, body()))


@api.get("/follow-ups/<id>")
@operation(parameters=READ)
def read_follow_up(id: str) -> Response:
    """Read one follow-up."""
    return read_one(FollowUp, id)


@api.patch("/follow-ups/<id>")
@operation(role="editor", takes=MERGE_PATCH, parameters=WRITING)
def change_follow_up(id: str) -> Response:
    """Change a follow-up."""
    check_id(FollowUp, id)
    with write() as change:
        services.change_follow_up(change, id, body(), if_match())
        return change.show(FollowUp, id)


@api.delete("/follow-ups/<id>")
@operation(role="editor", parameters=WRITING)
def remove_follow_up(id: str) -> Response:
    """Remove a follow-up from today's state; its history stays."""
    check_id(FollowUp, id)
    with write() as change:
        services.remove_follow_up(change, id, if_match())
        return nothing()
