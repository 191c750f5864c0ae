"""`tracker history`: who changed what, of one resource or of all, also after it was removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands import Command
from tracker.cli.ids import kind_option, kinds_of, nothing_with, only
from tracker.cli.opening import opened
from tracker.cli.output import Sheet, format_option, write
from tracker.cli.types import ANY_ID

if TYPE_CHECKING:
    from tracker.database.engine import Database
    from tracker.queries.history import Entry

_COLUMNS = ("id", "when", "actor", "action", "resource_id", "what", "comment")


@click.command(
    cls=Command,
    examples="""
        tracker history
        tracker history gwangju-kdata-2020.4
        tracker history gwangju --format json
        tracker history --after 120 --format jsonl
    """,
)
@click.argument("id", type=ANY_ID, required=False)
@kind_option
@click.option(
    "--after", type=click.IntRange(0, 2**31 - 1), default=0, metavar="N", help="Only changes after change N."
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="At most N changes, the oldest; else all."
)
@format_option
def history(id: str | None, kind: str | None, after: int, limit: int | None, format: str) -> None:
    """Show who changed what, in the order of the changes.

    Of one resource, also after it was removed; an agreement's is its whole chain, with its clauses, quotes and
    follow-ups, a clause's comes with its follow-ups. Without ID, all changes of the register.
    """
    database = opened()
    if id is not None:
        kind = kind_in_history(database, id, kind)
    write(_SHEET, _pages(database, kind, id, after, limit), format)


def kind_in_history(database: Database, id: str, kind: str | None) -> str:
    """Return the kind of the resource that has or had an id."""
    from tracker.models import RESOURCES
    from tracker.queries.history import history_of
    from tracker.queries.representation import find

    kinds = [kind] if kind else kinds_of(id)
    there = [
        kind
        for kind in kinds
        if history_of(database.rows, RESOURCES[kind], id, limit=1)[0]
        or find(database, RESOURCES[kind], id) is not None
    ]
    if not there:
        raise nothing_with(database, id, kinds)
    return only(id, there)


def _pages(
    database: Database, kind: str | None, id: str | None, after: int, limit: int | None
) -> Iterator[list[tuple[Any, ...]]]:
    from tracker.models import RESOURCES
    from tracker.queries.history import LARGEST_LIMIT, changes, history_of

    left = limit
    following: int | None = after
    while following is not None and left != 0:
        size = LARGEST_LIMIT if left is None else min(left, LARGEST_LIMIT)
        if kind is None or id is None:
            entries, following = changes(database, after=following, limit=size)
        else:
            model = RESOURCES[kind]
            entries, following = history_of(
                database.rows, model, id, after=following, limit=size, with_follow_ups=True
            )
        if left is not None:
            left -= len(entries)
        yield [_row(entry) for entry in entries]


def _row(entry: Entry) -> tuple[Any, ...]:
    from tracker.queries.representation import encoder

    sides = {
        side: None if entry[side] is None else encoder.encode(entry[side]).decode()
        for side in ("before", "after")
    }
    return (*(entry | sides).values(), f"{entry['at'][:19]}Z", _what(entry))


def _what(entry: Entry) -> str:
    """Return in a few words what a change did: the fields that it set, the resources that came with it."""
    before: dict[str, Any] = entry["before"] or {}
    after: dict[str, Any] = entry["after"] or {}
    if entry["action"] == "redact":
        return "texts erased from history"
    lists = [
        name for name in {**before, **after} if _is_list_of_resources(before.get(name) or after.get(name))
    ]
    parts = [_counted(name, len(after.get(name) or before[name])) for name in lists]
    if entry["before"] is not None and entry["after"] is not None:
        names = [name for name in {**before, **after} if name not in (*lists, "version", "id")]
        parts = [name for name in names if before.get(name) != after.get(name)] + parts
    if entry["action"] in ("load", "replace") and not parts:  # the word alone does not say it
        parts = ["new"] if entry["before"] is None else ["removed"] if entry["after"] is None else []
    if entry["resource"] == "follow_up":
        known = after or before
        parts = [f"{known['clause']}: {known['status']} ({known['track']})", *parts]
    return ", ".join(parts)


def _counted(plural: str, count: int) -> str:
    from tracker.models import RESOURCES

    noun = next(model.noun for model in RESOURCES.values() if model.plural == plural)
    return f"1 {noun}" if count == 1 else f"{count} {plural.replace('_', '-')}"


def _is_list_of_resources(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "id" in value[0]


def _encoded(row: Any) -> bytes:
    from msgspec import Raw

    from tracker.queries.representation import encoder

    entry = dict(zip(_ENTRY, row, strict=False))
    sides = {side: entry[side] and Raw(entry[side]) for side in ("before", "after")}
    return encoder.encode(entry | sides)


_ENTRY = (
    *("id", "at", "actor", "request", "action", "resource", "resource_id"),
    *("before", "after", "comment", "root", "sequence", "previous", "digest"),
)
"""The fields of an entry of history, as ``tracker.queries.history`` gives them."""
_NAMES = (*_ENTRY, "when", "what")
_SHEET = Sheet(_NAMES, _COLUMNS, _encoded)
