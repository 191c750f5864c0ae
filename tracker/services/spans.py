"""Spans: where a clause or a quote stands in the text of its source, and whether it reads so there."""

from __future__ import annotations

import hashlib

from sqlalchemy import bindparam, select

from tracker.database.statements import Statement
from tracker.errors import Fault
from tracker.models import Clause, Quote, Source, table_of
from tracker.models.values import PrintedValues, SourceValues

SPAN = frozenset({"text", "source", "start", "end"})
"""The fields that make a span."""


def spans_against(values: PrintedValues, char_count: int | None, text: str | None) -> list[Fault]:
    """Return the faults of a span against its own text, and its source's length and text if known."""
    source, start, end, words = (
        values.get("source"),
        values.get("start"),
        values.get("end"),
        values.get("text"),
    )
    if source is None and start is None and end is None:
        return []
    if source is None or start is None or end is None:
        missing = [name for name in ("source", "start", "end") if values.get(name) is None]
        detail = f"`source`, `start` and `end` go together; {' and '.join(f'`{name}`' for name in missing)} missing"
        return [Fault("span", detail, "give all three or none", f"/{missing[0]}")]
    if start >= end:
        return [Fault("span", f"the span {start}–{end} is empty", "`end` is exclusive", "/end")]
    if words is not None and len(words) != end - start:
        detail = f"the span {start}–{end} holds {end - start} characters, the text {len(words)}"
        return [Fault("span", detail, "positions count Unicode code points, `end` is exclusive", "/end")]
    if char_count is not None and end > char_count:
        detail = f"the span {start}–{end} goes beyond the source's {char_count} characters"
        return [Fault("span", detail, None, "/end")]
    if text is not None and words is not None and text[start:end] != words:
        at = text.find(words)
        hint = f"it stands at {at}–{at + len(words)}" if at >= 0 else "the source does not hold these words"
        return [Fault("span", f"the source does not read so at {start}–{end}", hint, "/start")]
    return []


def measured(values: SourceValues) -> SourceValues:
    """Return the length and the digest of a source's text, where they are not said beside it."""
    text = values.get("text")
    if text is None:
        return {}
    measures: SourceValues = {}
    if values.get("char_count") is None:
        measures["char_count"] = len(text)
    if values.get("sha256") is None:
        measures["sha256"] = sha256(text)
    return measures


def sha256(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


_text = select(Source.char_count, Source.text).where(Source.id == bindparam("id"))
SOURCE_TEXT = Statement(_text, "id")
HELD_SOURCE_TEXT = Statement(_text.with_for_update(read=True), "id")
"""The same, and the text stays as it is until the transaction ends."""
SPANS_IN = {
    model: Statement(
        select(*(table_of(model).c[name] for name in ("id", "text", "source", "start", "end")))
        .where(table_of(model).c.source == bindparam("source"))
        .order_by(table_of(model).c.agreement, table_of(model).c.number),
        "source",
    )
    for model in (Clause, Quote)
}
"""The spans that stand in a source, with their texts."""
