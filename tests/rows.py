"""A small, whole world of valid rows, written straight into the tables: for tests of the database alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from tracker.database.changes import Author, Change
from tracker.database.engine import Database
from tracker.models import Base

BY = Author("tester")
AT = "2020-08-31T01:00:00.000000Z"
UUID = "018f3c2a-0000-7000-8000-000000000001"
DIGEST = "0123456789abcdef" * 4
VERSIONED = {"version": 1, "created_at": AT, "updated_at": AT}

ROWS: dict[str, dict[str, Any]] = {
    "party": {"id": "city", "kind": "organisation", "name": "City", "match_key": "city", **VERSIONED},
    "party_name": {
        "party": "city", "ordinal": 1, "name": "The City", "kind": "alias", "match_key": "thecity",
    },
    "affiliation": {"party": "city", "ordinal": 1, "organisation": "city", "role": "Mayor"},
    "source": {"id": "paper", "kind": "news_article", "title": "Signed", "char_count": 100, **VERSIONED},
    "initiative": {"id": "series", "kind": "series", "name": "Series", **VERSIONED},
    "agreement": {"id": "deal", "title": "Deal", "kind": "mou", **VERSIONED},
    "identifier": {"party": "city", "ordinal": 1, "scheme": "wikidata", "value": "Q1"},
    "agreement_party": {"agreement": "deal", "ordinal": 1, "party": "city"},
    "agreement_source": {"agreement": "deal", "ordinal": 1, "source": "paper"},
    "agreement_initiative": {"agreement": "deal", "ordinal": 1, "initiative": "series"},
    "agreement_link": {"agreement": "deal", "ordinal": 1, "kind": "renews", "target": "older"},
    "clause": {
        "id": "deal.1", "agreement": "deal", "number": 1, "kind": "listed", "text": "promise", **VERSIONED,
    },
    "clause_party": {"clause": "deal.1", "ordinal": 1, "party": "city", "role": "obligor"},
    "quote": {
        "id": "deal.q1", "agreement": "deal", "number": 1, "kind": "direct", "text": "promised", **VERSIONED,
    },
    "quote_clause": {"quote": "deal.q1", "ordinal": 1, "clause": "deal.1"},
    "follow_up": {
        "id": UUID, "clause": "deal.1", "track": "verified", "status": "in_progress",
        "effective_on": "2021", "effective_on_earliest": "2021-01-01", "effective_on_latest": "2021-12-31",
        "checked_on": "2022-01-01", "recorded_by": "tester", "recorded_at": AT, **VERSIONED,
    },
    "evidence": {"follow_up": UUID, "ordinal": 1, "reference": "doc-1234"},
    "change": {
        "place": 1, "root_kind": "agreement", "root": "deal", "sequence": 1, "at": AT, "actor": "tester",
        "action": "create", "resource": "agreement", "resource_id": "deal", "after": "{}", "digest": DIGEST,
    },
    "change_text": {"change": 1, "digest": DIGEST, "salt": "ab" * 16, "text": "Deal"},
    "change_resource": {"change": 1, "resource": "agreement", "resource_id": "deal"},
    "token": {
        "id": "t1", "name": "tester", "role": "editor", "secret_sha256": DIGEST, "created_at": AT,
        "created_by": "tester",
    },
    "merged_party": {"id": "town", "party": "city"},
    "idempotency_key": {
        "token": "t1", "key": "one", "request": DIGEST, "status": 201, "answer": "{}", "created_at": AT,
    },
}  # fmt: skip
"""A valid row of every table, in an order in which they can be written."""


def add(change: Change, table: str, /, **changes: Any) -> None:
    """Write the valid row of a table, with some columns changed."""
    change.connection.execute(insert(Base.metadata.tables[table]).values(ROWS[table] | changes))


def fill(database: Database) -> None:
    """Write every valid row, and one more agreement for the link to lead to."""
    with database.write(BY) as change:
        add(change, "agreement", id="older")
        for table in ROWS:
            add(change, table)


def counts(database: Database) -> dict[str, int]:
    """Return the number of rows of every table of ours."""
    with database.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in sorted(Base.metadata.tables)
        }
