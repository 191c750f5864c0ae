"""How lists of words are written."""

from __future__ import annotations


def wordlist(text: str) -> frozenset[str]:
    """Give the words of a list that is written as a text."""
    return frozenset(text.split())
