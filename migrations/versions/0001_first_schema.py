"""The first schema: who promised what to whom, what became of it, and the history of both.

A frozen copy, on purpose: nothing in here follows the models when they change. The small words at the
end of the file (``identity``, ``code``, ``date`` …) say what a column is and bring its constraints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = [
    "party", "party_name", "affiliation", "source", "initiative", "agreement", "identifier",
    "agreement_party", "agreement_source", "agreement_initiative", "agreement_link", "clause",
    "clause_party", "quote", "quote_clause", "follow_up", "evidence", "change", "change_text", "token",
]  # fmt: skip

RECORDED = (
    "no_evidence not_started in_progress behind stalled partially_met met met_ongoing not_met"
    " waived superseded dropped"
)
REASONS = (
    "funding priority_changed legal_barrier counterparty external_event organisation_change"
    " unclear_commitment achieved_otherwise mutual_release replaced correction other"
)
SPAN = (
    '(source IS NULL AND start IS NULL AND "end" IS NULL) OR '
    '(source IS NOT NULL AND start IS NOT NULL AND "end" IS NOT NULL '
    'AND 0 <= start AND start < "end" AND length(text) = "end" - start)'
)


def upgrade() -> None:
    parties()
    sources_and_initiatives()
    agreements()
    clauses_and_quotes()
    follow_ups()
    history()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    if on_postgresql():
        op.execute("DROP FUNCTION change_append_only()")
        op.execute("DROP FUNCTION change_text_append_only()")


def parties() -> None:
    table(
        "party",
        identity(),
        code("kind", "organisation person", required=True),
        code(
            "class",
            "local_government national_government public_agency company university association media other",
        ),
        words("name", 300, required=True),
        token("country", 2),
        date("founded"),
        words("description", 5000),
        reference("successor", "party"),
        date("succeeded_on"),
        token("match_key", 300, required=True),
        versioned(),
        unique("id", "kind"),
        foreign_key("successor kind", "party.id party.kind", name="fk_party_successor_of_same_kind"),
        check("successor_is_another", "successor <> id"),
        index("match_key"),
    )
    table(
        "party_name",
        owned_by("party"),
        ordinal(),
        words("name", 300, required=True),
        code("kind", "alias abbreviation former romanisation translation", required=True),
        token("lang", 35),
        date("valid_from"),
        date("valid_to"),
        token("match_key", 300, required=True),
        unique("party", "name", "kind"),
        index("match_key"),
    )
    table(
        "affiliation",
        owned_by("party"),
        ordinal(),
        reference("organisation", "party", required=True),
        words("role", 200, required=True),
        date("valid_from"),
        date("valid_to"),
    )


def sources_and_initiatives() -> None:
    table(
        "source",
        identity(),
        code(
            "kind",
            "news_article press_release official_document agreement_text dataset web_page other",
            required=True,
        ),
        words("title", 500, required=True),
        reference("publisher", "party"),
        reference("author", "party"),
        words("photo_credit", 300),
        token("lang", 35),
        words("url", 2000),
        date("published"),
        token("sha256", 64),
        number("char_count"),
        words("text", 5_000_000),
        versioned(),
        check("text_has_char_count", "length(text) = char_count"),
        check("sha256_form", "length(sha256) = 64 AND trim(sha256, '0123456789abcdef') = ''"),
    )
    table(
        "initiative",
        identity(),
        code("kind", "facility programme project policy series", required=True),
        words("name", 300, required=True),
        reference("operator", "party"),
        versioned(),
    )


def agreements() -> None:
    table(
        "agreement",
        identity(),
        words("title", 500, required=True),
        code("kind", "mou moa investment sister_city contract treaty declaration other", required=True),
        code("binding", "binding non_binding unknown", default="unknown"),
        code("lifecycle", "pending active terminated cancelled", default="active"),
        words("purpose", 5000),
        date("signed_on"),
        words("signed_as_printed", 300),
        code("signing_mode", "in_person video correspondence electronic unknown", default="unknown"),
        words("signing_mode_reason", 1000),
        words("signing_place", 300),
        date("starts"),
        date("ends"),
        date("ended_on"),
        code("end_reason", "purpose_met counterparty_fault no_longer_needed mutual other"),
        date("council_reported_on"),
        reference("series", "initiative"),
        number("series_number", low=1),
        number("review_every_months", low=1, default=12),
        versioned(),
    )
    table(
        "identifier",
        number("key", required=True, primary_key=True),
        reference("party", "party", owner=True),
        reference("agreement", "agreement", owner=True),
        reference("source", "source", owner=True),
        number("ordinal", low=1, required=True),
        token("scheme", 80, required=True),
        token("value", 300, required=True),
        check("one_owner", exactly_one("party", "agreement", "source")),
        unique("party", "ordinal"),
        unique("agreement", "ordinal"),
        unique("source", "ordinal"),
        index("scheme", "value"),
    )
    table(
        "agreement_party",
        owned_by("agreement"),
        ordinal(),
        reference("party", "party", required=True),
        code("role", "party witness facilitator beneficiary", default="party"),
        reference("signed_by", "party"),
        words("signed_as", 200),
        token("department", 200),
        unique("agreement", "party", "role"),
    )
    table(
        "agreement_source",
        owned_by("agreement"),
        ordinal(),
        reference("source", "source", required=True),
        unique("agreement", "source"),
    )
    table(
        "agreement_initiative",
        owned_by("agreement"),
        ordinal(),
        reference("initiative", "initiative", required=True),
        unique("agreement", "initiative"),
    )
    table(
        "agreement_link",
        owned_by("agreement"),
        ordinal(),
        code("kind", "renews amends supersedes", required=True),
        reference("target", "agreement", required=True),
        unique("agreement", "kind", "target"),
        check("target_is_another", "target <> agreement"),
    )


def clauses_and_quotes() -> None:
    table(
        "clause",
        token("id", 92, required=True, primary_key=True),
        reference("agreement", "agreement", required=True),
        number("number", low=1, required=True),
        code("kind", "listed narrative spoken", required=True),
        words("text", 10_000, required=True),
        words("label", 80),
        token("lang", 35),
        date("due"),
        date("first_due"),
        token("department", 200),
        reference("source", "source"),
        number("start"),
        number("end", low=1),
        code("reported_status", RECORDED),
        code("verified_status", RECORDED),
        code("status", f"not_assessed {RECORDED}", default="not_assessed"),
        day("met_on"),
        day("reviewed_on"),
        versioned(),
        unique("agreement", "number"),
        check("id_form", "id = agreement || '.' || number"),
        check("span", SPAN),
        index("status", "agreement", "number"),
        index("department"),
    )
    table(
        "clause_party",
        owned_by("clause"),
        ordinal(),
        reference("party", "party", required=True),
        code("role", "obligor beneficiary supporting", required=True),
        unique("clause", "party", "role"),
    )
    table(
        "quote",
        token("id", 92, required=True, primary_key=True),
        reference("agreement", "agreement", required=True),
        number("number", low=1, required=True),
        code("kind", "headline direct indirect", required=True),
        words("text", 10_000, required=True),
        reference("speaker", "party"),
        reference("on_behalf_of", "party"),
        words("speaker_as_printed", 300),
        token("lang", 35),
        reference("source", "source"),
        number("start"),
        number("end", low=1),
        versioned(),
        unique("agreement", "number"),
        check("id_form", "id = agreement || '.q' || number"),
        check("span", SPAN),
    )
    table(
        "quote_clause",
        owned_by("quote"),
        ordinal(),
        reference("clause", "clause", required=True),
        unique("quote", "clause"),
    )


def follow_ups() -> None:
    table(
        "follow_up",
        token("id", 36, required=True, primary_key=True),
        reference("clause", "clause", required=True),
        code("track", "reported verified", required=True),
        code("status", RECORDED, required=True),
        date("effective_on", required=True),
        day("checked_on", required=True),
        code("reason", REASONS),
        reference("replaced_by", "clause"),
        words("note", 10_000),
        words("next_steps", 10_000),
        reference("stated_by", "party"),
        token("recorded_by", 200, required=True),
        instant("recorded_at", required=True),
        flag("recorded_claimed"),
        versioned(),
        check(
            "effective_on_both_bounds",
            "effective_on_earliest IS NOT NULL AND effective_on_latest IS NOT NULL",
        ),
        check(
            "needs_a_reason",
            "status NOT IN ('stalled', 'not_met', 'waived', 'superseded', 'dropped') OR reason IS NOT NULL",
        ),
        check("replaced_by_another", "replaced_by <> clause"),
        index("recorded_at", "id"),
    )
    table(
        "evidence",
        owned_by("follow_up"),
        ordinal(),
        words("url", 2000),
        reference("source", "source"),
        words("reference", 500),
        words("title", 500),
        code("stance", "supports contradicts context", default="supports"),
        words("archived_url", 2000),
        date("published"),
        day("accessed_on"),
        token("sha256", 64),
        check("one_place", exactly_one("url", "source", "reference")),
    )


def history() -> None:
    table(
        "change",
        number("place", low=1, required=True, primary_key=True, autoincrement=False),
        token("root_kind", 20, required=True),
        token("root", 80, required=True),
        number("sequence", low=1, required=True),
        instant("at", required=True),
        token("actor", 200, required=True),
        token("request", 100),
        code("action", "create update delete load replace revert merge redact", required=True),
        token("resource", 20, required=True),
        token("resource_id", 92, required=True),
        words("before", 0),
        words("after", 0),
        token("comment", 64),
        token("previous", 64),
        token("digest", 64, required=True),
        unique("root_kind", "root", "sequence"),
        index("resource", "resource_id", "place"),
    )
    table(
        "change_text",
        number("change", low=1, required=True, primary_key=True),
        token("digest", 64, required=True, primary_key=True),
        token("salt", 32),
        words("text", 0),
        sqlite_with_rowid=False,
    )
    table(
        "token",
        token("id", 12, required=True, primary_key=True),
        token("name", 200, required=True),
        code("role", "viewer editor admin", required=True),
        code("track", "reported verified"),
        token("secret_sha256", 64, required=True),
        instant("created_at", required=True),
        token("created_by", 200, required=True),
        instant("revoked_at"),
        unique("secret_sha256"),
    )
    append_only(
        "change",
        "place = NEW.place OR (root_kind = NEW.root_kind AND root = NEW.root AND sequence = NEW.sequence)",
    )
    append_only(
        "change_text",
        "change = NEW.change AND digest = NEW.digest",
        "NEW.text IS NULL AND NEW.salt IS NULL AND NEW.change = OLD.change AND NEW.digest = OLD.digest",
    )


def append_only(name: str, exists: str, erasable: str | None = None) -> None:
    """Refuse every DELETE, TRUNCATE and overwriting INSERT, and every UPDATE that does more than erase."""
    refuse = f"history is append-only: {name}"
    if on_postgresql():
        only_erases = (
            f"IF TG_OP = 'UPDATE' THEN IF {erasable} THEN RETURN NEW; END IF; END IF; " if erasable else ""
        )
        op.execute(
            f"CREATE FUNCTION {name}_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {only_erases}RAISE EXCEPTION '{refuse}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}_append_only()"
        )
        return
    refusing = f" BEGIN SELECT RAISE(ABORT, '{refuse}'); END"
    unless_erasing = f" WHEN NOT ({erasable})" if erasable else ""
    there = f" WHEN EXISTS (SELECT 1 FROM {name} WHERE {exists})"
    op.execute(f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name}{refusing}")
    op.execute(f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name}{unless_erasing}{refusing}")
    op.execute(f"CREATE TRIGGER {name}_no_overwrite BEFORE INSERT ON {name}{there}{refusing}")


class Indexed(NamedTuple):
    columns: tuple[str, ...]
    where: str | None = None


Part = sa.Column[Any] | sa.Constraint | Indexed
BOUND, LAST = 1, 2
"""Where a column stands in its table: bounds of dates after all others, versions after those."""


def table(name: str, *parts: Iterator[Part], **options: Any) -> None:
    """Make a table of the given parts with its indexes; every constraint gets its full name here."""
    flat = [part for some in parts for part in some]
    columns = [part for part in flat if isinstance(part, sa.Column)]
    columns.sort(key=lambda column: column.info.get("order", 0))
    constraints = [part for part in flat if isinstance(part, sa.Constraint)]
    for constraint in constraints:
        if isinstance(constraint, sa.CheckConstraint):
            constraint.name = op.f(f"ck_{name}_{constraint.name}")
        elif isinstance(constraint, sa.ForeignKeyConstraint):
            links = "_".join(constraint.column_keys)
            constraint.name = op.f(str(constraint.name or f"fk_{name}_{links}"))
        elif isinstance(constraint, sa.UniqueConstraint):
            constraint.name = op.f(f"uq_{name}_{constraint.info['columns']}")
    key = [column.name for column in columns if column.primary_key]
    op.create_table(
        name, *columns, *constraints, sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{name}")), **options
    )
    for part in flat:
        if isinstance(part, Indexed):
            where = None if part.where is None else sa.text(part.where)
            op.create_index(
                op.f(f"ix_{name}_{'_'.join(part.columns)}"),
                name,
                list(part.columns),
                sqlite_where=where,
                postgresql_where=where,
            )


def identity() -> Iterator[Part]:
    yield from token("id", 80, required=True, primary_key=True)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
    yield from check("id_form", f"id <> '' AND trim(id, '{letters}') = '' AND substr(id, 1, 1) <> '-'")


def words(name: str, length: int, *, required: bool = False) -> Iterator[Part]:
    """Text of at most ``length`` code points; 0: any number."""
    yield sa.Column(name, sa.String(length) if 0 < length <= 10_000 else sa.Text(), nullable=not required)
    if length:
        yield from check(f"{name}_length", f"length({name}) BETWEEN 1 AND {length}")


def token(name: str, length: int, *, required: bool = False, primary_key: bool = False) -> Iterator[Part]:
    """Text that sorts by code point on both engines."""
    type_ = sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
    yield sa.Column(name, type_, nullable=not required, primary_key=primary_key)
    yield from check(f"{name}_length", f"length({name}) BETWEEN 1 AND {length}")


def code(name: str, codes: str, *, required: bool = False, default: str | None = None) -> Iterator[Part]:
    yield sa.Column(
        name, sa.String(40), nullable=not (required or default is not None), server_default=default
    )
    members = ", ".join(f"'{member}'" for member in codes.split())
    yield from check(f"{name}_code", f"{name} IN ({members})")


def number(
    name: str, *, low: int = 0, required: bool = False, default: int | None = None, **key: bool
) -> Iterator[Part]:
    yield sa.Column(
        name,
        sa.Integer(),
        nullable=not (required or default is not None),
        server_default=None if default is None else str(default),
        **key,  # type: ignore[arg-type]
    )
    quoted = '"end"' if name == "end" else name
    yield from check(f"{name}_range", f"{quoted} BETWEEN {low} AND 2147483647")


def flag(name: str) -> Iterator[Part]:
    yield sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))
    if not on_postgresql():
        yield from check("flag", f"{name} IN (0, 1)")


def date(name: str, *, required: bool = False) -> Iterator[Part]:
    """An EDTF date as printed, with its earliest and latest day, both indexed."""
    yield from token(name, 40, required=required)
    for bound in (f"{name}_earliest", f"{name}_latest"):
        for column in day(bound):
            assert isinstance(column, sa.Column)
            column.info["order"] = BOUND
            yield column
        yield from index_of_known(bound)
    yield from check(f"{name}_bounds", f"{name}_earliest <= {name}_latest")
    yield from check(
        f"{name}_unset", f"{name} IS NOT NULL OR ({name}_earliest IS NULL AND {name}_latest IS NULL)"
    )


def day(name: str, *, required: bool = False) -> Iterator[Part]:
    type_ = sa.String(10).with_variant(postgresql.DATE(), "postgresql")
    yield sa.Column(name, type_, nullable=not required)


def instant(name: str, *, required: bool = False, order: int = 0) -> Iterator[Part]:
    type_ = sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")
    yield sa.Column(name, type_, nullable=not required, info={"order": order})


def versioned() -> Iterator[Part]:
    for part in number("version", low=1, required=True):
        if isinstance(part, sa.Column):
            part.info["order"] = LAST
        yield part
    yield from instant("created_at", required=True, order=LAST)
    yield from instant("updated_at", required=True, order=LAST)


def reference(name: str, target: str, *, required: bool = False, owner: bool = False) -> Iterator[Part]:
    """The id of another row; an owner takes this row along when it goes."""
    yield from token(name, 92 if target in ("clause", "quote") else 80, required=required)
    yield sa.ForeignKeyConstraint(
        [name], [f"{target}.id"], ondelete="CASCADE" if owner else None, deferrable=True
    )
    if not owner:
        yield from index(name) if required else index_of_known(name)


def owned_by(target: str) -> Iterator[Part]:
    for part in reference(target, target, required=True, owner=True):
        if isinstance(part, sa.Column):
            part.primary_key = True
        yield part


def ordinal() -> Iterator[Part]:
    yield from number("ordinal", low=1, required=True, primary_key=True)


def foreign_key(columns: str, targets: str, *, name: str) -> Iterator[Part]:
    yield sa.ForeignKeyConstraint(columns.split(), targets.split(), name=name, deferrable=True)


def unique(*columns: str) -> Iterator[Part]:
    yield sa.UniqueConstraint(*columns, info={"columns": "_".join(columns)})


def check(name: str, condition: str) -> Iterator[Part]:
    yield sa.CheckConstraint(condition, name=name)


def index(*columns: str) -> Iterator[Part]:
    yield Indexed(columns)


def index_of_known(column: str) -> Iterator[Part]:
    """An index without the rows in which the column is NULL: most of them, where it may be."""
    yield Indexed((column,), f"{column} IS NOT NULL")


def exactly_one(*columns: str) -> str:
    return " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column in columns) + " = 1"


def on_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"
