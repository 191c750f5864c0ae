"""Redaction and the head of history: texts go for good, digests stay, and a cut tail is found."""

from __future__ import annotations

from typing import Any

import pytest

from tests.loads import PERSON, TOWN, told
from tests.test_checking import tampered
from tests.test_cli import tracker
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.errors import Conflict, Invalid, NotFound
from tracker.models import Clause, FollowUp, Party, Resource
from tracker.queries.history import history_of
from tracker.services import change_follow_up, record_follow_up, remove_follow_up
from tracker.services.chains import head, head_problems
from tracker.services.checking import problems
from tracker.services.redaction import redact
from tracker.services.resources import ANY

COURT = Author("judge", comment="order 12")
SECRET = "what nobody may read"


@pytest.fixture
def follow_up(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A follow-up whose note and title of evidence said too much, before they were changed."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    told(database, TOWN)
    said = {"track": "reported", "status": "in_progress", "effective_on": "2021", "note": SECRET,
            "evidence": [{"reference": "a-1", "title": SECRET}]}  # fmt: skip
    with database.write(Author("kim", comment=SECRET)) as change:
        id = record_follow_up(change, "deal.1", said)
    with database.write(PERSON) as change:
        change_follow_up(change, id, {"note": "fine", "evidence": [{"reference": "a-1"}]}, ANY)
    return id


def redacted(database: Database, model: type[Resource], id: str, **which: Any) -> int:
    with database.write(COURT) as change:
        return redact(change, model, id, **which)


def past(database: Database, model: type[Resource], id: str) -> list[Any]:
    return history_of(database.rows, model, id)[0]


def test_texts_go_for_good_and_the_chain_still_verifies(database: Database, follow_up: str) -> None:
    before = head(database)
    assert redacted(database, FollowUp, follow_up, fields=["note"]) == 2
    made, changed, last = past(database, FollowUp, follow_up)
    assert (made["after"]["note"], changed["before"]["note"], changed["after"]["note"]) == (
        None,
        None,
        "fine",
    )
    assert made["after"]["evidence"][0]["title"] == made["comment"] == SECRET
    assert (last["action"], last["actor"], last["comment"], last["after"]) == (
        "redact",
        "judge",
        "order 12",
        None,
    )
    assert list(problems(database)) == list(head_problems(database, *before)) == []


def test_without_a_field_all_texts_go_but_what_is_said_today_and_comments(
    database: Database, follow_up: str
) -> None:
    assert redacted(database, FollowUp, follow_up) == 4
    made, changed, _ = past(database, FollowUp, follow_up)
    assert made["after"]["evidence"] == changed["before"]["evidence"]
    assert made["after"]["evidence"][0]["title"] is None
    assert made["comment"] == SECRET
    assert redacted(database, FollowUp, follow_up, fields=["comment"], changes=[made["id"]]) == 1
    assert past(database, FollowUp, follow_up)[0]["comment"] is None
    with pytest.raises(
        Conflict, match=f"follow-up {follow_up} still says so today; change or remove it first"
    ):
        redacted(database, FollowUp, follow_up)


def test_one_change_can_be_redacted_alone(database: Database, follow_up: str) -> None:
    made, changed = past(database, FollowUp, follow_up)
    assert redacted(database, FollowUp, follow_up, fields=["note"], changes=[changed["id"]]) == 1
    made, changed, _ = past(database, FollowUp, follow_up)
    assert (made["after"]["note"], changed["before"]["note"]) == (SECRET, None)


def test_what_was_removed_can_be_redacted(database: Database, follow_up: str) -> None:
    with database.write(PERSON) as change:
        remove_follow_up(change, follow_up, ANY)
    assert redacted(database, FollowUp, follow_up, fields=["note"]) == 4
    assert not [entry for entry in past(database, FollowUp, follow_up) if "fine" in str(entry)]
    assert list(problems(database)) == []


def test_what_came_with_a_load_can_be_redacted(database: Database, follow_up: str) -> None:
    told(database, TOWN.replace("text: second", "text: another"), overwrite=True)
    assert redacted(database, Clause, "deal.2") == 2
    loaded, again, _ = past(database, Clause, "deal.2")
    assert (loaded["after"]["text"], again["after"]["text"]) == (None, "another")
    assert past(database, Clause, "deal.1")[0]["after"]["text"] == "first"


def test_a_redaction_that_makes_no_sense_is_refused_and_changes_nothing(
    database: Database, follow_up: str
) -> None:
    before = head(database)
    with pytest.raises(
        Invalid, match="`nte` of follow-up holds no text that could be redacted; did you mean `note`"
    ):
        redacted(database, FollowUp, follow_up, fields=["nte"])
    with pytest.raises(NotFound, match="there is no party nobody"):
        redacted(database, Party, "nobody")
    with pytest.raises(Conflict):
        redacted(database, Party, "town")
    assert redacted(database, FollowUp, follow_up, changes=[1]) == 0
    assert head(database) == before
    with database.write(COURT, dry_run=True) as change:
        assert redact(change, FollowUp, follow_up) == 4
    assert head(database) == before


def test_a_removed_thing_of_which_history_holds_nothing_more_is_gone(
    database: Database, follow_up: str
) -> None:
    with database.write(PERSON) as change:
        remove_follow_up(change, follow_up, ANY)
    redacted(database, FollowUp, follow_up)
    assert redacted(database, FollowUp, follow_up) == 0


def test_the_command_redacts_and_asks_first(database: Database, follow_up: str) -> None:
    asked = tracker("redact", follow_up, "--field", "note", "--comment", "why", input=b"n\n")
    assert asked.code == 1
    assert "Erase texts of follow-up" in asked.err
    words = ("redact", follow_up, "--field", "note", "--comment", "why")
    tried = tracker(*words, "--dry-run")
    assert tried.all == (0, "", f"2 texts of follow-up {follow_up} would be erased from history\n")
    done = tracker("--as", "judge", *words, "--yes")
    assert done.all == (0, "", f"2 texts of follow-up {follow_up} erased from history\n")
    assert past(database, FollowUp, follow_up)[-1]["actor"] == "judge"


def test_a_published_head_proves_that_nothing_was_cut_or_put_in(database: Database, follow_up: str) -> None:
    said = tracker("check", "--head")
    place, digest = head(database)
    assert said.all == (0, f"{place}-{digest}\n", "nothing is wrong\n")
    redacted(database, FollowUp, follow_up)
    assert tracker("check", "--head", said.out.strip()).all == (0, "", "nothing is wrong\n")
    tampered(
        database,
        f"DELETE FROM change_text WHERE change >= {place}",
        f"DELETE FROM change_resource WHERE change >= {place}",
        f"DELETE FROM change WHERE place >= {place}",
    )
    assert list(problems(database)) == []  # a cut tail leaves a history that is whole in itself
    cut = tracker("check", "--head", said.out.strip())
    assert cut.code == 1
    assert cut.out == f"history ends at {place - 1}; the head was taken at {place}: its tail was cut off\n"
    other = tracker("check", "--head", f"1-{digest}")
    assert other.code == 1
    assert "it is another history" in other.out
    assert tracker("check", "--head", "nonsense").code == 2


def test_history_is_told_at_the_command_line_too(database: Database, follow_up: str) -> None:
    lines = [line.split("\t") for line in tracker("history", follow_up).out.splitlines()]
    assert [line[2:] for line in lines[1:]] == [
        ["kim", "create", follow_up, "deal.1: in_progress (reported)", SECRET],
        ["kim", "update", follow_up, "deal.1: in_progress (reported), evidence, note", ""],
    ]
    everything = tracker("history", "--format", "jsonl").out.splitlines()
    assert len(everything) == head(database)[0]
    assert len(tracker("history", "--after", "2", "--limit", "3", "--format", "jsonl").out.splitlines()) == 3
    assert [line.split("\t")[5] for line in tracker("history", "deal").out.splitlines()][1] == (
        "2 clauses, 1 quote"
    )
    assert tracker("history", "nothing").code == 5


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_redacted_text_is_in_no_free_page_of_the_file(database: Database, follow_up: str) -> None:
    """Of a text that is longer than a page, pages are freed when it goes."""
    for note in (SECRET * 400, "fine"):
        with database.write(PERSON) as change:
            change_follow_up(change, follow_up, {"note": note}, ANY)
    redacted(database, FollowUp, follow_up)
    redacted(database, FollowUp, follow_up, fields=["comment"])
    database.close()
    assert [path.name for path in database.path.parent.glob("tracker.db*")] == ["tracker.db"]
    assert SECRET.encode() not in database.path.read_bytes()
