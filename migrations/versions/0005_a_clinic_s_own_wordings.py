"""A clinic's own wordings"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clinic_wording',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.Enum('en', 'es', 'fr', name='language', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'saved_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_clinic_wording_clinic_id_saved_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_clinic_wording_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'language', 'key', name=op.f('pk_clinic_wording'))
    )


def downgrade() -> None:
    op.drop_table('clinic_wording')
