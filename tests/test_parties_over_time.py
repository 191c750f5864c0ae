"""Parties change: counties merge into a city, mayors come and go, agreements renew one another.

Asked as users ask, over HTTP and at the command line, as of the days before and after.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api import Api
from tests.loads import FILE, told
from tests.test_cli import tracker
from tracker import dates
from tracker.database.engine import Database

REGISTER = """\
tracker: 1
parties:
  - id: cheongju
    kind: organisation
    name: Cheongju City
    names:
      - {name: Cheongju Town, kind: former, lang: en, valid_from: 1946, valid_to: 1949-08-14}
  - {id: cheongwon, kind: organisation, name: Cheongwon County}
  - {id: miwon, kind: organisation, name: Miwon Office, successor: cheongwon, succeeded_on: 2012}
  - id: lee
    kind: person
    name: Lee Jong-yun
    affiliations:
      - {organisation: cheongwon, role: Governor, valid_from: 2010-07-01, valid_to: 2014-06-30}
      - {organisation: cheongju, role: Adviser, valid_from: 2014-07}
initiatives:
  - {id: farms, kind: series, name: Farm agreements, operator: cheongwon}
agreements:
  - id: old
    title: Farm agreement
    kind: mou
    signed_on: 2011-05-01
    series: farms
    series_number: 2
    parties: [{party: cheongwon, signed_by: lee, signed_as: Governor}, {party: miwon}]
    clauses:
      - {number: 1, kind: listed, text: to build barns, parties: [{party: cheongwon, role: obligor}, {party: miwon, role: beneficiary}]}
      - {number: 2, kind: spoken, text: and a road besides}
  - id: new
    title: Farm agreement renewed
    kind: mou
    signed_on: 2015-05-01
    series: farms
    series_number: 10
    links: [{kind: renews, target: old}, {kind: supersedes, target: old}]
    parties: [{party: cheongju}]
"""


@pytest.fixture
def api(database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Api:
    """A county that signed, before it merged into a city on 1 July 2014."""
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    told(database, REGISTER)
    merged = {"successor": "cheongju", "succeeded_on": "2014-07-01"}
    api = Api(database)
    assert api.patch("/v1/parties/cheongwon", merged).status == 200
    return api


def listed(*arguments: str) -> list[str]:
    result = tracker(*arguments, "--format", "jsonl")
    assert result.code == 0, result.err
    return [json.loads(line)["id"] for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("party", "as_of", "agreements"),
    [
        ("cheongju", None, ["new", "old"]),
        ("cheongju", "2014-07-01", ["old"]),
        ("cheongju", "2014-06-30", []),
        ("cheongwon", None, ["old"]),
        ("cheongwon", "2014-06-30", ["old"]),
        ("cheongwon", "2011-04-30", []),
        ("miwon", None, ["old"]),
        ("lee", "2020-01-01", ["old"]),
    ],
)
def test_agreements_are_found_under_both_names_as_of_the_day(
    api: Api, party: str, as_of: str | None, agreements: list[str]
) -> None:
    query, option = (f"&as_of={as_of}", ["--as-of", as_of]) if as_of else ("", [])
    assert api.ids(f"/v1/agreements?party={party}{query}") == agreements
    assert listed("agreements", "--party", party, *option) == agreements
    clauses = ["old.1", "old.2"] if "old" in agreements else []
    assert api.ids(f"/v1/clauses?party={party}{query}") == clauses


def test_two_mergers_follow_one_another(api: Api) -> None:
    assert api.patch("/v1/agreements/old", {"parties": [{"party": "miwon"}]}).status == 200
    assert api.ids("/v1/agreements?party=cheongju") == ["new", "old"]
    assert api.ids("/v1/agreements?party=cheongwon&as_of=2012-12-30") == []
    assert api.ids("/v1/agreements?party=cheongwon&as_of=2012-12-31") == ["old"]


def test_a_promise_passes_on_to_the_successor(api: Api) -> None:
    for role, party in (("obligor", "cheongwon"), ("beneficiary", "miwon")):
        for id in (party, "cheongju"):
            assert api.ids(f"/v1/clauses?{role}={id}") == ["old.1"]
            assert listed("clauses", f"--{role}", id) == ["old.1"]
        assert api.ids(f"/v1/clauses?{role}=cheongju&as_of=2014-06-30") == []
        assert api.ids(f"/v1/clauses?{role}={party}&as_of=2014-06-30") == ["old.1"]


def test_a_merger_to_come_changes_nothing_yet(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "today", lambda zone: "2014-06-30")
    assert api.ids("/v1/agreements?party=cheongju") == ["new"]
    monkeypatch.setattr(dates, "today", lambda zone: "2014-07-01")
    assert api.ids("/v1/agreements?party=cheongju") == ["new", "old"]


def test_a_merged_body_says_so_and_keeps_its_own_page(api: Api) -> None:
    party = api.get("/v1/parties/cheongwon")
    assert (party.status, party.json["successor"], party.json["succeeded_on"]) == (
        200,
        "cheongju",
        "2014-07-01",
    )
    shown = tracker("show", "cheongwon").out.splitlines()
    assert [line.split() for line in shown if line.startswith("succe")] == [
        ["successor", "cheongju"],
        ["succeeded", "on", "2014-07-01"],
    ]
    assert api.delete("/v1/parties/cheongju").status == 409


def test_former_names_and_roles_keep_their_days(api: Api) -> None:
    names = api.get("/v1/parties/cheongju").json["names"]
    assert [(each["name"], each["kind"], each["valid_from"], each["valid_to"]) for each in names] == [
        ("Cheongju Town", "former", "1946", "1949-08-14")
    ]
    roles = api.get("/v1/parties/lee").json["affiliations"]
    assert roles == [
        {
            "organisation": "cheongwon",
            "role": "Governor",
            "valid_from": "2010-07-01",
            "valid_to": "2014-06-30",
        },
        {"organisation": "cheongju", "role": "Adviser", "valid_from": "2014-07", "valid_to": None},
    ]
    shown = tracker("show", "lee").out
    assert all(each in shown for each in ("Governor", "2014-06-30", "Adviser"))
    backwards: list[Any] = [
        {"organisation": "cheongju", "role": "x", "valid_from": "2015", "valid_to": "2014"}
    ]
    answer = api.patch("/v1/parties/lee", {"affiliations": backwards})
    assert (answer.status, len(answer.faults)) == (422, 1)


def test_agreements_renew_and_supersede_others_that_then_cannot_go(api: Api) -> None:
    links = [{"kind": "renews", "target": "old"}, {"kind": "supersedes", "target": "old"}]
    assert api.get("/v1/agreements/new").json["links"] == links
    gone = api.delete("/v1/agreements/old", role="admin")
    assert (gone.status, "new" in gone.json["detail"]) == (409, True)
    assert api.patch("/v1/agreements/old", {"links": [{"kind": "amends", "target": "old"}]}).status == 422
    assert api.patch("/v1/agreements/old", {"links": [{"kind": "amends", "target": "none"}]}).status == 422


def test_numbers_of_a_series_sort_as_numbers(api: Api) -> None:
    assert api.ids("/v1/agreements?series=farms&sort=series_number") == ["old", "new"]
    assert api.ids("/v1/agreements?series=farms&sort=-series_number") == ["new", "old"]
    assert listed("agreements", "--series", "farms", "--sort", "-series_number") == ["new", "old"]


def test_a_spoken_promise_is_listed_and_outside_every_roll_up(api: Api) -> None:
    assert api.ids("/v1/clauses?kind=spoken") == ["old.2"]
    assert api.get("/v1/agreements/old").json["summary"]["total"] == 1


def test_what_was_loaded_leaves_the_merger_that_a_person_recorded(api: Api, database: Database) -> None:
    outcome = told(database, REGISTER, by=FILE)
    assert (sum(outcome.created.values()), sum(outcome.updated.values())) == (0, 0)
    assert api.get("/v1/parties/cheongwon").json["successor"] == "cheongju"
