"""What changed, who changed it, and who may."""

from __future__ import annotations

from sqlalchemy import DDL, Index, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped

from tracker import codes
from tracker.models import columns
from tracker.models.base import Base, table_of

_ON_CLAUSE = text("clause IS NOT NULL")
_IS_VALID = text("revoked_at IS NULL")


class HistoryEntry(Base):
    """One entry of the append-only history.

    ``digest`` is SHA-256 over the RFC 8785 JSON of the entry, ``previous`` included: one chain for
    each root. Free texts stand in ``before``, ``after`` and ``comment`` as salted digests.
    """

    __tablename__ = "change"

    position: Mapped[int] = columns.number(
        "its position in commit order, without gaps",
        name="place",
        low=1,
        required=True,
        primary_key=True,
        autoincrement=False,
    )
    root_kind: Mapped[str] = columns.token(20, "the kind of resource whose chain it stands in", required=True)
    root: Mapped[str] = columns.token(80, "the resource whose chain it stands in", required=True)
    sequence: Mapped[int] = columns.number("its number in that chain", low=1, required=True)
    at: Mapped[str] = columns.instant("when", required=True)
    actor: Mapped[str] = columns.token(200, "who", required=True)
    request: Mapped[str | None] = columns.token(100, "the request or run")
    action: Mapped[str] = columns.code(codes.ACTION, "what was done", required=True)
    resource: Mapped[str] = columns.token(20, "the kind of resource it was done to", required=True)
    resource_id: Mapped[str] = columns.token(92, "the resource it was done to", required=True)
    before: Mapped[str | None] = columns.words(0, "JSON: what stood before")
    after: Mapped[str | None] = columns.words(0, "JSON: what stands now")
    comment: Mapped[str | None] = columns.token(64, "digest of the comment")
    previous: Mapped[str | None] = columns.token(64, "digest of the entry before")
    digest: Mapped[str] = columns.token(64, "digest of this entry", required=True)

    __table_args__ = (UniqueConstraint("root_kind", "root", "sequence"),)


class ChangeResource(Base):
    """A resource that an entry of history holds something of, so that the resource's history is found.

    An entry has its root, what it was done to, and everything that stood or stands in it. It follows from
    the entry alone, and `tracker check` compares the two.
    """

    __tablename__ = "change_resource"

    change: Mapped[int] = columns.number(
        "the entry", low=1, required=True, primary_key=True, autoincrement=False
    )
    resource: Mapped[str] = columns.token(20, "the kind of resource", required=True, primary_key=True)
    resource_id: Mapped[str] = columns.token(92, "its id", required=True, primary_key=True)
    clause: Mapped[str | None] = columns.token(92, "of a follow-up: the clause that it is about")

    __table_args__ = (
        Index(None, "resource", "resource_id", "change"),
        Index(None, "clause", "change", sqlite_where=_ON_CLAUSE, postgresql_where=_ON_CLAUSE),
        {"sqlite_with_rowid": False},
    )


class ChangeText(Base):
    """A free text of a history entry with its salt; both can be erased, their digest stays."""

    __tablename__ = "change_text"

    change: Mapped[int] = columns.number(
        "the entry", low=1, required=True, primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = columns.token(64, "SHA-256 of salt and text", required=True, primary_key=True)
    salt: Mapped[str | None] = columns.token(32, "16 random bytes, in hex")
    text: Mapped[str | None] = columns.words(0, "the text")

    # A hidden rowid would be one more key by which INSERT OR REPLACE could take a row away.
    __table_args__ = ({"sqlite_with_rowid": False},)


class Token(Base):
    """Who may write, and what; the secret itself is never stored.

    ``party`` is no reference: a token that was revoked must not hold its party for ever.
    """

    __tablename__ = "token"

    id: Mapped[str] = columns.token(12, "a short public id", required=True, primary_key=True)
    name: Mapped[str] = columns.token(200, "who holds it, as history shows it", required=True)
    role: Mapped[str] = columns.code(codes.ROLE, "what it may do", required=True)
    track: Mapped[str | None] = columns.code(codes.TRACK, "the only track it may write")
    party: Mapped[str | None] = columns.token(80, "the only party whose word it may record")
    department: Mapped[str | None] = columns.token(200, "the only department for whose clauses it may write")
    expires_on: Mapped[str | None] = columns.day("the last day on which it opens anything")
    secret_sha256: Mapped[str] = columns.token(
        64, "SHA-256 of the secret", required=True, unique=True, hidden=True
    )
    created_at: Mapped[str] = columns.instant("when it was made", required=True)
    created_by: Mapped[str] = columns.token(200, "who made it", required=True)
    revoked_at: Mapped[str | None] = columns.instant("when it was revoked")
    last_used_on: Mapped[str | None] = columns.day("the last day on which it was used", in_history=False)

    # History shows the name alone, so no two hold one at the same time.
    __table_args__ = (Index(None, "name", unique=True, sqlite_where=_IS_VALID, postgresql_where=_IS_VALID),)


class IdempotencyKey(Base):
    """The answer to a POST, kept for a day, so that the same request again gets the same."""

    __tablename__ = "idempotency_key"

    token: Mapped[str] = columns.reference("token", "whose request it was", required=True, primary_key=True)
    key: Mapped[str] = columns.token(255, "what its client called it", required=True, primary_key=True)
    request: Mapped[str] = columns.token(64, "SHA-256 of its address and body", required=True)
    status: Mapped[int] = columns.number("the answer's status", low=200, required=True)
    answer: Mapped[str] = columns.words(0, "the answer's body", required=True)
    location: Mapped[str | None] = columns.words(2000, "the answer's Location")
    etag: Mapped[str | None] = columns.token(100, "the answer's ETag")
    created_at: Mapped[str] = columns.instant("when it was given", required=True)

    __table_args__ = (Index(None, "created_at"),)


def append_only(table: str, exists: str, erasable: str | None = None) -> dict[str, list[str]]:
    """Return the DDL that makes a table append-only, by engine.

    ``exists`` is the condition on NEW under which a row is already there; ``erasable`` the condition
    under which an UPDATE only erases, the one kind of UPDATE that is let through.
    """
    refuse = f"history is append-only: {table}"
    sqlite = [
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{refuse}'); END",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
        + (f" WHEN NOT ({erasable})" if erasable else "")
        + f" BEGIN SELECT RAISE(ABORT, '{refuse}'); END",
        f"CREATE TRIGGER {table}_no_overwrite BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {exists})"
        f" BEGIN SELECT RAISE(ABORT, '{refuse}'); END",
    ]
    body = f"RAISE EXCEPTION '{refuse}'"
    guard = f"IF TG_OP = 'UPDATE' THEN IF {erasable} THEN RETURN NEW; END IF; END IF; " if erasable else ""
    postgresql = [
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {guard}{body}; END $$",
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
    ]
    return {"sqlite": sqlite, "postgresql": postgresql}


TRIGGERS = {
    "change": append_only(
        "change",
        "place = NEW.place OR (root_kind = NEW.root_kind AND root = NEW.root AND sequence = NEW.sequence)",
    ),
    "change_text": append_only(
        "change_text",
        "change = NEW.change AND digest = NEW.digest",
        "NEW.text IS NULL AND NEW.salt IS NULL AND NEW.change = OLD.change AND NEW.digest = OLD.digest",
    ),
    "change_resource": append_only(
        "change_resource",
        "change = NEW.change AND resource = NEW.resource AND resource_id = NEW.resource_id",
    ),
}
"""The statements that make history append-only, by table and engine; the migration holds its own copy."""

for _table in (table_of(HistoryEntry), table_of(ChangeText), table_of(ChangeResource)):
    for _engine, _statements in TRIGGERS[_table.name].items():
        for _statement in _statements:
            _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy's
            event.listen(_table, "after_create", _ddl.execute_if(dialect=_engine))
