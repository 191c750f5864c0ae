"""The texts of sources, which only token holders read."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from tracker.database.statements import Statement
from tracker.models import Source
from tracker.queries.expand import append_members
from tracker.queries.representation import encoder

TEXT = Statement(select(Source.text).where(Source.id == bindparam("id")), "id")
"""The stored text of a source."""


def with_text(encoded: bytes, text: str | None) -> bytes:
    """Return a source's JSON object with its text."""
    return append_members(encoded, [("text", encoder.encode(text))])
