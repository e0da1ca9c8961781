"""Where a patient sees it strongest"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was reported before, and what the code before this step keeps, says nothing of it.
    area = sa.Enum(
        'face', 'eye_area', 'neck', 'chest', 'back', 'abdomen', 'arms', 'hands', 'legs', 'scalp',
        name='strongest', native_enum=False, create_constraint=True, length=40,
    )
    op.add_column('report_revision', sa.Column('strongest', area, nullable=True))


def downgrade() -> None:
    op.drop_column('report_revision', 'strongest')
