"""Numbers of clauses that a register does not number: stable, however its rows and cells are edited.

A clause is its words: the same words keep their number, nearly the same words too. Only where as many
clauses are left as there were does their order decide. All others are new and get the next free number, for
numbers never change hands: follow-ups hang on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.loading.spreadsheets.cell_document import CellValue
from tracker.loading.spreadsheets.grids import Row

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


def assign_numbers(clauses: Sequence[RegisterClause], stored: Sequence[tuple[int, str]]) -> None:
    """Assign a number to each clause that has none, beside those that are stored."""
    stored_numbers = {str(number) for number, _ in stored}
    own_numbers = {str(clause.number.text) for clause in clauses if clause.number is not None}
    for clause in clauses:
        if clause.number is not None:
            clause.is_new = str(clause.number.text) not in stored_numbers
    free = {number: text for number, text in stored if str(number) not in own_numbers}
    unnumbered = [clause for clause in clauses if clause.number is None]
    for clause, number in _matches(unnumbered, free):
        clause.assigned, clause.is_new = number, False
    rest = [clause for clause in unnumbered if not clause.assigned]
    remaining = sorted(free.keys() - {clause.assigned for clause in unnumbered})
    if len(rest) == len(remaining) and len(unnumbered) == len(free):
        for clause, number in zip(rest, remaining, strict=True):
            clause.assigned, clause.is_new = number, False
        return
    highest = max((int(number) for number in stored_numbers | own_numbers if number.isdecimal()), default=0)
    for number, clause in enumerate(rest, start=highest + 1):
        clause.assigned = number


def _matches(clauses: Sequence[RegisterClause], free: dict[int, str]) -> Iterator[tuple[RegisterClause, int]]:
    """Yield the clauses that are stored already, the likest first; of the same words the first to the first."""
    left = dict(free)
    edited = []
    for clause in clauses:
        same = next((number for number, text in left.items() if text == clause.text.text), None)
        if same is None:
            edited.append(clause)
        else:
            del left[same]
            yield clause, same
    if len(edited) * len(left) > MOST_COMPARED:
        return
    likeness = sorted(
        (-_likeness(str(clause.text.text), text), index, number)
        for index, clause in enumerate(edited)
        for number, text in left.items()
    )
    used: set[int] = set()
    for negative, index, number in likeness:
        if -negative >= ALIKE and index not in used and number in left:
            used.add(index)
            del left[number]
            yield edited[index], number


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:500], other[:500], autojunk=False).ratio()
