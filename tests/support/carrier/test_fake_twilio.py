"""The fake is trusted by other tests, so it is tested itself, with Twilio's own client and validator."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from recovery.sms import gateway_interface, twilio_gateway
from tests.support.carrier.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.support.carrier.twilio_faults import MEASURED, TAKEN, CarrierFault, Plan


class Receiver(ThreadingHTTPServer):
    """Takes callbacks and checks each as the product would; answers 500 to the first `failures`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ReceiverHandler)
        self.received: list[tuple[str, bool, dict[str, str]]] = []
        self.failures = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), True))
        url = f"https://{self.headers['Host']}{self.path}"
        genuine = twilio_gateway.is_genuine(
            AUTH_TOKEN, url=url, form=form, signature=self.headers[twilio_gateway.SIGNATURE_HEADER]
        )
        self.server.received.append((self.path, genuine, form))
        status = 500 if len(self.server.received) <= self.server.failures else 204
        self.send_response(status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def form(number: int = 0) -> dict[str, str]:
    reference = f"{number:022d}"
    callback = f"https://clinic.example/r/{reference}#rc=3&rp=all"
    return {"To": "+15005550123", "Body": f"b{number}", "From": "+15005550006", "StatusCallback": callback}


def statuses(receiver: Receiver, number: int = 0) -> list[str]:
    return [said["MessageStatus"] for path, _, said in receiver.received if path == f"/r/{number:022d}"]


def test_receipts_are_signed_for_the_public_address_and_come_in_order(receiver: Receiver) -> None:
    plan = Plan(receipt_delay=0.01)
    with FakeTwilio(plan=plan, callback_base=receiver.url) as fake:
        message = fake.take(form())
        assert fake.callbacks.wait_idle()
    assert [genuine for _, genuine, _ in receiver.received] == [True, True]
    assert sorted(statuses(receiver)) == ["delivered", "sent"]
    assert {said["MessageSid"] for _, _, said in receiver.received} == {message.sid}
    assert message.status == "delivered"


def test_receipts_shuffled_doubled_and_lost(receiver: Receiver) -> None:
    with FakeTwilio(plan=Plan(receipt_delay=0.1), callback_base=receiver.url) as fake:
        fake.plan = Plan(receipt_delay=0.1, receipts_shuffled=1.0)
        fake.take(form(1))
        fake.plan = Plan(receipt_delay=0.1, receipts_doubled=1.0)
        fake.take(form(2))
        fake.plan = Plan(receipt_delay=0.1, receipts_lost=1.0, undelivered=1.0)
        lost = fake.take(form(3))
        assert fake.callbacks.wait_idle()
    assert statuses(receiver, 1) == ["delivered", "sent"]
    assert statuses(receiver, 2) == ["sent", "delivered", "sent", "delivered"]
    assert statuses(receiver, 3) == []
    assert (lost.status, lost.error_code) == ("undelivered", 30003)


def test_a_failed_receipt_is_posted_again(receiver: Receiver) -> None:
    receiver.failures = 1
    with FakeTwilio(plan=Plan(receipt_delay=0.1), callback_base=receiver.url) as fake:
        fake.take(form())
        assert fake.callbacks.wait_idle()
        assert [one.answer for one in fake.callbacks.delivered] == [500, 204, 204]
    assert statuses(receiver) == ["sent", "sent", "delivered"]


def test_an_inbound_text_is_signed_and_a_forged_one_is_not_genuine(receiver: Receiver) -> None:
    with FakeTwilio(callback_base=receiver.url) as fake:
        url = "https://clinic.example/in"
        sid = "SM" + "f" * 32
        args = {"url": url, "sender": "+15005550123", "to": "+15005550006", "body": "3 2 0 é", "sid": sid}
        assert fake.callbacks.inbound(**args) == 204
        fake.callbacks.post(url, {"Body": "STOP"}, signature="forged")
    assert [genuine for _, genuine, _ in receiver.received] == [True, False]


def test_twilio_s_own_models_read_its_answers() -> None:
    class Local(TwilioHttpClient):  # type: ignore[misc]
        def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
            return super().request(method, url.replace("https://api.twilio.com", fake.url), *args, **kwargs)

    with FakeTwilio(plan=Plan(receipt_delay=60)) as fake:
        transport = Local()
        client = Client(ACCOUNT_SID, AUTH_TOKEN, http_client=transport)
        sent = [
            client.messages.create(to="+15005550123", from_="+15005550006", body=f"é{n}") for n in range(5)
        ]
        assert {message.status for message in sent} == {"queued"}
        assert sent[0].date_created == fake.ledger[0].created_at
        listed = client.messages.list(to="+15005550123", page_size=2)
        assert [message.sid for message in listed] == [message.sid for message in reversed(sent)]
        assert client.messages(sent[3].sid).fetch().body == "é3"
        transport.session.close()


def test_the_same_seed_gives_the_same_faults() -> None:
    def faults(seed: int) -> list[CarrierFault | None]:
        with FakeTwilio(plan=Plan(seed=seed, rates=MEASURED)) as fake:
            return [fake.next_fault()[0] for _ in range(1000)]

    assert faults(1) == faults(1)
    assert faults(1) != faults(2)
    drawn = faults(3)
    assert {fault for fault in drawn if fault} == set(MEASURED)
    assert 90 < sum(fault is not None for fault in drawn) < 170


def test_every_answer_of_a_mixed_run_agrees_with_the_ledger() -> None:
    plan = Plan(rates=dict.fromkeys(CarrierFault, 0.06), slow_seconds=0.15, receipts_lost=1.0)
    with FakeTwilio(plan=plan) as fake:
        gateway = twilio_gateway.TwilioGateway(
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            from_number="+15005550006",
            receipts_url="https://clinic.example/r",
            api_base=fake.url,
            read_timeout=0.1,
        )
        answers = {}
        for number in range(100):
            text = gateway_interface.OutgoingText(
                reference=f"{number:022d}", to="+15005550123", body=f"text {number}"
            )
            answers[text.reference] = gateway.submit(text)
        gateway.close()
        fake.stopped.wait(0.2)
    taken = {message.reference: message.sid for message in fake.ledger}
    assert len(taken) == len(fake.ledger)
    for reference, answer in answers.items():
        if isinstance(answer, gateway_interface.Accepted):
            assert taken[reference] == answer.carrier_id
        elif not isinstance(answer, gateway_interface.Unconfirmed):
            assert reference not in taken
    doubts = [
        reference
        for reference, answer in answers.items()
        if isinstance(answer, gateway_interface.Unconfirmed)
    ]
    assert 0 < sum(reference in taken for reference in doubts) < len(doubts)


def test_as_a_process_it_keeps_its_ledger_in_a_file_and_takes_a_new_plan(tmp_path: Path) -> None:
    file = tmp_path / "ledger.ndjson"
    command = [sys.executable, "-m", "tests.support.carrier.fake_twilio", "--ledger", str(file)]
    with subprocess.Popen([*command, "--plan", '{"seed": 4}'], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        gateway = twilio_gateway.TwilioGateway(
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            from_number="+15005550006",
            receipts_url="http://127.0.0.1:9/r",
            api_base=url,
        )
        text = gateway_interface.OutgoingText(reference="x" * 22, to="+15005550123", body="é")
        taken = gateway.submit(text)
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request(
            "PUT", "/control/plan", json.dumps({"rates": {"throttled": 1.0}, "retry_after": "9"})
        )
        connection.getresponse().read()
        refused = gateway.submit(text)
        connection.request("GET", "/control/ledger")
        shown = json.loads(connection.getresponse().read())
        connection.close()
        gateway.close()
        process.terminate()
    assert process.returncode == 0
    assert isinstance(taken, gateway_interface.Accepted)
    assert isinstance(refused, gateway_interface.NotAccepted)
    [line] = [json.loads(line) for line in file.read_text().splitlines()]
    assert shown == [line]
    assert (line["sid"], line["to"], line["body"]) == (taken.carrier_id, text.to, text.body)
    assert line["callback"] == "http://127.0.0.1:9/r/" + "x" * 22 + "#rc=3&rp=all"


def test_taken_names_every_fault_that_leaves_a_text_behind() -> None:
    assert set(CarrierFault) - TAKEN == {
        CarrierFault.THROTTLED,
        CarrierFault.UNAVAILABLE,
        CarrierFault.UNAUTHORIZED,
        CarrierFault.ERROR_NOT_DONE,
        CarrierFault.RESET_BEFORE,
    }
