"""Migrations: up, down, many at once, all or nothing, and generated ones that need no editing."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, String, TypeDecorator, create_engine
from sqlalchemy.exc import DBAPIError

from tests import rows
from tests.copies import Checkout
from tests.loads import TOWN, told
from tracker import services, shipped
from tracker.database import migrations
from tracker.database.engine import Database, open_database, sqlite_connection
from tracker.errors import Conflict, NotReady, TrackerError, Unavailable
from tracker.models import Agreement, Base, Clause
from tracker.services.chains import history_problems
from tracker.services.merging import merge_party
from tracker.services.redaction import redact
from tracker.services.resources import ANY
from tracker.shipped import newest_revision

ROOT = Path(__file__).parent.parent
SCHEMA = newest_revision()
NEXT, AFTER_NEXT = (f"{int(SCHEMA) + step:04}" for step in (1, 2))

on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    """A database without any table; on SQLite, without any file."""
    database = open_database(empty_database_url)
    yield database
    database.close()


@pytest.fixture
def own(empty: Database) -> Database:
    """A migrated database of the test's own, whose schema it may change."""
    migrations.upgrade(empty)
    return empty


@pytest.fixture
def make_database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Database]]:
    """What makes one more database without any table, on the engine that it is given."""
    made: list[Database] = []

    def make(engine_name: str) -> Database:
        url = f"sqlite:///{tmp_path / f'more-{len(made)}.db'}"
        if engine_name == "postgresql":
            url = request.getfixturevalue("postgres_databases").make()
        made.append(open_database(url))
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations in which a test may write one more: the folder of its revisions."""
    copy = tmp_path / "migrations"
    shutil.copytree(shipped.migrations_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(shipped, "migrations_folder", lambda: copy)
    return copy / "versions"


def write_migration(versions: Path, *upgrade: str, number: str = NEXT, downgrade: str = "pass") -> None:
    lines = "\n    ".join(upgrade)
    (versions / f"{number}_test.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision, branch_labels, depends_on = {number!r}, {SCHEMA!r}, None, None\n"
        f"def upgrade() -> None:\n    {lines}\n"
        f"def downgrade() -> None:\n    {downgrade}\n"
    )


def test_up_down_and_up_again_leaves_the_same(empty: Database) -> None:
    migrations.upgrade(empty)
    first = described(empty)
    migrations.downgrade(empty, "base")
    migrations.upgrade(empty)
    assert described(empty) == first
    assert empty.schema() == SCHEMA


def test_down_leaves_nothing(empty: Database) -> None:
    migrations.upgrade(empty)
    migrations.downgrade(empty, "base")
    assert described(empty) == {}
    assert empty.schema() is None


def test_the_migrations_make_what_the_models_say(empty: Database, database: Database) -> None:
    migrations.make_file(empty)
    Base.metadata.create_all(empty.engine)
    wanted, made = described(empty), described(database)
    assert made.keys() == wanted.keys()
    for name, definition in wanted.items():
        assert made[name] == definition, name


@on_sqlite
def test_every_constraint_has_a_name(database: Database) -> None:
    """SQLite loses what has no name when a table is remade; PostgreSQL makes names up."""
    lines = [line for lines in described(database).values() for line in lines]
    ruling = [line for line in lines if re.search(r"\b(CHECK|UNIQUE|REFERENCES|PRIMARY KEY)\b", line)]
    ruling = [line for line in ruling if not line.startswith("CREATE")]
    assert [line for line in ruling if not line.startswith("CONSTRAINT")] == []
    assert len(ruling) > 200


def test_alembic_sees_no_difference_either(database: Database, database_url: str) -> None:
    assert alembic("check", database_url) == (0, "No new upgrade operations detected.\n")


def test_the_program_reads_and_writes_the_newest_revision() -> None:
    assert migrations.only_head(migrations._script(migrations._config())) == newest_revision()


def test_revisions_are_numbers_that_version_num_can_hold() -> None:
    files = sorted(path.name for path in (shipped.migrations_folder() / "versions").glob("*.py"))
    for place, name in enumerate(files, start=1):
        assert re.fullmatch(rf"{place:04}_[a-z0-9_]+\.py", name)


def test_migrations_import_nothing_of_the_program() -> None:
    for path in (shipped.migrations_folder() / "versions").glob("*.py"):
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert imported <= {"__future__", "collections", "typing", "alembic", "sqlalchemy"}, path


def test_eight_upgrades_at_once_all_succeed(empty_database_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: alembic("upgrade head", empty_database_url), range(8)))
    assert results == [(0, "")] * 8
    database = open_database(empty_database_url)
    assert database.schema() == SCHEMA
    database.close()


def test_eight_upgrades_at_once_in_threads_run_each_step_once(empty: Database, versions: Path) -> None:
    write_migration(
        versions, "op.execute('CREATE TABLE once (it INTEGER)')", downgrade="op.drop_table('once')"
    )

    def upgrade(_: int) -> Path | None:
        database = open_database(address(empty))
        try:
            return migrations.upgrade(database)
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(upgrade, range(8))) == [None] * 8
    assert empty.schema() == NEXT


def test_alembic_makes_and_finds_the_database_that_the_settings_name(
    engine_name: str, empty_database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "tracker.toml").write_text(f"database_url = '{empty_database_url}'")
    assert alembic("upgrade head", None)[0] == 0
    assert alembic("current", None) == (0, f"{SCHEMA} (head)\n")
    database = open_database(empty_database_url)
    assert database.schema() == SCHEMA
    assert alembic("downgrade base", None)[0] == 0
    assert database.schema() is None
    database.close()


@on_sqlite
def test_alembic_says_what_to_do_where_there_is_no_database(empty_database_url: str, tmp_path: Path) -> None:
    status, talk = alembic("current", empty_database_url)
    assert status != 0
    assert "there is no database" in talk
    assert "tracker db upgrade" in talk
    assert list(tmp_path.iterdir()) == []


def test_alembic_refuses_to_write_sql_without_a_database(empty_database_url: str) -> None:
    status, talk = alembic("upgrade head --sql", empty_database_url)
    assert status != 0
    assert "--sql is not offered" in talk


def test_a_generated_migration_is_numbered_and_plain(own: Database, versions: Path, tmp_path: Path) -> None:
    url = address(own)
    settings = (ROOT / "alembic.ini").read_text().replace("%(here)s/migrations", str(versions.parent))
    (tmp_path / "alembic.ini").write_text(settings)
    execute(url, "DROP INDEX ix_party_match_key")
    status, _ = alembic(
        ["revision", "--autogenerate", "-m", "add what is missing"],
        url,
        ini=tmp_path / "alembic.ini",
    )
    assert status == 0
    (made,) = versions.glob(f"{NEXT}_add_what_is_missing.py")
    text = made.read_text()
    assert "ix_party_match_key" in text
    assert "tracker" not in text
    assert alembic("upgrade head", url, ini=tmp_path / "alembic.ini")[0] == 0
    assert alembic("check", url, ini=tmp_path / "alembic.ini")[0] == 0


def test_what_alembic_generates_for_new_fields_and_tables_is_what_the_models_say(
    own: Database, make_database: Callable[[str], Database], tmp_path: Path
) -> None:
    """With every constraint and index, whichever engine it was generated on and whichever it runs on."""
    rows.fill(own)
    before, there = described(own), rows.counts(own)
    checkout = Checkout(tmp_path / "checkout")
    for name in ("purpose", "lifecycle", "end_reason", "series_number", "starts", "series"):
        checkout.add_field("Agreement", f"other_{name}", like=name)
    checkout.add_field("FollowUp", "other_note", like="note")
    checkout.add_table("visit", like="FollowUp")
    checkout.replace("tracker/models/agreements.py", '"target <> agreement"', '"agreement <> target"')
    checkout.alembic("revision", "--autogenerate", "-m", "add fields", url=address(own))
    for engine_name, migrated in {
        own.engine.dialect.name: own,
        (other := "postgresql" if own.is_sqlite else "sqlite"): make_database(other),
    }.items():
        declared = make_database(engine_name)
        checkout.alembic("upgrade", "head", url=address(migrated))
        checkout.create_all(url=address(declared))
        assert described(migrated) == described(declared)
        checkout.alembic("check", url=address(migrated))
    assert rows.counts(own) == there
    checkout.alembic("downgrade", "-1", url=address(own))
    assert described(own) == before
    assert rows.counts(own) == there


def test_a_column_type_of_ours_is_written_as_the_plain_type_under_it(database: Database) -> None:
    from alembic.autogenerate import render_python_code
    from alembic.operations import ops
    from sqlalchemy import Column

    class Ours(TypeDecorator[str]):
        impl = String(7)
        cache_ok = True

    step = ops.UpgradeOps([ops.AddColumnOp("party", Column("extra", Ours()))])
    assert "sa.String(length=7)" in render_python_code(step, render_item=migrations.render_item)


@on_sqlite
def test_tables_of_a_search_index_are_left_alone(database: Database, database_url: str) -> None:
    execute(database_url, "CREATE VIRTUAL TABLE words USING fts5(text)")
    assert alembic("check", database_url) == (0, "No new upgrade operations detected.\n")


def test_a_connection_that_is_handed_over_is_used(
    empty: Database, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", address(database))
    migrations.make_file(empty)
    for given in (empty.engine, empty.engine.connect()):
        run_alembic("upgrade", given, "head")
        assert empty.schema() == SCHEMA
        run_alembic("downgrade", given, "base")
        if isinstance(given, Connection):
            given.close()
    assert described(empty) == {}
    assert database.schema() == SCHEMA


@on_sqlite
def test_a_connection_that_would_cascade_is_refused(database: Database) -> None:
    from alembic.util import CommandError

    with (
        database.engine.connect() as connection,
        connection.begin(),
        pytest.raises(CommandError, match="not in a transaction yet"),
    ):
        run_alembic("downgrade", connection, "base")
    assert database.schema() == SCHEMA


def test_two_heads_are_refused(empty: Database, versions: Path) -> None:
    write_migration(versions, "pass", number=NEXT)
    write_migration(versions, "pass", number=AFTER_NEXT)
    with pytest.raises(NotReady, match=f"2 heads: {NEXT}, {AFTER_NEXT}"):
        migrations.upgrade(empty)
    assert not empty.is_sqlite or empty.schema() is None


def test_a_migration_that_leaves_a_broken_reference_is_undone(own: Database, versions: Path) -> None:
    write_migration(
        versions,
        'op.execute("INSERT INTO party_name (party, ordinal, name, kind, match_key)'
        " VALUES ('nobody', 1, 'N', 'alias', 'n')\")",
    )
    with pytest.raises(TrackerError, match="party_name") as raised:
        migrations.upgrade(own)
    assert raised.value.hint == "nothing was changed"
    assert own.schema() == SCHEMA
    assert rows.counts(own)["party_name"] == 0


@on_sqlite
def test_broken_references_are_counted_by_table(own: Database, versions: Path) -> None:
    insert = "op.execute(\"INSERT INTO agreement_source VALUES ('{}', 1, 'lost')\")"
    write_migration(versions, insert.format("a"), insert.format("b"))
    with pytest.raises(
        Conflict, match="2 from agreement_source to agreement, 2 from agreement_source to source"
    ):
        migrations.upgrade(own)


def test_a_failed_migration_leaves_nothing_half_done(own: Database, versions: Path) -> None:
    rows.fill(own)
    before, there = described(own), rows.counts(own)
    write_migration(
        versions,
        "op.create_table('half', sa.Column('done', sa.Integer()))",
        "op.execute('DELETE FROM evidence')",
        "op.execute('INSERT INTO nowhere VALUES (1)')",
    )
    with pytest.raises(NotReady, match=rf"upgrade of .* to schema {NEXT} failed: .*nowhere"):
        migrations.upgrade(own)
    assert described(own) == before
    assert rows.counts(own) == there
    assert own.schema() == SCHEMA


def test_an_engine_that_is_not_ours_leaves_nothing_half_done_either(own: Database, versions: Path) -> None:
    before = described(own)
    write_migration(
        versions,
        "op.create_table('half', sa.Column('done', sa.Integer()))",
        "op.execute('INSERT INTO nowhere VALUES (1)')",
    )
    plain_engine = create_engine(own.url)
    with pytest.raises(DBAPIError, match="nowhere"):
        run_alembic("upgrade", plain_engine, "head")
    plain_engine.dispose()
    assert described(own) == before
    assert own.schema() == SCHEMA


def test_a_first_upgrade_that_fails_leaves_an_empty_database(empty: Database, versions: Path) -> None:
    write_migration(versions, "op.execute('INSERT INTO nowhere VALUES (1)')")
    with pytest.raises(NotReady):
        migrations.upgrade(empty)
    assert described(empty) == {}
    assert empty.schema() is None


def test_remaking_tables_loses_no_row_no_trigger_no_constraint(own: Database, versions: Path) -> None:
    rows.fill(own)
    before, there = described(own), rows.counts(own)
    remade = ("party", "source", "agreement", "clause", "quote", "follow_up", "change", "change_text")
    write_migration(
        versions,
        f"for name in {remade}:",
        "    with op.batch_alter_table(name, recreate='always' if RECREATE else 'auto') as batch:",
        "        batch.add_column(sa.Column('extra', sa.Integer(), nullable=True))",
    )
    revision = versions / f"{NEXT}_test.py"
    revision.write_text(revision.read_text().replace("RECREATE", str(own.is_sqlite)))
    migrations.upgrade(own)
    assert rows.counts(own) == there
    after = described(own)
    assert after.keys() == before.keys()
    for name, lines in before.items():
        assert [line for line in after[name] if not line.lower().startswith("extra integer")] == lines, name
    with pytest.raises(Conflict, match="append-only"), own.write(rows.BY) as change:
        change.connection.exec_driver_sql("DELETE FROM change")


def test_a_migration_may_drop_a_trigger_by_name(own: Database, versions: Path) -> None:
    table = "" if own.is_sqlite else " ON change"
    name = "change_no_delete" if own.is_sqlite else "change_no_truncate"
    write_migration(versions, f"op.execute('DROP TRIGGER {name}{table}')")
    migrations.upgrade(own)
    assert f"trigger {name}" not in described(own)


def test_the_index_of_changes_is_filled_with_what_is_there(own: Database, versions: Path) -> None:
    """As services write it: loads and undone loads, which touch much at once, included."""
    follow_ups = "follow_ups: [{track: reported, status: met, effective_on: 2021, recorded_by: a, recorded_at: 2022-01-01T00:00:00Z}]"
    told(own, TOWN)
    told(own, TOWN.replace("text: second", f"text: second, due: 2022, {follow_ups}"))
    for write in (
        lambda change: services.revert_change(change, 5),
        lambda change: services.remove_resource(change, Clause, "deal.2", ANY),
        lambda change: merge_party(change, "agency", "town"),
        lambda change: redact(change, Clause, "deal.2"),
        lambda change: services.remove_resource(change, Agreement, "deal", ANY),
    ):
        with own.write(rows.BY) as change:
            write(change)
    written, there = indexed(own), rows.counts(own)
    migration = versions / "0004_resources_of_changes.py"
    migration.write_text(migration.read_text().replace("BLOCK = 5_000", "BLOCK = 1"))
    migrations.downgrade(own, "0003")
    migrations.upgrade(own, keep_copy=False)
    assert indexed(own) == written
    assert len({kind for _, kind, *_ in written}) == 5
    assert rows.counts(own) == there
    assert list(history_problems(own)) == []


@on_sqlite
def test_foreign_keys_are_on_again_after_an_upgrade(empty: Database) -> None:
    migrations.upgrade(empty)
    with pytest.raises(Conflict), empty.write(rows.BY) as change:
        rows.add(change, "party_name", party="nobody")


@on_sqlite
def test_an_older_database_is_copied_before_it_changes(own: Database, versions: Path) -> None:
    rows.fill(own)
    there = rows.counts(own)
    write_migration(versions, "op.execute('DELETE FROM evidence')")
    copy = migrations.upgrade(own)
    assert copy == own.path.with_name(f"empty.before-{NEXT}.db")
    assert own.schema() == NEXT
    kept = open_database(f"sqlite:///{copy}")
    assert kept.schema() == SCHEMA
    assert rows.counts(kept) == there
    with closing(sqlite_connection(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept.close()
    assert migrations.upgrade(own) is None


@on_sqlite
def test_a_copy_never_takes_the_place_of_another_file(own: Database, versions: Path) -> None:
    there = own.path.with_name(f"empty.before-{NEXT}.db")
    there.write_text("mine")
    write_migration(versions, "pass")
    assert migrations.upgrade(own) == own.path.with_name(f"empty.before-{NEXT}-2.db")
    assert there.read_text() == "mine"


@on_sqlite
def test_a_new_database_is_not_copied(empty: Database, tmp_path: Path) -> None:
    assert migrations.upgrade(empty) is None
    empty.close()
    assert [path.name for path in tmp_path.iterdir()] == ["empty.db"]


def test_a_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'not' / 'there.db'}")
    with pytest.raises(NotReady) as raised:
        migrations.upgrade(database)
    assert raised.value.detail == f"there is no folder {tmp_path / 'not'} for the database"
    assert raised.value.hint == "make the folder, or name another file in TRACKER_DATABASE_URL"
    assert list(tmp_path.iterdir()) == []


def test_a_newer_schema_is_refused(own: Database) -> None:
    execute(address(own), "UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(NotReady, match=f"has schema 0099, newer than this program's {SCHEMA}"):
        migrations.upgrade(own)


def test_tables_of_somebody_else_are_named_not_overwritten(empty: Database) -> None:
    migrations.make_file(empty)
    execute(address(empty), "CREATE TABLE party (mine INTEGER)")
    with pytest.raises(NotReady, match=r"party.* already exists"):
        migrations.upgrade(empty)
    assert list(described(empty)) == ["table party"]


@on_sqlite
def test_a_downgrade_makes_no_file(empty: Database) -> None:
    with pytest.raises(NotReady, match="there is no database"):
        migrations.downgrade(empty, "base")
    assert not empty.path.exists()


@on_sqlite
def test_an_upgrade_waits_for_a_writer_then_says_that_it_is_locked(
    own: Database, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_migration(versions, "pass")
    monkeypatch.setattr(migrations, "PATIENCE", 0)
    with closing(sqlite_connection(own.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            migrations.upgrade(own)
    assert own.schema() == SCHEMA


def test_migrations_and_seeds_are_found() -> None:
    assert (shipped.migrations_folder() / "env.py").is_file()
    assert list(shipped.seeds_folder().glob("*.yaml")) != []


def alembic(
    command: str | list[str], url: str | None, *, ini: Path = ROOT / "alembic.ini"
) -> tuple[int, str]:
    """Run the plain alembic command; return its exit code and what it printed."""
    words = command.split() if isinstance(command, str) else command
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "alembic", "-c", str(ini), *words],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        | ({} if url is None else {"TRACKER_DATABASE_URL": url}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def run_alembic(direction: str, given: Any, revision: str) -> None:
    from alembic import command

    config = migrations._config()
    config.attributes["connection"] = given
    getattr(command, direction)(config, revision)


def indexed(database: Database) -> list[Any]:
    """Return the index of what each change holds."""
    with database.engine.connect() as connection:
        return list(
            connection.exec_driver_sql(
                "SELECT change, resource, resource_id, clause FROM change_resource ORDER BY 1, 2, 3"
            )
        )


def address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def execute(url: str, *statements: str) -> None:
    database = open_database(url)
    with database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    database.close()


def described(database: Database) -> dict[str, list[str]]:
    """Return the definition of everything in a database but Alembic's own table, by kind and name.

    A table is its columns and constraints in alphabetical order, since a column that was added stands last;
    names and defaults stand without the quotes and brackets that batch mode puts around them.
    """
    with database.engine.connect() as connection:
        described = _described_sqlite(connection) if database.is_sqlite else _described_postgres(connection)
    return {name: sorted(map(_plain, lines)) for name, lines in described.items()}


def _plain(sql: str) -> str:
    """Return SQL with single spaces and unquoted names; texts in single quotes stay as they are."""
    parts = re.split(r"('(?:[^']|'')*')", sql)
    parts[::2] = [re.sub(r"\s+", " ", part.replace('"', "")) for part in parts[::2]]
    return re.sub(r"DEFAULT \((.+?)\)", r"DEFAULT \1", "".join(parts)).strip()


def _described_sqlite(connection: Connection) -> dict[str, list[str]]:
    found = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE tbl_name <> 'alembic_version' AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    )
    return {f"{kind} {name}": _lines(sql) if kind == "table" else [sql] for kind, name, sql in found}


def _lines(sql: str) -> list[str]:
    """Split CREATE TABLE at the commas of its outermost list."""
    head, _, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    parts, depth, quoted = [""], 0, False
    for letter in body:
        quoted ^= letter == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return [head, *parts, tail]


def _described_postgres(connection: Connection) -> dict[str, list[str]]:
    ours = "nspname = 'public' AND relname <> 'alembic_version'"
    columns = connection.exec_driver_sql(
        "SELECT relname, attname || ' ' || format_type(atttypid, atttypmod)"
        " || CASE WHEN collname IS NULL THEN '' ELSE ' COLLATE ' || collname END"
        " || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END || coalesce(' DEFAULT ' || pg_get_expr(adbin, adrelid), '')"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace"
        " LEFT JOIN pg_collation l ON l.oid = attcollation LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        f" WHERE relkind = 'r' AND attnum > 0 AND NOT attisdropped AND {ours}"
    )
    tables: dict[str, list[str]] = {}
    for table, line in columns:
        tables.setdefault(f"table {table}", []).append(line)
    for table, line in connection.exec_driver_sql(
        "SELECT relname, 'CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(k.oid) FROM pg_constraint k"
        " JOIN pg_class c ON c.oid = conrelid JOIN pg_namespace n ON n.oid = relnamespace"
        f" WHERE contype <> 'n' AND {ours}"
    ):
        tables[f"table {table}"].append(line)
    others = connection.exec_driver_sql(
        "SELECT 'index ' || indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        " UNION ALL SELECT 'trigger ' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT 'function ' || proname, pg_get_functiondef(p.oid) FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
        " UNION ALL SELECT 'sequence ' || relname, '' FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE relkind = 'S' AND nspname = 'public'"
    )
    return tables | {name: [definition] for name, definition in others}
