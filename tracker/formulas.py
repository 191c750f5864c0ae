"""What a spreadsheet's cells can hold: no formulas in CSV, no characters that XML has not in a workbook."""

from __future__ import annotations

import re
from typing import Any

# Signs of full width and small ones too, which Excel and LibreOffice turn into plain ones where Korean,
# Chinese or Japanese is set, and whatever nobody sees before them.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_UNSEEN = (
    "\\s\\x00-\\x1f\\x7f-\\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
# A line feed too: programs turn a CR into one.
_START = f"(?:[{_UNSEEN}]*[{_SIGNS}]|[\\t\\r\\n])"
_BEGINS = re.compile(f"'*{_START}")
_QUOTED = re.compile(f"'+{_START}")
# What XML 1.0 has no way to say (section 2.2); openpyxl writes some of it all the same, into unreadable files.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What programs read as an escaped character (ECMA-376 part 1, §22.9.2.19) unless its underscore is one itself.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST_CELL = 32_767
"""How many UTF-16 units a cell of a workbook can hold."""


def put_text(cell: Any, text: str | None) -> None:
    """Put text into a cell of a workbook, as text whatever it begins with; of none the cell stays empty.

    What XML cannot say stands as U+FFFD, what is too long is cut.
    """
    if text:
        escaped = _ESCAPE.sub("_x005F_", _NOT_IN_XML.sub("\ufffd", text))
        units = escaped.encode("utf-16-le")
        cell.value = units[: 2 * _LONGEST_CELL].decode("utf-16-le", "ignore")
        cell.data_type = "s"
        if _BEGINS.match(text):
            cell.quotePrefix = True  # text still, after somebody edits the cell


def harmless(cell: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula: with an apostrophe before it."""
    return f"'{cell}" if _BEGINS.match(cell) else cell


def unquoted(cell: str) -> str:
    """Return the text from which ``harmless`` made a cell; a text that it leaves alone stays as it is."""
    return cell[1:] if _QUOTED.match(cell) else cell
