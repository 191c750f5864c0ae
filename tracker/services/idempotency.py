"""Idempotency keys: a POST that is sent again is told what it was told the first time.

As the IETF draft "The Idempotency-Key HTTP Header Field" has it. A key belongs to its token. The answer
is kept in the transaction of the write that it tells of, for a day.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, bindparam, delete, func, insert, select

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
        # As JSON has it; the beginning of a long text is enough, and all that SQLite compares at once.
        beginning = encoder.encode(words)[1:-1].decode()[:1_000]
        escaped = re.sub(r"([%_!])", r"!\1", beginning)
        change.count(_FORGET_TEXT, f"%{escaped}%")


_keys = table_of(IdempotencyKey).c
_HOLD = Statement(select(func.pg_try_advisory_xact_lock(bindparam("key", type_=BigInteger))), "key")
_FORGET = Statement(delete(table_of(IdempotencyKey)).where(_keys.created_at <= bindparam("oldest")), "oldest")
_FORGET_TEXT = Statement(
    delete(table_of(IdempotencyKey)).where(_keys.answer.like(bindparam("pattern"), escape="!")), "pattern"
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
