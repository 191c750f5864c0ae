"""`tracker draft` and `POST /v1/drafts`: what they answer, refuse and propose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests import articles
from tests.api import Api
from tracker.cli import program
from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.loading import load


def tracker(*arguments: str, input: bytes = b"") -> Result:
    return CliRunner().invoke(program, list(arguments), input=input)


def written(text: str, name: str = "article.txt") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


@pytest.mark.parametrize("name", ["KO_NEWS", "ASEAN", "PT2", "THREE_WAY", "UNCLOSED", "KO_INVEST"])
@pytest.mark.parametrize("format", ["yaml", "json"])
def test_validate_takes_a_draft_as_it_is(name: str, format: str) -> None:
    result = tracker("draft", written(getattr(articles, name)), "--format", format, "-o", f"draft.{format}")
    assert result.exit_code == 0, result.output
    assert tracker("validate", f"draft.{format}").exit_code == 0
    assert not Path("tracker.db").exists()


def test_yaml_and_json_say_the_same() -> None:
    file = written(articles.KO_PRESS)
    as_yaml: Any = yaml.safe_load(tracker("draft", file).stdout)
    as_json = json.loads(tracker("draft", file, "--format", "json").stdout)
    as_yaml["tracker"] = int(as_yaml["tracker"])
    assert json.loads(json.dumps(as_yaml, default=str)) == as_json


def test_a_draft_from_standard_input_can_be_loaded(database: Database) -> None:
    Path("draft.yaml").write_bytes(tracker("draft", "-", input=articles.ASEAN.encode()).stdout_bytes)
    outcome = load(database, ["draft.yaml"], Author("tester", loading=True))
    assert (outcome.created["agreement"], outcome.created["clause"], outcome.created["quote"]) == (1, 3, 2)


def test_several_articles_share_their_parties() -> None:
    other = articles.KO_NEWS.replace("5일", "7일")
    document = json.loads(
        tracker("draft", written(articles.KO_NEWS), written(other, "b.txt"), "--format", "json").stdout
    )
    names = [entry["name"] for entry in document["parties"]]
    assert sorted(set(names)) == sorted(names)
    assert len({entry["id"] for entry in document["agreements"]}) == 2


def test_faults_name_the_file_and_the_option() -> None:
    assert tracker("draft", "missing.txt").exit_code == 3
    Path("broken.txt").write_bytes(b"\xe9t\xe9")
    result = tracker("draft", "broken.txt")
    assert (result.exit_code, result.stderr.startswith("broken.txt:1:1: ")) == (3, True)
    result = tracker("draft", written(articles.PT), "--published", "soon", "--url", "ftp://x")
    assert result.exit_code == 3
    assert "--published" in result.stderr
    assert "--url" in result.stderr


def test_a_known_party_is_proposed_and_never_merged(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("known.yaml").write_text(
        "tracker: 1\nparties:\n  - {id: haeon-si, kind: organisation, name: 해온시}\n", encoding="utf-8"
    )
    load(database, ["known.yaml"], Author("tester", loading=True))
    monkeypatch.setenv("TRACKER_DATABASE_URL", database_url)
    document = json.loads(tracker("draft", written(articles.KO_NEWS), "--format", "json").stdout)
    city = next(entry for entry in document["parties"] if entry["name"] == "해온시")
    assert (city["id"], city["draft"]["known_as"], city["draft"]["confidence"]) == (
        "haeon-si-2",
        ["haeon-si"],
        "low",
    )
    assert document["agreements"][0]["parties"][0]["party"] == "haeon-si-2"


def test_a_viewer_gets_a_draft_over_http(database: Database) -> None:
    answer = Api(database).post(
        "/v1/drafts", {"text": articles.ASEAN, "published": "2017-07-04"}, role="viewer"
    )
    assert answer.status == 200
    assert next(entry["text"] for entry in answer.json["agreements"][0]["quotes"]).startswith("Fires speak")


def test_all_faults_of_a_request_are_reported_at_once(database: Database) -> None:
    client = Api(database)
    answer = client.post("/v1/drafts", {"txt": "a", "published": 5}, role="viewer")
    assert (answer.status, answer.faults) == (
        422,
        [("/published", "wrong_type"), ("/text", "required"), ("/txt", "unknown_field")],
    )
    assert client.post("/v1/drafts", {"text": "caf\ufffd"}, role="viewer").status == 422
    assert client.post("/v1/drafts", [], role="viewer").status == 422
    assert client.post("/v1/drafts", {"text": articles.PT}, role=None).status == 401


def test_a_dry_run_is_refused_and_answered_as_a_draft_is(database: Database) -> None:
    request = {"text": "x", "foo": 1, "url": "bad", "published": "2020-13", "lang": "x"}
    refused = Api(database).post("/v1/drafts", request)
    assert refused.status == 422
    assert [entry["pointer"] for entry in refused.json["errors"]] == ["/foo", "/published", "/url", "/lang"]
    assert Api(database).post("/v1/drafts?dry_run=true", {"text": "x"}).status == 200


def test_source_and_language_stand_once_and_reach_every_clause_and_quote(database: Database) -> None:
    file = written(articles.ASEAN)
    drafted = json.loads(tracker("draft", file, "--format", "json").stdout)["agreements"][0]
    entries = [*drafted["clauses"], *drafted["quotes"]]
    assert drafted["defaults"].keys() == {"source", "lang"}
    assert not any({"source", "lang"} & entry.keys() for entry in entries)
    for format in ("yaml", "json"):
        Path(f"draft.{format}").write_bytes(tracker("draft", file, "--format", format).stdout_bytes)
    load(database, ["draft.yaml"], Author("tester", loading=True))
    outcome = load(database, ["draft.json"], Author("tester", loading=True))
    assert (sum(outcome.created.values()), sum(outcome.updated.values())) == (0, 0)
    stored = Api(database).get(f"/v1/agreements/{drafted['id']}?include=clauses,quotes").json
    for entry in (*stored["clauses"], *stored["quotes"]):
        assert {"source": entry["source"], "lang": entry["lang"]} == drafted["defaults"]


@pytest.mark.parametrize("wrong", ["[a]", "{due: 2020-01-01}", "text"])
def test_defaults_other_than_a_source_and_a_language_are_a_fault(wrong: str) -> None:
    Path("seed.yaml").write_text(
        f"tracker: 1\nagreements:\n  - {{id: a, title: A, kind: mou, defaults: {wrong}}}\n", encoding="utf-8"
    )
    refused = tracker("validate", "seed.yaml")
    assert refused.exit_code == 3
    assert "seed.yaml:3:" in refused.stderr
    assert "`defaults` must be a mapping of `source` and `lang`" in refused.stderr
