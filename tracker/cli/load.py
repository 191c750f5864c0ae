"""`tracker load` and `tracker validate`: seed files and spreadsheets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tracker.cli.acting import as_option, author
from tracker.cli.cells import printable
from tracker.cli.commands import Command
from tracker.cli.errors import say, stderr_is_a_terminal
from tracker.cli.opening import configured, opened
from tracker.cli.output import format_option, sheet_of, write
from tracker.cli.types import FILE
from tracker.errors import NotReady, Unavailable

if TYPE_CHECKING:
    from tracker.database.engine import Database
    from tracker.loading import Outcome, Sheets
    from tracker.loading.plan import LoadOptions

Progress = Callable[[int, int | None], None]

MOST_NOTES = 100
"""How many notes on spreadsheets are said before the rest is only counted."""

map_option = click.option(
    "--map",
    "column_map",
    type=FILE,
    metavar="FILE",
    help="How the columns of your own spreadsheet are read; `tracker worksheet --guess` proposes it.",
)


@click.command(
    cls=Command,
    examples="""
        tracker load seeds/
        tracker load --dry-run corrected.yaml
        tracker load register.xlsx --map map.yaml
        curl https://www.example.org/agreements.jsonl | tracker load -
    """,
)
@click.argument("paths", type=FILE, metavar="PATH…", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print what would be created and changed; change nothing.")
@click.option("--overwrite", is_flag=True, help="Take the file's value where a person changed or removed it.")
@click.option("--prune", is_flag=True, help="Remove clauses and quotes that the file does not name any more.")
@map_option
@click.option(
    "--renumber",
    is_flag=True,
    help="Take other words under a clause's number that has follow-ups for a new clause, with the next number.",
)
@click.option(
    "--accept",
    type=click.Choice(["good"]),
    help="Load the rows of sheets without faults, and write the others to a sheet to mend and load again.",
)
@format_option
@as_option
def load(
    paths: tuple[str, ...],
    *,
    dry_run: bool,
    overwrite: bool,
    prune: bool,
    column_map: str | None,
    renumber: bool,
    accept: str | None,
    format: str,
) -> None:
    """Load seed files and sheets; loading twice changes nothing.

    PATH is a file (.yaml, .json, .jsonl, .xlsx, .csv), a folder, or - for standard input. All is checked before the first write. Nothing
    that a person recorded is undone: it is kept, and named on stderr.
    """
    from tracker.loading import load as load_files
    from tracker.loading.plan import LoadOptions

    sheets = sheets_by(column_map, renumber=renumber)
    database = opened()
    if accept is not None:
        _load_good(database, paths, sheets, LoadOptions(overwrite, prune), dry_run=dry_run, format=format)
        return
    with shown_progress() as progress, notes_said(sheets):
        outcome = load_files(
            database,
            paths,
            author(loading=True),
            stdin=sys.stdin.buffer,
            dry_run=dry_run,
            overwrite=overwrite,
            prune=prune,
            progress=progress,
            sheets=sheets,
        )
    _show_outcome(outcome, format, dry_run=dry_run)


@click.command(
    cls=Command,
    examples="""
        tracker validate seeds/
        tracker validate - < draft.yaml
    """,
)
@click.argument("paths", type=FILE, metavar="PATH…", nargs=-1, required=True)
@map_option
@format_option
def validate(paths: tuple[str, ...], *, column_map: str | None, format: str) -> None:
    """Check seed files and sheets; writes nothing.

    PATH is a file, a folder, or - for standard input. All faults are named at once; they read `file:line:column: message`. No database is needed and none is made; ids of one that is there count as defined.
    """
    from tracker.config import settings
    from tracker.loading import validate as validate_files

    sheets = sheets_by(column_map)
    with shown_progress() as progress, notes_said(sheets):
        counts = validate_files(
            paths,
            database=known_database(),
            stdin=sys.stdin.buffer,
            time_zone=settings().time_zone,
            progress=progress,
            sheets=sheets,
        )
    rows = [[table, count] for table, count in counts.items() if count]
    write(sheet_of(("table", "count")), [rows], format)
    say("no faults")


def sheets_by(column_map: str | None, *, renumber: bool = False) -> Sheets:
    """Return how spreadsheets are read: by a map, or by the headings of templates."""
    from tracker.loading import Sheets
    from tracker.loading.spreadsheets.column_map import read_map

    return Sheets(None if column_map is None else read_map(column_map), renumber=renumber)


@contextmanager
def notes_said(sheets: Sheets) -> Iterator[None]:
    """Say what was noted in reading spreadsheets: before anything is written, also where faults end it."""
    said = False

    def say_notes() -> None:
        nonlocal said
        if said:
            return
        said = True
        for note in sheets.notes[:MOST_NOTES]:
            say(note)
        if len(sheets.notes) > MOST_NOTES:
            say(f"… and {len(sheets.notes) - MOST_NOTES:,} more like these")

    sheets.when_read = say_notes
    try:
        yield
    finally:
        say_notes()


@contextmanager
def shown_progress() -> Iterator[Progress | None]:
    """Yield what shows how far a load or a check is, on one line of a terminal; None where there is none."""
    if not stderr_is_a_terminal():
        yield None
        return
    last = ""

    def show(done: int, total: int | None) -> None:
        nonlocal last
        now = f"checking {done:,}" if total is None else f"loading {done:,} of {total:,}"
        if now != last:
            click.echo(f"\r{now:{len(last)}}", nl=False, err=True)
            last = now

    try:
        yield show
    finally:
        if last:
            click.echo(f"\r{'':{len(last)}}\r", nl=False, err=True)


def say_outcome(outcome: Outcome, *, dry_run: bool = False) -> None:
    """Say what was kept, missing and removed, then in one line what was done."""
    warnings = dict.fromkeys(outcome.warnings)
    for sentence in (*warnings, *outcome.kept, *outcome.missing, *outcome.removed):
        say(sentence)
    counts: dict[str, Mapping[str, int]] = {
        "created": outcome.created,
        "updated": outcome.updated,
        "removed": outcome.pruned,
        "unchanged": outcome.unchanged,
    }
    said = [f"{sum(each.values()):,} {word}" for word, each in counts.items() if any(each.values())]
    said += [f"{len(outcome.kept):,} kept"] if outcome.kept else []
    say(("dry run, nothing is written: " if dry_run else "") + (", ".join(said) or "nothing to load"))


def _load_good(
    database: Database,
    paths: tuple[str, ...],
    sheets: Sheets,
    options: LoadOptions,
    *,
    dry_run: bool,
    format: str,
) -> None:
    from tracker.loading.accepting import load_good

    if "-" in paths:
        raise click.UsageError("--accept good is for files; standard input is loaded whole or not at all")
    with shown_progress() as progress, notes_said(sheets):
        accepted = load_good(
            database,
            paths,
            author(loading=True),
            sheets,
            options=options,
            dry_run=dry_run,
            progress=progress,
        )
    _show_outcome(accepted.outcome, format, dry_run=dry_run)
    if accepted.rows_left:
        rows = "1 row is" if accepted.rows_left == 1 else f"{accepted.rows_left:,} rows are"
        files = ", ".join(map(str, accepted.files))
        say(f"{rows} not loaded" + (f"; mend {files}, then load it with the same map" if files else ""))


def _show_outcome(outcome: Outcome, format: str, *, dry_run: bool) -> None:
    if dry_run:
        for change in outcome.changes:
            click.echo(printable(change))
    else:
        _print_counts(outcome, format)
    say_outcome(outcome, dry_run=dry_run)


def _print_counts(outcome: Outcome, format: str) -> None:
    columns = ("table", "created", "updated", "unchanged", "pruned")
    counts = [outcome.created, outcome.updated, outcome.unchanged, outcome.pruned]
    tables = list(dict.fromkeys(table for each in counts for table in each))
    rows = [[table, *(each.get(table, 0) for each in counts)] for table in tables]
    write(sheet_of(columns), [rows], format)


def known_database() -> Database | None:
    """Return the database that is there and ready, or None: checking files needs none."""
    database = configured()
    if database.is_sqlite and not database.path.is_file():
        return None
    try:
        database.ready()
    except (NotReady, Unavailable) as reason:
        say(f"checked without the database, whose ids do not count as defined: {reason}")
        return None
    return database
