"""Who is for practice"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

# Whoever lived a practice week so far, and everybody of a clinic that is still in training: their numbers may
# be made up, and belong to strangers. Who is real after all is said to be by a person.
MARKED = """
UPDATE patient SET training = true FROM clinic
WHERE clinic.id = patient.clinic_id AND (
    clinic.mode = 'training'
    OR EXISTS (
        SELECT FROM consent
        WHERE consent.clinic_id = patient.clinic_id AND consent.patient_id = patient.id
            AND consent.wording = 'Given by starting a practice week.'
    )
)
"""

# The days on which such a patient counted are counted anew.
COUNTED_ANEW = """
CREATE TRIGGER figures_changed AFTER UPDATE ON patient FOR EACH ROW
WHEN (OLD.skin_type IS DISTINCT FROM NEW.skin_type{also}) EXECUTE FUNCTION figures_changed_of_patient()
"""

# A patient who is followed in earnest never becomes one whose past may be moved.
STAYS_REAL = """
CREATE FUNCTION real_patient_stays_real() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a patient who is followed in earnest is not for practice' USING ERRCODE = 'check_violation';
END
$$
"""
TRIGGER = """
CREATE TRIGGER real_patient_stays_real BEFORE UPDATE OF training ON patient
FOR EACH ROW WHEN (NEW.training AND NOT OLD.training) EXECUTE FUNCTION real_patient_stays_real()
"""

# As in step 0021, but it asks whether the patient is for practice, not in which mode the clinic is.
MOVES_ON = """
CREATE OR REPLACE FUNCTION practice_moves_on(of_clinic uuid, of_patient uuid, by interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    course uuid;
BEGIN
    SELECT week.treatment_id INTO course
    FROM practice_week AS week {whose}
    WHERE week.clinic_id = of_clinic AND week.patient_id = of_patient
        AND week.ended_at IS NULL AND {practised};
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
OF_THE_PATIENT = (
    "JOIN patient ON patient.clinic_id = week.clinic_id AND patient.id = week.patient_id",
    "patient.training",
)
OF_THE_CLINIC = ("JOIN clinic ON clinic.id = week.clinic_id", "clinic.mode = 'training'")


def moves_on(whose: str, practised: str) -> str:
    return MOVES_ON.format(whose=whose, practised=practised)


def upgrade() -> None:
    op.add_column('patient', sa.Column('training', sa.Boolean(), server_default='false', nullable=False))
    op.execute('DROP TRIGGER figures_changed ON patient')
    op.execute(COUNTED_ANEW.format(also=' OR OLD.training IS DISTINCT FROM NEW.training'))
    op.execute(MARKED)
    op.create_index('ix_patient_training', 'patient', ['clinic_id', 'id'], unique=False, postgresql_where=sa.text('training'))
    op.execute(STAYS_REAL)
    op.execute(TRIGGER)
    op.execute(moves_on(*OF_THE_PATIENT))


def downgrade() -> None:
    op.execute(moves_on(*OF_THE_CLINIC))
    op.execute('DROP TRIGGER figures_changed ON patient')
    op.execute(COUNTED_ANEW.format(also=''))
    op.execute('DROP TRIGGER real_patient_stays_real ON patient')
    op.execute('DROP FUNCTION real_patient_stays_real()')
    op.drop_index('ix_patient_training', table_name='patient')
    op.drop_column('patient', 'training')
