"""`tracker show ID`: one resource with all that belongs to it, readable or as JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import click

from tracker.cli.cells import printable, table, wrapped
from tracker.cli.commands import Command
from tracker.cli.ids import kind_option, kinds_of, nothing_with, only
from tracker.cli.lists import sheet
from tracker.cli.opening import opened
from tracker.cli.output import format_option, heading, terminal_width, text_of, write
from tracker.cli.types import ANY_ID

if TYPE_CHECKING:
    from tracker.database.engine import Database
    from tracker.database.statements import Row
    from tracker.models import Resource
    from tracker.models.values import FollowUpValues, QuoteValues, Values
    from tracker.queries.report import ClauseFields
    from tracker.queries.rollup import SummaryRow


@dataclass
class Shown:
    """One resource as it is read, with the resources that are shown below it."""

    model: type[Resource]
    row: Row
    children: dict[type[Resource], list[Shown]] = field(default_factory=dict)

    @property
    def values(self) -> Values:
        """Its fields and nested lists."""
        from tracker.queries.representation import reading

        return reading(self.model).values(self.row)

    def content(self) -> Values:
        """Return it as JSON has it: its own object, its children under their plural."""
        return self.values | {
            model.plural: [child.content() for child in resources]
            for model, resources in self.children.items()
        }


@click.command(
    cls=Command,
    examples="""
        tracker show gwangju-kdata-2020
        tracker show gwangju-kdata-2020.4
        tracker show gwangju-kdata-2020.q1
        tracker show gwangju --format json
    """,
)
@click.argument("id", type=ANY_ID)
@kind_option
@format_option
def show(id: str, kind: str | None, format: str) -> None:
    """Show one resource with all that belongs to it.

    The form of ID says what it is: AGREEMENT.NUMBER a clause, AGREEMENT.qNUMBER a quote, a UUID a
    follow-up. An agreement comes with its clauses, their follow-ups, and its quotes: JSON has them inside
    its object, CSV leaves them to the lists.
    """
    database = opened()
    result = _found(database, id, kind)
    if format == "csv":
        write(sheet(result.model), [[result.row]], format)
    elif format in ("json", "jsonl"):
        from tracker.queries.representation import encoder

        sys.stdout.buffer.write(encoder.encode(result.content()) + b"\n")
    else:
        click.echo("\n".join(_text(result, terminal_width())))


def _found(database: Database, id: str, kind: str | None) -> Shown:
    from tracker.models import RESOURCES
    from tracker.queries.read_options import row_of

    kinds = [kind] if kind else kinds_of(id)
    rows = [(table, row_of(database, RESOURCES[table], id)) for table in kinds]
    there = [(table, row) for table, row in rows if row is not None]
    if not there:
        raise nothing_with(database, id, kinds)
    table = only(id, [table for table, _ in there])
    return _with_children(database, Shown(RESOURCES[table], dict(there)[table]))


def _with_children(database: Database, shown: Shown) -> Shown:
    from tracker.models import Agreement, Clause, FollowUp, Quote

    id = str(shown.values["id"])
    if shown.model is Clause:
        shown.children = {FollowUp: _below(database, FollowUp, "clause", id)}
    if shown.model is Agreement:
        clauses = _below(database, Clause, "agreement", id)
        by_clause = {str(clause.values["id"]): clause for clause in clauses}
        for clause in clauses:
            clause.children = {FollowUp: []}
        for follow_up in _below(database, FollowUp, "agreement", id):
            by_clause[str(follow_up.values["clause"])].children[FollowUp].append(follow_up)
        shown.children = {Clause: clauses, Quote: _below(database, Quote, "agreement", id)}
    return shown


def _below(database: Database, model: type[Resource], owner: str, id: str) -> list[Shown]:
    from tracker.queries.lists import pages

    return [Shown(model, row) for page in pages(database, model, [(owner, id)]) for row in page]


def _text(shown: Shown, room: int) -> Iterator[str]:
    values = shown.values
    title = values.get("title") or values.get("name") or values.get("text")
    yield heading(printable(f"{shown.model.noun} {values['id']}"))
    if title:
        yield from wrapped(printable(str(title)), room)
    yield ""
    yield from _facts(shown, values, title, room)
    for model, resources in shown.children.items():
        yield ""
        yield heading(_counted(model, len(resources)))
        for resource in resources:
            yield from (f"  {line}".rstrip() for line in _entry(resource, room - 2))


def _facts(shown: Shown, values: Values, title: object, room: int) -> Iterator[str]:
    """Return what is known, a line for each field; what is unknown, and what was said already, is left out."""
    lists = [nested.name for nested in shown.model.nested]
    if "summary" in values:
        values = values | {"summary": "; ".join(_summary(cast("SummaryRow", values["summary"])))}
    plain = {
        name: text_of(value)
        for name, value in values.items()
        if name not in lists and name != "id" and value is not None and value != title
    }
    widest = max(map(len, plain), default=0)
    for name, text in plain.items():
        first, *further = wrapped(printable(text), max(room - widest - 2, 20))
        yield f"{name.replace('_', ' '):<{widest}}  {first}"
        yield from (f"{'':<{widest}}  {line}" for line in further)
    for name in lists:
        if values[name]:
            yield ""
            yield from _list(name, cast("list[Values] | list[str]", values[name]), room)


def _list(name: str, entries: list[Values] | list[str], room: int) -> Iterator[str]:
    objects = [entry for entry in entries if isinstance(entry, dict)]
    if not objects:
        yield from wrapped(f"{name}: {', '.join(map(str, entries))}", room)
        return
    yield f"{name}:"
    names = [key for key in objects[0] if any(entry[key] is not None for entry in objects)]
    rows = [[printable(text_of(entry[key])) for key in names] for entry in objects]
    yield from (f"  {line}" for line in table([key.replace("_", " ") for key in names], rows, room - 2))


def _entry(shown: Shown, room: int) -> Iterator[str]:
    """Return a child in short: what it is, then its words."""
    match shown.model.__tablename__:
        case "clause":
            yield from _clause(cast("ClauseFields", shown.values), room)
        case "quote":
            yield from _quote(cast("QuoteValues", shown.values), room)
        case _:
            yield from _follow_up(cast("FollowUpValues", shown.values), room)
    for resources in shown.children.values():
        for resource in resources:
            yield from (f"   {line}".rstrip() for line in _entry(resource, room - 3))


def _clause(values: ClauseFields, room: int) -> Iterator[str]:
    yield from wrapped(f"{values['number']}. {_where_it_stands(values)}", room)
    yield from _indented(values["text"], room)


def _quote(values: QuoteValues, room: int) -> Iterator[str]:
    speaker = values["speaker"] or values["speaker_as_printed"] or "somebody"
    yield f"q{values['number']}. {speaker} ({values['kind']})"
    yield from _indented(f"“{values['text']}”", room)


def _follow_up(values: FollowUpValues, room: int) -> Iterator[str]:
    state = f"{values['effective_on']} {values['track']}: {values['status']}{_because(values)}"
    first, *further = wrapped(state, room)
    yield first
    yield from (f"   {line}" for line in further)
    for text in (values["note"], values["next_steps"]):
        yield from _indented(text, room)
    for item in values["evidence"]:
        place = item["url"] or item["source"] or item["reference"]
        yield from _indented(f"{item['stance']}: {place}", room)


def _where_it_stands(values: ClauseFields) -> str:
    """Return a clause's status, due date and flags in a line; what goes without saying is left out."""
    parts = [values["status"]]
    if values["due"]:
        parts.append(f"due {values['due']}")
    if values["overdue_since"]:
        parts.append(f"overdue since {values['overdue_since']}")
    elif values["schedule"] in ("due_soon", "met_on_time", "met_late"):
        parts.append(values["schedule"].replace("_", " "))
    if values["slippage_days"]:
        parts.append(f"moved by {values['slippage_days']} days from {values['first_due']}")
    if values["freshness"] in ("stale", "very_stale"):
        none = "" if values["reviewed_on"] else ", none on record"
        parts.append(f"review was due on {values['next_review_on']}{none}")
    flags = (
        ("disagreement", values["disagreement"]),
        ("awaiting verification", values["awaiting_verification"]),
    )
    return ", ".join([*parts, *(name for name, is_set in flags if is_set)])


def _summary(row: SummaryRow) -> Iterator[str]:
    """Return a roll-up in words: counts first, no rate without its coverage, and on whose word."""
    from tracker.queries.rollup import FLAGS

    fulfilment, coverage = row["fulfilment"], row["coverage"]
    basis = {"reported": ", as reported", "verified": ", verified", None: ""}[row["basis"]]
    yield f"{row['headline'].replace('_', ' ')}{basis}"
    if fulfilment is not None:
        yield f"met {fulfilment['numerator']} of {fulfilment['denominator']}"
    yield f"assessed {coverage['numerator']} of {coverage['denominator']}"
    for name in FLAGS:
        if count := row.get(name):
            yield f"{name.replace('_', ' ')} {count}"


def _because(values: FollowUpValues) -> str:
    reason = f" ({values['reason']})" if values["reason"] else ""
    by = f", replaced by {values['replaced_by']}" if values["replaced_by"] else ""
    by += f", said by {values['stated_by']}" if values["stated_by"] else ""
    return f"{reason}{by}, recorded by {printable(values['recorded_by'])} [{values['id']}]"


def _indented(text: str | None, room: int) -> Iterator[str]:
    return (f"   {line}" for line in (wrapped(printable(text), room - 3) if text else ()))


def _counted(model: type[Resource], count: int) -> str:
    words = model.noun if count == 1 else model.plural.replace("_", "-")
    return f"{count or 'no'} {words}"
