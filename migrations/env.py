"""How Alembic reaches the database: with the program's own settings, engine and care.

A connection in ``config.attributes["connection"]`` is used as it is; an engine there is connected.
"""

from __future__ import annotations

from typing import Any

from alembic import command, context
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from tracker.config import settings
from tracker.database import migrations
from tracker.database.engine import open_database, translated
from tracker.errors import TrackerError
from tracker.models import Base


def run() -> None:
    if context.is_offline_mode():
        raise CommandError("--sql is not offered: references and triggers are checked on the database itself")
    given = context.config.attributes.get("connection")
    try:
        migrations.only_head(context.script)
        if isinstance(given, Connection):
            run_on(given)
        elif isinstance(given, Engine):
            with given.connect() as connection:
                run_on(connection)
        else:
            run_as_set()
    except TrackerError as error:
        raise CommandError(str(error)) from error


def run_as_set() -> None:
    """Run on the database that TRACKER_DATABASE_URL or tracker.toml names."""
    chosen = settings()
    database = open_database(chosen.database_url, prepare=chosen.prepare)
    if getattr(context.config.cmd_opts, "cmd", (None,))[0] is command.upgrade:
        migrations.make_file(database)
    else:
        database.schema()  # says what to do where there is no database
    try:
        with translated(database), database.engine.connect() as connection:
            run_on(connection)
    finally:
        database.close()


def run_on(connection: Connection) -> None:
    if not connection.in_transaction():
        with migrations.exclusive(connection):
            run_inside(connection)
    elif connection.dialect.name == "sqlite" and migrations.foreign_keys_are_on(connection):
        # Batch mode drops tables, and with foreign keys on a drop takes the rows of others along.
        raise CommandError("hand over a connection that is not in a transaction yet")
    else:
        run_inside(connection)


def run_inside(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        autogenerate_plugins=migrations.autogenerate_plugins(),
        include_object=migrations.kept_apart(connection),
        render_item=migrations.render_item,
        process_revision_directives=numbered,
    )
    context.run_migrations()


def numbered(_context: object, _revision: object, directives: list[Any]) -> None:
    """Number a generated migration, where nobody gave it an id: version_num holds 32 characters."""
    if getattr(context.config.cmd_opts, "rev_id", None) is None:
        for directive in directives:
            directive.rev_id = migrations.next_number(context.script)


run()
