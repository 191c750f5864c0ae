"""Which agreement a register speaks of: the one that its number says, else its own title, parties and day.

Likeness, the order of rows and free ids decide nothing. Where number, title, day and parties contradict each
other, a person has to say which agreement is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from unicodedata import normalize

from sqlalchemy import bindparam, exists, select

from tracker import dates
from tracker.database.statements import Fetch, Statement
from tracker.errors import Place
from tracker.loading.spreadsheets.names import Ambiguous
from tracker.loading.spreadsheets.numbering import StoredClause
from tracker.loading.wording import former_values, same_words
from tracker.models import (
    Agreement,
    AgreementParty,
    AgreementSource,
    ChangeResource,
    Clause,
    FollowUp,
    HistoryEntry,
    Identifier,
    QuoteClause,
)

Identity = tuple[str | None, ...]
"""What says which agreement a row is about: an id, a number (with its year), or title, day and parties."""


class Signing(NamedTuple):
    """What is seen of an agreement; "" and nothing where that is not known."""

    title: str
    signed_on: str
    parties: frozenset[str]

    @property
    def year(self) -> str:
        """The year of signing."""
        return self.signed_on[:4] if self.signed_on[:4].isdigit() else ""

    def __str__(self) -> str:
        day = f" of {self.signed_on}" if self.signed_on else ""
        parties = f" with {', '.join(sorted(self.parties))}" if self.parties else ""
        return f"`{self.title[:60]}`{day}{parties}"


class Register(NamedTuple):
    """A register that was read: the heading of its numbers, who keeps it, the years that numbers start in."""

    scheme: str | None
    own: str | None
    years: frozenset[str] | None


class StoredClauses(NamedTuple):
    """The clauses of an agreement that is stored, and the numbers of those that are gone."""

    clauses: list[StoredClause]
    removed: list[int]


class _Signings:
    """What every stored agreement shows of itself, read once, and found by title and by day."""

    def __init__(self, fetch: Fetch) -> None:
        parties: dict[str, list[str]] = {}
        for agreement, party in fetch(_SIGNATORIES):
            parties.setdefault(agreement, []).append(party)
        self.by_id: dict[str, Signing] = {}
        self._by_title: dict[str, list[str]] = {}
        self._by_day: dict[str, list[str]] = {}
        for id, title, signed_on in fetch(_SIGNINGS):
            self.by_id[id] = Signing(title, signed_on or "", frozenset(parties.get(id, ())))
            self._by_title.setdefault(title_key(title), []).append(id)
            self._by_day.setdefault(signed_on or "", []).append(id)

    def titled(self, title: str) -> list[str]:
        """Return the agreements with a title."""
        return self._by_title.get(title_key(title), [])

    def around(self, seen: Signing) -> dict[str, Signing]:
        """Return the agreements with the title of what is seen, or its day."""
        same_day = self._by_day.get(seen.signed_on, []) if seen.signed_on else []
        return {id: self.by_id[id] for id in (*self.titled(seen.title), *same_day)}


@dataclass(slots=True)
class KnownAgreements:
    """The agreements of the database, and those of the sheets read so far."""

    fetch: Fetch
    identities: dict[str, tuple[Identity, Place]] = field(default_factory=dict)
    """What identifies the agreement behind each id that the sheets use, and where it stands first."""
    registers: list[Register] = field(default_factory=list)
    _signings: _Signings | None = None

    def signings(self) -> _Signings:
        """Return what every stored agreement shows of itself."""
        if self._signings is None:
            self._signings = _Signings(self.fetch)
        return self._signings

    def signing(self, id: str) -> Signing:
        """Return what a stored agreement shows of itself."""
        if id not in self.signings().by_id:  # written since all were read
            self._signings = None
        return self.signings().by_id.get(id, Signing("", "", frozenset()))

    def numbered(self, scheme: str, value: str, year: str | None = None) -> str | None:
        """Return the agreement with a number of a scheme, and a year where numbers start again.

        Raises Ambiguous where several have it.
        """
        ids: list[str] = [row[0] for row in self.fetch(_NUMBERED, scheme, value)]
        if year is not None:
            ids = [id for id in ids if self.signing(id).year == year]
        if len(ids) > 1:
            detail = f"{scheme} {value} is the number of {', '.join(ids)}"
            raise Ambiguous("unclear_number", detail, "give the agreement's id in a column of its own")
        return ids[0] if ids else None

    def signed(self, seen: Signing) -> str | None:
        """Return the agreement with this title, these parties and this day; raises Ambiguous.

        A person may have corrected one of the three since: what it was counts too.
        """
        differing = {
            id: list(_differing(stored, seen)) for id, stored in self.signings().around(seen).items()
        }
        ids = [id for id, names in differing.items() if not names] or [
            id for id, names in differing.items() if len(names) == 1 and self._was(id, names[0], seen)
        ]
        for is_sure in (
            lambda id: self.signing(id).signed_on == seen.signed_on,
            lambda id: self.signing(id).parties == seen.parties,
        ):
            ids = list(filter(is_sure, ids)) or ids
        if len(ids) > 1:
            detail = f"{seen} may be {' or '.join(ids)}"
            raise Ambiguous("unclear_agreement", detail, "give its number, or its id in a column of its own")
        return ids[0] if ids else None

    def new_id(self, base: str, identity: Identity, title: str) -> str:
        """Return the id of a new agreement, made from a base: one that no other has or had."""
        for id in _candidates(base):
            used = self.identities.get(id)
            if (used is not None and used[0] != identity) or id in self.signings().by_id:
                continue
            titles = former_values(self.fetch, Agreement, id, "title")
            if not titles or any(same_title(title, former) for former in titles):
                return id
        raise AssertionError("candidates never end")

    def doubles(self, seen: Signing) -> list[str]:
        """Return the stored agreements that may be a new one: two of title, day and parties are the same."""
        return [
            id
            for id, stored in self.signings().around(seen).items()
            if id not in self.identities and len(_same(stored, seen)) >= 2
        ]

    def is_contradicted(
        self, id: str, seen: Signing, texts: Sequence[str], clauses: Sequence[StoredClause], *, by_id: bool
    ) -> bool:
        """Return whether what a row shows is another agreement than the one that its number or id means.

        That is so where two of title, day and parties differ, or the title is another agreement's. What has
        follow-ups stays where it is also when the year of signing differs, or one of the three and all words.
        """
        stored = self.signing(id)
        differing = [name for name in _differing(stored, seen) if not self._was(id, name, seen)]
        has_follow_ups = any(clause.has_follow_ups for clause in clauses)
        is_anothers = "title" in differing and bool(self.signings().titled(seen.title))
        if (len(differing) >= 2 or is_anothers) and not by_id:
            return True
        if not has_follow_ups:
            return False
        is_moved = "signed_on" in differing and stored.year != seen.year and not by_id
        has_other_words = bool(texts) and not any(
            same_words(text, clause.text) for text in texts for clause in clauses
        )
        return is_moved or is_anothers or len(differing) + has_other_words >= 2

    def clauses(self, agreement: str) -> StoredClauses:
        """Return what is stored of an agreement's clauses, and what hangs on them."""
        actions: dict[str, set[str]] = {}
        for id, action in self.fetch(_TOUCHED, agreement):
            actions.setdefault(id, set()).add(action)
        clauses = [
            StoredClause(
                number,
                text,
                department,
                bool(has_follow_ups),
                bool(is_quoted) or bool(actions.get(id, set()) - {"load"}),
            )
            for id, number, text, department, has_follow_ups, is_quoted in self.fetch(_CLAUSES, agreement)
        ]
        stored = {clause.number for clause in clauses}
        ever = {int(id.rpartition(".")[2]) for id in actions}
        return StoredClauses(clauses, sorted(ever - stored))

    def former_words(self, agreement: str, number: int) -> list[str]:
        """Return the words that a clause ever had."""
        return former_values(self.fetch, Clause, f"{agreement}.{number}", "text")

    def left(self) -> list[str]:
        """Return the stored agreements that the registers read so far speak of no more.

        They are those with a number of their scheme (and of the years in them, where numbers start again), or,
        of a register without numbers, those that a load brought without number or source.
        """
        ids: list[str] = []
        for register in dict.fromkeys(self.registers):
            rows = (
                self.fetch(_UNNUMBERED)
                if register.scheme is None
                else self.fetch(_OF_SCHEME, register.scheme)
            )
            ids += (id for (id,) in rows if self._is_of(id, register))
        return [id for id in dict.fromkeys(ids) if id not in self.identities]

    def _is_of(self, id: str, register: Register) -> bool:
        signing = self.signing(id)
        if register.own is not None and register.own not in signing.parties:
            return False
        return register.years is None or signing.year in register.years

    def _was(self, id: str, name: str, seen: Signing) -> bool:
        """Return whether a value that differs now is one that it had."""
        former = former_values(self.fetch, Agreement, id, name)
        if name == "parties":
            sets = [
                frozenset(party["party"] for party in each if party.get("role") in (None, "party"))
                for each in former
            ]
            return any(same_parties(parties, seen.parties) for parties in sets)
        if name == "title":
            return any(same_title(title, seen.title) for title in former)
        return seen.signed_on in former


def same_title(one: str, other: str) -> bool:
    """Return whether two titles are the same but for case and spaces; not those between two numbers."""
    return title_key(one) == title_key(other)


def title_key(title: str) -> str:
    """Return a title without case and without spaces, but for those between two numbers."""
    return re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", normalize("NFC", title).casefold())


def same_parties(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether one names all parties of the other: a register may leave some out."""
    return one <= other or other <= one


def may_be_one_day(one: str, other: str) -> bool:
    """Return whether two partial dates have a day in common."""
    first, second = dates.parse(one), dates.parse(other)
    return (first.earliest or "") <= (second.latest or "9999") and (second.earliest or "") <= (
        first.latest or "9999"
    )


def _differing(stored: Signing, seen: Signing) -> Iterator[str]:
    """Yield what differs of title, day and parties; what one of the two does not say does not."""
    if seen.title and not same_title(stored.title, seen.title):
        yield "title"
    if stored.signed_on and seen.signed_on and not may_be_one_day(stored.signed_on, seen.signed_on):
        yield "signed_on"
    if not same_parties(stored.parties, seen.parties):
        yield "parties"


def _same(stored: Signing, seen: Signing) -> set[str]:
    """Return what both say, and say alike."""
    known = {
        "title": seen.title,
        "signed_on": stored.signed_on and seen.signed_on,
        "parties": stored.parties and seen.parties,
    }
    return {name for name, is_known in known.items() if is_known} - set(_differing(stored, seen))


def _candidates(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base[:76]}-{number}"
        number += 1


_SIGNINGS = Statement(select(Agreement.id, Agreement.title, Agreement.signed_on).order_by(Agreement.id))
_SIGNATORIES = Statement(
    select(AgreementParty.agreement, AgreementParty.party).where(AgreementParty.role == "party")
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
_OF_SCHEME = Statement(
    select(Identifier.agreement)
    .where(Identifier.scheme == bindparam("scheme"), Identifier.agreement.is_not(None))
    .order_by(Identifier.agreement),
    "scheme",
)
_UNNUMBERED = Statement(
    select(Agreement.id)
    .where(
        ~exists().where(Identifier.agreement == Agreement.id),
        ~exists().where(AgreementSource.agreement == Agreement.id),
        exists().where(
            HistoryEntry.root_kind == "agreement",
            HistoryEntry.root == Agreement.id,
            HistoryEntry.sequence == 1,
            HistoryEntry.action == "load",
        ),
    )
    .order_by(Agreement.id)
)
_CLAUSES = Statement(
    select(
        Clause.id,
        Clause.number,
        Clause.text,
        Clause.department,
        exists().where(FollowUp.clause == Clause.id),
        exists().where(QuoteClause.clause == Clause.id),
    )
    .where(Clause.agreement == bindparam("agreement"))
    .order_by(Clause.number),
    "agreement",
)
_TOUCHED = Statement(
    select(ChangeResource.resource_id, HistoryEntry.action)
    .join(HistoryEntry, HistoryEntry.position == ChangeResource.change)
    .where(
        HistoryEntry.root_kind == "agreement",
        HistoryEntry.root == bindparam("agreement"),
        ChangeResource.resource == "clause",
    )
    .distinct(),
    "agreement",
)
