"""Who acts: `--as NAME`, else the system's user."""

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
    """Add `--as NAME` to a command; said of a command, it goes before what was said of `tracker`."""
    return click.option(
        "--as",
        "acting",
        metavar="NAME",
        expose_value=False,
        callback=_remember,
        help="Who acts, as history shows it; else the system's user.",
    )(command)


def author(comment: str | None = None, *, loading: bool = False) -> Author:
    """Give who acts, for a transaction."""
    from tracker.database.changes import Author

    return Author(_acting_name(), comment=comment, loading=loading)


def person(name: str) -> str:
    """Check a name that history is to show, and give it in NFC; raises a usage error."""
    clean = unicodedata.normalize("NFC", name.strip())
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
    said = click.get_current_context().meta.get(_KEY)
    if said is not None:
        return str(said)
    from getpass import getuser

    try:
        return person(getuser())
    except (OSError, KeyError, ImportError):
        raise click.UsageError("the system does not name its user; say --as NAME") from None
