"""The queue shows whom to call"""

from __future__ import annotations

from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Entries from before have no number; without an entry the queue reads the flag's own sources.
    op.execute("UPDATE flag SET entry = NULL WHERE entry IS NOT NULL")


def downgrade() -> None:
    """An entry with a number is read by what came before as well."""
