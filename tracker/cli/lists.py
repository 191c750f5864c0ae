"""Lists: every filter of the API as an option, all rows unless a limit is said, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.commands import Command
from tracker.cli.errors import said_as_options, say
from tracker.cli.ids import is_there, nothing_with
from tracker.cli.opening import opened
from tracker.cli.output import Sheet, bom_option, format_option, sheet_of, write

if TYPE_CHECKING:
    from tracker.database.engine import Database
    from tracker.database.statements import Row
    from tracker.models import Resource
    from tracker.queries.filters import Filter

COLUMNS = {
    "party": ("id", "kind", "name", "country"),
    "source": ("id", "kind", "title", "publisher", "published"),
    "initiative": ("id", "kind", "name", "operator"),
    "agreement": ("id", "title", "kind", "signed_on", "lifecycle"),
    "clause": ("id", "text", "due", "status"),
    "quote": ("id", "kind", "speaker", "text"),
    "follow_up": ("id", "clause", "track", "status", "effective_on", "stated_by", "note"),
}
"""What a table shows of each kind of thing; JSON and CSV have every field."""


class ListCommand(Command):
    """A list of one kind of thing; its options are made from the filters when they are asked for."""

    def __init__(self, table: str, *, name: str, help: str, examples: str) -> None:
        super().__init__(name, callback=self.print, help=help, examples=examples)
        self.table = table

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give the options: filters, order, limit, format."""
        if ctx.resilient_parsing:  # a shell asks what could come next: their names are enough
            return [*_names_of_options(self.table), *super().get_params(ctx)]
        if not self.params:
            self.params = _options(self.table)
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

        model = RESOURCES[self.table]
        given = [(name, ",".join(values)) for name, values in filters.items() if values]
        given += [(name, text) for name, text in (("sort", sort), ("as_of", as_of)) if text is not None]
        _check(model, given)
        database = opened()
        _say_what_is_unknown(database, model, given)
        write(sheet(model), pages(database, model, given, limit), format, bom=bom)


def sheet(model: type[Resource]) -> Sheet:
    """Give how things of one kind are written."""
    from tracker.queries.representation import reading

    shown = reading(model)
    return Sheet(shown.names, COLUMNS[model.__tablename__], lambda row: shown.encoded(tuple(row)))


def _names_of_options(table: str) -> list[click.Parameter]:
    from tracker.cli.completion import FILTERS

    options: list[click.Parameter] = [
        click.Option([spelled(name), name], multiple=True, type=type) for name, type in FILTERS[table].items()
    ]
    options += [click.Option([f"--{name}"]) for name in ("sort", "as-of", "limit")]
    return [*options, *_format_options()]


def _format_options() -> list[click.Parameter]:
    @bom_option
    @format_option
    def formatted() -> None:
        pass

    params: list[click.Parameter] = formatted.__click_params__  # type: ignore[attr-defined]
    return params


def _options(table: str) -> list[click.Parameter]:
    from tracker.models import RESOURCES
    from tracker.queries.filters import FILTERS
    from tracker.queries.lists import sortable

    model = RESOURCES[table]
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
    metavar = {"id": "ID,…", "code": "CODE,…", "text": "TEXT,…", "day": "DATE"}[filter.kind]
    codes = "" if filter.codelist is None else f": {', '.join(filter.codelist)}"
    said = filter.doc[0].upper() + filter.doc[1:]
    return click.Option([spelled(name), name], metavar=metavar, multiple=True, help=f"{said}{codes}.")


def spelled(name: str) -> str:
    """Give the option of an API parameter: `due__gte` is `--due-gte`."""
    return "--" + name.replace("__", "-").replace("_", "-")


def _check(model: type[Resource], given: Sequence[tuple[str, str]]) -> None:
    """Raise Malformed, in the words of the options, before any database is opened."""
    from tracker.queries.lists import listing

    with said_as_options({name: spelled(name) for name, _ in given}):
        listing(model, given)


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


def pages(
    database: Database, model: type[Resource], given: Sequence[tuple[str, str]], limit: int | None = None
) -> Iterator[list[Row]]:
    """Read the rows that parameters of the API let through, page by page; all unless there is a limit."""
    from tracker.queries.lists import LARGEST_LIMIT, listing, page

    left = limit
    cursor: list[tuple[str, Any]] = []
    while True:
        size = LARGEST_LIMIT if left is None else min(left, LARGEST_LIMIT)
        found = page(database, listing(model, [*given, ("limit", str(size)), *cursor]))
        yield found.entries
        if left is not None:
            left -= len(found.entries)
        if found.next is None or left == 0:
            return
        cursor = [("cursor", found.next)]


agreements = ListCommand(
    "agreement",
    name="agreements",
    help="List agreements.",
    examples="""
        tracker agreements --party gwangju --sort=-signed_on
        tracker agreements --headline not_tracked,open --as-of 2021-12-31
    """,
)
clauses = ListCommand(
    "clause",
    name="clauses",
    help="List clauses: what was promised, and where it stands.",
    examples="""
        tracker clauses --status met,behind --party gwangju
        tracker clauses --schedule overdue --sort due --format csv
    """,
)


class PartiesCommand(ListCommand):
    """The list of parties, or of those among them that may be one and the same."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give the options of the list, and `--doubles`."""
        if not self.params:
            doubles = click.Option(
                ["--doubles"],
                is_flag=True,
                help="Groups that share a name and may be one and the same; `tracker party merge` merges them.",
            )
            self.params = [doubles, *_options(self.table)]
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


parties = PartiesCommand(
    "party",
    name="parties",
    help="List organisations and persons.",
    examples="""
        tracker parties --kind organisation --class local_government
        tracker parties --country KR --format csv
        tracker parties --doubles
    """,
)
quotes = ListCommand(
    "quote",
    name="quotes",
    help="List quotes: who said what.",
    examples="""
        tracker quotes --speaker lee-yong-seop
        tracker quotes --agreement gwangju-kdata-2020 --kind direct --format jsonl
    """,
)
sources = ListCommand(
    "source",
    name="sources",
    help="List the texts in which things are printed.",
    examples="""
        tracker sources --publisher asia-business-daily
        tracker sources --kind news_article --sort=-published --limit 10
    """,
)
initiatives = ListCommand(
    "initiative",
    name="initiatives",
    help="List programmes, facilities and series.",
    examples="""
        tracker initiatives --kind facility
        tracker initiatives --operator gwangju --format json
    """,
)
follow_ups = ListCommand(
    "follow_up",
    name="list",
    help="List follow-ups: what became of clauses.",
    examples="""
        tracker follow-up list --clause gwangju-kdata-2020.4
        tracker follow-up list --track verified --status met --sort=-effective_on
    """,
)
