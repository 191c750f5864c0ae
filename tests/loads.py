"""What tests of loading share: a small register in words, loading it, and looking at what became of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.errors import Faulty
from tracker.loading import Outcome, load
from tracker.models import RESOURCES
from tracker.queries.history import history_of
from tracker.queries.representation import find, representation

FILE = Author("loader", loading=True)
PERSON = Author("kim")

TOWN = """\
tracker: 1
parties:
  - {id: town, kind: organisation, name: Town}
  - {id: agency, kind: organisation, name: Agency}
  - {id: mayor, kind: person, name: Mayor Kim, affiliations: [{organisation: town, role: Mayor}]}
agreements:
  - id: deal
    title: Deal
    kind: mou
    signed_on: 2020-08-31
    parties: [{party: town, signed_by: mayor}, {party: agency}]
    clauses:
      - {number: 1, kind: listed, text: first}
      - {number: 2, kind: listed, text: second}
    quotes:
      - {number: 1, kind: direct, text: We will, speaker: mayor, clauses: [1]}
"""


def told(database: Database, text: str, *, name: str = "a.yaml", by: Author = FILE, **wishes: Any) -> Outcome:
    """Load one file with this text."""
    Path(name).write_text(text, "utf-8")
    return load(database, [name], by, **wishes)


def piped(database: Database, text: str) -> Outcome:
    """Load this text from standard input."""
    return load(database, ["-"], FILE, stdin=io.BytesIO(text.encode()))


def refused(database: Database, text: str | bytes, *, name: str = "a.yaml", **wishes: Any) -> list[str]:
    """Return the faults for which a file with this text is refused, as they are printed."""
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        load(database, [name], FILE, **wishes)
    except Faulty as error:
        return [str(fault) for fault in error.faults]
    return []


def stored(database: Database, table: str, id: str) -> dict[str, Any] | None:
    """Return what is stored of a thing."""
    row = find(database, RESOURCES[table], id)
    return None if row is None else representation(RESOURCES[table]).values(row)


def value(database: Database, table: str, id: str, name: str) -> Any:
    """Return one value of a thing that is stored."""
    found = stored(database, table, id)
    assert found is not None, f"there is no {table} {id}"
    return found[name]


def entries(database: Database, table: str, id: str) -> list[Any]:
    """Return the history of a thing."""
    return history_of(database.rows, RESOURCES[table], id)[0]


def state(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return everything that is stored, without the instants at which that happened."""
    found: dict[str, list[dict[str, Any]]] = {}
    with database.engine.connect() as connection:
        for table in RESOURCES:
            ids = [row[0] for row in connection.exec_driver_sql(f"SELECT id FROM {table} ORDER BY id")]
            things = [stored(database, table, id) or {} for id in ids]
            found[table] = [
                {name: said for name, said in thing.items() if not name.endswith("ed_at")} for thing in things
            ]
    return found
