"""The register of a report as CSV."""

from __future__ import annotations

import csv
import io

from tracker.formulas import harmless
from tracker.reports.content import Report
from tracker.reports.document import text_of
from tracker.reports.register import register_sheet
from tracker.reports.words import Words


def register_csv(report: Report) -> bytes:
    """Return the register as CSV (RFC 4180, UTF-8): a row for each agreement, no cell a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    words = Words(report["lang"])
    register = register_sheet(report, words)
    writer.writerow(words(column.heading) for column in register.columns)
    writer.writerows([harmless(text_of(cell)) for cell in row] for row in register.rows)
    return buffer.getvalue().encode("utf-8", "replace")
