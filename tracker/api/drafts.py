"""Drafting: from a press article to a seed document, for a person to review."""

from __future__ import annotations

from flask import Blueprint, Response

from tracker.api.exchange import JSON, always, answer, body, database, operation
from tracker.drafting import draft, request_of
from tracker.queries.matching import beside_the_database
from tracker.queries.representation import encoder

api = Blueprint("drafts", __name__)


@api.post("/drafts")
@operation(role="viewer", takes=JSON, parameters=("dry_run",), heavy=always)
def create_draft() -> Response:
    """Draft a seed document from an article's text or HTML; nothing is stored, a dry run or not."""
    article, publication = request_of(body())
    return answer(encoder.encode(beside_the_database(database(), draft(article, publication))))
