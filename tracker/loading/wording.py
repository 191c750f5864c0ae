"""Whether words are those of a promise: as they stand, or as they stood before somebody corrected them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from tracker.database.statements import Fetch
from tracker.errors import Fault
from tracker.loading.chains import histories
from tracker.loading.index import Block
from tracker.loading.plan import Planned
from tracker.loading.seeds import StagedResource
from tracker.models import Clause, Resource
from tracker.models.values import ClauseValues
from tracker.queries.history import with_merged
from tracker.services.statuses import stored_findings

_SHOWN = 60
"""How many characters of a text a fault shows."""


def same_words(one: str, other: str) -> bool:
    """Return whether two texts are the same but for spaces and line breaks, which spreadsheets change."""
    return one.split() == other.split()


def shown(text: str) -> str:
    """Return a text on one line, cut, as faults show it."""
    line = " ".join(text.split())
    return f"`{line[:_SHOWN]}…`" if len(line) > _SHOWN else f"`{line}`"


def former_values(fetch: Fetch, model: type[Resource], id: str, name: str) -> list[Any]:
    """Return every value that a field of a resource had, of a party also those of parties merged into it."""
    keys = [(model.__tablename__, own) for own in with_merged(fetch, model, id)]
    entries = histories(keys, [], fetch)
    sides = [
        side for key in keys for entry in entries.get(key, ()) for side in (entry.before, entry.after) if side
    ]
    return [side[name] for side in sides if side.get(name) is not None]


def once_said(fetch: Fetch, clause: str, words: str) -> bool:
    """Return whether a clause had these words before somebody changed them."""
    return any(same_words(words, former) for former in former_values(fetch, Clause, clause, "text"))


def reworded(block: Block, fetch: Fetch) -> Iterator[Fault]:
    """Yield a fault for each clause that a sheet gives other words than those its follow-ups were given for.

    A seed file names its clauses, so that other words there are a correction; a sheet is typed, sorted and
    numbered anew, and a status must not pass on to another promise.
    """
    differing = list(_differing(block))
    if not differing:
        return
    findings = stored_findings(fetch, [resource.id for resource, _ in differing])
    for resource, plan in differing:
        count = len(findings.get(resource.id, ()))
        words = str(resource.values["text"])
        is_rewritten = "text" in plan.changes
        if count if is_rewritten else not once_said(fetch, resource.id, words):
            yield resource.fault(_other_words(resource.id, words, _stored_words(plan), count))


def _differing(block: Block) -> Iterator[tuple[StagedResource, Planned]]:
    for key, resource in block.resources.items():
        if resource.model is not Clause or not resource.document.is_sheet:
            continue
        plan, words = block.plans[key], resource.values.get("text")
        if plan.now is not None and words is not None and not same_words(str(words), _stored_words(plan)):
            yield resource, plan


def _stored_words(plan: Planned) -> str:
    return cast("ClauseValues", plan.now)["text"]


def _other_words(clause: str, words: str, stored: str, count: int) -> Fault:
    follow_ups = "1 follow-up" if count == 1 else f"{count} follow-ups"
    detail = f"this row shows {shown(words)}, but clause {clause}, which has {follow_ups}, is {shown(stored)}"
    hint = (
        "another promise needs a number of its own (--renumber gives the next one); "
        "to correct the words, load a seed file that names the clause"
    )
    return Fault("other_words", detail, hint, "/text")
