"""Texts to a member of staff"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('message', sa.Column('staff_id', sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f('fk_message_clinic_id_staff_id_staff'), 'message', 'staff', ['clinic_id', 'staff_id'], ['clinic_id', 'id'])
    # Nothing ever wrote it: it is made anew.
    op.drop_column('staff_phone', 'code_hash')
    op.add_column('staff_phone', sa.Column('code_hash', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('staff_phone', 'code_hash')
    op.add_column('staff_phone', sa.Column('code_hash', sa.LargeBinary(), nullable=True))
    op.drop_constraint(op.f('fk_message_clinic_id_staff_id_staff'), 'message', type_='foreignkey')
    op.drop_column('message', 'staff_id')
