from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import marshmallow as ma
import pytest

from api.clinic.tasks import follow_up_schemas as schemas
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.tasks.tasks import Task, TaskKind

MOMENT = datetime(2026, 11, 23, 8, 12, tzinfo=UTC)


def test_without_a_kind_tasks_of_every_kind_are_asked_for() -> None:
    assert schemas.TaskQuery().load({})["kind"] is None
    for kind in TaskKind:
        assert schemas.TaskQuery().load({"kind": kind.value})["kind"] is kind
    for wrong in ("", "SILENCE", "boredom"):
        with pytest.raises(ma.ValidationError) as refused:
            schemas.TaskQuery().load({"kind": wrong})
        assert list(refused.value.messages_dict) == ["kind"]


def test_a_task_may_be_closed_without_a_word_and_with_no_more_than_4000_characters() -> None:
    body = schemas.TaskDoneIn()
    assert body.load({}) == body.load({"comment": None}) == {"comment": None}
    assert body.load({"comment": "  "}) == {"comment": ""}
    assert body.load({"comment": "Rang.\nNobody there."}) == {"comment": "Rang.\nNobody there."}
    assert len(body.load({"comment": "x" * 4000})["comment"]) == 4000
    for wrong in ({"comment": "x" * 4001}, {"comment": 7}, {"comment": "a\x00b"}, {"note": "Rang."}):
        with pytest.raises(ma.ValidationError):
            body.load(wrong)


def test_a_text_from_a_number_of_nobody_has_no_patient() -> None:
    text = InboundText(
        id=uuid4(),
        source=InboundSource.TEXT,
        meaning=TextMeaning.STOP,
        body="stop",
        pictures=0,
        phone="+12025550142",
        received_at=MOMENT.astimezone(timezone(timedelta(hours=-6))),
    )
    text.patient = None  # type: ignore[attr-defined]  # as the blueprint adds it
    shown = schemas.InboxEntry().dump(text)
    assert (shown["patient"], shown["phone"], shown["meaning"]) == (None, "+12025550142", "stop")
    assert datetime.fromisoformat(shown["received_at"]) == MOMENT


def test_every_column_of_a_task_that_is_shown_exists() -> None:
    columns = {column.key for column in Task.__table__.columns}
    assert set(schemas.TaskOut().fields) - columns == {"patient", "danger"}
    columns = {column.key for column in InboundText.__table__.columns}
    assert set(schemas.InboxEntry().fields) - columns == {"patient"}
