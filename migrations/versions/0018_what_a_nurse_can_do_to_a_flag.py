"""What a nurse can do to a flag"""

from __future__ import annotations

from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

BEFORE = "'opened', 'extended', 'raised', 'claimed', 'released', 'contact', 'note', 'resolved', 'reopened', 'escalated'"


def upgrade() -> None:
    op.drop_constraint(op.f('ck_flag_event_kind'), 'flag_event')
    op.create_check_constraint(op.f('ck_flag_event_kind'), 'flag_event', f"kind IN ({BEFORE}, 'handed_over', 'text', 'undone')")


def downgrade() -> None:
    op.execute("DELETE FROM flag_event WHERE kind IN ('handed_over', 'text', 'undone')")
    op.drop_constraint(op.f('ck_flag_event_kind'), 'flag_event')
    op.create_check_constraint(op.f('ck_flag_event_kind'), 'flag_event', f"kind IN ({BEFORE})")
