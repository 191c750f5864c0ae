"""`tracker config`: every setting, and the database that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tracker.cli.commands import Command
from tracker.cli.opening import configured
from tracker.cli.output import format_option, sheet_of, text_of, write
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.config import Settings
    from tracker.database.engine import Database

COLUMNS = ("setting", "value", "origin")


@click.command(
    cls=Command,
    examples="""
        tracker config
        TRACKER_TIME_ZONE=Europe/Berlin tracker config --format json
    """,
)
@format_option
def config(format: str) -> None:
    """Show every setting and where it comes from.

    With them stands the database that they lead to. Settings are TRACKER_… in the environment or keys of tracker.toml in the current folder, in this
    order. Passwords are hidden.
    """
    from tracker.config import settings

    in_force = settings()
    database = configured(in_force)
    rows = [*_settings(in_force, database), *_database(database)]
    write(sheet_of(COLUMNS), [rows], format)


def _settings(in_force: Settings, database: Database) -> Iterator[tuple[str, str, str]]:
    from dataclasses import fields

    from tracker.config import PREFIX, origins

    origin = origins()
    for setting in fields(in_force):
        value = getattr(in_force, setting.name)
        secret = setting.name == "database_url" and not database.is_sqlite
        text = database.place if secret else text_of(value)
        yield PREFIX + setting.name.upper(), text, origin[setting.name]


def _database(database: Database) -> Iterator[tuple[str, str, str]]:
    from tracker.shipped import newest_revision

    place = str(database.path.absolute()) if database.is_sqlite else database.place
    yield "database", place, "TRACKER_DATABASE_URL"
    try:
        schema = database.schema() or "none; run `tracker db upgrade`"
    except TrackerError as reason:
        schema = str(reason)
    yield "schema", schema, "the database"
    yield "schema of this program", newest_revision(), "tracker"
    yield from _sqlite(database) if database.is_sqlite else _postgresql(database)


def _sqlite(database: Database) -> Iterator[tuple[str, str, str]]:
    from contextlib import closing

    from tracker.database.engine import driver, sqlite_connection, sqlite_journal, translated

    module = driver.__name__.partition(".")[0]
    yield "SQLite", driver.sqlite_version, module
    mode, synchronous = sqlite_journal()
    origin = "chosen for this SQLite"
    if database.path.is_file():
        try:
            with translated(database), closing(sqlite_connection(database.path)) as connection:
                mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
                origin = "the database"
        except TrackerError as reason:
            mode = str(reason)
    yield "journal mode", mode, origin
    yield "synchronous", synchronous, "chosen for this SQLite"


def _postgresql(database: Database) -> Iterator[tuple[str, str, str]]:
    from tracker.database.engine import translated

    try:
        with translated(database), database.engine.connect() as connection:
            version = str(connection.exec_driver_sql("SHOW server_version").scalar())
    except TrackerError as reason:
        version = str(reason)
    yield "PostgreSQL", version, "the database"
