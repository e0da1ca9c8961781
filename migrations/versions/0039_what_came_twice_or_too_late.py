"""Answers to requests that may come twice, and forms that came after a session had ended"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'kept_answer',
        sa.Column('clinic_id', sa.Uuid(), nullable=False),
        sa.Column('staff_id', sa.Uuid(), nullable=False),
        sa.Column('key_hash', sa.LargeBinary(), nullable=False),
        sa.Column('request_hash', sa.LargeBinary(), nullable=False),
        sa.Column('status', sa.SmallInteger(), nullable=False),
        sa.Column('location', sa.Text(), nullable=True),
        sa.Column('body', sa.LargeBinary(), nullable=True),
        sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_kept_answer_clinic_id_clinic')),
        sa.ForeignKeyConstraint(
            ['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_kept_answer_clinic_id_staff')
        ),
        sa.PrimaryKeyConstraint('clinic_id', 'staff_id', 'key_hash', name=op.f('pk_kept_answer')),
    )
    op.create_index('ix_kept_answer_clinic_id_kept_at', 'kept_answer', ['clinic_id', 'kept_at'])
    op.create_table(
        'held_form',
        sa.Column('clinic_id', sa.Uuid(), nullable=False),
        sa.Column('staff_id', sa.Uuid(), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('fields', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('held_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_held_form_clinic_id_clinic')),
        sa.ForeignKeyConstraint(
            ['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_held_form_clinic_id_staff')
        ),
        sa.PrimaryKeyConstraint('clinic_id', 'staff_id', name=op.f('pk_held_form')),
    )


def downgrade() -> None:
    op.drop_table('held_form')
    op.drop_index('ix_kept_answer_clinic_id_kept_at', table_name='kept_answer')
    op.drop_table('kept_answer')
