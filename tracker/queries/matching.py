"""What a draft and the database both know: parties proposed by match key, never merged; ids kept distinct."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, union

from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.drafting.joining import renamed
from tracker.models import SECTIONS, Party, PartyName, Source, table_of
from tracker.validation import match_key

_NAMED = Statement(
    union(
        select(Party.id, Party.kind).where(Party.match_key == bindparam("key")),
        select(Party.id, Party.kind)
        .join(PartyName, PartyName.party == Party.id)
        .where(PartyName.match_key == bindparam("key")),
    ),
    "key",
)
_BY_ID = {
    section: Statement(select(id).where(id == bindparam("id")), "id")
    for section, id in ((section, table_of(model).c.id) for section, model in SECTIONS.items())
}
"""By section of a draft."""
_SAME_TEXT = Statement(select(Source.id).where(Source.sha256 == bindparam("sha256")).limit(1), "sha256")


def beside_the_database(database: Database, document: dict[str, Any]) -> dict[str, Any]:
    """Return a draft with what the database knows of it.

    Each party with a name of a stored one says so, with that one's id, and keeps an id of its own: a person
    decides. An id that the database has for something else gets a number behind it. The ids of an article
    that is loaded already stay as they are, and its source says so.
    """
    loaded = _is_loaded(database, document)
    renaming: dict[str, str] = {}
    for section, statement in _BY_ID.items():
        ids = {resource["id"] for resource in document.get(section, ())}
        for resource in document.get(section, ()):
            if section == "parties":
                _propose(database, resource)
            if not loaded and database.rows(statement, resource["id"]):
                renaming[f"{section}/{resource['id']}"] = _free_id(database, statement, resource["id"], ids)
    return renamed(document, renaming) if renaming else document


def _is_loaded(database: Database, document: dict[str, Any]) -> bool:
    """Return whether all of the draft's articles are in the database already; those that are say so."""
    sources = document.get("sources", [])
    loaded = 0
    for source in sources:
        rows = database.rows(_SAME_TEXT, source["sha256"])
        if rows:
            loaded += 1
            _ask(source, f"this text is loaded already, as `{rows[0][0]}`")
    return bool(sources) and loaded == len(sources)


def _propose(database: Database, party: dict[str, Any]) -> None:
    names = [party["name"], *(name["name"] for name in party.get("names", []))]
    rows = [row for name in names for row in database.rows(_NAMED, match_key(name))]
    ids = sorted({id for id, kind in rows if kind == party["kind"]})
    if ids:
        listed = " and ".join(f"`{id}`" for id in ids)
        _ask(party, f"the database knows {listed} by such a name: the same?")
        party["draft"]["known_as"] = ids


def _ask(resource: dict[str, Any], question: str) -> None:
    """Add to what a reviewer has to look at."""
    draft = resource.get("draft", {})
    resource["draft"] = {**draft, "confidence": "low", "look_at": [*draft.get("look_at", []), question]}


def _free_id(database: Database, statement: Statement, id: str, ids: set[str]) -> str:
    number = 2
    while f"{id[:70]}-{number}" in ids or database.rows(statement, f"{id[:70]}-{number}"):
        number += 1
    return f"{id[:70]}-{number}"
