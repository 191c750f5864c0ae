"""`tracker redact`: erase texts from history, whose digests stay."""

from __future__ import annotations

import click

from tracker.cli.acting import as_option, author, dry_run_option
from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.history import kind_in_history
from tracker.cli.ids import kind_option
from tracker.cli.opening import opened
from tracker.cli.types import ANY_ID


@click.command(
    cls=Command,
    examples="""
        tracker redact 018f3c2a-5b1e-7c3d-8e4f-0123456789ab --field note --comment "Court order 2026-12"
        tracker redact lee-yong-seop --field names --change 41 --comment "Request of the person" --yes
    """,
)
@click.argument("id", type=ANY_ID)
@kind_option
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="FIELD",
    help="Only the texts of this field, `comment` for the comments on its changes; repeatable. Else all but comments.",
)
@click.option(
    "--change",
    "changes",
    multiple=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Only the texts of change N (see `tracker history`); repeatable. Else of all changes.",
)
@click.option("--comment", required=True, metavar="TEXT", help="Why, as history will show it.")
@dry_run_option
@click.option("--yes", is_flag=True, help="Do not ask: what is erased cannot be brought back.")
@as_option
def redact(
    id: str,
    kind: str | None,
    fields: tuple[str, ...],
    changes: tuple[int, ...],
    comment: str,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Erase texts from history, whose digests stay.

    For a court order or a request of privacy: the texts that a resource once had go for good, each with its
    salt, the chain of history still verifies, and the redaction is itself a change. What it says
    today stays: change or remove it first. Backups and copies made before still hold the texts.
    """
    from tracker.models import RESOURCES
    from tracker.services.redaction import redact as erase

    database = opened()
    model = RESOURCES[kind_in_history(database, id, kind)]
    if not (yes or dry_run):
        click.confirm(f"Erase texts of {model.noun} {id} from history, for good?", abort=True, err=True)
    with database.write(author(comment), dry_run=dry_run) as change:
        count = erase(change, model, id, fields=fields, changes=changes)
    texts = "1 text" if count == 1 else f"{count} texts"
    say(f"{texts} of {model.noun} {id} {'would be erased' if dry_run else 'erased'} from history")
