"""Twilio's own OpenAPI file between our client and the stand-in refuses requests and answers that break it.

Prism is the referee; with `--errors` it answers 422 or 500 where either side breaks the file.
"""

from __future__ import annotations

import json
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from recovery.sms.gateway_interface import Accepted, CarrierStatus, LookupFailed, OutgoingText, Unconfirmed
from recovery.sms.twilio_gateway import TwilioGateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.carrier.twilio_faults import CarrierFault, Plan
from tests.support.machine.processes import eventually, free_port
from tests.tools import node_ready

PRISM = node_ready.MODULES / "@stoplight" / "prism-cli" / "dist" / "index.js"
SPECIFICATION = (
    node_ready.MODULES / "@twilio" / "cli-core" / "src" / "services" / "twilio-api" / "twilio_api_v2010.json"
)
READY_SECONDS = 60
QUIET = Plan(receipts_lost=1.0)
PATIENT = "+15005550123"


@pytest.fixture(scope="module")
def carrier() -> Iterator[FakeTwilio]:
    with FakeTwilio(plan=QUIET) as fake:
        yield fake


@pytest.fixture(scope="module")
def referee(carrier: FakeTwilio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Prism in front of the stand-in; its address."""
    folder = tmp_path_factory.mktemp("prism")
    port, said, rules = free_port(), folder / "prism.log", folder / "twilio.json"
    # The file wants whole addresses for pages and shows relative ones in its own examples, as Twilio sends.
    rules.write_text(SPECIFICATION.read_text().replace('"format": "uri"', '"format": "uri-reference"'))
    command: list[str | Path] = [node_ready.NODE, PRISM, "proxy", rules, carrier.url]
    options = ["--errors", "--host", "127.0.0.1", "--port", str(port), "--multiprocess", "false"]
    with said.open("wb") as out:
        prism = subprocess.Popen([*command, *options], stdout=out, stderr=subprocess.STDOUT)
    try:
        eventually(lambda: "listening" in _said(prism, said), what="prism", within=READY_SECONDS)
        yield f"http://127.0.0.1:{port}"
    finally:
        prism.kill()
        prism.wait(10)


def _said(prism: subprocess.Popen[bytes], file: Path) -> str:
    assert prism.poll() is None, file.read_text()
    return file.read_text()


@pytest.fixture
def calm(carrier: FakeTwilio) -> Iterator[FakeTwilio]:
    yield carrier
    carrier.plan = QUIET


def through(referee: str, *, messaging_service_sid: str | None = None) -> TwilioGateway:
    return TwilioGateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        receipts_url="https://clinic.example/webhooks/twilio/receipts",
        api_base=referee,
        from_number="+15005550006" if messaging_service_sid is None else None,
        messaging_service_sid=messaging_service_sid,
    )


def text(number: int, body: str) -> OutgoingText:
    return OutgoingText(
        reference=f"{number:022d}", to=PATIENT, body=body, valid_for=timedelta(hours=6, minutes=number)
    )


def test_sending_looking_up_and_following_keep_to_twilio_s_file(carrier: FakeTwilio, referee: str) -> None:
    gateway = through(referee)
    began = datetime.now(UTC)
    bodies = ["Day 1. How is it? 4x7", "Jour 1. Ça va ?", "¿Qué tal? 5 % + 2 & 3", "ж" * 70]
    answers = [gateway.submit(text(number, body)) for number, body in enumerate(bodies)]
    assert [type(answer) for answer in answers] == [Accepted] * len(bodies)
    assert [taken.body for taken in carrier.texts_to(PATIENT)] == bodies
    for number, (body, answer) in enumerate(zip(bodies, answers, strict=True)):
        assert isinstance(answer, Accepted)
        (seen,) = gateway.find(text(number, body), began)
        assert (seen.carrier_id, seen.to, seen.body) == (answer.carrier_id, PATIENT, body)
    assert carrier.callbacks.wait_idle()
    assert isinstance(answers[0], Accepted)
    followed = gateway.fetch(answers[0].carrier_id)
    assert followed is not None
    assert followed.status is CarrierStatus.DELIVERED
    gateway.close()


def test_a_messaging_service_sends_too(carrier: FakeTwilio, referee: str) -> None:
    gateway = through(referee, messaging_service_sid="MG" + "a" * 32)
    answer = gateway.submit(text(50, "By a service"))
    assert isinstance(answer, Accepted)
    (seen,) = gateway.find(text(50, "By a service"), datetime.now(UTC))
    assert seen.carrier_id == answer.carrier_id
    gateway.close()


def test_the_referee_refuses_an_answer_that_breaks_the_file(calm: FakeTwilio, referee: str) -> None:
    gateway = through(referee)
    calm.script.append(CarrierFault.GARBAGE)
    assert isinstance(gateway.submit(text(60, "Garbage")), Unconfirmed)
    answer = gateway.submit(text(61, "A record that breaks the file"))
    assert isinstance(answer, Accepted)
    calm.by_sid[answer.carrier_id].status = "lost in the post"
    with pytest.raises(LookupFailed):
        gateway.fetch(answer.carrier_id)
    gateway.close()


@pytest.mark.parametrize(
    ("form", "because"),
    [
        ({"Body": "to nobody", "From": "+15005550006"}, "To"),
        ({"To": PATIENT, "Body": "b", "MessagingServiceSid": "MG1"}, "MessagingServiceSid"),
        ({"To": PATIENT, "Body": "b", "From": "+15005550006", "ValidityPeriod": "soon"}, "ValidityPeriod"),
    ],
)
def test_the_referee_refuses_a_request_that_breaks_the_file(
    form: dict[str, str], because: str, carrier: FakeTwilio, referee: str
) -> None:
    before = len(carrier.ledger)
    address = f"{referee}/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    password = b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
    request = urllib.request.Request(
        address, data=urlencode(form).encode(), headers={"Authorization": f"Basic {password}"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    with refused.value as answer:
        assert answer.code == 422
        assert because in json.dumps(json.loads(answer.read()))
    assert len(carrier.ledger) == before
