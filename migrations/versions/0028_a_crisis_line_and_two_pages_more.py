"""A crisis line and two pages more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0026'
branch_labels = None
depends_on = None


BEFORE = (
    'what-it-is', 'what-it-treats', 'how-it-works', 'consultation', 'procedure', 'discomfort', 'skin-types', 'sessions',
    'benefits', 'what-to-expect', 'aftercare', 'side-effects', 'infection', 'when-to-call',
)


def upgrade() -> None:
    _topics((*BEFORE, 'radio-frequency', 'purpose'))
    op.add_column('clinic', sa.Column('crisis_number', sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM clinic_page WHERE topic IN ('radio-frequency', 'purpose')")
    _topics(BEFORE)
    op.drop_column('clinic', 'crisis_number')


def _topics(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_clinic_page_topic'), 'clinic_page', type_='check')
    listed = ', '.join(f"'{topic}'" for topic in allowed)
    op.create_check_constraint(op.f('ck_clinic_page_topic'), 'clinic_page', f'topic IN ({listed})')
