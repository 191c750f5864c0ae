"""Loading what is good of a sheet: rows without faults go in, the others into a sheet to mend and load again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.errors import Invalid
from tracker.loading.loader import load
from tracker.loading.plan import LoadOptions
from tracker.loading.spreadsheets.mending import RowKey, write_rest
from tracker.loading.spreadsheets.sheets import Sheets
from tracker.loading.staging import Progress
from tracker.loading.writing import Outcome


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a load of good rows did, and what it left: how many rows, in which files."""

    outcome: Outcome
    rows_left: int
    files: list[Path]


def load_good(
    database: Database,
    paths: Sequence[str],
    by: Author,
    sheets: Sheets,
    *,
    options: LoadOptions,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Accepted:
    """Load the rows of sheets that have no faults, and write the others to sheets of their own.

    A row goes in with all rows of its agreement, or not at all. Raises Invalid with the faults that stand
    nowhere in such a row.
    """

    def attempt(*, is_trial: bool) -> Outcome:
        return load(
            database,
            paths,
            by,
            dry_run=is_trial,
            overwrite=options.overwrite,
            prune=options.prune,
            progress=progress,
            sheets=sheets,
        )

    say, sheets.when_read = sheets.when_read, None
    reasons: dict[RowKey, list[str]] = {}
    while not _is_sound(attempt, sheets, reasons):
        sheets.leave_out(reasons)
    sheets.leave_out(reasons)
    files = [] if dry_run else write_rest(sheets.kept_tables(), reasons)
    sheets.when_read = say
    return Accepted(attempt(is_trial=dry_run), len(reasons), files)


def _is_sound(attempt: Callable[..., Outcome], sheets: Sheets, reasons: dict[RowKey, list[str]]) -> bool:
    """Try a load; where it has faults, add the rows that they stand in. Raises Invalid for all other faults."""
    try:
        attempt(is_trial=True)
    except Invalid as error:
        rows = [(fault, sheets.rows_of(fault.place)) for fault in error.faults]
        elsewhere = [fault for fault, together in rows if not together]
        if elsewhere:
            raise Invalid(elsewhere) from None
        for fault, together in rows:
            for key in together:
                reasons.setdefault(key, [])
            own = next((key for key in together if fault.place and key.line == fault.place.line), together[0])
            words = fault.detail if fault.hint is None else f"{fault.detail}; {fault.hint}"
            if words not in reasons[own]:
                reasons[own].append(words)
        return False
    return True
