"""Facilities, programmes and projects that an article names in quotation marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.drafting.cast import Entity, folded
from tracker.drafting.layout import Layout
from tracker.drafting.rules import rule
from tracker.drafting.sentences import HIDDEN


@dataclass(frozen=True, slots=True)
class Named:
    """An initiative's name at its place."""

    text: str
    kind: str
    start: int
    end: int


def initiatives_of(layout: Layout, mask: str, parties: list[Entity]) -> list[Named]:
    """Return what is named in marks and is a facility, a programme or a project by its own last word."""
    initiatives: list[Named] = []
    seen: set[str] = set()
    signing = {folded(name.text) for party in parties for name in party.names}
    for part in layout.of("body"):
        for match in _MARKED.finditer(layout.text, part.start, part.end):
            name = match["name"].strip()
            if mask[match.start("name")] == HIDDEN or folded(name) in seen or folded(name) in signing:
                continue
            if re.search(r"[.?!,]$", name):
                name = name[:-1]
            kind = next((kind for kind, pattern in _KINDS if pattern.search(name)), None)
            if kind is None or (name.isascii() and not _is_name(name)):
                continue
            seen.add(folded(name))
            start = match.start("name") + match["name"].index(name)
            initiatives.append(Named(name, kind, start, start + len(name)))
    return initiatives[:20]


def _is_name(name: str) -> bool:
    words = [word for word in name.split() if len(word) > 3]
    return bool(words) and all(word[0].isupper() or not word[0].isalpha() for word in words)


_MARKED = rule(
    r"[“\"‘'「『](?P<name>[^“”\"‘’'「」『』\n]{3,100})[”\"’'」』]",
    "is a name between marks",
    "먼저 뽑겠다”며 “약속은 숫자로 보여드리겠다”고 강조했다.",
)
_KINDS = (
    (
        "facility",
        rule(
            r"(?:Complex|Cent(?:er|re)|Campus|Park|Plant|Hub|Facility|Cluster|Museum|Library|Hall|Station|"
            r"Laboratory|Village)$|(?:단지|센터|캠퍼스|파크|클러스터|공장|타운|시설|허브|박물관|도서관|"
            r"체육관)$",
            "is the name of a facility",
            "Green Valley Complex",
        ),
    ),
    (
        "programme",
        rule(
            r"(?:Program(?:me)?|Scheme|Initiative|Academy)$|(?:프로그램|아카데미)$",
            "is the name of a programme",
            "Night Bus Scheme",
        ),
    ),
    (
        "project",
        rule(r"(?:Project)$|(?:사업|프로젝트)$", "is the name of a project", "예방의료 사업"),
    ),
)
