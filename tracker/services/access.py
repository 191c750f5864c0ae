"""Tokens: who may do what. Only a digest of the secret is stored."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import closing, suppress
from dataclasses import astuple, dataclass
from typing import Any, cast

from sqlalchemy import bindparam, insert, or_, select, update

from tracker import dates
from tracker.codes import ROLE
from tracker.database.changes import Change, Scope
from tracker.database.engine import Database, driver, sqlite_connection
from tracker.database.statements import Row, Statement
from tracker.errors import (
    Conflict,
    Fault,
    Invalid,
    NotFound,
    Refused,
    TrackerError,
    Unauthenticated,
)
from tracker.models import Party, Token, fields_of, shown_fields, table_of
from tracker.models.columns import Day
from tracker.models.values import ResourceValues
from tracker.queries.merged import standing
from tracker.services import history
from tracker.services.resources import existing

PREFIX = "trk_"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a token says one is; ``token`` is its public id."""

    name: str
    role: str
    token: str
    scope: Scope | None
    """The only follow-ups that it may write; None where it may write all that its role may."""

    def must_be(self, role: str) -> None:
        """Raise Refused unless this role includes the one that is needed."""
        order = ROLE.codes
        if order.index(self.role) < order.index(role):
            raise Refused(
                f"this needs the role {role}; the token of {self.name} has {self.role}",
                hint=f"`tracker token create --role {role} --name NAME` makes one",
            )


def holder(database: Database, secret: str) -> Holder:
    """Return who holds a secret, and note the day; raises Unauthenticated for one that opens nothing."""
    result = database.rows(_BY_SECRET, _digest(secret))
    if not result:
        raise Unauthenticated(
            "the token is unknown or revoked", hint="ask the administrator of this register for one"
        )
    name, role, id, expires_on, last_used_on, *limits = result[0]
    today = dates.today(database.time_zone)
    if expires_on is not None and expires_on < today:
        raise Unauthenticated(
            f"the token has expired: it was valid until {expires_on}",
            hint="ask the administrator of this register for another one",
        )
    if last_used_on is None or last_used_on < today:
        _note_use(database, id, today)
    return Holder(name, role, id, Scope(*limits) if any(limits) else None)


def create_token(
    change: Change,
    name: str,
    role: str,
    track: str | None = None,
    *,
    party: str | None = None,
    department: str | None = None,
    expires_on: str | None = None,
) -> str:
    """Make a token and give its secret, 256 random bits; it cannot be read again.

    Raises NotFound for a party that is not there, Conflict for a name that a valid token has, Invalid for a
    day that has passed, or a scope with another role than editor.
    """
    scope = Scope(track, party, department)
    faults = []
    if any(astuple(scope)) and role != "editor":
        detail = f"a token that may write some follow-ups only has the role editor, not {role}"
        faults.append(Fault("scope_of_role", detail))
    if expires_on is not None and expires_on < change.today:
        faults.append(Fault("in_past", f"the token would have expired on {expires_on}, before today"))
    if faults:
        raise Invalid(faults)
    if party is not None:
        existing(change, Party, party)
    if taken := change.rows(_NAMED, name):
        raise Conflict(
            f"{name} holds the token {taken[0][0]}, and history shows the name alone",
            hint=f"choose another name, or `tracker token revoke {taken[0][0]}` first",
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    values: dict[str, Any] = {
        "id": secrets.token_hex(4),
        "name": name,
        "role": role,
        "track": track,
        "party": party,
        "department": department,
        "expires_on": expires_on,
        "created_at": dates.utc_now(),
        "created_by": change.who.name,
    }
    stored = values | {"secret_sha256": _digest(secret)}
    change.count(_INSERT, *(stored.get(column) for column in fields_of(Token)))
    _record(change, "create", None, values | {"revoked_at": None})
    return secret


def revoke_token(change: Change, id: str) -> None:
    """Revoke a token by its public id; raises NotFound where there is none that is valid."""
    now = dates.utc_now()
    before = [token for token in _listed(change.rows(_ALL)) if token["id"] == id]
    if change.count(_REVOKE, now, id) != 1:
        raise NotFound(f"there is no valid token {id}", hint="see `tracker token list`")
    _record(change, "update", before[0], before[0] | {"revoked_at": now})


def tokens(database: Database) -> list[dict[str, object]]:
    """Return every token that was ever made, without secrets."""
    return _listed(database.rows(_ALL))


def _listed(rows: list[Row]) -> list[dict[str, object]]:
    return [dict(zip(LISTED, row, strict=True)) for row in rows]


def _record(change: Change, action: str, before: dict[str, object] | None, after: dict[str, object]) -> None:
    key = (Token.__tablename__, str(after["id"]))
    sides = (
        None if side is None else history.snapshot(key[0], cast("ResourceValues", side))
        for side in (before, after)
    )
    history.record(change, key, action, key, *sides)


def _note_use(database: Database, token: str, today: str) -> None:
    """Note that a token was used on a day, if nobody has to wait for it; else the next request does."""
    if not database.is_sqlite:
        with suppress(TrackerError):
            database.rows(_USED, today, token)
        return
    with suppress(driver.Error), closing(sqlite_connection(database.path)) as raw:
        raw.execute("PRAGMA busy_timeout = 0")
        raw.execute(*_USED.prepared(database.engine, (today, token)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


LISTED = tuple(shown_fields(Token))
"""What is shown of a token."""
_columns = table_of(Token).c
_BY_SECRET = Statement(
    select(
        *(_columns[name] for name in ("name", "role", "id", "expires_on", "last_used_on", "track")),
        standing(_columns.party),
        _columns.department,
    ).where(_columns.secret_sha256 == bindparam("digest"), _columns.revoked_at.is_(None)),
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
_NAMED = Statement(
    select(_columns.id).where(_columns.name == bindparam("name"), _columns.revoked_at.is_(None)), "name"
)
_USED = Statement(
    update(table_of(Token))
    .where(
        _columns.id == bindparam("token_id"),
        or_(_columns.last_used_on.is_(None), _columns.last_used_on < bindparam("today", type_=Day)),
    )
    .values(last_used_on=bindparam("today", type_=Day))
    .returning(_columns.id),
    "today",
    "token_id",
)
_ALL = Statement(select(*(_columns[name] for name in LISTED)).order_by(_columns.created_at, _columns.id))
