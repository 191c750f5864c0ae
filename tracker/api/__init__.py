"""The REST API: thin routes under /v1. Parse, open, call, show."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import HTTPException

from tracker.api import (
    codes,
    documents,
    drafts,
    follow_ups,
    health,
    history,
    problems,
    report,
    resources,
    summary,
)
from tracker.errors import TrackerError


def register(app: Flask) -> None:
    """Put every route and error handler of the API on an application."""
    for part in (resources, documents, drafts, follow_ups, history, summary, report, codes):
        app.register_blueprint(part.api, url_prefix="/v1")
    app.register_blueprint(problems.pages)
    app.register_blueprint(health.pages)
    app.register_error_handler(TrackerError, problems.problem)
    app.register_error_handler(HTTPException, problems.http_problem)
    app.register_error_handler(Exception, problems.unexpected)
