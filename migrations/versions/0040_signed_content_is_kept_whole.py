"""Signed content is kept whole"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_part",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "digest = sha256(convert_to(body, 'UTF8'))", name=op.f("ck_content_part_digest_of_the_body")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_content_part")),
    )
    op.create_table(
        "content_bundle",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_content_bundle")),
    )
    # What was signed before was kept without the weights of the reader: a live clinic's director signs anew.
    op.alter_column("content_signature", "signed", nullable=True)
    op.add_column("content_signature", sa.Column("bundle", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_content_signature_bundle_content_bundle"),
        "content_signature",
        "content_bundle",
        ["bundle"],
        ["digest"],
    )
    op.create_check_constraint(
        op.f("ck_content_signature_kept_one_way"), "content_signature", "(signed IS NULL) <> (bundle IS NULL)"
    )
    op.add_column("clinic", sa.Column("running_content", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_clinic_running_content_content_bundle"),
        "clinic",
        "content_bundle",
        ["running_content"],
        ["digest"],
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_clinic_running_content_content_bundle"), "clinic", type_="foreignkey")
    op.drop_column("clinic", "running_content")
    op.drop_constraint(op.f("ck_content_signature_kept_one_way"), "content_signature", type_="check")
    op.drop_constraint(
        op.f("fk_content_signature_bundle_content_bundle"), "content_signature", type_="foreignkey"
    )
    op.execute("UPDATE content_signature SET signed = '{}' WHERE signed IS NULL")
    op.drop_column("content_signature", "bundle")
    op.alter_column("content_signature", "signed", nullable=False)
    op.drop_table("content_bundle")
    op.drop_table("content_part")
