"""What roll-ups cost over 550,000 clauses: CPU and wall seconds of one request in this process.

    python -m tests.benchmarks.summaries [--clauses 550000] [--url postgresql+psycopg://…]

A third of the clauses has follow-ups on one track or both, some of which disagree. The target for a roll-up
of everything as of today is well under a second; as of a day that has passed, each status is found again.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.app import create_app
from tracker.config import Settings
from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.database.migrations import upgrade
from tracker.models import Agreement, Clause, FollowUp, Party
from tracker.services.rows import insert_rows
from tracker.services.statuses import Finding, current

CLAUSES_OF_EACH = 5
BLOCK = 400
STATUSES = ("in_progress", "behind", "met", "partially_met", "no_evidence", "not_started")
PATHS = (
    "/v1/summary",
    "/v1/summary?party=city",
    "/v1/summary?by=agreement",
    "/v1/summary?by=party",
    "/v1/summary?as_of=2022-06-30",
    "/v1/agreements",
    "/v1/agreements?headline=fulfilled",
    "/v1/clauses?schedule=overdue",
    "/v1/clauses?freshness=fresh",
    "/v1/clauses?disagreement=true",
    "/v1/clauses?as_of=2022-06-30",
)


def main() -> None:
    """Build the register, then ask for each roll-up three times; the quickest counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clauses", type=int, default=550_000)
    parser.add_argument("--url", help="an empty database; default: a new SQLite file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder) / 'register.db'}"
        database = open_database(url)
        upgrade(database)
        _fill(database, arguments.clauses // CLAUSES_OF_EACH)
        client = create_app(Settings(database_url=url), database).test_client()
        print(f"{database.engine.dialect.name}: {arguments.clauses:,} clauses, seconds")
        for path in PATHS:
            times = [_asked(client, path) for _ in range(3)]
            print(
                f"{path:40} {min(cpu for cpu, _ in times):7.3f} CPU here {min(wall for _, wall in times):7.3f} wall"
            )
        database.close()


def _asked(client: Any, path: str) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data()
    return time.process_time() - cpu, time.perf_counter() - wall


def _fill(database: Database, agreements: int) -> None:
    chance = random.Random(1)
    numbers: Iterator[int] = iter(range(agreements))
    with database.write(Author("benchmark")) as change:
        insert_rows(change, Party, [{"id": "city", "kind": "organisation", "name": "City"}])
        while block := list(islice(numbers, BLOCK)):
            clauses: list[dict[str, Any]] = []
            follow_ups: list[dict[str, Any]] = []
            for number in block:
                for place in range(1, CLAUSES_OF_EACH + 1):
                    _add(chance, f"a{number:06}", place, clauses, follow_ups)
            insert_rows(change, Agreement, [_agreement(chance, number) for number in block])
            insert_rows(change, Clause, clauses)
            insert_rows(change, FollowUp, follow_ups)


def _agreement(chance: random.Random, number: int) -> dict[str, Any]:
    signed = f"20{chance.randrange(15, 24)}-{chance.randrange(1, 13):02}-15"
    id = f"a{number:06}"
    return {
        "id": id,
        "title": f"Agreement {id}",
        "kind": "mou",
        "signed_on": signed,
        "parties": [{"party": "city"}],
    }


def _add(
    chance: random.Random,
    agreement: str,
    number: int,
    clauses: list[dict[str, Any]],
    follow_ups: list[dict[str, Any]],
) -> None:
    id = f"{agreement}.{number}"
    findings = []
    tracks = chance.choice((("reported",), ("verified",), ("reported", "verified"), *[()] * 6))
    for track in tracks:
        day = f"20{chance.randrange(20, 25)}-{chance.randrange(1, 13):02}-28"
        uuid = f"018f3c2a-{number:04x}-7000-8000-{chance.randrange(16**12):012x}"
        findings.append(
            Finding(track, chance.choice(STATUSES), day, day, "2025-01-01T00:00:00.000000Z", uuid)
        )
    clauses.append(
        {
            "id": id,
            "agreement": agreement,
            "number": number,
            "kind": "listed",
            "text": "인공지능 데이터 센터의 안심구역 설치와 운영 지원에 협력한다 (cooperating in the operation)",
            "due": chance.choice((None, "2023-12-31", "2030")),
            **current(findings).columns(),
        }
    )
    follow_ups += [
        {
            "id": each.id,
            "clause": id,
            "track": each.track,
            "status": each.status,
            "effective_on": each.effective_latest,
            "checked_on": each.checked_on,
            "recorded_by": "benchmark",
            "recorded_at": each.recorded_at,
        }
        for each in findings
    ]


if __name__ == "__main__":
    main()
