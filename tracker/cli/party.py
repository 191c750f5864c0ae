"""`tracker party`: parties that were recorded twice."""

from __future__ import annotations

import click

from tracker.cli.acting import as_option, author
from tracker.cli.commands import Group
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.cli.types import Id


@click.group(
    cls=Group,
    examples="""
        tracker party merge gwangju-city --into gwangju --dry-run
        tracker party merge gwangju-city --into gwangju
    """,
)
def party() -> None:
    """Merge parties that are one and the same.

    `tracker parties --doubles` proposes them.
    """


@party.command(
    "merge",
    examples="""
        tracker party merge gwangju-city --into gwangju --dry-run
        tracker party merge gwangju-city --into gwangju --comment "The same city, written in two ways"
    """,
)
@click.argument("id", type=Id("party"), metavar="PARTY")
@click.option("--into", type=Id("party"), metavar="PARTY", required=True, help="The party that stays.")
@click.option("--comment", metavar="TEXT", help="Why; history keeps it.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@as_option
def merge(id: str, into: str, comment: str | None, dry_run: bool) -> None:  # noqa: FBT001 - Click passes it by name
    """Merge PARTY into another: one change, and its id leads to the other from then on.

    Its names, affiliations and identifiers move, its own name becomes an alias, and whatever refers to it
    refers to the other. Prints what changed, a line each. It cannot be undone by a command.
    """
    from tracker.models import RESOURCES
    from tracker.services.merging import merge_party

    database = opened()
    with database.write(author(comment), dry_run=dry_run) as change:
        done = merge_party(change, id, into)
    count = 0
    for table, ids in done.changed.items():
        count += len(ids)
        for each in ids:
            click.echo(f"change {RESOURCES[table].noun} {each}")
    said = "1 thing changed" if count == 1 else f"{count:,} things changed"
    say(f"{'dry run, nothing is written: ' if dry_run else ''}party {id} is part of {into}; {said}")
