"""Several drafts as one document: a party of one name is one, ids stay apart."""

from __future__ import annotations

from typing import Any

from tracker.drafting.cast import folded

Entry = dict[str, Any]
_REFERENCES = (
    "publisher",
    "author",
    "speaker",
    "on_behalf_of",
    "party",
    "signed_by",
    "organisation",
    "source",
)


def joined(documents: list[Entry]) -> Entry:
    """Join drafts: parties with the same name become one, everything else gets an id of its own."""
    result: Entry = {"tracker": 1, "sources": [], "parties": [], "initiatives": [], "agreements": []}
    taken: set[str] = set()
    parties: dict[tuple[str, str], Entry] = {}
    for document in documents:
        ids: dict[str, str] = {}
        for section in ("sources", "parties", "initiatives", "agreements"):
            for entry in document.get(section, []):
                key = (entry.get("kind", ""), folded(entry.get("name", "")))
                known = parties.get(key) if section == "parties" else None
                id = known["id"] if known is not None else _free(f"{section}/{entry['id']}", taken)
                ids[f"{section}/{entry['id']}"] = id
        for section in ("sources", "parties", "initiatives", "agreements"):
            for entry in document.get(section, []):
                copy = _renamed(entry, ids, section)
                key = (entry.get("kind", ""), folded(entry.get("name", "")))
                if section == "parties" and key in parties:
                    _add_names(parties[key], copy)
                    continue
                if section == "parties":
                    parties[key] = copy
                result[section].append(copy)
    return {name: value for name, value in result.items() if value}


def renamed(document: Entry, ids: dict[str, str]) -> Entry:
    """Return a draft with other ids, references to them included; ``ids`` maps `parties/ID` and its like."""
    return {
        name: _renamed(value, ids, name) if isinstance(value, list) else value
        for name, value in document.items()
    }


def _free(key: str, taken: set[str]) -> str:
    section, _, id = key.partition("/")
    base, number = id, 2
    while f"{section}/{id}" in taken:
        id, number = f"{base[:70]}-{number}", number + 1
    taken.add(f"{section}/{id}")
    return id


def _add_names(party: Entry, other: Entry) -> None:
    known = {party["name"], *(name["name"] for name in party.get("names", []))}
    new = [name for name in other.get("names", []) if name["name"] not in known]
    if new:
        party["names"] = [*party.get("names", []), *new]
    roles = [role for role in other.get("affiliations", []) if role not in party.get("affiliations", [])]
    if roles:
        party["affiliations"] = [*party.get("affiliations", []), *roles]


def _renamed(value: Any, ids: dict[str, str], section: str) -> Any:
    if isinstance(value, list):
        return [_renamed(item, ids, section) for item in value]
    if not isinstance(value, dict):
        return value
    copy: Entry = {}
    for name, inner in value.items():
        if name == "id" and f"{section}/{inner}" in ids:
            copy[name] = ids[f"{section}/{inner}"]
        elif name in _REFERENCES and isinstance(inner, str):
            copy[name] = ids.get(f"{'sources' if name == 'source' else 'parties'}/{inner}", inner)
        elif name in ("sources", "initiatives"):
            copy[name] = [ids.get(f"{name}/{item}", item) for item in inner]
        else:
            copy[name] = inner if name == "draft" else _renamed(inner, ids, "")
    return copy
