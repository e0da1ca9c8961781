"""One urgency for every lane"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

URGENCIES = ('emergency', 'same_day', 'next_business_day')
STEPS = ('holder', 'on_call', 'manager')
EVENTS = (
    'extended', 'raised', 'claimed', 'released', 'escalated', 'text', 'given', 'done', 'undone', 'due_moved',
)
TROUBLES = (
    'worker_silent', 'texts_late', 'review_late', 'carrier_away', 'credentials_refused', 'flag_unseen',
    'flag_held_late', 'content_withdrawn', 'role_proposed', 'role_given',
)


def upgrade() -> None:
    urgency = sa.Enum(*URGENCIES, name='urgency', native_enum=False, create_constraint=True, length=40)
    op.add_column('task', sa.Column('urgency', urgency, server_default='next_business_day', nullable=False))
    op.add_column('task', sa.Column('urgency_rank', sa.SmallInteger(), server_default='2', nullable=False))
    op.add_column('task', sa.Column('held_by', sa.Uuid(), nullable=True))
    op.add_column('task', sa.Column('held_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('task', sa.Column('escalate_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('task', sa.Column('escalated', sa.Enum(*STEPS, name='escalated', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.create_foreign_key(op.f('fk_task_clinic_id_held_by_staff'), 'task', 'staff', ['clinic_id', 'held_by'], ['clinic_id', 'id'])
    op.create_index('ix_task_escalate', 'task', ['escalate_at'], unique=False, postgresql_where=sa.text('escalate_at IS NOT NULL'))
    op.create_index('ix_task_urgent', 'task', ['clinic_id', 'urgency_rank', 'due_at', 'id'], unique=False, postgresql_where=sa.text("done_at IS NULL AND urgency <> 'next_business_day'"))
    op.create_index('ix_task_done', 'task', ['clinic_id', 'done_at', 'id'], unique=False, postgresql_where=sa.text('done_at IS NOT NULL'))
    op.execute("UPDATE task SET urgency = 'emergency', urgency_rank = 0 WHERE done_at IS NULL AND detail ? 'danger'")
    op.execute('UPDATE task SET escalate_at = due_at WHERE done_at IS NULL')
    op.create_table('task_event',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Enum(*EVENTS, name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_task_event_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'task_id'], ['task.clinic_id', 'task.id'], name=op.f('fk_task_event_clinic_id_task_id_task')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_task_event_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_task_event'))
    )
    op.create_index('ix_task_event_clinic_id_task_id', 'task_event', ['clinic_id', 'task_id', 'id'], unique=False)
    op.add_column('stray_text', sa.Column('urgency', urgency, server_default='next_business_day', nullable=False))
    op.add_column('stray_text', sa.Column('seen_to_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_stray_text_danger', 'stray_text', ['received_at'], unique=False, postgresql_where=sa.text("seen_to_at IS NULL AND urgency <> 'next_business_day'"))
    _troubles((*TROUBLES, 'stray_danger'))


def downgrade() -> None:
    op.execute("DELETE FROM alert_notice n USING alert a WHERE a.id = n.alert_id AND a.trouble = 'stray_danger'")
    op.execute("DELETE FROM alert WHERE trouble = 'stray_danger'")
    _troubles(TROUBLES)
    op.drop_index('ix_stray_text_danger', table_name='stray_text', postgresql_where=sa.text("seen_to_at IS NULL AND urgency <> 'next_business_day'"))
    op.drop_column('stray_text', 'seen_to_at')
    op.drop_column('stray_text', 'urgency')
    op.drop_index('ix_task_event_clinic_id_task_id', table_name='task_event')
    op.drop_table('task_event')
    op.drop_index('ix_task_done', table_name='task', postgresql_where=sa.text('done_at IS NOT NULL'))
    op.drop_index('ix_task_urgent', table_name='task', postgresql_where=sa.text("done_at IS NULL AND urgency <> 'next_business_day'"))
    op.drop_index('ix_task_escalate', table_name='task', postgresql_where=sa.text('escalate_at IS NOT NULL'))
    op.drop_constraint(op.f('fk_task_clinic_id_held_by_staff'), 'task', type_='foreignkey')
    for column in ('escalated', 'escalate_at', 'held_since', 'held_by', 'urgency_rank', 'urgency'):
        op.drop_column('task', column)


def _troubles(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_alert_trouble'), 'alert', type_='check')
    listed = ', '.join(f"'{trouble}'" for trouble in allowed)
    op.create_check_constraint(op.f('ck_alert_trouble'), 'alert', f'trouble IN ({listed})')
