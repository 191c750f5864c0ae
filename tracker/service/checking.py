"""Whether what is stored still holds: the chains of history, the spans, the current statuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import astuple
from hashlib import sha256
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import bindparam, select

from tracker.database import Database
from tracker.models import Change, ChangeText, Clause, FollowUp, Quote, Source, table_of
from tracker.models.columns import LARGEST_NUMBER
from tracker.service.history import COLUMNS, digest
from tracker.service.spans import spans_against
from tracker.service.statuses import Finding, current
from tracker.statements import Row, Statement

BLOCK = 1_000
"""How many rows are read at once."""


class Reads(Protocol):
    """What statements are read from: a database, or one transaction in which nothing moves."""

    def rows(self, statement: Statement, *values: Any) -> list[Row]:
        """Execute a statement and give all its rows."""
        ...


def problems(database: Database) -> Iterator[str]:
    """Give a sentence for each thing that does not hold; none when all is well."""
    yield from history_problems(database)
    yield from span_problems(database)
    yield from status_problems(database)


def history_problems(database: Reads) -> Iterator[str]:
    """Verify every entry of history: its place, its chain, its digest, its texts."""
    ends: dict[tuple[str, str], tuple[int, str | None]] = {}
    expected = 1
    for block in _blocks(database, _CHANGES, 0):
        texts = _texts(database, block[0][0], block[-1][0])
        for row in block:
            entry = dict(zip(COLUMNS, row, strict=True))
            where = f"history {entry['place']} ({entry['action']} {entry['resource']} {entry['resource_id']})"
            if entry["place"] != expected:
                yield f"{where}: the entry before it is missing, place {expected}"
            expected = entry["place"] + 1
            root = (entry["root_kind"], entry["root"])
            sequence, previous = ends.get(root, (0, None))
            if (entry["sequence"], entry["previous"]) != (sequence + 1, previous):
                yield f"{where}: it does not follow the entry before it in the chain of {entry['root']}"
            if digest(entry) != entry["digest"]:
                yield f"{where}: its content does not have its digest"
            yield from (f"{where}: {each}" for each in _text_problems(entry, texts.get(entry["place"], {})))
            ends[root] = (entry["sequence"], entry["digest"])


def head(database: Reads, at: int | None = None) -> tuple[int, str]:
    """Give the head of history: the last place, at most ``at``, and one digest of all entries up to it.

    The digest is SHA-256 over the entries' digests in the order of their places. Published elsewhere, it
    proves later that nothing before it was changed or cut off, and that nothing was put in.
    """
    last, together = 0, sha256()
    while rows := database.rows(_DIGESTS, last, LARGEST_NUMBER if at is None else at, BLOCK * 10):
        together.update(bytes.fromhex("".join(digest for _, digest in rows)))
        last = rows[-1][0]
    return last, together.hexdigest()


def head_problems(database: Database, place: int, expected: str) -> Iterator[str]:
    """Verify history against a head that was published earlier."""
    last, found = head(database, place)
    if last < place:
        yield f"history ends at {last}; the head was taken at {place}: its tail was cut off"
    elif found != expected:
        yield f"history up to {place} has the digest {found}, not {expected}: it is another history"


def span_problems(database: Database) -> Iterator[str]:
    """Verify the spans of clauses and quotes whose source's text or length is stored."""
    for model, statement in _SPANS.items():
        last = ""
        while rows := database.rows(statement, last, BLOCK):
            last = rows[-1][0]
            for id, text, source, start, end, char_count, source_text in rows:
                values = {"text": text, "source": source, "start": start, "end": end}
                for fault in spans_against(values, char_count, source_text):
                    yield f"{model.noun} {id}: {fault.detail}"


def status_problems(database: Database) -> Iterator[str]:
    """Verify that each clause's current statuses are what its follow-ups say."""
    last = ""
    while rows := database.rows(_STATUSES, last, BLOCK):
        found = _findings(database, last, rows[-1][0])
        last = rows[-1][0]
        for id, *stored in rows:
            computed = astuple(current(found.get(id, ())))
            if tuple(stored) != computed:
                yield f"clause {id}: its statuses are {stored}, its follow-ups say {list(computed)}"


def text_problems(database: Database, source: str, text: str) -> Iterator[str]:
    """Prove a source against a text: its SHA-256, its length, every span of a clause or quote.

    ``text`` is decoded, without BOM, with LF line ends, in NFC (design §3).
    """
    found = database.rows(_SOURCE, source)
    if not found:
        yield f"there is no source {source}"
        return
    char_count, stored = found[0]
    if char_count is not None and len(text) != char_count:
        yield f"source {source}: the text has {len(text)} characters, char_count is {char_count}"
    if stored is not None and (actual := sha256(text.encode()).hexdigest()) != stored:
        yield f"source {source}: the text's SHA-256 is {actual}, not {stored}"
    for model, statement in _SPANS_OF.items():
        for id, words, start, end in database.rows(statement, source):
            values = {"text": words, "source": source, "start": start, "end": end}
            for fault in spans_against(values, len(text), text):
                hint = "" if fault.hint is None else f"; {fault.hint}"
                yield f"{model.noun} {id}: {fault.detail}{hint}"


def spans_proved(database: Database, source: str) -> int:
    """Count the spans that refer to a source."""
    return sum(len(database.rows(statement, source)) for statement in _SPANS_OF.values())


def _text_problems(entry: dict[str, Any], texts: dict[str, tuple[str | None, str | None]]) -> Iterator[str]:
    said = set(_SEALED.findall((entry["before"] or "") + (entry["after"] or "")))
    if entry["comment"] is not None:
        said.add(entry["comment"])
    for each in sorted(said ^ texts.keys()):
        yield f"the text with digest {each[:12]}… is {'missing' if each in said else 'not of this entry'}"
    for each, (salt, text) in texts.items():
        if (salt is None) != (text is None):
            yield f"the text with digest {each[:12]}… is erased by half"
        elif salt is not None and text is not None and not _is_sealed(each, salt, text):
            yield f"the text with digest {each[:12]}… is not the one that was written"


def _is_sealed(digest: str, salt: str, text: str) -> bool:
    """Whether a text with its salt has a digest."""
    return bool(_HEX.fullmatch(salt)) and sha256(bytes.fromhex(salt) + text.encode()).hexdigest() == digest


def _blocks(database: Reads, statement: Statement, last: Any) -> Iterator[list[Row]]:
    while rows := database.rows(statement, last, BLOCK):
        last = rows[-1][0]
        yield rows


def _texts(database: Reads, first: int, last: int) -> dict[int, dict[str, tuple[str | None, str | None]]]:
    rows = database.rows(_TEXTS, first, last)
    return {
        place: {row[1]: (row[2], row[3]) for row in group}
        for place, group in groupby(rows, key=lambda row: row[0])
    }


def _findings(database: Database, after: str, until: str) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for clause, *rest in database.rows(_FINDINGS, after, until):
        found.setdefault(clause, []).append(Finding(*rest))
    return found


_SEALED = re.compile(r'\{"sha256":"([0-9a-f]{64})"\}')
_HEX = re.compile("[0-9a-f]{32}")
_CHANGES = Statement(
    select(*table_of(Change).columns)
    .where(Change.place > bindparam("after"))
    .order_by(Change.place)
    .limit(bindparam("limit")),
    "after",
    "limit",
)
_DIGESTS = Statement(
    select(Change.place, Change.digest)
    .where(Change.place > bindparam("after"), Change.place <= bindparam("until"))
    .order_by(Change.place)
    .limit(bindparam("limit")),
    "after",
    "until",
    "limit",
)
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.salt, ChangeText.text)
    .where(ChangeText.change.between(bindparam("first"), bindparam("last")))
    .order_by(ChangeText.change),
    "first",
    "last",
)
_SOURCE = Statement(select(Source.char_count, Source.sha256).where(Source.id == bindparam("id")), "id")
_SPANS = {
    model: Statement(
        select(model.id, model.text, model.source, model.start, model.end, Source.char_count, Source.text)
        .join(Source, Source.id == model.source)
        .where(model.id > bindparam("after"))
        .order_by(model.id)
        .limit(bindparam("limit")),
        "after",
        "limit",
    )
    for model in (Clause, Quote)
}
_SPANS_OF = {
    model: Statement(
        select(model.id, model.text, model.start, model.end)
        .where(model.source == bindparam("source"))
        .order_by(model.agreement, model.number),
        "source",
    )
    for model in (Clause, Quote)
}
_STATUSES = Statement(
    select(
        Clause.id,
        Clause.reported_status,
        Clause.verified_status,
        Clause.status,
        Clause.met_on,
        Clause.reviewed_on,
    )
    .where(Clause.id > bindparam("after"))
    .order_by(Clause.id)
    .limit(bindparam("limit")),
    "after",
    "limit",
)
_follow_ups = table_of(FollowUp).c
_FINDINGS = Statement(
    select(
        _follow_ups.clause,
        _follow_ups.track,
        _follow_ups.status,
        _follow_ups.effective_on_latest,
        _follow_ups.checked_on,
        _follow_ups.recorded_at,
        _follow_ups.id,
    ).where(_follow_ups.clause > bindparam("after"), _follow_ups.clause <= bindparam("until")),
    "after",
    "until",
)
