"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from flask import Blueprint, Response

from tracker.api.exchange import answer, database
from tracker.database.engine import driver, sqlite_journal
from tracker.kinds import KINDS
from tracker.queries.representation import encoder
from tracker.shipped import newest_revision

pages = Blueprint("health", __name__)


@pages.get("/")
@pages.get("/v1")
def index() -> Response:
    """Say what there is to read."""
    resources = {kind.plural: f"/v1/{kind.path}" for kind in KINDS.values()}
    resources |= {name: f"/v1/{name}" for name in ("changes", "summary", "report", "codes")}
    return answer(encoder.encode({"resources": resources | {"export": "/v1/export.jsonl"}}))


@pages.get("/livez")
def livez() -> Response:
    """Answer while the process lives."""
    return answer(encoder.encode({"status": "ok"}))


@pages.get("/readyz")
def readyz() -> Response:
    """Answer once the database is there with this program's schema; 503 with the reason until then."""
    result = database()
    result.ready()
    state: dict[str, str] = {
        "status": "ok",
        "engine": result.engine.dialect.name,
        "schema": newest_revision(),
    }
    if result.is_sqlite:
        journal, synchronous = sqlite_journal()
        state |= {"sqlite": driver.sqlite_version, "journal_mode": journal, "synchronous": synchronous}
    return answer(encoder.encode(state))
