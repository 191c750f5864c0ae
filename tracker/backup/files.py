"""Files that are whole or not there: written under a temporary name, on disk before they take their own."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker.database.engine import Database
from tracker.errors import Conflict, Fault, Malformed, NotReady

PARTIAL = ".partial"
"""How the name of a file ends that is not whole yet."""
FORGOTTEN = 24 * 3600
"""Seconds after which a file that is not whole yet belongs to nobody: whoever wrote it was killed."""
BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a database."""
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_HEADS = {b"SQLite format 3\0": "sqlite", b"PGDMP": "postgresql"}


def engine_of(file: Path) -> str:
    """Return the engine whose backup a file is, sqlite or postgresql; raise Malformed for any other file."""
    try:
        if not file.is_file():
            what = "is not a file" if file.exists() else "is not there"
            raise Malformed([Fault("unreadable", f"`{file}` {what}", "name a backup")])
        with file.open("rb") as opened:
            head = opened.read(16)
    except OSError as error:
        raise Malformed([Fault("unreadable", f"`{file}` cannot be read: {error.strerror}")]) from None
    for mark, engine in _HEADS.items():
        if head.startswith(mark):
            return engine
    hint = "`tracker db backup` makes one; `tracker load` takes seed files"
    raise Malformed([Fault("not_a_backup", f"`{file}` is no backup of tracker", hint)])


def destination(file: Path, database: Database, *, replace: bool) -> Path:
    """Return where a new file goes, links followed; raise NotReady or Conflict where it cannot go there."""
    try:
        path = file.resolve()
        there = path.exists()
    except (OSError, RuntimeError) as error:  # a name that is too long, a circle of links
        raise NotReady(f"{file} cannot be a file: {error}", hint="name another file") from None
    if database.is_sqlite:
        own = database.path.resolve()
        if path in {own, *(own.with_name(own.name + end) for end in BESIDE)}:
            raise Conflict(f"{file} is the database itself", hint="name another file")
    if path.is_dir():
        raise NotReady(f"{file} is a folder", hint=f"name a file in it: {file / 'tracker.backup'}")
    if not path.parent.is_dir():
        raise NotReady(f"there is no folder {path.parent}", hint="make the folder, or name another file")
    if there and not path.is_file():
        raise Conflict(f"{file} is there and is not a plain file", hint="name another file")
    if there and not replace:
        raise _is_there(path)
    return path


@contextmanager
def whole_file(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """Yield the name of an empty file beside ``path``; what is written to it becomes ``path`` at the end.

    On disk by then, and readable by its owner alone. A block that raises leaves nothing; a program that
    is killed leaves a hidden file that ends in ``.partial``, swept away a day later.
    """
    with written(path), temporary_file(path) as partial:
        yield partial
        on_disk(partial)
        put(partial, path, replace=replace)


@contextmanager
def temporary_file(path: Path) -> Iterator[Path]:
    """Yield the name of an empty file beside ``path``, gone at the end with all that SQLite put beside it."""
    _sweep(path)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PARTIAL, dir=path.parent)
    os.close(descriptor)
    partial = Path(name)
    try:
        yield partial
    finally:
        for end in ("", *BESIDE):
            partial.with_name(partial.name + end).unlink(missing_ok=True)


def put(partial: Path, path: Path, *, replace: bool = False) -> None:
    """Rename a file that is on disk to its own name, in one step; raise Conflict where that is taken."""
    if replace:
        partial.replace(path)
    else:
        try:
            path.hardlink_to(partial)  # unlike a rename it takes nobody's name
        except FileExistsError:
            raise _is_there(path) from None
        except OSError:  # a file system without links
            if path.exists():
                raise _is_there(path) from None
            partial.rename(path)
    on_disk(path.parent)


def put_beside(partial: Path, path: Path) -> Path:
    """Keep a file as ``NAME.before-restore.db`` beside a database, or -2, -3 …; return its path."""
    count = 1
    while True:
        number = "" if count == 1 else f"-{count}"
        kept = path.with_name(f"{path.stem}.before-restore{number}{path.suffix or '.db'}")
        try:
            put(partial, kept)
        except Conflict:
            count += 1
        else:
            return kept


def on_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut."""
    with suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Turn what the system says of a file that cannot be written into this program's error."""
    try:
        yield
    except OSError as error:
        raise NotReady(
            f"{path} cannot be written: {error.strerror or error}", hint="nothing was changed"
        ) from error


def _sweep(path: Path) -> None:
    for forgotten in path.parent.glob(f".{_literally(path.name)}.*{PARTIAL}*"):
        with suppress(OSError):
            if time.time() - forgotten.stat().st_mtime > FORGOTTEN:
                forgotten.unlink()


def _literally(name: str) -> str:
    from glob import escape

    return escape(name)


def _is_there(path: Path) -> Conflict:
    return Conflict(f"{path} is there already", hint="name another file, or say --yes to replace it")
