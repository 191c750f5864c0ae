"""The application: a plain WSGI application made from settings."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from tracker import api
from tracker.api.compression import in_gzip, wants_gzip
from tracker.api.problems import problem
from tracker.api.targets import wrong_target
from tracker.config import Settings, settings
from tracker.database.engine import Database, open_database

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


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
    app.wsgi_app = _finished(app, app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app


_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


def _finished(app: Flask, application: WSGIApplication) -> WSGIApplication:
    """Return an application that gives each request an id, and each answer what all of them carry.

    Headers are added to the list itself, since Flask's cost 3 µs each.
    """

    def answered(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        wrong = wrong_target(environ)
        if wrong is None:
            return application(environ, start)
        with app.request_context(environ):
            return problem(wrong)(environ, start)

    def finished(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            private = "HTTP_AUTHORIZATION" in environ
            headers.append(("Cache-Control", "private, no-cache" if private else "no-cache"))
            headers.append(("Vary", "Authorization"))
            headers.append(("Vary", "Accept-Encoding"))
            headers.append(("X-Content-Type-Options", "nosniff"))
            headers.append(("X-Request-Id", request_id))
            return start_response(status, headers, *error)

        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else os.urandom(8).hex()
        environ["tracker.request_id"] = request_id
        if wants_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return in_gzip(answered, environ, start)
        return answered(environ, start)

    return finished


def _allow(origins: tuple[str, ...]) -> Callable[[Response], Response]:
    def allow(response: Response) -> Response:
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = (
                "ETag, Idempotent-Replayed, Link, Location, Retry-After"
            )
            response.headers.add("Vary", "Origin")
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
                response.headers["Access-Control-Allow-Headers"] = (
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"
                )
        return response

    return allow
