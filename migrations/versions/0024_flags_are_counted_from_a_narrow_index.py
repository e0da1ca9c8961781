"""Flags are counted from a narrow index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

UNRESOLVED = sa.text("state <> 'resolved'")


def upgrade() -> None:
    op.create_index('ix_flag_counts', 'flag', ['clinic_id', 'urgency_rank', 'due_at', 'state', 'held_by'], unique=False, postgresql_where=UNRESOLVED)


def downgrade() -> None:
    op.drop_index('ix_flag_counts', table_name='flag', postgresql_where=UNRESOLVED)
