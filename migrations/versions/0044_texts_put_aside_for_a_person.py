"""Texts that are put aside come to a person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

KINDS = (
    'silence', 'undeliverable', 'opted_out', 'text_to_read', 'note_to_read', 'unmatched_text', 'may_stop',
)
WAITING = "state = 'quarantined' AND brought_at IS NULL"


def upgrade() -> None:
    _kinds((*KINDS, 'put_aside'))
    op.add_column('message', sa.Column('brought_at', sa.DateTime(timezone=True), nullable=True))
    # What was put aside before is history.
    op.execute("UPDATE message SET brought_at = now() WHERE state = 'quarantined'")
    op.create_index('ix_message_put_aside', 'message', ['settled_at'], unique=False, postgresql_where=sa.text(WAITING))


def downgrade() -> None:
    op.drop_index('ix_message_put_aside', table_name='message', postgresql_where=sa.text(WAITING))
    op.drop_column('message', 'brought_at')
    op.execute("DELETE FROM task_event e USING task t WHERE t.kind = 'put_aside' AND t.clinic_id = e.clinic_id AND t.id = e.task_id")
    op.execute("DELETE FROM task WHERE kind = 'put_aside'")
    _kinds(KINDS)


def _kinds(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_task_kind'), 'task', type_='check')
    listed = ', '.join(f"'{kind}'" for kind in allowed)
    op.create_check_constraint(op.f('ck_task_kind'), 'task', f'kind IN ({listed})')
