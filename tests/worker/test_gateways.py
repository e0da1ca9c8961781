"""Which carrier the settings name, how fast it may be used, and under which name its circuit is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, SmsGateway
from recovery.sms.console_gateway import ConsoleGateway
from recovery.sms.gateway_interface import Accepted, Answer, OutgoingText
from recovery.sms.twilio_gateway import TwilioGateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.carrier.twilio_faults import Plan
from worker import gateways

TEXT = OutgoingText(reference="r" * 22, to="+12025550123", body="Clinic: hello")


def with_carrier(**changed: Any) -> Settings:
    given: dict[str, Any] = {
        "sms_gateway": SmsGateway.TWILIO,
        "public_url": "https://c.example/",
        "twilio_account_sid": ACCOUNT_SID,
        "twilio_auth_token": AUTH_TOKEN,
        "twilio_from": "+15005550006",
    }
    return Settings(_env_file=None, **given | changed)  # type: ignore[call-arg]


class Deaf:
    """A carrier that keeps no records."""

    def submit(self, outgoing: OutgoingText) -> Answer:
        """Take one text."""
        return Accepted(carrier_id=outgoing.reference)

    def close(self) -> None:
        """Nothing is open."""


def test_texts_go_to_the_terminal_and_its_file_where_no_carrier_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "texts"
    gateway = gateways.build_gateway(settings.model_copy(update={"sms_console_file": file}))
    assert isinstance(gateway, ConsoleGateway)
    assert isinstance(gateway.submit(TEXT), Accepted)
    assert TEXT.body in file.read_text()
    assert gateways.credential_gateway(settings) is None


def test_the_carriers_receipts_come_to_our_own_address_with_one_slash() -> None:
    with FakeTwilio(plan=Plan(receipts_lost=1.0)) as carrier:
        gateway = gateways.build_gateway(with_carrier(twilio_api_base=carrier.url))
        assert isinstance(gateway, TwilioGateway)
        assert isinstance(gateway.submit(TEXT), Accepted)
        gateway.close()
        ((_, form),) = carrier.requests
        assert form["StatusCallback"].startswith("https://c.example/webhooks/twilio/receipts")
        assert isinstance(gateways.credential_gateway(with_carrier()), TwilioGateway)


@pytest.mark.parametrize("missing", ["twilio_account_sid", "twilio_auth_token"])
def test_a_carrier_without_an_account_is_no_carrier(missing: str) -> None:
    half = with_carrier().model_copy(update={missing: None})
    with pytest.raises(ValueError, match="account is missing"):
        gateways.build_gateway(half)


def test_the_rate_is_what_was_set_or_what_the_carrier_takes(settings: Settings) -> None:
    assert gateways.rate_of(settings) == gateways.CONSOLE_RATE
    assert gateways.rate_of(with_carrier()) == gateways.LONG_CODE_RATE
    assert gateways.rate_of(with_carrier(sms_rate=0.5)) == 0.5
    assert gateways.rate_of(settings.model_copy(update={"sms_rate": 7.0})) == 7


def test_only_a_carrier_that_keeps_records_is_asked_for_them(settings: Settings) -> None:
    for kept in (gateways.build_gateway(settings), gateways.build_gateway(with_carrier())):
        records: object = gateways.record_lookup_of(kept)
        assert records is kept
    assert gateways.record_lookup_of(Deaf()) is None


def test_a_circuit_is_kept_for_each_account(settings: Settings) -> None:
    assert gateways.account_of(with_carrier()) == ACCOUNT_SID
    assert gateways.account_of(settings) == "console"


def test_the_second_look_comes_after_a_tenth_of_the_quiet_time() -> None:
    delays = gateways.lookup_delays_of(with_carrier(sms_quiet_seconds=1200, sms_sweep_seconds=77))
    assert delays.before_first_lookup == timedelta(minutes=20)
    assert delays.before_second_lookup == timedelta(minutes=2)
    assert delays.before_receipt_recovery == timedelta(seconds=77)
