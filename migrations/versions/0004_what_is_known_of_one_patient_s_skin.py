"""What is known of one patient's skin"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('patient', sa.Column('band_level', sa.Float(), server_default='1', nullable=False))
    op.add_column('patient', sa.Column('band_duration', sa.Float(), server_default='1', nullable=False))
    op.add_column('patient', sa.Column('at_least', sa.Enum('expected', 'watch', 'abnormal', 'emergency', name='at_least', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.add_column('patient', sa.Column('band_because', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('patient', 'band_because')
    op.drop_column('patient', 'at_least')
    op.drop_column('patient', 'band_duration')
    op.drop_column('patient', 'band_level')
