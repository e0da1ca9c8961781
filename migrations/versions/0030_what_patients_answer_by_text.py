"""What patients answer by text"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('report', sa.Column('signs_denied_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('patient', sa.Column('prefers_calls_since', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('patient', 'prefers_calls_since')
    op.drop_column('report', 'signs_denied_at')
