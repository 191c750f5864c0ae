"""The temporary database of a run: its documents, its resources by kind and id, and what is planned of them."""

from __future__ import annotations

import json
import marshal
import pickle
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import groupby
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple, cast

import msgspec

from tracker import dates
from tracker.database.engine import driver
from tracker.errors import Fault
from tracker.loading.document import Document
from tracker.loading.plan import Key, MissingChild, Planned, Plans
from tracker.loading.seeds import Path, StagedResource, two_contents
from tracker.models import RESOURCES, FollowUp, Party, Source
from tracker.models.values import FollowUpValues
from tracker.services.references import KINDED
from tracker.services.spans import SPAN, SPANS_IN
from tracker.services.statuses import Finding, finding_of

KNOWN_FOR_HINTS = 1_000
"""How many ids of the run before a word and behind it are looked at for "did you mean"."""

_encoder = msgspec.json.Encoder(order="deterministic")


@dataclass(slots=True)
class Block:
    """Resources that are in memory together; only one block's are."""

    number: int
    first: int
    """The number of its first document."""
    documents: int = 0
    lines: int = 0
    size: int = 0
    resources: dict[Key, StagedResource] = field(default_factory=dict)
    plans: Plans = field(default_factory=dict)
    count: int = 0
    """How many resources it has, in memory or not."""
    is_stored: bool = False
    """Whether the file has it as it is."""
    has_changes: bool = False
    lacks_children: bool = False
    """Whether an agreement of it is stored with clauses or quotes that it does not have."""
    until: int = 0
    """The last block that has to be written with it, because something here refers to it."""

    def add(self, resource: StagedResource) -> Fault | None:
        """Add a resource; the same once more is nothing new, other content under its id a fault."""
        first = self.resources.setdefault(resource.key, resource)
        if (first.values, first.lists) == (resource.values, resource.lists):
            return None
        fault = two_contents(*resource.key, first.document.place(first.path))
        return fault.at(resource.document.place(resource.path))

    def by_document(self) -> Iterator[tuple[Document, list[StagedResource]]]:
        """Yield each document that has resources, with these."""
        for _, grouped in groupby(self.resources.values(), key=lambda resource: resource.document.number):
            resources = list(grouped)
            yield resources[0].document, resources

    @property
    def is_due(self) -> bool:
        """Whether anything of it is to be written, or named as missing."""
        return self.has_changes or self.lacks_children

    @property
    def changed(self) -> list[tuple[StagedResource, Planned]]:
        """The resources of which something is written, each with its plan."""
        pairs = ((resource, self.plans[key]) for key, resource in self.resources.items())
        return [(resource, plan) for resource, plan in pairs if plan.changes]


class Staged(NamedTuple):
    """What the index knows of a resource of the run."""

    file: str
    line: int
    """Its line where it is one of JSON Lines, else 0."""
    block: int
    kind: str
    """The kind that a party or an initiative will have, "" for other resources and where it is not known."""
    gone: bool
    """Whether it stays removed."""
    stored: bool
    """Whether the database has it already."""


class Index:
    """What a run holds, in a file of its own."""

    def __init__(self) -> None:
        self.now = dates.utc_now()
        """The instant at which findings without one of their own will have been recorded."""
        # A database without a name is no file where SQLite is built to keep temporary things in memory.
        with NamedTemporaryFile() as file:  # it loses its name, and so is gone when its process is
            self._file: Any = driver.connect(file.name, isolation_level=None, check_same_thread=False)
            self._file.executescript(_SCHEMA)
        self._file.execute("BEGIN")

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def write(self, block: Block, *, only_changed: bool) -> None:
        """Write the documents of a block with its resources."""
        documents = []
        for document, resources in block.by_document():
            content = [
                _flat(resource, plan)
                for resource in resources
                if (plan := block.plans.get(resource.key)) is None or plan.changes or not only_changed
            ]
            document.content = None
            documents.append((document.number, pickle.dumps(document), marshal.dumps(content)))
        self._file.executemany("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", documents)

    def read(self, block: Block) -> tuple[dict[Key, StagedResource], Plans]:
        """Read what was written of a block."""
        resources: dict[Key, StagedResource] = {}
        made: Plans = {}
        sql = "SELECT places, resources FROM document WHERE number >= ? AND number < ? ORDER BY number"
        for places, content in self._file.execute(sql, (block.first, block.first + block.documents)):
            document = None
            for table, id, values, path, lists, wrong, at_fault, plan in marshal.loads(content):  # noqa: S302  # nobody else writes that file
                document = document or pickle.loads(places)  # noqa: S301  # nor that
                resource = StagedResource(
                    RESOURCES[table], id, values, document, path, lists, wrong, at_fault
                )
                resources[resource.key] = resource
                if plan is not None:
                    made[resource.key] = Planned(*plan)
        return resources, made

    def document(self, number: int) -> Document:
        """Return a document without its content; it still knows where its values stand."""
        row = self._file.execute("SELECT places FROM document WHERE number = ?", (number,)).fetchone()
        document: Document = pickle.loads(row[0])  # noqa: S301  # nobody else writes that file
        return document

    def add(self, block: Block, missing: Sequence[MissingChild] = ()) -> None:
        """Add the resources of a block, with what is planned of them if anything is."""
        rows: list[tuple[Any, ...]] = []
        more: dict[str, list[tuple[Any, ...]]] = {"source": [], "successor": [], "moved": [], "finding": []}
        for document, resources in block.by_document():
            file, line = document.name, document.line_of_lines or 0
            for resource in resources:
                plan = block.plans.get(resource.key)
                stored = None if plan is None else plan.now
                kind = ""
                if resource.key[0] in KINDED:
                    values = resource.values if plan is None or plan.gone else plan.result
                    kind = str(values.get("kind") or "")
                own = (
                    _text(resource.key),
                    digest(resource),
                    document.number,
                    marshal.dumps(resource.path),
                    file,
                    line,
                )
                rows.append((*own, block.number, kind, plan is not None and plan.gone, stored is not None))
                if plan is not None and plan.changes:
                    _add_planned(resource, plan, self.now, more)
        self._file.executemany("INSERT OR REPLACE INTO resource VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        for table, entries in more.items():
            marks = ", ".join("?" * _WIDTHS[table])
            self._file.executemany(f"INSERT INTO {table} VALUES ({marks})", entries)  # our names
        self._file.executemany(
            "INSERT INTO missing VALUES (?, ?, ?, ?, ?)", [(block.number, *each) for each in missing]
        )

    def forget_plans(self) -> None:
        """Forget what was planned; the resources are added again."""
        for table in (*_WIDTHS, "missing"):
            self._file.execute(f"DELETE FROM {table}")  # our names

    def remove(self, keys: Iterable[Key]) -> None:
        """Note that resources stay removed after all."""
        self._file.execute("UPDATE resource SET gone = 1 WHERE key" + _AMONG, (_listed(keys),))

    def repeated(self, block: Block) -> list[tuple[Key, bytes, int, Path]]:
        """Return the resources of a block that blocks before it have, with the first one's digest and place."""
        if block.number == 0:
            return []
        sql = "SELECT key, digest, document, path FROM resource WHERE key" + _AMONG
        rows = self._file.execute(sql, (_listed(block.resources),))
        return [
            (_key(key), first, number, marshal.loads(path))  # noqa: S302  # nobody else writes that file
            for key, first, number, path in rows
        ]

    def missing(self, block: int) -> list[MissingChild]:
        """Return what is stored and missing in the whole run, of the agreements of a block."""
        return [MissingChild(*row) for row in self._file.execute(_MISSING, (block,))]

    # What checks ask

    def staged(self, keys: Collection[Key]) -> dict[Key, Staged]:
        """Return what is known of those resources that the run has."""
        if not keys:
            return {}
        rows = self._file.execute(_STAGED, (_listed(keys),))
        return {_key(key): Staged(*rest) for key, *rest in rows}

    def around(self, table: str, word: str) -> list[str]:
        """Return the ids of a kind that stand around a word in their order."""
        result = [
            row[0] for sql in _AROUND for row in self._file.execute(sql, (f"{table} {word}", KNOWN_FOR_HINTS))
        ]
        return [id for kind, id in map(_key, result) if kind == table]

    def sources(self, ids: Collection[str]) -> list[tuple[str, bool, int | None, bool, bool]]:
        """Return ids of sources, whether the run gives a length, which, whether it gives a text, whether there is one."""
        sql = "SELECT id, gives_count, char_count, gives_text, text IS NOT NULL FROM source WHERE id" + _AMONG
        return list(self._file.execute(sql, (json.dumps(list(ids)),))) if ids else []

    def text(self, source: str) -> str | None:
        """Return the text that the run gives of a source."""
        row = self._file.execute("SELECT text FROM source WHERE id = ?", (source,)).fetchone()
        return None if row is None else row[0]

    def successor(self, party: str) -> tuple[str | None] | None:
        """Return the successor that the run gives a party, in a tuple; None where it gives none."""
        result: tuple[str | None] | None = self._file.execute(
            "SELECT successor FROM successor WHERE id = ?", (party,)
        ).fetchone()
        return result

    def moved(self, keys: Iterable[Key]) -> set[Key]:
        """Return those of stored clauses, quotes and agreements whose span or series the run changes."""
        sql = "SELECT key FROM moved WHERE key" + _AMONG
        return {_key(row[0]) for row in self._file.execute(sql, (_listed(keys),))}

    def findings(self, clauses: Collection[str]) -> dict[str, list[Finding]]:
        """Return the findings that the run writes, by clause."""
        findings: dict[str, list[Finding]] = {}
        sql = "SELECT * FROM finding WHERE clause" + _AMONG
        for clause, *rest in self._file.execute(sql, (json.dumps(list(clauses)),)):
            findings.setdefault(clause, []).append(Finding(*rest))
        return findings


def digest(resource: StagedResource) -> bytes:
    """Return a digest of what a file says of a resource."""
    content = _encoder.encode([resource.values, sorted(resource.lists)])
    return blake2b(content, digest_size=16).digest()


def _flat(resource: StagedResource, plan: Planned | None) -> tuple[Any, ...]:
    planned = None if plan is None else (plan.now, plan.changes, plan.kept, plan.removed, plan.gone)
    own = (resource.values, resource.path, resource.lists, resource.wrong, resource.at_fault)
    return (*resource.key, *own, planned)


def _add_planned(
    resource: StagedResource, plan: Planned, now: str, more: dict[str, list[tuple[Any, ...]]]
) -> None:
    """Add what checks of other blocks ask of a resource that is written."""
    model, id, changes = resource.model, resource.id, plan.changes
    if model is FollowUp:
        finding = finding_of(cast("FollowUpValues", {"recorded_at": now, **plan.result}), id)
        if finding is not None:
            more["finding"].append((resource.values["clause"], *_columns(finding)))
    elif model is Source and changes.keys() & {"char_count", "text"}:
        count, text = (
            ("char_count" in changes, changes.get("char_count")),
            ("text" in changes, changes.get("text")),
        )
        more["source"].append((id, *count, *text))
    elif model is Party and "successor" in changes:
        more["successor"].append((id, changes["successor"]))
    if plan.now is not None and not (SPAN if model in SPANS_IN else {"series"}).isdisjoint(changes):
        more["moved"].append((_text(resource.key),))


def _columns(finding: Finding) -> tuple[str, ...]:
    at = (finding.effective_latest, finding.checked_on, finding.recorded_at)
    return (finding.track, finding.status, *at, finding.id)


def _text(key: Key) -> str:
    return f"{key[0]} {key[1]}"


def _key(text: str) -> Key:
    table, _, id = text.partition(" ")
    return table, id


def _listed(keys: Iterable[Key]) -> str:
    return json.dumps([_text(key) for key in keys])


_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8192;
CREATE TABLE document (number INTEGER PRIMARY KEY, places BLOB, resources BLOB);
CREATE TABLE resource (key TEXT PRIMARY KEY, digest BLOB, document INTEGER, path BLOB, file TEXT, line INTEGER,
    block INTEGER, kind TEXT, gone INTEGER, stored INTEGER) WITHOUT ROWID;
CREATE TABLE source (id TEXT PRIMARY KEY, gives_count INTEGER, char_count INTEGER, gives_text INTEGER, text TEXT);
CREATE TABLE successor (id TEXT PRIMARY KEY, successor TEXT);
CREATE TABLE moved (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE finding (clause TEXT, track TEXT, status TEXT, effective_latest TEXT, checked_on TEXT,
    recorded_at TEXT, id TEXT, PRIMARY KEY (clause, id)) WITHOUT ROWID;
CREATE TABLE missing (block INTEGER, "table" TEXT, id TEXT, agreement TEXT, file TEXT);
"""
_WIDTHS = {"source": 5, "successor": 2, "moved": 1, "finding": 7}
"""How many columns the tables of what is planned have."""
_AMONG = " IN (SELECT value FROM json_each(?))"
_STAGED = "SELECT key, file, line, block, kind, gone, stored FROM resource WHERE key" + _AMONG
_AROUND = (
    "SELECT key FROM resource WHERE key >= ? ORDER BY key LIMIT ?",
    "SELECT key FROM resource WHERE key < ? ORDER BY key DESC LIMIT ?",
)
_MISSING = """
SELECT "table", id, agreement, file FROM missing
WHERE block = ? AND NOT EXISTS (SELECT 1 FROM resource WHERE key = "table" || ' ' || id) ORDER BY rowid
"""
