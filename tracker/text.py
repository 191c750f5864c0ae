"""Text as it is stored: in NFC, of characters that both engines and JSON can carry."""

from __future__ import annotations

import re
from typing import Literal
from unicodedata import combining, is_normalized, normalize

MOST_MARKS = 30
"""How many combining marks may follow each other (the stream-safe format of UAX #15)."""

UNWANTED = re.compile("[\x00\ud800-\udfff]")
"""What no text of ours has: NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which are no text."""

REPLACEMENT = "\ufffd"
"""What stands for a letter that cannot be read."""


class UnfitText(ValueError):
    """A text cannot be stored; the message says why, ``hint`` what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def storable(text: str) -> str:
    """Return a text in NFC; raises UnfitText where it is none, or one that cannot be normalised in time."""
    try:
        text.encode()
        is_text = "\0" not in text
    except UnicodeEncodeError:
        is_text = False
    if not is_text:
        raise UnfitText("holds a NUL or half of a surrogate pair", "remove it")
    return text if is_normalized("NFC", text) else normalised(text)


def normalised(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """Return a text in a normal form of Unicode; raises UnfitText for too many combining marks in a row.

    Normalising sorts a run of marks by insertion: 30,000 of them would stop every thread for seconds.
    """
    if text.isascii() or is_normalized(form, text):  # nothing is left to sort
        return text
    classes = bytes(map(combining, _TURN_INTO_MARKS.sub("\u0301\u0301", text)))
    if max(map(len, classes.split(b"\0"))) > MOST_MARKS:
        raise UnfitText(f"has more than {MOST_MARKS} combining marks in a row", "remove them")
    return normalize(form, text)


def legible(text: str) -> str:
    """Return a text in NFC, with U+FFFD for what no text may hold; U+FFFD alone where it cannot be normalised in time."""
    try:
        return normalised(UNWANTED.sub(REPLACEMENT, text))
    except UnfitText:
        return REPLACEMENT


def comparable(text: str, form: Literal["NFC", "NFKC"] = "NFKC") -> str:
    """Return a text in a normal form, to be compared with others; as it is where that would take too long."""
    try:
        return normalised(text, form)
    except UnfitText:
        return text


_TURN_INTO_MARKS = re.compile("[\u0f73\u0f75\u0f81\uff9e\uff9f]")
"""Letters that are one or two combining marks once they are normalised."""
