"""Names as they are compared"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

# Apostrophes go before the characters are taken apart: an accent that stands alone becomes a blank and a mark.
APOSTROPHES = r"['`´‘’ʹʻʼʽˈ′＇]"
# Marks on Latin, Greek and Cyrillic letters, vowel points of Hebrew and Arabic. Vowels of India's scripts are
# letters to their readers and stay.
MARKS = r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
UNSEEN = r"\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
BETWEEN = r"[\s_.,;:()\u0022/\\·・‐‑‒–—―−-]+"


def upgrade() -> None:
    op.execute(f"""
        CREATE FUNCTION name_key(name text) RETURNS text
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN (
            SELECT coalesce(string_agg(word, ' ' ORDER BY word COLLATE "C"), '')
            FROM unnest(string_to_array(
                regexp_replace(
                    replace(replace(replace(replace(translate(
                        regexp_replace(
                            lower(normalize(regexp_replace(name, '{APOSTROPHES.replace("'", "''")}', '', 'g'), NFKD)
                                COLLATE "pg_c_utf8"),
                            '[{MARKS}{UNSEEN}]', '', 'g'),
                        'łøđðıħŧ', 'loddiht'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
                    '{BETWEEN}', ' ', 'g'),
                ' ')) AS word
            WHERE word <> ''
        )
    """)
    op.add_column('patient', sa.Column(
        'name_key', sa.Text(), sa.Computed("name_key(first_name || ' ' || last_name)", persisted=True), nullable=True
    ))
    op.create_index('ix_patient_clinic_id_name_key', 'patient', ['clinic_id', 'name_key'])


def downgrade() -> None:
    op.drop_index('ix_patient_clinic_id_name_key', table_name='patient')
    op.drop_column('patient', 'name_key')
    op.execute('DROP FUNCTION name_key(text)')
