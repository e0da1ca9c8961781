"""Practice weeks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

# It runs with the owner's rights, because neither the worker nor the API may rewrite a report; so it looks
# for itself whether this patient is a practice patient whose week runs, in a clinic that is in training.
MOVES_ON = """
CREATE FUNCTION practice_moves_on(of_clinic uuid, of_patient uuid, by interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    course uuid;
BEGIN
    SELECT week.treatment_id INTO course
    FROM practice_week AS week JOIN clinic ON clinic.id = week.clinic_id
    WHERE week.clinic_id = of_clinic AND week.patient_id = of_patient
        AND week.ended_at IS NULL AND clinic.mode = 'training';
    IF course IS NULL OR by <= interval '0' THEN
        RAISE EXCEPTION 'no practice week of this patient is running';
    END IF;
    UPDATE treatment SET performed_at = performed_at - by, course_version = course_version + 1
    WHERE clinic_id = of_clinic AND id = course;
    UPDATE report_revision SET seen_at = seen_at - by
    WHERE clinic_id = of_clinic
        AND report_id IN (SELECT id FROM report WHERE clinic_id = of_clinic AND treatment_id = course);
    UPDATE message SET due_at = due_at - by, useful_until = useful_until - by
    WHERE clinic_id = of_clinic AND treatment_id = course AND state = 'planned';
    UPDATE message SET silence_at = silence_at - by
    WHERE clinic_id = of_clinic AND treatment_id = course AND silence_at IS NOT NULL;
    -- What may still be in doubt keeps its times: the carrier's records are asked by them.
    UPDATE message SET claimed_at = claimed_at - by
    WHERE clinic_id = of_clinic AND patient_id = of_patient
        AND state NOT IN ('claimed', 'in_doubt') AND claimed_at IS NOT NULL;
END
$$
"""


def upgrade() -> None:
    op.create_table('practice_week',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('treatment_id', sa.Uuid(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('moved_hours', sa.Float(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_practice_week_clinic_id_clinic')),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_practice_week_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'patient_id'], ['patient.clinic_id', 'patient.id'], name=op.f('fk_practice_week_clinic_id_patient_id_patient')),
    sa.ForeignKeyConstraint(['clinic_id', 'treatment_id'], ['treatment.clinic_id', 'treatment.id'], name=op.f('fk_practice_week_clinic_id_treatment_id_treatment')),
    sa.PrimaryKeyConstraint('clinic_id', 'staff_id', name=op.f('pk_practice_week'))
    )
    op.create_index('ix_practice_week_running', 'practice_week', ['started_at'], unique=False, postgresql_where=sa.text('ended_at IS NULL'))
    op.execute(MOVES_ON)
    op.execute('REVOKE ALL ON FUNCTION practice_moves_on(uuid, uuid, interval) FROM PUBLIC')


def downgrade() -> None:
    op.execute('DROP FUNCTION practice_moves_on(uuid, uuid, interval)')
    op.drop_index('ix_practice_week_running', table_name='practice_week')
    op.drop_table('practice_week')
