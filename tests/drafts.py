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
        found: dict[str, Any] = self.document["agreements"][0]
        return found

    @property
    def source(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["sources"][0]
        return found

    def name(self, id: str | None) -> str | None:
        return (
            None
            if id is None
            else next(each["name"] for each in self.document["parties"] if each["id"] == id)
        )

    @property
    def parties(self) -> list[str | None]:
        return [self.name(each["party"]) for each in self.agreement.get("parties", [])]

    @property
    def signers(self) -> list[tuple[str | None, str | None]]:
        return [
            (self.name(each["party"]), self.name(each.get("signed_by")))
            for each in self.agreement.get("parties", [])
        ]

    @property
    def quotes(self) -> list[tuple[str, str | None]]:
        return [
            (each["text"], self.name(each.get("speaker")))
            for each in self.agreement.get("quotes", [])
            if each["kind"] != "indirect"
        ]

    @property
    def speakers(self) -> list[str | None]:
        return [speaker for _, speaker in self.quotes]

    @property
    def listed(self) -> list[str]:
        return [each["text"] for each in self.agreement.get("clauses", []) if each["kind"] == "listed"]

    @property
    def prose(self) -> list[str]:
        return [each["text"] for each in self.agreement.get("clauses", []) if each["kind"] == "narrative"]

    def party(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(each for each in self.document["parties"] if each["name"] == name)
        return found

    def names(self, name: str) -> list[tuple[str, str]]:
        return [(each["name"], each["kind"]) for each in self.party(name).get("names", [])]


def drafted(text: str, **given: Any) -> Seen:
    """Draft an article and check that every string stands at its span."""
    article = read_text(text)
    seen, plain = Seen(draft(article, Publication(**given)), article.text), article.text
    for thing in (*seen.agreement.get("clauses", []), *seen.agreement.get("quotes", [])):
        assert plain[thing["start"] : thing["end"]] == thing["text"]
    for party in seen.document["parties"]:
        for name in party["draft"].get("names", []):
            assert plain[name["start"] : name["end"]] == name["name"]
    for field, (start, end) in seen.agreement["draft"].get("spans", {}).items():
        assert " ".join(_CONTROL.sub(" ", plain[start:end]).split()) == seen.agreement[field]
    return seen
