"""Several clauses in one cell, split by the marks before them; the words stay as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

Split = Literal["marks", "lines", "none"]


class Part(NamedTuple):
    """One clause of a cell: its mark as printed, None where it has none, and its words."""

    label: str | None
    text: str


class _Kind(NamedTuple):
    """One kind of mark: how its n-th looks, and whether it may stand inside a line."""

    mark: Callable[[int], str]
    most: int
    inline: bool
    counts: bool = True


_SYLLABLES = "가나다라마바사아자차카타파하"
_KINDS = (
    _Kind(lambda n: chr(0x2460 + n - 1), 20, inline=True),  # ①
    _Kind(lambda n: chr(0x2776 + n - 1), 10, inline=True),  # ❶
    _Kind(lambda n: rf"제\s?{n}\s?조(?:\s?\([^)\n]*\))?[.:]?(?![가-힣])", 200, inline=False),
    _Kind(lambda n: rf"\({n}\)", 99, inline=True),
    _Kind(lambda n: rf"{n}[.)](?=\s|[^\d\s])", 99, inline=True),
    _Kind(lambda n: rf"\({_SYLLABLES[n - 1]}\)", 14, inline=True),
    _Kind(lambda n: rf"{_SYLLABLES[n - 1]}[.)]", 14, inline=True),
    _Kind(lambda _: "[▲△▶▷►]", 999, inline=True, counts=False),
    _Kind(lambda _: "[○●◯◦ㅇ](?=\\s|[^\\s\\w])|[○●◯◦]", 999, inline=True, counts=False),
    _Kind(lambda _: "[□■◇◆▪▫☞※]", 999, inline=True, counts=False),
    _Kind(lambda _: "[-–—*](?=\\s)|[-–—](?=[가-힣])", 999, inline=False, counts=False),
    _Kind(lambda _: "[·•ㆍ∙‧・]", 999, inline=False, counts=False),
)


def parts(text: str, split: Split = "marks") -> tuple[str, list[Part]]:
    """Split what a cell holds into clauses; gives the words before the first mark, and the clauses.

    ``marks`` splits at marks of one kind, in order from the first (①②③, 1. 2. 3., 가. 나., ▲, ○, -, ·), the
    kind with which the clauses begin; marks of another kind below them stay in the words. A cell without
    marks is one clause. ``lines`` splits at line breaks where there are no marks; ``none`` does not split.
    """
    text = text.strip()
    if not text:
        return "", []
    if split == "none":
        return "", [Part(None, text)]
    marks = _marks(text)
    if marks:
        return _cut(text, marks)
    if split == "lines":
        return "", [Part(None, line.strip()) for line in text.splitlines() if line.strip()]
    return "", [Part(None, text)]


def has_marks(text: str) -> bool:
    """Return whether a text holds at least two clauses with marks before them."""
    return len(_marks(text.strip())) > 1


def _cut(text: str, marks: list[tuple[int, int]]) -> tuple[str, list[Part]]:
    lead = text[: marks[0][0]].strip()
    ends = [start for start, _ in marks[1:]] + [len(text)]
    result = []
    for (start, words), end in zip(marks, ends, strict=True):
        whole = text[words:end].strip()
        body = whole.rstrip(",;，；").rstrip() or whole
        if body:
            result.append(Part(text[start:words].strip(), body))
    return lead, result


def _marks(text: str) -> list[tuple[int, int]]:
    """Return start and end of each mark of the kind that comes first at a line's start."""
    best: list[tuple[int, int]] = []
    for kind in _KINDS:
        result = list(_of_kind(text, kind))
        begins_a_line = bool(result) and (
            result[0][0] == 0 or text[: result[0][0]].rstrip(" \t").endswith("\n")
        )
        if not begins_a_line and not (len(result) > 1 and kind.counts and _ends_lead(text, result[0][0])):
            continue
        if not best or result[0][0] < best[0][0]:
            best = result
    return best


def _ends_lead(text: str, at: int) -> bool:
    """Return whether the words before a mark inside a line lead up to it: `다음과 같다: ① …`"""
    return text[:at].rstrip().endswith((":", "：", ".", "다"))


def _of_kind(text: str, kind: _Kind) -> Iterator[tuple[int, int]]:
    position = 0
    for number in range(_first(text, kind), kind.most + 1):
        before = r"(?:(?<=\s)|^)" if kind.inline else r"^[ \t]*"
        if kind.inline and number > 1 and kind.mark(1)[0] in "①❶":
            before = ""
        pattern = rf"{before}(?P<mark>{kind.mark(number)})"
        result = next(
            (
                each
                for each in re.compile(pattern, re.MULTILINE).finditer(text, position)
                if not _inside_a_date(text, each.start("mark"))
            ),
            None,
        )
        if result is None:
            return
        yield result.start("mark"), result.end("mark")
        position = result.end("mark")


def _first(text: str, kind: _Kind) -> int:
    """Return the number with which a list begins: that of the mark at the text's start (row 2 has ②), else 1."""
    if not kind.counts or _DATE_OR_NUMBER.match(text):
        return 1
    return next((number for number in range(1, kind.most + 1) if re.match(kind.mark(number), text)), 1)


_DATE_OR_NUMBER = re.compile(r"[0-9]+\s*[.]\s*[0-9]+\s*[.월]")


def _inside_a_date(text: str, at: int) -> bool:
    """Return whether a number stands behind another with a dot: the 8 of `2020. 8. 31.` is no mark."""
    return re.search(r"\d[.년월]\s*$", text[max(0, at - 6) : at]) is not None and text[at].isdigit()
