"""What a reviewer has to see besides the clauses: marked items and promises that became none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice

from tracker.drafting.layout import Layout, Paragraph
from tracker.drafting.rules import rule

MOST = 40
LONGEST = 300


def not_taken(
    layout: Layout,
    mask: str,
    sentences_of: Callable[[Paragraph], list[tuple[int, int]]],
    taken: list[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Return the extents of what looks like a promise and is none of the extents taken, in order.

    That are items behind a mark such as ▲, • or ①, and sentences with `will`, `shall` or `하기로`
    outside quotations. What a mark opens is one entry, whatever it says.
    """
    left: list[tuple[int, int]] = []
    for part in layout.of("body"):
        marks = islice(_marked(mask, part), MOST)
        promising = (span for span in sentences_of(part) if _PROMISES.search(mask, *span))
        for start, end in chain(marks, promising):
            if len(left) >= MOST:
                return sorted(left)
            if not any(one < end and start < other for one, other in chain(taken, left)):
                left.append((start, min(end, start + LONGEST)))
    return sorted(left)


def _marked(mask: str, part: Paragraph) -> Iterator[tuple[int, int]]:
    """Yield the extents of the items behind marks in a paragraph, each up to the next mark."""
    marks = list(islice(_MARK.finditer(mask, part.start, part.end), MOST + 1))
    ends = [mark.start() for mark in marks[1:]] + [part.end]
    for mark, end in zip(marks, ends, strict=False):
        item = mask[mark.end() : end].rstrip()
        if item:
            yield mark.end(), mark.end() + len(item)


_MARK = rule(r"[▲△▷▶•①-⑳]\s*", "marks an item", "▲건강 데이터 공유 ▲전문 인력 양성 ▲시민 교육 등이다.")
_PROMISES = rule(
    r"\b(?:will|shall)\b|(?:하기로|키로|기로) ?(?:했|하였|하고|합의|약속|뜻|한 )",
    "is a word of promising",
    "Marrow Health will pay the fees.",
)
