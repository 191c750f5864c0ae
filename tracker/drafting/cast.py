"""Who an article is about: organisations and persons, every name they are printed under, every place."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tracker.drafting.wordlists import word_set
from tracker.text import comparable

MOST = 60


@dataclass(slots=True)
class Name:
    """A name of an organisation or a person, as printed, and the first place where it stands."""

    text: str
    kind: str
    """`name`, or a kind of the codelist of names."""
    start: int
    end: int
    valid_from: str | None = None


@dataclass(slots=True, eq=False)
class Entity:
    """An organisation or a person."""

    kind: str
    names: list[Name] = field(default_factory=list)
    role: str | None = None
    """What a person is, as printed."""
    role_at: tuple[int, int] | None = None
    organisation: Entity | None = None
    """Where a person is that."""
    inferred: bool = False
    """Whether the organisation is not printed but follows from the role."""
    class_: str | None = None
    founded: str | None = None
    id: str = ""

    @property
    def name(self) -> str:
        """The name it goes by here."""
        return self.names[0].text

    def has(self, text: str) -> bool:
        """Return whether it is printed under that name."""
        return any(name.text == text for name in self.names)

    def add(self, name: Name) -> None:
        """Add a name, unless it is there."""
        if not self.has(name.text):
            self.names.append(name)


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """A place where the text names an organisation or a person."""

    start: int
    end: int
    entity: Entity
    title: str | None = None
    """The title printed before or behind a person's name there."""
    title_start: int | None = None
    whole_end: int | None = None


class Cast:
    """All that are mentioned, in the order of the text."""

    def __init__(self) -> None:
        self.entities: list[Entity] = []
        self._mentions: list[Mention] = []
        self._starts: list[int] = []

    @property
    def persons(self) -> list[Entity]:
        """Return the persons, in order of appearance."""
        return [entity for entity in self.entities if entity.kind == "person"]

    @property
    def organisations(self) -> list[Entity]:
        """Return the organisations, in order of appearance."""
        return [entity for entity in self.entities if entity.kind == "organisation"]

    def mention(self, mention: Mention) -> None:
        """Note a place; one that overlaps a longer one is passed over."""
        at = bisect_left(self._starts, mention.start)
        if at and self._mentions[at - 1].end > mention.start:
            return
        stop = at
        while stop < len(self._mentions) and self._mentions[stop].start < mention.end:
            if self._mentions[stop].start == mention.start and self._mentions[stop].end >= mention.end:
                return
            stop += 1
        self._mentions[at:stop] = [mention]
        self._starts[at:stop] = [mention.start]

    @property
    def is_full(self) -> bool:
        """Return whether more are named than any article names."""
        return len(self.entities) >= MOST

    @property
    def mentions(self) -> list[Mention]:
        """Return the mentions in the order of the text, none inside another."""
        return self._mentions

    def replace(self, entity: Entity, by: Entity) -> None:
        """Let all that is said of one be said of another: they are the same."""
        self._mentions = [
            replace(mention, entity=by) if mention.entity is entity else mention for mention in self._mentions
        ]
        self.entities.remove(entity)
        for other in self.entities:
            if other.organisation is entity:
                other.organisation = by

    def within(self, start: int, end: int, kind: str | None = None) -> list[Mention]:
        """Return the mentions that stand between two places."""
        mentions = []
        at = bisect_left(self._starts, start)
        while at < len(self._mentions) and self._mentions[at].start < end:
            mention = self._mentions[at]
            if mention.end <= end and (kind is None or mention.entity.kind == kind):
                mentions.append(mention)
            at += 1
        return mentions

    def named(self, text: str, kind: str) -> Entity | None:
        """Return the one entity of a kind that goes by a name; None where none or several do."""
        key = folded(text)
        matching = [
            entity
            for entity in self.entities
            if entity.kind == kind and any(folded(name.text) == key for name in entity.names)
        ]
        return matching[0] if len(matching) == 1 else None


def unique(entities: Iterable[Entity]) -> list[Entity]:
    """Return each of the entities once, in order."""
    return list(dict.fromkeys(entities))


def folded(name: str) -> str:
    """Return a name's letters and digits, folded: what spelling, spaces and hyphens do not change."""
    text = comparable(name).casefold()
    return "".join(letter for letter in text if letter.isalnum()) or text


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name that tell it apart, folded: without `of`, `the` and their like."""
    return frozenset(folded(word) for word in re.findall(r"[\w’'-]+", name) if word.lower() not in _SMALL)


def same_person(one: str, other: str) -> bool:
    """Return whether two spellings are one person's: the same letters, or the same words in another order."""
    if folded(one) == folded(other):
        return True
    first, second = [[folded(word) for word in name.split()] for name in (one, other)]
    return len(first) > 1 and sorted(first) == sorted(second)


_SMALL = word_set("small_words")
