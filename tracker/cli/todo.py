"""`tracker todo`: what needs somebody, grouped: overdue, due soon, to review, to verify, in disagreement."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.cells import printable, wrapped
from tracker.cli.commands import Command
from tracker.cli.errors import said_as_options
from tracker.cli.lists import pages
from tracker.cli.opening import opened
from tracker.cli.output import bom_option, format_option, heading, sheet_of, terminal_width, write
from tracker.cli.types import DEPARTMENT

if TYPE_CHECKING:
    from tracker.database.engine import Database

COUNTED = (
    "not_assessed,no_evidence,not_started,in_progress,behind,stalled,partially_met,met,met_ongoing,not_met"
)
"""The statuses under which a promise still has to be reviewed: all but those that release it."""
GROUPS: dict[str, tuple[str, list[tuple[str, str]], str]] = {
    "overdue": ("Overdue", [("schedule", "overdue"), ("sort", "due,id")], "overdue_since"),
    "due_soon": ("Due within 30 days", [("schedule", "due_soon"), ("sort", "due,id")], "due"),
    "review_due": (
        "Review due",
        [("freshness", "stale,very_stale"), ("status", COUNTED), ("sort", "next_review_on,id")],
        "next_review_on",
    ),
    "awaiting_verification": (
        "Reported, awaiting verification",
        [("awaiting_verification", "true")],
        "reported_status",
    ),
    "disagreement": ("Report and evidence disagree", [("disagreement", "true")], "verified_status"),
}
"""What needs somebody: its heading, the filters of clauses that find it, the field that says since when."""
COLUMNS = (
    "todo", "clause", "department", "status", "due", "overdue_since", "next_review_on", "reported_status",
    "verified_status", "text",
)  # fmt: skip


@click.command(
    cls=Command,
    examples="""
        tracker todo
        tracker todo --department AI정책과
        tracker todo --as-of 2021-12-31 --format csv
    """,
)
@click.option(
    "--department",
    type=DEPARTMENT,
    metavar="TEXT,…",
    help="Only clauses of which this department is in charge.",
)
@click.option("--as-of", "as_of", metavar="DATE", help="As of that day, rather than today.")
@bom_option
@format_option
def todo(department: str | None, as_of: str | None, format: str, *, bom: bool) -> None:
    """List what is overdue, to be reviewed, verified or settled.

    Overdue, due within 30 days, review due, reported and awaiting verification, report and evidence in
    disagreement: a clause stands in every group that it belongs to.
    """
    given = [
        (name, text) for name, text in (("department", department), ("as_of", as_of)) if text is not None
    ]
    _check(given)
    database = opened()
    if format == "table":
        click.echo("\n".join(_text(database, given, terminal_width())))
        return
    rows = (
        [[name, *row] for row in _rows(database, filters, given)] for name, (_, filters, _) in GROUPS.items()
    )
    write(sheet_of(COLUMNS), rows, format, bom=bom)


def _check(given: list[tuple[str, str]]) -> None:
    from tracker.models import Clause
    from tracker.queries.lists import listing

    with said_as_options({"department": "--department", "as_of": "--as-of"}):
        listing(Clause, given)


def _rows(
    database: Database, filters: list[tuple[str, str]], given: list[tuple[str, str]]
) -> list[list[Any]]:
    from tracker.models import Clause
    from tracker.queries.representation import reading

    names = reading(Clause).names
    places = [names.index("id" if column == "clause" else column) for column in COLUMNS[1:]]
    return [
        [row[place] for place in places]
        for row in chain.from_iterable(pages(database, Clause, [*filters, *given]))
    ]


def _text(database: Database, given: list[tuple[str, str]], room: int) -> Iterator[str]:
    for place, (title, filters, since) in enumerate(GROUPS.values()):
        rows = _rows(database, filters, given)
        if place:
            yield ""
        yield heading(f"{title}: {len(rows)}")
        for row in rows:
            values = dict(zip(COLUMNS[1:], row, strict=True))
            department = f" ({values['department']})" if values["department"] else ""
            said = f"{values['clause']}  {values['status']}, {since.replace('_', ' ')} {values[since]}{department}"
            yield from (f"  {line}" for line in wrapped(printable(said), room - 2))
            yield from (f"     {line}" for line in wrapped(printable(values["text"]), room - 5)[:2])
