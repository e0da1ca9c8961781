"""A lot of a treatment and outcomes more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None


BEFORE = (
    'expected_healing', 'irritation', 'infection_suspected', 'cold_sore', 'pigment_change', 'referred', 'emergency',
    'not_reached', 'other',
)
NEW = ('allergy_or_granuloma', 'burn', 'scar', 'bruise')


def upgrade() -> None:
    op.add_column('treatment', sa.Column('lot', sa.Text(), nullable=True))
    _outcomes((*BEFORE, *NEW))


def downgrade() -> None:
    listed = ', '.join(f"'{outcome}'" for outcome in NEW)
    op.execute(f"UPDATE flag SET outcome = 'other' WHERE outcome IN ({listed})")
    _outcomes(BEFORE)
    op.drop_column('treatment', 'lot')


def _outcomes(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_flag_outcome'), 'flag', type_='check')
    listed = ', '.join(f"'{outcome}'" for outcome in allowed)
    op.create_check_constraint(op.f('ck_flag_outcome'), 'flag', f'outcome IN ({listed})')
