"""A report as Markdown (CommonMark with GitHub's tables), to be read as text too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tracker.reports.document import Document
from tracker.reports.parts import Table, text_of


def markdown(found: Document) -> bytes:
    """Give a document as Markdown, in UTF-8."""
    return "".join(f"{line}\n" for line in _lines(found)).encode("utf-8", "replace")


def _lines(found: Document) -> Iterator[str]:
    yield f"# {escaped(found.title)}"
    yield ""
    for name, value in found.meta:
        # What stands there is this program's own, but for the names of parties and series.
        said = value if not name else escaped(value)
        yield f"- **{escaped(name)}:** {said}" if name else f"- {said}"
    for section in found.sections:
        yield ""
        yield f"{'#' * (section.level + 1)} {escaped(section.title)}"
        if section.note:
            yield ""
            yield section.note
        if section.table is not None:
            yield ""
            if section.table.rows:
                yield from _table(section.table)
            else:
                yield section.empty


def _table(table: Table) -> Iterator[str]:
    # A bar is told by its words; one that has none says nothing that another cell does not.
    kept = [
        place
        for place, _ in enumerate(table.columns)
        if any(text_of(row[place]) for row in table.rows) or table.columns[place].heading
    ]
    yield _row([table.columns[place].heading for place in kept])
    yield "|" + "|".join("---:" if table.columns[place].right else "---" for place in kept) + "|"
    for row in table.rows:
        yield _row([text_of(row[place]) for place in kept])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escaped(cell).replace("\n", "<br>") for cell in cells) + " |"


_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&])")


def escaped(text: str) -> str:
    """Give a text in which nothing is Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", text.replace("\r", " "))
