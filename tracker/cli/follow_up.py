"""`tracker follow-up`: record, correct, remove and list what became of clauses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.cli.acting import as_option, author
from tracker.cli.commands import Group
from tracker.cli.errors import said_as_options, say
from tracker.cli.lists import follow_ups
from tracker.cli.opening import opened
from tracker.cli.types import Code, Completed, Id
from tracker.codes import NEED_A_REASON, REASON, RECORDED_STATUS, STATUSES, TRACK
from tracker.errors import nearest

if TYPE_CHECKING:
    from tracker.database.changes import Change
    from tracker.database.engine import Database
    from tracker.services.resources import Match

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

OPTIONS = {
    "status": "--status",
    "track": "--track",
    "effective_on": "--on",
    "checked_on": "--checked",
    "reason": "--reason",
    "note": "--note",
    "next_steps": "--next",
    "stated_by": "--stated-by",
    "evidence": "--evidence",
}
"""The option of each field; faults name it instead of the field."""
_OF_EVIDENCE = {"url": "URL", "source": "SOURCE", "reference": "REFERENCE"}

_HELP = {
    "track": f"Whose word it is: {' or '.join(TRACK)} (by evidence).",
    "effective_on": "When that state was reached: 2021-03-31, 2021-03 or 2021.",
    "checked_on": "The day someone looked; a new one: today unless said.",
    "reason": f"Why: {', '.join(REASON)}.",
    "note": "What else there is to say.",
    "next_steps": "What comes next (향후계획).",
    "stated_by": "The party whose word it is.",
    "evidence": "What shows it: a web address, the id of a source, else a document's number; repeatable.",
}
_TYPES: dict[str, Completed] = {
    "track": Code(TRACK),
    "reason": Code(REASON),
    "stated_by": Id("party"),
    "evidence": Id("source"),
}
_NEED_EVIDENCE = [status.code for status in STATUSES.values() if status.needs_evidence]
_METAVARS = {
    "track": "|".join(TRACK),
    "effective_on": "DATE",
    "checked_on": "DATE",
    "reason": "REASON",
    "stated_by": "PARTY",
    "evidence": "URL|SOURCE|REFERENCE",
}


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


follow_up.add_command(follow_ups)


def _field_options(*, required: tuple[str, ...] = ()) -> Callable[[Decorated], Decorated]:
    """Add an option for each field but the status."""

    def decorate(command: Decorated) -> Decorated:
        for name in reversed(_HELP):
            command = click.option(
                OPTIONS[name],
                name,
                type=_TYPES.get(name),
                metavar=_METAVARS.get(name, "TEXT"),
                multiple=name == "evidence",
                required=name in required,
                help=_HELP[name],
            )(command)
        return command

    return decorate


_if_version = click.option(
    "--if-version",
    type=click.IntRange(min=1),
    metavar="N",
    help="Only if it is still in this version; else in any.",
)


@follow_up.command(
    "add",
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
@_field_options(required=("track",))
@as_option
def add(clause: str, status: str, **given: Any) -> None:
    """Record what became of a clause, and print the id of the follow-up."""
    from tracker.services.follow_ups import record_follow_up

    database = opened()
    evidence = given.pop("evidence")
    content = {"status": status} | {name: text for name, text in given.items() if text is not None}
    with said_as_options(OPTIONS | _OF_EVIDENCE | {"status": "STATUS"}), database.write(author()) as change:
        if evidence:
            content["evidence"] = [_evidence(change, text) for text in evidence]
        id = record_follow_up(change, clause, content)
    click.echo(id)
    _say_state(database, id, "recorded")


@follow_up.command(
    "edit",
    examples="""
        tracker follow-up edit 018f3c2a-7b1e-7000-8000-5f0c9e4d2a10 --on 2021-04 --note "Corrected"
        tracker follow-up edit 018f3c2a-7b1e-7000-8000-5f0c9e4d2a10 --note "" --if-version 2
    """,
)
@click.argument("id", type=Id("follow_up"))
@click.option(
    "--status",
    type=Code(RECORDED_STATUS),
    metavar="STATUS",
    help=f"What became of the clause: {', '.join(RECORDED_STATUS)}.",
)
@_field_options()
@_if_version
@as_option
def edit(id: str, if_version: int | None, **given: Any) -> None:
    """Change fields of the follow-up ID; those that are not named stay as they are.

    An empty text makes a field unknown. --evidence replaces the whole list; what was there already and
    is named again keeps its title, dates and digest.
    """
    from tracker.models import FollowUp
    from tracker.services.follow_ups import change_follow_up
    from tracker.services.resources import found

    evidence = given.pop("evidence")
    content: dict[str, Any] = {name: text or None for name, text in given.items() if text is not None}
    if not content and not evidence:
        raise click.UsageError(f"say what to change: {', '.join(OPTIONS.values())}")
    database = opened()
    with said_as_options(OPTIONS | _OF_EVIDENCE), database.write(author()) as change:
        if evidence:
            stored = found(change, FollowUp, id)["evidence"]
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
@click.option("--comment", metavar="TEXT", help="Why; history keeps it.")
@_if_version
@as_option
def remove(id: str, comment: str | None, if_version: int | None) -> None:
    """Remove the follow-up ID from today's state; its history stays."""
    from tracker.models import FollowUp
    from tracker.services.follow_ups import remove_follow_up
    from tracker.services.resources import found

    database = opened()
    with database.write(author(comment)) as change:
        clause = found(change, FollowUp, id)["clause"]
        remove_follow_up(change, id, _match(if_version))
    say(f"removed follow-up {id}; {_state_of(database, clause)}")


def _match(version: int | None) -> Match:
    from tracker.services.resources import ANY, Match

    return ANY if version is None else Match((version,))


def _evidence(change: Change, text: str, stored: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Give an item of evidence: what is stored under that name already, else what the text names."""
    from tracker.services.references import stored_ids, stored_kind
    from tracker.validation import is_id

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
    from tracker.queries.representation import find, representation

    row = find(database, FollowUp, id)
    if row is None:  # someone removed it in the meantime
        say(f"{done} follow-up {id}")
        return
    values = representation(FollowUp).values(row)
    say(f"{done} follow-up {id} (version {values['version']}); {_state_of(database, values['clause'])}")


def _state_of(database: Database, clause: str) -> str:
    from tracker.models import Clause
    from tracker.queries.representation import find, representation

    row = find(database, Clause, clause)
    return f"clause {clause} is {representation(Clause).values(row)['status']}" if row else f"clause {clause}"
