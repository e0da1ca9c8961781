"""First tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clinic',
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('text_name', sa.String(length=20), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('weekly_hours', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('holidays', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('out_of_hours_phone', sa.Text(), nullable=False),
    sa.Column('on_call_phone', sa.Text(), nullable=False),
    sa.Column('emergency_number', sa.String(length=3), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.Column('mode', sa.Enum('training', 'live', name='mode', native_enum=False, create_constraint=True, length=40), server_default='training', nullable=False),
    sa.Column('live_because', sa.Text(), nullable=True),
    sa.Column('texts_stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('char_length(text_name) BETWEEN 1 AND 20', name=op.f('ck_clinic_text_name_length')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic'))
    )
    op.create_table('worker',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('lock_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('beat_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_worker')),
    sa.UniqueConstraint('lock_key', name=op.f('uq_worker_lock_key'))
    )
    op.create_table('audit_entry',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.Enum('patient', 'staff', 'worker', 'operator', name='actor_kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_audit_entry_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_audit_entry'))
    )
    op.create_index('ix_audit_entry_subject', 'audit_entry', ['clinic_id', 'subject_kind', 'subject_id', 'id'], unique=False)
    op.create_table('opt_out',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('how', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_opt_out_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'phone', name=op.f('pk_opt_out'))
    )
    op.create_table('patient',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('last_name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('year_of_birth', sa.SmallInteger(), nullable=False),
    sa.Column('pin_hash', sa.Text(), nullable=True),
    sa.Column('language', sa.Enum('en', 'es', 'fr', name='language', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('time_zone', sa.Text(), nullable=False),
    sa.Column('skin_type', sa.SmallInteger(), nullable=True),
    sa.Column('answers_by', sa.Enum('link', 'text', name='answers_by', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('wrong_secrets', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('wrong_secrets_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('skin_type BETWEEN 1 AND 6', name=op.f('ck_patient_skin_type_range')),
    sa.CheckConstraint('year_of_birth BETWEEN 1900 AND 2100', name=op.f('ck_patient_year_of_birth_range')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_patient_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_patient'))
    )
    op.create_index('ix_patient_clinic_id_phone', 'patient', ['clinic_id', 'phone'], unique=False)
    op.create_table('staff',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('role', sa.Enum('nurse', 'practitioner', 'manager', 'medical_director', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('totp_secret', sa.Text(), nullable=True),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_staff_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_staff'))
    )
    op.create_index('uq_staff_email', 'staff', [sa.literal_column('lower(email)')], unique=True)
    op.create_table('consent',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('recovery_texts', 'session_reminders', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_consent_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_consent_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_consent'))
    )
    op.create_index(op.f('ix_consent_patient_id'), 'consent', ['patient_id'], unique=False)
    op.create_table('invitation',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('wrong_secrets', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_invitation_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_invitation_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invitation_token_hash'))
    )
    op.create_index(op.f('ix_invitation_patient_id'), 'invitation', ['patient_id'], unique=False)
    op.create_table('patient_session',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_patient_session_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_patient_session_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'token_hash', name=op.f('pk_patient_session'))
    )
    op.create_index(op.f('ix_patient_session_patient_id'), 'patient_session', ['patient_id'], unique=False)
    op.create_table('staff_session',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_staff_session_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_staff_session_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'token_hash', name=op.f('pk_staff_session'))
    )
    op.create_table('treatment',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('performed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('device', sa.Enum('pen', 'roller', 'rf', name='device', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('depth_mm', sa.Numeric(precision=3, scale=2), nullable=True),
    sa.Column('areas', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('indication', sa.Enum('acne_scars', 'surgical_scars', 'stretch_marks', 'wrinkles', 'fine_lines', 'hyperpigmentation', 'uneven_tone', 'texture', name='indication', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('numbing', sa.Text(), nullable=True),
    sa.Column('topical', sa.Text(), nullable=True),
    sa.Column('session_number', sa.SmallInteger(), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('cardinality(areas) BETWEEN 1 AND 10', name=op.f('ck_treatment_areas_count')),
    sa.CheckConstraint('depth_mm > 0 AND depth_mm <= 5', name=op.f('ck_treatment_depth_range')),
    sa.CheckConstraint('session_number BETWEEN 1 AND 50', name=op.f('ck_treatment_session_number_range')),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_treatment_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_treatment_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_treatment'))
    )
    op.create_index(op.f('ix_treatment_patient_id'), 'treatment', ['patient_id'], unique=False)
    op.create_table('flag',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('treatment_id', sa.Uuid(), nullable=False),
    sa.Column('state', sa.Enum('open', 'claimed', 'contacted', 'resolved', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('urgency', sa.Enum('emergency', 'same_day', 'next_business_day', name='urgency', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('urgency_rank', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held_by', sa.Uuid(), nullable=True),
    sa.Column('held_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('expected_healing', 'irritation', 'infection_suspected', 'cold_sore', 'pigment_change', 'referred', 'emergency', 'not_reached', 'other', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'held_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_flag_clinic_id_held_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_flag_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_flag_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_flag'))
    )
    op.create_index('ix_flag_queue', 'flag', ['clinic_id', 'urgency_rank', 'due_at', 'id'], unique=False, postgresql_where=sa.text("state <> 'resolved'"))
    op.create_index('uq_flag_unresolved_per_treatment', 'flag', ['clinic_id', 'treatment_id'], unique=True, postgresql_where=sa.text("state <> 'resolved'"))
    op.create_table('message',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=True),
    sa.Column('treatment_id', sa.Uuid(), nullable=True),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('useful_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Enum('planned', 'claimed', 'in_doubt', 'accepted', 'sent', 'delivered', 'undelivered', 'failed', 'expired', 'cancelled', 'quarantined', name='state', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('to_phone', sa.Text(), nullable=True),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('worker_id', sa.Uuid(), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('carrier_id', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_message_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_message_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_message_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_message')),
    sa.UniqueConstraint('carrier_id', name=op.f('uq_message_carrier_id')),
    sa.UniqueConstraint('reference', name=op.f('uq_message_reference'))
    )
    op.create_index('ix_message_due', 'message', ['due_at', 'id'], unique=False, postgresql_where=sa.text("state = 'planned'"))
    op.create_index('ix_message_in_doubt', 'message', ['claimed_at'], unique=False, postgresql_where=sa.text("state = 'in_doubt'"))
    op.create_index('ix_message_in_hand', 'message', ['worker_id'], unique=False, postgresql_where=sa.text("state = 'claimed'"))
    op.create_index('uq_message_step', 'message', ['clinic_id', 'patient_id', 'treatment_id', 'step'], unique=True, postgresql_nulls_not_distinct=True)
    op.create_table('report',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('treatment_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_report_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_report_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_report'))
    )
    op.create_index(op.f('ix_report_treatment_id'), 'report', ['treatment_id'], unique=False)
    op.create_table('flag_event',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('flag_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Enum('opened', 'extended', 'raised', 'claimed', 'released', 'contact', 'note', 'resolved', 'reopened', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'flag_id'], ['flag.clinic_id', 'flag.id'], name=op.f('fk_flag_event_clinic_id_flag_id_flag')),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_flag_event_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_flag_event_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_flag_event'))
    )
    op.create_index('ix_flag_event_clinic_id_flag_id', 'flag_event', ['clinic_id', 'flag_id', 'id'], unique=False)
    op.create_table('report_revision',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.SmallInteger(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hours', sa.Float(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('clock', sa.Enum('trusted', 'corrected', 'ahead', name='clock', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('scores', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('warning_signs', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('confirmed', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('revision >= 1', name=op.f('ck_report_revision_revision_from_one')),
    sa.ForeignKeyConstraint(['clinic_id', 'report_id'], ['report.clinic_id', 'report.id'], name=op.f('fk_report_revision_clinic_id_report_id_report')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_report_revision_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'report_id', 'revision', name=op.f('pk_report_revision'))
    )
    op.create_table('assessment',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('treatment_id', sa.Uuid(), nullable=False),
    sa.Column('report_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.SmallInteger(), nullable=False),
    sa.Column('cause', sa.Enum('report', 'late_report', 'correction', 'hold_ended', 'new_protocol', name='cause', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('level', sa.Enum('expected', 'watch', 'abnormal', 'emergency', name='level', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('day', sa.SmallInteger(), nullable=False),
    sa.Column('findings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('ask_again', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id', 'report_id', 'revision'], ['report_revision.clinic_id', 'report_revision.report_id', 'report_revision.revision'], name=op.f('fk_assessment_clinic_id_report_id_revision_report_revision')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_assessment_clinic_id_treatment_id_treatment')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_assessment_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_assessment'))
    )
    op.create_index('ix_assessment_clinic_id_report_id', 'assessment', ['clinic_id', 'report_id', 'revision'], unique=False)
    op.create_index('ix_assessment_clinic_id_treatment_id', 'assessment', ['clinic_id', 'treatment_id'], unique=False)
    op.create_index('ix_assessment_unreviewed', 'assessment', ['review_after', 'id'], unique=False, postgresql_where=sa.text('reviewed_at IS NULL'))
    op.create_table('flag_assessment',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('flag_id', sa.Uuid(), nullable=False),
    sa.Column('assessment_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id', 'assessment_id'], ['assessment.clinic_id', 'assessment.id'], name=op.f('fk_flag_assessment_clinic_id_assessment_id_assessment')),
    sa.ForeignKeyConstraint(['clinic_id', 'flag_id'], ['flag.clinic_id', 'flag.id'], name=op.f('fk_flag_assessment_clinic_id_flag_id_flag')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_flag_assessment_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'flag_id', 'assessment_id', name=op.f('pk_flag_assessment'))
    )


def downgrade() -> None:
    op.drop_table('flag_assessment')
    op.drop_index('ix_assessment_unreviewed', table_name='assessment', postgresql_where=sa.text('reviewed_at IS NULL'))
    op.drop_index('ix_assessment_clinic_id_treatment_id', table_name='assessment')
    op.drop_index('ix_assessment_clinic_id_report_id', table_name='assessment')
    op.drop_table('assessment')
    op.drop_table('report_revision')
    op.drop_index('ix_flag_event_clinic_id_flag_id', table_name='flag_event')
    op.drop_table('flag_event')
    op.drop_index(op.f('ix_report_treatment_id'), table_name='report')
    op.drop_table('report')
    op.drop_index('uq_message_step', table_name='message', postgresql_nulls_not_distinct=True)
    op.drop_index('ix_message_in_hand', table_name='message', postgresql_where=sa.text("state = 'claimed'"))
    op.drop_index('ix_message_in_doubt', table_name='message', postgresql_where=sa.text("state = 'in_doubt'"))
    op.drop_index('ix_message_due', table_name='message', postgresql_where=sa.text("state = 'planned'"))
    op.drop_table('message')
    op.drop_index('uq_flag_unresolved_per_treatment', table_name='flag', postgresql_where=sa.text("state <> 'resolved'"))
    op.drop_index('ix_flag_queue', table_name='flag', postgresql_where=sa.text("state <> 'resolved'"))
    op.drop_table('flag')
    op.drop_index(op.f('ix_treatment_patient_id'), table_name='treatment')
    op.drop_table('treatment')
    op.drop_table('staff_session')
    op.drop_index(op.f('ix_patient_session_patient_id'), table_name='patient_session')
    op.drop_table('patient_session')
    op.drop_index(op.f('ix_invitation_patient_id'), table_name='invitation')
    op.drop_table('invitation')
    op.drop_index(op.f('ix_consent_patient_id'), table_name='consent')
    op.drop_table('consent')
    op.drop_index('uq_staff_email', table_name='staff')
    op.drop_table('staff')
    op.drop_index('ix_patient_clinic_id_phone', table_name='patient')
    op.drop_table('patient')
    op.drop_table('opt_out')
    op.drop_index('ix_audit_entry_subject', table_name='audit_entry')
    op.drop_table('audit_entry')
    op.drop_table('worker')
    op.drop_table('clinic')
