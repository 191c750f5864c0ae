"""An index of undone changes, by which follow-ups that left with one are found again.

Frozen, like 0001: nothing in here follows the models when they change.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    reverts = sa.text("action = 'revert'")
    op.create_index(
        op.f("ix_change_reverted_root"), "change", ["root"], sqlite_where=reverts, postgresql_where=reverts
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_change_reverted_root"), "change")
