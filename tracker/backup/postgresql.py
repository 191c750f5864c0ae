"""Backups of a PostgreSQL database with pg_dump, and restoring them beside it before the two change names."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from tracker.backup.files import whole_file
from tracker.backup.restored import Restored, refuse_to_replace
from tracker.backup.verifying import contents, verified
from tracker.database import migrations
from tracker.database.engine import Database, open_database, translated
from tracker.database.urls import SECRET_OPTIONS
from tracker.errors import Conflict, Fault, Malformed, NotReady

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps each version's programs, whatever version is first on the path."""
MAINTENANCE = "postgres"
"""The database from which others are made and renamed."""
LOCK = 0x74726B72
"""The first key of the advisory lock under which restores of one database take turns."""
LONGEST_NAME = 63
_ALREADY_THERE = ("42P04", "23505")
"""What PostgreSQL says to CREATE DATABASE: duplicate_database, or while another one makes it, unique_violation."""


def back_up(database: Database, path: Path, *, replace: bool) -> None:
    """Dump a database as of one moment, in pg_dump's custom format, whole or not at all."""
    if database.schema() is None:
        raise NotReady(f"the database at {database.place} has no tables of tracker")
    arguments = ["--format=custom", f"--dbname={_conninfo(database.url)}"]
    by_hand = shlex.join(["pg_dump", *arguments, f"--file={path}"])
    program = _program("pg_dump", _server_version(database), by_hand)
    with whole_file(path, replace=replace) as unfinished:
        failed = _run([program, *arguments, "--no-password", f"--file={unfinished}"], database.url)
        if failed:
            raise NotReady(f"pg_dump of {database.place} failed: {failed}", hint=f"try it by hand: {by_hand}")


def restore(database: Database, file: Path, *, replace: bool) -> Restored:
    """Put a backup in the place of a database (see ``tracker.backup.restore``).

    It is restored into a database of its own on the same server and verified there; then the two
    change names in one transaction. That ends every session on the old one; a server comes back by itself.
    """
    there = exists(database)
    if there and (holds := contents(database)) is not None and not replace:
        refuse_to_replace(database.place, holds)
    by_hand = shlex.join(["pg_restore", "--no-owner", "--single-transaction", "--dbname=NAME", str(file)])
    with _administering(database) as administrator, _scratch(database, administrator, by_hand) as scratch:
        program = _program("pg_restore", _server_version(scratch), by_hand)
        arguments = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        target = f"--dbname={_conninfo(scratch.url)}"
        failed = _run([program, *arguments, "--no-password", target, str(file)], database.url)
        if failed:
            raise Malformed([Fault("not_whole", f"`{file}` cannot be restored: {failed}")])
        schema = scratch.schema()
        if schema is None:
            raise Malformed([Fault("not_a_backup", f"`{file}` holds no tables of tracker")])
        try:
            migrations.upgrade(scratch)
        except NotReady as error:
            raise NotReady(error.detail.replace(scratch.place, str(file)), hint=error.hint) from error
        counts = verified(scratch, str(file))
        scratch.close()
        kept = _change_names(database, scratch, administrator, there=there)
    database.close()
    database.ready()
    return Restored(counts, schema, kept)


def exists(database: Database) -> bool:
    """Return whether the server has a database of that name; raises what other reasons keep it from answering."""
    try:
        database.schema()
    except NotReady as error:
        if "no such database" in error.detail:
            return False
        raise
    return True


def make(database: Database) -> bool:
    """Make a database on its server, empty; raise NotReady where the user may not.

    Return False where somebody else made it in the same moment: another program, or the server for one
    that was killed while it asked.
    """
    with (
        _administering(database) as administrator,
        administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        try:
            _create(connection, _name(database), "make it as the server's administrator")
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in _ALREADY_THERE:
                raise
            return False
    return True


def _server_version(database: Database) -> int:
    with translated(database), database.engine.connect() as connection:
        return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def _program(name: str, version: int, by_hand: str) -> str:
    """Return a program of PostgreSQL that is new enough for a server; raise NotReady with what to run by hand."""
    versions: dict[str, int] = {}
    for path in _candidates(name):
        with suppress(OSError, subprocess.SubprocessError):
            printed = subprocess.run(  # noqa: S603 - a program of PostgreSQL, found on the path
                [path, "--version"], capture_output=True, text=True, timeout=20, check=True
            )
            if match := re.search(r"\) (\d+)", printed.stdout):
                versions.setdefault(path, int(match[1]))
    enough = [path for path, own in versions.items() if own >= version]
    if enough:
        return enough[0]
    here = f"{name} here is {max(versions.values())}" if versions else f"there is no {name} here"
    raise NotReady(
        f"{here}, and the server is PostgreSQL {version}",
        hint=f"install PostgreSQL {version}'s client programs (postgresql-client-{version} on Debian),"
        f" or run where they are: {by_hand}",
    )


def _candidates(name: str) -> Iterator[str]:
    folders = os.get_exec_path()
    folders += sorted(map(str, DEBIAN.glob("*/bin")), key=lambda folder: Path(folder).parts[-2].zfill(3))
    for folder in dict.fromkeys(folders):
        if path := shutil.which(name, path=folder):
            yield path


def _run(command: Sequence[str], url: URL) -> str | None:
    """Run a program of PostgreSQL; return what it printed where it failed. The password is not in its command line."""
    environment: Mapping[str, str] = os.environ | {"PGAPPNAME": "tracker"}
    password = _parameters(url).get("password")
    if password:
        environment = {**environment, "PGPASSWORD": password}
    done = subprocess.run(  # noqa: S603 - our own arguments, past any shell
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if done.returncode == 0:
        return None
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return re.sub(r"^\S*pg_\w+: (error: )?", "", lines[0]) if lines else f"exit code {done.returncode}"


def _parameters(url: URL) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    given = open_database(url.render_as_string(hide_password=False)).engine.dialect.create_connect_args(url)
    texts = {
        name: str(value) for name, value in given[1].items() if isinstance(value, str | int) and value != ","
    }
    return {name: str(value) for name, value in conninfo_to_dict(**texts).items() if value is not None}


def _conninfo(url: URL) -> str:
    """Return how libpq reaches a database, without what is secret."""
    from psycopg.conninfo import make_conninfo

    return make_conninfo(
        **{name: value for name, value in _parameters(url).items() if name not in SECRET_OPTIONS}
    )


def _name(database: Database) -> str:
    return database.url.database or _parameters(database.url).get("dbname") or database.url.username or ""


@contextmanager
def _administering(database: Database) -> Iterator[Engine]:
    """Yield an engine on the same server's maintenance database, outside any transaction of ours."""
    engine = create_engine(
        database.url.set(database=MAINTENANCE), poolclass=NullPool, connect_args={"connect_timeout": 5}
    )
    try:
        with translated(database):
            yield engine
    finally:
        engine.dispose()


def _create(connection: Connection, name: str, hint: str) -> None:
    try:
        _execute(connection, f"CREATE DATABASE {_quoted(name)} TEMPLATE template0 ENCODING 'UTF8'")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        raise NotReady("the user may not make databases on this server", hint=hint) from error


@contextmanager
def _scratch(database: Database, administrator: Engine, by_hand: str) -> Iterator[Database]:
    """Yield a new database on the same server, dropped at the end unless it has another name by then.

    Restores of one database take turns, so that what an earlier one left behind when it was killed goes too.
    """
    stem = f"{_name(database)[:40]}_restoring_"
    name = stem + uuid.uuid4().hex[:8]
    with administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        turn = connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s, hashtext(%s))", (LOCK, stem))
        if not turn.scalar():
            raise Conflict(f"another restore of {database.place} is at work", hint="wait until it is done")
        _drop(connection, *_beginning_with(connection, stem))
        _create(connection, name, f"make one as the server's administrator, then run: {by_hand}")
        scratch = open_database(database.url.set(database=name).render_as_string(hide_password=False))
        try:
            yield scratch
        finally:
            scratch.close()
            _drop(connection, name)


def _beginning_with(connection: Connection, stem: str) -> Sequence[str]:
    query = "SELECT datname FROM pg_database WHERE left(datname, length(%s)) = %s"
    return connection.exec_driver_sql(query, (stem, stem)).scalars().all()


def _drop(connection: Connection, *names: str) -> None:
    for name in names:
        _execute(connection, f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")


def _change_names(database: Database, new: Database, administrator: Engine, *, there: bool) -> str | None:
    """Rename the new database to the old one's name, and the old one to another, in one transaction.

    The renaming lets nobody in; those who are in already are sent out until it has come through.
    """
    name, kept = _name(database), None
    database.close()
    with administrator.connect() as connection, connection.begin():
        if there:
            kept = _unused(connection, name)
            renaming = partial(
                _execute, connection, f"ALTER DATABASE {_quoted(name)} RENAME TO {_quoted(kept)}"
            )
            _while_sending_out(administrator, name, renaming)
        _execute(connection, f"ALTER DATABASE {_quoted(_name(new))} RENAME TO {_quoted(name)}")
    return kept


def _while_sending_out(administrator: Engine, name: str, renaming: partial[Any]) -> None:
    over = threading.Event()

    def send_out() -> None:
        with administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not over.wait(0.05):
                with suppress(DBAPIError):  # of another user, who may not be sent out
                    connection.exec_driver_sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
                    )

    thread = threading.Thread(target=send_out, daemon=True)
    thread.start()
    try:
        renaming()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "55006":
            raise
        raise Conflict(
            f"others use the database {name} and cannot be sent out", hint="stop them, then restore again"
        ) from error
    finally:
        over.set()
        thread.join()


def _unused(connection: Connection, name: str) -> str:
    taken = set(connection.exec_driver_sql("SELECT datname FROM pg_database").scalars())
    count = 1
    while True:
        ending = f"_before_restore{'' if count == 1 else f'_{count}'}"
        kept = name[: LONGEST_NAME - len(ending)] + ending
        if kept not in taken:
            return kept
        count += 1


def _execute(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
