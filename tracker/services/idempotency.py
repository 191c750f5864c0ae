"""Idempotency keys: a POST that is sent again is told what it was told the first time.

As the IETF draft "The Idempotency-Key HTTP Header Field" has it. A key belongs to its token. The answer
is kept in the transaction of the write that it tells of, for a day.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, delete, func, insert, select, update

from tracker import dates
from tracker.database.changes import Change
from tracker.database.statements import Statement
from tracker.models import IdempotencyKey, fields_of, table_of
from tracker.queries.representation import encoder

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered; ``request`` is the SHA-256 of its address and body."""

    request: str
    status: int
    answer: str
    location: str | None
    etag: str | None


def is_first(change: Change, token: str, key: str) -> bool:
    """Return whether no other transaction is at work on this key; then none will be until this one ends.

    On SQLite there is one writer at a time anyway.
    """
    if change.is_sqlite:
        return True
    digest = hashlib.sha256(f"{token} {key}".encode()).digest()
    return bool(change.rows(_HOLD, int.from_bytes(digest[:8], "big", signed=True))[0][0])


def answered(change: Change, token: str, key: str) -> Answered | None:
    """Return what a key was answered within the last day, or None; what is older is removed in passing."""
    change.count(_FORGET, dates.instant_before(KEPT))
    rows = change.rows(_ANSWERED, token, key)
    return Answered(*rows[0]) if rows else None


def keep(change: Change, token: str, key: str, given: Answered) -> None:
    """Keep an answer, in the transaction of what it tells."""
    change.count(_KEEP, token, key, *astuple(given), dates.utc_now())


def forget(change: Change, texts: Iterable[str]) -> None:
    """Forget every answer that holds one of these texts, which history has erased."""
    for words in texts:
        change.count(_FORGET_TEXT, _pattern(words))


def erase(change: Change, texts: Collection[str]) -> None:
    """Take texts that were cleared out of every answer; its key still names the request."""
    erased = frozenset(texts)
    for words in erased:
        for token, key, answer in change.rows(_HOLDING, _pattern(words)):
            rest = encoder.encode(_without(msgspec.json.decode(answer), erased)).decode()
            change.count(_REPLACE, rest, token, key)


def _pattern(text: str) -> str:
    """Return what an answer is LIKE that holds a text."""
    # As JSON has it; the beginning of a long text is enough, and all that SQLite compares at once.
    beginning = encoder.encode(text)[1:-1].decode()[:1_000]
    return "%" + re.sub(r"([%_!])", r"!\1", beginning) + "%"


def _without(value: Any, texts: frozenset[str]) -> Any:
    """Return a value of JSON with null for each of some texts."""
    if isinstance(value, dict):
        return {name: _without(inner, texts) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, texts) for inner in value]
    return None if isinstance(value, str) and value in texts else value


_keys = table_of(IdempotencyKey).c
_HOLD = Statement(select(func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger))), "key")
_FORGET = Statement(delete(table_of(IdempotencyKey)).where(_keys.created_at <= bindparam("oldest")), "oldest")
_FORGET_TEXT = Statement(
    delete(table_of(IdempotencyKey)).where(_keys.answer.like(bindparam("pattern"), escape="!")), "pattern"
)
_HOLDING = Statement(
    select(_keys.token, _keys.key, _keys.answer).where(_keys.answer.like(bindparam("pattern"), escape="!")),
    "pattern",
)
_REPLACE = Statement(
    update(table_of(IdempotencyKey))
    .where(_keys.token == bindparam("of_token"), _keys.key == bindparam("of_key"))
    .values(answer=bindparam("rest")),
    "rest",
    "of_token",
    "of_key",
)
_ANSWERED = Statement(
    select(_keys.request, _keys.status, _keys.answer, _keys.location, _keys.etag).where(
        _keys.token == bindparam("token"), _keys.key == bindparam("key")
    ),
    "token",
    "key",
)
_KEEP = Statement(
    insert(table_of(IdempotencyKey)).values({name: bindparam(name) for name in fields_of(IdempotencyKey)}),
    *fields_of(IdempotencyKey),
)
