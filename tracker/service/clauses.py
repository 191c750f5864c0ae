"""Clauses: adding, changing and removing promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from tracker.errors import Conflict, Fault
from tracker.models import Agreement, Change, Clause, FollowUp, Source
from tracker.models.columns import LARGEST_NUMBER
from tracker.queries.representation import current
from tracker.service import history, references, rows
from tracker.service.things import Match, Values, found, merged, raise_faults, refuse_if_needed
from tracker.shapes import examine
from tracker.statements import Statement


def create_clause(session: Session, agreement: str, content: object) -> str:
    """Add a clause to an agreement and give its id; without a number it takes the next one.

    Raises NotFound for the agreement, Invalid with every fault, Conflict where the number is taken.
    """
    found(session, Agreement, agreement)
    rows.lock(Agreement).rows(session, agreement)
    values, faults = examine(Clause, content, "create")
    values = _with_first_due(values, None)
    further = references.faults_in(session, Clause, values)
    raise_faults([*faults, *further, *_span_faults_beside(session, values, faults)])
    number = values.get("number") or _next_number(session, agreement)
    values |= {"number": number, "id": f"{agreement}.{number}", "agreement": agreement}
    if current(session, Clause, values["id"]) is not None:
        raise Conflict(
            f"clause {values['id']} is there already", hint="leave `number` out to take the next one"
        )
    rows.insert_thing(session, Clause, values, version=_version_after(session, values["id"]))
    _note(session, "create", None, found(session, Clause, values["id"]))
    return str(values["id"])


def change_clause(session: Session, id: str, content: object, match: Match) -> None:
    """Change fields of a clause; what is the same already makes no new version.

    Raises NotFound, Gone, VersionRequired, Stale and Invalid.
    """
    now = found(session, Clause, id, match)
    values, faults = examine(Clause, content, "change")
    changes = _with_first_due(merged(Clause, now, values), now)
    after = now | changes
    further = references.faults_in(session, Clause, values)
    raise_faults([*faults, *further, *_span_faults_beside(session, after, faults)])
    if changes:
        rows.update_thing(session, Clause, id, now["version"], changes, any_version=match.any)
        _note(session, "update", now, found(session, Clause, id))


def remove_clause(session: Session, id: str, match: Match) -> None:
    """Remove a clause; its history stays.

    Raises Conflict naming follow-ups, quotes and clauses that depend on it, besides what change raises.
    """
    now = found(session, Clause, id, match)
    follow_ups = _FOLLOW_UPS.rows(session, id)[0][0]
    if follow_ups:
        said = "1 follow-up" if follow_ups == 1 else f"{follow_ups} follow-ups"
        raise Conflict(f"clause {id} has {said}", hint="remove them first")
    refuse_if_needed(session, Clause, id)
    rows.delete_thing(session, Clause, id, now["version"], any_version=match.any)
    _note(session, "delete", now, None)


def span_faults(session: Session, values: Values) -> list[Fault]:
    """Give the faults of a clause's or quote's span against its text and its stored source."""
    source = None
    if values.get("source") is not None:
        found_rows = SOURCE_TEXT.rows(session, values["source"])
        source = found_rows[0] if found_rows else None
    return spans_against(values, *(source or (None, None)))


def spans_against(values: Values, char_count: int | None, text: str | None) -> list[Fault]:
    """Give the faults of a span against its own text, and its source's length and text if known."""
    given = [values.get(name) for name in ("source", "start", "end")]
    if given == [None, None, None]:
        return []
    if None in given:
        missing = [name for name in ("source", "start", "end") if values.get(name) is None]
        detail = f"`source`, `start` and `end` go together; {' and '.join(f'`{name}`' for name in missing)} missing"
        return [Fault("span", detail, "give all three or none", f"/{missing[0]}")]
    start, end, words = values["start"], values["end"], values.get("text")
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


def _span_faults_beside(session: Session, values: Values, faults: Sequence[Fault]) -> list[Fault]:
    """Give the span's faults, unless one of its parts is at fault itself."""
    named = {fault.pointer for fault in faults}
    return [] if named & {"/source", "/start", "/end", "/text"} else span_faults(session, values)


def _with_first_due(changes: Values, now: Values | None) -> Values:
    """Keep the first due date that was ever set."""
    if changes.get("due") is not None and (now is None or now["first_due"] is None):
        return {"first_due": changes["due"], **changes}
    return changes


def _note(session: Session, action: str, before: Values | None, after: Values | None) -> None:
    thing: Any = after or before
    history.note(
        session,
        ("agreement", thing["agreement"]),
        action,
        ("clause", thing["id"]),
        before and history.snapshot("clause", before),
        after and history.snapshot("clause", after),
    )


def _next_number(session: Session, agreement: str) -> int:
    """Give the number after the largest that was ever used, removed clauses included."""
    used = {_LARGEST.rows(session, agreement)[0][0] or 0}
    for resource, id, before in _USED.rows(session, agreement):
        ids = [id] if resource == "clause" else msgspec.json.decode(before).get("clause", ())
        used |= {int(each.rpartition(".")[2]) for each in ids}
    if max(used) == LARGEST_NUMBER:
        raise Conflict(
            f"agreement {agreement} has no number left after {LARGEST_NUMBER}", hint="give `number`"
        )
    return 1 + max(used)


def _version_after(session: Session, id: str) -> int:
    """Give the version that a clause takes: 1, or one that none of its earlier lives had."""
    last = _LAST_LIFE.rows(session, id.partition(".")[0], f'%"{id}":%')
    return 1 + (msgspec.json.decode(last[0][0])["clause"][id]["version"] if last else 0)


_LARGEST = Statement(
    select(func.max(Clause.number)).where(Clause.agreement == bindparam("agreement")), "agreement"
)
_USED = Statement(
    select(Change.resource, Change.resource_id, Change.before).where(
        Change.root_kind == "agreement",
        Change.root == bindparam("agreement"),
        (Change.resource == "clause") | ((Change.resource == "agreement") & Change.before.is_not(None)),
    ),
    "agreement",
)
_LAST_LIFE = Statement(
    select(Change.before)
    .where(
        Change.root_kind == "agreement",
        Change.root == bindparam("agreement"),
        Change.before.like(bindparam("key")),
    )
    .order_by(Change.place.desc())
    .limit(1),
    "agreement",
    "key",
)
_FOLLOW_UPS = Statement(select(func.count()).where(FollowUp.clause == bindparam("clause")), "clause")
SOURCE_TEXT = Statement(select(Source.char_count, Source.text).where(Source.id == bindparam("id")), "id")
