"""Staff choose their passwords, and see where they are signed in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('staff_session', sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False))
    op.add_column('staff_session', sa.Column('device', sa.Text(), server_default='', nullable=False))
    op.create_unique_constraint(op.f('uq_staff_session_id'), 'staff_session', ['clinic_id', 'id'])
    op.create_table('staff_invitation',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_staff_invitation_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_staff_invitation_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_staff_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_staff_invitation_token_hash'))
    )


def downgrade() -> None:
    op.drop_table('staff_invitation')
    op.drop_constraint(op.f('uq_staff_session_id'), 'staff_session')
    op.drop_column('staff_session', 'device')
    op.drop_column('staff_session', 'id')
