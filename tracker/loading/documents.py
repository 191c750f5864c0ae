"""One agreement as a document: the seed shape of it with all in it, read and put whole.

A document that is put goes through the loader, and means what a seed file means: a key that is absent
leaves the value as it is, null and [] clear it. The one that is read therefore says everything, so that
what is put back differs exactly where somebody changed it. Its version counts every change of the
agreement and of all in it, since a document overwrites all of that.

**Follow-ups.** A load never touches what a person recorded; a put document is a person's own change, and
changes a follow-up as PATCH does, or records one. It never removes one: findings are taken back one by
one, with DELETE, so that nobody loses them by sending an older document. A list of follow-ups without
one that is stored is therefore a conflict, as is a list of clauses without one that has follow-ups;
without the key `follow_ups` they stay as they are. Who recorded a follow-up, and when, is the server's to
say: a document may repeat it, not set it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import cast

from sqlalchemy import Text, func, select

from tracker.database.changes import Change
from tracker.database.engine import Database
from tracker.database.statements import Fetch, Statement
from tracker.errors import (
    Conflict,
    Contended,
    Fault,
    Invalid,
    Malformed,
    Place,
    Stale,
    VersionRequired,
)
from tracker.loading.document import Document
from tracker.loading.index import Block
from tracker.loading.loader import write_staged
from tracker.loading.plan import LoadOptions
from tracker.loading.seed_text import json_of, seed_content
from tracker.loading.staging import Faults, StagedRows
from tracker.models import SECTIONS, Agreement, Clause, FollowUp
from tracker.models.values import AgreementValues
from tracker.queries.export import ExportedAgreement, changes_of, read_roots_in
from tracker.services.history import LOCK
from tracker.services.resources import Match
from tracker.services.scopes import refuse_all_but_follow_ups
from tracker.validation import pointer


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it is sent: its JSON, its version, and whether it is new."""

    encoded: bytes
    version: int
    created: bool = False


def document(database: Database, agreement: str) -> Shown | None:
    """Return the document of an agreement, or None where there is none."""
    with database.snapshot() as fetch:
        result = read_roots_in(fetch, Agreement, [agreement]).get(agreement)
        version = changes_of(fetch, agreement)
    return None if result is None else _shown(result, version)


def put_document(database: Database, change: Change, agreement: str, content: object, match: Match) -> Shown:
    """Make an agreement and all in it what a document says, in the transaction of the caller.

    Raises VersionRequired, Malformed and Stale for an agreement that is there, Invalid with every fault at
    its pointer, Conflict for what would take follow-ups away or is needed elsewhere, Refused for what the
    caller may not write. What is the same already is not written.
    """
    fetch = change.rows
    now = read_roots_in(fetch, Agreement, [agreement]).get(agreement)
    seen = changes_of(fetch, agreement)
    _check_version(agreement, match, None if now is None else seen)
    options = LoadOptions(overwrite=True, prune=True, by_person=True)
    with closing(StagedRows(fetch, change.today, options)) as staged:
        staged.faults = Faults(sys.maxsize)
        staged.faults.add(_form_faults(content, agreement))
        staged.take(_Body("the document", _with_id(content, agreement), False))
        staged.finish()
        staged.plan(fetch)
        (block,) = staged.blocks
        if any(resource.model is not FollowUp for resource, _ in block.changed):
            refuse_all_but_follow_ups(change.scope)
        staged.faults.add(_claims(block))
        staged.check(fetch)
        if staged.faults.listed:
            raise Invalid(_pointed(staged.faults.listed))
        _refuse_to_lose(block, now)
        _write(change, staged, options, match)
    recorded = len(change.records)
    if recorded:
        _refuse_overtaken(database, fetch, agreement, seen, match)
    stored = read_roots_in(fetch, Agreement, [agreement])[agreement]
    return _shown(stored, seen + recorded, created=now is None)


class _Body(Document):
    """The body of a request, in which places are JSON pointers."""

    def place(self, path: Sequence[str | int], *, key: bool = False) -> Place:  # noqa: ARG002 - see Document
        """Return where the value at a path stands."""
        return _Pointer(pointer(path), 0, 0)


class _Pointer(Place):
    """A place that is a JSON pointer (RFC 6901)."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.file or "the whole document"


def _pointed(faults: Sequence[Fault]) -> Iterator[Fault]:
    for fault in faults:
        where = fault.pointer if fault.place is None else fault.place.file
        yield replace(fault, pointer=where, place=None)


def _shown(agreement: AgreementValues, changes: int, *, created: bool = False) -> Shown:
    content = {"tracker": 1, "agreements": [seed_content(Agreement, agreement, complete=True)]}
    return Shown(json_of(content), max(changes, 1), created)


def _check_version(agreement: str, match: Match, version: int | None) -> None:
    """Raise what If-Match demands; where there is no agreement no version of it can match (RFC 9110 §13.1.1)."""
    if match.malformed is not None:
        raise Malformed([match.malformed])
    if version is None:
        if match.given:
            raise Stale(f"there is no agreement {agreement}", hint="send no If-Match to make one")
        return
    if not match.given:
        raise VersionRequired(
            f"agreement {agreement} is there already, and a change has to say which version it is based on",
            hint="send If-Match with the ETag that its document came with, or * for any",
        )
    if not match.any and max(version, 1) not in match.versions:
        raise _stale(agreement)


def _stale(agreement: str) -> Stale:
    detail = f"agreement {agreement}, or something in it, has changed since you read its document"
    return Stale(detail, hint="read it again, then repeat the change")


def _with_id(content: object, agreement: str) -> object:
    """Return a document with the id of its agreement, which its address says already."""
    entries = content.get("agreements") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(entries, list):
        return content
    named = [{"id": agreement, **entry} if isinstance(entry, dict) else entry for entry in entries[:1]]
    return {**content, "agreements": [*named, *entries[1:]]}


def _form_faults(content: object, agreement: str) -> Iterator[Fault]:
    """Yield the faults of a document that is not that of one agreement."""
    if not isinstance(content, dict):
        return  # gathering says so
    for name in SECTIONS:
        if name != "agreements" and content.get(name):
            detail = f"`{name}` cannot stand in the document of an agreement"
            yield Fault("other_things", detail, f"write {name} by themselves", f"/{name}")
    agreements = content.get("agreements")
    if not agreements:
        yield Fault("required", "`agreements` is missing", f"it holds agreement {agreement}", "/agreements")
    elif isinstance(agreements, list):
        for place, entry in enumerate(agreements):
            if place:
                detail = "a document holds one agreement"
                yield Fault("one_agreement", detail, "send one document for each", f"/agreements/{place}")
            elif isinstance(entry, dict) and entry.get("id", agreement) != agreement:
                detail = f"`id` is not {agreement}, whose document this is"
                yield Fault("other_id", detail, "ids never change", "/agreements/0/id")


def _claims(block: Block) -> Iterator[Fault]:
    """Yield a fault for each follow-up that gives who recorded it, or when, otherwise than is stored."""
    for key, resource in block.resources.items():
        now = block.plans[key].now
        for name in _RECORDED if resource.model is FollowUp else ():
            if name in resource.values and (now is None or now.get(name) != resource.values[name]):
                repeat = "" if now is None else f", or repeat what is stored: {now.get(name)}"
                fault = Fault(
                    "set_by_server", f"`{name}` is set by the server", f"leave it out{repeat}", f"/{name}"
                )
                yield resource.fault(fault)


def _refuse_to_lose(block: Block, now: AgreementValues | None) -> None:
    """Raise Conflict for stored follow-ups that a list leaves out."""
    clauses = cast("ExportedAgreement", now or {}).get("clauses", ())
    stored = {clause["id"]: clause["follow_ups"] for clause in clauses}
    lost = [
        f"follow-up {follow_up['id']} of clause {resource.id}"
        for resource in block.resources.values()
        if resource.model is Clause and "follow_ups" in resource.lists
        for follow_up in stored.get(resource.id, ())
        if ("follow_up", follow_up["id"]) not in block.resources
    ]
    if lost:
        raise Conflict(
            f"not in the document: {', '.join(lost)}",
            hint="DELETE what is to go first, or leave `follow_ups` out",
        )


def _write(change: Change, staged: StagedRows, options: LoadOptions, match: Match) -> None:
    try:
        outcome = write_staged(change, staged, staged.blocks, options)
    except Stale:
        if match.any:
            raise _contended() from None
        raise
    if outcome.missing:
        raise Conflict("; ".join(outcome.missing), hint="change or remove those first")


def _refuse_overtaken(database: Database, fetch: Fetch, agreement: str, seen: int, match: Match) -> None:
    """Raise if someone has changed the agreement, or what is in it, since this transaction looked.

    On PostgreSQL others may have committed meanwhile. Whoever holds the turn in which history is written
    is the next to commit, so what is seen now is what stands there then.
    """
    if not database.is_sqlite:
        fetch(_TAKE_TURN)
    if changes_of(fetch, agreement) != seen:
        raise _contended() if match.any else _stale(agreement)


def _contended() -> Contended:
    return Contended("too many changes of one thing at the same moment", hint="try again in a moment")


_RECORDED = ("recorded_by", "recorded_at")
_TAKE_TURN = Statement(select(func.pg_advisory_xact_lock(LOCK).cast(Text)))
