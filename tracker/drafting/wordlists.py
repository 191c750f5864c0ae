"""Lists of words as data: files of one entry a line, beside the code; a line with # says what they are."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"


@cache
def entries(name: str) -> tuple[str, ...]:
    """Return the entries of a list in the order of its file."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def word_set(name: str) -> frozenset[str]:
    """Return the entries of a list to look words up in."""
    return frozenset(entries(name))


def alternatives(name: str) -> str:
    """Return the entries of a list as a part of a pattern, `said|says`, in their order."""
    return "|".join(map(re.escape, entries(name)))


def patterns(name: str) -> str:
    """Return the entries of a list that are patterns themselves, as one pattern of alternatives."""
    return "|".join(entries(name))
