"""Lists: every filter of the API as an option, all rows unless there is a limit, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands import Command
from tracker.cli.errors import named_by_options, say
from tracker.cli.ids import is_there, nothing_with
from tracker.cli.opening import opened
from tracker.cli.output import Sheet, bom_option, format_option, sheet_of, write
from tracker.cli.types import completed_by, sentence
from tracker.kinds import KINDS, ResourceKind

if TYPE_CHECKING:
    from tracker.database.engine import Database
    from tracker.models import Resource
    from tracker.queries.filters import Filter


class ListCommand(Command):
    """A list of one kind of resource; its options are made from the filters when they are needed."""

    def __init__(self, kind: ResourceKind) -> None:
        name = "list" if kind.grouped else kind.path
        super().__init__(name, callback=self.print, help=kind.help, examples=kind.examples)
        self.kind = kind

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options: filters, order, limit, format."""
        if not self.params:
            self.params = _options(self.kind)
        return super().get_params(ctx)

    def print(
        self,
        sort: str | None,
        as_of: str | None,
        limit: int | None,
        format: str,
        *,
        bom: bool,
        **filters: Any,
    ) -> None:
        """Print the rows that the filters let through."""
        from tracker.models import RESOURCES
        from tracker.queries.lists import pages

        model = RESOURCES[self.kind.name]
        given = [pair for name, values in filters.items() for pair in parameters(model, name, values)]
        given += [(name, text) for name, text in (("sort", sort), ("as_of", as_of)) if text is not None]
        check_options(model, given)
        database = opened()
        _say_what_is_unknown(database, model, given)
        write(sheet(model), pages(database, model, given, limit), format, bom=bom)


def sheet(model: type[Resource]) -> Sheet:
    """Return how resources of one kind are written."""
    from tracker.queries.representation import reading

    shown = reading(model)
    return Sheet(shown.names, KINDS[model.__tablename__].columns, lambda row: shown.encoded(tuple(row)))


def _format_options() -> list[click.Parameter]:
    @bom_option
    @format_option
    def formatted() -> None:
        pass

    params: list[click.Parameter] = formatted.__click_params__  # type: ignore[attr-defined]
    return params


def _options(kind: ResourceKind) -> list[click.Parameter]:
    from tracker.models import RESOURCES
    from tracker.queries.filters import FILTERS
    from tracker.queries.lists import sortable

    model = RESOURCES[kind.name]
    options: list[click.Parameter] = [_option(name, filter) for name, filter in FILTERS[model].items()]
    fields = ", ".join(sortable(model))
    options += [
        click.Option(
            ["--sort", "sort"],
            metavar="FIELD,…",
            help=f"Order by these fields, descending after a minus: {fields}.",
        ),
        click.Option(
            ["--as-of", "as_of"], metavar="DATE", help="As of that day, rather than today: statuses of then."
        ),
        click.Option(
            ["--limit", "limit"], type=click.IntRange(min=1), metavar="N", help="At most N rows; else all."
        ),
    ]
    return [*options, *_format_options()]


def _option(name: str, filter: Filter) -> click.Option:
    return click.Option(
        [spelled(name), name],
        type=completed_by(filter.codelist, filter.target, filter.column, several=filter.kind != "text"),
        metavar={"id": "ID,…", "code": "CODE,…", "token": "TEXT,…", "text": "TEXT", "day": "DATE"}[
            filter.kind
        ],
        multiple=True,
        help=sentence(filter.doc, filter.codelist),
    )


def parameters(model: type[Resource], name: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """Return an option's values as parameters of the API: a free text each by itself, others with commas."""
    from tracker.queries.filters import FILTERS

    if FILTERS[model][name].kind == "text":
        return [(name, value) for value in values]
    return [(name, ",".join(values))] if values else []


def spelled(name: str) -> str:
    """Return the option of an API parameter: `due__gte` is `--due-gte`."""
    return "--" + name.replace("__", "-").replace("_", "-")


def check_options(model: type[Resource], given: Sequence[tuple[str, str]]) -> None:
    """Raise Malformed, in the words of the options, before any database is opened."""
    from tracker.queries.lists import list_query

    with named_by_options({name: spelled(name) for name, _ in given}):
        list_query(model, given)


def _say_what_is_unknown(database: Database, model: type[Resource], given: Sequence[tuple[str, str]]) -> None:
    """Say which ids nothing has: a list without rows does not tell a misspelling from an empty register."""
    from tracker.queries.filters import FILTERS

    for name, text in given:
        filter = FILTERS[model].get(name)
        if filter is None or filter.kind != "id":
            continue
        for id in text.split(","):
            if not is_there(database, filter.target, id):
                say(str(nothing_with(database, id, [filter.target])))


class PartiesCommand(ListCommand):
    """The list of parties, or of those among them that may be one and the same."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options of the list, and `--doubles`."""
        if not self.params:
            doubles = click.Option(
                ["--doubles"],
                is_flag=True,
                help="Groups that share a name and may be one and the same; `tracker party merge` merges them.",
            )
            self.params = [doubles, *_options(self.kind)]
        return super().get_params(ctx)

    def print(
        self,
        sort: str | None,
        as_of: str | None,
        limit: int | None,
        format: str,
        *,
        bom: bool,
        **filters: Any,
    ) -> None:
        """Print the rows that the filters let through, or the groups of doubles."""
        if not filters.pop("doubles"):
            super().print(sort, as_of, limit, format, bom=bom, **filters)
            return
        if sort or as_of or limit or any(filters.values()):
            raise click.UsageError("--doubles takes no filter, order or limit")
        from tracker.queries.doubles import doubles as found

        rows = [
            [
                each.group,
                each.id,
                each.kind,
                each.name,
                ", ".join(f"{name} ({kind})" for name, kind in each.shares),
            ]
            for each in found(opened())
        ]
        write(sheet_of(("group", "id", "kind", "name", "shares")), [rows], format, bom=bom)


@cache
def list_command(path: str) -> ListCommand:
    """Return the command that lists one kind of resource, by the path of that kind."""
    kind = next(kind for kind in KINDS.values() if kind.path == path)
    return (PartiesCommand if kind.name == "party" else ListCommand)(kind)
