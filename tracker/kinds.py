"""The kinds of resources in one registry: names, ids, paths, list commands.

Models, routes, seed files, exports, completion and commands take these from here. Nothing heavy is imported,
since `tracker --help` needs it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["viewer", "editor", "admin"]
"""What a token may do, each role all that those before it may."""

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
CLAUSE_ID = re.compile(r"([a-z0-9][a-z0-9-]{0,79})\.([1-9][0-9]{0,9})")
QUOTE_ID = re.compile(r"([a-z0-9][a-z0-9-]{0,79})\.q([1-9][0-9]{0,9})")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """One kind of resource: something with an id, a page and a history of its own."""

    name: str
    """Its table, and what history calls it: `follow_up`."""
    plural: str
    """Its section in seed files and its member in JSON: `follow_ups`."""
    title: str
    """The field that says what one of them is, beside its id."""
    columns: tuple[str, ...]
    """What a table shows of them; JSON and CSV have every field."""
    help: str
    """What its list command does, in one line."""
    examples: str = ""
    """Command lines at the head of that command's help."""
    parent: str | None = None
    """The kind inside which a seed file writes it, and without which it cannot be."""
    numbered: str | None = None
    """For what counts inside its parent: what stands in its id between the parent's and its number."""
    id_form: re.Pattern[str] = ID
    id_example: str = "gwangju-kdata-2020"
    removed_by: Role = "editor"
    grouped: bool = False
    """Whether its list command stands in a group of its own: `tracker follow-up list`."""

    @property
    def noun(self) -> str:
        """What one of them is called in a sentence: `follow-up`."""
        return self.name.replace("_", "-")

    @property
    def path(self) -> str:
        """The plural under which they stand in URLs: `follow-ups`."""
        return self.plural.replace("_", "-")


KINDS: dict[str, ResourceKind] = {
    kind.name: kind
    for kind in (
        ResourceKind(
            "source",
            "sources",
            title="title",
            columns=("id", "kind", "title", "publisher", "published"),
            help="List the texts in which things are printed.",
            examples="""
                tracker sources --publisher asia-business-daily
                tracker sources --kind news_article --sort=-published --limit 10
            """,
            id_example="asiae-gwangju-kdata",
        ),
        ResourceKind(
            "party",
            "parties",
            title="name",
            columns=("id", "kind", "name", "country"),
            help="List organisations and persons.",
            examples="""
                tracker parties --kind organisation --class local_government
                tracker parties --country KR --format csv
                tracker parties --doubles
            """,
            id_example="gwangju",
        ),
        ResourceKind(
            "initiative",
            "initiatives",
            title="name",
            columns=("id", "kind", "name", "operator"),
            help="List programmes, facilities and series.",
            examples="""
                tracker initiatives --kind facility
                tracker initiatives --operator gwangju --format json
            """,
        ),
        ResourceKind(
            "agreement",
            "agreements",
            title="title",
            columns=("id", "title", "kind", "signed_on", "lifecycle"),
            help="List agreements.",
            examples="""
                tracker agreements --party gwangju --sort=-signed_on
                tracker agreements --headline not_tracked,open --as-of 2021-12-31
            """,
            removed_by="admin",
        ),
        ResourceKind(
            "clause",
            "clauses",
            title="text",
            columns=("id", "text", "due", "status"),
            help="List clauses: what was promised, and where it stands.",
            examples="""
                tracker clauses --status met,behind --party gwangju
                tracker clauses --schedule overdue --sort due --format csv
            """,
            parent="agreement",
            numbered=".",
            id_form=CLAUSE_ID,
            id_example="gwangju-kdata-2020.4",
        ),
        ResourceKind(
            "quote",
            "quotes",
            title="text",
            columns=("id", "kind", "speaker", "text"),
            help="List quotes: who said what.",
            examples="""
                tracker quotes --speaker lee-yong-seop
                tracker quotes --agreement gwangju-kdata-2020 --kind direct --format jsonl
            """,
            parent="agreement",
            numbered=".q",
            id_form=QUOTE_ID,
            id_example="gwangju-kdata-2020.q1",
        ),
        ResourceKind(
            "follow_up",
            "follow_ups",
            title="clause",
            columns=("id", "clause", "track", "status", "effective_on", "stated_by", "note"),
            help="List follow-ups: what became of clauses.",
            examples="""
                tracker follow-up list --clause gwangju-kdata-2020.4
                tracker follow-up list --track verified --status met --sort=-effective_on
            """,
            parent="clause",
            id_form=UUID,
            id_example="018f3c2a-5b1e-7c3d-8e4f-0123456789ab",
            grouped=True,
        ),
    )
}
"""Every kind of resource by name, in the order of the sections of seed files, what stands inside another last."""


def is_id(kind: str, text: str) -> bool:
    """Return whether a text has the form of an id of that kind."""
    return (KINDS[kind].id_form if kind in KINDS else ID).fullmatch(text) is not None
