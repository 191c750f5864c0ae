"""Ids from names: short, readable, in Latin letters, each once in a draft."""

from __future__ import annotations

import re

from tracker.drafting.cast import Entity
from tracker.drafting.names_ko import SURNAMES
from tracker.romanisation import romanised, slug

LONGEST = 60


class Ids:
    """Ids that are not taken yet."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def make(self, wanted: str, otherwise: str) -> str:
        """Return an id as wanted; with a number behind it where that is taken."""
        base = (wanted or otherwise)[:LONGEST].strip("-") or otherwise
        id, number = base, 2
        while id in self._taken:
            id, number = f"{base}-{number}", number + 1
        self._taken.add(id)
        return id


def party_slug(entity: Entity) -> str:
    """Return what a party's id is made of: a person's name, an abbreviation, a place, else the whole name."""
    if entity.kind == "person":
        name = entity.name
        if re.fullmatch(f"[{SURNAMES}][가-힣]{{1,2}}", name):
            return slug(f"{romanised(name[0])} {romanised(name[1:])}")
        return slug(name, LONGEST)
    for other in entity.names:
        if other.kind == "abbreviation" and slug(other.text):
            return slug(other.text, LONGEST)
    match = re.fullmatch(
        r"(?:The |the )?([A-ZÀ-Þ][\w’-]+)(?: Metropolitan| Special| Autonomous|"
        r" Self-Governing)* (?:City|Province|County)(?: Government)?",
        entity.name,
    )
    if match is not None:
        return slug(match[1])
    return slug(re.sub(r"^[Tt]he ", "", entity.name), LONGEST)


def short(entity: Entity) -> str:
    """Return a party's part of an agreement's id."""
    if any(name.kind == "abbreviation" and slug(name.text) == entity.id for name in entity.names):
        return entity.id.replace("-", "")
    return slug(entity.id.replace("-", " "), 24)
