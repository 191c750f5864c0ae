"""Promises in prose: what the parties or their agreement will do, one promise each."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracker.drafting.cast import Cast, Entity
from tracker.drafting.clauses import Promise
from tracker.drafting.layout import Layout, Paragraph, Printed
from tracker.drafting.prose_en import promises_in_english, without_lead_in
from tracker.drafting.prose_ko import promises_in_korean
from tracker.drafting.rules import rule
from tracker.drafting.sentences import HIDDEN
from tracker.drafting.words_en import AGREEMENT

LOOK = "this clause was prose"


def prose_clauses(
    layout: Layout,
    mask: str,
    sentences_of: Callable[[Paragraph], list[tuple[int, int]]],
    cast: Cast,
    parties: list[Entity],
    taken: list[Promise],
) -> list[Promise]:
    """Return the promises that stand in sentences outside every list and quotation."""
    promises: list[Promise] = []
    read = 0
    covered = [(promise.start, promise.end) for promise in taken]
    goes_on = False
    for part in layout.of("body"):
        about = False
        for start, end in sentences_of(part):
            if read > 200:
                continue
            if any(one < end and start < other for one, other in covered):
                goes_on = True
                continue
            sentence = mask[start:end]
            is_about, about = about, _ABOUT.match(sentence) is not None
            leads_in = sentence.endswith((":", "：")) or any(0 <= one - end <= 12 for one, _ in covered)
            if leads_in or not _may_promise(sentence):
                goes_on = False
                continue
            read += 1
            if re.search("[가-힣]", sentence):
                spans = promises_in_korean(sentence, start, cast, parties, goes_on=goes_on)
            else:
                sentence, start = without_lead_in(sentence, start)  # noqa: PLW2901  # the same, less its wrapping
                spans = promises_in_english(sentence, start, cast, parties, about=is_about, goes_on=goes_on)
            goes_on = bool(spans)
            promises += [
                Promise(one, other, None, "narrative", LOOK) for one, other in spans if other - one >= 3
            ]
    return promises


def _may_promise(sentence: str) -> bool:
    """Return whether a sentence may promise: no quotation, not endless, with a word of promising."""
    return (
        _MAY_PROMISE.search(sentence) is not None
        and sentence.count(HIDDEN) * 2 <= len(sentence)
        and len(sentence) <= 1500
    )


def purpose_clause(purpose: Printed | None, others: list[Promise]) -> list[Promise]:
    """Return what an agreement is for as its promise, where the article prints hardly any other."""
    if purpose is None or any(one.start < purpose.end and purpose.start < one.end for one in others):
        return []
    lead = _TO.match(purpose.text)
    start = purpose.start + (lead.end() if lead else 0)
    return [
        Promise(start, purpose.end, None, "narrative", "this clause was prose, the purpose of the agreement")
    ]


_MAY_PROMISE = rule(
    r"\b(?:will|shall|agree\w*|pledg\w+|promis\w+|commit\w*|undert\w+|decided|resolved|vowed|"
    r"intends?|plans?|includ\w+|cover\w*|outlin\w+|sets? out|provi\w+|captur\w+|calls?|"
    r"stipulat\w+|contains?|establish\w*|focus\w*|creat\w+|formali\w+|enabl\w+|allows?|details|"
    r"supports?|can take|would|means?|gives?|requires?|obliges?|binds?|guarantees?|grants?|"
    r"extends?|runs?|lasts?|valid|remains?|aims?|foresees|envisages|specifies|states|(?:is|"
    r"are) to|areas|fields|such as|namely|follow\w+|tais como|como|prevê|eixos|inclu\w+|abrange|"
    r"áreas)\b|기로|계획|예정|방침|다\.?$",
    "is a word that sentences of promising have",
    "cooperation agreement in Kestrel",
    re.IGNORECASE,
)
_ABOUT = rule(
    rf"(?:(?:As per|Under|Through|In|With|According to)\s)?(?:{AGREEMENT})\b",
    "opens a sentence on the agreement",
    "Under the agreement, the parties",
    re.IGNORECASE,
)
_TO = rule(r"(?:in order )?to |that aims to |which aims to ", "opens a purpose", "in order to open")
