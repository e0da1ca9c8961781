from __future__ import annotations

import dataclasses

import pytest

from recovery.sms import gateway_interface
from recovery.sms.gateway_interface import CarrierStatus

TEXT = gateway_interface.OutgoingText(reference="x" * 22, to="+15005550123", body="Afterglow: Day 1.")


def test_statuses_stand_in_the_order_in_which_a_text_moves() -> None:
    order = list(CarrierStatus)
    moving = [CarrierStatus.ACCEPTED, CarrierStatus.QUEUED, CarrierStatus.SENDING, CarrierStatus.SENT]
    places = [order.index(status) for status in moving]
    assert places == sorted(places)
    ends = (
        CarrierStatus.DELIVERED,
        CarrierStatus.UNDELIVERED,
        CarrierStatus.FAILED,
        CarrierStatus.CANCELED,
    )
    assert min(order.index(status) for status in ends) > max(places)


@pytest.mark.parametrize(
    "answer",
    [
        gateway_interface.Rejected(code="21211"),
        gateway_interface.NotAccepted(code="20429"),
        gateway_interface.Unconfirmed(code="timeout"),
    ],
)
def test_what_was_not_accepted_says_nothing_of_the_patient_or_of_us_unless_told(
    answer: gateway_interface.Rejected | gateway_interface.NotAccepted | gateway_interface.Unconfirmed,
) -> None:
    assert not getattr(answer, "opted_out", False)
    assert not getattr(answer, "refuses_us", False)
    assert getattr(answer, "after", None) is None


def test_answers_of_different_kinds_are_never_equal() -> None:
    same_code = {
        gateway_interface.Rejected(code="1"),
        gateway_interface.NotAccepted(code="1"),
        gateway_interface.Unconfirmed(code="1"),
        gateway_interface.Accepted(carrier_id="1"),
    }
    assert len(same_code) == 4


@pytest.mark.parametrize("refuses_us", [True, False])
def test_a_failed_look_up_names_its_reason_and_whose_fault_it_is(refuses_us: bool) -> None:
    failure = gateway_interface.LookupFailed("20003", refuses_us=refuses_us)
    assert (failure.code, failure.refuses_us) == ("20003", refuses_us)
    assert str(failure) == "the carrier's records could not be read: 20003"


def test_a_failed_look_up_is_nobodys_fault_unless_told() -> None:
    assert not gateway_interface.LookupFailed("timeout").refuses_us


def test_a_text_that_is_ready_to_leave_is_not_changed_any_more() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TEXT.body = "Something else"  # type: ignore[misc]
