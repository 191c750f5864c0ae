"""The texts of sources, which are not for everyone."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from tracker.database import Database
from tracker.models import Source
from tracker.statements import Statement

_TEXT = Statement(select(Source.text).where(Source.id == bindparam("id")), "id")


def text_of(database: Database, id: str) -> str | None:
    """Give a source's stored text, or None."""
    rows = database.rows(_TEXT, id)
    return rows[0][0] if rows else None
