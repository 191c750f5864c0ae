"""The configured database, opened for one command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tracker.config import Settings
    from tracker.database.engine import Database


def configured(settings: Settings | None = None) -> Database:
    """Return the database that the settings name, connected to nothing yet; it is closed with the command."""
    from tracker import config
    from tracker.database.engine import open_database

    settings = settings or config.settings()
    database = open_database(settings.database_url, prepare=settings.prepare, time_zone=settings.time_zone)
    click.get_current_context().call_on_close(database.close)
    return database


def opened() -> Database:
    """Return the configured database; raises NotReady unless it is there with this program's schema."""
    database = configured()
    database.ready()
    return database
