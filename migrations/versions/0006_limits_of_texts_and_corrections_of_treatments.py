"""Limits of texts and corrections of treatments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

CAUSES = ('report', 'late_report', 'correction', 'hold_ended', 'new_protocol')


def upgrade() -> None:
    op.create_table('treatment_correction',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('treatment_id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_treatment_correction_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_treatment_correction_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_treatment_correction_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_treatment_correction'))
    )
    op.create_index('ix_treatment_correction_clinic_id_treatment_id', 'treatment_correction', ['clinic_id', 'treatment_id', 'id'], unique=False)
    op.add_column('clinic', sa.Column('texts_per_day', sa.Integer(), nullable=True))
    op.create_check_constraint(op.f('ck_clinic_texts_per_day_range'), 'clinic', 'texts_per_day >= 1')
    op.create_index('ix_message_handed_over', 'message', ['clinic_id', 'claimed_at'], unique=False, postgresql_where=sa.text('claimed_at IS NOT NULL'))
    _allow_causes((*CAUSES, 'facts_corrected'))


def downgrade() -> None:
    _allow_causes(CAUSES)
    op.drop_index('ix_message_handed_over', table_name='message', postgresql_where=sa.text('claimed_at IS NOT NULL'))
    op.drop_constraint(op.f('ck_clinic_texts_per_day_range'), 'clinic')
    op.drop_column('clinic', 'texts_per_day')
    op.drop_index('ix_treatment_correction_clinic_id_treatment_id', table_name='treatment_correction')
    op.drop_table('treatment_correction')


def _allow_causes(causes: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_assessment_cause'), 'assessment')
    words = ', '.join(f"'{cause}'" for cause in causes)
    op.create_check_constraint(op.f('ck_assessment_cause'), 'assessment', f'cause IN ({words})')
