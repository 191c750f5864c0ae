"""What a draft and the database both know: parties proposed by match key, never merged; ids told apart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, union

from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.drafting.joining import renamed
from tracker.models import Agreement, Initiative, Party, PartyName, Resource, Source, table_of
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
_SECTIONS: dict[str, type[Resource]] = {
    "sources": Source,
    "parties": Party,
    "initiatives": Initiative,
    "agreements": Agreement,
}
_WITH_ID = {
    section: Statement(select(table.c.id).where(table.c.id == bindparam("id")), "id")
    for section, table in ((section, table_of(model)) for section, model in _SECTIONS.items())
}
_SAME_TEXT = Statement(select(Source.id).where(Source.sha256 == bindparam("sha256")).limit(1), "sha256")


def beside_the_database(database: Database, document: dict[str, Any]) -> dict[str, Any]:
    """Give a draft with what the database knows of it.

    Each party that goes by the name of a stored one says so, with its id, and keeps an id of its own: a
    person decides. An id that the database has for something else gets a number behind it. The ids of an
    article that is loaded already stay as they are, and its source says so.
    """
    loaded = _loaded(database, document)
    taken: dict[str, str] = {}
    for section, statement in _WITH_ID.items():
        mine = {thing["id"] for thing in document.get(section, ())}
        for thing in document.get(section, ()):
            if section == "parties":
                _propose(database, thing)
            if not loaded and database.rows(statement, thing["id"]):
                taken[f"{section}/{thing['id']}"] = _free(database, statement, thing["id"], mine)
    return renamed(document, taken) if taken else document


def _loaded(database: Database, document: dict[str, Any]) -> bool:
    """Whether all of the draft's articles are in the database already; says so at those that are."""
    sources = document.get("sources", [])
    known = 0
    for source in sources:
        rows = database.rows(_SAME_TEXT, source["sha256"])
        if rows:
            known += 1
            _look(source, f"this text is loaded already, as `{rows[0][0]}`")
    return bool(sources) and known == len(sources)


def _propose(database: Database, party: dict[str, Any]) -> None:
    names = [party["name"], *(each["name"] for each in party.get("names", []))]
    rows = [row for name in names for row in database.rows(_NAMED, match_key(name))]
    known = sorted({id for id, kind in rows if kind == party["kind"]})
    if known:
        _look(
            party, f"the database knows {' and '.join(f'`{id}`' for id in known)} by such a name: the same?"
        )
        party["draft"]["known_as"] = known


def _look(thing: dict[str, Any], words: str) -> None:
    note = thing.get("draft", {})
    thing["draft"] = {**note, "confidence": "low", "look_at": [*note.get("look_at", []), words]}


def _free(database: Database, statement: Statement, id: str, mine: set[str]) -> str:
    number = 2
    while f"{id[:70]}-{number}" in mine or database.rows(statement, f"{id[:70]}-{number}"):
        number += 1
    return f"{id[:70]}-{number}"
