"""What became of each text"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

KINDS = "'silence', 'undeliverable', 'opted_out', 'text_to_read', 'note_to_read', 'unmatched_text'"


def upgrade() -> None:
    # Texts from before have neither an answer nor a reason for none, and were due when their task was.
    op.add_column('inbound_text', sa.Column('answer', sa.Text(), nullable=True))
    op.add_column('inbound_text', sa.Column('no_answer', sa.Enum('not_written', 'carrier_answered', 'opted_out', 'flag_answers', 'answered_beside', 'unknown_number', 'too_many', name='no_answer', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.add_column('inbound_text', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_inbound_text_patient', 'inbound_text', ['clinic_id', 'patient_id', 'received_at'], unique=False)
    op.add_column('task', sa.Column('late_told_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('flag', sa.Column('late_told_at', sa.DateTime(timezone=True), nullable=True))
    # Nobody is told now of what was late before.
    op.execute("UPDATE task SET late_told_at = now() WHERE done_at IS NULL")
    op.execute("UPDATE flag SET late_told_at = now() WHERE state = 'open'")
    op.create_index('ix_task_late', 'task', ['due_at'], unique=False, postgresql_where=sa.text('done_at IS NULL AND patient_id IS NOT NULL AND late_told_at IS NULL'))
    op.create_index('ix_flag_late', 'flag', ['due_at'], unique=False, postgresql_where=sa.text("state = 'open' AND late_told_at IS NULL"))
    op.add_column('patient', sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('patient', sa.Column('ended_because', sa.Enum('asked', 'wrong_number', 'died', 'other', name='ended_because', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.drop_constraint(op.f('ck_task_kind'), 'task')
    op.create_check_constraint(op.f('ck_task_kind'), 'task', f"kind IN ({KINDS}, 'may_stop')")


def downgrade() -> None:
    op.execute("DELETE FROM task WHERE kind = 'may_stop'")
    op.drop_constraint(op.f('ck_task_kind'), 'task')
    op.create_check_constraint(op.f('ck_task_kind'), 'task', f"kind IN ({KINDS})")
    op.drop_column('patient', 'ended_because')
    op.drop_column('patient', 'ended_at')
    op.drop_index('ix_flag_late', table_name='flag')
    op.drop_index('ix_task_late', table_name='task')
    op.drop_column('flag', 'late_told_at')
    op.drop_column('task', 'late_told_at')
    op.drop_index('ix_inbound_text_patient', table_name='inbound_text')
    op.drop_column('inbound_text', 'due_at')
    op.drop_column('inbound_text', 'no_answer')
    op.drop_column('inbound_text', 'answer')
