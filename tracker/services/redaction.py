"""Redaction: erasing texts from history, for a court order or a request of privacy.

History keeps each free text as a salted digest, with text and salt beside it. Erasing those two leaves
the digest, so the chains still verify and nobody can guess the text from it. The redaction is itself a
change. What a thing says today is not touched: it has to be changed or removed first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, null, select, update

from tracker.database.changes import Change
from tracker.database.statements import Row, Statement
from tracker.errors import Conflict, Fault, Invalid, nearest
from tracker.models import ChangeText, HistoryEntry, Resource, fields_of, table_of
from tracker.queries.history import places_of
from tracker.queries.representation import current
from tracker.services import history, idempotency
from tracker.services.resources import missing

COMMENT = "comment"
"""The name by which the comments of a thing's changes are redacted."""


def redact(
    change: Change,
    model: type[Resource],
    id: str,
    *,
    fields: Sequence[str] = (),
    changes: Sequence[int] = (),
) -> int:
    """Erase from history the texts that a thing once had and says no longer; give how many were erased.

    ``fields`` limits that to some fields (`comment` for what was said of its changes), ``changes`` to some
    entries. Raises NotFound where history has nothing of the thing, Invalid for a field without texts,
    Conflict where the thing still says all that is left of them.
    """
    _check(model, fields)
    places = places_of(change.rows, model, id)
    now = current(change, model, id)
    if not places and now is None:
        raise missing(lambda *_: [], model, id)
    entries = [change.rows(_ENTRY, place)[0] for place in places if not changes or place in changes]
    found = {sealed for entry in entries for sealed in _sealed(entry, model.__tablename__, id, fields)}
    texts = {sealed: row[0][0] for sealed in found if (row := change.rows(_TEXT, *sealed))}
    there = [sealed for sealed, text in texts.items() if text is not None]
    said_today = set(_words(now))
    erased = [sealed for sealed in there if texts[sealed] not in said_today]
    if there and not erased:
        detail = f"{model.noun} {id} still says so today"
        raise Conflict(detail, hint="change or remove it first; then redact what history holds of it")
    for sealed in sorted(erased):
        change.count(_ERASE, *sealed)
    idempotency.forget(change, {str(texts[sealed]) for sealed in erased})
    if erased:
        root = (str(entries[0][1]), str(entries[0][2]))
        history.record(change, root, "redact", (model.__tablename__, id), None, None)
    return len(erased)


def _check(model: type[Resource], fields: Sequence[str]) -> None:
    lists = [nested.name for nested in model.nested if nested.scalar is None]
    known = [*(name for name, field in fields_of(model).items() if field.free), *lists, COMMENT]
    faults = [
        Fault(
            "unknown_field",
            f"`{name}` of {model.noun} holds no text that could be redacted",
            nearest(name, known) or f"one of {', '.join(known)}",
        )
        for name in fields
        if name not in known
    ]
    if faults:
        raise Invalid(faults)


def _sealed(entry: Row, table: str, id: str, fields: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give place and digest of each text that an entry holds of a thing."""
    place, _, _, before, after, comment = entry
    for side in (before, after):
        things = {} if side is None else msgspec.json.decode(side)
        for name, value in things.get(table, {}).get(id, {}).items():
            if not fields or name in fields:
                yield from ((place, digest) for digest in _digests(value))
    if comment is not None and COMMENT in fields:
        yield place, comment


def _digests(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.keys() == {"sha256"}:
            yield value["sha256"]
        else:
            yield from (digest for each in value.values() for digest in _digests(each))
    elif isinstance(value, list):
        yield from (digest for each in value for digest in _digests(each))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (words for each in value.values() for words in _words(each))
    elif isinstance(value, list):
        yield from (words for each in value for words in _words(each))


_ENTRY = Statement(
    select(
        HistoryEntry.place,
        HistoryEntry.root_kind,
        HistoryEntry.root,
        HistoryEntry.before,
        HistoryEntry.after,
        HistoryEntry.comment,
    ).where(HistoryEntry.place == bindparam("place")),
    "place",
)
_texts = table_of(ChangeText).c
_TEXT = Statement(
    select(_texts.text).where(_texts.change == bindparam("place"), _texts.digest == bindparam("sealed")),
    "place",
    "sealed",
)
_ERASE = Statement(
    update(table_of(ChangeText))
    .where(_texts.change == bindparam("place"), _texts.digest == bindparam("sealed"))
    .values(text=null(), salt=null()),
    "place",
    "sealed",
)
