"""`tracker token`: who may write through the REST API."""

from __future__ import annotations

import click

from tracker.cli.acting import as_option, author, person
from tracker.cli.commands import Group
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.cli.output import format_option, sheet_of, write
from tracker.cli.types import DEPARTMENT, Id
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
        TOKEN=$(tracker token create --role editor --name city --track reported --party gwangju)
        tracker token create --role editor --name data-office --department 데이터산업과 --expires 2027-12-31
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
@click.option(
    "--party",
    type=Id("party"),
    metavar="PARTY",
    help="The only party whose word it may record, on the clauses of that party's agreements.",
)
@click.option(
    "--department",
    type=DEPARTMENT,
    metavar="NAME",
    callback=lambda _ctx, _param, name: name and person(name),
    help="The only department on whose clauses it may record follow-ups.",
)
@click.option(
    "--expires", metavar="DATE", callback=lambda _ctx, _param, day: day and _day(day), help="Its last day."
)
@as_option
def create(
    role: str, name: str, track: str | None, party: str | None, department: str | None, expires: str | None
) -> None:
    """Make a token and print its secret, alone, on stdout; it cannot be read again.

    With --track, --party or --department it records follow-ups within all of these limits, and nothing else.
    """
    from tracker.services.access import create_token

    with opened().write(author()) as change:
        secret = create_token(
            change, name, role, track, party=party, department=department, expires_on=expires
        )
    click.echo(secret)
    limits = [
        role,
        *([f"{track} track only"] if track else []),
        *([f"for {party} only"] if party else []),
        *([f"for {department} only"] if department else []),
        *([f"until {expires}"] if expires else []),
    ]
    say(f"made a token for {name} ({', '.join(limits)}); keep it, it is not shown again")


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


def _day(text: str) -> str:
    from tracker import dates

    try:
        return dates.parse_day(text)
    except dates.NotADate as error:
        raise click.BadParameter(str(error)) from None
