"""Told to staff and complications"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


CAUSES = ('report', 'late_report', 'correction', 'hold_ended', 'new_protocol', 'facts_corrected', 'silence')
OUTCOMES = (
    'expected_healing', 'irritation', 'infection_suspected', 'cold_sore', 'allergy_or_granuloma', 'burn', 'scar',
    'bruise', 'pigment_change', 'referred', 'emergency', 'not_reached', 'other',
)
NO_REPORT = '(report_id IS NULL) = (revision IS NULL)'


def upgrade() -> None:
    op.drop_constraint(op.f('ck_assessment_only_silence_has_no_report'), 'assessment', type_='check')
    op.create_check_constraint(
        op.f('ck_assessment_only_silence_and_told_have_no_report'),
        'assessment',
        f"(cause IN ('silence', 'told')) = (report_id IS NULL) AND {NO_REPORT}",
    )
    _causes((*CAUSES, 'told'))
    op.add_column('assessment', sa.Column('told', sa.Text(), nullable=True))
    op.add_column('assessment', sa.Column('told_to', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_assessment_clinic_id_told_to_staff'), 'assessment', 'staff', ['clinic_id', 'told_to'], ['clinic_id', 'id'])
    op.create_check_constraint(op.f('ck_assessment_told_in_words'), 'assessment', "(cause = 'told') = (told IS NOT NULL)")
    op.create_table('complication',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('treatment_id', sa.Uuid(), nullable=False),
    sa.Column('outcome', sa.Enum(*OUTCOMES, name='outcome', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('began_on', sa.Date(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("outcome NOT IN ('expected_healing', 'not_reached', 'other')", name=op.f('ck_complication_more_than_healing')),
    sa.ForeignKeyConstraint(['clinic_id', 'recorded_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_complication_clinic_id_recorded_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_complication_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id', 'withdrawn_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_complication_clinic_id_withdrawn_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_complication_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_complication'))
    )
    op.create_index('ix_complication_clinic_id_treatment_id', 'complication', ['clinic_id', 'treatment_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_complication_clinic_id_treatment_id', table_name='complication')
    op.drop_table('complication')
    op.execute("DELETE FROM flag_assessment f USING assessment a WHERE a.cause = 'told' AND a.clinic_id = f.clinic_id AND a.id = f.assessment_id")
    op.execute("DELETE FROM assessment WHERE cause = 'told'")
    op.drop_constraint(op.f('ck_assessment_told_in_words'), 'assessment', type_='check')
    op.drop_constraint(op.f('fk_assessment_clinic_id_told_to_staff'), 'assessment', type_='foreignkey')
    op.drop_column('assessment', 'told_to')
    op.drop_column('assessment', 'told')
    _causes(CAUSES)
    op.drop_constraint(op.f('ck_assessment_only_silence_and_told_have_no_report'), 'assessment', type_='check')
    op.create_check_constraint(
        op.f('ck_assessment_only_silence_has_no_report'),
        'assessment',
        f"(cause = 'silence') = (report_id IS NULL) AND {NO_REPORT}",
    )


def _causes(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_assessment_cause'), 'assessment', type_='check')
    listed = ', '.join(f"'{cause}'" for cause in allowed)
    op.create_check_constraint(op.f('ck_assessment_cause'), 'assessment', f'cause IN ({listed})')
