"""What the engines' own errors mean in the domain's words; nobody outside sees SQL or a constraint's name."""

from __future__ import annotations

import re

from sqlalchemy.exc import TimeoutError as PoolTimeout

from tracker.errors import Conflict, Contended, NotReady, TrackerError, Unavailable


def translation(error: BaseException, place: str, *, sqlite: bool) -> TrackerError:
    """Return what an error of SQLAlchemy or of a driver means; ``place`` names the database to its administrator."""
    original = getattr(error, "orig", None) or error
    if isinstance(error, PoolTimeout):
        return Unavailable("every connection to the database is in use", hint="try again in a moment")
    state = getattr(original, "sqlstate", None)
    message = str(original)
    if sqlite:
        matching = (entry for entry in _BY_SQLITE_MESSAGE if entry[0] in message)
    elif state:
        matching = (entry for entry in _BY_SQLSTATE if state.startswith(entry[0]))
    else:
        matching = (entry for entry in _BY_REFUSAL if re.search(entry[0], message))
    match = next(matching, None)
    if match is None:
        return Unavailable(f"the database at {place} does not answer", hint="try again in a moment")
    _, kind, detail = match
    if kind is NotReady:
        hint = "see `tracker db current` and `tracker db upgrade`"
        if detail.startswith("the file is not") or detail.endswith("damaged"):
            hint = "move it away and restore a backup, or name another one in TRACKER_DATABASE_URL"
        return NotReady(f"{place}: {detail}", hint=hint)
    if detail.endswith("read-only"):
        return kind(detail, hint="nothing was changed; make its file and folder writable, or its server")
    if issubclass(kind, Unavailable):
        return kind(detail, hint="nothing was changed; try again in a moment")
    return kind(detail, hint="read it again, then repeat the change")


_BY_SQLITE_MESSAGE: tuple[tuple[str, type[TrackerError], str], ...] = (
    ("UNIQUE constraint", Conflict, "something with that id was added at the same moment"),
    (
        "FOREIGN KEY constraint",
        Conflict,
        "something that it refers to, or that refers to it, has just changed",
    ),
    ("constraint failed", Conflict, "the change breaks a rule of the database"),
    ("append-only", Conflict, "history is append-only"),
    ("no such table", NotReady, "the database has no table of tracker that this needs"),
    ("no such column", NotReady, "the database has another schema than this program"),
    ("not a database", NotReady, "the file is not a database"),
    ("malformed", NotReady, "the database file is damaged"),
    ("readonly", Unavailable, "the database is read-only"),
    ("full", Unavailable, "the disk is full"),
    ("locked", Unavailable, "the database is locked by another program"),
    ("busy", Unavailable, "the database is busy"),
    ("interrupted", Unavailable, "the database took too long"),
    ("unable to open", Unavailable, "the database file cannot be opened"),
)
_BY_SQLSTATE: tuple[tuple[str, type[TrackerError], str], ...] = (
    ("23505", Conflict, "something with that id was added at the same moment"),
    ("23503", Conflict, "something that it refers to, or that refers to it, has just changed"),
    ("23", Conflict, "the change breaks a rule of the database"),
    ("22", Conflict, "a value does not fit its field"),
    ("P0001", Conflict, "history is append-only"),
    ("40", Contended, "too many changes at the same moment"),
    ("42P01", NotReady, "the database has no table of tracker that this needs"),
    ("42703", NotReady, "the database has another schema than this program"),
    ("3D000", NotReady, "the database server has no such database"),
    ("28", NotReady, "the database server refuses the user or the password"),
    ("25006", Unavailable, "the database is read-only"),
    ("53100", Unavailable, "the disk is full"),
    ("53", Unavailable, "the database server has no room for another connection"),
    ("55P03", Unavailable, "the database is locked by another program"),
    ("57014", Unavailable, "the database took too long"),
)


_BY_REFUSAL: tuple[tuple[str, type[TrackerError], str], ...] = (
    (r'database ".*" does not exist', NotReady, "the database server has no such database"),
    (
        r'role ".*" does not exist|authentication failed|no password supplied|no pg_hba\.conf entry',
        NotReady,
        "the database server refuses the user or the password",
    ),
    (
        r"too many clients|connection slots",
        Unavailable,
        "the database server has no room for another connection",
    ),
)
"""What a PostgreSQL server says when it refuses a connection; there the driver gives no SQLSTATE."""
