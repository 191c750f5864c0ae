"""Clauses: adding, changing and removing promises."""

from __future__ import annotations

from tracker.database.changes import Change
from tracker.models import Clause
from tracker.services.resources import Match
from tracker.services.writing import change_thing, create_part, remove_thing


def create_clause(change: Change, agreement: str, content: object) -> str:
    """Add a clause to an agreement and give its id; without a number it takes the next one.

    Raises NotFound for the agreement, Invalid with every fault, Conflict where the number is taken.
    """
    return create_part(change, Clause, agreement, content)


def change_clause(change: Change, id: str, content: object, match: Match) -> None:
    """Change fields of a clause; what is the same already makes no new version.

    Raises NotFound, Gone, VersionRequired, Stale and Invalid.
    """
    change_thing(change, Clause, id, content, match)


def remove_clause(change: Change, id: str, match: Match) -> None:
    """Remove a clause; its history stays.

    Raises Conflict naming follow-ups, quotes and clauses that depend on it, besides what change raises.
    """
    remove_thing(change, Clause, id, match)
