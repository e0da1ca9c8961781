"""Findings that are asked about first, and which words a consent was given in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

MATTERS = ('finding', 'doubt', 'rise', 'unclear', 'unanswered')


def upgrade() -> None:
    # What was judged before asked nothing more, and neither does the code before this step.
    op.add_column('assessment', sa.Column('held', postgresql.JSONB(), server_default='[]', nullable=False))
    matter = sa.Enum(*MATTERS, name='open_matter', native_enum=False, create_constraint=True, length=40)
    op.add_column('assessment', sa.Column('open_matter', matter, nullable=True))
    # Every consent before this step was given in the first version of the words, or in words of one's own.
    op.add_column('consent', sa.Column('version', sa.SmallInteger(), server_default='1', nullable=False))


def downgrade() -> None:
    op.drop_column('consent', 'version')
    op.drop_column('assessment', 'open_matter')
    op.drop_column('assessment', 'held')
