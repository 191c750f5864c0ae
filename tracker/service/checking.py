"""Whether what is stored still holds: the chains of history, the spans, the current statuses.

Whoever writes meanwhile is never accused: entries of history only follow one another, in the order of
their places, and what must agree with something else is read as of one moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

import msgspec
from sqlalchemy import bindparam, exists, select

from tracker.database import Database
from tracker.errors import TrackerError
from tracker.models import Change, ChangeText, Clause, FollowUp, Quote, Source, fields_of, table_of
from tracker.models.columns import LARGEST_NUMBER, Field
from tracker.service.history import COLUMNS
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
    """Verify every entry of history: its place, its chain, its digest, its texts.

    The first sentence names the first entry, in the order of places, that does not hold. A block is looked
    at as a whole, and entry by entry only where something in it does not hold.
    """
    ends: Ends = {}
    last = 0
    for block in _history(database):
        if isinstance(block, str):
            yield block
            continue
        rows, texts = block
        if (following := _ends_after(rows, texts, last, ends)) is None:
            yield from _block_problems(rows, texts, last, ends)
            following = {_root(row): (row[_SEQUENCE], row[_DIGEST]) for row in rows}
        ends |= following
        last = max(last, rows[-1][_PLACE])


def head(database: Reads, at: int | None = None) -> tuple[int, str]:
    """Give the head of history: the last place, at most ``at``, and one digest of all entries up to it.

    The digest is SHA-256 over the entries' digests in the order of their places. Published elsewhere, it
    proves later that nothing before it was changed or cut off, and that nothing was put in.
    """
    last, together = 0, sha256()
    while rows := database.rows(_DIGESTS, last, LARGEST_NUMBER if at is None else at, BLOCK * 10):
        together.update(b"".join(_bytes(digest) for _, digest in rows))
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
    while True:
        with database.snapshot() as rows:
            clauses = rows(_STATUSES, last, BLOCK)
            if not clauses:
                return
            found = _findings(rows(_FINDINGS, last, clauses[-1][0]))
        last = clauses[-1][0]
        for id, *stored in clauses:
            computed = astuple(current(found.get(id, ())))
            if tuple(stored) != computed:
                yield f"clause {id}: its statuses are {stored}, its follow-ups say {list(computed)}"


def text_problems(database: Database, source: str, text: str) -> Iterator[str]:
    """Prove a source against a text: its SHA-256, its length, every span of a clause or quote.

    ``text`` is decoded, without BOM, with LF line ends, in NFC (design §3).
    """
    with database.snapshot() as rows:
        found = rows(_SOURCE, source)
        spans = {model: rows(statement, source) for model, statement in _SPANS_OF.items()}
    if not found:
        yield f"there is no source {source}"
        return
    char_count, stored = found[0]
    if char_count is not None and len(text) != char_count:
        yield f"source {source}: the text has {len(text)} characters, char_count is {char_count}"
    if stored is not None and (actual := sha256(text.encode()).hexdigest()) != stored:
        yield f"source {source}: the text's SHA-256 is {actual}, not {stored}"
    for model, stored_spans in spans.items():
        for id, words, start, end in stored_spans:
            values = {"text": words, "source": source, "start": start, "end": end}
            for fault in spans_against(values, len(text), text):
                hint = "" if fault.hint is None else f"; {fault.hint}"
                yield f"{model.noun} {id}: {fault.detail}{hint}"


def spans_proved(database: Database, source: str) -> int:
    """Count the spans that refer to a source."""
    return sum(len(database.rows(statement, source)) for statement in _SPANS_OF.values())


def _history(database: Reads) -> Iterator[tuple[list[Row], list[Row]] | str]:
    """Give blocks of entries with their texts, in the order of places; instead of what is no entry, a sentence.

    Where a block cannot be read, it is read again in smaller ones, until the row that cannot is alone.
    """
    last, size = BEFORE_ALL, BLOCK
    while True:
        try:
            rows = database.rows(_CHANGES, last, size)
            texts = database.rows(_TEXTS, last, rows[-1][_PLACE]) if rows else []
        except TrackerError:
            if size == 1:
                last = database.rows(_NEXT_PLACE, last)[0][0]
                yield f"history {last}: it cannot be read"
            size = BLOCK if size == 1 else max(1, size // 10)
            continue
        if not rows:
            break
        last, size = rows[-1][_PLACE], BLOCK
        yield rows, texts
    # In one statement with the entries themselves, since some are being written.
    yield from map(_no_entry, (place for (place,) in database.rows(_ORPHANS, last)))


def _ends_after(rows: list[Row], texts: list[Row], last: int, ends: Ends) -> Ends | None:
    """Give the new ends of the chains that a block continues, or None where anything in it does not hold."""
    if _untyped(rows) or not _are_sealed(texts):
        return None
    following: Ends = {}
    said: list[str] = []
    places: list[int] = []
    for place, row in enumerate(rows, last + 1):
        root, digest = _root(row), row[_DIGEST]
        sequence, previous = following.get(root) or ends.get(root, NOTHING)
        if row[_PLACE] != place or row[_SEQUENCE] != sequence + 1 or row[_PREVIOUS] != previous:
            return None
        if _digest_of(row) != digest:
            return None
        own = sorted(_said(row))
        said += own
        places += [place] * len(own)
        following[root] = row[_SEQUENCE], digest
    are_there = said == [text[1] for text in texts] and places == [text[0] for text in texts]
    return following if are_there else None


def _block_problems(rows: list[Row], texts: list[Row], last: int, ends: Ends) -> Iterator[str]:
    """Say of each entry of a block what does not hold."""
    ends = dict(ends)
    own, untyped = _by_place(texts), _untyped(rows)
    for row in rows:
        place, root = row[_PLACE], _root(row)
        wrong = []
        if place != last + 1:
            wrong.append(
                f"the entry before it is missing, place {last + 1}"
                if place > last
                else "there is no such place"
            )
        sequence, previous = ends.get(root, NOTHING)
        if (row[_SEQUENCE], row[_PREVIOUS]) != (sequence + 1, previous):
            wrong.append(f"it does not follow the entry before it in the chain of {row[_ROOT]}")
        if place in untyped:
            wrong.append("it holds what is not of its columns' types")
            own.pop(place, None)
        else:
            if _digest_of(row) != row[_DIGEST]:
                wrong.append("its content does not have its digest")
            wrong += _text_problems(row, own.pop(place, ()))
        where = f"history {place} ({row[_ACTION]} {row[_RESOURCE]} {row[_RESOURCE_ID]})"
        yield from (f"{where}: {each}" for each in wrong)
        ends[root] = row[_SEQUENCE] if isinstance(row[_SEQUENCE], int) else 0, row[_DIGEST]
        last = max(last, place)
    yield from map(_no_entry, own)


def _no_entry(place: Any) -> str:
    return f"history {place}: there are texts of this place, and no entry"


def _by_place(rows: list[Row]) -> dict[Any, list[Row]]:
    return {place: list(group) for place, group in groupby(rows, key=itemgetter(0))}


def _untyped(rows: list[Row]) -> set[int]:
    """Give the places of the rows with a value that SQLite let into a column of another type."""
    try:
        msgspec.convert(rows, _BLOCK_TYPES)
    except msgspec.ValidationError:
        return {row[_PLACE] for row in rows if not _is_typed(row)}
    return set()


def _is_typed(row: Row) -> bool:
    try:
        msgspec.convert(row, _TYPES)
    except msgspec.ValidationError:
        return False
    return True


def _digest_of(row: Row) -> str:
    """Give the digest that an entry must have, as ``history.digest`` does: its JSON is spliced in, not read."""
    content = [*row[:_DIGEST]]
    for side in (_BEFORE, _AFTER):
        if (said := content[side]) is not None and said[:1] == "{":  # not `null`, which would read as nothing
            content[side] = msgspec.Raw(said)
    return sha256(_encode(_Content(*content))).hexdigest()


def _are_sealed(texts: list[Row]) -> bool:
    """Whether all texts have their digests, or are erased."""
    salts = []
    try:
        for _, digest, salt, text in texts:
            if text is not None or salt is not None:
                if sha256(bytes.fromhex(salt) + text.encode()).hexdigest() != digest:
                    return False
                salts.append(salt)
        # Else part of a text could stand in its salt, or a salt be written in other letters.
        together = "".join(salts)
        return {*map(len, salts)} <= {SALT_LENGTH} and bytes.fromhex(together).hex() == together
    except (TypeError, ValueError, AttributeError):  # half of one is missing, or it is something else
        return False


def _said(row: Row) -> list[str]:
    """Give the digests of the texts that an entry refers to."""
    said = [
        each[:64]
        for side in (row[_BEFORE], row[_AFTER])
        if side is not None
        for each in side.split('{"sha256":"')[1:]
        if each[64:66] == '"}'
    ]
    if row[_COMMENT] is not None:
        said.append(row[_COMMENT])
    return said


def _text_problems(row: Row, texts: Sequence[Row]) -> Iterator[str]:
    said, there = {*_said(row)}, {str(text[1]) for text in texts}
    for each in sorted(said ^ there):
        yield f"the text with digest {each[:12]}… is {'missing' if each in said else 'not of this entry'}"
    for _, digest, salt, text in texts:
        if (salt is None) != (text is None):
            yield f"the text with digest {digest[:12]}… is erased by half"
        elif salt is not None and not _is_sealed(digest, salt, text):
            yield f"the text with digest {digest[:12]}… is not the one that was written"


def _is_sealed(digest: str, salt: Any, text: Any) -> bool:
    """Whether a text with its salt has a digest."""
    if not (isinstance(salt, str) and isinstance(text, str) and _HEX.fullmatch(salt)):
        return False
    return sha256(bytes.fromhex(salt) + text.encode()).hexdigest() == digest


def _bytes(digest: Any) -> bytes:
    """Give the bytes that a digest stands for, or of whatever stands in its place."""
    try:
        return bytes.fromhex(digest)
    except (TypeError, ValueError):
        return repr(digest).encode()


def _findings(rows: list[Row]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for clause, *rest in rows:
        found.setdefault(clause, []).append(Finding(*rest))
    return found


def _type_of(field: Field) -> Any:
    kind = int if field.kind == "number" else str
    return kind if field.required else kind | None


Ends = dict[tuple[str, str], tuple[int, str | None]]
"""Sequence and digest of the last entry of each chain, by the table and id of its root."""
NOTHING: tuple[int, str | None] = (0, None)
"""The end of a chain that has no entry yet."""
SALT_LENGTH = 32
BEFORE_ALL = -LARGEST_NUMBER
"""Less than every place, those too that a constraint would refuse."""
# Columns are read in the order of canonical JSON, the digest of all others last.
_NAMES = (*sorted({*COLUMNS} - {"digest"}), "digest")
_PLACE, _ROOT, _SEQUENCE, _PREVIOUS, _DIGEST = map(
    _NAMES.index, ("place", "root", "sequence", "previous", "digest")
)
_ACTION, _RESOURCE, _RESOURCE_ID = map(_NAMES.index, ("action", "resource", "resource_id"))
_BEFORE, _AFTER, _COMMENT = map(_NAMES.index, ("before", "after", "comment"))
_root = itemgetter(_NAMES.index("root_kind"), _ROOT)
_Content = msgspec.defstruct("_Content", [(name, Any) for name in _NAMES[:_DIGEST]], gc=False)
_encode = msgspec.json.Encoder().encode
_TYPES: Any = tuple.__class_getitem__(tuple(_type_of(fields_of(Change)[name]) for name in _NAMES))
_BLOCK_TYPES: Any = list.__class_getitem__(_TYPES)
_HEX = re.compile("[0-9a-f]{32}")
_CHANGES = Statement(
    select(*(table_of(Change).c[name] for name in _NAMES))
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
_NEXT_PLACE = Statement(
    select(Change.place).where(Change.place > bindparam("after")).order_by(Change.place).limit(1), "after"
)
_TEXTS = Statement(
    select(ChangeText.change, ChangeText.digest, ChangeText.salt, ChangeText.text)
    .where(ChangeText.change > bindparam("after"), ChangeText.change <= bindparam("until"))
    .order_by(ChangeText.change, ChangeText.digest),
    "after",
    "until",
)
_ORPHANS = Statement(
    select(ChangeText.change)
    .where(ChangeText.change > bindparam("after"), ~exists().where(Change.place == ChangeText.change))
    .distinct()
    .order_by(ChangeText.change),
    "after",
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
