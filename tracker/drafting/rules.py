"""Rules of drafting as rows: a pattern, what its match means, and an example, which is its test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

END = 1 << 60


class Rule(NamedTuple):
    """A pattern with its effect in words, and a text in which it matches."""

    pattern: re.Pattern[str]
    effect: str
    example: str

    def search(self, text: str, start: int = 0, end: int = END) -> re.Match[str] | None:
        """Return the first match between two places."""
        return self.pattern.search(text, start, end)

    def match(self, text: str, start: int = 0, end: int = END) -> re.Match[str] | None:
        """Return the match that begins at ``start``."""
        return self.pattern.match(text, start, end)

    def fullmatch(self, text: str, start: int = 0, end: int = END) -> re.Match[str] | None:
        """Return the match of all the text between two places."""
        return self.pattern.fullmatch(text, start, end)

    def finditer(self, text: str, start: int = 0, end: int = END) -> Iterator[re.Match[str]]:
        """Yield every match between two places."""
        return self.pattern.finditer(text, start, end)

    def removed_from(self, text: str) -> str:
        """Return a text without what matches."""
        return self.pattern.sub("", text)


def rule(pattern: str, effect: str, example: str, flags: re.RegexFlag = re.NOFLAG) -> Rule:
    """Return a rule of a regular expression."""
    return Rule(re.compile(pattern, flags), effect, example)
