"""Since when figures count"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('clinic', sa.Column('live_since', sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE clinic SET live_since = coalesce(
            (SELECT max(at) FROM audit_entry WHERE clinic_id = clinic.id AND action = 'clinic.go_live'), created_at
        ) WHERE mode = 'live'
        """
    )
    op.create_index('ix_treatment_clinic_id_performed_at', 'treatment', ['clinic_id', 'performed_at'], unique=False)
    op.create_index('ix_flag_clinic_id_treatment_id', 'flag', ['clinic_id', 'treatment_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_flag_clinic_id_treatment_id', table_name='flag')
    op.drop_index('ix_treatment_clinic_id_performed_at', table_name='treatment')
    op.drop_column('clinic', 'live_since')
