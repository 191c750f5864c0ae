"""Backups of a SQLite file, and restoring them into a file that others may have open.

A restore does not put another file in the place of the old one: SQLite's backup writes the pages of the
new database into the old file in one transaction. Whoever has it open sees the old database until the
commit and the new one after it, nobody's write-ahead log ever meets another file's pages, and a kill at
any moment leaves one of the two. Only a file that SQLite itself cannot read is moved aside.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from tracker.backup.files import (
    BESIDE,
    on_disk,
    put,
    put_beside,
    temporary_file,
    whole_file,
    written,
)
from tracker.backup.restored import Restored, refuse_to_replace
from tracker.backup.verifying import broken_references, contents, refuse, verified
from tracker.database import migrations
from tracker.database.engine import WRITE_WAIT, Database, driver, open_database, sqlite_connection, translated
from tracker.errors import Fault, Malformed, NotReady, Unavailable

STEP = 256
"""How many pages are copied before writers get their turn: a megabyte, a few milliseconds."""
RESTARTS = 3
"""How often writers may make a backup begin anew; then they wait until it is done."""
PATIENCE = 30.0
"""Seconds that a restore waits for those who write or read."""
BUSY = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED."""


class _Moved(Exception):
    """The database changed so often that a backup in steps would never end."""


def back_up(database: Database, path: Path, *, replace: bool) -> None:
    """Copy a database as of one moment into a file of its own, whole or not at all."""
    if database.schema() is None:
        raise NotReady(f"the database at {database.place} has no tables of tracker")
    with whole_file(path, replace=replace) as partial, translated(database):
        copy_online(database.path, partial)
        with closing(_plain(partial)) as copied:
            problem = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise NotReady(
                f"the database at {database.place} is damaged: {problem}",
                hint="restore the last backup, and look at the disk; no backup was written",
            )


def restore(database: Database, file: Path, *, replace: bool) -> Restored:
    """Put a backup in the place of a database (see ``tracker.backup.restore``)."""
    path = database.path.resolve()
    if path.exists() and path.samefile(file):
        raise Malformed([Fault("not_a_backup", f"`{file}` is the database itself", "name a backup")])
    if not path.parent.is_dir():
        raise NotReady(f"there is no folder {path.parent} for the database", hint="make the folder")
    holds, readable = _contents(database)
    if holds is not None and not replace:
        refuse_to_replace(database.place, holds)
    with written(path), temporary_file(path) as partial:
        schema, counts = _prepared(file, partial)
        if readable:
            with translated(database):
                kept = _refill(path, partial, keep=path.stat().st_size > 0)
        else:
            kept = _replace(path, partial)
    database.ready()
    return Restored(counts, schema, None if kept is None else str(kept))


def copy_online(source: Path, target: Path, *, mode: str = "rw") -> None:
    """Copy a database that others write to, as of one moment, into a file without a log beside it.

    Whatever the file held is lost.

    With a write-ahead log nobody waits. With a rollback journal commits wait for a step at most, unless
    they have made the copy begin anew RESTARTS times: then it keeps its place until it is done.
    """
    with closing(_plain(source, mode)) as reader:
        if reader.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            with suppress(_Moved), _emptied(target) as copy:
                reader.backup(copy, pages=STEP, progress=_counting_restarts(), sleep=0.01)
                return
        with _emptied(target) as copy:
            _copy_held(reader, copy)


@contextmanager
def _emptied(target: Path) -> Iterator[Any]:
    """Open a copy's file from its beginning: half a copy in it may look like no database at all."""
    os.truncate(target, 0)
    with closing(_plain(target)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")  # a copy that is not whole is thrown away
        copy.execute("PRAGMA synchronous = OFF")
        yield copy
        copy.execute("PRAGMA journal_mode = DELETE")


def _copy_held(reader: Any, copy: Any) -> None:
    """Copy inside one transaction for reading: nothing that is written meanwhile makes it begin anew."""
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
    reader.backup(copy, pages=STEP, progress=_until(time.monotonic() + PATIENCE), sleep=0.01)
    reader.execute("COMMIT")


def _counting_restarts() -> Callable[[int, int, int], None]:
    restarts, last = 0, float("inf")
    deadline = _until(time.monotonic() + PATIENCE)

    def progress(status: int, left: int, total: int) -> None:
        nonlocal restarts, last
        deadline(status, left, total)
        if left > last:
            restarts += 1
            if restarts == RESTARTS:
                raise _Moved
        last = left

    return progress


def _until(deadline: float) -> Callable[[int, int, int], None]:
    def progress(status: int, _left: int, _total: int) -> None:
        if status in BUSY and time.monotonic() > deadline:
            raise Unavailable("the database is locked by another program", hint="nothing was changed")

    return progress


def _contents(database: Database) -> tuple[str | None, bool]:
    """Return what is there already, and whether SQLite can read it."""
    if not database.path.exists():
        return None, False
    unreadable = f"{database.path.stat().st_size:,} bytes that SQLite cannot read"
    try:
        with translated(database), closing(_plain(database.path)) as raw:
            raw.execute("PRAGMA schema_version").fetchone()
    except NotReady:
        return unreadable, False
    try:
        return contents(database), True
    except NotReady:
        return unreadable, True


def _prepared(file: Path, partial: Path) -> tuple[str, dict[str, int]]:
    """Copy a backup, bring its copy to this program's schema and verify it; give its own schema and counts."""
    address = URL.create("sqlite", database=str(partial)).render_as_string()
    new = open_database(address)
    try:
        copy_online(file, partial, mode=_mode_for(file))
        refuse(str(file), _damage(partial))
        schema = new.schema()
        if schema is None:
            raise Malformed([Fault("not_a_backup", f"`{file}` holds no tables of tracker")])
        migrations.upgrade(new, keep_copy=False)
        counts = verified(new, str(file))
    except (driver.Error, DBAPIError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise Malformed([Fault("not_whole", f"`{file}` cannot be read: {reason}")]) from error
    except NotReady as error:
        raise NotReady(error.detail.replace(new.place, str(file)), hint=error.hint) from error
    finally:
        new.close()
    with closing(_plain(partial)) as done:
        done.execute("PRAGMA journal_mode = DELETE")
    return schema, counts


def _damage(path: Path) -> Iterator[str]:
    with closing(_plain(path)) as raw:
        damage = [problem for (problem,) in raw.execute("PRAGMA integrity_check(5)") if problem != "ok"]
        if not damage:
            yield from broken_references(raw.execute("PRAGMA foreign_key_check").fetchall())
    for problem in damage:
        damage_found = problem.removeprefix("*** in database main ***\n").partition("\n")[0]
        yield f"the file is damaged: {damage_found}"


def _mode_for(file: Path) -> str:
    """Return the mode in which to open a backup, which may lie where nothing can be written."""
    lonely = not any(file.with_name(file.name + end).exists() for end in BESIDE)
    return "ro&immutable=1" if lonely else "rw"


def _refill(path: Path, new: Path, *, keep: bool) -> Path | None:
    """Write the pages of a new database into the file of the old one, in one transaction.

    What it replaces is copied when the lock for writing is held, so that no write is missing from it.
    """
    kept: list[Path] = []
    waiting = _until(time.monotonic() + PATIENCE)
    with ExitStack() as stack:
        source = stack.enter_context(closing(_plain(new)))
        raw = _Descriptor(path)
        # After the connection: closing any descriptor of a file ends all of a program's locks on it (POSIX).
        stack.callback(raw.close)
        target = stack.enter_context(closing(sqlite_connection(path)))
        _same_pages(source, target)
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        logged = target.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if not logged:
            raw.open()

        def progress(status: int, left: int, total: int) -> None:
            waiting(status, left, total)
            if keep and not kept and status not in BUSY:
                kept.append(_keep(path, raw.number))

        try:
            # One page first: a step that reached the last one would commit before the old is kept.
            source.backup(target, pages=1, progress=progress, sleep=0.01)
        except BaseException:
            for copy in kept:
                copy.unlink(missing_ok=True)
            raise
        if logged:
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return kept[0] if kept else None


@dataclass(slots=True)
class _Descriptor:
    """The file of a database, opened past SQLite."""

    path: Path
    number: int | None = None

    def open(self) -> None:
        self.number = os.open(self.path, os.O_RDONLY)

    def close(self) -> None:
        if self.number is not None:
            os.close(self.number)


def _same_pages(source: Any, target: Any) -> None:
    """Set the new database to the old one's page size, which a write-ahead log cannot change."""
    sizes = [raw.execute("PRAGMA page_size").fetchone()[0] for raw in (source, target)]
    if sizes[0] != sizes[1]:
        source.execute(f"PRAGMA page_size = {sizes[1]}")
        source.execute("VACUUM")


def _keep(path: Path, raw: int | None) -> Path:
    """Copy the old database while nobody can write to it.

    With a write-ahead log another connection reads what is committed. A rollback journal locks readers
    out, but so far the file's own bytes are what is committed.
    """
    with temporary_file(path) as partial:
        if raw is None:
            copy_online(path, partial)
        else:
            with open(raw, "rb", closefd=False) as old, partial.open("wb") as copy:
                old.seek(0)
                shutil.copyfileobj(old, copy, 1 << 20)
        on_disk(partial)
        return put_beside(partial, path)


def _replace(path: Path, new: Path) -> Path | None:
    """Put a file where none is, or where one is that SQLite cannot read; that one is moved aside with its log."""
    on_disk(new)
    if not path.exists():
        kept = _moved_log_of_nothing(path)
        put(new, path)
        return kept
    with path.open("r+b") as old:
        _refuse_if_open(old, path)
        shutil.copymode(path, new)
        with suppress(OSError):
            shutil.chown(new, path.stat().st_uid, path.stat().st_gid)
        kept = put_beside(path, path)
        _move_log(path, kept)
        put(new, path, replace=True)
        return kept


def _moved_log_of_nothing(path: Path) -> Path | None:
    """Move a log aside whose database is gone: SQLite would write it into the new one."""
    logs = [path.with_name(path.name + end) for end in BESIDE]
    if not any(log.exists() for log in logs):
        return None
    with temporary_file(path) as nothing:
        kept = put_beside(nothing, path)
    _move_log(path, kept)
    return kept


def _move_log(path: Path, kept: Path) -> None:
    for end in BESIDE:
        log = path.with_name(path.name + end)
        if log.exists():
            log.rename(kept.with_name(kept.name + end))


def _refuse_if_open(old: Any, path: Path) -> None:
    """Raise Unavailable where another program has the file open with a write-ahead log."""
    try:
        import fcntl
    except ImportError:  # Windows moves no file that is open
        return
    try:
        fcntl.lockf(old, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)  # where SQLite's readers hold theirs
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            return
        raise Unavailable(
            f"another program has {path} open, which SQLite cannot read", hint="stop the server first"
        ) from None


def _plain(path: Path, mode: str = "rw") -> Any:
    """Open a file without any setting of ours: it keeps its journal mode."""
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return driver.connect(address, uri=True, isolation_level=None, timeout=WRITE_WAIT)
