"""Signatures of a director and phones of staff"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0015'
down_revision = '0014'


def upgrade() -> None:
    op.create_table('content_signature',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('signed', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'signed_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_content_signature_clinic_id_signed_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_content_signature_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_content_signature'))
    )
    op.create_index('ix_content_signature_newest', 'content_signature', ['clinic_id', 'signed_at'], unique=False)
    op.create_table('staff_phone',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('code_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('proved_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_staff_phone_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_staff_phone_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'staff_id', name=op.f('pk_staff_phone'))
    )
    op.create_index('ix_staff_phone_proved', 'staff_phone', ['clinic_id', 'phone'], unique=False, postgresql_where=sa.text('proved_at IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_staff_phone_proved', table_name='staff_phone', postgresql_where=sa.text('proved_at IS NOT NULL'))
    op.drop_table('staff_phone')
    op.drop_index('ix_content_signature_newest', table_name='content_signature')
    op.drop_table('content_signature')
