"""`tracker db`: the database, its schema, its backups, and its way to another engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.commands import Group
from tracker.cli.errors import say, stderr_is_a_terminal
from tracker.cli.opening import configured, opened
from tracker.errors import NotReady

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = click.Path(path_type=Path)
COUNTED = ("agreement", "clause", "follow_up", "change")
"""The tables whose rows are counted in messages."""


@click.group(
    cls=Group,
    examples="""
        tracker db upgrade
        tracker db backup /var/backups/tracker-2021-03-31.db
        tracker db restore /var/backups/tracker-2021-03-31.db --yes
        tracker db copy --to postgresql+psycopg://tracker@localhost/tracker
    """,
)
def db() -> None:
    """Make, upgrade, back up, restore and move the database."""


@db.command("upgrade", examples="tracker db upgrade")
def upgrade() -> None:
    """Make the database if it is missing, and bring its schema up to this program's.

    On SQLite an older database is copied first; the copy's path is printed.
    """
    from tracker.database import migrations

    database = configured()
    copy = migrations.upgrade(database)
    if copy is not None:
        click.echo(copy)
        say(f"kept a copy of the database as it was: {copy}")
    say(f"the database at {database.place} has schema {database.schema()}")


@db.command("current", examples="tracker db current")
def current() -> None:
    """Print the schema's revision; print on stderr what to do if it is not this program's."""
    database = configured()
    revision = database.schema()
    if revision is not None:
        click.echo(revision)
    try:
        database.ready()
    except NotReady as reason:
        if revision is None:
            raise
        say(str(reason))


@db.command(
    "backup",
    examples="""
        tracker db backup "/var/backups/tracker-$(date +%F).db"
        TRACKER_DATABASE_URL=postgresql+psycopg://localhost/tracker tracker db backup tracker.dump --yes
    """,
)
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--yes", is_flag=True, help="Replace FILE if it is there already.")
def backup(file: Path, *, yes: bool) -> None:
    """Write everything into one FILE while others go on reading and writing; print its path.

    FILE holds every change that was acknowledged before the command began. It takes its name when it is
    complete and on disk, and only its owner may read it. On SQLite it is a database itself; on PostgreSQL it
    is made by pg_dump (custom format), which has to be as new as the server.
    """
    from tracker import backup

    path = backup.back_up(configured(), file, replace=yes)
    click.echo(path)
    say(f"backed up to {path} ({path.stat().st_size:,} bytes)")


@db.command(
    "restore",
    examples="""
        tracker db restore /var/backups/tracker-2021-03-31.db
        tracker db restore /var/backups/tracker-2021-03-31.db --yes
    """,
)
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--yes", is_flag=True, help="Replace a database that holds anything; it is kept beside.")
def restore(file: Path, *, yes: bool) -> None:
    """Put the backup FILE in the place of the database; servers may go on running.

    First FILE is verified: its schema (an older one is upgraded, a newer one refused), its references and
    every chain of history. Then it takes its place in one step. What it replaces is kept, as
    NAME.before-restore.db or as the database NAME_before_restore; where that is gets printed.
    """
    from tracker import backup

    database = configured()
    restored = backup.restore(database, file, replace=yes)
    if restored.kept is not None:
        click.echo(restored.kept)
        say(f"kept the database as it was: {restored.kept}")
    upgraded = "" if restored.schema == database.schema() else f", upgraded from schema {restored.schema}"
    say(f"restored {database.place}: {_counts(restored.counts)}; all chains of history hold{upgraded}")


@db.command(
    "copy",
    examples="""
        tracker db copy --to postgresql+psycopg://tracker@localhost/tracker
        TRACKER_DATABASE_URL=postgresql+psycopg://localhost/tracker \\
            tracker db copy --to sqlite:///tracker.db
    """,
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="URL",
    help="Where to: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE.",
)
def copy(target: str) -> None:
    """Copy everything into a database that is new or empty, of any engine.

    History, its texts with their salts, tokens and source texts come along. The source is read as of one
    moment, and others may go on writing to it. All or nothing: counts, rows and every chain of history
    are verified at both ends before the copy is committed. The password may stand in PGPASSWORD or
    ~/.pgpass instead of the URL.
    """
    from tracker import backup
    from tracker.database.engine import open_database

    source = opened()
    empty = open_database(target)
    click.get_current_context().call_on_close(empty.close)
    copied = backup.copy(source, empty, progress=_progress if stderr_is_a_terminal() else None)
    for table, count in copied.counts.items():
        click.echo(f"{table}\t{count}")
    say(
        f"copied {source.place} to {empty.place}: {_counts(copied.counts)};"
        f" counts, rows and all chains of history are the same at both ends"
    )
    say("set TRACKER_DATABASE_URL to use it; what is written to the old one from now on stays there")


def _progress(table: str, rows: int) -> None:
    say(f"{table}: {rows:,}")


def _counts(counts: Mapping[str, int]) -> str:
    named = {"follow_up": "follow-up", "change": "change"}
    return ", ".join(
        f"{counts[table]:,} {named.get(table, table)}{'' if counts[table] == 1 else 's'}" for table in COUNTED
    )
