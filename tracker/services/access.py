"""Tokens: who may do what. Only a digest of the secret is stored."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select, update

from tracker import dates
from tracker.codes import ROLE
from tracker.database.changes import Change
from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.errors import NotFound, Refused, Unauthenticated
from tracker.models import Token, fields_of, table_of

PREFIX = "trk_"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a token says one is; ``token`` is its public id."""

    name: str
    role: str
    track: str | None
    token: str

    def must_be(self, role: str) -> None:
        """Raise Refused unless this role includes the one that is needed."""
        order = ROLE.codes
        if order.index(self.role) < order.index(role):
            raise Refused(
                f"this needs the role {role}; the token of {self.name} has {self.role}",
                hint=f"`tracker token create --role {role} --name NAME` makes one",
            )


def holder(database: Database, secret: str) -> Holder:
    """Return who holds a secret; raises Unauthenticated for one that is unknown or revoked."""
    result = database.rows(_BY_SECRET, _digest(secret))
    if not result:
        raise Unauthenticated(
            "the token is unknown or revoked", hint="ask the administrator of this register for one"
        )
    return Holder(*result[0])


def create_token(change: Change, name: str, role: str, track: str | None = None) -> str:
    """Make a token and give its secret, 256 random bits; it cannot be read again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    by = change.who.name
    values = (secrets.token_hex(4), name, role, track, _digest(secret), dates.utc_now(), by, None)
    change.count(_INSERT, *values)
    return secret


def revoke_token(change: Change, id: str) -> None:
    """Revoke a token by its public id; raises NotFound where there is none that is valid."""
    if change.count(_REVOKE, dates.utc_now(), id) != 1:
        raise NotFound(f"there is no valid token {id}", hint="see `tracker token list`")


def tokens(database: Database) -> list[dict[str, object]]:
    """Return every token that was ever made, without secrets."""
    return [dict(zip(LISTED, row, strict=True)) for row in database.rows(_ALL)]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


LISTED = ("id", "name", "role", "track", "created_at", "created_by", "revoked_at")
_columns = table_of(Token).c
_BY_SECRET = Statement(
    select(_columns.name, _columns.role, _columns.track, _columns.id).where(
        _columns.secret_sha256 == bindparam("digest"), _columns.revoked_at.is_(None)
    ),
    "digest",
)
_INSERT = Statement(
    insert(table_of(Token)).values({name: bindparam(name) for name in fields_of(Token)}), *fields_of(Token)
)
_REVOKE = Statement(
    update(table_of(Token))
    .where(_columns.id == bindparam("token_id"), _columns.revoked_at.is_(None))
    .values(revoked_at=bindparam("now", type_=_columns.revoked_at.type)),
    "now",
    "token_id",
)
_ALL = Statement(select(*(_columns[name] for name in LISTED)).order_by(_columns.created_at, _columns.id))
