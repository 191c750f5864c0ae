"""What a long run has read so far, in a temporary file: however long it is, memory stays flat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, cast

import msgspec

from tracker import dates
from tracker.database.engine import driver
from tracker.loading.plan import Key, Plans
from tracker.loading.seeds import Thing
from tracker.models import FollowUp, Party, Source
from tracker.models.values import FollowUpValues
from tracker.services.references import KINDED, KNOWN_FOR_HINTS
from tracker.services.statuses import Finding, finding_of

_encoder = msgspec.json.Encoder(order="deterministic")


class Seen(NamedTuple):
    """A thing that was read: the digest of what it says, where it stands, and what it is."""

    digest: bytes
    file: str
    line: int
    block: int
    kind: str | None
    """The kind of a party or an initiative, "" for other things, None for what stays removed."""


class Awaited(NamedTuple):
    """A reference to what had not been read yet."""

    table: str
    id: str
    kind: str | None
    file: str
    line: int
    column: int
    line_of_lines: int
    block: int


class Known:
    """Things, findings and open references of a run, by table and id."""

    def __init__(self) -> None:
        # A database without a name is no file where SQLite is built to keep temporary things in memory.
        with NamedTemporaryFile() as file:  # it loses its name, and so is gone when its process is
            self._file: Any = driver.connect(file.name, isolation_level=None, check_same_thread=False)
            self._file.executescript("PRAGMA journal_mode = OFF; CREATE TABLE opened (id)")
        self._file.executescript(_SCHEMA)
        self._file.execute("BEGIN")

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def seen(self, keys: Iterable[Key]) -> dict[Key, Seen]:
        """Give those of some things that were read."""
        rows = self._file.execute(_SEEN, (_listed(keys),))
        return {_key(key): Seen(*rest) for key, *rest in rows}

    def add(self, things: Iterable[Thing], planned: Plans, block: int) -> None:
        """Note the things of a block that were not read before."""
        now = dates.utc_now()
        rows: list[tuple[Any, ...]] = []
        findings: list[tuple[Any, ...]] = []
        sources: list[tuple[Any, ...]] = []
        successors: list[tuple[Any, ...]] = []
        for thing in things:
            plan, line = planned[thing.key], thing.document.line_of_lines or 0
            kind = str(thing.values.get("kind", "")) if thing.model.__tablename__ in KINDED else ""
            file = thing.document.name
            rows.append((_text(thing.key), digest(thing), file, line, block, None if plan.gone else kind))
            if thing.model is FollowUp and plan.changes:
                finding = finding_of(
                    cast("FollowUpValues", {"recorded_at": now, **(plan.now or {}), **plan.changes}), thing.id
                )
                if finding is not None:
                    findings.append((thing.values["clause"], *_parts(finding)))
            elif thing.model is Source and thing.values.keys() & {"char_count", "text"}:
                sources.append((thing.id, thing.values.get("char_count"), thing.values.get("text")))
            elif thing.model is Party and "successor" in plan.changes:
                successors.append((thing.id, plan.changes["successor"]))
        self._file.executemany("INSERT INTO thing VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._file.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)", findings)
        self._file.executemany("INSERT INTO source VALUES (?, ?, ?)", sources)
        self._file.executemany("INSERT INTO successor VALUES (?, ?)", successors)

    def remove(self, keys: Iterable[Key]) -> None:
        """Note that things stay removed."""
        self._file.execute("UPDATE thing SET kind = NULL WHERE key" + _AMONG, (_listed(keys),))

    def sources(self, ids: Iterable[str]) -> dict[str, tuple[int | None, bool]]:
        """Give the lengths of sources that were read, and whether with their text."""
        sql = "SELECT id, char_count, text IS NOT NULL FROM source WHERE id" + _AMONG
        rows = self._file.execute(sql, (json.dumps(list(ids)),))
        return {id: (count, bool(has_text)) for id, count, has_text in rows}

    def text(self, source: str) -> str | None:
        """Give the text of a source that was read with one."""
        row = self._file.execute("SELECT text FROM source WHERE id = ?", (source,)).fetchone()
        return None if row is None else row[0]

    def successor(self, party: str) -> tuple[str | None] | None:
        """Give the party that a party was read to become part of, in a tuple; None where nothing was read."""
        found: tuple[str | None] | None = self._file.execute(
            "SELECT successor FROM successor WHERE id = ?", (party,)
        ).fetchone()
        return found

    def findings(self, clauses: Iterable[str]) -> dict[str, list[Finding]]:
        """Give the findings that were read, by clause."""
        found: dict[str, list[Finding]] = {}
        sql = "SELECT * FROM finding WHERE clause" + _AMONG
        for clause, *rest in self._file.execute(sql, (json.dumps(list(clauses)),)):
            found.setdefault(clause, []).append(Finding(*rest))
        return found

    def around(self, table: str, word: str) -> list[str]:
        """Give the ids of a kind that stand around a word in their order."""
        found = [
            row[0] for sql in _AROUND for row in self._file.execute(sql, (f"{table} {word}", KNOWN_FOR_HINTS))
        ]
        return [id for kind, id in map(_key, found) if kind == table]

    def wait(self, awaited: Awaited, path: Sequence[str | int]) -> None:
        """Note a reference to what was not read yet, standing at a path in its thing."""
        sql = "INSERT INTO awaited VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._file.execute(sql, (*awaited, json.dumps(path)))

    def awaited(self) -> Iterator[tuple[Awaited, Seen | None]]:
        """Give each reference that was noted, with what it points to, in the order of the run."""
        for row in self._file.execute(_AWAITED):
            yield Awaited(*row[:8]), None if row[8] is None else Seen(*row[8:])


def digest(thing: Thing) -> bytes:
    """Give a digest of what a file says of a thing."""
    said = _encoder.encode([thing.values, sorted(thing.lists)])
    return blake2b(said, digest_size=16).digest()


def _text(key: Key) -> str:
    return f"{key[0]} {key[1]}"


def _key(text: str) -> Key:
    table, _, id = text.partition(" ")
    return table, id


def _listed(keys: Iterable[Key]) -> str:
    return json.dumps([_text(key) for key in keys])


def _parts(finding: Finding) -> tuple[str, ...]:
    return (
        finding.track,
        finding.status,
        finding.effective_latest,
        finding.checked_on,
        finding.recorded_at,
        finding.id,
    )


_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
CREATE TABLE thing (key TEXT PRIMARY KEY, digest BLOB, file TEXT, line INTEGER, block INTEGER, kind TEXT)
    WITHOUT ROWID;
CREATE TABLE source (id TEXT PRIMARY KEY, char_count INTEGER, text TEXT);
CREATE TABLE successor (id TEXT PRIMARY KEY, successor TEXT);
CREATE TABLE finding (clause TEXT, track TEXT, status TEXT, effective_latest TEXT, checked_on TEXT,
    recorded_at TEXT, id TEXT, PRIMARY KEY (clause, id)) WITHOUT ROWID;
CREATE TABLE awaited (target TEXT, id TEXT, kind TEXT, file TEXT, line INTEGER, "column" INTEGER,
    line_of_lines INTEGER, block INTEGER, path TEXT);
"""
_AROUND = (
    "SELECT key FROM thing WHERE key >= ? ORDER BY key LIMIT ?",
    "SELECT key FROM thing WHERE key < ? ORDER BY key DESC LIMIT ?",
)
_AMONG = " IN (SELECT value FROM json_each(?))"
_SEEN = "SELECT * FROM thing WHERE key" + _AMONG
_AWAITED = """
SELECT target, id, awaited.kind, awaited.file, awaited.line, "column", line_of_lines, awaited.block,
    digest, thing.file, thing.line, thing.block, thing.kind
FROM awaited LEFT JOIN thing ON thing.key = target || ' ' || id ORDER BY awaited.rowid
"""
