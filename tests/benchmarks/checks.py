"""What `tracker check` costs: seconds to verify a history of many changes, and the memory of doing so.

    python -m tests.benchmarks.checks [--changes 1000000] [--url postgresql+psycopg://…] [--profile]

The history is that of a register in use: 20,000 agreements; in ten changes seven new follow-ups with a note
and a piece of evidence, two new due dates of clauses, one party described. It is written as services write
it, so that every entry is sealed and chained; then entries, head and the rest are verified, each timed alone.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tracker.database.changes import Author, Change
from tracker.database.engine import Database, open_database
from tracker.database.migrations import upgrade
from tracker.models.values import Values
from tracker.services import chains
from tracker.services.history import record

AGREEMENTS = 20_000
BLOCK = 2_000
TEXT = "인공지능 데이터 센터의 안심구역 설치와 운영 지원에 협력한다 (cooperating in the operation)"


def main() -> None:
    """Write a history and verify it."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(arguments.url or f"sqlite:///{Path(folder) / 'register.db'}")
        upgrade(database)
        _timed("written", arguments.changes, lambda: _fill(database, arguments.changes))
        if arguments.profile:
            with cProfile.Profile() as profile:
                list(chains.history_problems(database))
            pstats.Stats(profile).sort_stats("tottime").print_stats(14)
        _timed("verified", arguments.changes, lambda: _none(chains.history_problems(database)))
        _timed("verified again", arguments.changes, lambda: _none(chains.history_problems(database)))
        _timed("head", arguments.changes, lambda: chains.head(database))
        database.close()
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--url", help="an empty database; default: a new SQLite file")
    parser.add_argument("--profile", action="store_true", help="say also where the time goes")
    return parser.parse_args()


def _timed(name: str, count: int, work: Callable[[], object]) -> None:
    began, cpu = time.perf_counter(), time.process_time()
    work()
    took, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"{count:9,} changes {name:14} {took:6.1f} s ({used:.1f} s of CPU here)", flush=True)


def _none(problems: Iterator[str]) -> None:
    found = next(problems, None)
    assert found is None, found


def _fill(database: Database, count: int) -> None:
    for start in range(1, count + 1, BLOCK):
        with database.write(Author("benchmark", "0192c0de-0000-7000-8000-000000000000")) as change:
            for number in range(start, min(start + BLOCK, count + 1)):
                _change(change, number)


def _change(change: Change, number: int) -> None:
    agreement = f"a{number * 7919 % AGREEMENTS:05}"
    clause = f"{agreement}.{number % 6 + 1}"
    if number % 10 == 0:
        party = f"p{number % 300}"
        values: Values = {"id": party, "kind": "organisation", "name": "City", "description": TEXT}
        record(change, ("party", party), "update", ("party", party), None, {"party": {party: values}})
    elif number % 10 < 3:
        before, after = ({"clause": {clause: _clause(clause, due)}} for due in ("2021-12", "2022-06"))
        record(change, ("agreement", agreement), "update", ("clause", clause), before, after)
    else:
        id, made = _follow_up(clause, number)
        after = {"follow_up": {id: made}}
        record(change, ("agreement", agreement), "create", ("follow_up", id), None, after)


def _clause(id: str, due: str) -> Values:
    return {
        "id": id, "agreement": id.partition(".")[0], "number": 1, "kind": "listed", "text": TEXT, "label": "▲",
        "lang": "ko", "due": due, "first_due": "2021-12", "department": "인공지능정책과", "source": "paper",
        "start": 10, "end": 10 + len(TEXT), "parties": [], "version": 2,
    }  # fmt: skip


def _follow_up(clause: str, number: int) -> tuple[str, Values]:
    id = f"0192c0de-0000-7000-8000-{number:012x}"
    return id, {
        "id": id, "clause": clause, "track": "verified", "status": "met",
        "effective_on": "2021-12", "checked_on": "2022-01-10", "reason": None, "replaced_by": None, "note": TEXT,
        "next_steps": None, "stated_by": None, "recorded_by": "benchmark", "version": 1,
        "recorded_at": "2022-01-10T00:00:00.000000Z",
        "evidence": [{
            "url": "https://example.org/document/1234", "source": None, "reference": None, "title": TEXT,
            "stance": "supports", "archived_url": None, "published": None, "accessed_on": None, "sha256": None,
        }],
    }  # fmt: skip


if __name__ == "__main__":
    main()
