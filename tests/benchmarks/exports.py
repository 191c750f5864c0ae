"""What an export costs: seconds, bytes and the memory of `tracker export`, at two sizes of the register.

    python -m tests.benchmarks.exports [--agreements 100000] [--url postgresql+psycopg://…]

Each agreement has five clauses, two follow-ups with evidence on each of two clauses, a quote and a link to
the one before. The export runs in a process of its own, whose peak of memory may not grow with the register:
the benchmark fails where the large one needs more than 16 MB beyond the small one, or 160 MB at all.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tracker.database.changes import Author
from tracker.database.engine import Database, open_database
from tracker.database.migrations import upgrade
from tracker.models import Agreement, Clause, FollowUp, Initiative, Party, Quote, Source
from tracker.services.follow_ups import new_id
from tracker.services.rows import insert_rows

SMALL = 20_000
"""Enough to fill SQLite's page cache of 64 MB, which is part of the peak."""
BLOCK = 2_000
CEILING_MB, GROWTH_MB = 160, 16
TEXT = "인공지능 데이터 센터의 안심구역 설치와 운영 지원에 협력한다 (cooperating in the operation)"


def main() -> None:
    """Fill a register, export it, fill it further, export it again."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.url or f"sqlite:///{Path(folder) / 'register.db'}"
        database = open_database(url)
        upgrade(database)
        done, peaks = 0, {}
        for count in (SMALL, arguments.agreements):
            _fill(database, done, count)
            done = count
            for format in ("yaml", "json", "jsonl"):
                peaks[count, format] = _exported(url, format, count, Path(folder) / f"out.{format}")
        database.close()
    for format in ("yaml", "json", "jsonl"):
        large, small = peaks[arguments.agreements, format], peaks[SMALL, format]
        assert large <= CEILING_MB, f"{format}: {large:.0f} MB"
        assert large - small <= GROWTH_MB, f"{format}: {large - small:.0f} MB more"
    print("memory is flat")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--agreements", type=int, default=100_000)
    parser.add_argument("--url", help="an empty database; default: a new SQLite file")
    return parser.parse_args()


def _exported(url: str, format: str, count: int, out: Path) -> float:
    """Export in a process of its own, print what that cost, and give its peak of memory in MB."""
    command = [sys.executable, "-m", "tests.benchmarks.exports", "--child", format]
    began = time.perf_counter()
    with out.open("wb") as stdout:
        done = subprocess.run(
            command,
            env=os.environ | {"TRACKER_DATABASE_URL": url},
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=True,
            timeout=1800,
        )
    took = time.perf_counter() - began
    peak, cpu = (float(each) for each in done.stderr.split()[-2:])
    peak /= 1024
    size = out.stat().st_size / 1e6
    print(
        f"{count:7,} agreements {format:5} {took:6.1f} s ({cpu:.1f} s of CPU) {size:7.1f} MB written, peak {peak:5.1f} MB",
        flush=True,
    )
    return peak


def _child(format: str) -> None:
    from tracker.cli import program

    program(["export", "--format", format], standalone_mode=False)
    # Not getrusage: its peak is that of the parent where this process was forked from.
    status = Path("/proc/self/status").read_text()
    print(re.search(r"VmHWM:\s+([0-9]+)", status)[1], time.process_time(), file=sys.stderr)  # type: ignore[index]


def _fill(database: Database, first: int, last: int) -> None:
    for start in range(first, last, BLOCK):
        ids = [f"a{number:06}" for number in range(start, min(start + BLOCK, last))]
        with database.write(Author("benchmark")) as change:
            if start == 0:
                insert_rows(change, Party, [{"id": "city", "kind": "organisation", "name": "City"}])
                insert_rows(change, Initiative, [{"id": "series", "kind": "series", "name": "연속 협약"}])
            insert_rows(change, Party, [{"id": f"p-{id}", "kind": "person", "name": id} for id in ids])
            sources = [
                {"id": f"s-{id}", "kind": "news_article", "title": TEXT, "char_count": 500} for id in ids
            ]
            insert_rows(change, Source, sources)
            insert_rows(change, Agreement, map(_agreement, ids))
            insert_rows(change, Clause, [_clause(id, number) for id in ids for number in range(1, 6)])
            insert_rows(change, FollowUp, [each for id in ids for each in _follow_ups(id)])
            insert_rows(change, Quote, map(_quote, ids))


def _agreement(id: str) -> dict[str, Any]:
    before = f"a{int(id[1:]) - 1:06}"
    return {
        "id": id, "title": f"{id} 업무협약", "kind": "mou", "signed_on": "2020-08-31", "series": "series",
        "sources": [f"s-{id}"], "parties": [{"party": "city", "signed_by": f"p-{id}"}],
        "links": [{"kind": "renews", "target": before}] if int(id[1:]) else [],
    }  # fmt: skip


def _clause(id: str, number: int) -> dict[str, Any]:
    return {
        "id": f"{id}.{number}", "agreement": id, "number": number, "kind": "listed", "text": TEXT,
        "due": "2021-12", "first_due": "2021-12", "department": "인공지능정책과", "source": f"s-{id}",
        "start": 10, "end": 10 + len(TEXT),
    }  # fmt: skip


def _follow_ups(id: str) -> Iterator[dict[str, Any]]:
    for number in (1, 2):
        for track in ("reported", "verified"):
            yield {
                "id": new_id(), "clause": f"{id}.{number}", "track": track, "status": "met",
                "effective_on": "2021-12", "checked_on": "2022-01-10", "recorded_by": "benchmark", "note": TEXT,
                "recorded_at": "2022-01-10T00:00:00.000000Z", "recorded_claimed": False,
                "evidence": [{"reference": "도시데이터과-1234"}],
            }  # fmt: skip


def _quote(id: str) -> dict[str, Any]:
    return {
        "id": f"{id}.q1", "agreement": id, "number": 1, "kind": "direct", "text": TEXT, "speaker": f"p-{id}",
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2])
    else:
        main()
