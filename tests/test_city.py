"""The synthetic city: in by seed, out by export, into the other engine, and byte for byte the same."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests import city, offices, postgres
from tests.loads import FILE
from tests.test_cli import tracker
from tracker.codes import STATUSES
from tracker.database.engine import Database, open_database
from tracker.loading import load
from tracker.loading.exporting import FORMATS, export
from tracker.services.checking import problems


def written(name: str, text: str) -> str:
    Path(name).write_text(text, "utf-8")
    return name


def exported(database: Database, format: str) -> str:
    return b"".join(export(database, format=format)).decode()


def disagreements(database: Database) -> int:
    query = "SELECT count(*) FROM clause WHERE reported_status <> verified_status"
    with database.engine.connect() as connection:
        return int(connection.exec_driver_sql(query).scalar_one())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_city_goes_in_out_into_postgresql_and_comes_back_byte_for_byte(
    database: Database, postgres_databases: postgres.Databases
) -> None:
    content = json.dumps(city.register(), ensure_ascii=False)
    outcome = load(database, [written("city.json", content)], FILE)
    assert (outcome.created["agreement"], outcome.kept, outcome.missing) == (city.COUNT, [], [])
    assert disagreements(database) > 20
    exports = {format: exported(database, format) for format in FORMATS}
    postgres_databases.clean()
    other = open_database(postgres_databases.url)
    try:
        load(other, [written("city.yaml", exports["yaml"])], FILE)
        assert {format: exported(other, format) for format in FORMATS} == exports
        assert load(other, [written("city.jsonl", exports["jsonl"])], FILE).changes == []
        assert list(problems(other)) == []
    finally:
        other.close()
    assert load(database, ["city.yaml"], FILE).changes == []
    assert list(problems(database)) == []


def test_the_city_is_the_same_each_time() -> None:
    assert city.register() == city.register()


def test_the_city_is_as_varied_as_a_register_is() -> None:
    content = city.register()
    agreements = content["agreements"]
    clauses = [clause for agreement in agreements for clause in agreement["clauses"]]
    follow_ups = [each for clause in clauses for each in clause.get("follow_ups", ())]
    assert Counter(each["signed_on"][:4] for each in agreements).keys() == {str(y) for y in range(2019, 2025)}
    assert {each["kind"] for each in agreements} >= {"mou", "moa", "investment", "sister_city", "contract"}
    assert {clause["kind"] for clause in clauses} == {"listed", "narrative", "spoken"}
    assert {each["status"] for each in follow_ups} == set(STATUSES) - {"not_assessed"}
    assert {each["track"] for each in follow_ups} == {"reported", "verified"}
    assert sum("links" in each for each in agreements) > 20
    assert sum("replaced_by" in each for each in follow_ups) > 5
    assert sum("end_reason" in each for each in agreements) > 5
    assert max(each["checked_on"] for each in follow_ups) <= city.TODAY.isoformat()
    assert len({each["parties"][0]["department"] for each in agreements}) == 10


def test_the_office_keeps_the_same_register_in_rows() -> None:
    content = city.register()
    found = city.rows(content)
    assert len(found) == city.COUNT
    assert all(len(row) == len(city.HEADINGS) for row in found)
    first = dict(zip(city.HEADINGS, found[0], strict=True))
    assert (first["관리번호"], first["체결일"]) == ("2019-001", "2019. 1. 7.")
    assert first["주요내용"].startswith("① ")
    assert len({row[0] for row in found}) == city.COUNT
    with Path("register.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([city.HEADINGS, *found])
    assert Path("register.csv").stat().st_size > 50_000


def test_the_city_goes_in_by_spreadsheet_out_by_export_and_comes_back_from_the_other_engine(
    database: Database, database_url: str, postgres_databases: postgres.Databases, tmp_path: Path
) -> None:
    """As its user does it: a guessed map, looked through, one year's worksheets, an export, a new database."""
    here: dict[str, Any] = {"TRACKER_DATABASE_URL": database_url}
    offices.workbook("register.xlsx", city.rows(city.register()), headings=city.HEADINGS)
    guess = tracker("worksheet", "--guess", "register.xlsx").out
    map = guess.replace("# party: ID-OR-NAME", "party: 가온시").replace("# follow_up.", "follow_up.")
    written("map.yaml", map)
    done = tracker("load", "register.xlsx", "--map", "map.yaml", **here)
    assert (done.code, done.err.splitlines()[-1]) == (0, "2,144 created")
    Path("back").mkdir()
    departments = {row[city.HEADINGS.index("담당부서")] for row in city.rows(city.register())}
    for department in departments:
        sheet = f"back/{department}.xlsx"
        assert tracker("worksheet", "--department", department, "-o", sheet, **here).code == 0
        offices.fill_in(sheet, "새 추진상황", "변동 없음")
    filled = tracker("load", "back", **here)
    assert (filled.code, filled.err.splitlines()[-1]) == (0, "931 created, 1,181 unchanged")
    assert tracker("export", "-o", "city.yaml", **here).code == 0
    other = f"sqlite:///{tmp_path / 'other.db'}"
    if database.is_sqlite:
        postgres_databases.clean()
        other = postgres_databases.url
    else:
        tracker("db", "upgrade", TRACKER_DATABASE_URL=other)
    there: dict[str, Any] = {"TRACKER_DATABASE_URL": other}
    assert tracker("load", "city.yaml", **there).code == 0
    assert tracker("export", "-o", "again.yaml", **there).code == 0
    assert Path("again.yaml").read_bytes() == Path("city.yaml").read_bytes()
    assert tracker("check", **here).code == tracker("check", **there).code == 0
    again = tracker("load", "again.yaml", **here)
    assert (again.code, again.err.splitlines()[-1]) == (0, "3,075 unchanged")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_city_is_valid(database: Database, database_url: str) -> None:
    env: dict[str, Any] = {"TRACKER_DATABASE_URL": database_url}
    written("city.json", json.dumps(city.register(), ensure_ascii=False))
    assert tracker("validate", "city.json", **env).err == "no faults\n"
