"""Handing over, notes, texts, opening again and undoing, over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse

CLOSING = {"outcome": "other", "comment": "Fine."}


def test_a_flag_goes_through_many_hands(
    client: DocumentedClient, clinic: Clinic, flag: UUID, work: Callable[..., Any], now: datetime
) -> None:
    anna, ben = clinic.nurse, clinic.add_nurse(now=now)
    assert work(anna, flag, "texts", template="seen").json["type"].endswith("illegal-move")
    assert work(anna, flag, "claim").json["held_by"] == str(anna.id)
    assert work(anna, flag, "hand-over", to=str(ben.id)).json["held_by"] == str(ben.id)
    refused = work(anna, flag, "texts", template="seen")
    assert (refused.status_code, refused.json["holder"]) == (409, f"Nurse {ben.email}")
    assert work(anna, flag, "notes", note="She rang.").status_code == 200
    assert work(ben, flag, "texts", template="tried_to_call").status_code == 200
    assert work(ben, flag, "resolve", text="seen", **CLOSING).json["state"] == "resolved"
    assert work(anna, flag, "undo").json["type"].endswith("nothing-to-undo")
    assert work(ben, flag, "undo").json["state"] == "claimed"
    assert work(ben, flag, "reopen").json["state"] == "claimed"
    assert work(ben, flag, "resolve", **CLOSING).json["outcome"] == "other"
    opened = work(anna, flag, "reopen").json
    assert (opened["state"], opened["held_by"], opened["outcome"]) == ("open", None, None)


def test_nobody_is_handed_what_is_not_theirs_to_hold(
    clinic: Clinic, other_clinic: Clinic, flag: UUID, work: Callable[..., Any]
) -> None:
    stranger: Nurse = other_clinic.nurse
    answer = work(clinic.nurse, flag, "hand-over", to=str(stranger.id))
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/to"]
