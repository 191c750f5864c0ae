"""What an organisation expects or hopes, told in the article's own words: indirect quotes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker.drafting.cast import Cast, Entity
from tracker.drafting.clauses import Promise
from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.rules import rule
from tracker.drafting.sentences import HIDDEN


@dataclass(frozen=True, slots=True)
class Indirect:
    """What a party is told to have said, at its place."""

    start: int
    end: int
    speaker: Entity
    printed: tuple[int, int]


def indirect_quotes(
    layout: Layout,
    mask: str,
    sentences_of: Callable[[Paragraph], list[tuple[int, int]]],
    cast: Cast,
    parties: list[Entity],
    clauses: list[Promise],
) -> list[Indirect]:
    """Return the expectations that one of the parties is told to have."""
    quotes = []
    for part in layout.of("body"):
        for start, end in sentences_of(part):
            sentence = mask[start:end]
            if len(sentence) > 2000 or any(one.start < end and start < one.end for one in clauses):
                continue
            match = _EXPECTS.search(sentence) or _KOREAN.search(sentence)
            if match is None or HIDDEN in match["said"]:
                continue
            named = [
                mention
                for mention in cast.within(start, start + match.start("verb"), "organisation")
                if mention.entity in parties
            ]
            if len(named) != 1 or named[0].start - start > 12:
                continue
            one, other = start + match.start("said"), start + match.end("said")
            while other > one and layout.text[other - 1] in " .":
                other -= 1
            if other - one >= 20:
                quotes.append(Indirect(one, other, named[0].entity, (named[0].start, named[0].end)))
    return quotes


_EXPECTS = rule(
    r"(?P<verb>\b(?:expects?|hopes?|anticipates?|believes?)\b)\sthat\s(?P<said>.{20,})",
    "says in the article's words what a party expects",
    "The city expects that the desk will save every family a day a year.",
)
_KOREAN = rule(
    r"(?P<verb>(?:은|는)\s)(?P<said>[^“\"]{15,}?것)으로 기대(?:하고 있다|했다|한다|하고)",
    "says in the article's words what a Korean party expects",
    "구는 이번 협약으로 매출이 오를 것으로 기대하고 있다.",
)
