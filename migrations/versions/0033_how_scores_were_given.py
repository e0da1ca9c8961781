"""How scores were given"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What is there was judged as numbers, and stays so. Whoever does not know the column yet adds numbers.
    op.add_column('report_revision', sa.Column('scale', sa.Enum('numbers', 'words', name='scale', native_enum=False, create_constraint=True, length=40), server_default='numbers', nullable=False))


def downgrade() -> None:
    op.drop_column('report_revision', 'scale')
