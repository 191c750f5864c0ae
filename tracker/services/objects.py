"""What is in a database besides what migrations make: tables, views, triggers and functions of others.

A trigger can change what is written later, or let through what ours refuse, so a backup that brings one
along is not restored.
"""

from __future__ import annotations

from collections.abc import Iterator

from tracker.database.engine import Database, translated
from tracker.models import Base

TABLES = {*Base.metadata.tables, "alembic_version"}
APPEND_ONLY = ("change", "change_text", "change_resource")
"""The tables whose triggers refuse to change what is there."""
TRIGGERS = {
    "sqlite": {
        f"{table}_{end}" for table in APPEND_ONLY for end in ("no_delete", "no_update", "no_overwrite")
    },
    "postgresql": {f"{table}_{end}" for table in APPEND_ONLY for end in ("no_change", "no_truncate")},
}
FUNCTIONS = {f"{table}_append_only" for table in APPEND_ONLY}


def object_problems(database: Database) -> Iterator[str]:
    """Yield a sentence for each object of others."""
    engine = "sqlite" if database.is_sqlite else "postgresql"
    with translated(database), database.engine.connect() as connection:
        objects = connection.exec_driver_sql(_OBJECTS[engine]).all()
    own = {"table": TABLES, "trigger": TRIGGERS[engine], "function": FUNCTIONS}
    for kind, name, table in objects:
        if name not in own.get(kind, ()):
            where = f" on {table}" if table else ""
            yield f"there is a {kind} {name}{where} that is not tracker's"


_OBJECTS = {
    "sqlite": """
        SELECT type, name, CASE type WHEN 'trigger' THEN tbl_name END FROM sqlite_master
        WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
        ORDER BY type, name
    """,
    "postgresql": """
        SELECT kind, name, on_table FROM (
            SELECT CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind, relname::text AS name,
                NULL AS on_table, oid, relnamespace AS schema
            FROM pg_class WHERE relkind IN ('r', 'p', 'f', 'v', 'm')
            UNION ALL
            SELECT 'trigger', tgname::text, relname::text, pg_trigger.oid, relnamespace
            FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal
            UNION ALL
            SELECT 'rule', rulename::text, relname::text, pg_rewrite.oid, relnamespace
            FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class WHERE rulename <> '_RETURN'
            UNION ALL
            SELECT 'function', proname::text, NULL, oid, pronamespace FROM pg_proc
            UNION ALL
            SELECT 'trigger of events', evtname::text, NULL, oid, current_schema()::regnamespace
            FROM pg_event_trigger
        ) AS object
        WHERE schema = current_schema()::regnamespace
            AND oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
        ORDER BY kind, name
    """,
}
