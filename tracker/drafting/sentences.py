"""Sentences of a paragraph, with their extents; a quotation is never cut in two."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.drafting.rules import rule
from tracker.drafting.wordlists import word_set

LONGEST = 1_000
HIDDEN = "\ue000"
"""What stands for each letter of a quotation while the text around it is read."""
NUMBERED = rule(
    r"\s?\d{1,2}(?:[.)]\s|\s?\t)\s*", "is the number before a paragraph of a release", "2. The memorandum"
)


def masked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with what stands in these spans hidden, letter by letter: positions stay.

    A stop or comma at the end of a quotation stays to be seen: it says whether the sentence goes on.
    """
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        last = text[end - 1] if end > start and text[end - 1] in ".,!?…" else HIDDEN
        pieces += (text[at:start], HIDDEN * (end - start - 1), last)
        at = end
    return "".join([*pieces, text[at:]])


def sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the extents of the sentences of a (masked) text, without space around them."""
    extents = []
    at = start
    for match in _STOP.finditer(text, start, end):
        if _is_abbreviation(text, match.start(), at):
            continue
        stop = match.end("end") if match["end"] else match.end("glued")
        if stop > at:
            extents.append((at, stop))
        at = match.end()
    if text[at:end].strip():
        extents.append((at, end))
    return [_stripped(text, *span) for extent in extents for span in _cut(text, *extent)]


def closed(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return an extent without the spaces, commas and stops at its ends."""
    while end > start and sentence[end - 1] in " .;:,\n":
        end -= 1
    while start < end and sentence[start] in " ,":
        start += 1
    return start, end


def _cut(text: str, start: int, end: int) -> Iterable[tuple[int, int]]:
    """Cut what is longer than any sentence at a space, so that no rule reads more at once."""
    while end - start > LONGEST:
        stop = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        stop = start + LONGEST if stop < 0 else stop
        yield start, stop
        start = stop
    yield start, end


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _is_abbreviation(text: str, dot: int, start: int) -> bool:
    if text[dot] != ".":
        return False
    word = _WORD.search(text, max(start, dot - 12), dot)
    if word is None:
        return False
    return (
        word[0] in _ABBREVIATIONS
        or (len(word[0]) == 1 and word[0].isupper())
        or (word[0].isdigit() and dot - start <= 3)
    )


_STOP = rule(
    rf"(?P<end>[.!?。](?:[\"'”’」』»)\]]){{0,2}})\s+"
    rf"(?=[A-ZÀ-Þ0-9“\"‘'「『«(\[가-힣①-⑳▲△▷▶•○□■◇◆※{HIDDEN}-])"
    # `체결했다.두 기관은`: a Korean sentence that the next one follows without a space.
    rf"|(?<=다)(?P<glued>\.)(?=[가-힣“‘「『▲△○□■◇◆※{HIDDEN}])",
    "ends a sentence",
    "1. The Ministry of Fisheries and",
)
_WORD = rule(r"[^\s(“\"‘]+$", "is the word before a stop", "Mr")
_ABBREVIATIONS = word_set("en_abbreviations")
