"""An index of what each change holds, so that the history of a resource is found without reading JSON.

Frozen, like 0001: nothing in here follows the models when they change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BLOCK = 5_000
"""How many changes are read by one statement: each may hold a whole agreement."""


def upgrade() -> None:
    op.create_table(
        "change_resource",
        sa.Column("change", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("resource", token(20), nullable=False),
        sa.Column("resource_id", token(92), nullable=False),
        sa.Column("clause", token(92), nullable=True),
        check("change_range", "change BETWEEN 1 AND 2147483647"),
        check("resource_length", "length(resource) BETWEEN 1 AND 20"),
        check("resource_id_length", "length(resource_id) BETWEEN 1 AND 92"),
        check("clause_length", "length(clause) BETWEEN 1 AND 92"),
        sa.PrimaryKeyConstraint("change", "resource", "resource_id", name=op.f("pk_change_resource")),
        sqlite_with_rowid=False,
    )
    fill()
    op.create_index(
        op.f("ix_change_resource_resource_resource_id_change"),
        "change_resource",
        ["resource", "resource_id", "change"],
    )
    on_clause = sa.text("clause IS NOT NULL")
    op.create_index(
        op.f("ix_change_resource_clause_change"),
        "change_resource",
        ["clause", "change"],
        sqlite_where=on_clause,
        postgresql_where=on_clause,
    )
    make_append_only()
    op.drop_index(op.f("ix_change_resource_resource_id_place"), "change")
    op.drop_index(op.f("ix_change_reverted_root"), "change")


def downgrade() -> None:
    reverts = sa.text("action = 'revert'")
    op.create_index(
        op.f("ix_change_reverted_root"), "change", ["root"], sqlite_where=reverts, postgresql_where=reverts
    )
    op.create_index(
        op.f("ix_change_resource_resource_id_place"), "change", ["resource", "resource_id", "place"]
    )
    op.drop_table("change_resource")
    if on_postgresql():
        op.execute("DROP FUNCTION change_resource_append_only()")


def fill() -> None:
    """Index the changes that are there: the root of each, its resource, and what stood or stands in it."""
    connection = op.get_bind()
    last = connection.execute(sa.text("SELECT coalesce(max(place), 0) FROM change")).scalar_one()
    if on_postgresql():
        entries = (
            "json_each(CAST({side} AS json)) AS kind(key, value), json_each(kind.value) AS item(key, value)"
        )
        clause, nothing = "item.value ->> 'clause'", "CAST(NULL AS varchar)"
    else:
        entries = "json_each({side}) AS kind, json_each(kind.value) AS item"
        clause, nothing = "json_extract(item.value, '$.clause')", "NULL"
    between = "place BETWEEN :first AND :last"
    held = " UNION ALL ".join(
        f"SELECT place, kind.key, item.key, CASE kind.key WHEN 'follow_up' THEN {clause} END"
        f" FROM change, {entries.format(side=side)} WHERE {between}"
        for side in ("before", "after")
    )
    statement = sa.text(
        "INSERT INTO change_resource (change, resource, resource_id, clause)"
        " SELECT place, resource, resource_id, max(clause) FROM ("
        f"SELECT place, resource, resource_id, {nothing} AS clause FROM change WHERE {between}"
        f" UNION ALL SELECT place, root_kind, root, {nothing} FROM change WHERE {between}"
        f" UNION ALL {held}"
        ") AS held GROUP BY place, resource, resource_id"
    )
    for first in range(1, last + 1, BLOCK):
        connection.execute(statement, {"first": first, "last": first + BLOCK - 1})


def make_append_only() -> None:
    """Refuse every DELETE, UPDATE, TRUNCATE and overwriting INSERT, as the tables of history do."""
    refuse = "history is append-only: change_resource"
    if on_postgresql():
        op.execute(
            "CREATE FUNCTION change_resource_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{refuse}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER change_resource_no_change BEFORE UPDATE OR DELETE ON change_resource"
            " FOR EACH ROW EXECUTE FUNCTION change_resource_append_only()"
        )
        op.execute(
            "CREATE TRIGGER change_resource_no_truncate BEFORE TRUNCATE ON change_resource"
            " FOR EACH STATEMENT EXECUTE FUNCTION change_resource_append_only()"
        )
        return
    refusing = f" BEGIN SELECT RAISE(ABORT, '{refuse}'); END"
    there = (
        " WHEN EXISTS (SELECT 1 FROM change_resource"
        " WHERE change = NEW.change AND resource = NEW.resource AND resource_id = NEW.resource_id)"
    )
    for name, moment, condition in (
        ("no_delete", "DELETE", ""),
        ("no_update", "UPDATE", ""),
        ("no_overwrite", "INSERT", there),
    ):
        op.execute(
            f"CREATE TRIGGER change_resource_{name} BEFORE {moment} ON change_resource{condition}{refusing}"
        )


def token(length: int) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on both engines."""
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def check(name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_change_resource_{name}"))


def on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
