"""What the ids that people type name: which kinds of thing have that form, and what to say where nothing has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tracker.errors import Fault, Gone, Malformed, Merged, NotFound
from tracker.kinds import KINDS, is_id

if TYPE_CHECKING:
    from tracker.database.engine import Database


def only(id: str, tables: Sequence[str]) -> str:
    """Give the one kind of thing that has an id; raises a usage error where there are several."""
    from tracker.models import RESOURCES

    if len(tables) > 1:
        names = ", ".join(RESOURCES[table].noun for table in tables)
        raise click.UsageError(f"`{id}` is the id of more than one thing ({names}); say which with --kind")
    return tables[0]


def kinds_of(id: str) -> list[str]:
    """Give the kinds of thing whose ids have this form."""
    kinds = [kind for kind in KINDS if is_id(kind, id)]
    if not kinds:
        hint = "for example gwangju-kdata-2020, gwangju-kdata-2020.4, gwangju-kdata-2020.q1, or a UUID"
        raise Malformed([Fault("bad_id", f"`{id[:80]}` does not have the form of an id", hint)])
    return kinds


def is_there(database: Database, table: str, id: str) -> bool:
    """Whether the database has a thing with that id, under it or as what it was merged into."""
    from tracker.models import RESOURCES
    from tracker.queries.merged import now_of
    from tracker.queries.representation import find

    model = RESOURCES[table]
    return find(database, model, id) is not None or now_of(database.rows, model, id) is not None


def nothing_with(database: Database, id: str, kinds: Sequence[str]) -> NotFound:
    """Give the error for an id that none of these kinds of thing has; Gone where one had it."""
    from tracker.models import RESOURCES
    from tracker.services.resources import missing_from

    errors = [missing_from(database, RESOURCES[table], id) for table in kinds]
    gone = next((error for error in errors if isinstance(error, Gone | Merged)), None)
    if gone is not None or len(errors) == 1:
        return gone or errors[0]
    hints = [error.hint for error in errors if error.hint is not None]
    hint = hints[0] if hints else "see `tracker agreements`, `tracker parties`"
    return NotFound(f"there is nothing with the id {id}", hint=hint)
