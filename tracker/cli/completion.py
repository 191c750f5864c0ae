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

from tracker.cli.commands import Command

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
