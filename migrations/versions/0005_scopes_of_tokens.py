"""What a token may write, until when, and when it was last used; no two valid tokens of one name.

Frozen, like 0001: nothing in here follows the models when they change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DAYS = ("expires_on", "last_used_on")


def upgrade() -> None:
    tell_apart()
    with op.batch_alter_table("token") as batch:
        for name, length in (("party", 80), ("department", 200)):
            batch.add_column(sa.Column(name, token(length), nullable=True))
            batch.create_check_constraint(
                op.f(f"ck_token_{name}_length"), f"length({name}) BETWEEN 1 AND {length}"
            )
        for name in DAYS:
            batch.add_column(
                sa.Column(name, sa.String(10).with_variant(postgresql.DATE(), "postgresql"), nullable=True)
            )
    valid = sa.text("revoked_at IS NULL")
    op.create_index(
        op.f("ix_token_name"), "token", ["name"], unique=True, sqlite_where=valid, postgresql_where=valid
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_token_name"), "token")
    with op.batch_alter_table("token") as batch:
        for name in ("party", "department"):
            batch.drop_constraint(op.f(f"ck_token_{name}_length"), type_="check")
        for name in ("party", "department", *DAYS):
            batch.drop_column(name)


def tell_apart() -> None:
    """Of valid tokens with one name let the oldest keep it, and put the id behind that of each other one."""
    op.execute(
        "UPDATE token SET name = substr(name, 1, 180) || ' (' || id || ')'"
        " WHERE revoked_at IS NULL AND EXISTS (SELECT 1 FROM token AS other"
        " WHERE other.name = token.name AND other.revoked_at IS NULL AND (other.created_at < token.created_at"
        " OR (other.created_at = token.created_at AND other.id < token.id)))"
    )


def token(length: int) -> sa.types.TypeEngine[str]:
    """Text that sorts by code point on both engines."""
    return sa.String(length).with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")
