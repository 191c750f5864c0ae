"""A client of the API and a small world of agreements, for the tests of the API."""

from __future__ import annotations

import hashlib
import json
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import insert, text

from tracker.app import create_app
from tracker.cli.granian_engine import GranianEngine
from tracker.config import Settings
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.models import Agreement, Clause, Initiative, Party, Quote, Source, Token, table_of
from tracker.services.rows import insert_rows

AT = "2026-01-02T03:04:05.000006Z"
TODAY = "2026-01-02"
TEXT = "광주광역시는 협약에 따라 데이터 산업을 지원한다."
STAMPS = {"created_at": AT, "updated_at": AT}


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers, raw body, and the body as JSON where it is JSON."""

    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def etag(self) -> str:
        return str(self.headers["ETag"])

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Where each fault stands, and its code, in order."""
        assert self.headers["Content-Type"] == "application/problem+json", self.raw
        return sorted(
            (fault.get("pointer", fault.get("parameter", "–")), fault["code"])
            for fault in self.json.get("errors", [])
        )


@contextmanager
def serving(app: Flask) -> Iterator[int]:
    """Serve an application as `tracker serve` does, in this process, and give its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        engine = GranianEngine(app, listening)
        try:
            yield listening.getsockname()[1]
        finally:
            assert engine.stop(10)


def held(database: Database, **limits: Any) -> str:
    """Write the row of an editor's token, of which history knows nothing, and give its secret."""
    secret = secrets.token_urlsafe(32)
    row = {
        "id": secrets.token_hex(4),
        "name": secrets.token_hex(8),
        "role": "editor",
        "secret_sha256": hashlib.sha256(secret.encode()).hexdigest(),
        "created_at": AT,
        "created_by": "setup",
    }
    with database.write(Author("setup")) as change:
        # A second client of the same database takes the name over.
        change.connection.execute(
            text("UPDATE token SET name = id WHERE name = :name"), {"name": (row | limits)["name"]}
        )
        change.connection.execute(insert(table_of(Token)).values(row | limits))
    return secret


class Api:
    """A client with a token of each role."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.database = database
        self.app: Flask = create_app(Settings(**settings), database)
        self.tokens: dict[str, str] = {}
        for role in ("viewer", "editor", "admin"):
            self.tokens[role] = held(database, name=role.title(), role=role)
        for track in ("reported", "verified"):
            self.tokens[track] = held(database, name=track.title(), track=track)

    def ask(
        self, method: str, path: str, content: Any = None, *, role: str | None = None, **headers: str
    ) -> Answer:
        """Send a request; ``content`` goes as JSON, bytes as they are; If-Match is `if_match=`."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if role is not None:
            given["Authorization"] = f"Bearer {self.tokens[role]}"
        body = content
        if content is not None and not isinstance(content, bytes):
            body = json.dumps(content).encode()
        if content is not None:
            given.setdefault("Content-Type", "application/json")
        with self.app.test_client() as client:
            found = client.open(path, method=method, data=body, headers=given)
            answer = Answer(found.status_code, found.headers, found.get_data())
        assert answer.status < 500 or answer.status == 503, answer.raw
        return answer

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, content: Any, **more: Any) -> Answer:
        return self.ask("POST", path, content, **{"role": "editor", **more})

    def patch(self, path: str, content: Any, **more: Any) -> Answer:
        return self.ask("PATCH", path, content, **{"role": "editor", "if_match": "*", **more})

    def delete(self, path: str, **more: Any) -> Answer:
        return self.ask("DELETE", path, **{"role": "editor", "if_match": "*", **more})

    def ids(self, path: str) -> list[Any]:
        """Follow the pages of a list and give all ids in order."""
        found: list[Any] = []
        following: str | None = path
        while following is not None:
            answer = self.get(following)
            assert answer.status == 200, answer.raw
            found += [row["id"] for row in answer.json["data"]]
            following = answer.json["links"]["next"]
            link = None if following is None else f'<{following}>; rel="next"'
            assert answer.headers.get("Link") == link
        return found


def fill(database: Database) -> None:
    """Write two agreements with their parties, sources, clauses and quotes, all at the instant AT."""
    with database.write(Author("setup")) as change:
        parties: list[dict[str, Any]] = [
            {"id": "city", "kind": "organisation", "class": "local_government", "name": "광주", "country": "KR"},
            {"id": "agency", "kind": "organisation", "class": "public_agency", "name": "K_DATA", "country": "KR",
             "names": [{"name": "Korea Data", "kind": "alias", "lang": "en"}]},
            {"id": "paper", "kind": "organisation", "class": "media", "name": "Paper", "founded": "1988"},
            {"id": "mayor", "kind": "person", "name": "Lee",
             "affiliations": [{"organisation": "city", "role": "Mayor"}]},
        ]  # fmt: skip
        insert_rows(change, Party, [each | STAMPS for each in parties])
        insert_rows(change, Source, [
            {"id": "article", "kind": "news_article", "title": "협약", "publisher": "paper",
             "text": TEXT, "char_count": len(TEXT), **STAMPS},
            {"id": "closed", "kind": "official_document", "title": "A", "char_count": 10, **STAMPS},
        ])  # fmt: skip
        insert_rows(change, Initiative, [
            {"id": "series", "kind": "series", "name": "Series", "operator": "city", **STAMPS},
        ])  # fmt: skip
        insert_rows(change, Agreement, [
            {"id": "deal", "title": "Deal", "kind": "mou", "signed_on": "2020-08-31", "series": "series",
             "sources": ["article"], "initiatives": ["series"],
             "parties": [{"party": "city", "signed_by": "mayor", "department": "도시과"}, {"party": "agency"}],
             **STAMPS},
            {"id": "older", "title": "older", "kind": "moa", "signed_on": "2019", "lifecycle": "terminated",
             "parties": [{"party": "agency"}], **STAMPS},
        ])  # fmt: skip
        insert_rows(change, Clause, [
            {"id": "deal.1", "agreement": "deal", "number": 1, "kind": "listed", "text": TEXT[:5],
             "source": "article", "start": 0, "end": 5, "due": "2021-12", "first_due": "2021-12",
             "parties": [{"party": "city", "role": "obligor"}, {"party": "agency", "role": "beneficiary"}],
             **STAMPS},
            {"id": "deal.2", "agreement": "deal", "number": 2, "kind": "narrative", "text": "둘",
             "department": "과", **STAMPS},
            {"id": "deal.10", "agreement": "deal", "number": 10, "kind": "listed", "text": "열",
             "due": "2021-06-30", **STAMPS},
            {"id": "older.1", "agreement": "older", "number": 1, "kind": "spoken", "text": "하나", **STAMPS},
        ])  # fmt: skip
        insert_rows(change, Quote, [
            {"id": "deal.q1", "agreement": "deal", "number": 1, "kind": "direct", "text": "말",
             "speaker": "mayor", "on_behalf_of": "city", "clauses": ["deal.1"], **STAMPS},
            {"id": "deal.q2", "agreement": "deal", "number": 2, "kind": "headline", "text": "제목", **STAMPS},
        ])  # fmt: skip


FOLLOW_UP = {"track": "verified", "status": "in_progress", "effective_on": "2021"}
MET = {
    "track": "verified",
    "status": "met",
    "effective_on": "2021-12-31",
    "evidence": [{"url": "https://example.org/a"}],
}
