"""What a spreadsheet's cells can hold: no formulas in CSV, no characters that XML has not in a workbook."""

from __future__ import annotations

import re

# A line feed too: programs turn a CR into one.
_BEGINS = re.compile("'*[=+\\-@\t\r\n]")
_QUOTED = re.compile("'+[=+\\-@\t\r\n]")
# What XML 1.0 has no way to say (section 2.2); openpyxl writes some of it all the same, into unreadable files.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL = 32_767
"""How many UTF-16 units a cell of a workbook can hold."""


def cell_text(text: str) -> str:
    """Give a text as a workbook can hold it: what XML cannot say stands as U+FFFD, what is too long is cut."""
    units = _NOT_IN_XML.sub("\ufffd", text).encode("utf-16-le")
    return units[: 2 * _LONGEST_CELL].decode("utf-16-le", "ignore")


def harmless(cell: str) -> str:
    """Give a CSV cell that no spreadsheet takes for a formula: with an apostrophe before it."""
    return f"'{cell}" if _BEGINS.match(cell) else cell


def unquoted(cell: str) -> str:
    """Give the text that ``harmless`` was given; a text that it leaves alone stays as it is."""
    return cell[1:] if _QUOTED.match(cell) else cell
