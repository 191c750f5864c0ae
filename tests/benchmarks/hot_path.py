"""What a request costs in this process: CPU microseconds, and ratios to an empty Flask view.

    python -m tests.benchmarks.hot_path [--clauses 500000] [--url postgresql+psycopg://…]

Requests go through the WSGI application as a server would send them, with access, ETag, request id
and history on. Rounds alternate between the requests, so that a slow moment of the machine touches
all of them; the median round counts. The targets are 3 × for one clause, 7 × for a page of 50,
20 × for a recorded follow-up.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response
from werkzeug.test import EnvironBuilder

from tracker.app import create_app
from tracker.config import Settings
from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.database.migrations import upgrade
from tracker.models import Agreement, Clause, Party
from tracker.services import create_token
from tracker.services.rows import insert_rows

CLAUSES_OF_EACH = 5
BLOCK = 2_000
Request = Callable[[], None]


def main() -> None:
    """Build the register, then measure and print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder) / 'register.db'}"
        database = open_database(url)
        upgrade(database)
        secret = _fill(database, arguments.clauses)
        app = create_app(Settings(database_url=url))
        agreements = arguments.clauses // CLAUSES_OF_EACH
        requests = {
            "empty Flask view": _reading(_empty(), lambda place: "/"),
            "one clause": _reading(app, lambda place: f"/v1/clauses/a{place * 7919 % agreements:06}.3"),
            "page of 50": _reading(
                app,
                lambda place: (
                    f"/v1/clauses?agreement={','.join(f'a{(place * 7919 + n) % agreements:06}' for n in range(10))}"
                ),
            ),
            "first page of 50": _reading(app, lambda place: "/v1/clauses"),
            "recorded follow-up": _recording(
                app, secret, lambda place: f"/v1/clauses/a{place * 7919 % agreements:06}.2/follow-ups"
            ),
        }
        _report(_measured(requests, arguments.rounds), url.partition(":")[0])
        database.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clauses", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--url", help="an empty database; default: a new SQLite file")
    return parser.parse_args()


def _fill(database: Database, clauses: int) -> str:
    agreements = [f"a{number:06}" for number in range(clauses // CLAUSES_OF_EACH)]
    with database.write(Author("benchmark")) as change:
        insert_rows(change, Party, [{"id": "city", "kind": "organisation", "name": "City"}])
        for first in range(0, len(agreements), BLOCK):
            block = agreements[first : first + BLOCK]
            insert_rows(change, Agreement, map(_agreement, block))
            insert_rows(
                change, Clause, [_clause(id, n) for id in block for n in range(1, CLAUSES_OF_EACH + 1)]
            )
        return create_token(change, "benchmark", "editor")


def _agreement(id: str) -> dict[str, Any]:
    signed = {"signed_on": "2024-08-31", "parties": [{"party": "city"}]}
    return {"id": id, "title": f"Agreement {id}", "kind": "mou", **signed}


def _clause(agreement: str, number: int) -> dict[str, Any]:
    return {
        "id": f"{agreement}.{number}",
        "agreement": agreement,
        "number": number,
        "kind": "listed",
        "text": "인공지능 데이터 센터의 안심구역 설치와 운영 지원에 협력한다 (cooperating in the operation)",
        "due": "2026-12-31",
        "department": "AI정책과",
    }


def _empty() -> Flask:
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: Response(b"{}", mimetype="application/json"))
    return app


def _reading(app: Flask, path: Callable[[int], str]) -> Iterator[Request]:
    for place in _forever():
        yield _request(app, EnvironBuilder(path=path(place)).get_environ())


def _recording(app: Flask, secret: str, path: Callable[[int], str]) -> Iterator[Request]:
    body = '{"track":"verified","status":"in_progress","effective_on":"2026-03","note":"예산이 확정되었다"}'.encode()
    for place in _forever():
        environ = EnvironBuilder(path=path(place), method="POST").get_environ()
        environ |= {
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"Bearer {secret}",
            "wsgi.input": io.BytesIO(body),
        }
        yield _request(app, environ)


def _request(app: Flask, environ: dict[str, Any]) -> Request:
    def send() -> None:
        answered: list[str] = []
        parts = app.wsgi_app(environ, lambda status, headers, error=None: answered.append(status))  # type: ignore[arg-type]
        content = b"".join(parts)
        parts.close()  # type: ignore[attr-defined]
        assert answered[0][:3] in ("200", "201"), (answered, content)

    return send


def _forever() -> Iterator[int]:
    place = 0
    while True:
        place += 1
        yield place


def _measured(requests: dict[str, Iterator[Request]], rounds: int, each: int = 200) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in requests}
    for round in range(rounds + 1):
        for name, source in requests.items():
            ready = [next(source) for _ in range(each)]
            began = time.process_time_ns()
            for send in ready:
                send()
            if round:  # the first one warms up
                times[name].append((time.process_time_ns() - began) / each / 1000)
    return {name: statistics.median(found) for name, found in times.items()}


def _report(medians: dict[str, float], engine: str) -> None:
    floor = next(iter(medians.values()))
    print(f"{engine}: CPU µs in process, median of rounds")
    for name, found in medians.items():
        print(f"{name:22} {found:8.1f} µs {found / floor:6.2f} ×")


if __name__ == "__main__":
    main()
