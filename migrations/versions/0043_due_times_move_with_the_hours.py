"""Due times move with the hours, and whoever left holds nothing"""

from __future__ import annotations

from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

KINDS = (
    'opened', 'extended', 'raised', 'claimed', 'released', 'contact', 'note', 'resolved', 'reopened', 'escalated',
    'handed_over', 'text', 'undone',
)


def upgrade() -> None:
    _kinds((*KINDS, 'due_moved'))
    # Flags of people who sign in no more go back to the queue.
    op.execute(
        "WITH left_behind AS ("
        "  UPDATE flag SET state = 'open', held_by = NULL, held_since = NULL, escalate_at = due_at"
        "  FROM staff WHERE staff.clinic_id = flag.clinic_id AND staff.id = flag.held_by"
        "  AND staff.disabled_at IS NOT NULL AND flag.state <> 'resolved'"
        "  RETURNING flag.clinic_id, flag.id)"
        " INSERT INTO flag_event (clinic_id, flag_id, at, kind)"
        " SELECT clinic_id, id, now(), 'released' FROM left_behind"
    )


def downgrade() -> None:
    op.execute("DELETE FROM flag_event WHERE kind = 'due_moved'")
    _kinds(KINDS)


def _kinds(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_flag_event_kind'), 'flag_event', type_='check')
    listed = ', '.join(f"'{kind}'" for kind in allowed)
    op.create_check_constraint(op.f('ck_flag_event_kind'), 'flag_event', f'kind IN ({listed})')
