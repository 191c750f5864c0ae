"""What options and arguments take, so that Tab can complete it: ids, codes, texts of a column, files.

None of them checks what was typed: the services do, and name every fault at once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem
from click.types import StringParamType

from tracker.cli.stored import Completion, stored_ids, stored_texts
from tracker.codes import Codelist
from tracker.kinds import KINDS

FILE = click.Path(readable=False, allow_dash=True)
"""A file or a folder, or - for standard input."""


class Completed(StringParamType):
    """A type that knows values which begin with what was typed.

    ``several``: values may stand side by side, with commas between them.
    """

    def __init__(self, *, several: bool = False) -> None:
        self.several = several

    @abstractmethod
    def completions(self, beginning: str) -> Iterable[Completion]:
        """Return the values that begin so."""

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002 - Click's signature
        param: click.Parameter,  # noqa: ARG002 - Click's signature
        incomplete: str,
    ) -> list[CompletionItem]:
        """Return what could stand in the place of the word that was begun."""
        before, comma, last = incomplete.rpartition(",") if self.several else ("", "", incomplete)
        typed = before.split(",")
        return [
            CompletionItem(before + comma + value, help=meaning or None)
            for value, meaning in self.completions(last)
            if value not in typed
        ]


class Id(Completed):
    """The id of a resource of one of these kinds; Tab offers those of the configured database."""

    name = "id"

    def __init__(self, *kinds: str, several: bool = False) -> None:
        super().__init__(several=several)
        self.kinds = kinds

    def completions(self, beginning: str) -> Iterable[Completion]:
        """Return the ids that begin so, each with a title."""
        return stored_ids(self.kinds, beginning)


class Code(Completed):
    """A code of a codelist."""

    name = "code"

    def __init__(self, codelist: Codelist, *, several: bool = False) -> None:
        super().__init__(several=several)
        self.codelist = codelist

    def completions(self, beginning: str) -> Iterable[Completion]:
        """Return the codes that begin so."""
        return [(code, "") for code in self.codelist if code.startswith(beginning)]


class ColumnText(Completed):
    """A text; Tab offers those that a column of the configured database holds."""

    name = "text"

    def __init__(self, table: str, column: str, *, several: bool = False) -> None:
        super().__init__(several=several)
        self.table = table
        self.column = column

    def completions(self, beginning: str) -> Iterable[Completion]:
        """Return the different texts that begin so."""
        return [(text, "") for text in stored_texts(self.table, self.column, beginning)]


ANY_ID = Id(*KINDS)
DEPARTMENT = ColumnText("agreement_party", "department")


def completed_by(
    codelist: Codelist | None, target: str | None, column: str = "", *, several: bool = False
) -> Completed | None:
    """Return the type that completes codes, ids of a kind, or texts of a column (`party.country`)."""
    if codelist is not None:
        return Code(codelist, several=several)
    if target:
        return Id(target, several=several)
    return ColumnText(*column.split("."), several=several) if column else None


def sentence(doc: str, codelist: Codelist | None) -> str:
    """Return the help of an option from what its field or filter says, with the codes that it takes."""
    codes = "" if codelist is None else f": {', '.join(codelist)}"
    return f"{doc[0].upper()}{doc[1:]}{codes}."
