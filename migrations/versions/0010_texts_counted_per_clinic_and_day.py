"""Texts counted per clinic and day, and found by person

The count begins anew with the upgrade: a clinic's budget of that one day may be passed by what it had sent.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sent_count',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('worker_id', sa.Uuid(), nullable=False),
    sa.Column('texts', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_sent_count_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'day', 'worker_id', name=op.f('pk_sent_count'))
    )
    op.drop_index('ix_message_handed_over', table_name='message', postgresql_where=sa.text('claimed_at IS NOT NULL'))
    op.create_index('ix_message_handed_over', 'message', ['clinic_id', 'patient_id', 'claimed_at'], unique=False, postgresql_where=sa.text('claimed_at IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_message_handed_over', table_name='message', postgresql_where=sa.text('claimed_at IS NOT NULL'))
    op.create_index('ix_message_handed_over', 'message', ['clinic_id', 'claimed_at'], unique=False, postgresql_where=sa.text('claimed_at IS NOT NULL'))
    op.drop_table('sent_count')
