"""Redaction: erasing texts from history, for a court order or a request of privacy.

History keeps each free text as a salted digest, with text and salt beside it. Erasing those two leaves
the digest, so the chains still verify and nobody can guess the text from it. The redaction is itself a
change. What a resource says today is not touched: it has to be changed or removed first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import bindparam, null, select, update

from tracker.database.changes import Change
from tracker.database.statements import Row, Statement, no_rows
from tracker.errors import Conflict, Fault, Invalid, nearest
from tracker.models import ChangeText, HistoryEntry, Resource, fields_of, table_of
from tracker.queries.history import positions_of
from tracker.queries.representation import current
from tracker.services import history, idempotency
from tracker.services.resources import missing

TextKey = tuple[int, str]
"""The position of an entry, and the digest of one of its texts."""
COMMENT = "comment"
"""The name by which the comments of a resource's changes are redacted."""


def redact(
    change: Change,
    model: type[Resource],
    id: str,
    *,
    fields: Sequence[str] = (),
    changes: Sequence[int] = (),
) -> int:
    """Erase from history the texts that a resource once had and has no longer; return how many.

    ``fields`` limits that to some fields (`comment` for the comments on its changes), ``changes`` to some
    entries. Raises NotFound where history has nothing of the resource, Invalid for a field without texts,
    Conflict where the resource still has all that is left of them.
    """
    _check(model, fields)
    positions = positions_of(change.rows, model, id)
    now = current(change, model, id)
    if not positions and now is None:
        raise missing(no_rows, model, id)
    entries = [
        change.rows(_ENTRY, position)[0] for position in positions if not changes or position in changes
    ]
    keys = {key for entry in entries for key in _text_keys(entry, model.__tablename__, id, fields)}
    texts: dict[TextKey, str] = {
        key: text for key in keys for (text,) in change.rows(_TEXT, *key) if text is not None
    }
    texts_today = set(_texts_in(now))
    erased = [key for key, text in texts.items() if text not in texts_today]
    if texts and not erased:
        detail = f"{model.noun} {id} still says so today"
        raise Conflict(detail, hint="change or remove it first; then redact what history holds of it")
    for key in sorted(erased):
        change.count(_ERASE, *key)
    idempotency.forget(change, {texts[key] for key in erased})
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


def _text_keys(entry: Row, kind: str, id: str, fields: Sequence[str]) -> Iterator[TextKey]:
    """Yield the key of each text that an entry holds of a resource."""
    position, _, _, before, after, comment = entry
    for side in (before, after):
        snapshot = {} if side is None else msgspec.json.decode(side)
        for name, value in snapshot.get(kind, {}).get(id, {}).items():
            if not fields or name in fields:
                yield from ((position, digest) for digest in _digests(value))
    if comment is not None and COMMENT in fields:
        yield position, comment


def _digests(value: object) -> Iterator[str]:
    if isinstance(value, dict) and value.keys() == {"sha256"}:
        yield value["sha256"]
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _digests(inner)


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)


_ENTRY = Statement(
    select(
        HistoryEntry.position,
        HistoryEntry.root_kind,
        HistoryEntry.root,
        HistoryEntry.before,
        HistoryEntry.after,
        HistoryEntry.comment,
    ).where(HistoryEntry.position == bindparam("position")),
    "position",
)
_texts = table_of(ChangeText).c
_TEXT = Statement(
    select(_texts.text).where(_texts.change == bindparam("position"), _texts.digest == bindparam("digest")),
    "position",
    "digest",
)
_ERASE = Statement(
    update(table_of(ChangeText))
    .where(_texts.change == bindparam("position"), _texts.digest == bindparam("digest"))
    .values(text=null(), salt=null()),
    "position",
    "digest",
)
