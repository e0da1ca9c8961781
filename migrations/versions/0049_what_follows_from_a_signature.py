"""What follows from a signature"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

TROUBLES = (
    'worker_silent', 'texts_late', 'review_late', 'carrier_away', 'credentials_refused', 'flag_unseen',
    'flag_held_late', 'content_withdrawn', 'role_proposed', 'role_given',
)
NEWS = 'content_followed'


def upgrade() -> None:
    op.create_table('content_follow_up',
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('kind', sa.Enum('plans', 'judgements', name='kind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('before', sa.LargeBinary(), nullable=True),
    sa.Column('version', sa.Text(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=True),
    sa.Column('reached', sa.Uuid(), nullable=True),
    sa.Column('done', sa.Integer(), server_default='0', nullable=False),
    sa.Column('failed', sa.Integer(), server_default='0', nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(kind = 'judgements') = (version IS NOT NULL)", name=op.f('ck_content_follow_up_judgements_of_a_version')),
    sa.ForeignKeyConstraint(['before'], ['content_bundle.digest'], name=op.f('fk_content_follow_up_before_content_bundle')),
    sa.ForeignKeyConstraint(['clinic_id', 'asked_by'], ['staff.clinic_id', 'staff.id'], name=op.f('fk_content_follow_up_clinic_id_asked_by_staff')),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_content_follow_up_clinic_id_clinic')),
    sa.PrimaryKeyConstraint('clinic_id', 'id', name=op.f('pk_content_follow_up'))
    )
    op.create_index('ix_content_follow_up_finished_at', 'content_follow_up', ['finished_at'], unique=False)
    op.create_index('ix_content_follow_up_newest', 'content_follow_up', ['clinic_id', 'asked_at'], unique=False)
    op.create_index('ix_content_follow_up_open', 'content_follow_up', ['asked_at'], unique=False, postgresql_where=sa.text('finished_at IS NULL'))
    _troubles((*TROUBLES, NEWS))


def downgrade() -> None:
    op.execute(f"DELETE FROM alert_notice n USING alert a WHERE n.alert_id = a.id AND a.trouble = '{NEWS}'")
    op.execute(f"DELETE FROM alert WHERE trouble = '{NEWS}'")
    _troubles(TROUBLES)
    op.drop_index('ix_content_follow_up_open', table_name='content_follow_up', postgresql_where=sa.text('finished_at IS NULL'))
    op.drop_index('ix_content_follow_up_newest', table_name='content_follow_up')
    op.drop_index('ix_content_follow_up_finished_at', table_name='content_follow_up')
    op.drop_table('content_follow_up')


def _troubles(allowed: tuple[str, ...]) -> None:
    op.drop_constraint(op.f('ck_alert_trouble'), 'alert', type_='check')
    listed = ', '.join(f"'{trouble}'" for trouble in allowed)
    op.create_check_constraint(op.f('ck_alert_trouble'), 'alert', f'trouble IN ({listed})')
