"""Reading a file's tables, whichever form it has."""

from __future__ import annotations

from pathlib import Path

from tracker.errors import Malformed
from tracker.loading.spreadsheets.delimited import read_csv
from tracker.loading.spreadsheets.tables import LARGEST, Table, too_large
from tracker.loading.spreadsheets.workbooks import read_workbook


def read_tables(path: Path, name: str) -> list[Table]:
    """Read every sheet of a .csv or .xlsx file that is not hidden; raises Malformed and OSError.

    ``name`` is what faults call the file.
    """
    if path.suffix.lower() == ".csv":
        if path.stat().st_size > LARGEST:
            raise Malformed([too_large(name)])
        return [read_csv(name, path.read_bytes())]
    return read_workbook(path, name)
