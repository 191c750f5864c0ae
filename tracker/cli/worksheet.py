"""`tracker worksheet`: spreadsheets to fill in, and a map for a register that is there already."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from tracker.cli.commands import Command
from tracker.cli.errors import say
from tracker.cli.opening import opened
from tracker.cli.output import bom_option
from tracker.cli.types import DEPARTMENT, FILE
from tracker.errors import TrackerError


@click.command(
    cls=Command,
    examples="""
        tracker worksheet --template -o register.xlsx
        tracker worksheet --guess register.xlsx > map.yaml
        tracker worksheet --department 도시데이터과 -o data.xlsx
    """,
)
@click.option("--template", is_flag=True, help="Write an empty register with its codes; it loads as it is.")
@click.option(
    "--department",
    type=DEPARTMENT,
    metavar="D",
    help="Write the clauses in a department's charge, with their last status and blank columns for what is new.",
)
@click.option(
    "--guess",
    type=FILE,
    metavar="FILE",
    help="Print a map for the columns of a register of your own, to edit and give to `tracker load --map`.",
)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="Where to write it: .xlsx or .csv.")
@click.option(
    "--lang", type=click.Choice(["ko", "en"]), default="ko", show_default=True, help="Of headings and codes."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@bom_option
def worksheet(
    *,
    template: bool,
    department: str | None,
    guess: str | None,
    output: str | None,
    lang: str,
    force: bool,
    bom: bool,
) -> None:
    """Write sheets to fill in, or guess a map of one.

    A filled-in sheet goes in with `tracker load`. In a department's sheet each row that is filled in is
    recorded as reported; `변동 없음` (no change) confirms the last report; rows left blank say nothing.
    """
    if sum((template, department is not None, guess is not None)) != 1:
        raise click.UsageError("name one of --template, --department D and --guess FILE")
    if guess is not None:
        _guess(guess, output)
        return
    if output is None:
        raise click.UsageError("say where to write it: -o FILE")
    from tracker.loading.spreadsheets import worksheets

    path = Path(output)
    if department is None:
        worksheets.write_template(path, lang=_lang(lang), bom=bom, force=force)
        say(f"{output}: fill in a row for each clause, then `tracker load {output}`")
        return
    count = worksheets.write_collection(opened(), department, path, lang=_lang(lang), bom=bom, force=force)
    clauses = "1 clause" if count == 1 else f"{count:,} clauses"
    say(f"{output}: {clauses} of {department}; filled in, `tracker load {output}` records it")


def _guess(file: str, output: str | None) -> None:
    from tracker.config import settings
    from tracker.dates import today
    from tracker.loading.spreadsheets.guessing import guessed_map

    text = guessed_map(file, today(settings().time_zone))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, "utf-8")
    except OSError as error:
        raise TrackerError(f"`{output}` cannot be written: {error.strerror or error}") from None


def _lang(word: str) -> Literal["ko", "en"]:
    return "en" if word == "en" else "ko"
