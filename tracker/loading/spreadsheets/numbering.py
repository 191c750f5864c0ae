"""Numbers of clauses that a register does not number: stable, however its rows and cells are edited.

A clause is its words: the same words keep their number, and so do those that it had before somebody corrected
them. Edited words keep it only while nothing hangs on it; words like those of a clause with follow-ups are
a question, and a fault. All others are new and get the next number that no clause ever had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from tracker.loading.spreadsheets.cell_document import CellValue
from tracker.loading.spreadsheets.grids import Row
from tracker.loading.wording import same_words

MOST_COMPARED = 2_500
"""How many pairs of clauses are compared; beyond that only the same words keep their number."""
ALIKE = 0.6
"""How alike the words of an edited clause are to what they were; 1 is the same."""


@dataclass(slots=True)
class RegisterClause:
    """A clause of a register: its row, its words, its mark, the number in the row or else the assigned one."""

    row: Row
    text: CellValue
    label: CellValue | None
    number: CellValue | None
    assigned: int = 0
    is_new: bool = True
    goes_on: bool = False
    """Whether its row names no agreement, and so goes on the one above."""

    @property
    def words(self) -> str:
        """Its words, none where they could not be read."""
        return self.text.text or ""

    def says(self, name: str) -> str | None:
        """Return what its row says in a column."""
        cell = self.row.get(name)
        return None if cell is None else cell.text


class StoredClause(NamedTuple):
    """A clause that is stored: its number and words, its own department, and what hangs on it."""

    number: int
    text: str
    department: str | None
    has_follow_ups: bool
    is_touched: bool
    """Whether a person changed it, or a quote speaks to it."""


class Numbering:
    """Numbers the clauses of one agreement beside those that are stored.

    ``removed`` are the numbers of clauses that are gone; ``former`` returns the words that a number ever
    had. With ``renumber`` other words under a number that has follow-ups are a new clause.
    """

    def __init__(
        self,
        clauses: Sequence[RegisterClause],
        stored: Sequence[StoredClause],
        removed: Iterable[int],
        former: Callable[[int], Sequence[str]],
        *,
        renumber: bool = False,
    ) -> None:
        self._clauses = clauses
        self._stored = {clause.number: clause for clause in stored}
        self._removed = list(removed)
        self._former = former
        self._renumber = renumber

    def assign(self) -> list[StoredClause]:
        """Assign a number to each clause that has none, and return the stored clauses that none of them is."""
        for clause in self._clauses:
            stored = self._stored_under(clause)
            if stored is None:
                continue
            clause.is_new = False
            if self._renumber and stored.has_follow_ups and not self._is_still(stored, clause.words):
                clause.number, clause.is_new = None, True
        own = {clause.number.text for clause in self._clauses if clause.number is not None}
        left = [clause for clause in self._stored.values() if str(clause.number) not in own]
        rest = [clause for clause in self._clauses if clause.number is None]
        for match in (self._by_words, self._by_former_words, self._by_likeness):
            for clause, stored in list(match(rest, left)):
                clause.assigned, clause.is_new = stored.number, False
            taken = {clause.assigned for clause in rest}
            rest = [clause for clause in rest if not clause.assigned]
            left = [stored for stored in left if stored.number not in taken]
        self._number_new(rest, {int(text) for text in own if text and text.isdecimal()})
        return left

    def _stored_under(self, clause: RegisterClause) -> StoredClause | None:
        number = None if clause.number is None else clause.number.text
        return self._stored.get(int(number)) if number and number.isdecimal() else None

    def _is_still(self, stored: StoredClause, words: str) -> bool:
        """Return whether words are those of a clause, or were."""
        return same_words(stored.text, words) or self._was(stored.number, words)

    def _was(self, number: int, words: str) -> bool:
        return any(same_words(words, former) for former in self._former(number))

    def _by_words(
        self, clauses: Sequence[RegisterClause], left: Sequence[StoredClause]
    ) -> Iterator[tuple[RegisterClause, StoredClause]]:
        """Yield the clauses with the same words: of several, those of the same department, then the first."""
        stored_by_words: dict[tuple[str, ...], list[StoredClause]] = {}
        for stored in left:
            stored_by_words.setdefault(tuple(stored.text.split()), []).append(stored)
        later = []
        for clause in clauses:
            same = stored_by_words.get(tuple(clause.words.split()), [])
            department = clause.says("department")
            exact = next((stored for stored in same if stored.department == department), None)
            if exact is None:
                later.append((clause, same))
            else:
                same.remove(exact)
                yield clause, exact
        for clause, same in later:
            if same:
                yield clause, same.pop(0)

    def _by_former_words(
        self, clauses: Sequence[RegisterClause], left: Sequence[StoredClause]
    ) -> Iterator[tuple[RegisterClause, StoredClause]]:
        used: set[int] = set()
        for clause in clauses:
            for stored in left:
                if stored.number not in used and self._was(stored.number, clause.words):
                    used.add(stored.number)
                    yield clause, stored
                    break

    def _by_likeness(
        self, clauses: Sequence[RegisterClause], left: Sequence[StoredClause]
    ) -> Iterator[tuple[RegisterClause, StoredClause]]:
        """Yield edited clauses, the likest first; where there are follow-ups that is a fault, as all is checked."""
        left = [
            stored for stored in left if not (stored.is_touched or (stored.has_follow_ups and self._renumber))
        ]
        if len(clauses) * len(left) > MOST_COMPARED:
            return
        pairs = sorted(
            (-_likeness(clause.words, stored.text), index, stored.number)
            for index, clause in enumerate(clauses)
            for stored in left
        )
        used: set[int] = set()
        numbers: set[int] = set()
        for negative, index, number in pairs:
            if -negative >= ALIKE and index not in used and number not in numbers:
                used.add(index)
                numbers.add(number)
                yield clauses[index], self._stored[number]

    def _number_new(self, clauses: Sequence[RegisterClause], own: set[int]) -> None:
        """Number clauses that are not stored: a removed one as it was, all others as none ever was."""
        removed = [number for number in self._removed if number not in own]
        free = max([*self._stored, *own, *self._removed], default=0) + 1
        for clause in clauses:
            was = next((number for number in removed if self._was(number, clause.words)), None)
            if was is None:
                clause.assigned, free = free, free + 1
            else:
                clause.assigned = was
                removed.remove(was)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:500], other[:500], autojunk=False).ratio()
