"""What writing needs: the answers to POSTs for a day, and where merged parties lead.

Frozen, like 0001: nothing in here follows the models when they change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merged_party",
        sa.Column("id", token(80), nullable=False),
        sa.Column("party", token(80), nullable=False),
        check(
            "merged_party", "id_form", f"id <> '' AND trim(id, '{LETTERS}') = '' AND substr(id, 1, 1) <> '-'"
        ),
        length("merged_party", "id", 80),
        length("merged_party", "party", 80),
        check("merged_party", "into_another", "party <> id"),
        sa.ForeignKeyConstraint(
            ["party"],
            ["party.id"],
            name=op.f("fk_merged_party_party"),
            ondelete="CASCADE",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_party")),
    )
    op.create_index(op.f("ix_merged_party_party"), "merged_party", ["party"])
    op.create_table(
        "idempotency_key",
        sa.Column("token", token(80), nullable=False),
        sa.Column("key", token(255), nullable=False),
        sa.Column("request", token(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("location", sa.String(2000), nullable=True),
        sa.Column("etag", token(100), nullable=True),
        sa.Column(
            "created_at",
            sa.String(27).with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql"),
            nullable=False,
        ),
        length("idempotency_key", "token", 80),
        length("idempotency_key", "key", 255),
        length("idempotency_key", "request", 64),
        check("idempotency_key", "status_range", "status BETWEEN 200 AND 2147483647"),
        length("idempotency_key", "location", 2000),
        length("idempotency_key", "etag", 100),
        sa.ForeignKeyConstraint(
            ["token"], ["token.id"], name=op.f("fk_idempotency_key_token"), deferrable=True
        ),
        sa.PrimaryKeyConstraint("token", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_index(op.f("ix_idempotency_key_token"), "idempotency_key", ["token"])
    op.create_index(op.f("ix_idempotency_key_created_at"), "idempotency_key", ["created_at"])


def downgrade() -> None:
    op.drop_table("idempotency_key")
    op.drop_table("merged_party")


LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def token(length: int) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on both engines."""
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def length(table: str, column: str, most: int) -> sa.CheckConstraint:
    return check(table, f"{column}_length", f"length({column}) BETWEEN 1 AND {most}")
