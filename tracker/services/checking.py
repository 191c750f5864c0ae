"""Whether what is stored still holds: the chains of history, the spans, the current statuses.

Whoever writes meanwhile is never accused: what must agree with something else is read as of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from hashlib import sha256

from sqlalchemy import bindparam, select

from tracker.database.engine import Database
from tracker.database.statements import Statement
from tracker.models import Clause, Quote, Source
from tracker.models.values import PrintedValues
from tracker.services.chains import history_problems
from tracker.services.objects import object_problems
from tracker.services.signing import early_problems
from tracker.services.spans import spans_against
from tracker.services.statuses import current, stored_findings

BLOCK = 1_000
"""How many rows are read at once."""


def problems(database: Database) -> Iterator[str]:
    """Yield a sentence for everything that does not hold; none when all is well."""
    yield from object_problems(database)
    yield from history_problems(database)
    yield from span_problems(database)
    yield from status_problems(database)
    yield from early_problems(database.rows)


def span_problems(database: Database) -> Iterator[str]:
    """Verify the spans of clauses and quotes whose source's text or length is stored."""
    for model, statement in _SPANS.items():
        last = ""
        while rows := database.rows(statement, last, BLOCK):
            last = rows[-1][0]
            for id, text, source, start, end, char_count, source_text in rows:
                values: PrintedValues = {"text": text, "source": source, "start": start, "end": end}
                for fault in spans_against(values, char_count, source_text):
                    yield f"{model.noun} {id}: {fault.detail}"


def status_problems(database: Database) -> Iterator[str]:
    """Verify that each clause's current statuses are what its follow-ups say."""
    last = ""
    while True:
        with database.snapshot() as rows:
            clauses = rows(_STATUSES, last, BLOCK)
            if not clauses:
                return
            findings = stored_findings(rows, [clause[0] for clause in clauses])
        last = clauses[-1][0]
        for id, *stored in clauses:
            computed = astuple(current(findings.get(id, ())))
            if tuple(stored) != computed:
                yield f"clause {id}: its statuses are {stored}, its follow-ups say {list(computed)}"


def text_problems(database: Database, source: str, text: str) -> Iterator[str]:
    """Prove a source against a text: its SHA-256, its length, every span of a clause or quote.

    ``text`` is decoded, without BOM, with LF line ends, in NFC.
    """
    with database.snapshot() as rows:
        sources = rows(_SOURCE, source)
        spans = {model: rows(statement, source) for model, statement in _SPANS_OF.items()}
    if not sources:
        yield f"there is no source {source}"
        return
    char_count, digest = sources[0]
    if char_count is not None and len(text) != char_count:
        yield f"source {source}: the text has {len(text)} characters, char_count is {char_count}"
    if digest is not None and (actual := sha256(text.encode()).hexdigest()) != digest:
        yield f"source {source}: the text's SHA-256 is {actual}, not {digest}"
    for model, stored_spans in spans.items():
        for id, quoted, start, end in stored_spans:
            values: PrintedValues = {"text": quoted, "source": source, "start": start, "end": end}
            for fault in spans_against(values, len(text), text):
                hint = "" if fault.hint is None else f"; {fault.hint}"
                yield f"{model.noun} {id}: {fault.detail}{hint}"


def spans_proved(database: Database, source: str) -> int:
    """Count the spans that refer to a source."""
    return sum(len(database.rows(statement, source)) for statement in _SPANS_OF.values())


_SOURCE = Statement(select(Source.char_count, Source.sha256).where(Source.id == bindparam("id")), "id")
_SPANS = {
    model: Statement(
        select(model.id, model.text, model.source, model.start, model.end, Source.char_count, Source.text)
        .join(Source, Source.id == model.source)
        .where(model.id > bindparam("after"))
        .order_by(model.id)
        .limit(bindparam("limit")),
        "after",
        "limit",
    )
    for model in (Clause, Quote)
}
_SPANS_OF = {
    model: Statement(
        select(model.id, model.text, model.start, model.end)
        .where(model.source == bindparam("source"))
        .order_by(model.agreement, model.number),
        "source",
    )
    for model in (Clause, Quote)
}
_STATUSES = Statement(
    select(
        Clause.id,
        Clause.reported_status,
        Clause.verified_status,
        Clause.status,
        Clause.met_on,
        Clause.reviewed_on,
    )
    .where(Clause.id > bindparam("after"))
    .order_by(Clause.id)
    .limit(bindparam("limit")),
    "after",
    "limit",
)
