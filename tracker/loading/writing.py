"""Writing what is planned: many rows a statement, and one change of history for each root."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from tracker import dates
from tracker.database.changes import Change, Snapshot
from tracker.errors import Conflict
from tracker.loading.plan import Key, LoadOptions, MissingChild, Planned
from tracker.loading.seeds import StagedResource
from tracker.models import RESOURCES, Agreement, Clause, FollowUp, Resource
from tracker.models.values import FollowUpValues, ResourceValues, Values
from tracker.queries.representation import current as current_values
from tracker.services import history, rows
from tracker.services.resources import entries_with_defaults, refuse_if_referenced, with_list_defaults
from tracker.services.signing import early_in
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
    warnings: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Add what another part of the same load did."""
        for name in ("created", "updated", "unchanged", "pruned"):
            getattr(self, name).update(getattr(other, name))
        for name in ("kept", "missing", "removed", "changes", "warnings"):
            getattr(self, name).extend(getattr(other, name))

    def leave(self, resource: StagedResource, plan: Planned) -> None:
        """Count what is left as it is of a resource."""
        self.kept += plan.kept
        self.removed += plan.removed
        if not plan.gone and plan.now is not None and not plan.changes:
            self.unchanged[resource.model.__tablename__] += 1


class Writing:
    """What is planned of the resources of a block, written, and recorded once for each root."""

    def __init__(self, change: Change, options: LoadOptions) -> None:
        self.outcome = Outcome()
        self._change = change
        self._options = options
        self._before: dict[Key, Snapshot] = {}
        self._after: dict[Key, Snapshot] = {}
        self._new: dict[type[Resource], list[Values]] = {model: [] for model in RESOURCES.values()}
        self._updates: dict[type[Resource], list[rows.Update]] = {}
        self._followed: dict[str, list[Finding]] = {}
        self._touched: dict[str, None] = {}

    def run(
        self, changed: Iterable[tuple[StagedResource, Planned]], missing: Iterable[MissingChild]
    ) -> Outcome:
        """Write what changes of these resources, and remove what is missing in the files where that is wanted."""
        for resource, plan in changed:
            if plan.now is None:
                self._create(resource, plan.changes)
            else:
                self._update(resource, plan.now, plan.changes)
        for model, updates in self._updates.items():
            rows.update_rows(self._change, model, updates)
        self._insert()
        self._refresh()
        moved = [update.id for update in self._updates.get(Agreement, ()) if "signed_on" in update.values]
        if moved:
            self.outcome.warnings += early_in(self._change.rows, moved)
        for child in missing:
            self._remove(child)
        action = "load" if self._change.who.loading else "replace"
        for root in {**self._before, **self._after}:
            history.record(self._change, root, action, root, self._before.get(root), self._after.get(root))
        return self.outcome

    def _update(self, resource: StagedResource, now: ResourceValues, changes: Values) -> None:
        self._updates.setdefault(resource.model, []).append(rows.Update(resource.id, now["version"], changes))
        table = resource.key[0]
        after = {**now, **with_list_defaults(resource.model, changes), "version": now["version"] + 1}
        self._record(resource.root, table, history.kept(table, now), history.kept(table, after))
        if resource.model is FollowUp:
            self._touched[cast("FollowUpValues", now)["clause"]] = None
        self.outcome.updated[table] += 1
        self.outcome.changes.append(f"change {resource.model.noun} {resource.id}: {', '.join(changes)}")

    def _create(self, resource: StagedResource, values: Values) -> None:
        if resource.model is FollowUp:
            stamps = {"recorded_by": self._change.who.name, "recorded_at": dates.utc_now()}
            claimed = bool(stamps.keys() & values.keys())
            values = {**stamps, **values, "recorded_claimed": claimed}
            follow_up = cast("FollowUpValues", values)
            finding = finding_of(follow_up, resource.id)
            if finding is not None:
                self._followed.setdefault(follow_up["clause"], []).append(finding)
        self._new[resource.model].append(values)
        self._record(resource.root, resource.key[0], None, _fresh(resource.model, values))
        self.outcome.created[resource.key[0]] += 1
        self.outcome.changes.append(f"create {resource.model.noun} {resource.id}")

    def _insert(self) -> None:
        """Insert what is new; a new clause with the statuses that its follow-ups, new as well, give it."""
        for model, resources in self._new.items():
            if model is Clause:
                resources = [self._with_statuses(values) for values in resources]  # noqa: PLW2901
            rows.insert_rows(self._change, model, resources)

    def _with_statuses(self, clause: Values) -> Values:
        findings = self._followed.pop(str(clause["id"]), None)
        return {**clause, **current(findings).columns()} if findings else clause

    def _refresh(self) -> None:
        """Set the current statuses of the clauses that were there already and whose follow-ups changed."""
        clauses = list(dict.fromkeys([*self._touched, *self._followed]))
        if clauses:
            findings = stored_findings(self._change.rows, clauses)
            statuses = {id: current(findings.get(id, ())).columns() for id in clauses}
            rows.set_columns_of(self._change, Clause, statuses)

    def _remove(self, child: MissingChild) -> None:
        model, id = RESOURCES[child.kind], child.id
        now = current_values(self._change, model, id)
        if now is None:  # somebody was faster
            return
        sentence = f"{model.noun} {id} is not in {child.file}"
        try:
            refuse_if_referenced(self._change, model, id)
        except Conflict as conflict:
            self.outcome.missing.append(f"{sentence}, but stays: {conflict.detail}")
            return
        if not self._options.prune:
            self.outcome.missing.append(f"{sentence}; --prune removes it")
            return
        rows.delete_row(self._change, model, id, now["version"])
        self._record(("agreement", child.agreement), child.kind, history.kept(child.kind, now), None)
        self.outcome.pruned[child.kind] += 1
        self.outcome.changes.append(f"remove {model.noun} {id}")

    def _record(self, root: Key, table: str, before: Values | None, after: Values | None) -> None:
        for side, values in ((self._before, before), (self._after, after)):
            if values is not None:
                side.setdefault(root, {}).setdefault(table, {})[str(values["id"])] = values


def _fresh(model: type[Resource], values: Values) -> Values:
    """Return a new resource as history keeps it: what is not there is null, empty, or its default."""
    defaults = _kept(model)
    kept = dict(zip(defaults.names, defaults.under(values), strict=True))
    for nested in model.nested:
        if kept[nested.name]:
            kept[nested.name] = entries_with_defaults(model, nested.name, kept[nested.name])
    return kept


@cache
def _kept(model: type[Resource]) -> rows.RowDefaults:
    lists = {nested.name for nested in model.nested}
    return rows.RowDefaults.of(
        (name, () if name in lists else rows.default_of(model, name))
        for name in history.kept_names(model.__tablename__)
    )
