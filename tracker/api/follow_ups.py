"""What follow-ups have beside what every resource has: the list of one clause, and recording many at once."""

from __future__ import annotations

from flask import Blueprint, Response

from tracker import services
from tracker.api.exchange import (
    JSON,
    LISTED,
    WRITING,
    body,
    check_id,
    operation,
    read_list,
    write,
)
from tracker.api.exchange import database as the_database
from tracker.models import Clause, FollowUp
from tracker.queries.representation import find
from tracker.services.resources import missing_from

api = Blueprint("follow_ups", __name__)


@api.get("/clauses/<id>/follow-ups")
@operation(parameters=LISTED)
def list_follow_ups_of_clause(id: str) -> Response:
    """List the follow-ups of one clause."""
    check_id(Clause, id)
    if find(the_database(), Clause, id) is None:
        raise missing_from(the_database(), Clause, id)
    return read_list(FollowUp, fixed={"clause": id})


@api.post("/follow-ups:batch")
@operation(role="editor", takes=JSON, parameters=WRITING, scoped=True)
def record_follow_ups() -> Response:
    """Record up to 1,000 follow-ups at once, all or none: `{"follow_ups": [{"clause": …, …}, …]}`.

    Each is a follow-up as `POST /v1/clauses/{id}/follow-ups` takes it, with its `clause`, and counts as if
    it had been sent by itself after those before it. The answer lists them as recorded, in order; faults
    of all of them come at once, with pointers such as `/follow_ups/3/status`.
    """
    with write() as change:
        return change.show_all(FollowUp, services.record_follow_ups(change, body()))
