"""`tracker party`: parties that were recorded twice."""

from __future__ import annotations

import click

from tracker.cli.acting import as_option, author, comment_option, dry_run_option
from tracker.cli.commands import Group
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.cli.types import Id
from tracker.kinds import KINDS


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
@comment_option
@dry_run_option
@as_option
def merge(id: str, into: str, comment: str | None, *, dry_run: bool) -> None:
    """Merge PARTY into another: one change, and its id leads to the other from then on.

    Its names, affiliations and identifiers move, its own name becomes an alias, and whatever refers to it
    refers to the other. Prints what changed, a line each. It cannot be undone by a command.
    """
    from tracker.services.merging import merge_party

    with opened().write(author(comment), dry_run=dry_run) as change:
        done = merge_party(change, id, into)
    changed = [f"{KINDS[kind].noun} {id}" for kind, ids in done.changed.items() for id in ids]
    for resource in changed:
        click.echo(f"change {resource}")
    count = "1 resource changed" if len(changed) == 1 else f"{len(changed):,} resources changed"
    say(f"{'dry run, nothing is written: ' if dry_run else ''}party {id} is part of {into}; {count}")
