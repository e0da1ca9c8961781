"""Pages and hours of a clinic's own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clinic_avoidance',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.Enum('sun', 'sweat', 'pools_and_hot_tubs', 'harsh_products', 'makeup', name='what', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('hours', sa.SmallInteger(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('hours BETWEEN 0 AND 672', name=op.f('ck_clinic_avoidance_hours_range')),
    sa.ForeignKeyConstraint(['clinic_id', 'saved_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_clinic_avoidance_clinic_id_saved_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_clinic_avoidance_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'what', name=op.f('pk_clinic_avoidance'))
    )
    op.create_table('clinic_page',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.Enum('en', 'es', 'fr', name='language', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('topic', sa.Enum('what-it-is', 'what-it-treats', 'how-it-works', 'consultation', 'procedure', 'discomfort', 'skin-types', 'sessions', 'benefits', 'what-to-expect', 'aftercare', 'side-effects', 'infection', 'when-to-call', name='topic', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'saved_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_clinic_page_clinic_id_saved_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_clinic_page_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'language', 'topic', name=op.f('pk_clinic_page'))
    )


def downgrade() -> None:
    op.drop_table('clinic_page')
    op.drop_table('clinic_avoidance')
