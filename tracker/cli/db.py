"""`tracker db`: the database and its schema."""

from __future__ import annotations

import click

from tracker.cli.commands import Group
from tracker.cli.errors import say
from tracker.cli.opening import configured
from tracker.errors import NotReady


@click.group(
    cls=Group,
    examples="""
        tracker db upgrade
        tracker db current
    """,
)
def db() -> None:
    """Make the database, or bring its schema up to date."""


@db.command("upgrade", examples="tracker db upgrade")
def upgrade() -> None:
    """Make the database if it is missing, and bring its schema up to this program's.

    On SQLite an older database is copied first; the copy's path is printed.
    """
    from tracker import migrating

    database = configured()
    copy = migrating.upgrade(database)
    if copy is not None:
        click.echo(copy)
        say(f"kept a copy of the database as it was: {copy}")
    say(f"the database at {database.place} has schema {database.schema()}")


@db.command("current", examples="tracker db current")
def current() -> None:
    """Print the schema's revision; say on stderr what to do if it is not this program's."""
    database = configured()
    found = database.schema()
    if found is not None:
        click.echo(found)
    try:
        database.ready()
    except NotReady as reason:
        if found is None:
            raise
        say(str(reason))
