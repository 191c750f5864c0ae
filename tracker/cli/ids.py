"""Which resource an id names that somebody typed, and the error where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from tracker.errors import Fault, Gone, Malformed, Merged, NotFound
from tracker.kinds import KINDS, is_id

if TYPE_CHECKING:
    from tracker.database.engine import Database


kind_option = click.option(
    "--kind",
    type=click.Choice([kind.noun for kind in KINDS.values()]),
    callback=lambda _ctx, _param, noun: noun and noun.replace("-", "_"),
    help="What ID is, where resources of two kinds share it.",
)


def only(id: str, kinds: Sequence[str]) -> str:
    """Return the one kind of resource that has an id; raises UsageError where there are several."""
    if len(kinds) > 1:
        nouns = ", ".join(KINDS[kind].noun for kind in kinds)
        raise click.UsageError(f"`{id}` is the id of more than one resource ({nouns}); say which with --kind")
    return kinds[0]


def kinds_of(id: str) -> list[str]:
    """Return the kinds of resource whose ids have this form."""
    kinds = [kind for kind in KINDS if is_id(kind, id)]
    if not kinds:
        hint = "for example gwangju-kdata-2020, gwangju-kdata-2020.4, gwangju-kdata-2020.q1, or a UUID"
        raise Malformed([Fault("bad_id", f"`{id[:80]}` does not have the form of an id", hint)])
    return kinds


def is_there(database: Database, kind: str, id: str) -> bool:
    """Return whether the database has a resource with that id, or what it was merged into."""
    from tracker.models import RESOURCES
    from tracker.queries.merged import now_of
    from tracker.queries.representation import find

    model = RESOURCES[kind]
    return find(database, model, id) is not None or now_of(database.rows, model, id) is not None


def nothing_with(database: Database, id: str, kinds: Sequence[str]) -> NotFound:
    """Return the error for an id that no resource of these kinds has; Gone where one had it."""
    from tracker.models import RESOURCES
    from tracker.services.resources import missing_from

    errors = [missing_from(database, RESOURCES[kind], id) for kind in kinds]
    gone = next((error for error in errors if isinstance(error, Gone | Merged)), None)
    if gone is not None or len(errors) == 1:
        return gone or errors[0]
    hints = [error.hint for error in errors if error.hint is not None]
    hint = hints[0] if hints else "see `tracker agreements`, `tracker parties`"
    return NotFound(f"there is nothing with the id {id}", hint=hint)
