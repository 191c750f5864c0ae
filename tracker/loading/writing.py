"""Writing what is planned: many rows a statement, and one change of history for each root."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from sqlalchemy import select

from tracker import dates
from tracker.database.changes import Change, Snapshot
from tracker.database.statements import Among, Fetch, Statement
from tracker.errors import Conflict
from tracker.loading.plan import Key, Planned, Plans, Wishes
from tracker.loading.seeds import Thing
from tracker.models import RESOURCES, Agreement, Clause, FollowUp, Quote, Resource, table_of
from tracker.models.values import FollowUpValues
from tracker.queries.representation import one, representation
from tracker.services import history, rows
from tracker.services.resources import Values, entries_with_defaults, refuse_if_referenced, with_list_defaults
from tracker.services.statuses import Finding, current, finding_of, stored_findings


@dataclass(slots=True)
class Outcome:
    """What a load did, by table, and what it left as it was, in sentences."""

    created: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    pruned: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Add what another part of the same load did."""
        for name in ("created", "updated", "unchanged", "pruned"):
            getattr(self, name).update(getattr(other, name))
        for name in ("kept", "missing", "removed", "changes"):
            getattr(self, name).extend(getattr(other, name))

    def leave(self, thing: Thing, plan: Planned) -> None:
        """Note what is left as it is of a thing."""
        self.kept += plan.kept
        self.removed += plan.removed
        if not plan.gone and plan.now is not None and not plan.changes:
            self.unchanged[thing.model.__tablename__] += 1


class Writing:
    """The difference for each thing of a block, written, noted once for each root."""

    def __init__(self, change: Change, fetch: Fetch, wishes: Wishes) -> None:
        self.change = change
        self.fetch = fetch
        self.wishes = wishes
        self.outcome = Outcome()
        self._before: dict[Key, Snapshot] = {}
        self._after: dict[Key, Snapshot] = {}
        self._new: dict[type[Resource], list[Values]] = {model: [] for model in RESOURCES.values()}
        self._updates: dict[type[Resource], list[rows.Update]] = {}
        self._followed: dict[str, list[Finding]] = {}
        self._touched: dict[str, None] = {}

    def run(
        self, things: Sequence[Thing], planned: Plans, elsewhere: Callable[[list[Key]], set[Key]]
    ) -> Outcome:
        """Write what is planned for these things.

        ``elsewhere`` tells which of some things the same run has in other blocks.
        """
        for thing in things:
            plan = planned[thing.key]
            self.outcome.leave(thing, plan)
            if plan.gone:
                continue
            if plan.now is None:
                self._create(thing, plan.changes)
            elif plan.changes:
                self._change(thing, plan.now, plan.changes)
        for model, updates in self._updates.items():
            rows.update_rows(self.change, model, updates)
        self._insert()
        self._refresh()
        if not self.wishes.missing_only:
            for agreement, model, id in missing_children(things, planned, self.fetch, elsewhere):
                self._missing(model, id, agreement)
        self._note()
        return self.outcome

    def _change(self, thing: Thing, now: Values, changes: Values) -> None:
        self._updates.setdefault(thing.model, []).append(rows.Update(thing.id, now["version"], changes))
        table = thing.model.__tablename__
        after = {**now, **with_list_defaults(thing.model, changes), "version": now["version"] + 1}
        self._noted(thing.root, table, history.kept(table, now), history.kept(table, after))
        if thing.model is FollowUp:
            self._touched[now["clause"]] = None
        self.outcome.updated[table] += 1
        self.outcome.changes.append(f"change {thing.model.noun} {thing.id}: {', '.join(changes)}")

    def _create(self, thing: Thing, values: Values) -> None:
        if thing.model is FollowUp:
            stamps = {"recorded_by": self.change.who.name, "recorded_at": dates.utc_now()}
            claimed = bool(stamps.keys() & values.keys())
            values = {**stamps, **values, "recorded_claimed": claimed}
            finding = finding_of(cast("FollowUpValues", values), thing.id)
            if finding is not None:
                self._followed.setdefault(values["clause"], []).append(finding)
        table = thing.model.__tablename__
        self._new[thing.model].append(values)
        self._noted(thing.root, table, None, _fresh(thing.model, values))
        self.outcome.created[table] += 1
        self.outcome.changes.append(f"create {thing.model.noun} {thing.id}")

    def _insert(self) -> None:
        """Insert what is new; a new clause with the statuses that its follow-ups, new as well, give it."""
        for model, things in self._new.items():
            if model is Clause:
                things = [  # noqa: PLW2901  # the same, with statuses
                    {**values, **current(found).columns()}
                    if (found := self._followed.pop(values["id"], None))
                    else values
                    for values in things
                ]
            rows.insert_rows(self.change, model, things)

    def _refresh(self) -> None:
        """Set the current statuses of the clauses that were there already and whose follow-ups changed."""
        clauses = [*self._touched, *self._followed]
        if clauses:
            found = stored_findings(self.fetch, clauses)
            statuses = {id: current(found.get(id, ())).columns() for id in dict.fromkeys(clauses)}
            rows.set_columns_of(self.change, Clause, statuses)

    def _missing(self, model: type[Resource], id: str, agreement: Thing) -> None:
        said = f"{model.noun} {id} is not in {agreement.document.name}"
        try:
            refuse_if_referenced(self.change, model, id)
        except Conflict as conflict:
            self.outcome.missing.append(f"{said}, but stays: {conflict.detail}")
            return
        if not self.wishes.prune:
            self.outcome.missing.append(f"{said}; --prune removes it")
            return
        now = representation(model).values(self.fetch(one(model), id)[0])
        rows.delete_row(self.change, model, id, now["version"])
        table = model.__tablename__
        self._noted(agreement.root, table, history.kept(table, now), None)
        self.outcome.pruned[table] += 1
        self.outcome.changes.append(f"remove {model.noun} {id}")

    def _noted(self, root: Key, table: str, before: Values | None, after: Values | None) -> None:
        for side, values in ((self._before, before), (self._after, after)):
            if values is not None:
                side.setdefault(root, {}).setdefault(table, {})[values["id"]] = values

    def _note(self) -> None:
        action = "load" if self.change.who.loading else "replace"
        for root in {**self._before, **self._after}:
            history.record(self.change, root, action, root, self._before.get(root), self._after.get(root))


def missing_children(
    things: Iterable[Thing], planned: Plans, fetch: Fetch, elsewhere: Callable[[list[Key]], set[Key]]
) -> list[tuple[Thing, type[Resource], str]]:
    """Give the clauses and quotes that are stored and that files do not have, with their agreements.

    They are looked for in agreements whose clauses or quotes a file lists.
    """
    given = {thing.key for thing in things if thing.model in (Clause, Quote)}
    listing = [
        thing
        for thing in things
        if thing.model is Agreement and thing.lists and planned[thing.key].now is not None
    ]
    stored: dict[type[Resource], dict[str, list[str]]] = {Quote: {}, Clause: {}}
    for model, name in _LISTS:
        ids = [agreement.id for agreement in listing if name in agreement.lists]
        for agreement, id in fetch(_CHILDREN[model], ids) if ids else ():
            if (model.__tablename__, id) not in given:
                stored[model].setdefault(agreement, []).append(id)
    found = [
        (agreement, model, id)
        for agreement in listing
        for model, _ in _LISTS
        for id in stored[model].get(agreement.id, ())
    ]
    others = elsewhere([(model.__tablename__, id) for _, model, id in found]) if found else set()
    return [each for each in found if (each[1].__tablename__, each[2]) not in others]


def _fresh(model: type[Resource], values: Values) -> Values:
    """Give a new thing as history keeps it: what is not there is null, empty, or its default."""
    blank = _kept(model)
    found = dict(zip(blank.names, blank.under(values), strict=True))
    for nested in model.nested:
        if found[nested.name]:
            found[nested.name] = entries_with_defaults(model, nested.name, found[nested.name])
    return found


@cache
def _kept(model: type[Resource]) -> rows.RowDefaults:
    lists = {nested.name for nested in model.nested}
    return rows.RowDefaults.of(
        (name, () if name in lists else rows.default_of(model, name))
        for name in history.kept_names(model.__tablename__)
    )


_LISTS: tuple[tuple[type[Resource], str], ...] = ((Quote, "quotes"), (Clause, "clauses"))
_CHILDREN: dict[type[Resource], Statement] = {
    model: Statement(
        select(table_of(model).c.agreement, table_of(model).c.id)
        .where(Among(table_of(model).c.agreement, "agreements"))
        .order_by(table_of(model).c.agreement, table_of(model).c.number),
        "agreements",
    )
    for model, _ in _LISTS
}
