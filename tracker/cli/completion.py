"""`tracker completion`: what Tab offers in bash, zsh and fish: commands, options, codes, and ids that are there.

A shell calls `tracker` for every Tab, so nothing heavy is imported here: ids are read past SQLAlchemy, and
the filters of lists stand here once more, in words (a test compares them with the real ones). Whatever
goes wrong, Tab offers nothing and says nothing.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, redirect_stderr, suppress
from pathlib import Path
from typing import Any, NoReturn

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    _resolve_context,
    _resolve_incomplete,
    add_completion_class,
    shell_complete,
)

from tracker import codes
from tracker.cli.cells import printable
from tracker.cli.commands import Command
from tracker.codes import Codelist

VARIABLE = "_TRACKER_COMPLETE"
"""The variable by which a shell's script asks, as Click names it after `tracker`."""
PATIENCE = 3.0
"""Seconds after which Tab offers nothing: a database that does not answer must not hold up a shell."""
MOST = 200
"""How many ids are offered at most."""
SHELLS: dict[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}

Values = Codelist | str | None
"""What a parameter takes: codes, the ids of a table or of any, a column's texts as `table.column`, a file."""

FILTERS: dict[str, dict[str, Values]] = {
    "party": {"kind": codes.PARTY_KIND, "class": codes.PARTY_CLASS, "country": "party.country"},
    "source": {"kind": codes.SOURCE_KIND, "publisher": "party", "author": "party"},
    "initiative": {"kind": codes.INITIATIVE_KIND, "operator": "party"},
    "agreement": {
        "party": "party",
        "headline": codes.HEADLINE,
        "initiative": "initiative",
        "series": "initiative",
        "kind": codes.AGREEMENT_KIND,
        "lifecycle": codes.LIFECYCLE,
        "department": "agreement_party.department",
        "signed_on__gte": None,
        "signed_on__lt": None,
    },
    "clause": {
        "agreement": "agreement",
        "party": "party",
        "obligor": "party",
        "beneficiary": "party",
        "initiative": "initiative",
        "status": codes.CURRENT_STATUS,
        "schedule": codes.SCHEDULE,
        "freshness": codes.FRESHNESS,
        "disagreement": codes.FLAG,
        "awaiting_verification": codes.FLAG,
        "kind": codes.CLAUSE_KIND,
        "department": "agreement_party.department",
        "due__gte": None,
        "due__lt": None,
    },
    "quote": {
        "agreement": "agreement",
        "speaker": "party",
        "on_behalf_of": "party",
        "kind": codes.QUOTE_KIND,
    },
    "follow_up": {
        "clause": "clause",
        "agreement": "agreement",
        "track": codes.TRACK,
        "status": codes.RECORDED_STATUS,
        "stated_by": "party",
        "recorded_by": "follow_up.recorded_by",
        "effective_on__gte": None,
        "effective_on__lt": None,
    },
}
"""What the filters of each list take."""

NAMES: dict[str, Values] = {
    **dict.fromkeys(("party", "stated_by", "speaker", "into", "obligor", "beneficiary"), "party"),
    **dict.fromkeys(("series", "initiative"), "initiative"),
    "agreement": "agreement",
    "clause": "clause",
    "source": "source",
    "department": "agreement_party.department",
    "status": codes.RECORDED_STATUS,
    "track": codes.TRACK,
    "reason": codes.REASON,
    "id": "any",
    "ids": "any",
    "paths": "file",
    "article": "file",
    "compare": "file",
}
"""What a parameter of any other command takes, by its name."""

PLACES: dict[tuple[str, str], Values] = {
    ("edit", "id"): "follow_up",
    ("remove", "id"): "follow_up",
    ("revoke", "id"): "token",
    ("add", "evidence"): "source",
    ("edit", "evidence"): "source",
}
"""And what it takes where its name does not say so: by command and parameter."""

_PLAIN = ("agreement", "party", "source", "initiative")
_SAID = {
    "agreement": "title", "party": "name", "source": "title", "initiative": "name", "clause": "text",
    "quote": "text", "follow_up": "clause", "token": "name",
}  # fmt: skip
"""The column that says what a thing is, beside its id."""


@click.command(
    cls=Command,
    examples="""
        source <(tracker completion bash)
        tracker completion bash > ~/.local/share/bash-completion/completions/tracker
        tracker completion zsh > "${fpath[1]}/_tracker"
        tracker completion fish > ~/.config/fish/completions/tracker.fish
    """,
)
@click.argument("shell", metavar="SHELL", type=click.Choice(tuple(SHELLS)))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands, codes and ids.

    SHELL is bash, zsh or fish. Ids are those of the configured database, if there is one; none is made.
    """
    # Not BashComplete's own source(): it starts a bash to ask for its version.
    click.echo(ShellComplete.source(SHELLS[shell](click.Command("tracker"), {}, "tracker", VARIABLE)))


def answer(program: click.Command) -> NoReturn:
    """Answer a shell that asks what could come next, and end; silent on any problem."""
    with suppress(AttributeError, ValueError):  # Windows has no such clock
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    for shell, kind in SHELLS.items():
        add_completion_class(type(kind.__name__, (_WithIds, kind), {}), shell)
    with suppress(Exception), open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        shell_complete(program, {}, "tracker", VARIABLE, os.environ[VARIABLE])
    with suppress(AttributeError):
        signal.setitimer(signal.ITIMER_REAL, 0)
    sys.exit(0)


class _WithIds(ShellComplete):
    """Completion that knows which parameters take ids and codes."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Give what could stand at the end of a command line."""
        args = [arg for arg in args if arg != "="]  # bash takes `--party=x` for three words
        context = _resolve_context(self.cli, self.ctx_args, self.prog_name, args)
        found, incomplete = _resolve_incomplete(context, args, incomplete)
        if isinstance(found, click.Parameter):
            values = _values_of(context, found)
            if values == "file":
                return [CompletionItem(incomplete, type="file")]
            if values is not None:
                return list(_completions(values, incomplete, several=_takes_several(context, found)))
        return found.shell_complete(context, incomplete)


def _values_of(context: click.Context, parameter: click.Parameter) -> Values:
    name = parameter.name or ""
    table = getattr(context.command, "table", None)
    if table in FILTERS and name in FILTERS[table]:
        return FILTERS[table][name]
    if isinstance(parameter.type, click.Choice | click.Path):
        return None
    return PLACES.get((context.info_name or "", name), NAMES.get(name))


def _takes_several(context: click.Context, parameter: click.Parameter) -> bool:
    """Whether values stand side by side, with commas between them: in the filters of lists."""
    return getattr(context.command, "table", None) in FILTERS and parameter.multiple


def _completions(values: Codelist | str, incomplete: str, *, several: bool) -> Iterator[CompletionItem]:
    before, comma, last = incomplete.rpartition(",") if several else ("", "", incomplete)
    if isinstance(values, Codelist):
        offered = [(code, "") for code in values.codes if code.startswith(last)]
    else:
        offered = _read(values, last)
    taken = before.split(",")
    for value, said in offered:
        if value not in taken:
            yield CompletionItem(before + comma + value, help=said or None)


def _read(values: str, beginning: str) -> list[tuple[str, str]]:
    """Read the ids or texts that begin so, with what says what each is; none without a database."""
    with closing(_Reader()) as reader:
        if values == "any":
            return list(_any(reader, beginning))
        table, dot, column = values.partition(".")
        return reader.texts(table, column, beginning) if dot else reader.ids(table, beginning)


def _any(reader: _Reader, beginning: str) -> Iterator[tuple[str, str]]:
    """Give the ids of things of any kind; those of clauses and quotes once their agreement is named."""
    named = "." in beginning
    if not named:
        for table in _PLAIN:
            for id, said in reader.ids(table, beginning):
                named = named or (table == "agreement" and id == beginning)
                yield id, said
    if named:
        yield from reader.ids("clause", beginning)
        yield from reader.ids("quote", beginning)
    if re.fullmatch("[0-9a-f]{4}[0-9a-f-]*", beginning):
        yield from reader.ids("follow_up", beginning)


class _Reader:
    """A connection to the configured database, opened only to read; without one nothing is there."""

    def __init__(self) -> None:
        from tracker.config import settings

        url = settings().database_url
        self._is_sqlite = url.startswith("sqlite")
        self._connection = _sqlite(url) if self._is_sqlite else _postgresql(url)

    def ids(self, table: str, beginning: str) -> list[tuple[str, str]]:
        """Give the ids of a table that begin so, in order."""
        if not re.fullmatch("[a-z0-9.-]*", beginning):
            return []
        rows = self._rows(
            f"SELECT id, substr({_SAID[table]}, 1, 60) FROM {table}"
            f" WHERE id >= ? AND id < ? ORDER BY id LIMIT {MOST}",
            beginning,
            f"{beginning}~",  # every letter of an id comes before it
        )
        return [(id, " ".join(printable(said or "").split())) for id, said in rows]

    def texts(self, table: str, column: str, beginning: str) -> list[tuple[str, str]]:
        """Give the different texts of a column that begin so; those with blanks, which shells split, are left out."""
        rows = self._rows(
            f"SELECT DISTINCT {column} FROM {table} WHERE substr({column}, 1, {len(beginning)}) = ? LIMIT {MOST}",
            beginning,
        )
        return sorted((text, "") for (text,) in rows if text and text.isprintable() and " " not in text)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        placed = sql if self._is_sqlite else sql.replace("?", "%s")
        rows: list[tuple[Any, ...]] = self._connection.execute(placed, values).fetchall()
        return rows


def _sqlite(url: str) -> Any:
    try:
        from pysqlite3 import dbapi2 as driver
    except ImportError:
        import sqlite3 as driver
    path = Path(url.partition("///")[2].partition("?")[0])
    return driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)


def _postgresql(url: str) -> Any:
    import psycopg

    plain = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)
    return psycopg.connect(plain, autocommit=True, connect_timeout=2, client_encoding="utf8")
