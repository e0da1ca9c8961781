from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from recovery.sms import gateway_interface, twilio_gateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.carrier.twilio_faults import CarrierFault, Plan

TEXT = gateway_interface.OutgoingText(reference="x" * 22, to="+15005550123", body="Afterglow: Day 1. é €")
TAKEN_AT = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def form(to: str = TEXT.to, body: str = TEXT.body) -> dict[str, str]:
    return {"To": to, "Body": body, "From": "+15005550006"}


def gateway_to(carrier: FakeTwilio) -> twilio_gateway.TwilioGateway:
    return twilio_gateway.TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        from_number="+15005550006",
        receipts_url="https://clinic.example/r",
        api_base=carrier.url,
    )


def test_a_doubt_is_settled_by_number_and_exact_body(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway
) -> None:
    carrier.plan = Plan(slow_seconds=0.6)
    carrier.script.append(CarrierFault.SLOW)
    for other in (form(to="+15005550124"), form(body=TEXT.body + " "), form(body="Afterglow: Day 2.")):
        carrier.take(other)
    assert isinstance(gateway.submit(TEXT), gateway_interface.Unconfirmed)
    [sighting] = gateway.find(TEXT, datetime.now(UTC))
    message = carrier.texts_to(TEXT.to)[-1]
    assert (sighting.carrier_id, sighting.to, sighting.body) == (message.sid, TEXT.to, TEXT.body)
    assert sighting.created_at == message.created_at


def test_what_was_not_taken_is_not_found(carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway) -> None:
    carrier.script.append(CarrierFault.ERROR_NOT_DONE)
    assert isinstance(gateway.submit(TEXT), gateway_interface.Unconfirmed)
    assert gateway.find(TEXT, datetime(2020, 1, 1, tzinfo=UTC)) == ()


def test_older_texts_of_the_same_words_are_left_out_with_a_minute_for_the_clocks() -> None:
    with FakeTwilio(now=lambda: TAKEN_AT) as carrier:
        gateway = gateway_to(carrier)
        carrier.take(form())
        assert len(gateway.find(TEXT, TAKEN_AT + timedelta(seconds=60))) == 1
        assert gateway.find(TEXT, TAKEN_AT + timedelta(seconds=61)) == ()
        gateway.close()


def test_sightings_come_oldest_first() -> None:
    times = iter([TAKEN_AT, TAKEN_AT + timedelta(seconds=5), TAKEN_AT + timedelta(seconds=9)])
    with FakeTwilio(now=lambda: next(times)) as carrier:
        gateway = gateway_to(carrier)
        sids = [carrier.take(form()).sid for _ in range(3)]
        assert [sighting.carrier_id for sighting in gateway.find(TEXT, TAKEN_AT)] == sids
        gateway.close()


def test_a_trial_account_s_prefix_is_seen_through(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway
) -> None:
    carrier.take(form(body="Sent from your Twilio trial account - " + TEXT.body))
    [sighting] = gateway.find(TEXT, datetime(2020, 1, 1, tzinfo=UTC))
    assert sighting.body == TEXT.body


def test_a_lagging_listing_shows_a_text_later(
    carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway
) -> None:
    carrier.plan = Plan(list_lag=3600)
    gateway.submit(TEXT)
    assert gateway.find(TEXT, datetime(2020, 1, 1, tzinfo=UTC)) == ()


def test_pages_are_followed_and_bounded(carrier: FakeTwilio) -> None:
    carrier.plan = Plan(receipts_lost=1.0)
    gateway = gateway_to(carrier)
    first = carrier.take(form())
    for number in range(4999):
        carrier.take(form(body=f"other {number}"))
    [sighting] = gateway.find(TEXT, datetime(2020, 1, 1, tzinfo=UTC))
    assert sighting.carrier_id == first.sid
    assert len(carrier.requests) == 10
    carrier.take(form(body="one more"))
    with pytest.raises(gateway_interface.LookupFailed, match="too_many_records"):
        gateway.find(TEXT, datetime(2020, 1, 1, tzinfo=UTC))
    gateway.close()


def test_an_unreachable_carrier_is_no_proof_of_absence(carrier: FakeTwilio) -> None:
    gateway = twilio_gateway.TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token="wrong",
        from_number="+15005550006",
        receipts_url="https://clinic.example/r",
        api_base=carrier.url,
    )
    with pytest.raises(gateway_interface.LookupFailed, match="20003") as raised:
        gateway.find(TEXT, TAKEN_AT)
    assert TEXT.to not in str(raised.value)
    assert raised.value.refuses_us
    with pytest.raises(gateway_interface.LookupFailed):
        gateway.fetch("SM" + "0" * 32)
    with pytest.raises(gateway_interface.LookupFailed, match="20003"):
        gateway.check_credentials()
    gateway.close()


def test_a_failing_look_up_says_so(carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway) -> None:
    carrier.plan = Plan(lookup_errors=1.0)
    with pytest.raises(gateway_interface.LookupFailed, match="20500"):
        gateway.find(TEXT, TAKEN_AT)


def test_fetch(carrier: FakeTwilio, gateway: twilio_gateway.TwilioGateway) -> None:
    carrier.plan = Plan(undelivered=1.0, receipt_delay=0.01)
    answer = gateway.submit(dataclasses.replace(TEXT, to="+15005550777"))
    assert isinstance(answer, gateway_interface.Accepted)
    assert carrier.callbacks.wait_idle()
    sighting = gateway.fetch(answer.carrier_id)
    assert sighting is not None
    assert (sighting.status, sighting.error_code) == (gateway_interface.CarrierStatus.UNDELIVERED, "30003")
    assert gateway.fetch("SM" + "f" * 32) is None
    assert gateway.fetch("console-12") is None
