"""The parts of an article: headlines, body, captions, and the noise between them, each with its extent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tracker.drafting import noise

READ = 12_000
"""How many code points are read: several times the longest article, so that nothing takes long."""
MOST_LINES = 500

Role = Literal["headline", "body", "caption", "noise", "byline", "dateline"]


@dataclass(slots=True)
class Paragraph:
    """A run of text that belongs together; ``start`` and ``end`` are half-open, in code points."""

    start: int
    end: int
    role: Role = "body"
    number: int = 0
    """Its place among the paragraphs."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A piece of text at its place."""

    text: str
    start: int
    end: int


@dataclass(slots=True)
class Layout:
    """An article taken apart."""

    text: str
    paragraphs: list[Paragraph]
    bylines: list[Printed]
    """Who wrote or published it, as the article's bylines print it."""
    credits: list[Printed]
    """Whose the photographs are."""
    read: int | None = None
    """Where reading stopped, in a text that is longer than an article."""
    datelines: list[Printed] = field(default_factory=list)
    """Where and when an article says it was written, before its first words."""

    def of(self, *roles: Role) -> list[Paragraph]:
        """Return the paragraphs of some roles, in order."""
        return [part for part in self.paragraphs if part.role in roles]

    def words(self, part: Paragraph) -> str:
        """Return the text of a paragraph."""
        return self.text[part.start : part.end]


def layout_of(text: str) -> Layout:
    """Take an article apart."""
    layout = Layout(text, [], [], [])
    for start, end in _lines(text):
        if start >= READ or len(layout.paragraphs) >= MOST_LINES:
            layout.read = start
            break
        _take_line(layout, start, min(end, READ))
        if end > READ:
            layout.read = READ
            break
    _mark_links(layout)
    _mark_headlines(layout)
    for number, part in enumerate(layout.paragraphs):
        part.number = number
    return layout


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the extents of the lines that hold anything, lines wrapped at a width joined."""
    pending: tuple[int, int] | None = None
    for match in re.compile("[^\n]+").finditer(text):
        start, end = match.span()
        line = match[0]
        start += len(line) - len(line.lstrip())
        end -= len(line) - len(line.rstrip())
        if start >= end:
            continue
        if pending is not None and _goes_on(text, pending, start):
            pending = (pending[0], end)
            continue
        if pending is not None:
            yield pending
        pending = (start, end)
    if pending is not None:
        yield pending


def _goes_on(text: str, before: tuple[int, int], start: int) -> bool:
    """Return whether a line goes on with the one before it: wrapped in the middle of a sentence."""
    if text.count("\n", before[1], start) != 1:
        return False
    last = text.rfind("\n", before[0], before[1]) + 1
    width = before[1] - max(last, before[0])
    return (
        45 <= width <= 110
        and text[start].islower()
        and noise.MARK.match(text, start) is None
        and text[before[1] - 1] not in '.!?:;”"’。'
    )


def _behind_a_byline(layout: Layout, start: int, end: int) -> int:
    """Note who wrote a line, in brackets or as agencies do, and return where its words begin."""
    if noise.opens_links(layout.text[start : min(end, start + 100)]):
        return start  # [이 시각 추천 뉴스]
    for pattern in (noise.BRACKETED, noise.AGENCY):
        byline = pattern.match(layout.text, start, min(end, start + 200))
        if byline is not None:
            layout.bylines.append(Printed(byline[1], *byline.span(1)))
            behind = layout.text[byline.end(1) : byline.end()]
            if any(letter.isalpha() for letter in behind):  # [가온=나래뉴스] 나혜진 기자 =
                layout.bylines.append(Printed(behind, byline.end(1), byline.end()))
            return byline.end()
    return start


def _take_line(layout: Layout, start: int, end: int) -> None:
    """Add a line as a paragraph, what is no part of the article cut off at its ends."""
    text = layout.text
    cut = noise.PREFIX.match(text, start, end)
    while cut is not None and cut.end() > start:
        start = cut.end()
        cut = noise.PREFIX.match(text, start, end)
    start = _behind_a_byline(layout, start, end)
    role: Role = "body"
    owned = noise.OWNED.search(text, max(start, end - 60), end)
    if owned is not None and owned.start() - start > 30 and not noise.RIGHTS.search(text, start, end):
        end = owned.start()
        role = "caption" if noise.CAPTION_MARK.match(text, start, end) else role
    credit = noise.CREDIT.search(text, max(start, end - 160), end)
    if credit is not None:
        role = "caption"
        owner = credit["who"].strip(" .]）)=")
        if owner:
            at = text.index(owner, credit.start())
            layout.credits.append(Printed(owner, at, at + len(owner)))
        if noise.quotes_somebody(text[start : credit.start()]):
            end = credit.start()
    dateline = noise.OPENING.match(text, start, min(end, start + 120))
    if dateline is not None:
        layout.datelines.append(Printed(dateline[0], start, dateline.end()))
        start = dateline.end()
    while start < end and text[start].isspace():
        start += 1
    if start >= end:
        return
    line = text[start : min(end, start + 600)]
    if noise.quotes_somebody(line):
        role = "body"
    elif role == "body":
        role = _role(line, end - start)
    if role == "byline":
        layout.bylines.append(Printed(line, start, start + len(line)))
    layout.paragraphs.append(Paragraph(start, end, role))


def _role(line: str, length: int) -> Role:
    if length <= 600 and noise.CAPTION.search(line):
        return "caption"
    if length <= 160 and noise.BYLINE.match(line):
        return "byline"
    if length <= 160 and noise.DATELINE.fullmatch(line.strip()):
        return "dateline"
    if noise.is_noise(line, length):
        return "noise"
    return "body"


def _mark_links(layout: Layout) -> None:
    """Mark what stands below a heading of links, `Hot Picks Today`, up to where the article goes on."""
    below = False
    for part in layout.paragraphs:
        line = layout.text[part.start : min(part.end, part.start + 600)]
        if part.role in ("body", "noise") and noise.opens_links(line):
            below = True
            part.role = "noise"
        elif below and part.role == "body":
            below = not noise.is_article(line, part.end - part.start)
            part.role = "noise" if below else "body"


def _mark_headlines(layout: Layout) -> None:
    """Mark the lines above the first sentence of the body as headlines."""
    shown = [part for part in layout.paragraphs if part.role in ("body", "caption", "dateline", "byline")]
    first = True
    titled = ""
    for part in shown:
        line = layout.words(part)[:400]
        if part.role in ("dateline", "byline"):
            continue
        if part.role == "caption" and noise.CAPTION_MARK.match(line):
            continue
        if first:
            first = False
            if part.end - part.start <= 300 and not noise.is_sentence(line):
                part.role = "headline"
                titled = line
                continue
        if line == titled:
            part.role = "headline"
            continue
        if part.role == "caption":
            if part.end - part.start < 60:
                continue
            break
        is_mark = noise.MARK.match(line) is not None and not re.match(r"[-–—]\s?", line)
        if part.end - part.start > 220 or noise.is_sentence(line) or is_mark:
            break
        part.role = "headline"
