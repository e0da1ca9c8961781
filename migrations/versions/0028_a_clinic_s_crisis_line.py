"""A clinic's crisis line"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('clinic', sa.Column('crisis_number', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('clinic', 'crisis_number')
