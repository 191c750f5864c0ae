"""The admin command line, `tracker`: results on stdout, talk on stderr.

Importing this package and printing `--help` import Click and little else; each command's module is
imported when the command is called, and what it needs of SQLAlchemy and Flask when it runs.
"""

from __future__ import annotations

import io
import os
import sys

import click

from tracker import __version__
from tracker.cli import errors
from tracker.cli.acting import as_option
from tracker.cli.commands import LazyGroup
from tracker.errors import TrackerError
from tracker.kinds import KINDS

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Start": {
        "demo": ("tracker.cli.demo:demo", "Try it: make a database with the shipped seeds, and serve it."),
        "serve": ("tracker.cli.serving:serve", "Serve the REST API."),
        "config": ("tracker.cli.config:config", "Show every setting and where it comes from."),
    },
    "Load": {
        "load": ("tracker.cli.load:load", "Load seed files and sheets; loading twice changes nothing."),
        "draft": ("tracker.cli.draft:draft", "Draft a seed file from a press article."),
        "validate": ("tracker.cli.load:validate", "Check seed files and sheets; writes nothing."),
        "export": ("tracker.cli.export:export", "Write a seed file, follow-ups and evidence included."),
        "worksheet": ("tracker.cli.worksheet:worksheet", "Write sheets to fill in, or guess a map of one."),
    },
    "Read": {
        **{
            kind.path: ("tracker.cli.lists:list_command", kind.help)
            for kind in KINDS.values()
            if not kind.grouped
        },
        "show": ("tracker.cli.show:show", "Show one resource with all that belongs to it."),
        "history": (
            "tracker.cli.history:history",
            "Show who changed what, in the order of the changes.",
        ),
        "todo": ("tracker.cli.todo:todo", "List what is overdue, to be reviewed, verified or settled."),
        "report": ("tracker.cli.report:report", "Report to the council: the register and what became of it."),
    },
    "Record": {
        "follow-up": ("tracker.cli.follow_up:follow_up", "Record what became of a clause."),
        "undo": ("tracker.cli.undo:undo", "Undo one change of history, as a new change."),
    },
    "Administer": {
        "party": ("tracker.cli.party:party", "Merge parties that are one and the same."),
        "token": ("tracker.cli.token:token", "Make, list and revoke tokens for the REST API."),
        "db": ("tracker.cli.db:db", "Make, upgrade, back up, restore and move the database."),
        "redact": ("tracker.cli.redact:redact", "Erase texts from history, whose digests stay."),
        "check": ("tracker.cli.check:check", "Prove history, spans and current statuses."),
        "completion": (
            "tracker.cli.completion:completion",
            "Print what lets a shell complete commands, codes and ids.",
        ),
    },
}
"""Every command by section: where it is, and what it does in one line."""


class Program(LazyGroup):
    """The root command: turns this program's errors into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; no error of ours leaves a traceback."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except TrackerError as error:
            errors.report(error)  # tracker.cli.report is a command
            ctx.exit(errors.exit_code(error))
        except KeyboardInterrupt:
            click.echo(err=True)  # closes the line with the terminal's ^C
            ctx.exit(130)


@click.command(
    cls=Program,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    examples="""
        tracker demo
        tracker load seeds/
        tracker clauses --status met,behind --party gwangju
        tracker follow-up add gwangju-kdata-2020.4 in_progress --track reported --on 2021-03
    """,
)
@as_option
@click.version_option(__version__, message="%(prog)s %(version)s")
def program() -> None:
    """Who promised what to whom, in which words, printed where, and what has happened since.

    The database is TRACKER_DATABASE_URL, sqlite:///tracker.db in the current folder unless that is set;
    `tracker config` shows every setting. Exit codes: 0 done, 1 failure, 2 usage, 3 invalid input,
    4 refused access, 5 not found, 6 conflict.
    """


def main() -> None:
    """Run the command line; what the terminal cannot print stands there as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if "_TRACKER_COMPLETE" in os.environ:
        from tracker.cli.completion import complete

        complete(program)
    program(prog_name="tracker")
