"""The configured database, opened for one command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tracker.config import Settings
    from tracker.database import Database


def configured(settings: Settings | None = None) -> Database:
    """Give the database that the settings name, connected to nothing yet; it is closed with the command."""
    from tracker import config
    from tracker.database import open_database

    found = settings or config.settings()
    database = open_database(found.database_url, prepare=found.prepare, time_zone=found.time_zone)
    click.get_current_context().call_on_close(database.close)
    return database


def is_there(database: Database, table: str, id: str) -> bool:
    """Whether the database has a thing with that id, under it or as what it was merged into."""
    from tracker.models import RESOURCES
    from tracker.queries.merged import now_of
    from tracker.queries.representation import find

    model = RESOURCES[table]
    return find(database, model, id) is not None or now_of(database.rows, model, id) is not None


def opened() -> Database:
    """Give the configured database; raises NotReady unless it is there with this program's schema."""
    database = configured()
    database.ready()
    return database
