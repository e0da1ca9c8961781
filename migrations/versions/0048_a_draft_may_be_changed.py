"""A draft of the expected course may be changed; a published text stays"""

from __future__ import annotations

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION published_text_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a published version of the expected course does not change'
                USING ERRCODE = 'restrict_violation';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER published_text_stays BEFORE UPDATE OF version, title, body ON protocol_version
        FOR EACH ROW WHEN (
            OLD.published_at IS NOT NULL
            AND (OLD.version, OLD.title, OLD.body) IS DISTINCT FROM (NEW.version, NEW.title, NEW.body)
        ) EXECUTE FUNCTION published_text_stays()
    """)


def downgrade() -> None:
    op.execute('DROP TRIGGER published_text_stays ON protocol_version')
    op.execute('DROP FUNCTION published_text_stays()')
