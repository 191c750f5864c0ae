"""The texts of sources, which are not for everyone."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from tracker.models import Source
from tracker.queries.representation import encoder, representation
from tracker.statements import Row, Statement

TEXT = Statement(select(Source.text).where(Source.id == bindparam("id")), "id")
"""Reads a source's stored text."""


def encoded_with_text(row: Row, text: str | None) -> bytes:
    """Give a source as a JSON object with its text, for token holders."""
    return encoder.encode(representation(Source).values(row) | {"text": text})
