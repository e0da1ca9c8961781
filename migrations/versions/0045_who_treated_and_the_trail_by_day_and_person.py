"""Who treated, and the audit trail by day and by person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None

ACTORS = ('patient', 'staff', 'worker', 'operator')
NOBODY = 'nobody'
CLOSED = sa.text("state = 'resolved'")


def upgrade() -> None:
    # Of what was recorded before, nobody said who held the needle.
    op.add_column('treatment', sa.Column('performed_by', sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f('fk_treatment_clinic_id_performed_by_staff'), 'treatment', 'staff',
        ['clinic_id', 'performed_by'], ['clinic_id', 'id'],
    )
    _actors((*ACTORS, NOBODY))
    op.create_index('ix_audit_entry_at', 'audit_entry', ['clinic_id', 'at', 'id'])
    op.create_index('ix_audit_entry_actor', 'audit_entry', ['clinic_id', 'actor_id', 'at', 'id'])
    op.create_index('ix_task_clinic_id_patient_id', 'task', ['clinic_id', 'patient_id'])
    op.create_index('ix_alert_subject', 'alert', ['subject'])
    op.create_index('ix_flag_closed', 'flag', ['clinic_id', 'resolved_at', 'id'], postgresql_where=CLOSED)


def downgrade() -> None:
    op.drop_index('ix_flag_closed', table_name='flag', postgresql_where=CLOSED)
    op.drop_index('ix_alert_subject', table_name='alert')
    op.drop_index('ix_task_clinic_id_patient_id', table_name='task')
    op.drop_index('ix_audit_entry_actor', table_name='audit_entry')
    op.drop_index('ix_audit_entry_at', table_name='audit_entry')
    # Whoever was refused without being known was, to the code before this step, nobody's act of ours.
    op.execute(f"UPDATE audit_entry SET actor_kind = 'operator' WHERE actor_kind = '{NOBODY}'")
    _actors(ACTORS)
    op.drop_constraint(op.f('fk_treatment_clinic_id_performed_by_staff'), 'treatment', type_='foreignkey')
    op.drop_column('treatment', 'performed_by')


def _actors(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_audit_entry_actor_kind'), 'audit_entry', type_='check')
    listed = ', '.join(f"'{actor}'" for actor in allowed)
    op.create_check_constraint(op.f('ck_audit_entry_actor_kind'), 'audit_entry', f'actor_kind IN ({listed})')
