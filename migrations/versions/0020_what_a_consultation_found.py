"""What a consultation found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consultation',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=True),
    sa.Column('skin_type', sa.SmallInteger(), nullable=True),
    sa.Column('concerns', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('conditions', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('history', sa.Text(), nullable=True),
    sa.CheckConstraint('cardinality(concerns) <= 20 AND cardinality(conditions) <= 40', name=op.f('ck_consultation_lists_count')),
    sa.CheckConstraint('skin_type BETWEEN 1 AND 6', name=op.f('ck_consultation_skin_type_range')),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_consultation_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id', 'recorded_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_consultation_clinic_id_recorded_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_consultation_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_consultation'))
    )
    op.create_index('ix_consultation_clinic_id_patient_id', 'consultation', ['clinic_id', 'patient_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_consultation_clinic_id_patient_id', table_name='consultation')
    op.drop_table('consultation')
