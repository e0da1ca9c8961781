"""What the queue shows of a flag"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

UNRESOLVED = sa.text("state <> 'resolved'")


def upgrade() -> None:
    op.add_column('flag', sa.Column('entry', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.drop_index('ix_flag_queue', table_name='flag', postgresql_where=UNRESOLVED)
    op.create_index(
        'ix_flag_queue', 'flag', ['clinic_id', 'urgency_rank', 'due_at', 'id'], unique=False,
        postgresql_where=UNRESOLVED, postgresql_include=['treatment_id', 'state', 'opened_at', 'held_by', 'entry'],
    )


def downgrade() -> None:
    op.drop_index('ix_flag_queue', table_name='flag', postgresql_where=UNRESOLVED)
    op.create_index('ix_flag_queue', 'flag', ['clinic_id', 'urgency_rank', 'due_at', 'id'], unique=False, postgresql_where=UNRESOLVED)
    op.drop_column('flag', 'entry')
