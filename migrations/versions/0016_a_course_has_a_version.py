"""A course has a version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('treatment', sa.Column('course_version', sa.Integer(), server_default='0', nullable=False))


def downgrade() -> None:
    op.drop_column('treatment', 'course_version')
