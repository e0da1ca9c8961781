"""Sign-in codes, counted tries, devices by name"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sign_in_code',
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('waiting', sa.Boolean(), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=True),
    sa.Column('tries', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('phone', name=op.f('pk_sign_in_code'))
    )
    op.create_index('ix_sign_in_code_asked_at', 'sign_in_code', ['asked_at'], unique=False)
    op.create_index('ix_sign_in_code_waiting', 'sign_in_code', ['asked_at'], unique=False, postgresql_where=sa.text('waiting'))
    op.create_table('try_count',
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('who', sa.LargeBinary(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('what', 'who', name=op.f('pk_try_count')),
    prefixes=['UNLOGGED']
    )
    op.create_index('ix_try_count_ends_at', 'try_count', ['ends_at'], unique=False)
    op.add_column('patient_session', sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False))
    op.add_column('patient_session', sa.Column('device', sa.Text(), server_default='', nullable=False))
    op.create_unique_constraint('uq_patient_session_id', 'patient_session', ['clinic_id', 'id'])


def downgrade() -> None:
    op.drop_constraint('uq_patient_session_id', 'patient_session', type_='unique')
    op.drop_column('patient_session', 'device')
    op.drop_column('patient_session', 'id')
    op.drop_index('ix_try_count_ends_at', table_name='try_count')
    op.drop_table('try_count')
    op.drop_index('ix_sign_in_code_waiting', table_name='sign_in_code', postgresql_where=sa.text('waiting'))
    op.drop_index('ix_sign_in_code_asked_at', table_name='sign_in_code')
    op.drop_table('sign_in_code')
