"""A report as one HTML file that needs nothing else and prints on A4: headings repeat, no row is torn."""

from __future__ import annotations

import re

from jinja2 import Environment, PackageLoader, StrictUndefined

from tracker import codes
from tracker.reports.document import GROUPS, MARKS, Bar, Document


def html(document: Document) -> bytes:
    """Return a document as HTML, in UTF-8."""
    words = document.words
    legend = [
        (
            Bar({group.statuses[0]: 1}, 1),
            group.mark,
            [words.label(codes.CURRENT_STATUS, status) for status in group.statuses],
        )
        for group in GROUPS.values()
    ]
    page = _ENVIRONMENT.get_template("report.html").render(document=document, words=words, legend=legend)
    return page.encode("utf-8", "replace")


_DAY = re.compile(r"((?<![\w-])\d{4}-\d\d(?:-\d\d)?(?![\w-]))")
_CODE = re.compile(r"`([^`]*)`")
_CLAUSE = re.compile(rf"([{re.escape(''.join(set(MARKS.values())))}] )?\d+\. ")
_ID = re.compile(r"(?=.*[a-z])[a-z0-9][a-z0-9-]*(\.\d+)?")


def _line_class(line: str) -> str:
    """Return how a line is set: a clause hangs behind its mark, an id is small."""
    return "hang" if _CLAUSE.match(line) else "id" if _ID.fullmatch(line) else "line"


def _css_text(text: str) -> str:
    """Return a text as the inside of a CSS string, all but letters and digits spelled out."""
    return "".join(letter if letter.isalnum() else f"\\{ord(letter):x} " for letter in text)


_ENVIRONMENT = Environment(
    loader=PackageLoader("tracker.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
# Every second part of a split is a day, which is not broken at its hyphens, or code.
_ENVIRONMENT.filters |= {
    "line_class": _line_class, "split_days": _DAY.split, "split_code": _CODE.split, "css_text": _css_text,
}  # fmt: skip
