"""The loader: what files say, compared with what is there, written as the difference.

Everything is read and checked before the first write; then it is written in one transaction. Loading
never undoes what a person recorded, changed or removed, unless it is told to overwrite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from tracker import dates
from tracker.database import Author, Contended, Database, Statement
from tracker.errors import Conflict, Invalid, Malformed, Stale
from tracker.loading import checks, reading
from tracker.loading.seeds import Seeds, Thing, gather
from tracker.models import RESOURCES, Agreement, Clause, FollowUp, Quote, Resource
from tracker.queries.history import Fetch, history_of
from tracker.queries.representation import one, representation
from tracker.service import history, rows
from tracker.service.follow_ups import refresh_clause
from tracker.service.things import Values, merged, refuse_if_needed, shown_lists, whole

LOCK = 7_277_254
"""The advisory lock under which PostgreSQL's loaders take turns."""
LINES_AT_ONCE = 1_000
"""How many lines of a longer JSON Lines file are committed together."""
TRIES = 5

Progress = Callable[[int, int | None], None]


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


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a load treats what is there already."""

    overwrite: bool = False
    prune: bool = False
    missing_only: bool = False


def validate(
    paths: Sequence[str], *, database: Database | None = None, stdin: BinaryIO | None = None
) -> Counter[str]:
    """Check seed files without writing anything and count their things by table.

    Ids of a database that is there count as defined. Raises Invalid with every fault at its place.
    """
    seeds = _read(paths, stdin)
    fetch: Fetch = database.rows if database is not None else lambda statement, *values: []
    _raise_faults(seeds, fetch, dates.today(database.time_zone if database is not None else "Asia/Seoul"))
    return Counter(table for table, _ in seeds.things)


def load(
    database: Database,
    paths: Sequence[str],
    by: Author,
    *,
    stdin: BinaryIO | None = None,
    dry_run: bool = False,
    overwrite: bool = False,
    prune: bool = False,
    missing_only: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Load seed files: all of them, or with any fault none of them.

    A JSON Lines file of more than a thousand lines is committed a thousand lines at a time, safe to
    run again. ``missing_only`` leaves alone what is there. Raises Invalid with every fault.
    """
    seeds = _read(paths, stdin)
    wishes = Wishes(overwrite, prune, missing_only)
    outcome = Outcome()
    done = 0
    for part in _parts(seeds):
        for attempt in range(1, TRIES + 1):
            try:
                found = _load_part(database, seeds, part, by, wishes, dry_run, checked=done > 0)
                break
            except (Contended, Stale, Conflict):
                if attempt == TRIES:
                    raise
        outcome.add(found)
        done += len(part)
        if progress is not None:
            progress(done, len(seeds.things))
    return outcome


def _read(paths: Sequence[str], stdin: BinaryIO | None) -> Seeds:
    files = reading.files([path for path in paths if path != "-"])

    def documents() -> Iterator[reading.Document | Malformed]:
        for file in files:
            yield from reading.read(file)
        if "-" in paths and stdin is not None:
            yield from reading.read_stream(stdin)

    return gather(documents())


def _raise_faults(seeds: Seeds, fetch: Fetch, today: str) -> None:
    faults = [*seeds.faults, *checks.faults(seeds, fetch, today)]
    if faults:
        raise Invalid(sorted(faults, key=lambda fault: _in_order(fault.place)))


def _in_order(place: Any) -> tuple[str, int, int]:
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)


def _parts(seeds: Seeds) -> Iterator[list[Thing]]:
    """Give the things that are committed together: all, or those of a thousand lines."""
    things = list(seeds.things.values())
    lines = {
        (thing.document.name, thing.document.line_of_lines)
        for thing in things
        if thing.document.line_of_lines
    }
    if len(lines) <= LINES_AT_ONCE:
        yield things
        return
    part: list[Thing] = []
    counted: set[tuple[str, int | None]] = set()
    for thing in things:
        line = (thing.document.name, thing.document.line_of_lines)
        if line not in counted and len(counted) == LINES_AT_ONCE:
            yield part
            part, counted = [], set()
        counted.add(line)
        part.append(thing)
    yield part


def _load_part(
    database: Database,
    seeds: Seeds,
    part: list[Thing],
    by: Author,
    wishes: Wishes,
    dry_run: bool,
    *,
    checked: bool,
) -> Outcome:
    with database.write(by, dry_run=dry_run) as session:
        if not database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})

        def fetch(statement: Statement, *values: Any) -> list[Any]:
            return statement.rows(session, *values)

        if not checked:
            _raise_faults(seeds, fetch, session.info["today"])
        _defer_references(database, session)
        return _Loading(session, fetch, wishes).run(part)


def _defer_references(database: Database, session: Session) -> None:
    """Let things refer to others that follow in the same transaction."""
    session.execute(
        text("PRAGMA defer_foreign_keys = ON" if database.is_sqlite else "SET CONSTRAINTS ALL DEFERRED")
    )


class _Loading:
    """One transaction's work: the difference for each thing, written, noted once for each root."""

    def __init__(self, session: Session, fetch: Fetch, wishes: Wishes) -> None:
        self.session = session
        self.fetch = fetch
        self.wishes = wishes
        self.outcome = Outcome()
        self.before: dict[tuple[str, str], history.Snapshot] = {}
        self.after: dict[tuple[str, str], history.Snapshot] = {}
        self.new: dict[type[Resource], list[Values]] = {model: [] for model in RESOURCES.values()}
        self.clauses: dict[str, None] = {}
        self.gone: set[tuple[str, str]] = set()

    def run(self, things: list[Thing]) -> Outcome:
        for thing in things:
            self._compare(thing)
        for model, values in self.new.items():
            rows.insert_things(self.session, model, values)
        for clause in self.clauses:
            refresh_clause(self.session, clause)
        for thing in things:
            if thing.model is Agreement and not self.wishes.missing_only:
                self._look_for_missing(thing, things)
        self._note()
        return self.outcome

    def _compare(self, thing: Thing) -> None:
        stored = self.fetch(one(thing.model), thing.id)
        table = thing.model.__tablename__
        if not stored:
            self._create(thing)
            return
        now = representation(thing.model).values(stored[0])
        changes = {} if self.wishes.missing_only else merged(thing.model, now, thing.values)
        if thing.model is FollowUp and changes:
            changes = self._changes_of_follow_up(thing, now, changes)
        elif changes and not self.wishes.overwrite:
            changes = self._without_kept(thing, now, changes)
        if not changes:
            self.outcome.unchanged[table] += 1
            return
        if thing.model is Clause and changes.get("due") and now["first_due"] is None:
            changes.setdefault("first_due", changes["due"])
        rows.update_thing(self.session, thing.model, thing.id, now["version"], changes)
        after = {**now, **shown_lists(thing.model, changes), "version": now["version"] + 1}
        self._noted(thing.root, table, now, after)
        if thing.model is FollowUp:
            self.clauses[now["clause"]] = None
        self.outcome.updated[table] += 1
        self.outcome.changes.append(f"change {thing.model.noun} {thing.id}: {', '.join(changes)}")

    def _create(self, thing: Thing) -> None:
        table = thing.model.__tablename__
        if self._stays_removed(thing):
            self.gone.add(thing.key)
            return
        values = dict(thing.values)
        if thing.model is FollowUp:
            claimed = "recorded_by" in values or "recorded_at" in values
            values = {
                "recorded_by": self.session.info["by"].name,
                "recorded_at": dates.utc_now(),
                **values,
                "recorded_claimed": claimed,
            }
            self.clauses[values["clause"]] = None
        if thing.model is Clause and values.get("due"):
            values.setdefault("first_due", values["due"])
        values["version"] = self._version(thing)
        self.new[thing.model].append(values)
        self._noted(thing.root, table, None, whole(thing.model, values))
        self.outcome.created[table] += 1
        self.outcome.changes.append(f"create {thing.model.noun} {thing.id}")

    def _stays_removed(self, thing: Thing) -> bool:
        """Whether a person removed it, or what it belongs to; said once for what was removed itself."""
        if self.wishes.overwrite:
            return False
        parent = _parent(thing)
        if parent in self.gone:
            return True
        last = self._history(thing)[-1:]
        if last and last[0]["after"] is None and last[0]["action"] != "load":
            entry = last[0]
            self.outcome.removed.append(
                f"{thing.model.noun} {thing.id} stays removed: {entry['actor']} removed it on {entry['at'][:10]};"
                " --overwrite brings it back"
            )
            return True
        return False

    def _changes_of_follow_up(self, thing: Thing, now: Values, changes: Values) -> Values:
        """A follow-up that a person recorded or changed is never touched."""
        person = [entry for entry in self._history(thing) if entry["action"] != "load"]
        if person:
            self.outcome.kept.append(
                f"follow-up {thing.id} stays as {person[-1]['actor']} left it on {person[-1]['at'][:10]}"
            )
            return {}
        if {"recorded_by", "recorded_at"} & changes.keys():
            changes["recorded_claimed"] = True
        return changes

    def _without_kept(self, thing: Thing, now: Values, changes: Values) -> Values:
        """Leave out what a person changed since a file last said it."""
        by_person: dict[str, str] = {}
        for entry in self._history(thing):
            before, after = entry["before"] or {}, entry["after"] or {}
            for name in changes:
                if before.get(name) != after.get(name):
                    by_person.pop(name, None)
                    if entry["action"] != "load":
                        by_person[name] = f"{entry['actor']} changed it on {entry['at'][:10]}"
        for name, who in by_person.items():
            self.outcome.kept.append(
                f"`{name}` of {thing.model.noun} {thing.id} is kept: {who}; --overwrite takes the file's"
            )
        return {name: value for name, value in changes.items() if name not in by_person}

    def _history(self, thing: Thing) -> list[dict[str, Any]]:
        entries, following = history_of(self.fetch, thing.model, thing.id)
        while following is not None:
            more, following = history_of(self.fetch, thing.model, thing.id, after=following)
            entries += more
        return [entry for entry in entries if entry["resource_id"] == thing.id]

    def _version(self, thing: Thing) -> int:
        """Give the first version of a thing, or the next one of a thing that was removed."""
        used = [
            side["version"]
            for entry in self._history(thing)
            for side in (entry["before"], entry["after"])
            if side is not None and "version" in side
        ]
        return max(used, default=0) + 1

    def _look_for_missing(self, agreement: Thing, things: list[Thing]) -> None:
        given = {thing.id for thing in things if thing.model in (Clause, Quote)}
        for model, name in ((Quote, "quotes"), (Clause, "clauses")):
            if name not in agreement.lists:
                continue
            for (id,) in self.fetch(_CHILDREN[model], agreement.id):
                if id not in given:
                    self._missing(model, id, agreement)

    def _missing(self, model: type[Resource], id: str, agreement: Thing) -> None:
        said = f"{model.noun} {id} is not in {agreement.document.name}"
        if not self.wishes.prune:
            self.outcome.missing.append(f"{said}; --prune removes it")
            return
        try:
            refuse_if_needed(self.session, model, id)
        except Conflict as conflict:
            self.outcome.missing.append(f"{said}, but stays: {conflict.detail}")
            return
        now = representation(model).values(self.fetch(one(model), id)[0])
        rows.delete_thing(self.session, model, id, now["version"])
        self._noted(agreement.root, model.__tablename__, now, None)
        self.outcome.pruned[model.__tablename__] += 1
        self.outcome.changes.append(f"remove {model.noun} {id}")

    def _noted(self, root: tuple[str, str], table: str, before: Values | None, after: Values | None) -> None:
        for side, values in ((self.before, before), (self.after, after)):
            if values is not None:
                side.setdefault(root, {}).setdefault(table, {})[values["id"]] = history.kept(table, values)

    def _note(self) -> None:
        for root in {**self.before, **self.after}:
            action = "load" if self.session.info["by"].loading else "replace"
            history.note(self.session, root, action, root, self.before.get(root), self.after.get(root))


def _parent(thing: Thing) -> tuple[str, str] | None:
    if thing.model is FollowUp:
        return "clause", thing.values["clause"]
    return ("agreement", thing.values["agreement"]) if thing.model in (Clause, Quote) else None


_CHILDREN: dict[type[Resource], Statement] = {
    model: Statement(
        select(model.__table__.c.id)
        .where(model.__table__.c.agreement == bindparam("agreement"))
        .order_by(model.__table__.c.number),
        "agreement",
    )
    for model in (Clause, Quote)
}
