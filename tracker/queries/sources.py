"""The texts of sources, which are not for everyone."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from tracker.database.statements import Statement
from tracker.models import Source
from tracker.queries.expand import spliced
from tracker.queries.representation import encoder

TEXT = Statement(select(Source.text).where(Source.id == bindparam("id")), "id")
"""Reads a source's stored text."""


def with_text(encoded: bytes, text: str | None) -> bytes:
    """Give a source's JSON object with its text, for token holders."""
    return spliced(encoded, [("text", encoder.encode(text))])
