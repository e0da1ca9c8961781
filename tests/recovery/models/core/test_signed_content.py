"""What was signed is kept whole, once, and is what its digest says."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.core import signed_content
from recovery.models.core.signed_content import ContentPart

TEXTS = {hashlib.sha256(text.encode()).digest(): text for text in ("one", "two é", "")}
ONE, TWO, NONE = TEXTS
BUNDLE, OTHER = b"\7" * 32, b"\x08" * 32


def test_a_bundle_is_found_by_its_digest_and_shares_what_it_has_in_common(
    sessions: sessionmaker[Session],
) -> None:
    with sessions.begin() as session:
        for digest, parts in ((BUNDLE, {"a": ONE, "b": TWO}), (OTHER, {"a": ONE, "c": NONE})):
            for _ in range(2):
                signed_content.keep(session, digest=digest, parts=parts, texts=TEXTS)
    with sessions() as session:
        assert signed_content.list_parts(session, BUNDLE) == {"a": ONE, "b": TWO}
        assert signed_content.list_parts(session, OTHER) == {"a": ONE, "c": NONE}
        assert signed_content.list_parts(session, b"\1" * 32) is None
        assert session.scalar(select(func.count()).select_from(ContentPart)) == 3
        assert signed_content.read_texts(session, {ONE, TWO}) == {ONE: "one", TWO: "two é"}
        assert signed_content.read_texts(session, set()) == {}


def test_a_text_under_another_s_digest_is_refused_by_the_database(sessions: sessionmaker[Session]) -> None:
    with sessions() as session, pytest.raises(IntegrityError, match="digest_of_the_body"):
        signed_content.keep(session, digest=BUNDLE, parts={"a": ONE}, texts={ONE: "another"})
