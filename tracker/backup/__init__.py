"""Backups of a register in use, restoring them, copying it to another database.

``back_up`` and ``restore`` stay with one engine; ``copy`` leads from any to any.
"""

from __future__ import annotations

from pathlib import Path

from tracker.backup import postgresql, sqlite
from tracker.backup.copying import Copied, copy
from tracker.backup.files import ENGINES, destination, engine_of
from tracker.backup.restored import Restored
from tracker.backup.verifying import contents
from tracker.database.engine import Database
from tracker.errors import Conflict

__all__ = ["Copied", "Restored", "back_up", "contents", "copy", "restore"]


def back_up(database: Database, file: Path, *, replace: bool = False) -> Path:
    """Write one self-contained file that holds everything as of one moment; return its path.

    It takes its name when it is whole and on disk, readable by its owner alone. Others go on reading
    and writing meanwhile. Raises Conflict for a file that is there already, unless ``replace``.
    """
    path = destination(file, database, replace=replace)
    if database.is_sqlite:
        sqlite.back_up(database, path, replace=replace)
    else:
        postgresql.back_up(database, path, replace=replace)
    return path


def restore(database: Database, file: Path, *, replace: bool = False) -> Restored:
    """Put a backup in the place of a database, once it is verified; what it replaces is kept beside it.

    All or nothing, while others read and write. An older schema is brought up to this program's.
    Raises Malformed for what is no backup, Conflict where the database holds anything and not
    ``replace``, NotReady for a newer schema.
    """
    engine = engine_of(file)
    own = "sqlite" if database.is_sqlite else "postgresql"
    if engine != own:
        raise Conflict(
            f"{file} is a backup of {ENGINES[engine]}, and TRACKER_DATABASE_URL names {ENGINES[own]}",
            hint="restore it into a database of its own engine, then `tracker db copy --to URL` moves it",
        )
    if database.is_sqlite:
        return sqlite.restore(database, file, replace=replace)
    return postgresql.restore(database, file, replace=replace)
