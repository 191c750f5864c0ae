"""One document of a seed file: its content, and where each value of it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker import strict_json
from tracker.errors import Fault, Place
from tracker.strict_json import Positions


@dataclass(slots=True)
class Document:
    """One document: plain dicts, lists and scalars; every string is NFC.

    ``textual`` says that it comes from YAML: its scalars are text or None until the field says otherwise.
    """

    name: str
    content: Any
    textual: bool
    _positions: Positions | None = field(default=None, repr=False, compare=False)
    _text: str = field(default="", repr=False, compare=False)
    _line: int = field(default=1, repr=False, compare=False)
    line_of_lines: int | None = field(default=None, compare=False)
    """Its line, where it is one of many in a JSON Lines file."""
    faults: Sequence[Fault] = ()
    """What is wrong with how it is written, where its content can be understood all the same."""
    found: dict[tuple[str | int, ...], Fault] = field(default_factory=dict, repr=False, compare=False)
    """Faults found in reading a value, by its path; each stands for all that is wrong with that value."""
    number: int = field(default=0, compare=False)
    """Its number among the documents of a run."""
    partial: bool = False
    """Whether its lists name some entries only, so that none is missing from it."""

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """Return where the value at a path of keys and indexes stands, or its key.

        Where there is no such value (a key is missing), it is the place of the nearest value around it.
        """
        if self._positions is None:
            self._positions = (
                strict_json.positions(self._text, line=self._line) if self._text else Positions()
            )
        return Place(self.name, *self._positions.at(path, key=key))

    @property
    def is_sheet(self) -> bool:
        """Whether it is put together from the cells of a spreadsheet."""
        return False

    def worded(self, fault: Fault, path: Sequence[str | int]) -> Fault:  # noqa: ARG002 - for documents of cells
        """Return a fault of what stands at a path in the words of whoever wrote the document."""
        return fault

    @property
    def size(self) -> int:
        """How many characters it has, of JSON."""
        return len(self._text)

    def forget_columns(self) -> None:
        """Return every place in a line of JSON Lines as the line's beginning: cheap, where nobody looks."""
        self._text, self._positions = "", Positions()
        self._positions.add((self._line, 1))
