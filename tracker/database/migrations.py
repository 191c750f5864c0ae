"""The schema's way from one revision to the next: what Alembic needs so that no row is lost on it.

``migrations/env.py`` uses what stands here, so that plain ``alembic upgrade head`` is as careful.
"""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import CheckConstraint, Connection, MetaData, Table, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable, conv
from sqlalchemy.types import TypeDecorator

from tracker import shipped
from tracker.database.engine import Database, sqlite_connection, translated
from tracker.errors import Conflict, NotReady

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from alembic.config import Config
    from alembic.operations.ops import ModifyTableOps
    from alembic.script import ScriptDirectory
    from alembic.util import PriorityDispatchResult

LOCK = 0x747261636B6572
"""The key of the advisory lock that upgrades of one PostgreSQL database take in turn."""
PATIENCE = 300
"""Seconds that an upgrade waits for another one to finish."""


def upgrade(database: Database, revision: str = "head", *, keep_copy: bool = True) -> Path | None:
    """Bring the schema up to a revision; return the path of the backup copy, where one was made.

    Makes a SQLite file that is missing, and a copy ``NAME.before-REVISION.db`` of one that holds an
    older schema, unless told not to ``keep_copy``. All or nothing; any number of processes may ask at
    once. Raises NotReady where the folder is missing, the schema is newer than the migrations or a step
    fails.
    """
    make_file(database)
    copy = None
    with translated(database), database.engine.connect() as connection, exclusive(connection):
        current = _current(connection)
        target = _target(database, current, revision)
        if keep_copy and database.is_sqlite and current is not None and current != target:
            copy = _copy_before(database, target)
        _move(database, connection, "upgrade", target)
    return copy


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back to a revision, ``base`` for none; makes no copy, drops what is newer."""
    database.schema()  # refuses a file that is not there, instead of making one
    with translated(database), database.engine.connect() as connection, exclusive(connection):
        _move(database, connection, "downgrade", revision)


def make_file(database: Database) -> None:
    """Make the file of a SQLite database that is not there yet, empty, for its owner alone.

    What SQLite puts beside it is as open as the file. Raises NotReady without its folder.
    """
    if not database.is_sqlite or database.path.exists():
        return
    folder = database.path.absolute().parent
    if not folder.is_dir():
        raise NotReady(
            f"there is no folder {folder} for the database",
            hint="make the folder, or name another file in TRACKER_DATABASE_URL",
        )
    with suppress(FileExistsError):  # another program is making it
        os.close(os.open(database.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with translated(database):
        sqlite_connection(database.path).close()


@contextmanager
def exclusive(connection: Connection) -> Iterator[None]:
    """Hold the one transaction in which a schema may change; it is committed when the block ends.

    On SQLite foreign keys are off meanwhile, because batch mode drops and remakes tables and the
    drop would cascade; they are checked before the commit, and triggers lost with a remade table
    come back. On PostgreSQL an advisory lock makes upgrades take turns.
    """
    if connection.dialect.name != "sqlite":
        with connection.begin():
            _take_turn(connection)
            yield
        return
    raw: Any = connection.connection.dbapi_connection
    before = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in ("foreign_keys", "busy_timeout")}
    raw.execute("PRAGMA foreign_keys = OFF")  # before BEGIN: inside a transaction it does nothing
    raw.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
    try:
        with connection.begin():
            if not raw.in_transaction:  # an engine that is not ours sends no BEGIN
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            if foreign_keys_are_on(connection):
                raise Conflict(
                    "the connection was already in a transaction; foreign keys cannot be turned off"
                )
            with _triggers_kept(connection):
                yield
            _check_foreign_keys(connection)
    finally:
        for name, value in before.items():
            raw.execute(f"PRAGMA {name} = {value}")


def foreign_keys_are_on(connection: Connection) -> bool:
    """Return whether SQLite would cascade when a table is dropped."""
    return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())


def kept_apart(connection: Connection) -> Callable[..., bool]:
    """Return Alembic's ``include_object``: all but the tables that an index of SQLite's keeps for itself."""
    shadows: set[str] | None = None

    def include_object(
        _item: object,
        name: str | None,
        kind: str,
        reflected: bool,  # noqa: FBT001 - Alembic passes it by position
        _other: object,
    ) -> bool:
        nonlocal shadows
        if kind != "table" or not reflected or connection.dialect.name != "sqlite":
            return True
        if shadows is None:
            tables = connection.exec_driver_sql(
                "SELECT name FROM pragma_table_list WHERE type IN ('virtual', 'shadow')"
            )
            shadows = set(tables.scalars())
        return name not in shadows

    return include_object


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write a column type of ours as the SQLAlchemy type under it: migrations import nothing of ours."""
    from alembic.autogenerate.render import _repr_type

    if kind == "type" and isinstance(item, TypeDecorator):
        return _repr_type(item.impl_instance, autogen_context)
    return False


@cache
def autogenerate_plugins() -> tuple[str, ...]:
    """Return what Alembic compares when it generates a migration: its own list, and CHECK constraints."""
    from alembic.runtime.plugins import Plugin

    Plugin("tracker.checks").add_autogenerate_comparator(_compare_checks, "table", "checks")
    return "alembic.autogenerate.*", "tracker.checks"


def only_head(script: ScriptDirectory) -> str:
    """Return the one revision in which the migrations end; raise NotReady where they fork."""
    heads = script.get_heads()
    if len(heads) != 1:
        raise NotReady(
            f"the migrations end in {len(heads)} heads: {', '.join(sorted(heads))}",
            hint="let each migration follow the one before it",
        )
    return heads[0]


def next_number(script: ScriptDirectory) -> str:
    """Return the number of the next migration: 0002 after 0001."""
    head = script.get_current_head()
    return f"{int(head or 0) + 1:04}"


def _compare_checks(
    context: AutogenContext,
    differences: ModifyTableOps,
    _schema: str | None,
    name: str,
    stored: Table | None,
    declared: Table | None,
) -> PriorityDispatchResult:
    """Add the CHECK constraints of a table that are new, gone or changed.

    Alembic's own comparison goes by their names alone: it would not see a code that was added.
    """
    from alembic.operations import ops
    from alembic.util import PriorityDispatchResult

    if stored is None or declared is None or context.connection is None:
        return PriorityDispatchResult.CONTINUE
    old, new = _checks(context.connection, name), _checks_if_created(context.connection, declared)
    by_name = {constraint.name: constraint for constraint in declared.constraints}
    for check, sql in old.items():
        if new.get(check) != sql:
            removed = CheckConstraint(sql, name=conv(check), table=stored)
            differences.ops.append(ops.DropConstraintOp.from_constraint(removed))
    for check, sql in new.items():
        if old.get(check) != sql:
            differences.ops.append(ops.AddConstraintOp.from_constraint(by_name[check]))
    return PriorityDispatchResult.CONTINUE


def _checks(connection: Connection, table: str) -> dict[str, str]:
    """Return the SQL of each named CHECK constraint of a table, in the engine's own words."""
    checks = inspect(connection).get_check_constraints(table)
    return {check["name"]: check["sqltext"] for check in checks if check["name"]}


def _checks_if_created(connection: Connection, declared: Table) -> dict[str, str]:
    """Return what ``_checks`` would, if a table were created as it is declared.

    It is created as a temporary table and taken back: PostgreSQL rewrites each condition.
    """
    schema = "temp" if connection.dialect.name == "sqlite" else "pg_temp"
    name = str(declared.metadata.naming_convention["ck"]).replace("%(table_name)s", declared.name)
    twin = declared.to_metadata(MetaData(naming_convention={"ck": name}), name="as_declared", schema=schema)
    with connection.begin_nested() as savepoint:
        connection.execute(CreateTable(twin, include_foreign_key_constraints=[]))
        checks = _checks(connection, twin.name)
        savepoint.rollback()
    return checks


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(shipped.migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _script(config: Config) -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config)


def _current(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _target(database: Database, current: str | None, revision: str) -> str:
    script = _script(_config())
    head = only_head(script)
    if current is not None and current not in {step.revision for step in script.walk_revisions()}:
        raise NotReady(
            f"the database at {database.place} has schema {current}, newer than this program's {head}",
            hint="install the newer tracker; `tracker db upgrade` cannot go back",
        )
    return head if revision in ("head", "heads") else revision


def _move(database: Database, connection: Connection, direction: str, revision: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        getattr(command, direction)(_config(connection), revision)
    except (CommandError, DBAPIError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise NotReady(
            f"the {direction} of {database.place} to schema {revision} failed: {reason}",
            hint="nothing was changed",
        ) from error


def _copy_before(database: Database, revision: str) -> Path:
    """Copy a SQLite database with its online backup; never over a file that is there."""
    path = _unused(database.path, revision)
    # The migration holds the write lock already, so what is copied is what it starts from.
    try:
        with (
            closing(sqlite_connection(database.path)) as source,
            closing(sqlite_connection(path, create=True)) as target,
        ):
            source.backup(target)
    except BaseException:
        path.unlink()
        raise
    return path


def _unused(path: Path, revision: str) -> Path:
    """Reserve a name beside a database, so that two upgrades do not take the same one."""
    count = 1
    while True:
        name = f"{path.stem}.before-{revision}{'' if count == 1 else f'-{count}'}{path.suffix or '.db'}"
        try:
            os.close(os.open(path.with_name(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            count += 1
        else:
            return path.with_name(name)


def _take_turn(connection: Connection) -> None:
    for statement in (
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = 0",
        f"SET LOCAL lock_timeout = '{PATIENCE}s'",
        f"SELECT pg_advisory_xact_lock({LOCK})",
        # A change of a table that waits longer would hold up everyone who queues behind it.
        "SET LOCAL lock_timeout = '10s'",
    ):
        connection.exec_driver_sql(statement)


@contextmanager
def _triggers_kept(connection: Connection) -> Iterator[None]:
    """Make again, at the end, each trigger that went with a remade table; those dropped by name stay away."""
    dropped: set[str] = set()

    def remember(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if match := re.match(r"\s*DROP\s+TRIGGER\s+(?:IF\s+EXISTS\s+)?\W?(\w+)", statement, re.IGNORECASE):
            dropped.add(match[1])

    before = _triggers(connection)
    event.listen(connection, "before_cursor_execute", remember)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", remember)
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    for name in before.keys() - _triggers(connection).keys() - dropped:
        table, statement = before[name]
        if table in tables:
            connection.exec_driver_sql(statement)


def _triggers(connection: Connection) -> dict[str, tuple[str, str]]:
    triggers = connection.exec_driver_sql(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    )
    return {name: (table, statement) for name, table, statement in triggers}


def _check_foreign_keys(connection: Connection) -> None:
    broken = Counter(
        f"{table} to {parent}"
        for table, _row, parent, _key in connection.exec_driver_sql("PRAGMA foreign_key_check")
    )
    if broken:
        places = ", ".join(f"{count} from {link}" for link, count in sorted(broken.items()))
        raise Conflict(f"references to rows that are not there: {places}", hint="nothing was changed")
