"""How errors reach a person: messages on stderr, and one table of exit codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

import click

from tracker.cli.cells import printable
from tracker.errors import (
    Conflict,
    Fault,
    Faulty,
    Invalid,
    Malformed,
    NotFound,
    NotReady,
    Refused,
    Stale,
    TrackerError,
    Unauthenticated,
    Unavailable,
    VersionRequired,
)

EXIT_CODES: dict[type[TrackerError], int] = {
    TrackerError: 1,
    NotReady: 1,
    Unavailable: 1,
    # 2 is Click's, for wrong usage
    Malformed: 3,
    Invalid: 3,
    Unauthenticated: 4,
    Refused: 4,
    NotFound: 5,
    Conflict: 6,
    Stale: 6,
    VersionRequired: 6,
}
"""The exit code of each kind of error; subclasses take their parent's."""

MOST_FAULTS = 1_000
"""How many faults are printed before the rest is only counted."""
_SHOWN_PLACES = 3
"""Equal faults in more places than these are one line with their count and the first places."""


def exit_code(error: TrackerError) -> int:
    """Return the exit code of an error."""
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def report(error: TrackerError) -> None:
    """Print an error on stderr; of faults each on its own line, as `file:line:column: message`."""
    if not error.faults:
        say(f"Error: {error}")
        return
    groups = _equal(error.faults)
    for group in groups[:MOST_FAULTS]:
        places = ", ".join(str(fault.place) for fault in group[:_SHOWN_PLACES])
        say(str(group[0]) + (f" ({len(group):,} times: {places}, …)" if len(group) > 1 else ""))
    more = sum(map(len, groups[MOST_FAULTS:])) + (error.more if isinstance(error, Faulty) else 0)
    if more:
        say(f"… and {more:,} more")


def _equal(faults: Sequence[Fault]) -> list[list[Fault]]:
    """Return the faults, those together that say the same in more places than are shown."""
    groups: dict[tuple[str, str | None], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.detail, fault.hint), []).append(fault)
    result: list[list[Fault]] = []
    for fault in faults:
        group = groups[fault.detail, fault.hint]
        if len(group) <= _SHOWN_PLACES or fault.place is None:
            result.append([fault])
        elif fault is group[0]:
            result.append(group)
    return result


def say(words: str) -> None:
    """Print one line of talk on stderr."""
    click.echo(printable(words), err=True)


def stderr_is_a_terminal() -> bool:
    """Return whether stderr is a terminal, where progress makes sense."""
    return sys.stderr.isatty()


@contextmanager
def named_by_options(options: Mapping[str, str]) -> Iterator[None]:
    """Let faults name the options that were typed, where services name fields and parameters.

    ``options`` maps a parameter, or the first step of a pointer, to its option: `due__gte` to `--due-gte`.
    """
    try:
        yield
    except Faulty as error:
        raise type(error)(_renamed(fault, options) for fault in error.faults) from error


def _renamed(fault: Fault, options: Mapping[str, str]) -> Fault:
    steps = (fault.pointer or "").split("/")[1:]
    name = fault.parameter or (steps[0] if steps else "")
    option = options.get(name)
    if option is None:
        return fault
    detail, hint = fault.detail, fault.hint
    for known, typed in options.items():
        detail = detail.replace(f"`{known}`", typed)
        hint = hint and hint.replace(f"`{known}`", typed)
    if option not in detail:
        number = f" {int(steps[1]) + 1}" if len(steps) > 1 and steps[1].isdigit() else ""
        detail = f"{option}{number}: {detail}"
    return replace(fault, detail=detail, hint=hint)
