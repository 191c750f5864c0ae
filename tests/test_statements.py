"""Statements: each value goes to the driver once, in the form that each engine takes."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, bindparam, literal_column, select

from tracker.database.changes import Author
from tracker.database.engine import Database
from tracker.database.statements import Among, Statement
from tracker.models import Party, table_of
from tracker.services.rows import insert_rows

PARTIES = table_of(Party).c
STRANGE = "a?b%s'c:1%(d)s"


def test_a_value_that_stands_at_several_places_is_given_once(database: Database) -> None:
    with database.write(Author("test")) as change:
        insert_rows(change, Party, [{"id": id, "kind": "person", "name": STRANGE} for id in ("a", "b", "c")])
    literal: ColumnElement[str] = literal_column("'" + STRANGE.replace("'", "''") + "'", Text)
    several = Statement(
        select(PARTIES.id, bindparam("word", type_=Text) + bindparam("word", type_=Text))
        .where(PARTIES.name == literal, Among(PARTIES.id, "ids"), PARTIES.id != bindparam("word"))
        .order_by(PARTIES.id),
        "word",
        "ids",
    )
    assert database.rows(several, "b", ["a", "b", "c"]) == [("a", "bb"), ("c", "bb")]
    _, values = several.prepared(database.engine, ("b", ["a"]))
    assert len(values) == 2
    assert isinstance(values, dict) is not database.is_sqlite
    once = Statement(select(PARTIES.id).where(PARTIES.name == literal, PARTIES.id == bindparam("id")), "id")
    assert database.rows(once, "b") == [("b",)]


def test_many_rows_may_repeat_a_value_too(database: Database) -> None:
    from sqlalchemy import update

    word = bindparam("word", type_=Text)
    named = Statement(
        update(Party).where(PARTIES.id == bindparam("id")).values(name=word, description=word), "id", "word"
    )
    with database.write(Author("test")) as change:
        insert_rows(change, Party, [{"id": id, "kind": "person", "name": "x"} for id in ("a", "b")])
        assert change.many(named, [("a", "A"), ("b", "B")]) == 2
    read = Statement(select(PARTIES.name, PARTIES.description).order_by(PARTIES.id))
    assert database.rows(read) == [("A", "A"), ("B", "B")]


def test_a_list_of_keys_is_looked_up_by_the_index(database: Database) -> None:
    statement = Statement(select(PARTIES.name).where(PARTIES.kind != "x", Among(PARTIES.id, "ids")), "ids")
    sql, values = statement.prepared(database.engine, (["a"],))
    if not database.is_sqlite:
        assert "= ANY(%s" in sql
        assert "= true" not in sql.lower()
        return
    with database.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
    assert plan[0][-1] == "SEARCH party USING INDEX sqlite_autoindex_party_1 (id=?)"


def test_a_list_may_hold_texts_of_any_kind(database: Database) -> None:
    names = [
        "NULL",
        "null",
        "a,b",
        '"',
        '\\"',
        "\\",
        "{}",
        "'",
        "%s",
        "?",
        "줄\n바꿈",
        "𝄞\t\x7f",
        "-1",
    ]
    read = Statement(select(PARTIES.name).where(Among(PARTIES.name, "names")).order_by(PARTIES.id), "names")
    with database.write(Author("test")) as change:
        things = [{"id": f"p{n:02}", "kind": "person", "name": name} for n, name in enumerate(names)]
        insert_rows(change, Party, things)
        assert [row[0] for row in change.rows(read, names)] == names
    for name in names:
        assert database.rows(read, [name]) == [(name,)]
    assert database.rows(read, []) == []
