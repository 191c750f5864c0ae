"""What is known when a spreadsheet is read: parties by name, agreements by number, clauses by words.

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
from tracker.models import Agreement, Clause, Identifier, Party, PartyName
from tracker.models.values import AgreementValues
from tracker.queries.history import history_of
from tracker.queries.representation import stored
from tracker.romanisation import slug
from tracker.validation import match_key


class Ambiguous(Exception):
    """A word may mean several things; the fault says which."""

    def __init__(self, code: str, detail: str, hint: str) -> None:
        self.fault = Fault(code, detail, hint)


@dataclass(slots=True)
class KnownNames:
    """The parties and agreements of the database and of the sheets read so far."""

    fetch: Fetch
    notes: list[str]
    new_parties: dict[str, str] = field(default_factory=dict)
    """The names of the parties that the sheets bring, by id."""
    agreements: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What identifies the agreement behind each id that the sheets use."""
    _party_ids: dict[str, str] = field(default_factory=dict)

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
        ids |= {id for id, other in self.new_parties.items() if match_key(other) == key}
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

    def agreement_numbered(self, scheme: str, value: str) -> str | None:
        """Return the agreement that has a number of a scheme; raises Ambiguous where several have it."""
        ids: list[str] = [row[0] for row in self.fetch(_NUMBERED, scheme, value)]
        if len(ids) > 1:
            detail = f"{scheme} {value} is the number of {', '.join(ids)}"
            raise Ambiguous("unclear_number", detail, "give the agreement's id in a column of its own")
        return ids[0] if ids else None

    def agreement_id(self, base: str, title: str, signed_on: str, signed: Iterable[str]) -> str:
        """Return the id of the agreement with a title, a day and parties, made from a base.

        An id that is taken by another agreement is passed over for the next: base-2, base-3.
        """
        identity = (title, signed_on, *signed)
        for candidate in _candidates(base):
            if candidate in self.agreements:
                if self.agreements[candidate] == identity:
                    break
                continue
            agreement = stored(self.fetch, Agreement, candidate)
            if agreement is None or _is_same(agreement, title, signed_on):
                break
            if match_key(agreement["title"]) == match_key(title):
                self.notes.append(
                    f"agreement {candidate} has the title `{title}` too, but another day: a new one is made"
                )
        self.agreements[candidate] = identity
        return candidate

    def clauses(self, agreement: str) -> list[tuple[int, str]]:
        """Return numbers and texts of the clauses that are stored of an agreement."""
        return [(number, text) for number, text in self.fetch(_CLAUSES, agreement)]

    def _parties_called(self, name: str) -> set[str]:
        return {row[0] for row in self.fetch(_NAMED, name, name)}

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

    def _names_ever(self, id: str) -> list[str]:
        """Return every name that a party has had, the present one last; none where there is no such party."""
        party = stored(self.fetch, Party, id)
        if party is None:
            return []
        entries, following = history_of(self.fetch, Party, id)
        while following is not None:
            more, following = history_of(self.fetch, Party, id, after=following)
            entries += more
        sides = [side for entry in entries for side in (entry["before"], entry["after"]) if side]
        names = [side.get("name") for side in sides]
        return [*(name for name in names if name and isinstance(name, str)), party["name"]]


def made_id(parts: Iterable[str], longest: int = 76) -> str:
    """Return an id made from words; room is left for a number behind it."""
    return slug("-".join(part for part in parts if part), longest)


def _ambiguous_party(detail: str) -> Ambiguous:
    return Ambiguous("unclear_party", detail, "write the party's id")


def _candidates(base: str) -> Iterator[str]:
    yield base
    for number in count(2):
        yield f"{base[:76]}-{number}"


def _is_same(agreement: AgreementValues, title: str, signed_on: str) -> bool:
    """Return whether a stored agreement is the one that a sheet means: the same title, or the same full day."""
    if match_key(agreement["title"]) == match_key(title):
        return agreement["signed_on"] in (None, signed_on) or not signed_on
    return len(signed_on) == 10 and agreement["signed_on"] == signed_on


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
