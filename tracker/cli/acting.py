"""Who changes something and why: the options `--as` and `--comment`, and `--dry-run`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tracker.database.changes import Author

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_KEY = "tracker.acting"
LONGEST_NAME = 200


def as_option(command: Decorated) -> Decorated:
    """Add `--as NAME` to a command, where it counts before that of `tracker` itself."""
    return click.option(
        "--as",
        "acting",
        metavar="NAME",
        expose_value=False,
        callback=_remember,
        help="Who acts, as history shows it; else the system's user.",
    )(command)


comment_option = click.option("--comment", metavar="TEXT", help="Why; history keeps it.")
dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would change; change nothing.")


def author(comment: str | None = None, *, loading: bool = False) -> Author:
    """Return who acts, for a transaction."""
    from tracker.database.changes import Author

    return Author(_acting_name(), comment=comment, loading=loading)


def person(name: str) -> str:
    """Return a name in NFC, as history shows it; raises BadParameter for one that it cannot show."""
    from tracker.text import UnfitText, normalised

    try:
        clean = normalised(name.strip())
    except UnfitText as error:
        raise click.BadParameter(f"a name {error}") from None
    if not clean:
        raise click.BadParameter("a name must not be empty")
    if len(clean) > LONGEST_NAME:
        raise click.BadParameter(f"a name has at most {LONGEST_NAME} characters")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in clean):
        raise click.BadParameter("a name holds no control characters")
    return clean


def _remember(ctx: click.Context, _param: click.Parameter, name: str | None) -> None:
    if name is not None:
        ctx.meta[_KEY] = person(name)


def _acting_name() -> str:
    name = click.get_current_context().meta.get(_KEY)
    if name is not None:
        return str(name)
    from getpass import getuser

    try:
        return person(getuser())
    except (OSError, KeyError, ImportError):
        raise click.UsageError("the system does not name its user; say --as NAME") from None
