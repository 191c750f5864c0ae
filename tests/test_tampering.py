"""Random tamperings with history: every one is found, on both engines, and nobody else is accused.

A tampering is made behind the database's back: triggers and constraints are off. `check` finds all of them but
those that leave a history that could have been: a tail cut off, or a history written anew with right digests.
Those are found by a head that was published before. ``TRACKER_TEST_TAMPERINGS`` says how many the marked suite
makes (2,000).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any, Self

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from tests.loads import TOWN, told
from tests.test_checking import tampered
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.models import ChangeResource, ChangeText, Clause, HistoryEntry, fields_of, table_of
from tracker.services import chains
from tracker.services.chains import head, head_problems, history_problems
from tracker.services.history import COLUMNS, digest, redactable_digest
from tracker.services.resources import ANY
from tracker.services.writing import update_resource

DEFAULT = 120
FULL = int(os.environ.get("TRACKER_TEST_TAMPERINGS", "2000"))
TABLES = (table_of(HistoryEntry), table_of(ChangeText), table_of(ChangeResource))
TEXT_COLUMNS = tuple(fields_of(ChangeText))
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def kept(database: Database) -> Database:
    """A register with a history of several chains, comments, texts in two scripts, and nothing wrong with it."""
    told(database, TOWN)
    for number in range(6):
        with database.write(
            Author("kim", f"request-{number}", comment=f"왜 {number}" if number % 2 else None)
        ) as change:
            update_resource(
                change,
                Clause,
                f"deal.{number % 2 + 1}",
                {"text": f"약속 {number}", "due": f"202{number}"},
                ANY,
            )
    assert list(history_problems(database)) == []
    return database


@pytest.mark.parametrize("seed", range(2))
def test_random_tamperings_are_found(kept: Database, seed: int) -> None:
    all_found(kept, DEFAULT // 2, random.Random(seed))


class Here:
    """A pool of processes that is this one."""

    def __init__(self, *_: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, call: Callable[..., Any], *arguments: object) -> Future[Any]:
        task: Future[Any] = Future()
        task.set_result(call(*arguments))
        return task


@pytest.mark.parametrize("stretch", [1, 3])
def test_a_history_that_is_shared_out_is_told_the_same(
    kept: Database, monkeypatch: pytest.MonkeyPatch, stretch: int
) -> None:
    monkeypatch.setattr(chains, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(chains, "STRETCH", stretch)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    alone = partial(monkeypatch.setattr, chains, "LONG", 100_000)
    shared = partial(monkeypatch.setattr, chains, "LONG", 1)
    looked = []

    def said(database: Database) -> list[str]:
        shared()
        looked.append(sum(1 for _ in chains.shared_out(database)))
        found = list(history_problems(database))
        alone()
        assert found == list(history_problems(database))
        return found

    all_found(kept, DEFAULT // 2, random.Random(stretch), said)
    assert -(-10 // stretch) in looked


@pytest.mark.safety
def test_ten_thousand_random_tamperings_are_found(kept: Database) -> None:
    all_found(kept, FULL, random.Random(20200831))


def all_found(
    database: Database,
    count: int,
    chance: random.Random,
    problems: Callable[[Database], Iterable[str]] = history_problems,
) -> None:
    """Tamper with a history, look whether it is told, put the history back, and again."""
    whole, published = stored(database), head(database)
    tampered(database)  # no triggers in a SQLite file from here on
    done: Counter[str] = Counter()
    for number in range(count):
        name = list(TAMPERINGS)[number % len(TAMPERINGS)]
        changed = tamper(database, whole, name, chance)
        if changed is None:
            continue
        said, by_head = list(problems(database)), list(head_problems(database, *published))
        shown = (name, said, different(whole, changed))
        if name in ONLY_THE_HEAD_FINDS:
            assert (said, len(by_head)) == ([], 1), shown
        else:
            assert said, shown
            assert is_named(first_place(whole, changed), said[0]), shown
        done[name] += 1
        assert write(database, changed, whole)
    assert list(problems(database)) == []
    assert list(head_problems(database, *published)) == []
    refused = set() if database.is_sqlite else {"a_text_moved_into_its_salt"}  # too long for its column
    assert done.keys() == TAMPERINGS.keys() - refused


def tamper(database: Database, whole: Rows, name: str, chance: random.Random) -> Rows | None:
    """Tamper in one way, until the database takes it; None where it never does."""
    for _ in range(20):
        if write(database, whole, TAMPERINGS[name](copied(whole), chance)):
            changed = stored(database)
            if different(whole, changed):
                return changed
    return None


# What is done to a history


def a_character(rows: Rows, chance: random.Random) -> Rows:
    """One character of one value becomes another one."""
    table = chance.choice(["change", "change", "change_text", "change_resource"])
    row = chance.choice(rows[table])
    names = [name for name, value in row.items() if isinstance(value, str) and value and name != "digest"]
    name = chance.choice([*names, "digest"] if "digest" in row else names)
    value = row[name]
    at = chance.randrange(len(value))
    other = chance.choice([each for each in '0123456789abcdefXZ "가' if each != value[at]])
    row[name] = value[:at] + other + value[at + 1 :]
    return rows


def a_number(rows: Rows, chance: random.Random) -> Rows:
    row = chance.choice(rows["change"])
    row[chance.choice(["place", "sequence"])] += chance.choice([100, 1_000])
    return rows


def a_value_for_none(rows: Rows, chance: random.Random) -> Rows:
    """What is there goes, or what was never said stands there."""
    row = chance.choice(rows["change"])
    name = chance.choice(["request", "before", "after", "comment", "previous"])
    row[name] = chance.choice(["null", "x", "{}"]) if row[name] is None else None
    return rows


def half_a_text(rows: Rows, chance: random.Random) -> Rows:
    chance.choice(rows["change_text"])[chance.choice(["salt", "text"])] = None
    return rows


def a_text_moved_into_its_salt(rows: Rows, chance: random.Random) -> Rows:
    """The bytes that were hashed stay the same."""
    row = chance.choice([row for row in rows["change_text"] if row["text"][:1].isascii()])
    row["salt"], row["text"] = row["salt"] + row["text"][:1].encode().hex(), row["text"][1:]
    return rows


def a_salt_moved_into_its_text(rows: Rows, chance: random.Random) -> Rows:
    """The bytes that were hashed stay the same here too, and where a salt is written in other letters."""
    row = chance.choice(rows["change_text"])
    salt = row["salt"]
    last = chr(int(salt[-2:], 16))
    if last.isascii() and last.isprintable():
        row["salt"], row["text"] = salt[:-2], last + row["text"]
    else:
        row["salt"] = salt.upper()
    return rows


def a_row_removed(rows: Rows, chance: random.Random) -> Rows:
    at = chance.randrange(len(rows["change"]) - 1)  # the last one is a cut tail
    gone = rows["change"].pop(at)
    if chance.random() < 0.5:
        for name in ("change_text", "change_resource"):
            rows[name] = [row for row in rows[name] if row["change"] != gone["place"]]
    return rows


def a_text_removed(rows: Rows, chance: random.Random) -> Rows:
    rows["change_text"].pop(chance.randrange(len(rows["change_text"])))
    return rows


def a_resource_removed(rows: Rows, chance: random.Random) -> Rows:
    rows["change_resource"].pop(chance.randrange(len(rows["change_resource"])))
    return rows


def a_resource_inserted(rows: Rows, chance: random.Random) -> Rows:
    """A resource of which an entry says nothing, or one of no entry."""
    last = len(rows["change"])
    entry = chance.choice([0, chance.randrange(last) + 1, last + 7])
    inserted = {"change": entry, "resource": "party", "resource_id": "nobody", "clause": None}
    rows["change_resource"].append(inserted)
    return rows


def a_follow_up_of_another_clause(rows: Rows, chance: random.Random) -> Rows:
    """What the index says to be a follow-up's clause is not."""
    chance.choice(rows["change_resource"])["clause"] = "deal.7"
    return rows


def two_rows_swapped(rows: Rows, chance: random.Random) -> Rows:
    one, other = chance.sample(rows["change"], 2)
    for name in chance.choice([("place",), tuple(name for name in COLUMNS if name != "place")]):
        one[name], other[name] = other[name], one[name]
    return rows


def two_texts_swapped(rows: Rows, chance: random.Random) -> Rows:
    one, other = chance.sample(rows["change_text"], 2)
    for name in chance.choice([("change",), ("salt", "text"), ("text",)]):
        one[name], other[name] = other[name], one[name]
    return rows


def a_row_inserted(rows: Rows, chance: random.Random) -> Rows:
    """An entry with the right digest, somewhere; its place is taken by one that moves up."""
    at = chance.randrange(len(rows["change"]))
    entry = dict(rows["change"][at])
    for row in rows["change"]:
        row["place"] += row["place"] >= entry["place"]
    for name in ("change_text", "change_resource"):
        for row in rows[name]:
            row["change"] += row["change"] >= entry["place"]
    entry |= {"actor": "lee", "before": None, "after": None, "comment": None, "root": "other", "sequence": 1}
    entry |= {"previous": None}
    entry["digest"] = digest(entry)
    rows["change"].append(entry)
    return rows


def a_text_inserted(rows: Rows, chance: random.Random) -> Rows:
    """A text that nobody wrote, of an entry or of none."""
    words = redactable_digest("more")
    place = chance.choice([0, chance.randrange(len(rows["change"])) + 1, len(rows["change"]) + 7])
    rows["change_text"].append(dict(zip(TEXT_COLUMNS, (place, *words), strict=True)))
    return rows


def a_tail_cut(rows: Rows, chance: random.Random) -> Rows:
    last = chance.randrange(len(rows["change"]))
    rows["change"] = [row for row in rows["change"] if row["place"] <= last]
    for name in ("change_text", "change_resource"):
        rows[name] = [row for row in rows[name] if row["change"] <= last]
    return rows


def a_history_written_anew(rows: Rows, chance: random.Random) -> Rows:
    """Somebody else did it, and every digest and every link from there on is right again."""
    chance.choice(rows["change"])["actor"] = "somebody"
    ends: dict[tuple[str, str], str] = {}
    for row in sorted(rows["change"], key=lambda row: int(row["place"])):
        row["previous"] = ends.get((row["root_kind"], row["root"]))
        row["digest"] = digest(row)
        ends[row["root_kind"], row["root"]] = row["digest"]
    return rows


TAMPERINGS: dict[str, Callable[[Rows, random.Random], Rows]] = {
    each.__name__: each
    for each in (
        a_character, a_number, a_value_for_none, half_a_text, a_text_moved_into_its_salt,
        a_salt_moved_into_its_text, a_row_removed, a_text_removed, a_resource_removed,
        a_resource_inserted, a_follow_up_of_another_clause, two_rows_swapped, two_texts_swapped,
        a_row_inserted, a_text_inserted, a_tail_cut, a_history_written_anew,
    )
}  # fmt: skip
ONLY_THE_HEAD_FINDS = {"a_tail_cut", "a_history_written_anew"}


# Behind the database's back


def stored(database: Database) -> Rows:
    with database.engine.connect() as connection:
        return {
            table.name: [
                dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in TABLES
        }


def copied(rows: Rows) -> Rows:
    return {table: [dict(row) for row in each] for table, each in rows.items()}


def different(one: Rows, other: Rows) -> list[dict[str, Any]]:
    """Return the rows that stand in only one of two histories."""
    return [
        row
        for here, there in ((one, other), (other, one))
        for table in one
        for row in here[table]
        if row not in there[table]
    ]


def first_place(one: Rows, other: Rows) -> int:
    return min(int(row["place" if "place" in row else "change"]) for row in different(one, other))


def is_named(place: int, said: str) -> bool:
    """Return whether a problem names a place as its own, as missing, or as the one before."""
    return said.startswith(
        (f"history {place} ", f"history {place}:", f"history {place + 1} ")
    ) or said.endswith(f"is missing, place {place}")


def write(database: Database, before: Rows, after: Rows) -> bool:
    """Write one history in place of another one; False where the database itself refuses it."""
    try:
        with database.engine.begin() as connection:
            if database.is_sqlite:
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            else:
                connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in TABLES:
                key = [column.name for column in table.primary_key]
                for row in before[table.name]:
                    if row not in after[table.name]:
                        same = (table.c[name] == row[name] for name in key)
                        connection.execute(delete(table).where(*same))
                for row in after[table.name]:
                    if row not in before[table.name]:
                        connection.execute(insert(table).values(row))
    except DBAPIError:
        return False
    return True
