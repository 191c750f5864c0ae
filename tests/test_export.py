"""Exports: seed files that load alone, and give the same bytes again, on both engines and across them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import postgres
from tests.loads import FILE, PERSON, TOWN, told, value
from tests.registers import WORDS, registers
from tests.test_cli import process, tracker
from tracker.database.engine import Database, open_database
from tracker.errors import Gone, Malformed, NotFound
from tracker.loading import load
from tracker.loading.exporting import export
from tracker.loading.reading import read_yaml
from tracker.loading.seed_text import yaml_item
from tracker.models import Clause
from tracker.queries import export as reading
from tracker.services.checking import problems
from tracker.services.follow_ups import record_follow_up
from tracker.services.resources import ANY
from tracker.services.writing import remove_resource

ROOT = Path(__file__).parent.parent
FORMATS = ("yaml", "json", "jsonl")
Fresh = Callable[[], Database]


def exported(database: Database, *ids: str, format: str = "yaml") -> str:
    return b"".join(export(database, ids, format)).decode()


def loaded(database: Database, text: str, format: str = "yaml") -> Any:
    return told(database, text, name=f"export.{format}")


@pytest.fixture(scope="module")
def engines(
    tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path, postgres_databases: postgres.Databases
) -> Iterator[dict[str, Fresh]]:
    """How to get an empty database of each engine, as often as one likes."""
    folder = tmp_path_factory.mktemp("fresh")
    on_sqlite = open_database(f"sqlite:///{folder / 'fresh.db'}")
    on_postgresql = open_database(postgres_databases.url)

    def sqlite() -> Database:
        on_sqlite.close()
        for file in folder.iterdir():
            file.unlink()
        shutil.copyfile(_sqlite_template, folder / "fresh.db")
        return on_sqlite

    def postgresql() -> Database:
        postgres_databases.clean()
        return on_postgresql

    yield {"sqlite": sqlite, "postgresql": postgresql}
    on_sqlite.close()
    on_postgresql.close()


# The same bytes again


@pytest.mark.parametrize("first", ["sqlite", "postgresql"])
@given(register=registers())
@settings(
    max_examples=10,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
def test_what_is_exported_and_loaded_is_exported_the_same_on_both_engines(
    engines: dict[str, Fresh], first: str, register: dict[str, Any]
) -> None:
    database = engines[first]()
    loaded(database, json.dumps(register, ensure_ascii=False), "json")
    exports = {format: exported(database, format=format) for format in FORMATS}
    second = "postgresql" if first == "sqlite" else "sqlite"
    for format in FORMATS:
        other = engines[second]()
        loaded(other, exports[format], format)
        assert {each: exported(other, format=each) for each in FORMATS} == exports
    assert not loaded(database, exports["yaml"]).changes
    # A register may say that a promise was kept before it was signed; that is named, and exported all the same.
    assert [problem for problem in problems(database) if "before the signing" not in problem] == []


def test_the_shipped_seed_loads_over_its_export_and_the_other_way_without_a_change(
    database: Database,
) -> None:
    load(database, [str(ROOT / "seeds")], FILE)
    for format in FORMATS:
        outcome = loaded(database, exported(database, format=format), format)
        assert (sum(outcome.unchanged.values()), outcome.changes, outcome.missing) == (26, [], [])


# What it holds


FOLLOWED = """\
tracker: 1

parties:
  - id: agency
    kind: organisation
    name: Agency

  - id: mayor
    kind: person
    name: Mayor Kim
    affiliations:
      - {organisation: town, role: Mayor}

  - id: town
    kind: organisation
    name: Town

agreements:
  - id: deal
    title: Deal
    kind: mou
    binding: unknown
    lifecycle: active
    signed_on: 2020-08-31
    signing_mode: unknown
    review_every_months: 12
    parties:
      - {party: town, role: party, signed_by: mayor}
      - {party: agency, role: party}

    clauses:
      - number: 1
        kind: listed
        text: first
        follow_ups:
          - id: 018f3c2a-0000-7000-8000-000000000001
            track: verified
            status: met
            effective_on: 2021-03
            checked_on: 2021-04-01
            note: |-
              두 줄로 된
              비고: 하나
            stated_by: town
            recorded_by: kim
            recorded_at: "2021-04-02T00:00:00.000000Z"
            evidence:
              - {reference: 도시데이터과-1234, stance: supports}
              - {url: "https://example.org/a", stance: contradicts}

      - number: 2
        kind: listed
        text: second

    quotes:
      - number: 1
        kind: direct
        text: We will
        speaker: mayor
        clauses: [deal.1]
"""


def test_an_export_is_a_seed_file_that_people_read(database: Database) -> None:
    told(database, FOLLOWED)
    assert exported(database) == FOLLOWED
    assert value(database, "follow_up", "018f3c2a-0000-7000-8000-000000000001", "recorded_claimed") is True


def test_an_empty_register_is_exported_and_loaded(database: Database) -> None:
    assert [exported(database, format=format) for format in FORMATS] == [
        "tracker: 1\n",
        '{"tracker":1}\n',
        "",
    ]
    assert loaded(database, "tracker: 1\n").changes == []
    assert loaded(database, "", "jsonl").changes == []


def test_who_recorded_it_is_exported_and_then_claimed(database: Database, engines: dict[str, Fresh]) -> None:
    told(database, TOWN)
    with database.write(PERSON) as change:
        id = record_follow_up(
            change, "deal.2", {"track": "reported", "status": "in_progress", "effective_on": "2021"}
        )
    (line,) = [line for line in exported(database, format="jsonl").splitlines() if id in line]
    (found,) = json.loads(line)["agreements"][0]["clauses"][1]["follow_ups"]
    assert (found["id"], found["recorded_by"], "recorded_claimed" in found) == (id, "kim", False)
    assert value(database, "follow_up", id, "recorded_claimed") is False


def test_what_was_removed_is_not_exported(database: Database) -> None:
    told(database, TOWN)
    with database.write(PERSON) as change:
        remove_resource(change, Clause, "deal.2", ANY)
    assert "second" in TOWN
    assert "second" not in exported(database)


def test_first_due_is_said_where_it_is_not_due(database: Database) -> None:
    told(database, TOWN.replace("text: first}", "text: first, due: 2022, first_due: 2021}"))
    told(database, TOWN.replace("text: second}", "text: second, due: 2022}"), name="b.yaml")
    (line,) = [line for line in exported(database, format="jsonl").splitlines() if "agreements" in line]
    first, second = json.loads(line)["agreements"][0]["clauses"]
    assert (first["due"], first["first_due"]) == ("2022", "2021")
    assert (second["due"], "first_due" in second) == ("2022", False)


def test_a_sources_text_stays_here(database: Database) -> None:
    told(
        database,
        "sources: [{id: paper, kind: news_article, title: T, text: 'a secret', char_count: 8}]",
    )
    assert [format for format in FORMATS if "secret" in exported(database, format=format)] == []


# Order


def test_json_lines_have_what_is_referred_to_first_then_by_id_and_a_circle_on_one_line(
    database: Database,
) -> None:
    parties: list[dict[str, Any]] = [
        {"id": "a", "successor": "z"}, {"id": "b", "kind": "person", "affiliations": ["z", "m"]},
        {"id": "m"}, {"id": "z", "successor": "m"},
    ]  # fmt: skip
    whole = [
        {"kind": "organisation", "name": "N", **each,
         "affiliations": [{"organisation": other, "role": "R"} for other in each.get("affiliations", [])]}
        for each in parties
    ]  # fmt: skip
    agreements = [
        {"id": "d1", "title": "T", "kind": "mou", "links": [{"kind": "renews", "target": "d3"}]},
        {"id": "d2", "title": "T", "kind": "mou"},
        {"id": "d3", "title": "T", "kind": "mou"},
        *(
            {"id": id, "title": "T", "kind": "mou", "links": [{"kind": "amends", "target": other}]}
            for id, other in (("e1", "e2"), ("e2", "e3"), ("e3", "e1"))
        ),
    ]
    loaded(database, json.dumps({"parties": whole, "agreements": agreements}), "json")
    lines = [json.loads(line) for line in exported(database, format="jsonl").splitlines()]
    found = [[each["id"] for each in next(iter(line.values()))] for line in lines]
    assert found == [["m"], ["z"], ["a"], ["b"], ["d3"], ["d1"], ["d2"], ["e1", "e2", "e3"]]


def test_order_holds_across_blocks(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 2 * reading.BLOCK + 7
    agreements = [
        {"id": f"d{n:04}", "title": "T", "kind": "mou", "clauses": [{"number": 1, "kind": "listed", "text": "t"}],
         "links": [{"kind": "renews", "target": f"d{(n + 1):04}"}] if n + 1 < count else []}
        for n in range(count)
    ]  # fmt: skip
    loaded(database, json.dumps({"agreements": agreements}), "json")
    lines = [json.loads(line)["agreements"] for line in exported(database, format="jsonl").splitlines()]
    assert [each["id"] for (each,) in lines] == [f"d{n:04}" for n in reversed(range(count))]
    content = json.loads(exported(database, format="json"))["agreements"]
    assert [each["id"] for each in content] == [f"d{n:04}" for n in range(count)]
    assert all(len(each["clauses"]) == 1 for each in content)


# A part of it


def test_a_part_comes_with_what_it_refers_to_and_loads_alone(
    database: Database, engines: dict[str, Fresh]
) -> None:
    more = """
      - {id: other, title: Other, kind: mou, links: [{kind: renews, target: deal}]}
      - {id: lone, title: Lone, kind: mou}
    """
    told(database, TOWN + "\n".join(line[4:] for line in more.splitlines()) + "\n")
    assert ids_of(exported(database, "other", format="json")) == [
        "agency", "mayor", "town", "deal", "other"
    ]  # fmt: skip
    assert ids_of(exported(database, "lone", format="json")) == ["lone"]
    assert ids_of(exported(database, "mayor", "agency", format="json")) == ["agency", "mayor", "town"]
    for id in ("deal.1", "deal.q1", "deal"):
        assert exported(database, id) == exported(database, "deal")
    part = exported(database, "other")
    alone = engines["sqlite"]()
    loaded(alone, part)
    assert exported(alone) == part


def ids_of(text: str) -> list[str]:
    content = json.loads(text)
    return [each["id"] for name, entries in content.items() if name != "tracker" for each in entries]


def test_ids_that_name_nothing_are_all_named(database: Database) -> None:
    told(database, TOWN)
    with pytest.raises(NotFound, match=r"there is nothing with the id dael; there is no clause deal\.9"):
        export(database, ["dael", "deal", "deal.9"])
    with pytest.raises(Malformed, match="Deal"):
        export(database, ["Deal"])
    with database.write(PERSON) as change:
        remove_resource(change, Clause, "deal.2", ANY)
    with pytest.raises(Gone):
        export(database, ["deal.2"])


# YAML


@given(st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
@settings(max_examples=300)
def test_every_text_is_read_as_it_was_by_the_loader_and_by_other_readers(text: str) -> None:
    from unicodedata import normalize

    text = normalize("NFC", text)
    content = {"title": text, "lists": [text, "a"], "links": [{"kind": text, "target": "b"}]}
    written = yaml_item(content)
    assert read_yaml("a", written.encode()).content == [content]
    assert yaml.load(written, Loader=yaml.SafeLoader) == [content]
    assert yaml.load(written, Loader=yaml.CSafeLoader) == [content]


# The command


def test_the_command_writes_what_the_loader_reads(database: Database, database_url: str) -> None:
    told(database, FOLLOWED)
    env: dict[str, Any] = {"TRACKER_DATABASE_URL": database_url}
    assert tracker("export", **env).all == (0, FOLLOWED, "")
    assert tracker("export", "deal.1", "-o", "part.yaml", **env).all == (0, "", "part.yaml is written\n")
    assert Path("part.yaml").read_text() == FOLLOWED
    assert tracker("export", "-o", "all.jsonl", **env).code == 0
    assert Path("all.jsonl").read_text() == exported(database, format="jsonl")
    assert tracker("export", "-o", "all.jsonl", "--format", "json", **env).code == 0
    assert Path("all.jsonl").read_text() == exported(database, format="json")
    assert tracker("load", "part.yaml", **env).err == "8 unchanged\n"
    assert sorted(os.listdir()) == sorted({"a.yaml", "part.yaml", "all.jsonl", *dbs()})


def dbs() -> list[str]:
    return [name for name in os.listdir() if name.startswith("tracker.db")]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_is_there_whole_or_as_it_was(database: Database, database_url: str) -> None:
    told(database, TOWN)
    env: dict[str, Any] = {"TRACKER_DATABASE_URL": database_url}
    Path("out.yaml").write_text("before")
    os.chmod("out.yaml", 0o640)
    os.symlink("out.yaml", "link.yaml")
    said = tracker("export", "nothing", "-o", "out.yaml", **env)
    assert (said.code, Path("out.yaml").read_text()) == (5, "before")
    said = tracker("export", "-o", "no/such/folder.yaml", **env)
    assert said.all == (1, "", "Error: `no/such/folder.yaml` cannot be written: No such file or directory\n")
    assert tracker("export", "-o", "link.yaml", **env).code == 0
    assert Path("link.yaml").is_symlink()
    assert Path("out.yaml").read_text() == exported(database)
    assert stat.S_IMODE(os.stat("out.yaml").st_mode) == 0o640
    assert [name for name in os.listdir() if name.startswith(".")] == []
    if Path("/dev/full").exists():
        said = tracker("export", "-o", "/dev/full", **env)
        assert (said.code, said.err) == (1, "Error: `/dev/full` cannot be written: No space left on device\n")


def test_unknown_and_malformed_ids_have_their_exit_codes(database: Database, database_url: str) -> None:
    env: dict[str, Any] = {"TRACKER_DATABASE_URL": database_url}
    assert tracker("export", "nothing", **env).code == 5
    assert tracker("export", "No.Such", **env).code == 3
    assert tracker("export", "--format", "xml", **env).code == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_closed_pipe_is_no_traceback(database: Database, database_url: str) -> None:
    agreements = [{"id": f"d{n}", "title": "T" * 400, "kind": "mou"} for n in range(900)]
    loaded(database, json.dumps({"agreements": agreements}), "json")
    env: dict[str, Any] = {"TRACKER_DATABASE_URL": database_url}
    with process("export", env=env, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "tracker: 1\n"
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == ""
        assert running.wait(30) == 1


# While others write


def test_each_agreement_is_as_it_was_at_one_moment(database: Database) -> None:
    """A writer moves a mark from one clause to its quote and back; an export sees it in one of them."""
    told(database, TOWN)
    ends = threading.Event()

    def move() -> None:
        places = ["clauses", "quotes"]
        while not ends.is_set():
            places.reverse()
            with database.write(PERSON) as change:
                for table, text in (("clause", places[0]), ("quote", places[1])):
                    change.connection.exec_driver_sql(f"UPDATE {table} SET text = '{text}'")

    thread = threading.Thread(target=move)
    thread.start()
    try:
        seen = set()
        for _ in range(200):
            content = json.loads(exported(database, "deal", format="json"))["agreements"][0]
            texts = {each["text"] for each in content["clauses"]}
            seen.add((*texts, *(each["text"] for each in content["quotes"])))
    finally:
        ends.set()
        thread.join(30)
    assert seen - {("first", "second", "We will"), ("second", "first", "We will")} <= {
        ("clauses", "quotes"),
        ("quotes", "clauses"),
    }
    assert len(seen) > 1
