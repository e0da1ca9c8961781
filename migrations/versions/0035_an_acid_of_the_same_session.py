"""An acid of the same session"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was recorded before, and what the code before this step records, said nothing of an acid.
    kind = sa.Enum(
        'none', 'superficial', 'tca', name='acid', native_enum=False, create_constraint=True, length=40
    )
    op.add_column('treatment', sa.Column('acid', kind, server_default='none', nullable=False))


def downgrade() -> None:
    op.drop_column('treatment', 'acid')
