"""What can go wrong, in the domain's words; no HTTP, no SQL.

Every error carries a ``code`` (stable, for programs), a ``detail`` (one sentence, for people) and,
where it can, a ``hint``: the next step. ``Invalid`` carries every fault at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a fault stands; line and column count from 1.

    ``cell`` is the sheet and cell of a workbook, `Sheet1!C7`; line and column are then its row and column.
    """

    file: str
    line: int
    column: int
    cell: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.cell is None else f"{self.file}:{self.cell}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input, with its place and the next step.

    ``pointer`` is a JSON pointer into a body (RFC 6901), ``parameter`` the name of a query
    parameter or header, ``place`` a position in a file; at most one of them is the place a person sees.
    """

    code: str
    detail: str
    hint: str | None = None
    pointer: str | None = None
    parameter: str | None = None
    place: Place | None = None

    def at(self, place: Place) -> Fault:
        """Return the same fault with its position in a file."""
        return replace(self, place=place)

    def below(self, pointer: str) -> Fault:
        """Return the same fault of a part, its pointer beginning with the part's."""
        return replace(self, pointer=pointer + (self.pointer or ""))

    def __str__(self) -> str:
        words = self.detail if self.hint is None else f"{self.detail}; {self.hint}"
        return words if self.place is None else f"{self.place}: {words}"


class TrackerError(Exception):
    """Anything this program refuses to do, with the reason."""

    code = "error"
    title = "The request was refused"

    def __init__(self, detail: str, *, hint: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint

    @property
    def public_detail(self) -> str:
        """The detail as strangers may read it: without paths or hosts of this machine."""
        return self.detail

    @property
    def faults(self) -> Sequence[Fault]:
        """Every fault behind this error; empty where ``detail`` says it all."""
        return ()

    def __str__(self) -> str:
        return self.detail if self.hint is None else f"{self.detail}; {self.hint}"


class Faulty(TrackerError):
    """An error that lists faults, each with its place; ``more`` are counted only."""

    def __init__(self, faults: Iterable[Fault], detail: str | None = None, *, more: int = 0) -> None:
        self._faults = tuple(faults)
        self.more = more
        count = len(self._faults) + more
        super().__init__(detail or ("1 fault" if count == 1 else f"{count} faults") + " in the input")

    @property
    def faults(self) -> Sequence[Fault]:
        """Every fault, in the order of the input."""
        return self._faults

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self._faults) or self.detail


class Malformed(Faulty):
    """The input cannot be read at all: broken JSON, an unknown parameter, a malformed header or id."""

    code = "malformed"
    title = "The request cannot be read"


class Invalid(Faulty):
    """The input reads well but breaks rules; every broken rule is listed."""

    code = "invalid"
    title = "The input breaks rules"


class NotFound(TrackerError):
    """There is no such resource, and there never was."""

    code = "not-found"
    title = "There is no such thing"


class Gone(NotFound):
    """The resource was removed; its history stays."""

    code = "gone"
    title = "It was removed"

    def __init__(self, detail: str, *, kind: str, id: str, hint: str | None = None) -> None:
        super().__init__(detail, hint=hint)
        self.kind = kind
        self.id = id


class Merged(NotFound):
    """The party was merged into another, to which its id now leads."""

    code = "merged"
    title = "It was merged into another"

    def __init__(self, detail: str, *, id: str, into: str) -> None:
        super().__init__(detail, hint=f"see {into}")
        self.id = id
        self.into = into


class Stale(TrackerError):
    """The version that the caller saw is no longer the current one."""

    code = "stale"
    title = "It has changed since you read it"
    etag: str | None = None
    """The current ETag, where the change came over HTTP."""


class AlreadyMade(Stale):
    """The version that the caller saw is not the current one, which already says what the caller wants."""

    code = "already-made"
    title = "It says so already"


class VersionRequired(TrackerError):
    """A change does not say which version it is based on."""

    code = "version-required"
    title = "Say which version you saw"


class Conflict(TrackerError):
    """The change does not fit what is there; the detail names what depends on it."""

    code = "conflict"
    title = "It does not fit what is there"


class Unauthenticated(TrackerError):
    """No token, or one that is unknown, revoked or expired."""

    code = "unauthenticated"
    title = "A token is needed"


class Refused(TrackerError):
    """The token's role does not allow it."""

    code = "refused"
    title = "The token's role does not allow it"


class Unavailable(TrackerError):
    """The database cannot answer now: gone, locked, read-only, full. Trying later may help."""

    code = "unavailable"
    title = "The database cannot answer now"

    def __init__(self, detail: str, *, hint: str | None = None, retry_after: int = 2) -> None:
        super().__init__(detail, hint=hint)
        self.retry_after = retry_after

    @property
    def public_detail(self) -> str:
        """The detail without the database's place."""
        return re.sub(r"^the database at \S+", "the database", self.detail)


class Contended(Unavailable):
    """PostgreSQL could not order this transaction among the others; trying again at once may help."""


class NotReady(TrackerError):
    """The database is missing, or its schema is older or newer than this program's."""

    code = "not-ready"
    title = "The database is not ready"

    @property
    def public_detail(self) -> str:
        """That it is so; the administrator's log says why."""
        return "the database is not ready; its administrator knows how to make it so"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return "did you mean …?" with the nearest of the known words, or None where none is near."""
    if len(word) > 1000:  # no word of ours is near that, and comparing takes long
        return None
    letters = {normalize("NFD", each): each for each in known}  # 부즌 and 부진 differ in one letter of five
    matches = get_close_matches(normalize("NFD", word), letters, n=1, cutoff=0.7)
    return f"did you mean `{letters[matches[0]]}`?" if matches else None


def a(noun: str) -> str:
    """Return a noun with its article: an agreement, a clause."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
