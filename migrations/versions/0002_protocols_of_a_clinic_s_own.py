"""Protocols of a clinic's own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('protocol_version',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.Uuid(), nullable=True),
    sa.Column('effective_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('figures', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.CheckConstraint('(published_at IS NULL) = (effective_from IS NULL)', name=op.f('ck_protocol_version_published_versions_take_effect')),
    sa.ForeignKeyConstraint(['clinic_id', 'created_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_protocol_version_clinic_id_created_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'published_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_protocol_version_clinic_id_published_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_protocol_version_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'version', name=op.f('pk_protocol_version'))
    )
    op.create_index('ix_protocol_version_effective', 'protocol_version', ['clinic_id', 'effective_from'], unique=False, postgresql_where=sa.text('effective_from IS NOT NULL'))
    op.add_column('clinic', sa.Column('flags_per_100', sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column('clinic', 'flags_per_100')
    op.drop_index('ix_protocol_version_effective', table_name='protocol_version', postgresql_where=sa.text('effective_from IS NOT NULL'))
    op.drop_table('protocol_version')
