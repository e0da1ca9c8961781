"""What patients write, follow-up tasks, silence"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('stray_text',
    sa.Column('carrier_id', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('pictures', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('meaning', sa.Enum('emergency', 'stop', 'scores', 'warning', 'start', 'help', 'other', name='meaning', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.PrimaryKeyConstraint('carrier_id', name=op.f('pk_stray_text'))
    )
    op.create_table('task',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('kind', sa.Enum('silence', 'undeliverable', 'opted_out', 'text_to_read', 'note_to_read', 'unmatched_text', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=True),
    sa.Column('treatment_id', sa.Uuid(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.Uuid(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'done_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_task_clinic_id_done_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_task_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_task_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_task_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_task'))
    )
    op.create_index('ix_task_clinic_id_treatment_id', 'task', ['clinic_id', 'treatment_id'], unique=False)
    op.create_index('ix_task_open', 'task', ['clinic_id', 'due_at', 'id'], unique=False, postgresql_where=sa.text('done_at IS NULL'))
    op.create_index('uq_task_open_per_treatment', 'task', ['clinic_id', 'kind', 'patient_id', 'treatment_id'], unique=True, postgresql_nulls_not_distinct=True, postgresql_where=sa.text('done_at IS NULL AND patient_id IS NOT NULL'))
    op.create_table('inbound_text',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('source', sa.Enum('text', 'note', name='source', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('carrier_id', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('pictures', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('meaning', sa.Enum('emergency', 'stop', 'scores', 'warning', 'start', 'help', 'other', name='meaning', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=True),
    sa.Column('treatment_id', sa.Uuid(), nullable=True),
    sa.Column('report_id', sa.Uuid(), nullable=True),
    sa.Column('revision', sa.SmallInteger(), nullable=True),
    sa.Column('to_read', sa.Boolean(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(source = 'text') = (body IS NOT NULL)", name=op.f('ck_inbound_text_texts_have_a_body')),
    sa.CheckConstraint("(source = 'text') = (carrier_id IS NOT NULL)", name=op.f('ck_inbound_text_texts_have_a_carrier_id')),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_inbound_text_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id', 'read_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_inbound_text_clinic_id_read_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'report_id', 'revision'], ['report_revision.clinic_id', 'report_revision.report_id', 'report_revision.revision'], name=op.f('fk_inbound_text_clinic_id_report_id_revision_report_revision')),
    sa.ForeignKeyConstraint(['clinic_id', 'report_id'], ['report.clinic_id', 'report.id'], name=op.f('fk_inbound_text_clinic_id_report_id_report')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_inbound_text_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_inbound_text_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_inbound_text'))
    )
    op.create_index('ix_inbound_text_report', 'inbound_text', ['clinic_id', 'report_id'], unique=False, postgresql_where=sa.text('report_id IS NOT NULL'))
    op.create_index('ix_inbound_text_to_read', 'inbound_text', ['clinic_id', 'received_at', 'id'], unique=False, postgresql_where=sa.text('to_read AND read_at IS NULL'))
    op.create_index('uq_inbound_text_carrier_id', 'inbound_text', ['carrier_id', 'clinic_id'], unique=True)
    op.alter_column('assessment', 'report_id',
               existing_type=sa.UUID(),
               nullable=True)
    op.alter_column('assessment', 'revision',
               existing_type=sa.SMALLINT(),
               nullable=True)
    op.drop_constraint(op.f('ck_assessment_cause'), 'assessment')
    op.create_check_constraint(op.f('ck_assessment_cause'), 'assessment', "cause IN ('report', 'late_report', 'correction', 'hold_ended', 'new_protocol', 'facts_corrected', 'silence')")
    op.create_check_constraint(op.f('ck_assessment_only_silence_has_no_report'), 'assessment', "(cause = 'silence') = (report_id IS NULL) AND (report_id IS NULL) = (revision IS NULL)")
    op.add_column('message', sa.Column('asks_day', sa.SmallInteger(), nullable=True))
    op.add_column('message', sa.Column('silence_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('message', sa.Column('replies_to_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_message_silence', 'message', ['silence_at', 'id'], unique=False, postgresql_where=sa.text('silence_at IS NOT NULL'))
    op.create_index('ix_patient_phone', 'patient', ['phone'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_patient_phone', table_name='patient')
    op.drop_index('ix_message_silence', table_name='message', postgresql_where=sa.text('silence_at IS NOT NULL'))
    op.drop_column('message', 'replies_to_at')
    op.drop_column('message', 'silence_at')
    op.drop_column('message', 'asks_day')
    op.drop_constraint(op.f('ck_assessment_only_silence_has_no_report'), 'assessment')
    op.drop_constraint(op.f('ck_assessment_cause'), 'assessment')
    op.create_check_constraint(op.f('ck_assessment_cause'), 'assessment', "cause IN ('report', 'late_report', 'correction', 'hold_ended', 'new_protocol', 'facts_corrected')")
    op.alter_column('assessment', 'revision',
               existing_type=sa.SMALLINT(),
               nullable=False)
    op.alter_column('assessment', 'report_id',
               existing_type=sa.UUID(),
               nullable=False)
    op.drop_index('uq_inbound_text_carrier_id', table_name='inbound_text')
    op.drop_index('ix_inbound_text_to_read', table_name='inbound_text', postgresql_where=sa.text('to_read AND read_at IS NULL'))
    op.drop_index('ix_inbound_text_report', table_name='inbound_text', postgresql_where=sa.text('report_id IS NOT NULL'))
    op.drop_table('inbound_text')
    op.drop_index('uq_task_open_per_treatment', table_name='task', postgresql_nulls_not_distinct=True, postgresql_where=sa.text('done_at IS NULL AND patient_id IS NOT NULL'))
    op.drop_index('ix_task_clinic_id_treatment_id', table_name='task')
    op.drop_index('ix_task_open', table_name='task', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_table('task')
    op.drop_table('stray_text')
