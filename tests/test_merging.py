"""Parties that are one and the same: proposing them, merging them, and where their ids lead then."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from tests.api import Api, fill
from tests.loads import PERSON, told, value
from tests.rows import counts
from tracker.cli import program
from tracker.database.engine import Database
from tracker.errors import Conflict, Invalid, Merged, NotFound
from tracker.services.checking import problems
from tracker.services.merging import Merge, merge_party

AS_CITY = {
    "id": "metro", "kind": "organisation", "name": "Metropolitan City", "country": "NZ", "founded": "1949",
    "names": [{"name": "광주", "kind": "alias"}, {"name": "GJ", "kind": "abbreviation", "lang": "en"}],
    "identifiers": [{"scheme": "wikidata", "value": "Q41283"}],
}  # fmt: skip


@pytest.fixture
def api(database: Database) -> Api:
    """A world in which the city is recorded twice, the second time as `metro`, with all that refers to it."""
    fill(database)
    api = Api(database)
    made = [
        api.post("/v1/parties", AS_CITY),
        api.patch("/v1/parties/city", {"names": [{"name": "GJ", "kind": "abbreviation"}]}),
        api.post("/v1/parties", {"id": "aide", "kind": "person", "name": "Kim",
                                 "affiliations": [{"organisation": "metro", "role": "Aide"},
                                                  {"organisation": "city", "role": "Aide"}]}),
        api.post("/v1/parties", {"id": "village", "kind": "organisation", "name": "V", "successor": "metro"}),
        api.post("/v1/sources", {"id": "s", "kind": "press_release", "title": "S", "publisher": "metro"}),
        api.post("/v1/initiatives", {"id": "i", "kind": "facility", "name": "I", "operator": "metro"}),
        api.patch("/v1/agreements/deal", {"parties": [
            {"party": "city", "department": "도시과"}, {"party": "metro", "signed_by": "mayor"}, {"party": "agency"}]}),
        api.patch("/v1/agreements/older", {"parties": [{"party": "metro", "role": "witness"}]}),
        api.patch("/v1/clauses/deal.1", {"parties": [{"party": "metro", "role": "obligor"},
                                                      {"party": "city", "role": "obligor"}]}),
        api.patch("/v1/quotes/deal.q1", {"on_behalf_of": "metro"}),
        api.post("/v1/clauses/deal.2/follow-ups", {"track": "reported", "status": "in_progress",
                                                   "effective_on": "2021", "stated_by": "metro"}),
    ]  # fmt: skip
    assert all(answer.status in (200, 201) for answer in made), [answer.raw for answer in made]
    return api


def merged(database: Database, id: str, into: str) -> Merge:
    with database.write(PERSON) as change:
        return merge_party(change, id, into)


def test_names_roles_and_references_move_as_one_change(api: Api) -> None:
    before = api.get("/v1/changes?limit=200").json["data"][-1]["id"]
    city = api.get("/v1/parties/city").json
    done = merged(api.database, "metro", "city")
    follow_up = done.changed["follow_up"][0]
    assert done == Merge(
        "metro",
        "city",
        {
            "source": ["s"],
            "party": ["aide", "village", "city"],
            "initiative": ["i"],
            "agreement": ["deal", "older"],
            "clause": ["deal.1"],
            "quote": ["deal.q1"],
            "follow_up": [follow_up],
        },
    )
    assert api.get("/v1/parties/city").json == city | {
        "founded": "1949",  # what it did not know
        "country": "KR",  # what it knew better
        "names": [
            {"name": "GJ", "kind": "abbreviation", "lang": "en", "valid_from": None, "valid_to": None},
            {
                "name": "Metropolitan City",
                "kind": "alias",
                "lang": None,
                "valid_from": None,
                "valid_to": None,
            },
        ],
        "identifiers": [{"scheme": "wikidata", "value": "Q41283"}],
        "version": 3,
        "updated_at": api.get("/v1/parties/city").json["updated_at"],
    }
    assert value(api.database, "agreement", "deal", "parties") == [
        {"party": "city", "role": "party", "signed_by": "mayor", "signed_as": None, "department": "도시과"},
        {"party": "agency", "role": "party", "signed_by": None, "signed_as": None, "department": None},
    ]
    assert value(api.database, "clause", "deal.1", "parties") == [{"party": "city", "role": "obligor"}]
    assert [each["organisation"] for each in value(api.database, "party", "aide", "affiliations")] == ["city"]
    for table, id, name in (
        ("party", "village", "successor"),
        ("source", "s", "publisher"),
        ("initiative", "i", "operator"),
        ("quote", "deal.q1", "on_behalf_of"),
        ("follow_up", follow_up, "stated_by"),
    ):
        assert value(api.database, table, id, name) == "city"
    entries = api.get(f"/v1/changes?after={before}").json["data"]
    assert {each["action"] for each in entries} == {"merge"}
    assert sorted((each["resource"], each["resource_id"]) for each in entries) == [
        ("agreement", "deal"),
        ("agreement", "older"),
        ("initiative", "i"),
        ("party", "aide"),
        ("party", "city"),
        ("party", "metro"),
        ("party", "village"),
        ("source", "s"),
    ]
    assert api.get("/v1/clauses/deal.1/history").json["data"][-1]["action"] == "merge"
    assert list(problems(api.database)) == []


def test_the_id_leads_to_the_other_on_all_its_addresses(api: Api) -> None:
    merged(api.database, "metro", "city")
    for method, path, content in (
        ("GET", "/v1/parties/metro", None),
        ("GET", "/v1/parties/metro/history?after=1&limit=2", None),
        ("PATCH", "/v1/parties/metro?comment=%EC%99%9C", {"name": "x"}),
        ("DELETE", "/v1/parties/metro?dry_run=true", None),
    ):
        answer = api.ask(method, path, content, role="editor", if_match="*")
        assert answer.status == 308, answer.raw
        assert answer.headers["Location"] == path.replace("metro", "city")
        assert answer.json == {
            "type": "/problems/merged",
            "title": "It was merged into another",
            "status": 308,
            "detail": "party metro was merged into city",
            "hint": "see city",
        }
    assert api.ask("PATCH", "/v1/parties/metro", {}).status == 401
    history = api.get("/v1/parties/city/history").json["data"]
    assert [(each["action"], each["resource_id"]) for each in history] == [
        ("create", "metro"),
        ("update", "city"),
        ("merge", "city"),
        ("merge", "metro"),
    ]
    assert api.ids("/v1/parties") == ["agency", "aide", "city", "mayor", "paper", "village"]


def test_the_address_is_the_one_that_clients_reach(database: Database) -> None:
    fill(database)
    api = Api(database, public_url="https://example.org/")
    merged(database, "agency", "city")
    assert api.get("/v1/parties/agency").headers["Location"] == "https://example.org/v1/parties/city"


def test_filters_by_the_id_find_the_other_s(api: Api) -> None:
    merged(api.database, "metro", "city")
    for path in (
        "/v1/agreements?party={}",
        "/v1/agreements?party=mayor,{}&sort=-id",
        "/v1/clauses?party={}",
        "/v1/clauses?obligor={}",
        "/v1/quotes?on_behalf_of={}",
        "/v1/follow-ups?stated_by={}",
        "/v1/sources?publisher={}",
        "/v1/initiatives?operator={}",
    ):
        found = api.ids(path.format("city"))
        assert found
        assert api.ids(path.format("metro")) == found
    assert api.ids("/v1/agreements?party=nobody") == []


def test_an_id_leads_to_the_end_of_a_chain_of_merges(api: Api) -> None:
    merged(api.database, "metro", "city")
    merged(api.database, "city", "agency")
    for id in ("metro", "city"):
        assert api.get(f"/v1/parties/{id}").headers["Location"] == "/v1/parties/agency"
        assert api.ids(f"/v1/agreements?party={id}") == ["deal", "older"]
    roots = {each["resource_id"] for each in api.get("/v1/parties/agency/history").json["data"]}
    assert roots == {"metro", "city", "agency"}
    assert list(problems(api.database)) == []


def test_an_id_that_leads_to_another_is_taken(api: Api) -> None:
    merged(api.database, "metro", "city")
    answer = api.post("/v1/parties", AS_CITY)
    assert (answer.status, answer.json["detail"]) == (409, "party metro was merged into city")
    assert api.patch("/v1/quotes/deal.q1", {"speaker": "metro"}).faults == [("/speaker", "merged")]


def test_with_the_party_goes_what_led_to_it(database: Database) -> None:
    fill(database)
    api = Api(database)
    api.post("/v1/parties", {"id": "one", "kind": "person", "name": "One"})
    api.post("/v1/parties", {"id": "two", "kind": "person", "name": "Two"})
    merged(database, "one", "two")
    assert api.delete("/v1/parties/two").status == 204
    assert [api.get(f"/v1/parties/{id}").status for id in ("one", "two")] == [410, 410]


@pytest.mark.parametrize(
    ("id", "into", "error", "words"),
    [
        ("city", "city", Invalid, "party city cannot be merged into itself; name two"),
        ("city", "mayor", Invalid, "party city is an organisation, mayor a person; only two of one kind can be the same"),
        ("nobody", "city", NotFound, "there is no party nobody"),
        ("city", "nobody", NotFound, "there is no party nobody"),
        ("village", "metro", Conflict, "party village became part of metro: they are two, one after the other; "
                                       "if they are one, clear `successor` of village first"),
        ("metro", "village", Conflict, "party village became part of metro: they are two, one after the other; "
                                       "if they are one, clear `successor` of village first"),
    ],
)  # fmt: skip
def test_what_cannot_be_one_is_not_merged(
    api: Api, id: str, into: str, error: type[Exception], words: str
) -> None:
    before = counts(api.database)
    with pytest.raises(error) as raised:
        merged(api.database, id, into)
    assert str(raised.value) == words
    assert counts(api.database) == before


def test_what_was_merged_is_not_merged_again(api: Api) -> None:
    merged(api.database, "metro", "city")
    for id, into in (("metro", "agency"), ("agency", "metro")):
        with pytest.raises(Merged, match="party metro was merged into city; see city"):
            merged(api.database, id, into)


# Files that still name it

FILE = """\
parties:
  - {id: old, kind: organisation, name: Old Town}
  - {id: new, kind: organisation, name: New Town}
  - {id: clerk, kind: person, name: Clerk, affiliations: [{organisation: old, role: Clerk}]}
agreements:
  - id: pact
    title: Pact
    kind: mou
    parties: [{party: old}, {party: new, role: witness}]
    clauses:
      - number: 1
        kind: listed
        text: first
        parties: [{party: old, role: obligor}, {party: new, role: obligor}]
        follow_ups: [{track: reported, status: in_progress, effective_on: 2021, stated_by: old}]
"""


def test_a_file_that_still_names_it_means_the_other(database: Database) -> None:
    told(database, FILE)
    merged(database, "old", "new")
    before = counts(database)
    every: list[dict[str, Any]] = [{}, {"overwrite": True}, {"prune": True}]
    for wishes in every:
        outcome = told(
            database, FILE.replace("{id: new, kind: organisation, name: New Town}", "{id: new}"), **wishes
        )
        assert outcome.removed == ["party old was merged into new; what the file says of it is left out"]
        assert (outcome.created, outcome.updated, outcome.kept) == ({}, {}, [])
        assert counts(database) == before
    outcome = told(
        database, "initiatives: [{id: i, kind: facility, name: I, operator: old}]\n", name="b.yaml"
    )
    assert outcome.created == {"initiative": 1}
    assert value(database, "initiative", "i", "operator") == "new"
    assert list(problems(database)) == []


# The command line


def tracker(database: Database, monkeypatch: pytest.MonkeyPatch, *args: str) -> tuple[int, str, str]:
    monkeypatch.setenv("TRACKER_DATABASE_URL", database.url.render_as_string(hide_password=False))
    result = CliRunner().invoke(program, ["--as", "kim", *args])
    error = result.exception
    assert error is None or isinstance(error, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_dry_run_says_what_would_change(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts(api.database)
    words = (
        "change source s\nchange party aide\nchange party village\nchange party city\nchange initiative i\n"
    )
    code, out, err = tracker(
        api.database, monkeypatch, "party", "merge", "metro", "--into", "city", "--dry-run"
    )
    assert (code, err) == (
        0,
        "dry run, nothing is written: party metro is part of city; 10 resources changed\n",
    )
    assert out.startswith(words)
    assert counts(api.database) == before
    done = tracker(
        api.database, monkeypatch, "party", "merge", "metro", "--into", "city", "--comment", "same"
    )
    assert done == (0, out, "party metro is part of city; 10 resources changed\n")
    entry = api.get("/v1/parties/city/history").json["data"][-1]
    assert (entry["actor"], entry["comment"]) == ("kim", "same")
    again = tracker(api.database, monkeypatch, "party", "merge", "metro", "--into", "city")
    assert again == (5, "", "Error: party metro was merged into city; see city\n")
    assert tracker(api.database, monkeypatch, "show", "metro") == again


def test_doubles_are_groups_that_share_a_name(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    same_words: list[dict[str, Any]] = [
        {"id": "min-1", "kind": "person", "name": "Min Ki-young"},
        {"id": "min-2", "kind": "person", "name": "민기영", "names": [{"name": "Minki Young", "kind": "romanisation"}]},
        {"id": "kdata", "kind": "organisation", "name": "Ｋ-data"},
        {"id": "person-k", "kind": "person", "name": "K data"},
    ]  # fmt: skip
    for each in same_words:
        assert api.post("/v1/parties", each).status == 201
    code, out, _ = tracker(api.database, monkeypatch, "parties", "--doubles", "--format", "json")
    assert (code, json.loads(out)) == (
        0,
        [
            {"group": 1, "id": "city", "kind": "organisation", "name": "광주",
             "shares": "GJ (abbreviation), 광주 (name)"},
            {"group": 1, "id": "metro", "kind": "organisation", "name": "Metropolitan City",
             "shares": "GJ (abbreviation), 광주 (alias)"},
            {"group": 2, "id": "agency", "kind": "organisation", "name": "K_DATA", "shares": "K_DATA (name)"},
            {"group": 2, "id": "kdata", "kind": "organisation", "name": "Ｋ-data", "shares": "Ｋ-data (name)"},
            {"group": 3, "id": "min-1", "kind": "person", "name": "Min Ki-young", "shares": "Min Ki-young (name)"},
            {"group": 3, "id": "min-2", "kind": "person", "name": "민기영", "shares": "Minki Young (romanisation)"},
        ],
    )  # fmt: skip
    merged(api.database, "metro", "city")
    _, out, _ = tracker(api.database, monkeypatch, "parties", "--doubles", "--format", "jsonl")
    assert {json.loads(line)["id"] for line in out.splitlines()} == {"agency", "kdata", "min-1", "min-2"}
    code, _, err = tracker(api.database, monkeypatch, "parties", "--doubles", "--kind", "person")
    assert code == 2
    assert "--doubles takes no filter, order or limit" in err


def test_a_merged_id_in_a_body_is_refused_with_what_it_leads_to(api: Api, database: Database) -> None:
    merged(database, "metro", "city")
    refused = api.post(
        "/v1/agreements", {"id": "n", "title": "N", "kind": "mou", "parties": [{"party": "metro"}]}
    )
    assert refused.status == 422
    assert [(each["pointer"], each["detail"], each["hint"]) for each in refused.json["errors"]] == [
        ("/parties/0/party", "party `metro` was merged into `city`", "write `city`")
    ]
