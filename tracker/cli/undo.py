"""`tracker undo CHANGE`: undo one change of history, as a new change."""

from __future__ import annotations

import click

from tracker.cli.acting import as_option, author, comment_option, dry_run_option
from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import opened


@click.command(
    cls=Command,
    examples="""
        tracker undo 12 --dry-run
        tracker undo 12 --comment "Recorded for the wrong clause"
    """,
)
@click.argument("place", metavar="CHANGE", type=click.IntRange(min=1))
@comment_option
@dry_run_option
@as_option
def undo(place: int, comment: str | None, *, dry_run: bool) -> None:
    """Undo one change of history, as a new change.

    CHANGE is its number, as `tracker history` shows it. What it made goes, what it removed comes back,
    fields get the values back that they had; of a load all of it together. Nothing is undone where a
    later change stands in the way: undo that first. Prints what is undone, a line each.
    """
    from tracker.services import revert_change

    with opened().write(author(comment), dry_run=dry_run) as change:
        undone = revert_change(change, place)
    for resource in undone:
        click.echo(f"{resource.done}: {resource.model.noun} {resource.id}")
    say(f"{'dry run, nothing is written: ' if dry_run else ''}change {place} is undone")
