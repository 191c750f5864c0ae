"""Numbers of clauses that a register does not number: stable, however its rows and cells are edited.

A clause is what it says: the same words keep their number, nearly the same words too. Only where as many
clauses are left as there were does a place decide. All others are new and get the next free number, for
numbers never change hands: follow-ups hang on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.loading.spreadsheets.grids import Read

MOST_COMPARED = 2_500
"""How many pairs of clauses are compared; beyond that only the same words keep their number."""
ALIKE = 0.6
"""How alike the words of an edited clause are to what they were; 1 is the same."""


@dataclass(slots=True)
class Promise:
    """One clause on its way: its row, its words, its mark, and the number that is given or found."""

    row: dict[str, Read]
    text: Read
    label: Read | None
    number: Read | None
    found: int = 0
    is_new: bool = True


def number(clauses: Sequence[Promise], stored: Sequence[tuple[int, str]]) -> None:
    """Find a number for each clause that has none, beside those that are stored."""
    known = {str(number) for number, _ in stored}
    given = {str(clause.number.value) for clause in clauses if clause.number is not None}
    for clause in clauses:
        if clause.number is not None:
            clause.is_new = str(clause.number.value) not in known
    free = {number: text for number, text in stored if str(number) not in given}
    left = [clause for clause in clauses if clause.number is None]
    for clause, same in _pairs(left, free):
        clause.found, clause.is_new = same, False
    rest = [clause for clause in left if not clause.found]
    remaining = sorted(free.keys() - {clause.found for clause in left})
    if len(rest) == len(remaining) and len(left) == len(free):
        for clause, same in zip(rest, remaining, strict=True):
            clause.found, clause.is_new = same, False
        return
    taken = [int(each) for each in known | given if each.isdecimal()]
    highest = max(taken, default=0)
    for place, clause in enumerate(rest, start=1):
        clause.found = highest + place


def _pairs(clauses: Sequence[Promise], free: dict[int, str]) -> Iterator[tuple[Promise, int]]:
    """Yield the clauses that are stored already, the likest first; of the same words the first to the first."""
    left = dict(free)
    others = []
    for clause in clauses:
        same = next((number for number, text in left.items() if text == clause.text.value), None)
        if same is None:
            others.append(clause)
        else:
            del left[same]
            yield clause, same
    if len(others) * len(left) > MOST_COMPARED:
        return
    likeness = sorted(
        (
            (-_ratio(str(clause.text.value), text), place, number)
            for place, clause in enumerate(others)
            for number, text in left.items()
        ),
    )
    used: set[int] = set()
    for ratio, place, number in likeness:
        if -ratio >= ALIKE and place not in used and number in left:
            used.add(place)
            del left[number]
            yield others[place], number


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:500], other[:500], autojunk=False).ratio()
