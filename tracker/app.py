"""The application: a plain WSGI application made from settings."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g, request

from tracker import api
from tracker.config import Settings, settings
from tracker.database import Database, open_database


def create_app(chosen: Settings | None = None, database: Database | None = None) -> Flask:
    """Make the application; nothing is connected before the first request.

    Raises Invalid for settings that are wrong.
    """
    chosen = chosen or settings()
    app = Flask("tracker", static_folder=None)
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    app.url_map.merge_slashes = False
    app.config["SETTINGS"] = chosen
    app.extensions["tracker"] = database or open_database(
        chosen.database_url, prepare=chosen.prepare, time_zone=chosen.time_zone
    )
    api.register(app)
    if chosen.cors_origins:
        app.after_request(_allow(tuple(chosen.cors_origins.split())))
    app.after_request(_finish)
    return app


def _finish(response: Response) -> Response:
    """Add what every answer carries."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if "request_id" in g:
        headers["X-Request-Id"] = g.request_id
    if "HTTP_AUTHORIZATION" in request.environ:
        headers["Cache-Control"] = "private, no-cache"
        headers["Vary"] = "Authorization"
    else:
        headers["Cache-Control"] = "no-cache"
    return response


def _allow(origins: tuple[str, ...]) -> Callable[[Response], Response]:
    def allow(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Location, Retry-After"
            response.headers.add("Vary", "Origin")
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "GET, POST, PATCH, DELETE"
                response.headers["Access-Control-Allow-Headers"] = (
                    "Authorization, Content-Type, If-Match, If-None-Match"
                )
        return response

    return allow
