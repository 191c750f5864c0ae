"""The parties that are known when a spreadsheet is read, by name.

Names match exactly, else by their letters and digits; what matches nothing becomes new, with an id made
from it. Nothing is merged: likeness beyond that is only named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from sqlalchemy import bindparam, select, union

from tracker.database.statements import Fetch, Statement
from tracker.errors import Fault
from tracker.kinds import ID
from tracker.loading.spreadsheets.party_cells import same_party
from tracker.loading.wording import former_values
from tracker.models import Party, PartyName
from tracker.queries.representation import stored
from tracker.romanisation import slug
from tracker.validation import match_key


class Ambiguous(Exception):
    """A word may mean several things; the fault says which."""

    def __init__(self, code: str, detail: str, hint: str) -> None:
        self.fault = Fault(code, detail, hint)


@dataclass(slots=True)
class KnownNames:
    """The parties of the database and of the sheets read so far."""

    fetch: Fetch
    notes: list[str]
    new_parties: dict[str, str] = field(default_factory=dict)
    """The names of the parties that the sheets bring, by id."""
    persons: set[str] = field(default_factory=set)
    """The ids of those that are persons, as what the sheets say of them shows."""
    _party_ids: dict[str, str] = field(default_factory=dict)
    _names: dict[str, list[str]] = field(default_factory=dict)

    def party(self, name: str) -> str:
        """Return the id of the party that a name means, a new one if need be; raises Ambiguous."""
        id = self._party_ids.get(name)
        if id is None:
            id = self._party_ids[name] = self.known_party(name) or self._new_party(name)
        return id

    def knows_party(self, name: str) -> bool:
        """Return whether a name is that of one party exactly."""
        return name in self._party_ids or len(self._parties_called(name)) == 1

    def known_party(self, name: str) -> str | None:
        """Return the id of the party that has a name already, or None; raises Ambiguous."""
        if ID.fullmatch(name) and (name in self.new_parties or stored(self.fetch, Party, name)):
            return name
        key = match_key(name)
        ids = self._parties_called(name)
        keys = {key, *map(match_key, same_party(name))}
        ids |= {id for id, other in self.new_parties.items() if match_key(other) in keys}
        if len(ids) > 1:
            raise _ambiguous_party(f"`{name}` is the name of {', '.join(sorted(ids))}")
        if ids:
            return ids.pop()
        alike: dict[str, str] = dict(self.fetch(_ALIKE, key, key))
        if len(alike) > 1:
            choices = " or ".join(f"{id} ({other})" for id, other in sorted(alike.items()))
            raise _ambiguous_party(f"`{name}` may be {choices}")
        for id, other in alike.items():
            self.notes.append(f"`{name}` is taken for party {id} ({other}), whose name has the same letters")
            return id
        return None

    def _parties_called(self, name: str) -> set[str]:
        for written in (name, *same_party(name)):
            if ids := {row[0] for row in self.fetch(_NAMED, written, written)}:
                return ids
        return set()

    def _new_party(self, name: str) -> str:
        key = match_key(name)
        base = slug(name) or slug(f"party {'-'.join(f'{ord(letter):x}' for letter in key[:8])}")
        for candidate in _candidates(base):
            if candidate in self.new_parties:
                continue
            names = self._names_ever(candidate)
            if not names:
                self.new_parties[candidate] = name
            elif key not in map(match_key, names):
                self.notes.append(
                    f"`{name}` becomes a new party; it may be party {candidate} ({names[-1]}): if so, give that name to it"
                )
                continue
            return candidate
        raise AssertionError("candidates never end")

    def names_of(self, id: str) -> list[str]:
        """Return every name of a party: its other names, former ones, and last the present one."""
        if id not in self._names:
            party = stored(self.fetch, Party, id)
            others = [] if party is None else [other["name"] for other in party["names"]]
            self._names[id] = [*others, *(self._names_ever(id) or [id])]
        return self._names[id]

    def _names_ever(self, id: str) -> list[str]:
        """Return every name that a party has had, the present one last; none where there is no such party."""
        party = stored(self.fetch, Party, id)
        if party is None:
            return []
        return [*former_values(self.fetch, Party, id, "name"), party["name"]]


def made_id(parts: Iterable[str], longest: int = 76) -> str:
    """Return an id made from words; room is left for a number behind it."""
    return slug("-".join(part for part in parts if part), longest)


def _ambiguous_party(detail: str) -> Ambiguous:
    return Ambiguous("unclear_party", detail, "write the party's id")


def _candidates(base: str) -> Iterator[str]:
    yield base
    for number in count(2):
        yield f"{base[:76]}-{number}"


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
