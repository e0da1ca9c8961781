"""Alerts, escalation, series of sessions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alert',
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('trouble', sa.Enum('worker_silent', 'texts_late', 'review_late', 'carrier_away', 'credentials_refused', 'flag_unseen', 'flag_held_late', name='trouble', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject', sa.Text(), server_default='', nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert'))
    )
    op.create_index('uq_alert_under_way', 'alert', ['trouble', 'subject'], unique=True, postgresql_where=sa.text('ended_at IS NULL'))
    op.create_table('alert_notice',
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('alert_id', sa.Uuid(), nullable=False),
    sa.Column('news', sa.Enum('raised', 'recovered', name='news', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('webhook', 'mail', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('recipient', sa.Text(), server_default='', nullable=False),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('given_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['alert_id'], ['alert.id'], name=op.f('fk_alert_notice_alert_id_alert')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_notice'))
    )
    op.create_index(op.f('ix_alert_notice_alert_id'), 'alert_notice', ['alert_id'], unique=False)
    op.create_index('ix_alert_notice_waiting', 'alert_notice', ['next_at'], unique=False, postgresql_where=sa.text('told_at IS NULL AND given_up_at IS NULL'))
    op.create_table('series',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('sessions', sa.SmallInteger(), nullable=False),
    sa.Column('weeks_between', sa.SmallInteger(), nullable=False),
    sa.Column('maintenance_months', sa.SmallInteger(), nullable=True),
    sa.Column('next_session_on', sa.Date(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('maintenance_months BETWEEN 6 AND 12', name=op.f('ck_series_maintenance_months_range')),
    sa.CheckConstraint('sessions BETWEEN 3 AND 6', name=op.f('ck_series_sessions_range')),
    sa.CheckConstraint('weeks_between BETWEEN 4 AND 6', name=op.f('ck_series_weeks_between_range')),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_series_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_series_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'patient_id', name=op.f('pk_series'))
    )
    op.add_column('carrier_circuit', sa.Column('refused_code', sa.Text(), nullable=True))
    op.add_column('flag', sa.Column('escalate_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('flag', sa.Column('escalated', sa.Enum('holder', 'on_call', 'manager', name='escalated', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.create_index('ix_flag_escalate', 'flag', ['escalate_at'], unique=False, postgresql_where=sa.text('escalate_at IS NOT NULL'))
    op.execute("UPDATE flag SET escalate_at = due_at WHERE state IN ('open', 'claimed')")
    op.drop_constraint(op.f('ck_flag_event_kind'), 'flag_event')
    op.create_check_constraint(op.f('ck_flag_event_kind'), 'flag_event', "kind IN ('opened', 'extended', 'raised', 'claimed', 'released', 'contact', 'note', 'resolved', 'reopened', 'escalated')")


def downgrade() -> None:
    op.execute("DELETE FROM flag_event WHERE kind = 'escalated'")
    op.drop_constraint(op.f('ck_flag_event_kind'), 'flag_event')
    op.create_check_constraint(op.f('ck_flag_event_kind'), 'flag_event', "kind IN ('opened', 'extended', 'raised', 'claimed', 'released', 'contact', 'note', 'resolved', 'reopened')")
    op.drop_index('ix_flag_escalate', table_name='flag', postgresql_where=sa.text('escalate_at IS NOT NULL'))
    op.drop_column('flag', 'escalated')
    op.drop_column('flag', 'escalate_at')
    op.drop_column('carrier_circuit', 'refused_code')
    op.drop_table('series')
    op.drop_index('ix_alert_notice_waiting', table_name='alert_notice', postgresql_where=sa.text('told_at IS NULL AND given_up_at IS NULL'))
    op.drop_index(op.f('ix_alert_notice_alert_id'), table_name='alert_notice')
    op.drop_table('alert_notice')
    op.drop_index('uq_alert_under_way', table_name='alert', postgresql_where=sa.text('ended_at IS NULL'))
    op.drop_table('alert')
