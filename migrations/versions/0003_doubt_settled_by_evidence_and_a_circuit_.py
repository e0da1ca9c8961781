"""Doubt settled by evidence, and a circuit for each carrier account"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('carrier_circuit',
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('faults', sa.Integer(), nullable=False),
    sa.Column('wait_seconds', sa.Float(), nullable=False),
    sa.Column('open_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('account', name=op.f('pk_carrier_circuit'))
    )
    op.add_column('message', sa.Column('look_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('message', sa.Column('looks', sa.SmallInteger(), server_default='0', nullable=False))
    op.add_column('message', sa.Column('evidence', sa.Text(), nullable=True))
    op.create_index('ix_message_unfinished', 'message', ['settled_at'], unique=False, postgresql_where=sa.text("state IN ('accepted', 'sent')"))


def downgrade() -> None:
    op.drop_index('ix_message_unfinished', table_name='message', postgresql_where=sa.text("state IN ('accepted', 'sent')"))
    op.drop_column('message', 'evidence')
    op.drop_column('message', 'looks')
    op.drop_column('message', 'look_at')
    op.drop_table('carrier_circuit')
