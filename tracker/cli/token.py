"""`tracker token`: who may write through the REST API."""

from __future__ import annotations

import click

from tracker.cli.acting import as_option, author, person
from tracker.cli.commands import Group
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.cli.output import format_option, sheet_of, write
from tracker.cli.types import Id
from tracker.codes import ROLE, TRACK


@click.group(
    cls=Group,
    examples="""
        tracker token create --role editor --name kim
        tracker token list
        tracker token revoke 1a2b3c4d
    """,
)
def token() -> None:
    """Make, list and revoke tokens for the REST API.

    Only a digest of each is stored.
    """


@token.command(
    "create",
    examples="""
        tracker token create --role editor --name kim
        TOKEN=$(tracker token create --role editor --name city --track reported)
    """,
)
@click.option(
    "--role",
    required=True,
    type=click.Choice(ROLE.codes),
    help="viewer reads source texts, editor writes as well, admin may do everything.",
)
@click.option(
    "--name",
    required=True,
    metavar="NAME",
    callback=lambda _ctx, _param, name: person(name),
    help="Who will hold it, as history shows it.",
)
@click.option("--track", type=click.Choice(TRACK.codes), help="The only track of follow-ups it may write.")
@as_option
def create(role: str, name: str, track: str | None) -> None:
    """Make a token and print its secret, alone, on stdout; it cannot be read again."""
    from tracker.services.access import create_token

    with opened().write(author()) as change:
        secret = create_token(change, name, role, track)
    click.echo(secret)
    only = f", {track} track only" if track else ""
    say(f"made a token for {name} ({role}{only}); keep it, it is not shown again")


@token.command("list", examples="tracker token list --format json")
@format_option
def list_tokens(format: str) -> None:
    """List every token that was ever made, without its secret."""
    from tracker.services.access import LISTED, tokens

    rows = [[token[name] for name in LISTED] for token in tokens(opened())]
    write(sheet_of(LISTED), [rows], format)


@token.command("revoke", examples="tracker token revoke 1a2b3c4d")
@click.argument("id", type=Id("token"))
@as_option
def revoke(id: str) -> None:
    """Revoke the token ID (see `tracker token list`); from now on it opens nothing."""
    from tracker.services.access import revoke_token

    with opened().write(author()) as change:
        revoke_token(change, id)
    say(f"revoked token {id}")
