"""The database is the law: every rule that a constraint can say, on both engines, past every service."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests import rows
from tests.rows import BY, DIGEST, ROWS, add
from tracker import codes
from tracker.database.changes import Change
from tracker.database.engine import Database
from tracker.errors import Conflict, TrackerError
from tracker.models import Base, Field

TOO_LONG, NO_NUMBER = "22001", "22003|22P02"
"""How PostgreSQL's types refuse before a CHECK does (SQLSTATE)."""

LISTED = [
    (table, column.name, column.info["field"].codelist)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if column.info["field"].codelist is not None
]
"""Every column that holds a code, with its codelist."""


@pytest.fixture
def world(database: Database) -> Database:
    """A database in which every table holds one valid row."""
    rows.fill(database)
    return database


def refused(database: Database, rule: str, table: str, **changes: Any) -> None:
    """Expect that a new row of a table is refused, by the rule that this pattern names and by no other."""
    with pytest.raises(Conflict) as raised, database.write(BY) as change:
        add(change, table, **changes)
    assert re.fullmatch(rule, _broken_rule(raised.value))


def refused_change(database: Database, rule: str, table: str, **values: Any) -> None:
    """Expect the same of a change of the valid row."""
    with pytest.raises(Conflict) as raised, database.write(BY) as change:
        update(change, table, **values)
    assert re.fullmatch(rule, _broken_rule(raised.value))


def update(change: Change, table: str, **values: Any) -> None:
    """Change the valid row of a table."""
    target = Base.metadata.tables[table]
    key = [column == ROWS[table][column.name] for column in target.primary_key if column.name in ROWS[table]]
    change.connection.execute(target.update().where(*key).values(values))


def test_the_valid_rows_are_accepted(world: Database) -> None:
    assert rows.counts(world) == dict.fromkeys(Base.metadata.tables, 1) | {"agreement": 2}


@pytest.mark.parametrize(("table", "column", "codelist"), LISTED, ids=[f"{t}.{c}" for t, c, _ in LISTED])
@pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)
def test_codes_are_of_their_codelist(
    database: Database, table: Any, column: str, codelist: codes.Codelist
) -> None:
    with database.engine.connect() as connection:
        definitions = _checks(connection, table.name, database)
    definition = definitions[f"ck_{table.name}_{column}_code"]
    assert _quoted(definition) == list(codelist)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("party", {"id": "b", "kind": "company"}),
        ("party", {"id": "b", "class": "city"}),
        ("agreement", {"id": "b", "kind": "MOU"}),
        ("agreement", {"id": "b", "signing_mode": ""}),
        ("clause", {"id": "deal.2", "number": 2, "status": "done"}),
        ("clause", {"id": "deal.2", "number": 2, "verified_status": "not_assessed"}),
        ("follow_up", {"id": "b", "status": "not_assessed"}),
        ("follow_up", {"id": "b", "track": "claimed"}),
        ("follow_up", {"id": "b", "reason": "because"}),
        ("evidence", {"ordinal": 2, "stance": "proves"}),
        ("token", {"id": "b", "secret_sha256": "b", "role": "owner"}),
    ],
)
def test_other_codes_are_refused(world: Database, table: str, values: dict[str, Any]) -> None:
    (column,) = values.keys() - {"id", "number", "ordinal", "secret_sha256"}
    refused(world, f"ck_{table}_{column}_code", table, **values)


@pytest.mark.parametrize("kind", ["party", "source", "initiative", "agreement"])
@pytest.mark.parametrize("bad", ["", "-a", "A", "a.1", "a b", "a_b", "도시", "é", "a" * 81, "a\n"])
def test_an_id_has_its_form(database: Database, kind: str, bad: str) -> None:
    refused(database, rf"ck_{kind}_id_(form|length)|{TOO_LONG}", kind, id=bad)


@pytest.mark.parametrize("kind", ["party", "source", "initiative", "agreement"])
@pytest.mark.parametrize("good", ["a", "0", "9-a-", "a" * 80])
def test_an_id_of_that_form_is_accepted(database: Database, kind: str, good: str) -> None:
    with database.write(BY) as change:
        add(change, kind, id=good)


@pytest.mark.parametrize("bad", ["deal.2", "deal.01", "deal.q1", "deal1", "other.1", "deal.1 ", "1", ""])
def test_a_clause_id_is_its_agreement_and_number(database: Database, bad: str) -> None:
    with database.write(BY) as change:
        add(change, "agreement")
    refused(database, "ck_clause_id_(form|length)", "clause", id=bad)


@pytest.mark.parametrize("bad", ["deal.1", "deal.q2", "deal.Q1", "other.q1", ""])
def test_a_quote_id_is_its_agreement_and_q_and_number(database: Database, bad: str) -> None:
    with database.write(BY) as change:
        add(change, "agreement")
    refused(database, "ck_quote_id_(form|length)", "quote", id=bad)


@pytest.mark.parametrize("kind", ["clause", "quote"])
@pytest.mark.parametrize("number", [0, -1])
def test_numbers_begin_at_one(database: Database, kind: str, number: int) -> None:
    with database.write(BY) as change:
        add(change, "agreement")
    mark = "q" if kind == "quote" else ""
    refused(database, f"ck_{kind}_number_range", kind, id=f"deal.{mark}{number}", number=number)


@pytest.mark.parametrize("bad", ["'abc'", "9223372036854775807", "2147483648", "-1", "''"])
def test_a_number_is_a_number_that_both_engines_hold(world: Database, bad: str) -> None:
    refused_change(world, f"ck_source_char_count_range|{NO_NUMBER}", "source", char_count=text(bad))


@pytest.mark.parametrize(
    ("kind", "second"), [("clause", {"id": "deal.1"}), ("quote", {"id": "deal.q1"})], ids=["clause", "quote"]
)
def test_a_number_stands_once_in_an_agreement(world: Database, kind: str, second: dict[str, Any]) -> None:
    refused(world, "UNIQUE", kind, **second)
    with world.engine.connect() as connection:
        assert ["agreement", "number"] in _unique(connection, kind, world)


SPANS: list[tuple[Any, Any, Any]] = [
    ("paper", 0, None),
    ("paper", None, 7),
    ("paper", None, None),
    (None, 0, 7),
    (None, 0, None),
    ("paper", 7, 7),
    ("paper", 8, 1),
    ("paper", -1, 6),
    ("paper", 0, 6),
    ("paper", 0, 8),
]


@pytest.mark.parametrize("kind", ["clause", "quote"])
@pytest.mark.parametrize(("source", "start", "end"), SPANS)
def test_a_span_is_all_or_nothing_and_as_long_as_its_text(
    world: Database, kind: str, source: Any, start: Any, end: Any
) -> None:
    rule = f"ck_{kind}_(span|start_range|end_range)"
    refused_change(world, rule, kind, text="promise", source=source, start=start, end=end)


@pytest.mark.parametrize("kind", ["clause", "quote"])
@pytest.mark.parametrize("words", ["promise", "약속합니다이다", "😀😀😀😀😀😀😀"])
def test_a_span_counts_code_points(world: Database, kind: str, words: str) -> None:
    with world.write(BY) as change:
        update(change, kind, text=words, source="paper", start=93, end=100)


DATES = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if column.info["field"].kind == "date" and (table.name, column.name) != ("follow_up", "effective_on")
]


@pytest.mark.parametrize(("table", "date"), DATES)
def test_the_bounds_of_a_date_stand_in_order_and_only_beside_a_date(
    world: Database, table: str, date: str
) -> None:
    def given(words: str | None, earliest: str | None, latest: str | None) -> dict[str, str | None]:
        return {date: words, f"{date}_earliest": earliest, f"{date}_latest": latest}

    rule = f"ck_{table}_{date}_(bounds|unset|length)"
    refused_change(world, rule, table, **given("2021", "2021-12-31", "2021-01-01"))
    refused_change(world, rule, table, **given(None, "2021-01-01", None))
    refused_change(world, rule, table, **given(None, None, "2021-01-01"))
    refused_change(world, rule, table, **given("", None, None))
    with world.write(BY) as change:
        for good in (
            given("2021", "2021-01-01", "2021-12-31"),
            given("2021-01-01", "2021-01-01", "2021-01-01"),
            given("XXXX-XX-31", None, None),
            given("2021-01-01/..", "2021-01-01", None),
            given(None, None, None),
        ):
            update(change, table, **good)


def test_a_follow_up_has_both_bounds(world: Database) -> None:
    refused_change(world, "ck_follow_up_effective_on_(both_)?bounds", "follow_up", effective_on_earliest=None)
    refused_change(world, "ck_follow_up_effective_on_(both_)?bounds", "follow_up", effective_on_latest=None)
    refused_change(
        world, "ck_follow_up_effective_on_(both_)?bounds", "follow_up", effective_on_latest="2020-12-31"
    )


@pytest.mark.parametrize("status", list(codes.RECORDED_STATUS))
def test_some_statuses_need_a_reason(world: Database, status: str) -> None:
    with world.write(BY) as change:
        update(change, "follow_up", status=status, reason="funding")
    if status in ("stalled", "not_met", "waived", "superseded", "dropped"):
        refused_change(world, "ck_follow_up_needs_a_reason", "follow_up", reason=None)
    else:
        with world.write(BY) as change:
            update(change, "follow_up", reason=None)


def test_a_clause_is_replaced_by_another(world: Database) -> None:
    refused_change(world, "ck_follow_up_replaced_by_another", "follow_up", replaced_by="deal.1")


@pytest.mark.parametrize(
    "places",
    [
        {"url": None, "source": None, "reference": None},
        {"url": "https://a.example", "source": "paper", "reference": None},
        {"url": "https://a.example", "source": None, "reference": "doc"},
        {"url": None, "source": "paper", "reference": "doc"},
        {"url": "https://a.example", "source": "paper", "reference": "doc"},
        {"url": "", "source": None, "reference": None},
    ],
    ids=lambda places: "+".join(name for name, value in places.items() if value is not None) or "none",
)
def test_evidence_stands_in_exactly_one_place(world: Database, places: dict[str, Any]) -> None:
    refused_change(world, "ck_evidence_(one_place|url_length)", "evidence", **places)


@pytest.mark.parametrize("place", ["url", "source", "reference"])
def test_evidence_in_one_place_is_accepted(world: Database, place: str) -> None:
    places = {"url": None, "source": None, "reference": None} | {place: "paper"}
    with world.write(BY) as change:
        update(change, "evidence", **places)


@pytest.mark.parametrize("owners", [set(), {"party", "agreement"}, {"party", "agreement", "source"}])
def test_an_identifier_has_exactly_one_owner(world: Database, owners: set[str]) -> None:
    ids = {"party": "city", "agreement": "deal", "source": "paper"}
    given = {name: ids[name] if name in owners else None for name in ids}
    refused_change(world, "ck_identifier_one_owner", "identifier", **given)


def test_a_successor_is_another_party_of_the_same_kind(world: Database) -> None:
    with world.write(BY) as change:
        add(change, "party", id="person", kind="person")
        add(change, "party", id="heir")
    refused(world, "ck_party_successor_is_another", "party", id="b", successor="b")
    refused(world, "FOREIGN KEY", "party", id="b", successor="person")
    refused(world, "FOREIGN KEY", "party", id="b", successor="nobody")
    with world.write(BY) as change:
        add(change, "party", id="b", successor="heir")


def test_an_agreement_links_to_another(world: Database) -> None:
    refused_change(world, "ck_agreement_link_target_is_another", "agreement_link", target="deal")


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("party", {"name": ""}),
        ("party", {"name": "a" * 301}),
        ("party", {"country": "KOR"}),
        ("source", {"sha256": "a" * 63}),
        ("source", {"sha256": "A" * 64}),
        ("source", {"text": "short"}),
        ("agreement", {"review_every_months": 0}),
        ("agreement", {"series_number": 0}),
        ("agreement", {"version": 0}),
        ("clause", {"text": "a" * 10_001}),
    ],
)
def test_texts_and_numbers_keep_their_limits(world: Database, table: str, values: dict[str, Any]) -> None:
    (column,) = values
    rules = f"ck_{table}_{column}_(length|range|form)|ck_source_text_has_char_count|{TOO_LONG}"
    refused_change(world, rules, table, **values)


NEEDED = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if not column.nullable and not column.primary_key
]


@pytest.mark.parametrize(("table", "column"), NEEDED)
def test_what_is_required_is_there(world: Database, table: str, column: str) -> None:
    if table in ("change", "change_text"):
        others = {key: value for key, value in OVER.items() if key in ROWS[table]}
        refused(world, "NOT NULL", table, **others | {column: None})
    else:
        refused_change(world, "NOT NULL", table, **{column: None})


REFERENCES = [
    (table.name, column.name)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if column.info["field"].kind == "reference"
]


@pytest.mark.parametrize(("table", "column"), REFERENCES)
def test_a_reference_leads_somewhere(world: Database, table: str, column: str) -> None:
    if column == "agreement" and table in ("clause", "quote"):
        id = f"nobody.{'q' * (table == 'quote')}1"
        refused(world, "FOREIGN KEY", table, id=id, agreement="nobody")
        return
    along: dict[str, Any] = {}
    if table in ("clause", "quote") and column == "source":
        along = {"start": 0, "end": len(ROWS[table]["text"])}
    elif table == "evidence" and column == "source":
        along = {"reference": None}
    elif table == "identifier" and column != "party":
        along = {"party": None}
    refused_change(world, "FOREIGN KEY", table, **along, **{column: "nobody"})


@pytest.mark.parametrize(("owner", "row"), [("party", "party_name"), ("follow_up", "evidence")])
def test_rows_of_a_list_go_with_what_they_belong_to(database: Database, owner: str, row: str) -> None:
    with database.write(BY) as change:
        for table in ("party", "agreement", "clause", "follow_up"):
            add(change, table)
        add(change, row)
    with database.write(BY) as change:
        change.connection.execute(text(f"DELETE FROM {owner}"))
    assert rows.counts(database)[row] == 0


@pytest.mark.parametrize("table", ["party", "source", "initiative", "agreement", "clause"])
def test_what_is_referred_to_stays(world: Database, table: str) -> None:
    with pytest.raises(Conflict), world.write(BY) as change:
        change.connection.execute(text(f"DELETE FROM {table}"))


OVER = {"place": 9, "root": "other", "sequence": 9, "digest": "f" * 64, "after": "forged"}
"""A history entry that shares no key with the one that is there."""
SECOND = {"place": 2, "sequence": 2, "digest": "2" * 64}
"""One more honest entry."""


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM change",
        "DELETE FROM change WHERE place = 1",
        "UPDATE change SET after = 'forged'",
        "UPDATE change SET place = 2",
        "UPDATE change SET digest = digest",
        "DELETE FROM change_text",
        "UPDATE change_text SET text = 'forged'",
        "UPDATE change_text SET salt = 'ff'",
        "UPDATE change_text SET text = NULL",
        "UPDATE change_text SET salt = NULL",
        "UPDATE change_text SET text = NULL, salt = NULL, change = 2",
        "UPDATE change_text SET text = NULL, salt = NULL, digest = 'f'",
    ],
)
def test_history_is_never_altered(world: Database, statement: str) -> None:
    before = _history(world)
    with pytest.raises(Conflict, match="append-only"), world.write(BY) as change:
        change.connection.execute(text(statement))
    assert _history(world) == before


def test_a_text_can_be_erased_with_its_salt_and_not_come_back(world: Database) -> None:
    before = _history(world)
    with world.write(BY) as change:
        change.connection.execute(text("UPDATE change_text SET text = NULL, salt = NULL"))
    assert _history(world) == (before[0], [(1, DIGEST, None, None)])
    with pytest.raises(Conflict, match="append-only"), world.write(BY) as change:
        change.connection.execute(text("UPDATE change_text SET text = 'Deal', salt = 'ab'"))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement", ["TRUNCATE change", "TRUNCATE change_text", "TRUNCATE change, change_text CASCADE"]
)
def test_history_is_never_truncated(world: Database, statement: str) -> None:
    with pytest.raises(Conflict, match="append-only"), world.write(BY) as change:
        change.connection.execute(text(statement))
    assert [len(entries) for entries in _history(world)] == [1, 1]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("recursive", [True, False])
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT"])
@pytest.mark.parametrize(
    ("table", "same"),
    [
        ("change", {"place": 1}),
        ("change", {"root": "deal", "sequence": 1}),
        ("change", {"place": 1, "root": "deal", "sequence": 1}),
        ("change_text", {"change": 1, "digest": DIGEST}),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else value,
)
def test_no_insert_takes_the_place_of_a_history_entry(
    world: Database, recursive: bool, verb: str, table: str, same: dict[str, Any]
) -> None:
    before = _history(world)
    row = {
        name: value
        for name, value in (ROWS[table] | OVER | {"text": "forged"} | same).items()
        if name in Base.metadata.tables[table].columns
    }
    statement = f"{verb} INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"
    with pytest.raises(Conflict), world.write(BY) as change:
        _insert(change, statement, row, recursive=recursive)
    assert _history(world) == before


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["change", "change_text"])
@pytest.mark.parametrize(
    "statement", ["REPLACE INTO {0} ({1}) VALUES ({2})", "UPDATE OR REPLACE {0} SET {3}"]
)
def test_no_hidden_key_leads_to_a_history_entry(world: Database, table: str, statement: str) -> None:
    with world.write(BY) as change:
        add(change, table, **{key: value for key, value in SECOND.items() if key in ROWS[table]})
    before = _history(world)
    row = {key: value for key, value in (ROWS[table] | OVER).items() if key != "place"} | {"rowid": 1}
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    erasing = "rowid = 1, text = NULL, salt = NULL WHERE rowid = 2" if table == "change_text" else "rowid = 1"
    with suppress(TrackerError), world.write(BY) as change:
        _insert(change, statement.format(table, names, values, erasing), row, recursive=False)
    assert _history(world) == before


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("change", "place"),
        ("change", "root_kind, root, sequence"),
        ("change_text", "change, digest"),
    ],
)
def test_no_upsert_changes_a_history_entry(world: Database, table: str, key: str) -> None:
    before = _history(world)
    column = "after" if table == "change" else "text"
    row = ROWS[table] | {column: "forged"}
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    with pytest.raises(Conflict, match="append-only"), world.write(BY) as change:
        change.connection.execute(
            text(
                f"INSERT INTO {table} ({names}) VALUES ({values})"
                f" ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
            ),
            row,
        )
    assert _history(world) == before


def test_history_grows(world: Database) -> None:
    with world.write(BY) as change:
        add(change, "change", place=2, sequence=2)
        add(change, "change", place=3, root="other")
        add(change, "change_text", change=2)
    assert [len(entries) for entries in _history(world)] == [3, 2]


def test_every_column_says_what_it_means() -> None:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            assert isinstance(column.info["field"], Field)


def _broken_rule(conflict: Conflict) -> str:
    """Name the rule that the database refused by: a CHECK's name, else the kind, else the SQLSTATE."""
    error: Any = getattr(conflict.__cause__, "orig", None)
    state = getattr(error, "sqlstate", None)
    if state is None:
        kind, _, name = str(error).partition(" constraint failed")
        return name.removeprefix(": ") if kind == "CHECK" else kind
    kinds = {"23502": "NOT NULL", "23503": "FOREIGN KEY", "23505": "UNIQUE"}
    return str(error.diag.constraint_name) if state == "23514" else kinds.get(state, str(state))


def _insert(change: Change, statement: str, row: dict[str, Any], *, recursive: bool) -> None:
    """Write as another program would: where triggers are not recursive, REPLACE fires none for DELETE."""
    change.connection.exec_driver_sql(f"PRAGMA recursive_triggers = {'ON' if recursive else 'OFF'}")
    change.connection.execute(text(statement), row)


def _history(database: Database) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    with database.engine.connect() as connection:
        changes = connection.exec_driver_sql("SELECT place, sequence, after, digest FROM change ORDER BY 1")
        texts = connection.exec_driver_sql("SELECT change, digest, salt, text FROM change_text ORDER BY 1")
        return [tuple(row) for row in changes], [tuple(row) for row in texts]


def _checks(connection: Connection, table: str, database: Database) -> dict[str, str]:
    if not database.is_sqlite:
        found = connection.exec_driver_sql(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass",
            (table,),
        )
        return {row[0]: row[1] for row in found}
    sql = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar_one()
    lines = [line.strip() for line in sql.splitlines()]
    return {line.split()[1]: line for line in lines if line.startswith("CONSTRAINT")}


def _quoted(definition: str) -> list[str]:
    return definition.split("'")[1::2]


def _unique(connection: Connection, table: str, database: Database) -> list[list[str]]:
    from sqlalchemy import inspect

    return [list(found["column_names"]) for found in inspect(connection).get_unique_constraints(table)]
