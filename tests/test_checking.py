"""Whether what is stored still holds: every kind of tampering is told, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.loads import PERSON, TOWN, told
from tracker.database.engine import Database, sqlite_journal
from tracker.database.statements import Row, Statement
from tracker.models import Clause
from tracker.services import chains
from tracker.services.chains import history_problems
from tracker.services.checking import problems, spans_proved, status_problems, text_problems
from tracker.services.follow_ups import record_follow_up
from tracker.services.resources import ANY
from tracker.services.writing import update_resource

WHERE = "history {place} ({action} {resource} {id})".format
LAST = WHERE(place=6, action="update", resource="clause", id="deal.1")
BEFORE_LAST = WHERE(place=5, action="update", resource="clause", id="deal.1")


@pytest.fixture
def kept(database: Database) -> Database:
    """A register of three parties, one agreement and two changes."""
    told(database, TOWN)
    for text in ("one", "two"):
        with database.write(PERSON) as change:
            update_resource(change, Clause, "deal.1", {"text": text}, ANY)
    assert list(problems(database)) == []
    return database


def tampered(database: Database, *statements: str) -> None:
    """Change rows behind the database's back."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for (name,) in connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
        if not database.is_sqlite:
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")


def digest_of(database: Database, place: int) -> str:
    with database.engine.connect() as connection:
        query = f"SELECT min(digest) FROM change_text WHERE change = {place}"
        return str(connection.exec_driver_sql(query).scalar_one())


@pytest.mark.parametrize("column", ["actor", "at", "request", "action", "after"])
def test_an_altered_entry_does_not_have_its_digest(kept: Database, column: str) -> None:
    values: dict[str, Any] = {"at": "2001-01-01T00:00:00.000000Z", "action": "revert", "after": "{}"}
    tampered(kept, f"UPDATE change SET {column} = '{values.get(column, 'lee')}' WHERE place = 6")
    found = list(history_problems(kept))
    where = LAST.replace("update", "revert") if column == "action" else LAST
    assert found[0] == f"{where}: its content does not have its digest"
    assert len(found) == (2 if column == "after" else 1)


def test_a_removed_entry_is_missed(kept: Database) -> None:
    tampered(
        kept,
        "DELETE FROM change_text WHERE change = 5",
        "DELETE FROM change_resource WHERE change = 5",
        "DELETE FROM change WHERE place = 5",
    )
    assert list(history_problems(kept)) == [
        f"{LAST}: the entry before it is missing, place 5",
        f"{LAST}: it does not follow the entry before it in the chain of deal",
    ]


def test_swapped_entries_are_told(kept: Database) -> None:
    tampered(
        kept,
        "UPDATE change SET place = 99 WHERE place = 5",
        "UPDATE change SET place = 5 WHERE place = 6",
        "UPDATE change SET place = 6 WHERE place = 99",
        "UPDATE change_text SET change = 11 - change WHERE change > 4",
    )
    follows = "it does not follow the entry before it in the chain of deal"
    content = "its content does not have its digest"
    assert list(history_problems(kept)) == [
        f"{where}: {problem}" for where in (BEFORE_LAST, LAST) for problem in (follows, content)
    ]


@pytest.mark.parametrize("change", ["text = 'other'", f"salt = '{'0' * 32}'", "salt = 'no hex'"])
def test_an_altered_text_is_not_the_one_that_was_written(kept: Database, change: str) -> None:
    digest = digest_of(kept, 6)
    tampered(kept, f"UPDATE change_text SET {change} WHERE digest = '{digest}'")
    assert list(history_problems(kept)) == [
        f"{LAST}: the text with digest {digest[:12]}… is not the one that was written"
    ]


@pytest.mark.parametrize("half", ["text", "salt"])
def test_a_text_erased_by_half_is_told_and_one_erased_whole_is_not(kept: Database, half: str) -> None:
    digest = digest_of(kept, 6)
    tampered(kept, f"UPDATE change_text SET {half} = NULL WHERE digest = '{digest}'")
    assert list(history_problems(kept)) == [f"{LAST}: the text with digest {digest[:12]}… is erased by half"]
    tampered(kept, f"UPDATE change_text SET text = NULL, salt = NULL WHERE digest = '{digest}'")
    assert list(history_problems(kept)) == []


def test_a_text_that_is_missing_or_added_is_told(kept: Database) -> None:
    digest = digest_of(kept, 6)
    tampered(kept, f"UPDATE change_text SET change = 5 WHERE digest = '{digest}'")
    assert list(history_problems(kept)) == [
        f"{BEFORE_LAST}: the text with digest {digest[:12]}… is not of this entry",
        f"{LAST}: the text with digest {digest[:12]}… is missing",
    ]


def test_other_processes_verify_a_long_history(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(chains, "LONG", 1)
    monkeypatch.setattr(chains, "STRETCH", 2)
    assert [until for until, links in chains.shared_out(kept) if links is not None] == [2, 4, 6]
    assert list(history_problems(kept)) == []
    tampered(kept, "UPDATE change SET actor = 'lee' WHERE place = 5")
    assert [links is None for _, links in chains.shared_out(kept)] == [False, False, True]
    assert list(history_problems(kept)) == [f"{BEFORE_LAST}: its content does not have its digest"]
    assert next(history_problems(kept)) == f"{BEFORE_LAST}: its content does not have its digest"


def test_a_status_that_no_follow_up_gives_is_told(kept: Database) -> None:
    tampered(kept, "UPDATE clause SET status = 'met', verified_status = 'met' WHERE id = 'deal.2'")
    assert list(status_problems(kept)) == [
        "clause deal.2: its statuses are [None, 'met', 'met', None, None],"
        " its follow-ups say [None, None, 'not_assessed', None, None]"
    ]


def test_spans_are_proved_against_a_text(database: Database) -> None:
    source = "sources: [{id: paper, kind: other, title: T, char_count: 12}]\n"
    told(database, source + TOWN.replace("text: second", "text: second, source: paper, start: 6, end: 12"))
    assert spans_proved(database, "paper") == 1
    assert list(text_problems(database, "paper", "first second")) == []
    assert list(text_problems(database, "paper", "the second!")) == [
        "source paper: the text has 11 characters, char_count is 12",
        "clause deal.2: the span 6–12 goes beyond the source's 11 characters",
    ]
    assert list(text_problems(database, "paper", "second first")) == [
        "clause deal.2: the source does not read so at 6–12; it stands at 0–6"
    ]
    assert list(text_problems(database, "other", "")) == ["there is no source other"]
    tampered(database, "UPDATE source SET char_count = 9")
    assert list(problems(database)) == ["clause deal.2: the span 6–12 goes beyond the source's 9 characters"]


@pytest.mark.skipif(sqlite_journal()[0] != "wal", reason="there, who reads holds up who writes")
def test_a_follow_up_recorded_meanwhile_is_no_contradiction(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[str] = []
    snapshot = kept.snapshot

    @contextmanager
    def disturbed() -> Iterator[Callable[..., list[Row]]]:
        with snapshot() as rows:

            def fetch(statement: Statement, *values: Any) -> list[Row]:
                found = rows(statement, *values)
                if not recorded:
                    with kept.write(PERSON) as change:
                        said = {"track": "reported", "status": "met", "effective_on": "2021"}
                        recorded.append(record_follow_up(change, "deal.1", said))
                return found

            yield fetch

    monkeypatch.setattr(kept, "snapshot", disturbed)
    assert list(status_problems(kept)) == []
    assert len(recorded) == 1


def test_texts_of_no_entry_are_told(kept: Database) -> None:
    row = f"VALUES (99, '{'0' * 64}', '{'0' * 32}', 'more')"
    tampered(kept, f"INSERT INTO change_text (change, digest, salt, text) {row}")
    assert list(history_problems(kept)) == ["history 99: there are texts of this place, and no entry"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_row_that_cannot_be_read_is_named(kept: Database) -> None:
    tampered(kept, "UPDATE change SET actor = CAST(x'6bff' AS TEXT) WHERE place = 6")
    assert list(history_problems(kept)) == ["history 6: it cannot be read"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_bytes_that_read_like_a_text_are_told(kept: Database) -> None:
    tampered(kept, "UPDATE change SET actor = CAST(actor AS BLOB) WHERE place = 6")
    assert next(history_problems(kept)) == f"{LAST}: it holds what is not of its columns' types"
