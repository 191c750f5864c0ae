"""Cells of CSV that a spreadsheet would take for formulas: quoted on the way out, unquoted on the way in."""

from __future__ import annotations

import re

# A line feed too: programs turn a CR into one.
_BEGINS = re.compile("'*[=+\\-@\t\r\n]")
_QUOTED = re.compile("'+[=+\\-@\t\r\n]")


def harmless(cell: str) -> str:
    """Give a CSV cell that no spreadsheet takes for a formula: with an apostrophe before it."""
    return f"'{cell}" if _BEGINS.match(cell) else cell


def unquoted(cell: str) -> str:
    """Give the text that ``harmless`` was given; a text that it leaves alone stays as it is."""
    return cell[1:] if _QUOTED.match(cell) else cell
