"""`tracker follow-up`: record, correct, remove and list what became of clauses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.acting import as_option, author, comment_option
from tracker.cli.commands import Command, Group
from tracker.cli.errors import named_by_options, say
from tracker.cli.lists import list_command
from tracker.cli.opening import opened
from tracker.cli.types import Code, Id, completed_by, sentence
from tracker.codes import NEED_A_REASON, RECORDED_STATUS, STATUSES
from tracker.errors import nearest

if TYPE_CHECKING:
    from tracker.database.changes import Change
    from tracker.database.engine import Database
    from tracker.models import Field
    from tracker.models.values import EvidenceValues
    from tracker.services.resources import Match

_OF_EVIDENCE = {"url": "URL", "source": "SOURCE", "reference": "REFERENCE"}

_NEED_EVIDENCE = [status.code for status in STATUSES.values() if status.needs_evidence]


class FieldCommand(Command):
    """A command with an option for each field of a follow-up, made from the model when they are needed."""

    def __init__(self, *args: Any, required: Sequence[str] = (), without: str = "", **more: Any) -> None:
        super().__init__(*args, **more)
        self.required = required
        self.without = without

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the arguments, the fields' options, the other options."""
        params = super().get_params(ctx)
        arguments = [param for param in params if isinstance(param, click.Argument)]
        options = [
            _option(name, field, required=name in self.required)
            for name, field in _fields().items()
            if name != self.without
        ]
        return [*arguments, *options, _EVIDENCE, *(param for param in params if param not in arguments)]


_EVIDENCE = click.Option(
    ["--evidence", "evidence"],
    type=Id("source"),
    metavar="URL|SOURCE|REFERENCE",
    multiple=True,
    help="What shows it: a web address, the id of a source, else a document's number; repeatable.",
)


def _fields() -> Mapping[str, Field]:
    """Return the fields of a follow-up that may be changed."""
    from tracker.models import FollowUp
    from tracker.validation import writable

    return writable(FollowUp, "change")


def _option(name: str, field: Field, *, required: bool) -> click.Option:
    metavars = {"code": "CODE", "reference": "ID", "number": "N", "date": "DATE", "day": "DATE"}
    return click.Option(
        [_spelled(name, field), name],
        type=click.INT if field.kind == "number" else completed_by(field.codelist, field.target),
        metavar=metavars.get(field.kind, "TEXT"),
        required=required,
        help=sentence(field.doc, field.codelist),
    )


def _spelled(name: str, field: Field) -> str:
    """Return the option of a field."""
    return field.option or f"--{name.replace('_', '-')}"


def _spellings() -> dict[str, str]:
    """Return the option of each field, by which faults name it."""
    options = {name: _spelled(name, field) for name, field in _fields().items()}
    return {**options, "evidence": "--evidence", **_OF_EVIDENCE}


@click.group(
    "follow-up",
    cls=Group,
    examples="""
        tracker follow-up add gwangju-kdata-2020.4 in_progress --track reported --on 2021-03
        tracker follow-up list --clause gwangju-kdata-2020.4
    """,
)
def follow_up() -> None:
    """Record what became of a clause.

    What was recorded can be corrected and removed; history keeps what stood before.
    """


follow_up.add_command(list_command("follow-ups"))


_if_version = click.option(
    "--if-version",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only if it is still in this version; else in any.",
)


@follow_up.command(
    "add",
    cls=FieldCommand,
    required=["track"],
    without="status",
    examples="""
        tracker follow-up add gwangju-kdata-2020.4 in_progress --track reported --on 2021-03 \\
            --stated-by k-data
        tracker follow-up add gwangju-kdata-2020.4 met --track verified --on 2021-12-31 \\
            --evidence https://www.example.org/report --evidence 도시데이터과-1234
        tracker follow-up add gwangju-kdata-2020.4 no_evidence --track verified --note "Asked the city"
    """,
    help=f"""Record what became of CLAUSE, and print the id of the follow-up.

    STATUS is one of {", ".join(RECORDED_STATUS)}. Each but no_evidence needs --on; {", ".join(NEED_A_REASON)}
    need --reason; {", ".join(_NEED_EVIDENCE)} need --evidence where they are verified.
    """,
)
@click.argument("clause", type=Id("clause"))
@click.argument("status", type=Code(RECORDED_STATUS))
@as_option
def add(clause: str, status: str, **given: Any) -> None:
    """Record what became of a clause, and print the id of the follow-up."""
    from tracker.services.follow_ups import record_follow_up

    database = opened()
    evidence = given.pop("evidence")
    content = {"status": status} | {name: text for name, text in given.items() if text is not None}
    with named_by_options(_spellings() | {"status": "STATUS"}), database.write(author()) as change:
        if evidence:
            content["evidence"] = [_evidence(change, text) for text in evidence]
        id = record_follow_up(change, clause, content)
    click.echo(id)
    _say_state(database, id, "recorded")


@follow_up.command(
    "edit",
    cls=FieldCommand,
    examples="""
        tracker follow-up edit 018f3c2a-7b1e-7000-8000-5f0c9e4d2a10 --on 2021-04 --note "Corrected"
        tracker follow-up edit 018f3c2a-7b1e-7000-8000-5f0c9e4d2a10 --note "" --if-version 2
    """,
)
@click.argument("id", type=Id("follow_up"))
@_if_version
@as_option
def edit(id: str, if_version: int | None, **given: Any) -> None:
    """Change fields of the follow-up ID; those that are not named stay as they are.

    An empty text makes a field unknown. --evidence replaces the whole list; what was there already and
    is named again keeps its title, dates and digest.
    """
    from tracker.models import FollowUp
    from tracker.services.follow_ups import change_follow_up
    from tracker.services.resources import existing

    evidence = given.pop("evidence")
    content: dict[str, Any] = {name: text or None for name, text in given.items() if text is not None}
    if not content and not evidence:
        options = [option for option in _spellings().values() if option.startswith("--")]
        raise click.UsageError(f"say what to change: {', '.join(options)}")
    database = opened()
    with named_by_options(_spellings()), database.write(author()) as change:
        if evidence:
            stored = existing(change, FollowUp, id)["evidence"]
            content["evidence"] = [_evidence(change, text, stored) for text in evidence if text]
        change_follow_up(change, id, content, _match(if_version))
    _say_state(database, id, "changed")


@follow_up.command(
    "remove",
    examples="""
        tracker follow-up remove 018f3c2a-7b1e-7000-8000-5f0c9e4d2a10 --comment "Recorded twice"
    """,
)
@click.argument("id", type=Id("follow_up"))
@comment_option
@_if_version
@as_option
def remove(id: str, comment: str | None, if_version: int | None) -> None:
    """Remove the follow-up ID from today's state; its history stays."""
    from tracker.models import FollowUp
    from tracker.services.follow_ups import remove_follow_up
    from tracker.services.resources import existing

    database = opened()
    with database.write(author(comment)) as change:
        clause = existing(change, FollowUp, id)["clause"]
        remove_follow_up(change, id, _match(if_version))
    say(f"removed follow-up {id}; {_state_of(database, clause)}")


def _match(version: int | None) -> Match:
    from tracker.services.resources import ANY, Match

    return ANY if version is None else Match((version,))


def _evidence(change: Change, text: str, stored: list[EvidenceValues] | None = None) -> EvidenceValues:
    """Return an item of evidence: what is stored under that name already, else what the text names."""
    from tracker.kinds import is_id
    from tracker.services.references import stored_ids, stored_kind

    for item in stored or ():
        if text in (item["url"], item["source"], item["reference"]):
            return item
    if re.match(r"(https?|www)\b\W", text, re.IGNORECASE):
        return {"url": text}  # or what was meant for one: then it is refused with all other faults
    if is_id("source", text):
        if stored_kind(change, "source", text) is not None:
            return {"source": text}
        hint = nearest(text, stored_ids(change, "source", text))
        if hint is not None:
            say(f"{text} is taken for a document's number; as the id of a source, {hint}")
    return {"reference": text}


def _say_state(database: Database, id: str, done: str) -> None:
    from tracker.models import FollowUp
    from tracker.queries.representation import stored

    values = stored(database.rows, FollowUp, id)
    if values is None:  # someone removed it in the meantime
        say(f"{done} follow-up {id}")
        return
    say(f"{done} follow-up {id} (version {values['version']}); {_state_of(database, values['clause'])}")


def _state_of(database: Database, clause: str) -> str:
    from tracker.models import Clause
    from tracker.queries.representation import stored

    values = stored(database.rows, Clause, clause)
    return f"clause {clause}" if values is None else f"clause {clause} is {values['status']}"
