"""Loading seed files: what becomes of them, what stays as a person left it, what a second load does."""

from __future__ import annotations

import io
import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import rows
from tests.loads import FILE, PERSON, TOWN, entries, piped, refused, state, stored, told, value
from tracker.database.engine import Database, open_database
from tracker.loading import load, staging, validate
from tracker.loading.seeds import FOLLOW_UPS
from tracker.models import Clause
from tracker.queries.history import history_of
from tracker.services.checking import problems
from tracker.services.follow_ups import change_follow_up, record_follow_up, remove_follow_up
from tracker.services.resources import ANY
from tracker.services.writing import create_part, remove_resource, update_resource

COUNTS = {"party": 3, "agreement": 1, "clause": 2, "quote": 1}
FOLLOWED = TOWN.replace(
    "text: first}",
    "text: first, follow_ups: [{track: reported, status: in_progress, effective_on: 2021}]}",
)
FOLLOW_UP = str(uuid.uuid5(FOLLOW_UPS, "deal.1\nreported\nin_progress\n2021\n2021-12-31\n"))


def changed(database: Database, content: dict[str, Any], id: str = "deal.1") -> None:
    with database.write(PERSON) as change:
        update_resource(change, Clause, id, content, ANY)


def removed(database: Database, id: str) -> None:
    with database.write(PERSON) as change:
        remove_resource(change, Clause, id, ANY)


def as_json(text: str) -> Any:
    from tracker.loading.reading import read_yaml

    def numbered(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: numbered(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [numbered(each) for each in value]
        return int(value) if key in ("number", "start", "end", "tracker") else value

    return numbered(read_yaml("a", text.encode()).content)


# Forms


def test_yaml_json_json_lines_and_standard_input_give_the_same(database: Database) -> None:
    content = as_json(TOWN)
    lines = [
        json.dumps({section: [each]}) for section in ("parties", "agreements") for each in content[section]
    ]
    assert told(database, TOWN).created == Counter(COUNTS)
    same: tuple[Counter[str], ...] = (Counter(COUNTS), Counter(), Counter())
    for outcome in (
        told(database, json.dumps(content), name="a.json"),
        told(database, "\n".join(lines), name="a.jsonl"),
        piped(database, TOWN),
        piped(database, json.dumps(content, indent=1)),
        piped(database, "\n".join(lines)),
    ):
        assert (outcome.unchanged, outcome.created, outcome.updated) == same


def test_a_folder_and_standard_input_load_together(database: Database) -> None:
    Path("seeds/deep").mkdir(parents=True)
    Path("seeds/1.yaml").write_text("initiatives: [{id: works, kind: facility, name: Works, operator: town}]")
    Path("seeds/deep/2.json").write_text('{"parties": [{"id": "town", "kind": "organisation", "name": "T"}]}')
    Path("seeds/notes.txt").write_text("nothing")
    more = io.BytesIO(b"parties: [{id: other, kind: person, name: Other, affiliations: []}]")
    outcome = load(database, ["seeds", "-"], FILE, stdin=more)
    assert outcome.created == Counter(party=2, initiative=1)
    assert value(database, "initiative", "works", "operator") == "town"


def test_decomposed_korean_is_what_composed_korean_is(database: Database) -> None:
    korean = "parties: [{id: city, kind: organisation, name: 광주광역시, names: [{name: 광주, kind: alias}]}]"
    told(database, normalize("NFD", korean))
    assert value(database, "party", "city", "name") == normalize("NFC", "광주광역시")
    assert told(database, normalize("NFC", korean)).unchanged == Counter(party=1)


def test_a_draft_is_accepted_everywhere_and_ignored(database: Database) -> None:
    drafted = (
        TOWN.replace("tracker: 1", "tracker: 1\ndraft: {look: at it}")
        .replace("{id: town,", "{draft: {confidence: low}, id: town,")
        .replace("{number: 1,", "{draft: look, number: 1,")
        .replace("{party: agency}", "{party: agency, draft: [sure]}")
        .replace("    title: Deal", "    draft: low\n    title: Deal")
    )
    assert validate([_file("d.yaml", drafted)]) == Counter(COUNTS)
    assert told(database, drafted).created == Counter(COUNTS)
    assert told(database, TOWN).unchanged == Counter(COUNTS)


def test_a_quote_names_clauses_by_number_or_id(database: Database) -> None:
    told(database, TOWN.replace("clauses: [1]}", "clauses: [2, deal.1]}"))
    assert value(database, "quote", "deal.q1", "clauses") == ["deal.2", "deal.1"]


def test_a_text_of_a_source_is_loaded_once_and_its_spans_are_proved(database: Database) -> None:
    said = 'sources: [{id: paper, kind: news_article, title: T, text: "We promise roads", char_count: 16}]\n'
    assert told(database, said).created == Counter(source=1)
    again = told(database, said)
    assert (again.unchanged, again.updated) == (Counter(source=1), Counter())
    spanned = TOWN.replace("text: second", "text: roads, source: paper, start: 10, end: 15")
    assert refused(database, spanned) == [
        "a.yaml:14:70: the source does not read so at 10–15; it stands at 11–16"
    ]
    assert told(database, spanned.replace("10, end: 15", "11, end: 16")).created == Counter(COUNTS)


# References


def test_things_may_refer_to_what_comes_later_in_the_file(database: Database) -> None:
    text = """\
sources: [{id: paper, kind: news_article, title: T, publisher: new, author: kim}]
parties:
  - {id: old, kind: organisation, name: Old, successor: new, succeeded_on: 2021}
  - {id: kim, kind: person, name: Kim, affiliations: [{organisation: new, role: Chief}]}
  - {id: new, kind: organisation, name: New}
agreements:
  - id: first
    title: First
    kind: mou
    links: [{kind: renews, target: second}]
    clauses:
      - number: 1
        kind: listed
        text: one
        follow_ups:
          - {track: reported, status: superseded, reason: replaced, effective_on: 2021, replaced_by: second.2}
  - {id: second, title: Second, kind: mou, clauses: [{number: 2, kind: listed, text: two}]}
"""
    assert told(database, text).created == Counter(source=1, party=3, agreement=2, clause=2, follow_up=1)
    assert told(database, text).created == Counter()
    assert list(problems(database)) == []


def test_a_circle_on_one_line_of_json_lines_is_loaded(database: Database) -> None:
    linked = [
        {"id": one, "title": "T", "kind": "mou", "links": [{"kind": "amends", "target": other}]}
        for one, other in (("a", "b"), ("b", "a"))
    ]
    assert told(database, json.dumps({"agreements": linked}), name="a.jsonl").created == Counter(agreement=2)


# A second load


def test_an_unchanged_second_load_writes_nothing(database: Database) -> None:
    told(database, FOLLOWED)
    before, counts = state(database), rows.counts(database)
    outcome = told(database, FOLLOWED)
    assert outcome.unchanged == Counter(COUNTS | {"follow_up": 1})
    assert (outcome.created, outcome.updated, outcome.changes) == (Counter(), Counter(), [])
    assert (state(database), rows.counts(database)) == (before, counts)


def test_an_absent_key_leaves_and_null_clears(database: Database) -> None:
    told(database, TOWN)
    told(database, "parties: [{id: town, name: New Town, country: KR}]")
    assert (value(database, "party", "town", "name"), value(database, "party", "town", "country")) == (
        "New Town",
        "KR",
    )
    outcome = told(database, "parties: [{id: town, country: null}, {id: mayor, affiliations: null}]")
    assert outcome.changes == ["change party town: country", "change party mayor: affiliations"]
    assert value(database, "party", "town", "name") == "New Town"
    assert value(database, "party", "town", "country") is None
    assert value(database, "party", "mayor", "affiliations") == []


def test_null_clears_what_a_follow_up_of_a_file_said(database: Database) -> None:
    told(database, FOLLOWED.replace("2021}]}", "2021, note: soon}]}"))
    assert value(database, "follow_up", FOLLOW_UP, "note") == "soon"
    told(database, FOLLOWED)
    assert value(database, "follow_up", FOLLOW_UP, "note") == "soon"
    told(database, FOLLOWED.replace("2021}]}", "2021, note: null}]}"))
    assert value(database, "follow_up", FOLLOW_UP, "note") is None


def test_a_follow_up_with_an_id_may_be_changed_in_part(database: Database) -> None:
    id = "018f3c2a-0000-7000-8000-000000000001"
    whole = f"{{id: {id}, track: reported, status: behind, effective_on: 2021, checked_on: 2022-02-02}}"
    clauses = "agreements: [{id: deal, clauses: [{number: 1, follow_ups: [%s]}]}]"
    told(database, TOWN)
    told(database, clauses % whole)
    outcome = told(database, clauses % f"{{id: {id}, effective_on: 2021-06}}")
    assert outcome.changes == [f"change follow-up {id}: effective_on"]
    assert value(database, "follow_up", id, "checked_on") == "2022-02-02"
    assert refused(database, clauses % f"{{id: {id}, status: met, track: verified}}") == [
        "a.yaml:1:60: a verified `met` needs evidence that supports it; give `url`, `source` or `reference`"
    ]
    assert value(database, "follow_up", id, "status") == "behind"


def test_a_value_that_a_person_changed_is_kept_until_overwritten(database: Database) -> None:
    told(database, TOWN)
    changed(database, {"text": "a person's"})
    kept = ["`text` of clause deal.1 is kept: kim changed it on {day}; --overwrite takes the file's"]
    day = entries(database, "clause", "deal.1")[-1]["at"][:10]
    for label in ("①", "②"):
        outcome = told(database, TOWN.replace("text: first", f"label: {label}, text: first"))
        assert outcome.kept == [kept[0].format(day=day)]
        assert outcome.changes == ["change clause deal.1: label"]
        assert value(database, "clause", "deal.1", "text") == "a person's"
    outcome = told(database, TOWN, overwrite=True)
    assert (outcome.kept, outcome.changes) == ([], ["change clause deal.1: text"])
    assert value(database, "clause", "deal.1", "text") == "first"
    assert told(database, TOWN.replace("first", "fifth")).changes == ["change clause deal.1: text"]


def test_a_partial_file_is_not_at_fault_for_what_is_kept_anyway(database: Database) -> None:
    source = "sources: [{id: paper, kind: news_article, title: T, char_count: 90}]\n"
    told(database, source)
    told(database, TOWN.replace("text: first", "text: first, source: paper, start: 10, end: 15"))
    changed(database, {"text": "second", "end": 16})
    outcome = told(database, "agreements: [{id: deal, clauses: [{number: 1, text: first}, {number: 2}]}]")
    assert (len(outcome.kept), outcome.changes) == (1, [])
    assert value(database, "clause", "deal.1", "text") == "second"


def test_what_a_person_made_before_the_file_is_kept(database: Database) -> None:
    told(database, TOWN)
    with database.write(PERSON) as change:
        create_part(change, Clause, "deal", {"number": 3, "kind": "listed", "text": "mine"})
    outcome = told(
        database, "agreements: [{id: deal, clauses: [{number: 1}, {number: 2}, {number: 3, text: theirs}]}]"
    )
    assert [line.partition(":")[0] for line in outcome.kept] == ["`text` of clause deal.3 is kept"]


def test_what_a_person_removed_stays_removed_until_overwritten(database: Database) -> None:
    told(database, TOWN)
    changed(database, {"label": "①"}, "deal.2")
    removed(database, "deal.2")
    day = entries(database, "clause", "deal.2")[-1]["at"][:10]
    for _ in range(2):
        outcome = told(database, TOWN)
        assert outcome.removed == [
            f"clause deal.2 stays removed: kim removed it on {day}; --overwrite brings it back"
        ]
        assert outcome.changes == []
    assert stored(database, "clause", "deal.2") is None
    assert told(database, TOWN, overwrite=True).changes == ["create clause deal.2"]
    assert value(database, "clause", "deal.2", "version") == 3
    assert told(database, TOWN).unchanged == Counter(COUNTS)
    assert list(problems(database)) == []


def test_what_belongs_to_a_removed_clause_stays_away_with_it(database: Database) -> None:
    told(database, TOWN)
    removed(database, "deal.2")
    follow_up = "text: second, follow_ups: [{track: reported, status: behind, effective_on: 2021}]"
    outcome = told(database, TOWN.replace("text: second", follow_up))
    assert (len(outcome.removed), outcome.changes) == (1, [])


def test_a_reference_to_what_stays_removed_is_a_fault_at_its_place(database: Database) -> None:
    told(database, TOWN)
    removed(database, "deal.2")
    text = TOWN + "      - {number: 2, kind: direct, text: More, clauses: [1, 2]}\n"
    assert refused(database, text) == [
        "a.yaml:17:60: clause `deal.2` was removed by a person; --overwrite brings it back"
    ]
    assert stored(database, "quote", "deal.q2") is None
    assert told(database, text, overwrite=True).changes == ["create clause deal.2", "create quote deal.q2"]


def test_a_removed_follow_up_stays_removed(database: Database) -> None:
    told(database, FOLLOWED)
    with database.write(PERSON) as change:
        remove_follow_up(change, FOLLOW_UP, ANY)
    outcome = told(database, FOLLOWED)
    assert (len(outcome.removed), outcome.changes) == (1, [])
    assert value(database, "clause", "deal.1", "status") == "not_assessed"
    told(database, FOLLOWED, overwrite=True)
    assert value(database, "follow_up", FOLLOW_UP, "version") == 2
    assert value(database, "clause", "deal.1", "status") == "in_progress"


def test_children_that_a_file_lacks_are_reported_and_pruned_on_request(database: Database) -> None:
    told(database, FOLLOWED)
    fewer = "agreements: [{id: deal, clauses: [], quotes: []}]"
    assert told(database, fewer).missing == [
        "quote deal.q1 is not in a.yaml; --prune removes it",
        "clause deal.1 is not in a.yaml, but stays: clause deal.1 is needed by 1 quote (deal.q1)"
        f" and 1 follow-up ({FOLLOW_UP})",
        "clause deal.2 is not in a.yaml; --prune removes it",
    ]
    assert told(database, "agreements: [{id: deal}]", prune=True).missing == []
    outcome = told(database, fewer, prune=True)
    assert outcome.changes == ["remove quote deal.q1", "remove clause deal.2"]
    assert outcome.pruned == Counter(quote=1, clause=1)
    assert outcome.missing == [
        f"clause deal.1 is not in a.yaml, but stays: clause deal.1 is needed by 1 follow-up ({FOLLOW_UP})"
    ]
    assert told(database, FOLLOWED).created == Counter(quote=1, clause=1)  # a file removed them, no person
    assert value(database, "clause", "deal.2", "version") == 2


def test_a_clause_that_a_quote_speaks_to_is_not_pruned(database: Database) -> None:
    told(database, TOWN)
    outcome = told(database, "agreements: [{id: deal, clauses: [{number: 2}]}]", prune=True)
    assert outcome.missing == [
        "clause deal.1 is not in a.yaml, but stays: clause deal.1 is needed by 1 quote (deal.q1)"
    ]


# Follow-ups


def test_a_follow_up_without_an_id_gets_one_from_what_it_says(database: Database) -> None:
    told(database, FOLLOWED)
    found = stored(database, "follow_up", FOLLOW_UP)
    assert found is not None
    assert {name: found[name] for name in ("checked_on", "recorded_by", "recorded_claimed", "version")} == {
        "checked_on": "2021-12-31",
        "recorded_by": "loader",
        "recorded_claimed": False,
        "version": 1,
    }
    clause = stored(database, "clause", "deal.1")
    assert clause is not None
    assert [
        clause[name] for name in ("status", "reported_status", "verified_status", "met_on", "reviewed_on")
    ] == [
        "in_progress",
        "in_progress",
        None,
        None,
        "2021-12-31",
    ]
    assert list(problems(database)) == []


def test_who_recorded_it_and_when_is_kept_as_claimed(database: Database) -> None:
    claim = "2021, recorded_by: lee, recorded_at: '2022-01-01T09:00:00+09:00'}]}"
    told(database, FOLLOWED.replace("2021}]}", claim))
    found = stored(database, "follow_up", FOLLOW_UP)
    assert found is not None
    assert (found["recorded_by"], found["recorded_at"], found["recorded_claimed"]) == (
        "lee",
        "2022-01-01T00:00:00.000000Z",
        True,
    )
    assert entries(database, "follow_up", FOLLOW_UP)[0]["actor"] == "loader"
    assert told(database, FOLLOWED.replace("2021}]}", claim)).changes == []


def test_a_search_without_a_find_stands_on_the_day_of_the_search(database: Database) -> None:
    searched = FOLLOWED.replace(
        "status: in_progress, effective_on: 2021", "status: no_evidence, checked_on: 2021-05-05"
    )
    told(database, searched)
    id = str(uuid.uuid5(FOLLOW_UPS, "deal.1\nreported\nno_evidence\n2021-05-05\n2021-05-05\n"))
    assert value(database, "follow_up", id, "effective_on") == "2021-05-05"
    assert told(database, searched).unchanged["follow_up"] == 1


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_follow_up_that_a_person_changed_is_never_touched(database: Database, overwrite: bool) -> None:
    told(database, FOLLOWED)
    with database.write(PERSON) as change:
        change_follow_up(change, FOLLOW_UP, {"note": "mine"}, ANY)
    day = entries(database, "follow_up", FOLLOW_UP)[-1]["at"][:10]
    outcome = told(database, FOLLOWED.replace("2021}]}", "2021, note: the file's}]}"), overwrite=overwrite)
    assert outcome.kept == [f"follow-up {FOLLOW_UP} stays as it is: kim updated it on {day}"]
    assert value(database, "follow_up", FOLLOW_UP, "note") == "mine"


def test_a_follow_up_that_a_person_recorded_stays_beside_those_of_a_file(database: Database) -> None:
    told(database, TOWN)
    with database.write(PERSON) as change:
        content = {"track": "reported", "status": "behind", "effective_on": "2022"}
        mine = record_follow_up(change, "deal.1", content)
    outcome = told(database, FOLLOWED, overwrite=True, prune=True)
    assert outcome.changes == [f"create follow-up {FOLLOW_UP}"]
    assert value(database, "follow_up", mine, "version") == 1
    assert value(database, "clause", "deal.1", "status") == "behind"


# History


def test_a_load_writes_one_change_for_each_root(database: Database) -> None:
    told(database, FOLLOWED)
    assert rows.counts(database)["change"] == 4  # three parties and the agreement with all in it
    told(database, FOLLOWED.replace("text: second", "text: other").replace("We will", "We shall"))
    assert rows.counts(database)["change"] == 5
    first, second = entries(database, "clause", "deal.2")
    assert (first["before"], first["after"]["text"], first["action"]) == (None, "second", "load")
    assert (second["before"]["text"], second["after"]["text"]) == ("second", "other")
    assert (second["before"]["version"], second["after"]["version"]) == (1, 2)
    assert [entry["after"]["text"] for entry in entries(database, "quote", "deal.q1")] == [
        "We will",
        "We shall",
    ]
    assert len(entries(database, "clause", "deal.1")) == 1
    assert [entry["after"]["status"] for entry in entries(database, "follow_up", FOLLOW_UP)] == [
        "in_progress"
    ]
    assert history_of(database.rows, Clause, "deal.2", limit=1)[1] is not None
    assert list(problems(database)) == []


def test_a_dry_run_counts_the_same_and_writes_nothing(database: Database) -> None:
    empty = state(database), rows.counts(database)
    tried = told(database, FOLLOWED, dry_run=True)
    assert (state(database), rows.counts(database)) == empty
    assert told(database, FOLLOWED) == tried
    text = FOLLOWED.replace("name: Town}", "name: City}")
    before = state(database), rows.counts(database)
    assert told(database, text, dry_run=True).changes == ["change party town: name"]
    assert (state(database), rows.counts(database)) == before


# Many lines, many loaders


def lines_of(count: int) -> str:
    return "\n".join(
        json.dumps({"parties": [{"id": f"p{place}", "kind": "organisation", "name": f"P {place}"}]})
        for place in range(count)
    )


def test_long_json_lines_are_committed_a_thousand_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        lines_of(1_001) + '\n{"initiatives": [{"id": "i", "kind": "policy", "name": "I", "operator": "p0"}]}'
    )
    done: list[tuple[int, int | None]] = []
    outcome = told(database, text, name="a.jsonl", dry_run=True)
    assert outcome.created == Counter(party=1_001, initiative=1)

    class Cut(Exception):
        pass

    def cut_off(now: int, total: int | None) -> None:
        done.append((now, total))
        if total is not None:  # so many are checked, and nothing is written yet
            raise Cut

    with pytest.raises(Cut):
        told(database, text, name="a.jsonl", progress=cut_off)
    assert (done, rows.counts(database)["party"]) == ([(1_000, None), (1_002, None), (1_000, 1_002)], 1_000)
    again = told(database, text, name="a.jsonl")
    assert (again.unchanged, again.created) == (Counter(party=1_000), Counter(party=1, initiative=1))


def test_a_part_goes_on_while_it_refers_to_what_follows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "LINES_AT_ONCE", 2)
    Path("a.yaml").write_text("initiatives: [{id: i, kind: policy, name: I, operator: p4}]")
    Path("b.jsonl").write_text(lines_of(8))
    sizes: list[tuple[int, int | None]] = []
    load(database, ["a.yaml", "b.jsonl"], FILE, progress=lambda *now: sizes.append(now))
    assert [now for now, total in sizes if total is None] == [2, 4, 6, 8, 9]
    assert [now for now, total in sizes if total is not None] == [6, 8, 9]


@pytest.mark.parametrize("text", [FOLLOWED, "parties: [{id: only, kind: person, name: Only}]"])
def test_two_loaders_at_once_give_what_one_gives(database: Database, database_url: str, text: str) -> None:
    Path("a.yaml").write_text(text)
    others = [open_database(database_url) for _ in range(3)]
    together = threading.Barrier(len(others))
    found: list[Any] = []

    def run(own: Database) -> None:
        together.wait()
        try:
            found.append(load(own, ["a.yaml"], FILE))
        finally:
            own.close()

    threads = [threading.Thread(target=run, args=(own,)) for own in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    created = sorted(sum(outcome.created.values()) for outcome in found)
    assert created == [0, 0, sum(len(things) for things in state(database).values())]
    assert told(database, text).changes == []
    assert {entry["version"] for things in state(database).values() for entry in things} == {1}
    assert list(problems(database)) == []


# Any small register

_ids = st.sampled_from(["a", "b", "c", "d"])
_words = st.sampled_from(["가", normalize("NFD", "나"), "x", "NO", "0123"])
_follow_ups = st.fixed_dictionaries(
    {
        "track": st.sampled_from(["reported", "verified"]),
        "status": st.sampled_from(["in_progress", "behind", "no_evidence"]),
        "effective_on": st.sampled_from(["2020", "2021-02", "2022-03-04"]),
    }
)
_clauses = st.fixed_dictionaries(
    {"kind": st.just("listed"), "text": _words, "follow_ups": st.lists(_follow_ups, max_size=2)},
    optional={"due": st.sampled_from(["2021", None])},
)


@st.composite
def registers(draw: Callable[..., Any]) -> list[dict[str, Any]]:
    """Return a register as documents that refer to each other in any order."""
    ids = draw(st.lists(_ids, min_size=1, unique=True))
    documents: list[dict[str, Any]] = []
    for place, id in enumerate(ids):
        party = {"id": id, "kind": "organisation", "name": draw(_words)}
        successor = draw(st.sampled_from([None, *ids[place + 1 :]]))  # in one direction: no circle
        documents.append({"parties": [party | {"successor": successor}]})
        clauses = draw(st.lists(_clauses, max_size=2))
        agreement = {
            "id": id,
            "title": draw(_words),
            "kind": "mou",
            "parties": [{"party": each} for each in draw(st.lists(st.sampled_from(ids), unique=True))],
            "clauses": [{"number": place, **clause} for place, clause in enumerate(clauses, 1)],
        }
        documents.append({"agreements": [agreement]})
    return documents


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=registers(), data=st.data())
def test_any_register_loads_twice_unchanged_and_in_any_order_of_files(
    documents: list[dict[str, Any]], data: st.DataObject, database_url: str, tmp_path: Path
) -> None:
    paths = [_file(f"{place}.json", json.dumps(each)) for place, each in enumerate(documents)]
    states = []
    for order in (paths, data.draw(st.permutations(paths))):
        copy = tmp_path / "copy.db"
        copy.write_bytes((tmp_path / "tracker.db").read_bytes())
        database = open_database(f"sqlite:///{copy}")
        load(database, order, FILE)
        states.append(state(database))
        assert load(database, paths, FILE).changes == []
        assert state(database) == states[-1]
        assert list(problems(database)) == []
        database.close()
    assert states[0] == states[1]


def _file(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name
