"""What a big load costs: rows a second and peak memory, as ratios to the bare driver on the same rows.

    python -m tests.benchmarks.loads [--agreements 100000] [--follow-ups 2] [--engine sqlite|postgresql]

The register is made up, the same each time: agreements with three clauses, a quote, parties and sources, nine
rows each, and on each clause so many follow-ups with evidence, reported and verified in turn. It is loaded as JSON Lines by the command, in a process of its own, twice; then
the rows that are there are copied table by table into an empty database, by the driver's ``executemany`` on
SQLite, by COPY on PostgreSQL. Seconds are of the wall clock, and of this machine's processors where the
work is in one process. The targets: 0.3 × the driver the first time, twice as fast again, under 200 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres
from tracker.database.engine import open_database, sqlite_connection
from tracker.database.migrations import upgrade
from tracker.models import Base

PARTIES, PERSONS, AGREEMENTS_OF_A_SOURCE = 2_000, 500, 20
HISTORY = ("change", "change_text", "change_resource")


def main() -> None:
    """Make the register, load it twice, copy its rows, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--agreements", type=int, default=100_000)
    parser.add_argument("--follow-ups", type=int, default=2, help="on each clause; each with evidence")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    arguments = parser.parse_args()
    postgres.lead()
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "register.jsonl"
            with file.open("w", encoding="utf-8") as stream:
                for line in register(arguments.agreements, arguments.follow_ups):
                    stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            print(f"{arguments.agreements:,} agreements, {file.stat().st_size / 1e6:.0f} MB of JSON Lines")
            if arguments.engine == "sqlite":
                urls = [f"sqlite:///{folder}/{name}.db" for name in ("loaded", "copied")]
                _measure(file, urls)
            else:
                with closing(postgres.Databases("benchmark")) as databases:
                    _measure(file, [databases.make(), databases.make()])
    finally:
        postgres.stop()


def register(agreements: int, follow_ups: int) -> Iterator[dict[str, Any]]:
    """Yield the register as documents, what is referred to first."""
    for number in range(PARTIES):
        party = {"id": f"org-{number:04}", "kind": "organisation", "name": f"기관 {number}", "country": "KR"}
        yield {"parties": [party]}
    for number in range(PERSONS):
        yield {"parties": [{"id": f"person-{number:04}", "kind": "person", "name": f"Person {number}"}]}
    sources = -(-agreements // AGREEMENTS_OF_A_SOURCE)
    for number in range(sources):
        yield {"sources": [_source(number)]}
    for number in range(agreements):
        yield {"agreements": [_agreement(number, f"source-{number % sources:05}", follow_ups)]}


def _source(number: int) -> dict[str, Any]:
    return {
        "id": f"source-{number:05}",
        "kind": "news_article",
        "title": f"업무협약 기사 {number}",
        "publisher": f"org-{number % PARTIES:04}",
        "published": "2020-08-31",
        "char_count": 4_000,
    }


def _agreement(number: int, source: str, follow_ups: int) -> dict[str, Any]:
    mine, other = number % PARTIES, (number + 1 + number % 7) % PARTIES
    person = f"person-{number % PERSONS:04}"
    return {
        "id": f"agreement-{number:06}",
        "title": f"{number}번째 업무협약",
        "kind": "mou",
        "signed_on": f"{2015 + number % 10}-{1 + number % 12:02}-{1 + number % 28:02}",
        "signing_mode": "in_person",
        "sources": [source],
        "parties": [
            {"party": f"org-{mine:04}", "signed_by": person, "signed_as": "시장"},
            {"party": f"org-{other:04}"},
        ],
        "clauses": [_clause(number, position, source, follow_ups) for position in (1, 2, 3)],
        "quotes": [
            {
                "number": 1,
                "kind": "direct",
                "text": f"우리는 약속합니다 {number}",
                "speaker": person,
                "clauses": [1],
            }
        ],
    }


def _clause(agreement: int, position: int, source: str, follow_ups: int) -> dict[str, Any]:
    words = f"데이터 산업 육성을 위한 협력 사업 {agreement}-{position} 공동 추진 및 지원"
    return {
        "number": position,
        "kind": "listed",
        "text": words,
        "due": "2022-12",
        "source": source,
        "start": position * 100,
        "end": position * 100 + len(words),
        "follow_ups": [_follow_up(agreement, number) for number in range(follow_ups)],
    }


def _follow_up(agreement: int, number: int) -> dict[str, Any]:
    year, is_verified = 2021 + number // 2, number % 2 == 1
    return {
        "track": "verified" if is_verified else "reported",
        "status": "in_progress",
        "effective_on": f"{year}-05",
        "stated_by": f"org-{agreement % PARTIES:04}",
        "note": f"{year}년 상반기 추진 상황 점검 결과 {agreement}",
        "evidence": [{"reference": f"도시데이터과-{agreement}-{number}"}],
    }


def _measure(file: Path, urls: list[str]) -> None:
    for url in urls:
        database = open_database(url)
        upgrade(database)
        database.close()
    first, again = _load(file, urls[0]), _load(file, urls[0])
    rows, both, bare = _copy(*urls)
    print(f"{rows:,} rows, and {both - rows:,} of history")
    for name, (seconds, processor, memory) in (("first", first), ("again", again)):
        said = f"{name}: {seconds:.1f} s ({processor:.1f} s of its processor), {rows / seconds:,.0f} rows/s"
        print(f"{said}, at most {memory:.0f} MB")
    for name, (seconds, processor) in bare.items():
        ratios = f"{seconds / first[0]:.2f} by the clock, {processor / first[1]:.2f} by the processor"
        print(f"driver, {name}: {seconds:.1f} s ({processor:.1f} s); the first load is {ratios} × as fast")
    print(
        f"again {first[0] / again[0]:.1f} × as fast as first ({first[1] / again[1]:.1f} × by the processor)"
    )


def _load(file: Path, url: str) -> tuple[float, float, float]:
    """Load in a process of its own and give its seconds, those of its processor, and its peak in MB."""
    began = time.monotonic()
    command = [sys.executable, "-m", "tracker", "load", str(file), "--format", "json"]
    loading = subprocess.Popen(
        command, env={**os.environ, "TRACKER_DATABASE_URL": url}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(loading.pid, 0)
    loading.returncode = os.waitstatus_to_exitcode(status)
    assert loading.returncode == 0
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _copy(source: str, target: str) -> tuple[int, int, dict[str, tuple[float, float]]]:
    """Copy all rows and give how many there are, without and with history, and what that took."""
    spent: dict[str, tuple[float, float]] = {"without history": (0, 0), "with history": (0, 0)}
    counts = dict.fromkeys(spent, 0)
    copy = _copied_on_sqlite if source.startswith("sqlite") else _copied_on_postgresql
    for table in Base.metadata.sorted_tables:
        rows, seconds, processor = copy(source, target, table.name)
        for name in spent:
            if name == "with history" or table.name not in HISTORY:
                spent[name] = spent[name][0] + seconds, spent[name][1] + processor
                counts[name] += rows
    return counts["without history"], counts["with history"], spent


def _copied_on_sqlite(source: str, target: str, table: str) -> tuple[int, float, float]:
    paths = [Path(url.removeprefix("sqlite:///")) for url in (source, target)]
    with closing(sqlite_connection(paths[0])) as reading, closing(sqlite_connection(paths[1])) as writing:
        rows = reading.execute(f'SELECT * FROM "{table}"').fetchall()
        if not rows:
            return 0, 0, 0
        began, before = time.monotonic(), time.process_time()
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("PRAGMA defer_foreign_keys = ON")
        places = ", ".join("?" * len(rows[0]))
        writing.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
        writing.execute("COMMIT")
        return len(rows), time.monotonic() - began, time.process_time() - before


def _copied_on_postgresql(source: str, target: str, table: str) -> tuple[int, float, float]:
    """Copy as psql's ``\\copy`` does: text blocks, straight through."""
    plain = [url.replace("+psycopg", "") for url in (source, target)]
    with psycopg.connect(plain[0]) as reading, psycopg.connect(plain[1]) as writing:
        with reading.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as out:
            blocks = [bytes(block) for block in out]
        writing.execute("SET CONSTRAINTS ALL DEFERRED")
        began, before = time.monotonic(), time.process_time()
        with writing.cursor().copy(f'COPY "{table}" FROM STDIN'.encode()) as into:
            for block in blocks:
                into.write(block)
        writing.commit()
        return len(blocks), time.monotonic() - began, time.process_time() - before


if __name__ == "__main__":
    main()
