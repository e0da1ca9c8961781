"""What one patient was asked, answered and told by text, counted from the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging import patient_texts
from recovery.models.messaging.messages import REACHED_NOBODY
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_text

HOUR = timedelta(hours=1)


def test_answers_in_one_wording_are_counted_by_when_the_patient_wrote(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    for written in (now - HOUR, now, now + HOUR, None):
        add_text(
            session, treatment.clinic_id, due_at=now, treatment=treatment, template="help",
            replies_to_at=written,
        )  # fmt: skip
    add_text(session, treatment.clinic_id, due_at=now, treatment=treatment, replies_to_at=now)
    for templates, expected in ((["help"], 2), (["help", "seen"], 3), ([], 0)):
        count = patient_texts.count_answers(
            session,
            clinic_id=treatment.clinic_id,
            patient_id=treatment.patient_id,
            templates=templates,
            since=now - HOUR,
        )
        assert count == expected, templates


@pytest.mark.parametrize("state", [*REACHED_NOBODY, MessageState.DELIVERED, MessageState.IN_DOUBT])
def test_only_what_may_have_arrived_was_told(
    session: Session, treatment: Treatment, now: datetime, state: MessageState
) -> None:
    add_text(
        session, treatment.clinic_id, due_at=now, treatment=treatment, template="got_text",
        claimed_at=now, state=state,
    )  # fmt: skip

    def told(since: datetime, *templates: str) -> bool:
        return patient_texts.was_told(
            session,
            clinic_id=treatment.clinic_id,
            patient_id=treatment.patient_id,
            templates=templates,
            since=since,
        )

    assert told(now, "help", "got_text") is (state not in REACHED_NOBODY)
    assert not told(now, "help")
    assert not told(now + HOUR, "got_text")
