"""How long the work of a request may take: each statement of its thread ends when the time is over.

SQLite asks its progress handler, ``is_over``; on PostgreSQL whoever watches calls ``Budget.end``, which
cancels the statement that runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from tracker.errors import Unavailable

STEPS = 20_000
"""After how many steps of its program a statement of SQLite looks at the time: about every millisecond."""


class Budget:
    """The time that the work of one request may take, in one thread; it may be ended before."""

    __slots__ = ("_deadline", "_lock", "_statement_on", "began", "client")

    def __init__(self, seconds: float, client: str | None = None) -> None:
        self.began = monotonic()
        self.client = client
        """The address of whom the work is for."""
        self._deadline = self.began + seconds
        self._lock = threading.Lock()  # a connection goes on to others; only its own statement is cancelled
        self._statement_on: Any = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be done."""
        return monotonic() >= self._deadline

    def end(self) -> None:
        """End it now, from any thread; a statement that runs on PostgreSQL is cancelled."""
        self._deadline = 0.0
        with self._lock:
            if self._statement_on is not None:
                with suppress(Exception):  # it has come to its end, or its server is gone
                    self._statement_on.cancel_safe(timeout=2)

    def set_statement_on(self, connection: Any) -> None:
        """Note on which connection of psycopg a statement runs, or None."""
        with self._lock:
            self._statement_on = connection

    def check(self) -> None:
        """Raise Unavailable when it is over."""
        if self.is_over:
            raise Unavailable("that took longer than a request may", hint="ask for less, or try again later")


class _Here(threading.local):
    budget: Budget | None = None


_here = _Here()
_running: set[Budget] = set()


@contextmanager
def within(budget: Budget) -> Iterator[None]:
    """Let what this thread does in the block keep to a budget."""
    before, _here.budget = _here.budget, budget
    _running.add(budget)
    try:
        yield
    finally:
        _running.discard(budget)
        _here.budget = before


def running() -> tuple[Budget, ...]:
    """Return the budgets of all work that runs now, in every thread."""
    return tuple(_running)


def is_over() -> bool:
    """Return whether this thread has a budget that is over; SQLite's progress handler."""
    budget = _here.budget
    return budget is not None and budget.is_over


def check() -> None:
    """Raise Unavailable where this thread has a budget that is over."""
    if _here.budget is not None:
        _here.budget.check()


@contextmanager
def statement_on(connection: Any) -> Iterator[None]:
    """Let a budget's end cancel what runs on a connection of psycopg in the block; raises Unavailable after it."""
    budget = _here.budget
    if budget is None:
        yield
        return
    budget.check()
    budget.set_statement_on(connection)
    try:
        yield
    finally:
        budget.set_statement_on(None)
