"""Segments of texts, and what the figures read"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None

TO_PATIENTS = sa.text('patient_id IS NOT NULL')


def upgrade() -> None:
    # Of what left before this step nobody counted them.
    op.add_column('message', sa.Column('segments', sa.SmallInteger(), nullable=True))
    op.create_index(
        'ix_message_of_days', 'message', ['clinic_id', 'due_at'], postgresql_where=TO_PATIENTS,
        postgresql_include=['state', 'reason', 'segments'],
    )


def downgrade() -> None:
    op.drop_index('ix_message_of_days', table_name='message', postgresql_where=TO_PATIENTS)
    op.drop_column('message', 'segments')
