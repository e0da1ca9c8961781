"""Taken back at once, and confirmed by a second person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

ROLES = ('nurse', 'practitioner', 'manager', 'medical_director')
TROUBLES = (
    'worker_silent', 'texts_late', 'review_late', 'carrier_away', 'credentials_refused', 'flag_unseen',
    'flag_held_late',
)
NEWS = ('content_withdrawn', 'role_proposed', 'role_given')


def upgrade() -> None:
    op.add_column('protocol_version', sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('protocol_version', sa.Column('withdrawn_by', sa.Uuid(), nullable=True))
    op.add_column('protocol_version', sa.Column('beside', sa.Text(), nullable=True))
    op.create_foreign_key(op.f('fk_protocol_version_clinic_id_withdrawn_by_staff'), 'protocol_version', 'staff', ['clinic_id', 'withdrawn_by'], ['clinic_id', 'id'])
    op.create_check_constraint(op.f('ck_protocol_version_withdrawn_versions_have_one_beside'), 'protocol_version', '(withdrawn_at IS NULL) = (beside IS NULL)')
    op.create_table('content_withdrawal',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('before', sa.LargeBinary(), nullable=True),
    sa.Column('after', sa.LargeBinary(), nullable=True),
    sa.Column('because', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['after'], ['content_bundle.digest'], name=op.f('fk_content_withdrawal_after_content_bundle')),
    sa.ForeignKeyConstraint(['before'], ['content_bundle.digest'], name=op.f('fk_content_withdrawal_before_content_bundle')),
    sa.ForeignKeyConstraint(['clinic_id', 'withdrawn_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_content_withdrawal_clinic_id_withdrawn_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_content_withdrawal_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_content_withdrawal'))
    )
    op.create_index('ix_content_withdrawal_newest', 'content_withdrawal', ['clinic_id', 'withdrawn_at'], unique=False)
    op.create_index('ix_content_withdrawal_withdrawn_at', 'content_withdrawal', ['withdrawn_at'], unique=False)
    op.create_table('role_proposal',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Enum(*ROLES, name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.CheckConstraint('(decided_at IS NULL) = (accepted IS NULL)', name=op.f('ck_role_proposal_decided_one_way')),
    sa.CheckConstraint('decided_by <> proposed_by OR NOT accepted', name=op.f('ck_role_proposal_two_persons')),
    sa.ForeignKeyConstraint(['clinic_id', 'decided_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_role_proposal_clinic_id_decided_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'proposed_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_role_proposal_clinic_id_proposed_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id', 'staff_id'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_role_proposal_clinic_id_staff_id_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_role_proposal_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_role_proposal'))
    )
    op.create_index('uq_role_proposal_open', 'role_proposal', ['clinic_id', 'staff_id'], unique=True, postgresql_where=sa.text('decided_at IS NULL'))
    op.create_index('ix_role_proposal_decided_at', 'role_proposal', ['decided_at'], unique=False)
    _troubles((*TROUBLES, *NEWS))


def downgrade() -> None:
    listed = ', '.join(f"'{news}'" for news in NEWS)
    op.execute(f'DELETE FROM alert_notice n USING alert a WHERE n.alert_id = a.id AND a.trouble IN ({listed})')
    op.execute(f'DELETE FROM alert WHERE trouble IN ({listed})')
    _troubles(TROUBLES)
    op.drop_table('role_proposal')
    op.drop_table('content_withdrawal')
    op.drop_constraint(op.f('ck_protocol_version_withdrawn_versions_have_one_beside'), 'protocol_version', type_='check')
    op.drop_constraint(op.f('fk_protocol_version_clinic_id_withdrawn_by_staff'), 'protocol_version', type_='foreignkey')
    op.drop_column('protocol_version', 'beside')
    op.drop_column('protocol_version', 'withdrawn_by')
    op.drop_column('protocol_version', 'withdrawn_at')


def _troubles(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_alert_trouble'), 'alert', type_='check')
    listed = ', '.join(f"'{trouble}'" for trouble in allowed)
    op.create_check_constraint(op.f('ck_alert_trouble'), 'alert', f'trouble IN ({listed})')
