"""`tracker completion`: lets Tab complete commands, options, codes and ids in bash, zsh and fish.

Click asks the type of a parameter (tracker.cli.types) what could stand there. Whatever goes wrong, Tab
offers nothing and prints nothing.
"""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stderr, suppress
from typing import NoReturn

import click
from click.shell_completion import (
    BashComplete,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from tracker import codes
from tracker.cli.commands import Command
from tracker.cli.types import Code, ColumnText, Completed, Id

VARIABLE = "_TRACKER_COMPLETE"
"""The variable by which a shell's script asks, as Click names it after `tracker`."""


class Bash(BashComplete):
    """Completion in bash, which takes `--party=x` for three words."""

    def source(self) -> str:
        """Return the script, without starting a bash to ask for its version."""
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that was begun, and that one."""
        words, incomplete = super().get_completion_args()
        return [word for word in words if word != "="], incomplete


SHELLS: dict[str, type[ShellComplete]] = {"bash": Bash, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    cls=Command,
    examples="""
        source <(tracker completion bash)
        tracker completion bash > ~/.local/share/bash-completion/completions/tracker
        tracker completion zsh > "${fpath[1]}/_tracker"
        tracker completion fish > ~/.config/fish/completions/tracker.fish
    """,
)
@click.argument("shell", metavar="SHELL", type=click.Choice(tuple(SHELLS)))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands, codes and ids.

    SHELL is bash, zsh or fish. Ids are those of the configured database, if there is one; none is made.
    """
    click.echo(SHELLS[shell](click.Command("tracker"), {}, "tracker", VARIABLE).source())


def complete(program: click.Command) -> NoReturn:
    """Print what could come next, for the shell that asks, and exit; silent on any problem."""
    add_completion_class(Bash)
    with (
        suppress(Exception, SystemExit),
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        redirect_stderr(nowhere),
    ):
        program(prog_name="tracker", complete_var=VARIABLE)
    sys.exit(0)


def _party() -> Id:
    return Id("party", several=True)


def _code(codelist: codes.Codelist) -> Code:
    return Code(codelist, several=True)


def _text(table: str, column: str) -> ColumnText:
    return ColumnText(table, column, several=True)


FILTERS: dict[str, dict[str, Completed | None]] = {
    "party": {
        "kind": _code(codes.PARTY_KIND),
        "class": _code(codes.PARTY_CLASS),
        "country": _text("party", "country"),
    },
    "source": {"kind": _code(codes.SOURCE_KIND), "publisher": _party(), "author": _party()},
    "initiative": {"kind": _code(codes.INITIATIVE_KIND), "operator": _party()},
    "agreement": {
        "party": _party(),
        "headline": _code(codes.HEADLINE),
        "initiative": Id("initiative", several=True),
        "series": Id("initiative", several=True),
        "kind": _code(codes.AGREEMENT_KIND),
        "lifecycle": _code(codes.LIFECYCLE),
        "department": _text("agreement_party", "department"),
        "signed_on__gte": None,
        "signed_on__lt": None,
    },
    "clause": {
        "agreement": Id("agreement", several=True),
        "party": _party(),
        "obligor": _party(),
        "beneficiary": _party(),
        "initiative": Id("initiative", several=True),
        "status": _code(codes.CURRENT_STATUS),
        "schedule": _code(codes.SCHEDULE),
        "freshness": _code(codes.FRESHNESS),
        "disagreement": _code(codes.FLAG),
        "awaiting_verification": _code(codes.FLAG),
        "kind": _code(codes.CLAUSE_KIND),
        "department": _text("agreement_party", "department"),
        "due__gte": None,
        "due__lt": None,
    },
    "quote": {
        "agreement": Id("agreement", several=True),
        "speaker": _party(),
        "on_behalf_of": _party(),
        "kind": _code(codes.QUOTE_KIND),
    },
    "follow_up": {
        "clause": Id("clause", several=True),
        "agreement": Id("agreement", several=True),
        "track": _code(codes.TRACK),
        "status": _code(codes.RECORDED_STATUS),
        "stated_by": _party(),
        "recorded_by": _text("follow_up", "recorded_by"),
        "effective_on__gte": None,
        "effective_on__lt": None,
    },
}
"""What the filters of each list take."""
