"""What was ever signed, kept whole: texts under the digest of what they say, and bundles of such digests.

Rows are added, never changed. Clinics that run the same text share its row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import CheckConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.models.core.base import Base


class ContentPart(Base):
    """One text. The database itself refuses one that is not what its digest says."""

    __tablename__ = "content_part"
    __table_args__ = (
        CheckConstraint("digest = sha256(convert_to(body, 'UTF8'))", name="digest_of_the_body"),
    )

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    body: Mapped[str]


class ContentBundle(Base):
    """Everything that one clinic runs on: for each part, by its name, the digest of its text in hexadecimal.

    `digest` is the SHA-256 over all of it.
    """

    __tablename__ = "content_bundle"

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    parts: Mapped[dict[str, Any]]


def keep(session: Session, *, digest: bytes, parts: Mapping[str, bytes], texts: Mapping[bytes, str]) -> None:
    """Keep a bundle; what is there already is left as it is. `texts` are the bodies by their digests."""
    wanted = set(parts.values())
    known = set(session.scalars(select(ContentPart.digest).where(ContentPart.digest.in_(wanted))))
    for missing in sorted(wanted - known):
        added = insert(ContentPart).values(digest=missing, body=texts[missing])
        session.execute(added.on_conflict_do_nothing())
    listed = {name: part.hex() for name, part in parts.items()}
    session.execute(insert(ContentBundle).values(digest=digest, parts=listed).on_conflict_do_nothing())


def list_parts(session: Session, digest: bytes) -> Mapping[str, bytes] | None:
    """The digests of a bundle's texts by name; None where there is no such bundle."""
    bundle = session.get(ContentBundle, digest)
    return None if bundle is None else {name: bytes.fromhex(part) for name, part in bundle.parts.items()}


def read_texts(session: Session, digests: Collection[bytes]) -> Mapping[bytes, str]:
    """These texts by their digests."""
    if not digests:
        return {}
    rows = session.execute(
        select(ContentPart.digest, ContentPart.body).where(ContentPart.digest.in_(digests))
    )
    return {row[0]: row[1] for row in rows}
