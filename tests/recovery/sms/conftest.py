from __future__ import annotations

from collections.abc import Iterator

import pytest

from recovery.sms import twilio_gateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio


@pytest.fixture
def carrier() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def gateway(carrier: FakeTwilio) -> Iterator[twilio_gateway.TwilioGateway]:
    gateway = twilio_gateway.TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        from_number="+15005550006",
        receipts_url="https://clinic.example/webhooks/twilio/receipts",
        api_base=carrier.url,
        connect_timeout=1.0,
        read_timeout=0.3,
    )
    yield gateway
    gateway.close()
