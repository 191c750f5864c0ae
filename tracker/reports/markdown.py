"""A report as Markdown (CommonMark with GitHub's tables), to be read as text too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.reports.document import Document, Table, text_of
from tracker.reports.words import Words


def markdown(document: Document) -> bytes:
    """Return a document as Markdown, in UTF-8."""
    return "".join(f"{line}\n" for line in _lines(document)).encode("utf-8", "replace")


def _lines(document: Document) -> Iterator[str]:
    yield f"# {escaped(document.title)}"
    yield ""
    for name, value in document.meta:
        # What has no name is this program's own; what has one may hold names of parties and series.
        yield f"- **{escaped(name)}:** {escaped(value)}" if name else f"- {value}"
    for section in document.sections:
        yield ""
        yield f"{'#' * (section.level + 1)} {escaped(section.title)}"
        if section.note:
            yield ""
            yield section.note
        if section.table is not None:
            yield ""
            if section.table.rows:
                yield from _table(section.table, document.words)
            else:
                yield section.empty


def _table(table: Table, words: Words) -> Iterator[str]:
    # A bar is told by its words; a column of bars without words says nothing that another does not.
    columns = [
        (place, column)
        for place, column in enumerate(table.columns)
        if words(column.heading) or any(text_of(row[place]) for row in table.rows)
    ]
    yield _row([words(column.heading) for _, column in columns])
    yield "|" + "|".join("---:" if column.right else "---" for _, column in columns) + "|"
    for row in table.rows:
        yield _row([text_of(row[place]) for place, _ in columns])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escaped(cell).replace("\n", "<br>") for cell in cells) + " |"


_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&])")


def escaped(text: str) -> str:
    """Return a text in which nothing is Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", text.replace("\r", " "))
