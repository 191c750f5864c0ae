"""`tracker todo`: what needs somebody, grouped: overdue, due soon, to review, to verify, in disagreement."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tracker import codes
from tracker.cli.cells import printable, wrapped
from tracker.cli.commands import Command
from tracker.cli.lists import check_options
from tracker.cli.opening import opened
from tracker.cli.output import bom_option, format_option, heading, sheet_of, terminal_width, write
from tracker.cli.types import DEPARTMENT

if TYPE_CHECKING:
    from tracker.database.engine import Database

_TO_REVIEW = ",".join(status for status in codes.STATUSES if status not in codes.RELEASED)


class Group(NamedTuple):
    """What needs somebody: its heading, the filters of clauses, the field that says since when."""

    title: str
    filters: list[tuple[str, str]]
    since: str


GROUPS = {
    "overdue": Group("Overdue", [("schedule", "overdue"), ("sort", "due,id")], "overdue_since"),
    "due_soon": Group(
        f"Due within {codes.DAYS_SOON} days", [("schedule", "due_soon"), ("sort", "due,id")], "due"
    ),
    "review_due": Group(
        "Review due",
        [("freshness", "stale,very_stale"), ("status", _TO_REVIEW), ("sort", "next_review_on,id")],
        "next_review_on",
    ),
    "awaiting_verification": Group(
        "Reported, awaiting verification", [("awaiting_verification", "true")], "reported_status"
    ),
    "disagreement": Group("Report and evidence disagree", [("disagreement", "true")], "verified_status"),
}
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
    metavar="TEXT",
    multiple=True,
    help="Only clauses of which this department is in charge; may be repeated.",
)
@click.option("--as-of", "as_of", metavar="DATE", help="As of that day, rather than today.")
@bom_option
@format_option
def todo(department: tuple[str, ...], as_of: str | None, format: str, *, bom: bool) -> None:
    """List what is overdue, to be reviewed, verified or settled.

    Overdue, due within 30 days, review due, reported and awaiting verification, report and evidence in
    disagreement: a clause stands in every group that it belongs to.
    """
    from tracker.models import Clause

    given = [("department", name) for name in department]
    given += [] if as_of is None else [("as_of", as_of)]
    check_options(Clause, given)
    database = opened()
    if format == "table":
        click.echo("\n".join(_text(database, given, terminal_width())))
        return
    rows = ([[name, *row] for row in _rows(database, group, given)] for name, group in GROUPS.items())
    write(sheet_of(COLUMNS), rows, format, bom=bom)


def _rows(database: Database, group: Group, given: list[tuple[str, str]]) -> list[list[Any]]:
    """Return the clauses of a group, with a value for each of ``COLUMNS`` but the group itself."""
    from tracker.models import Clause
    from tracker.queries.lists import pages
    from tracker.queries.representation import reading

    names = reading(Clause).names
    places = [names.index("id" if column == "clause" else column) for column in COLUMNS[1:]]
    rows = chain.from_iterable(pages(database, Clause, [*group.filters, *given]))
    return [[row[place] for place in places] for row in rows]


def _text(database: Database, given: list[tuple[str, str]], room: int) -> Iterator[str]:
    for number, group in enumerate(GROUPS.values()):
        rows = _rows(database, group, given)
        if number:
            yield ""
        yield heading(f"{group.title}: {len(rows)}")
        for row in rows:
            values = dict(zip(COLUMNS[1:], row, strict=True))
            department = f" ({values['department']})" if values["department"] else ""
            since = f"{group.since.replace('_', ' ')} {values[group.since]}"
            line = f"{values['clause']}  {values['status']}, {since}{department}"
            yield from (f"  {part}" for part in wrapped(printable(line), room - 2))
            yield from (f"     {part}" for part in wrapped(printable(values["text"]), room - 5)[:2])
