"""Rows on stdout: a table for a person, TSV for a pipe, JSON, JSON Lines and CSV for programs."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import click

from tracker.cli.cells import column_widths, line_of, printable, row_lines
from tracker.formulas import harmless

FORMATS = ("table", "json", "jsonl", "csv")
WIDTH_WITHOUT_A_TERMINAL = 100
LINES_IN_A_ROW = 3
"""A long text in a list's table stops after so many lines; `tracker show` has all of it."""

Row = Sequence[Any]
Pages = Iterable[Sequence[Row]]
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Sheet:
    """How rows of one kind are written.

    ``names`` are all fields, in the order of the rows; ``columns`` those that a table and TSV show, and
    ``encoded`` gives a row as a JSON object.
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    encoded: Callable[[Row], bytes]
    most_lines: int | None = LINES_IN_A_ROW

    def cells(self, row: Row) -> list[str]:
        """Return the texts that a table shows of a row."""
        return [text_of(row[self.names.index(name)]) for name in self.columns]


def format_option(command: Decorated) -> Decorated:
    """Add `--format`; without it, a table on a terminal and TSV in a pipe."""
    return click.option(
        "--format",
        "format",
        type=click.Choice(FORMATS),
        callback=lambda _ctx, _param, format: format or default_format(),
        help="How to print; else a table on a terminal, TSV in a pipe.",
    )(command)


def bom_option(command: Decorated) -> Decorated:
    """Add `--bom`: Excel takes CSV for UTF-8 only where a byte order mark says so."""
    return click.option(
        "--bom",
        is_flag=True,
        help="Begin CSV with a byte order mark, so that Excel reads Korean.",
    )(command)


def format_of(file: str | None, format: str | None, endings: Mapping[str, str], default: str) -> str:
    """Return the format, else that of a file's ending; a file without one takes the default.

    Raises UsageError for an ending that is of no known format: what is in a file should not surprise.
    """
    ending = os.path.splitext(file or "")[1].lower()
    if format is not None or ending in ("", *endings):
        return format or endings.get(ending, default)
    known = ", ".join(endings)
    raise click.UsageError(f"`{ending}` is no ending that is written; name one of {known}, or say --format")


def default_format() -> str:
    """Return how to print where nobody says: a table on a terminal, TSV in a pipe."""
    return "table" if sys.stdout.isatty() else "tsv"


def write(sheet: Sheet, pages: Pages, format: str, *, bom: bool = False) -> None:
    """Write pages of rows on stdout, each as soon as it is there; CSV with ``bom`` after a byte order mark."""
    if format == "table":
        _write_table(sheet, pages)
        return
    stdout = sys.stdout.buffer
    if bom and format == "csv":
        stdout.write(b"\xef\xbb\xbf")
    for block in _WRITERS[format](sheet, pages):
        stdout.write(block)
    stdout.flush()


def sheet_of(names: Sequence[str], columns: Sequence[str] | None = None) -> Sheet:
    """Return a sheet for rows of plain values."""
    from tracker.queries.representation import encoder

    return Sheet(
        tuple(names),
        tuple(columns or names),
        lambda row: encoder.encode(dict(zip(names, row, strict=True))),
        most_lines=None,
    )


def text_of(value: Any) -> str:
    """Return a value as a cell shows it; unknown is empty."""
    if value is None:
        return ""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def terminal_width() -> int:
    """Return how many cells a line has: COLUMNS, the terminal's width, or 100 where there is none."""
    return shutil.get_terminal_size((WIDTH_WITHOUT_A_TERMINAL, 0)).columns


def heading(words: str) -> str:
    """Return words in bold; Click takes that away where there is no terminal, or NO_COLOR is set."""
    return click.style(words, bold=True) if os.environ.get("TERM") != "dumb" else words


def _write_table(sheet: Sheet, pages: Pages) -> None:
    """Write a table whose columns are as wide as its first page needs."""
    pages = iter(pages)
    first = [_shown(sheet, row) for row in next(pages, ())]
    headings = [name.replace("_", " ") for name in sheet.columns]
    widths = column_widths(headings, first, terminal_width())
    click.echo(heading(line_of(headings, widths)))
    later = ([_shown(sheet, row) for row in page] for page in pages)
    for rows in chain([first], later):
        lines = [line for row in rows for line in row_lines(row, widths, sheet.most_lines)]
        if lines:
            click.echo("\n".join(lines))


def _shown(sheet: Sheet, row: Row) -> list[str]:
    return [printable(cell) for cell in sheet.cells(row)]


def _tsv(sheet: Sheet, pages: Pages) -> Iterator[bytes]:
    """Tabs, line breaks and what terminals obey are spelled out inside a cell: a row stays a harmless line."""
    yield "\t".join(sheet.columns).encode() + b"\n"
    for page in pages:
        rows = ("\t".join(printable(cell.translate(_IN_TSV)) for cell in sheet.cells(row)) for row in page)
        yield "".join(f"{row}\n" for row in rows).encode()


def _csv(sheet: Sheet, pages: Pages) -> Iterator[bytes]:
    """RFC 4180; a nested list is compact JSON in its cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(sheet.names)
    count = len(sheet.names)
    for page in pages:
        writer.writerows([harmless(text_of(value)) for value in row[:count]] for row in page)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _json(sheet: Sheet, pages: Pages) -> Iterator[bytes]:
    """Yield one array, a line for each object."""
    before = b"[\n"
    for page in pages:
        for row in page:
            yield before + sheet.encoded(row)
            before = b",\n"
    yield b"[]\n" if before == b"[\n" else b"\n]\n"


def _jsonl(sheet: Sheet, pages: Pages) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(sheet.encoded(row) + b"\n" for row in page)


_WRITERS = {"tsv": _tsv, "csv": _csv, "json": _json, "jsonl": _jsonl}
_IN_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
