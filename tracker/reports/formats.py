"""The formats of a report: what each is called over HTTP, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.queries.representation import encoder
from tracker.reports.content import Report
from tracker.reports.csv import register_csv
from tracker.reports.html import html
from tracker.reports.markdown import markdown
from tracker.reports.sections import document
from tracker.reports.workbook import workbook


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its media type, its charset if it is text, and what writes it."""

    media_type: str
    write: Callable[[Report], bytes]
    charset: str | None = "utf-8"

    @property
    def content_type(self) -> str:
        """The value of the header Content-Type."""
        return self.media_type if self.charset is None else f"{self.media_type}; charset={self.charset}"


FORMATS: dict[str, Format] = {
    "json": Format("application/json", encoder.encode, None),
    "html": Format("text/html", lambda report: html(document(report))),
    "md": Format("text/markdown", lambda report: markdown(document(report))),
    "csv": Format("text/csv", register_csv),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook, None),
}
"""What writes each of ``REPORT_FORMATS``; json first, the answer to a client that accepts anything."""
