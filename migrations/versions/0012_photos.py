"""Photos"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('photo',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('object_name', sa.Text(), nullable=False),
    sa.Column('thumbnail_name', sa.Text(), nullable=False),
    sa.Column('width', sa.SmallInteger(), nullable=False),
    sa.Column('height', sa.SmallInteger(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stored_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('width > 0 AND height > 0', name=op.f('ck_photo_has_pixels')),
    sa.ForeignKeyConstraint(['clinic_id', 'report_id'], ['report.clinic_id', 'report.id'], name=op.f('fk_photo_clinic_id_report_id_report')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_photo_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_photo'))
    )
    op.create_index('ix_photo_clinic_id_report_id', 'photo', ['clinic_id', 'report_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_photo_clinic_id_report_id', table_name='photo')
    op.drop_table('photo')
