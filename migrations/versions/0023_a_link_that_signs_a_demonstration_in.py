"""A link that signs a demonstration in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('staff_invitation', sa.Column('signs_in', sa.Boolean(), server_default='false', nullable=False))


def downgrade() -> None:
    op.drop_column('staff_invitation', 'signs_in')
