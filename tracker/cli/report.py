"""`tracker report`: the report to the council, to print, to file, to compare."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.commands import Command
from tracker.cli.errors import named_by_options, say
from tracker.cli.export import refused_by, stdout_bytes, written
from tracker.cli.ids import is_there, nothing_with
from tracker.cli.lists import spelled
from tracker.cli.opening import opened
from tracker.cli.output import bom_option, format_of
from tracker.cli.types import FILE, Id
from tracker.codes import LANGS, REPORT_FORMATS
from tracker.errors import TrackerError

if TYPE_CHECKING:
    from tracker.reports.compare import EarlierReport

_OF_ENDING = {f".{format}": format for format in REPORT_FORMATS} | {".htm": "html"}


@click.command(
    cls=Command,
    examples="""
        tracker report --from 2025 --to 2025 --lang ko -o report.html
        tracker report --party gwangju --format md
        tracker report --as-of 2025-06-30 -o last.json
        tracker report --compare last.json -o report.html
    """,
)
@click.option(
    "--party",
    type=Id("party", several=True),
    metavar="ID,…",
    help="Only agreements of these parties, or for which they sign.",
)
@click.option(
    "--series", type=Id("initiative", several=True), metavar="ID,…", help="Only agreements of these series."
)
@click.option("--from", "first", metavar="DATE", help="The period's first day; else from the beginning.")
@click.option("--to", "last", metavar="DATE", help="The period's last day; else the day of --as-of.")
@click.option("--as-of", "as_of", metavar="DATE", help="As of that day; else the earlier of --to and today.")
@click.option("--lang", type=click.Choice(LANGS), default="en", help="In English or Korean.")
@click.option(
    "--format",
    "format",
    type=click.Choice(REPORT_FORMATS),
    help="Markdown, unless said here or by the ending of FILE; csv is the register alone.",
)
@click.option(
    "-o", "file", type=FILE, metavar="FILE", help="Write this file, whole or not at all; else stdout."
)
@click.option(
    "--compare",
    "compare",
    type=FILE,
    metavar="LAST.json",
    help="Say what changed since a report made as JSON.",
)
@bom_option
def report(
    party: str | None,
    series: str | None,
    first: str | None,
    last: str | None,
    as_of: str | None,
    lang: str,
    format: str | None,
    file: str | None,
    compare: str | None,
    *,
    bom: bool,
) -> None:
    """Report to the council: the register and what became of it.

    What was signed, completed and ended in a period, what needs attention, and the register in the columns
    that ordinances ask for. HTML prints on A4. Every report says its day,
    when it was made, and the head of history, against which `tracker check --head` verifies it later.
    """
    from tracker.queries.report import report_query
    from tracker.reports.compare import compared
    from tracker.reports.formats import FORMATS
    from tracker.reports.making import report as made

    to_stdout = file is None or file == "-"
    chosen = format_of(file, format, _OF_ENDING, "md")
    if chosen == "xlsx" and to_stdout and sys.stdout.isatty():
        raise click.UsageError("a workbook is nothing for a terminal; name a file: -o report.xlsx")
    if chosen == "csv" and compare is not None:
        raise click.UsageError("--compare goes into html, md, json and xlsx; csv is the register alone")
    given = {"party": party, "series": series, "from": first, "to": last, "as_of": as_of, "lang": lang}
    with named_by_options({name: spelled(name) for name in (*given, "compare")}):
        query = report_query([(name, text) for name, text in given.items() if text is not None])
        earlier = None if compare is None else _earlier(compare)
        database = opened()
        for table, ids in (("party", party), ("initiative", series)):
            for id in ids.split(",") if ids else ():
                if not is_there(database, table, id):  # a report of nothing looks like any other
                    raise nothing_with(database, id, [table])
        content = made(database, query)
        if earlier is not None:
            content["compared"] = compared(content, earlier)
    written_as = FORMATS[chosen].write(content)
    if bom and chosen == "csv":
        written_as = b"\xef\xbb\xbf" + written_as
    with refused_by(file), stdout_bytes() if to_stdout else written(Path(file or "")) as stream:
        stream.write(written_as)
    if not to_stdout:
        say(f"{file} is written")


def _earlier(path: str) -> EarlierReport:
    from tracker.reports.compare import earlier_report

    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise TrackerError(f"`{path}` cannot be read: {reason}") from None
    return earlier_report(raw)
