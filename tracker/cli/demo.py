"""`tracker demo`: a database with the shipped seeds, a token, and a server, in one command."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.cells import printable
from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.lists import sheet as sheet_of
from tracker.cli.load import say_outcome, shown_progress
from tracker.cli.opening import configured
from tracker.cli.output import Sheet, default_format, write
from tracker.cli.serving import HOST, PORT, CannotListen, listen, serve_app, url_of
from tracker.errors import Malformed, TrackerError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tracker.database.engine import Database

NAME = "demo"
"""Who makes the demo's database, as history shows it."""
CLAUSE = "gwangju-kdata-2020.4"
"""The clause of the example commands."""
NAMED = 5
"""How many foreign tables or agreements a refusal names."""


class ForeignDatabase(TrackerError):
    """The database holds what the demo did not put there."""

    code = "not-ours"


@click.command(
    cls=Command,
    examples="""
        tracker demo
        tracker demo --no-serve
        TRACKER_DATABASE_URL=postgresql+psycopg://localhost/demo tracker demo --port 0
    """,
)
@click.option("--no-serve", is_flag=True, help="Stop before serving.")
@click.option("--yes", is_flag=True, help="Also use a database that holds more than the demo put there.")
@click.option("--host", default=HOST, show_default=True, metavar="HOST", help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    metavar="PORT",
    help="The port; another one if it is taken.",
)
def demo(*, no_serve: bool, yes: bool, host: str, port: int) -> None:
    """Try it: make a database with the shipped seeds, and serve it.

    The first time a token is made and printed, too. The database is TRACKER_DATABASE_URL; one that the demo did not make and that is not empty is refused
    without --yes. Running it again loads only what is missing, and undoes nothing.
    """
    from tracker.config import settings
    from tracker.database import migrations

    in_force = settings()
    database = configured(in_force)
    shipped = _shipped_agreements()
    if not yes:
        _refuse_foreign(database, shipped)
    copy = migrations.upgrade(database)
    say(f"the database is {database.place}" + (f"; a copy as it was is {copy}" if copy else ""))
    _load(database)
    _print_clauses(database, shipped)
    secret = _token(database)
    if no_serve:
        say("to serve it: tracker serve")
        return
    listening = _listening(host, port)
    serve_app(in_force, database, listening, lambda: _introduce(url_of(listening), secret))


def _load(database: Database) -> None:
    import io

    from tracker.database.changes import Author
    from tracker.loading import load
    from tracker.shipped import seeds_folder

    with shown_progress() as progress:
        outcome = load(
            database,
            [str(seeds_folder())],
            Author(NAME, loading=True),
            stdin=io.BytesIO(),
            missing_only=True,
            progress=progress,
        )
    say_outcome(outcome)


def _shipped_agreements() -> list[str]:
    """Return the ids of the agreements in the shipped seeds."""
    from tracker.loading.reading import files, read
    from tracker.shipped import seeds_folder

    ids: list[str] = []
    for path in files([str(seeds_folder())]):
        for document in read(path):
            if isinstance(document, Malformed):
                raise document
            ids += [agreement["id"] for agreement in document.content.get("agreements") or ()]
    return ids


def _refuse_foreign(database: Database, shipped: Sequence[str]) -> None:
    """Raise ForeignDatabase, naming what is in it, where the demo did not make the database and it is not empty."""
    if database.is_sqlite and not database.path.exists():
        return
    contents = _contents(database)
    if contents.first_actor == NAME:
        return
    foreign = sorted(set(contents.agreements) - set(shipped))
    if foreign:
        what = "1 agreement" if len(foreign) == 1 else f"{len(foreign):,} agreements"
        held = f"{what} that did not come with tracker: {_some(foreign)}"
    elif contents.first_actor is not None:
        held = f"what {contents.first_actor} has put into it"
    elif contents.foreign_tables:
        held = f"tables that are not tracker's: {_some(contents.foreign_tables)}"
    else:
        return
    raise ForeignDatabase(
        f"the database at {database.place} holds {held}",
        hint="name another one in TRACKER_DATABASE_URL, or say --yes to add the demo to this one",
    )


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds, of whatever schema it is."""

    foreign_tables: list[str]
    agreements: list[str]
    first_actor: str | None
    """Who made the first entry of its history."""


def _contents(database: Database) -> Contents:
    """Look at a database that may be of an older schema, another program's, or empty."""
    from sqlalchemy import inspect

    from tracker.database.engine import translated
    from tracker.models import Base

    with translated(database), _onlooker(database).connect() as connection:
        tables = sorted(inspect(connection).get_table_names())
        if "alembic_version" not in tables or "agreement" not in tables:
            return Contents(tables, [], None)
        agreements = connection.exec_driver_sql("SELECT id FROM agreement ORDER BY id").scalars().all()
        first = connection.exec_driver_sql("SELECT actor FROM change WHERE place = 1").scalar()
        foreign = [table for table in tables if table not in {*Base.metadata.tables, "alembic_version"}]
        return Contents(foreign, list(agreements), first)


def _onlooker(database: Database) -> Engine:
    """Return an engine that leaves a SQLite file as it is: another program's may not even get our journal mode."""
    if not database.is_sqlite:
        return database.engine
    from sqlalchemy import NullPool, create_engine

    from tracker.database.engine import driver

    uri = f"{database.path.absolute().as_uri()}?mode=ro"
    return create_engine(
        "sqlite+pysqlite://",
        module=driver,
        poolclass=NullPool,
        creator=lambda: driver.connect(uri, uri=True),
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown}, …"


def _print_clauses(database: Database, agreements: Sequence[str]) -> None:
    """Print each shipped agreement's clauses, with their full texts."""
    from tracker.models import Clause
    from tracker.queries.lists import pages

    full = sheet_of(Clause)
    sheet = Sheet(full.names, ("number", "text", "status"), full.encoded, most_lines=None)
    for agreement in agreements:
        say(f"the clauses of {agreement}:")
        write(sheet, pages(database, Clause, [("agreement", agreement)]), default_format())


def _token(database: Database) -> str | None:
    """Make the demo's token and print it, the first time; give its secret then, else None."""
    from tracker.database.changes import Author
    from tracker.services.access import create_token, tokens

    with database.write(Author(NAME)) as change:
        # The write lock is held, so of two demos at once only one finds no token.
        if any((token["name"], token["created_by"]) == (NAME, NAME) for token in tokens(database)):
            say(
                "the token was printed when it was made;"
                " `tracker token create --role editor --name NAME` makes another one"
            )
            return None
        secret = create_token(change, NAME, "editor")
    click.echo(f"\ntoken: {secret}")
    say("keep the token, it is not shown again")
    return secret


def _listening(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except CannotListen as taken:
        with suppress(CannotListen):
            listening = listen(host, 0)
            say(f"{taken.detail}; another port is taken instead")
            return listening
        raise


def _introduce(url: str, secret: str | None) -> None:
    """Print where the server is, and commands to copy."""
    click.echo(f"\n{url}\n")
    if secret is None:
        click.echo("# TOKEN=the token that was printed when it was made")
    for line in _examples(url, secret or "$TOKEN"):
        click.echo(printable(line))
    say("\nstop it with Ctrl-C")


def _examples(url: str, secret: str) -> Iterator[str]:
    from tracker import dates
    from tracker.config import settings

    content: dict[str, Any] = {
        "track": "reported",
        "status": "in_progress",
        "effective_on": dates.today(settings().time_zone),
    }
    follow_ups = f"{url}/v1/clauses/{CLAUSE}/follow-ups"
    yield (
        f'curl -X POST {follow_ups} -H "Authorization: Bearer {secret}"'
        f" -H 'Content-Type: application/json' -d '{json.dumps(content)}'"
    )
    yield f"curl {follow_ups}"
    yield f"curl {url}/v1/clauses/{CLAUSE}"
