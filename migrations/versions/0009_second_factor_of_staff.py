"""Second factor of staff"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('staff', sa.Column('totp_proposed', sa.Text(), nullable=True))
    op.add_column('staff', sa.Column('totp_used_step', sa.BigInteger(), nullable=True))
    op.add_column('staff_session', sa.Column('second_factor', sa.Boolean(), server_default='false', nullable=False))
    op.create_table('recovery_code',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_recovery_code_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_recovery_code_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'staff_id', 'code_hash', name=op.f('pk_recovery_code'))
    )


def downgrade() -> None:
    op.drop_table('recovery_code')
    op.drop_column('staff_session', 'second_factor')
    op.drop_column('staff', 'totp_used_step')
    op.drop_column('staff', 'totp_proposed')
