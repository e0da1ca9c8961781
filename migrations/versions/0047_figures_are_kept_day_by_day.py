"""Figures are kept day by day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None

TREATED = 'JOIN treatment t ON t.clinic_id = r.clinic_id AND t.id = r.treatment_id'
FLAGGED = (
    'JOIN flag f ON f.clinic_id = r.clinic_id AND f.id = r.flag_id '
    'JOIN treatment t ON t.clinic_id = f.clinic_id AND t.id = f.treatment_id'
)
SAID = (
    'JOIN report s ON s.clinic_id = r.clinic_id AND s.id = r.report_id '
    'JOIN treatment t ON t.clinic_id = s.clinic_id AND t.id = s.treatment_id'
)
NEVER = 'NULL::timestamptz'

# Of each table what figures read of a row, how its patient is found, and the moment whose day it counts on.
# A treatment and a text say that themselves; of the others the treatments of the patient are looked up.
WATCHED = (
    ('treatment', 'id, patient_id, performed_at, created_at, withdrawn_at, device, lot', '', 'r.patient_id', 'r.performed_at'),
    ('message', 'id, patient_id, treatment_id, step, asks_day, due_at, claimed_at, state, reason, segments', '', 'r.patient_id', 'r.due_at'),
    ('inbound_text', 'id, patient_id, treatment_id, source, to_read, due_at, answer, read_at, read_by, report_id, revision', '', 'r.patient_id', NEVER),
    ('report', 'id, treatment_id, revision, created_at', TREATED, 't.patient_id', NEVER),
    ('report_revision', 'report_id, revision, seen_at', SAID, 't.patient_id', NEVER),
    ('assessment', 'id, treatment_id, cause, findings, created_at, reviewed_at', TREATED, 't.patient_id', NEVER),
    ('flag', 'id, treatment_id, state, outcome, opened_at, due_at, resolved_at', TREATED, 't.patient_id', NEVER),
    ('flag_assessment', 'flag_id, assessment_id', FLAGGED, 't.patient_id', NEVER),
    ('flag_event', 'id, flag_id, at, kind, staff_id, detail', FLAGGED, 't.patient_id', NEVER),
    ('complication', 'id, treatment_id, withdrawn_at', TREATED, 't.patient_id', NEVER),
)


def upgrade() -> None:
    op.create_table('figure_day',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('counted_as', sa.LargeBinary(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('good_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sums', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('lasted', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_figure_day_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'day', name=op.f('pk_figure_day'))
    )
    # Lines are only added and taken away, so that nobody waits for another's.
    op.create_table('figure_change',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_figure_change_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_figure_change'))
    )
    for table, read, found, patient, at in WATCHED:
        _watch(table, read=read, found=found, patient=patient, at=at)
    # A patient has no treatment yet when they come in, and none any more when they go.
    op.execute("""
        CREATE FUNCTION figures_changed_of_patient() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO figure_change (clinic_id, patient_id) VALUES (NEW.clinic_id, NEW.id);
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER figures_changed AFTER UPDATE ON patient FOR EACH ROW
        WHEN (OLD.skin_type IS DISTINCT FROM NEW.skin_type) EXECUTE FUNCTION figures_changed_of_patient()
    """)


def downgrade() -> None:
    for table in ('patient', *(table for table, *_ in WATCHED)):
        for when in ('', '_added', '_taken'):
            op.execute(f'DROP TRIGGER IF EXISTS figures_changed{when} ON {table}')
        op.execute(f'DROP FUNCTION figures_changed_of_{table}()')
    op.drop_table('figure_change')
    op.drop_table('figure_day')


def _watch(table: str, *, read: str, found: str, patient: str, at: str) -> None:
    """Every statement that changes what figures read of this table says whose figures these are."""
    columns = f'clinic_id, {read}'

    def noted(rows: str) -> str:
        return (
            f'INSERT INTO figure_change (clinic_id, patient_id, at) SELECT DISTINCT r.clinic_id, {patient}, {at} '
            f'FROM {rows} r {found} WHERE {patient} IS NOT NULL;'
        )

    changed = (
        f'((SELECT {columns} FROM were EXCEPT SELECT {columns} FROM are) UNION ALL '
        f'(SELECT {columns} FROM are EXCEPT SELECT {columns} FROM were))'
    )
    op.execute(f"""
        CREATE FUNCTION figures_changed_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN {noted(changed)}
            ELSE {noted('rows_of_it')}
            END IF;
            RETURN NULL;
        END $$
    """)
    for when, event, tables in (
        ('_added', 'INSERT', 'NEW TABLE AS rows_of_it'),
        ('', 'UPDATE', 'OLD TABLE AS were NEW TABLE AS are'),
        ('_taken', 'DELETE', 'OLD TABLE AS rows_of_it'),
    ):
        op.execute(
            f'CREATE TRIGGER figures_changed{when} AFTER {event} ON {table} REFERENCING {tables} '
            f'FOR EACH STATEMENT EXECUTE FUNCTION figures_changed_of_{table}()'
        )
