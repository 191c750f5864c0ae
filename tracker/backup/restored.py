"""What a restore did."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.errors import Conflict


@dataclass(frozen=True, slots=True)
class Restored:
    """A database that was restored."""

    counts: dict[str, int]
    """How many rows each table has now."""
    schema: str
    """The schema that the backup had."""
    kept: str | None
    """Where the database is kept that was replaced, or None where nothing was."""


def refuse_to_replace(place: str, holds: str) -> None:
    """Raise Conflict for a database that holds something."""
    raise Conflict(
        f"the database at {place} holds {holds}",
        hint="say --yes to replace it; it is kept beside the new one",
    )
