"""How a clinic's files of patients are read, and which of their rows have come in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None


def upgrade() -> None:
    order = sa.Enum(
        'day_first', 'month_first', name='date_order', native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        'import_column',
        sa.Column('clinic_id', sa.Uuid(), nullable=False),
        sa.Column('heading', sa.Text(), nullable=False),
        sa.Column('meaning', sa.Text(), nullable=True),
        sa.Column('date_order', order, nullable=True),
        sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_import_column_clinic_id_clinic')),
        sa.PrimaryKeyConstraint('clinic_id', 'heading', name=op.f('pk_import_column')),
    )
    op.create_table(
        'imported_row',
        sa.Column('clinic_id', sa.Uuid(), nullable=False),
        sa.Column('digest', sa.LargeBinary(), nullable=False),
        sa.Column('patient_id', sa.Uuid(), nullable=False),
        sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_imported_row_clinic_id_clinic')),
        sa.ForeignKeyConstraint(
            ['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'],
            name=op.f('fk_imported_row_clinic_id_patient'),
        ),
        sa.PrimaryKeyConstraint('clinic_id', 'digest', name=op.f('pk_imported_row')),
    )


def downgrade() -> None:
    op.drop_table('imported_row')
    op.drop_table('import_column')
