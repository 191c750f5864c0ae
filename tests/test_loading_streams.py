"""Long JSON Lines: blocks and transactions make no difference to what is loaded, kept, missing or refused."""

from __future__ import annotations

import io
import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import rows
from tests.loads import FILE, PERSON, TOWN, entries, refused, state, told, value
from tests.test_loading import as_json, changed, removed
from tracker.database.engine import Database
from tracker.errors import Invalid
from tracker.loading import load, loader, reading, seeds, staging, validate
from tracker.loading.index import Index
from tracker.loading.plan import LoadOptions
from tracker.loading.seeds import FOLLOW_UPS
from tracker.loading.staging import StagedRows
from tracker.models import Agreement, Clause
from tracker.queries.history import history_of
from tracker.services.checking import problems
from tracker.services.resources import ANY
from tracker.services.writing import remove_resource

PARTIES: list[dict[str, Any]] = [
    {"id": "town", "kind": "organisation", "name": "Town"},
    {"id": "mayor", "kind": "person", "name": "Kim", "affiliations": [{"organisation": "town", "role": "M"}]},
]
REPORTED = {"track": "reported", "status": "met", "effective_on": "2021"}
BACK = {"track": "reported", "status": "in_progress", "effective_on": "2022", "reason": "correction"}
DEAL: dict[str, Any] = {
    "id": "deal",
    "title": "Deal",
    "kind": "mou",
    "parties": [{"party": "town", "signed_by": "mayor"}],
}


def clause(number: int, **more: Any) -> dict[str, Any]:
    return {"number": number, "kind": "listed", "text": f"promise {number}", **more}


def lines(*documents: dict[str, Any]) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in documents)


def deal(*clauses: dict[str, Any], quotes: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"agreements": [{**DEAL, "clauses": [*clauses], "quotes": [*quotes]}]}


# The agreement and its clause 1 stand on several lines.
REGISTER = lines(
    *({"parties": [party]} for party in PARTIES),
    {"sources": [{"id": "paper", "kind": "other", "title": "T", "text": "We promise 1", "char_count": 12}]},
    deal(clause(1, follow_ups=[REPORTED])),
    {"parties": [PARTIES[0]]},
    deal(clause(2, source="paper", start=3, end=12, text="promise 1")),
    deal(clause(1, follow_ups=[BACK])),
    deal(quotes=({"number": 1, "kind": "direct", "text": "Q", "clauses": [1, 2]},)),
    {"initiatives": [{"id": "works", "kind": "series", "name": "Works", "operator": "town"}]},
)


@pytest.fixture(params=[1, 2, 3])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many lines a block holds: so few that the register is a long one."""
    monkeypatch.setattr(staging, "LINES_AT_ONCE", request.param)
    return int(request.param)


def test_blocks_load_what_one_transaction_loads(database: Database, at_once: int) -> None:
    done: list[tuple[int, int | None]] = []
    Path("a.jsonl").write_text(REGISTER)
    same = {
        "party": 2,
        "source": 1,
        "agreement": 1,
        "clause": 2,
        "follow_up": 2,
        "quote": 1,
        "initiative": 1,
    }
    assert validate(["a.jsonl"], database=database) == Counter(same)
    tried = load(database, ["a.jsonl"], FILE, dry_run=True)
    assert (tried.created, rows.counts(database)["party"]) == (Counter(same), 0)
    outcome = load(database, ["a.jsonl"], FILE, progress=lambda *now: done.append(now))
    assert outcome.created == Counter(same)
    assert (outcome.kept, outcome.missing, outcome.removed) == ([], [], [])
    assert done[-1] == (10, 10)
    assert value(database, "clause", "deal.1", "status") == "in_progress"
    assert list(problems(database)) == []
    before, counts = state(database), rows.counts(database)
    again = load(database, ["-"], FILE, stdin=io.BytesIO(REGISTER.encode()), prune=True)
    assert (again.unchanged, again.created, again.pruned) == (Counter(same), Counter(), Counter())
    assert (state(database), rows.counts(database)) == (before, counts)


@pytest.mark.parametrize("when", ["checked", "written"])
def test_what_a_person_writes_meanwhile_is_seen(
    database: Database, at_once: int, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    people = [{"parties": [{"id": f"p{n}", "kind": "person", "name": "File"}]} for n in range(9)]
    Path("a.jsonl").write_text(lines(*people))
    monkeypatch.setattr(loader, "TRIES", 1)

    def meanwhile(done: int, total: int | None) -> None:
        if done == 6 and (total is None) is (when == "checked"):
            told(
                database,
                "parties: [{id: p2, kind: person, name: Kim}, {id: p8, kind: person, name: Kim}]",
                by=PERSON,
            )

    outcome = load(database, ["a.jsonl"], FILE, progress=meanwhile)
    names = [value(database, "party", f"p{n}", "name") for n in range(9)]
    kept = sorted(line.partition(" is kept: kim")[0] for line in outcome.kept)
    if when == "checked":  # nothing had been written of p2
        assert (names[2], names[8], kept) == ("Kim", "Kim", ["`name` of party p2", "`name` of party p8"])
    else:
        assert (names[2], names[8], kept) == ("Kim", "Kim", ["`name` of party p8"])
    assert list(problems(database)) == []


UNKNOWN = {"agreements": [{"id": "other", "title": "O", "kind": "mou", "parties": [{"party": "towm"}]}]}
FAULTY = [
    lines({"initiatives": [{"id": "i", "kind": "policy", "name": "I", "operator": "town"}]}) + REGISTER,
    REGISTER + lines(UNKNOWN),
    lines(UNKNOWN) + REGISTER,
    REGISTER + lines({"parties": [{**PARTIES[0], "name": "Village"}]}),
    REGISTER + lines(deal(clause(2, text="else"))),
    REGISTER + lines({"initiatives": [{"id": "i", "kind": "policy", "name": "I", "operator": "nobody"}]}, {}),
    REGISTER + '{"parties": [{"id": "x", "kind": "persn", "name": "X"}]}\n{"a":1,"a":2}\n\n{oops\n',
    REGISTER + lines({"parties": [{"id": "y", "kind": "person", "name": "Y", "successor": "town"}]}),
    REGISTER + lines(deal(clause(4, source="paper", start=0, end=9))),
    REGISTER.replace(', "reason": "correction"', ""),
    REGISTER + lines({"agreements": [{"id": "n", "title": "N", "kind": "mou", "parties": [{"party": "town", "signed_by": "town"}]}]}),
]  # fmt: skip


@pytest.mark.parametrize("text", FAULTY)
def test_blocks_are_refused_for_the_same_faults_at_the_same_places(
    database: Database, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    whole = refused(database, text, name="a.jsonl")
    assert whole
    for at_once in (1, 2, 5):
        monkeypatch.setattr(staging, "LINES_AT_ONCE", at_once)
        assert refused(database, text, name="a.jsonl") == whole
    assert rows.counts(database)["party"] == rows.counts(database)["change"] == 0


def test_blocks_see_a_circle_of_successors_that_closes_in_a_later_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    towns = [{**PARTIES[0], "id": id} for id in ("a", "b", "c")]
    told(database, lines(*({"parties": [town]} for town in towns)), name="a.jsonl")
    circle = [
        {"parties": [{**town, "successor": to}]} for town, to in zip(towns, ("b", "c", "a"), strict=True)
    ]
    for at_once in (5, 2, 1):
        monkeypatch.setattr(staging, "LINES_AT_ONCE", at_once)
        faults = refused(database, lines(*circle), name="a.jsonl")
        assert faults[-1].startswith("a.jsonl:3:79: party `c` would become part of itself: c → a → b → c")
    assert value(database, "party", "a", "successor") is None


def test_a_file_before_may_refer_to_lines_and_lines_to_files(database: Database, at_once: int) -> None:
    Path("a.jsonl").write_text(
        lines({"initiatives": [{"id": "i", "kind": "policy", "name": "I", "operator": "last"}]}) * 3
    )
    others = ({"parties": [{"id": f"p{n}", "kind": "person", "name": "P"}]} for n in range(5))
    Path("b.jsonl").write_text(
        lines(*others, {"parties": [{"id": "last", "kind": "organisation", "name": "L"}]})
    )
    assert load(database, ["a.jsonl", "b.jsonl"], FILE).created == Counter(initiative=1, party=6)
    Path("c.yaml").write_text("initiatives: [{id: j, kind: policy, name: J, operator: lasd}]")
    with pytest.raises(Invalid) as refusal:
        load(database, ["c.yaml", "b.jsonl"], FILE)
    assert str(refusal.value) == "c.yaml:1:56: party `lasd` is not defined; did you mean `last`?"


def test_the_first_faults_of_many_are_told_and_all_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "LINES_AT_ONCE", 10)
    monkeypatch.setattr(staging, "MOST_FAULTS", 20)
    wrong = (
        {"parties": [{"id": f"p{n}", "kind": "person", "name": "P", "successor": "no"}]} for n in range(90)
    )
    Path("a.jsonl").write_text(lines(*wrong) + "{oops\n" * 10)
    with pytest.raises(Invalid) as refusal:
        load(database, ["a.jsonl"], FILE)
    error = refusal.value
    assert [fault.place.line for fault in error.faults if fault.place] == list(range(1, 21))
    assert (error.detail, error.more) == ("100 faults in the input", 80)


def test_what_a_person_removed_stays_away_across_blocks(database: Database, at_once: int) -> None:
    told(database, TOWN)
    removed(database, "deal.2")
    content = as_json(TOWN)
    town = [{"parties": [party]} for party in content["parties"]]
    whole = content["agreements"][0]
    bare = {name: said for name, said in whole.items() if name not in ("clauses", "quotes")}
    second = whole["clauses"][1]
    second["follow_ups"] = []
    followed = {**bare, "clauses": [{**second, "follow_ups": [REPORTED]}], "quotes": []}
    text = lines(*town, {"agreements": [whole]}, {"agreements": [followed]})
    outcome = told(database, text, name="a.jsonl")
    assert [line.partition(":")[0] for line in outcome.removed] == ["clause deal.2 stays removed"]
    assert (outcome.changes, rows.counts(database)["follow_up"]) == ([], 0)
    quote = {**bare, "clauses": [], "quotes": [{"number": 2, "kind": "direct", "text": "M", "clauses": [2]}]}
    faults = refused(database, text + lines({"agreements": [quote]}), name="a.jsonl")
    assert [fault.split(": ", 1)[1] for fault in faults] == [
        "clause `deal.2` was removed by a person; --overwrite brings it back"
    ]


def test_a_thousand_changed_clauses_of_one_agreement_ask_the_database_a_few_times(database: Database) -> None:
    agreement = {**DEAL, "parties": [], "clauses": [clause(number) for number in range(1, 1_001)]}
    told(database, json.dumps({"agreements": [agreement]}), name="a.json")
    changed(database, {"text": "a person's"}, "deal.7")
    with database.write(PERSON) as change:
        remove_resource(change, Clause, "deal.8", ANY)
    agreement["clauses"] = [clause(number, label=f"({number})") for number in range(1, 1_001)]
    asked: list[Any] = []

    def fetch(statement: Any, *values: Any) -> list[Any]:
        asked.append(statement)
        return database.rows(statement, *values)

    Path("a.json").write_text(json.dumps({"agreements": [agreement]}))
    staged = StagedRows(fetch, "2026-01-01", LoadOptions())
    for document in reading.read(Path("a.json")):
        staged.take(document)
    staged.plan(fetch)
    assert len(asked) < 10
    planned = staged.blocks[0].plans.values()
    assert Counter(len(each.changes) for each in planned) == Counter({1: 999, 0: 2})
    staged.close()
    outcome = load(database, ["a.json"], FILE)
    assert (len(outcome.kept), len(outcome.removed)) == (1, 1)
    assert outcome.updated == Counter(clause=999)
    assert value(database, "clause", "deal.7", "text") == "a person's"
    assert [each["after"]["version"] for each in entries(database, "clause", "deal.9")] == [1, 2]
    assert len(history_of(database.rows, Agreement, "deal", limit=200)[0]) == 4
    assert list(problems(database)) == []


def test_what_was_read_is_kept_in_a_file_whatever_sqlite_does_with_temporary_things() -> None:
    index = Index()
    assert index._file.execute("PRAGMA database_list").fetchone()[2]
    index.close()


@given(st.text("a.1\n가-"))
def test_ids_of_follow_ups_are_uuids_of_version_5(name: str) -> None:
    assert seeds._uuid5(name) == str(uuid.uuid5(FOLLOW_UPS, name))
