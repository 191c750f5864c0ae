"""Roll-ups: what became of many clauses."""

from __future__ import annotations

from flask import Blueprint, Response, request

from tracker.api.exchange import LISTED, answer, database, next_link, operation, query_parameters
from tracker.queries.representation import encoder
from tracker.queries.summary import summarised, summary_query

api = Blueprint("summary", __name__)


@api.get("/summary")
@operation(parameters=LISTED, heavy=lambda: b"every=" in request.query_string)
def summarise() -> Response:
    """Count what became of clauses, by status, agreement, party or series, or over time."""
    summary = summarised(database(), summary_query(query_parameters()))
    link = None if summary.next is None else next_link(summary.next)
    response = answer(encoder.encode(summary.body(link)))
    if link is not None:
        response.headers["Link"] = f'<{link}>; rel="next"'
    return response
