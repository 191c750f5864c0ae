"""What is known already when a spreadsheet is read: parties by name, agreements by number, clauses by words.

Names match exactly, else by their letters and digits; what matches nothing becomes new, with an id made
from it. Nothing is merged: likeness beyond that is only named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, union

from tracker.database.statements import Fetch, Statement
from tracker.kinds import ID
from tracker.models import Agreement, Clause, Identifier, Party, PartyName
from tracker.queries.history import history_of
from tracker.queries.representation import one, representation
from tracker.romanisation import slug
from tracker.services.resources import Values
from tracker.validation import match_key


class Unclear(Exception):
    """A word may mean several things; the message says which."""


@dataclass(slots=True)
class KnownNames:
    """What the database and the sheets read so far know; ``fetch`` asks the database."""

    fetch: Fetch
    notes: list[str]
    new_parties: dict[str, Values] = field(default_factory=dict)
    """Parties that the sheets bring, by id."""
    agreements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What identifies the agreement behind each id that the sheets use."""
    _party_ids: dict[str, str] = field(default_factory=dict)

    def party(self, name: str) -> str:
        """Return the id of the party that a name means, a new one if need be; raises Unclear."""
        result = self._party_ids.get(name)
        if result is None:
            result = self._party_ids[name] = self.known_party(name) or self._new_party(name)
        return result

    def knows_party(self, name: str) -> bool:
        """Return whether a name is that of one party exactly."""
        return name in self._party_ids or len(self._named(name)) == 1

    def numbered(self, scheme: str, value: str) -> str | None:
        """Return the agreement that has a number of a scheme; raises Unclear where several have it."""
        ids = [row[0] for row in self.fetch(_NUMBERED, scheme, value)]
        if len(ids) > 1:
            raise Unclear(f"{scheme} {value} is the number of {', '.join(ids)}")
        return ids[0] if ids else None

    def agreement(self, id: str) -> Values | None:
        """Return what is stored of an agreement."""
        rows = self.fetch(one(Agreement), id)
        return representation(Agreement).values(rows[0]) if rows else None

    def agreement_id(self, base: str, said: tuple[str, ...]) -> str:
        """Return the id of the agreement that ``said`` identifies (its title first, then its day), made from a base.

        An id that is taken by another agreement is passed over for the next: base-2, base-3.
        """
        fresh = None
        for candidate in _candidates(base):
            taken = self.agreements.get(candidate)
            if taken is not None:
                if taken == said:
                    return candidate
                continue
            stored = self.agreement(candidate)
            if stored is None:
                fresh = candidate
                break
            if _is_same(stored, said):
                fresh = candidate
                break
            if match_key(stored["title"]) == match_key(said[0]):
                self.notes.append(
                    f"agreement {candidate} has the title `{said[0]}` too, but another day: a new one is made"
                )
        assert fresh is not None
        self.agreements[fresh] = said
        return fresh

    def clauses(self, agreement: str) -> list[tuple[int, str]]:
        """Return numbers and words of the clauses that are stored of an agreement."""
        return [(number, text) for number, text in self.fetch(_CLAUSES, agreement)]

    def known_party(self, name: str) -> str | None:
        """Return the id of the party that has a name already, or None; raises Unclear."""
        if ID.fullmatch(name) and (name in self.new_parties or self.fetch(one(Party), name)):
            return name
        exact = self._named(name)
        key = match_key(name)
        exact |= {id for id, party in self.new_parties.items() if match_key(party["name"]) == key}
        if len(exact) > 1:
            raise Unclear(f"`{name}` is the name of {', '.join(sorted(exact))}")
        if exact:
            return exact.pop()
        alike = {row[0]: row[1] for row in self.fetch(_ALIKE, key, key)}
        if len(alike) > 1:
            raise Unclear(
                f"`{name}` may be {' or '.join(f'{id} ({said})' for id, said in sorted(alike.items()))}"
            )
        for id, said in alike.items():
            self.notes.append(f"`{name}` is taken for party {id} ({said}), whose name has the same letters")
            return str(id)
        return None

    def _named(self, name: str) -> set[str]:
        return {row[0] for row in self.fetch(_NAMED, name, name)}

    def _new_party(self, name: str) -> str:
        key = match_key(name)
        base = slug(name) or slug(f"party {'-'.join(f'{ord(letter):x}' for letter in key[:8])}")
        for candidate in _candidates(base):
            if candidate in self.new_parties:
                continue
            stored = self._names_ever(candidate)
            if stored and key not in {match_key(said) for said in stored}:
                self.notes.append(
                    f"`{name}` becomes a new party; it may be party {candidate} ({stored[-1]}): if so, give that name to it"
                )
                continue
            if not stored:
                self.new_parties[candidate] = {"id": candidate, "kind": "organisation", "name": name}
            return candidate
        raise AssertionError("candidates never end")

    def _names_ever(self, id: str) -> list[str]:
        """Return every name that a party has had, the present one last; none where there is no such party."""
        rows = self.fetch(one(Party), id)
        if not rows:
            return []
        entries, following = history_of(self.fetch, Party, id)
        while following is not None:
            more, following = history_of(self.fetch, Party, id, after=following)
            entries += more
        names = [
            side["name"]
            for entry in entries
            for side in (entry["before"], entry["after"])
            if side and side.get("name")
        ]
        return [
            *(name for name in names if isinstance(name, str)),
            representation(Party).values(rows[0])["name"],
        ]


def made_id(parts: Iterable[str], longest: int = 76) -> str:
    """Return an id made from words; room is left for a number behind it."""
    return slug("-".join(part for part in parts if part), longest)


def _candidates(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base[:76]}-{number}"
        number += 1


def _is_same(stored: Values, said: tuple[str, ...]) -> bool:
    """Return whether a stored agreement is the one that a sheet means: the same title, or the same full day."""
    title, signed_on = said[:2]
    if match_key(stored["title"]) == match_key(title):
        return stored["signed_on"] in (None, signed_on) or not signed_on
    return bool(signed_on) and len(signed_on) == 10 and stored["signed_on"] == signed_on


_NAMED = Statement(
    union(
        select(Party.id).where(Party.name == bindparam("name")),
        select(PartyName.party).where(PartyName.name == bindparam("other")),
    ),
    "name",
    "other",
)
_ALIKE = Statement(
    union(
        select(Party.id, Party.name).where(Party.match_key == bindparam("key")),
        select(Party.id, Party.name)
        .join(PartyName, PartyName.party == Party.id)
        .where(PartyName.match_key == bindparam("other")),
    ),
    "key",
    "other",
)
_NUMBERED = Statement(
    select(Identifier.agreement)
    .where(
        Identifier.scheme == bindparam("scheme"),
        Identifier.value == bindparam("value"),
        Identifier.agreement.is_not(None),
    )
    .distinct()
    .order_by(Identifier.agreement),
    "scheme",
    "value",
)
_CLAUSES = Statement(
    select(Clause.number, Clause.text)
    .where(Clause.agreement == bindparam("agreement"))
    .order_by(Clause.number),
    "agreement",
)
