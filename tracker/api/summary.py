"""Roll-ups: what became of many clauses."""

from __future__ import annotations

from flask import Blueprint, Response

from tracker.api.exchange import LISTED, answer, database, next_link, operation, query_parameters
from tracker.queries.representation import encoder
from tracker.queries.summary import rolled_up, wanted

api = Blueprint("summary", __name__)


@api.get("/summary")
@operation(parameters=LISTED)
def summarise() -> Response:
    """Count what became of clauses, by status, agreement, party or series, or over time."""
    found = rolled_up(database(), wanted(query_parameters()))
    following = None if found.next is None else next_link(found.next)
    response = answer(encoder.encode(found.body(following)))
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response
