"""No change without an event: history tells the whole of what is stored, whichever way it was written.

After random changes through every way of writing, the last thing that history says of each thing is what is
stored of it. And many writers at once leave no gap and no fork, while whoever checks meanwhile finds nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from tests.api import Api
from tests.loads import PERSON, TOWN, stored, told
from tracker.database.changes import Author, Change
from tracker.database.engine import Database, open_database
from tracker.database.statements import Row, Statement
from tracker.errors import Conflict, Contended, Stale, TrackerError, Unavailable
from tracker.models import RESOURCES, Agreement, Clause, Party
from tracker.models.values import ClauseValues
from tracker.queries.history import changes, history_of, positions_of
from tracker.services import (
    ANY,
    create_part,
    history,
    record_follow_up,
    remove_resource,
    update_resource,
)
from tracker.services.checking import problems
from tracker.services.history import gather, kept, record, snapshot
from tracker.services.merging import merge_party
from tracker.services.redaction import redact

ROUNDS = 90
PROCESSES, THREADS, CHANGES = 2, 8, 5
MORE = "  - {id: borough, kind: organisation, name: Borough}\n  - {id: county, kind: organisation, name: County}\n"
State = dict[str, dict[str, Any]]


def state_of(database: Database) -> State:
    """Return what history keeps of everything that is stored."""
    found: State = {}
    with database.engine.connect() as connection:
        for table in RESOURCES:
            for (id,) in connection.exec_driver_sql(f"SELECT id FROM {table}").all():
                found[f"{table} {id}"] = kept(table, stored(database, table, id) or {})
    return found


def rebuilt(database: Database) -> State:
    """Return what history says that is stored: of each thing what its last entry left."""
    found: State = {}
    with database.engine.connect() as connection:
        texts = {
            (place, digest): text
            for place, digest, text in connection.exec_driver_sql(
                "SELECT change, digest, text FROM change_text"
            )
        }
        rows = connection.exec_driver_sql('SELECT place, "before", "after" FROM change ORDER BY place').all()
    for place, before, after in rows:
        for table, things in json.loads(before or "{}").items():
            for id in things:
                found.pop(f"{table} {id}", None)
        for table, things in json.loads(after or "{}").items():
            for id, values in things.items():
                found[f"{table} {id}"] = opened(values, place, texts)
    return found


def opened(value: Any, place: int, texts: dict[tuple[int, str], str | None]) -> Any:
    """Return a value with its texts in their places."""
    if isinstance(value, list):
        return [opened(each, place, texts) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"sha256"}:
        return texts[place, value["sha256"]]
    return {name: opened(each, place, texts) for name, each in value.items()}


# Every way of writing


@pytest.mark.parametrize("seed", range(2))
def test_history_rebuilds_what_every_way_of_writing_left(database: Database, seed: int) -> None:
    told(database, TOWN.replace("agreements:", f"{MORE}agreements:"))
    world = World(Api(database), random.Random(seed))
    for number in range(ROUNDS):
        world.act(number)
        if number % 15 == 0:
            assert rebuilt(database) == state_of(database), world.done
    assert rebuilt(database) == state_of(database), world.done
    assert list(problems(database)) == []
    assert {*WAYS} - world.done.keys() == set()


class World:
    """Somebody who changes things in every way there is, at random; refusals are no matter."""

    def __init__(self, api: Api, chance: random.Random) -> None:
        self.api, self.chance = api, chance
        self.done: Counter[str] = Counter()
        self.words = ""

    def act(self, number: int) -> None:
        way = [*WAYS][number % len(WAYS)]
        self.words = f"말 {number}"
        try:
            answer = WAYS[way](self)
        except TrackerError:
            return
        if answer is None or answer.status < 300:
            self.done[way] += 1

    def any(self, path: str) -> str:
        ids = self.api.ids(path)
        return str(self.chance.choice(ids)) if ids else "none"

    def follow_up(self) -> dict[str, Any]:
        return {
            "track": self.chance.choice(["reported", "verified"]),
            "status": self.chance.choice(["in_progress", "behind", "met"]),
            "effective_on": self.chance.choice(["2021", "2022-03"]),
            "note": self.words,
            "evidence": [{"reference": self.words, "title": self.words}],
        }


def created(world: World) -> Any:
    kind = world.chance.choice(["parties", "sources", "initiatives", "agreements"])
    id = f"new-{world.chance.randrange(10**6)}"
    contents: dict[str, dict[str, Any]] = {
        "parties": {"kind": "person", "name": world.words, "affiliations": [{"organisation": "town", "role": "x"}]},
        "sources": {"kind": "other", "title": world.words},
        "initiatives": {"kind": "series", "name": world.words},
        "agreements": {"kind": "mou", "title": world.words, "parties": [{"party": "county"}]},
    }  # fmt: skip
    return world.api.post(f"/v1/{kind}", {"id": id, **contents[kind]})


def part(world: World) -> Any:
    path, kind = world.chance.choice([("clauses", "listed"), ("quotes", "direct")])
    agreement = world.any("/v1/agreements")
    return world.api.post(f"/v1/agreements/{agreement}/{path}", {"kind": kind, "text": world.words})


def changed(world: World) -> Any:
    kind = world.chance.choice(["parties", "agreements", "clauses", "quotes", "follow-ups"])
    name = {"parties": "description", "agreements": "purpose", "follow-ups": "note"}.get(kind, "text")
    return world.api.patch(f"/v1/{kind}/{world.any(f'/v1/{kind}')}?comment=c", {name: world.words})


def removed(world: World) -> Any:
    kind = world.chance.choice(["agreements", "clauses", "quotes", "follow-ups", "sources"])
    return world.api.delete(f"/v1/{kind}/{world.any(f'/v1/{kind}')}", role="admin")


def recorded(world: World) -> Any:
    return world.api.post(f"/v1/clauses/{world.any('/v1/clauses')}/follow-ups", world.follow_up())


def batched(world: World) -> Any:
    many = [{"clause": world.any("/v1/clauses"), **world.follow_up()} for _ in range(3)]
    return world.api.post("/v1/follow-ups:batch", {"follow_ups": many})


def put(world: World) -> Any:
    path = f"/v1/agreements/{world.any('/v1/agreements')}/document"
    document = world.api.get(path, role="editor").json
    document["agreements"][0] |= {"title": world.words}
    if world.chance.random() < 0.3:
        document["agreements"][0]["quotes"] = []
    return world.api.ask("PUT", path, document, role="editor", if_match="*")


def loaded(world: World) -> None:
    text = TOWN.replace("text: second", f"text: {world.words}").replace(
        "title: Deal", f"title: D {world.words}"
    )
    told(world.api.database, text, overwrite=True, prune=world.chance.random() < 0.5)


def merged(world: World) -> None:
    people = [id for id in world.api.ids("/v1/parties?kind=person") if id != "mayor"]
    pair = people if len(people) > 1 else ["borough", "county"]
    with world.api.database.write(PERSON) as change:
        merge_party(change, pair[0], pair[-1])


def reverted(world: World) -> Any:
    place = world.chance.choice(world.api.ids("/v1/changes?limit=200")[-12:])
    return world.api.post(f"/v1/changes/{place}:revert", {}, role="admin")


def redacted(world: World) -> None:
    table, path = world.chance.choice(
        [("clause", "clauses"), ("party", "parties"), ("agreement", "agreements")]
    )
    with world.api.database.write(PERSON) as change:
        redact(change, RESOURCES[table], world.any(f"/v1/{path}"))


WAYS: dict[str, Callable[[World], Any]] = {
    each.__name__: each
    for each in (
        created, part, changed, recorded, batched, put, loaded, merged, reverted, removed, redacted,
    )
}  # fmt: skip


# Many at once


def test_sixteen_writers_leave_no_gap_and_nobody_is_accused(database: Database, database_url: str) -> None:
    told(database, TOWN)
    before = len(places(database))
    checks = 0
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        working = [pool.submit(written, database_url, number) for number in range(PROCESSES)]
        while not all(each.done() for each in working):
            assert list(problems(database)) == []
            checks += 1
        acknowledged = sum(each.result() for each in working)
    found = places(database)
    assert found == list(range(1, len(found) + 1))
    assert len(found) - before == acknowledged == PROCESSES * THREADS * CHANGES
    assert list(problems(database)) == []
    assert rebuilt(database) == state_of(database)
    assert checks > 1


def places(database: Database) -> list[int]:
    with database.engine.connect() as connection:
        return [place for (place,) in connection.exec_driver_sql("SELECT place FROM change ORDER BY place")]


def written(url: str, process: int) -> int:
    """Let threads write to two clauses and a party; give how many changes were acknowledged."""
    database = open_database(url)

    def write(thread: int) -> int:
        return sum(one_written(database, f"{process}.{thread}.{number}") for number in range(CHANGES))

    with ThreadPoolExecutor(THREADS) as pool:
        count = sum(pool.map(write, range(THREADS)))
    database.close()
    return count


def one_written(database: Database, words: str) -> int:
    chance = random.Random(words)
    clause, way = f"deal.{chance.choice([1, 2])}", chance.randrange(4)
    follow_up = {"track": "reported", "status": "in_progress", "effective_on": "2021", "note": words}
    for _ in range(300):
        try:
            with database.write(Author(words)) as change:
                if way == 0:
                    update_resource(change, Clause, clause, {"text": words}, ANY)
                elif way == 1:
                    update_resource(change, Party, "town", {"description": words}, ANY)
                else:
                    record_follow_up(change, clause, follow_up)
            return 1
        except Unavailable:  # told to come back
            time.sleep(chance.random() / 20)
    return 0


def test_what_is_gathered_leads_from_the_first_state_to_the_last(database: Database) -> None:
    """Of a resource that changed twice, what stood between is in no entry."""
    told(database, TOWN)
    root, first, second = ("agreement", "deal"), ("clause", "deal.1"), ("clause", "deal.2")
    with database.write(PERSON) as change:
        for clause, before, after in ((first, "a", "b"), (second, "x", "y"), (first, "b", "c")):
            sides = (snapshot("clause", ClauseValues(id=clause[1], text=text)) for text in (before, after))
            record(change, root, "update", clause, *sides)
        gather(change, "revert")
    entry = history_of(database.rows, Agreement, "deal")[0][-1]
    assert (entry["action"], entry["resource"], entry["resource_id"]) == ("revert", "agreement", "deal")
    texts = {"before": ["a", "x"], "after": ["c", "y"]}
    assert {
        side: [clause["text"] for clause in (entry[side] or {})["clauses"]] for side in ("before", "after")
    } == texts


def test_a_number_is_the_next_one_of_its_own_agreement(database: Database) -> None:
    """Numbers that others have used do not count, however alike their ids; its own do, removed ones too."""
    told(database, TOWN)
    for other in ("dea", "deal-2", "deal2"):
        told(database, TOWN.replace("id: deal", f"id: {other}").replace("number: 2", "number: 9"))
        with database.write(PERSON) as change:
            remove_resource(change, Clause, f"{other}.9", ANY)
    with database.write(PERSON) as change:
        remove_resource(change, Clause, "deal.2", ANY)
    for number in (3, 4):
        with database.write(PERSON) as change:
            assert create_part(change, Clause, "deal", {"kind": "listed", "text": "new"}) == f"deal.{number}"


@pytest.mark.parametrize("error", [Contended, Conflict, Stale])
def test_a_load_that_someone_overtook_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, error: Callable[[str], TrackerError]
) -> None:
    """Five times at most, each time from the beginning; what was begun leaves nothing."""
    write, left = history.write_records, [4]

    def overtaken(change: Change) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise error("someone else was faster")
        write(change)

    monkeypatch.setattr(history, "write_records", overtaken)
    assert told(database, TOWN).created["clause"] == 2
    assert len(changes(database)[0]) == 4
    left[0] = 5
    with pytest.raises(TrackerError, match="someone else was faster"):
        told(database, TOWN.replace("text: first", "text: first, due: 2022"))
    assert left[0] == 0
    assert len(changes(database)[0]) == 4


@pytest.mark.parametrize("with_follow_ups", [False, True])
def test_history_is_read_without_a_row_of_others(database: Database, with_follow_ups: bool) -> None:
    """Neither entries nor texts of what changed in between, however much that was."""
    told(database, TOWN)
    for number, clause in enumerate(("deal.1", *["deal.2"] * 5, "deal.1")):
        with database.write(PERSON) as change:
            update_resource(change, Clause, clause, {"text": f"text {number}"}, ANY)
    rows: list[Row] = []

    def fetch(statement: Statement, *values: Any) -> list[Row]:
        fetched = database.rows(statement, *values)
        rows.extend(fetched)
        return fetched

    entries, _ = history_of(fetch, Clause, "deal.1", with_follow_ups=with_follow_ups)
    positions = [entry["id"] for entry in entries]
    assert positions == [4, 5, 11]
    with database.engine.connect() as connection:
        texts = connection.exec_driver_sql(
            "SELECT count(*) FROM change_text WHERE change IN (4, 5, 11)"
        ).scalar_one()
    assert len(rows) == len(positions) + texts


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_history_is_found_by_indexes(database: Database) -> None:
    read: list[tuple[Statement, tuple[Any, ...]]] = []

    def fetch(statement: Statement, *values: Any) -> list[Row]:
        read.append((statement, values))
        return database.rows(statement, *values)

    told(database, TOWN)
    for model, id in ((Clause, "deal.1"), (Party, "town"), (Agreement, "deal")):
        history_of(fetch, model, id, with_follow_ups=True)
        positions_of(fetch, model, id)
    with database.engine.connect() as connection:
        for statement, values in read:
            sql, arguments = statement.prepared(database.engine, values)
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", arguments).fetchall()
            assert [step for *_, step in plan if re.match("SCAN (change|merged_party)", step)] == [], sql
    assert len(read) > 8
