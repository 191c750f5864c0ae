"""Drafts of invented articles, seen as a reader sees them: names instead of ids, spans checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tracker.drafting import Publication, draft, read_text

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What no field of one line holds."""


@dataclass(frozen=True)
class Seen:
    """What a draft says, in names and texts."""

    document: dict[str, Any]
    text: str
    """The article, in which spans count."""

    @property
    def agreement(self) -> dict[str, Any]:
        entry: dict[str, Any] = self.document["agreements"][0]
        return entry

    @property
    def source(self) -> dict[str, Any]:
        entry: dict[str, Any] = self.document["sources"][0]
        return entry

    def name(self, id: str | None) -> str | None:
        return (
            None
            if id is None
            else next(entry["name"] for entry in self.document["parties"] if entry["id"] == id)
        )

    @property
    def parties(self) -> list[str | None]:
        return [self.name(entry["party"]) for entry in self.agreement.get("parties", [])]

    @property
    def signers(self) -> list[tuple[str | None, str | None]]:
        return [
            (self.name(entry["party"]), self.name(entry.get("signed_by")))
            for entry in self.agreement.get("parties", [])
        ]

    @property
    def quotes(self) -> list[tuple[str, str | None]]:
        return [
            (entry["text"], self.name(entry.get("speaker")))
            for entry in self.agreement.get("quotes", [])
            if entry["kind"] != "indirect"
        ]

    @property
    def speakers(self) -> list[str | None]:
        return [speaker for _, speaker in self.quotes]

    @property
    def listed(self) -> list[str]:
        return [entry["text"] for entry in self.agreement.get("clauses", []) if entry["kind"] == "listed"]

    @property
    def prose(self) -> list[str]:
        return [entry["text"] for entry in self.agreement.get("clauses", []) if entry["kind"] == "narrative"]

    def party(self, name: str) -> dict[str, Any]:
        entry: dict[str, Any] = next(entry for entry in self.document["parties"] if entry["name"] == name)
        return entry

    def names(self, name: str) -> list[tuple[str, str]]:
        return [(entry["name"], entry["kind"]) for entry in self.party(name).get("names", [])]


def drafted(text: str, **publication: Any) -> Seen:
    """Draft an article and check that every string stands at its span."""
    article = read_text(text)
    seen, plain = Seen(draft(article, Publication(**publication)), article.text), article.text
    for entry in (*seen.agreement.get("clauses", []), *seen.agreement.get("quotes", [])):
        assert plain[entry["start"] : entry["end"]] == entry["text"]
    for party in seen.document["parties"]:
        for name in party["draft"].get("names", []):
            assert plain[name["start"] : name["end"]] == name["name"]
    for field, (start, end) in seen.agreement["draft"].get("spans", {}).items():
        assert " ".join(_CONTROL.sub(" ", plain[start:end]).split()) == seen.agreement[field]
    return seen
