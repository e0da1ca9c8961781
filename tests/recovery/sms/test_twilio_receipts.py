from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from recovery.sms import gateway_interface, twilio_gateway

TOKEN = "the account's auth token"
URL = "https://clinic.example/webhooks/twilio/receipts/" + "x" * 22
SID = "SM" + "0a" * 16
FORM = {
    "AccountSid": "AC" + "0" * 32,
    "From": "+15005550006",
    "MessageSid": SID,
    "MessageStatus": "delivered",
    "SmsSid": SID,
    "SmsStatus": "delivered",
    "To": "+15005550123",
}


def signed(url: str = URL, form: dict[str, str] = FORM, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, form))


def test_a_request_twilio_signed_is_genuine() -> None:
    assert twilio_gateway.is_genuine(TOKEN, url=URL, form=FORM, signature=signed())
    assert twilio_gateway.is_genuine(TOKEN, url=URL, form=MultiDict(FORM), signature=signed())
    assert twilio_gateway.is_genuine(TOKEN, url=URL, form=ImmutableMultiDict(FORM), signature=signed())


def test_the_known_example_of_twilio_s_documentation_holds() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert twilio_gateway.is_genuine("12345", url=url, form=form, signature="RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert not twilio_gateway.is_genuine(
        "12345", url=url.replace("bar=2", "bar=3"), form=form, signature="RSOYDt4T1cUTdK1PDd93/VVr8B8="
    )


def test_parameters_twilio_adds_later_do_not_break_a_receipt() -> None:
    form = FORM | {"RawDlrDoneDate": "2610251430", "Body": "", "Something_New": "é"}
    assert twilio_gateway.is_genuine(TOKEN, url=URL, form=form, signature=signed(form=form))
    assert twilio_gateway.read_receipt("x" * 22, form) is not None


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (URL, FORM, None),
        (URL, FORM, ""),
        (URL, FORM, "AAAA"),
        (URL, FORM, "ünïcödé"),
        (URL, FORM, signed() + "="),
        (URL, FORM, signed(token="another token")),
        (URL, FORM, signed(url=URL.replace("https", "http"))),
        (URL.replace("https", "http"), FORM, signed()),
        (URL + "/", FORM, signed()),
        (URL + "?a=1", FORM, signed()),
        (URL[:-1] + "y", FORM, signed()),
        (URL, FORM | {"MessageStatus": "failed"}, signed()),
        (URL, FORM | {"ErrorCode": "30003"}, signed()),
        (URL, {name: value for name, value in FORM.items() if name != "To"}, signed()),
        (URL, {}, signed()),
        ("https://clinic.example:port/x", FORM, signed()),
        ("https://[broken", FORM, signed()),
        ("", FORM, signed()),
        (None, FORM, signed()),
        (7, FORM, signed()),
        (URL, None, signed()),
        (URL, "MessageSid=SM", signed()),
        (URL, [("MessageSid", SID)], signed()),
        (URL, FORM | {"MessageStatus": 7}, signed()),
        (URL, FORM | {"MessageStatus": ["delivered"]}, signed()),
        (URL, FORM | {"MessageStatus": None}, signed()),
        (URL, {7: "delivered"}, signed()),
        (URL, FORM | {"Body": "\ud83d"}, signed()),
        (URL, FORM, 7),
        (URL, FORM, signed().encode()),
    ],
)
def test_forgeries_and_nonsense_are_refused_and_never_raise(url: Any, form: Any, signature: Any) -> None:
    assert twilio_gateway.is_genuine(TOKEN, url=url, form=form, signature=signature) is False


def test_an_empty_token_vouches_for_nothing() -> None:
    assert not twilio_gateway.is_genuine("", url=URL, form=FORM, signature=signed(token=""))


def test_a_repeated_parameter_is_refused_though_the_library_would_take_it() -> None:
    doubled = MultiDict([*FORM.items(), ("MessageStatus", "delivered")])
    assert RequestValidator(TOKEN).validate(URL, doubled, signed())
    assert not twilio_gateway.is_genuine(TOKEN, url=URL, form=doubled, signature=signed())


def test_a_recut_request_is_refused_or_says_nothing() -> None:
    # Names and values are signed without separators: the same signature fits another cut.
    recut = {name: value for name, value in FORM.items() if name not in ("MessageSid", "MessageStatus")}
    recut["MessageSid" + SID + "MessageStatus"] = "delivered"
    assert RequestValidator(TOKEN).validate(URL, recut, signed())
    assert twilio_gateway.read_receipt("x" * 22, recut) is None
    into_value = {name: value for name, value in FORM.items() if name != "MessageStatus"}
    into_value["MessageSid"] = SID + "MessageStatusdelivered"
    assert RequestValidator(TOKEN).validate(URL, into_value, signed())
    assert twilio_gateway.read_receipt("x" * 22, into_value) is None


def test_a_port_in_the_address_is_tolerated_as_twilio_does() -> None:
    with_port = URL.replace("clinic.example", "clinic.example:443")
    assert twilio_gateway.is_genuine(TOKEN, url=URL, form=FORM, signature=signed(url=with_port))
    assert twilio_gateway.is_genuine(TOKEN, url=with_port, form=FORM, signature=signed())


@given(st.text(max_size=40), st.dictionaries(st.text(max_size=8), st.text(max_size=8)), st.text(max_size=40))
def test_no_made_up_request_is_genuine(url: str, form: dict[str, str], signature: str) -> None:
    assert twilio_gateway.is_genuine(TOKEN, url=url, form=form, signature=signature) is False


def test_read_receipt() -> None:
    assert twilio_gateway.read_receipt("x" * 22, FORM) == gateway_interface.Receipt(
        reference="x" * 22, carrier_id=SID, status=gateway_interface.CarrierStatus.DELIVERED, error_code=None
    )
    failed = FORM | {"MessageStatus": "undelivered", "ErrorCode": "30003"}
    receipt = twilio_gateway.read_receipt("x" * 22, MultiDict(failed))
    assert receipt is not None
    assert (receipt.status, receipt.error_code) == (gateway_interface.CarrierStatus.UNDELIVERED, "30003")


@pytest.mark.parametrize(
    ("status", "read"),
    [
        ("accepted", gateway_interface.CarrierStatus.ACCEPTED),
        ("scheduled", gateway_interface.CarrierStatus.SCHEDULED),
        ("queued", gateway_interface.CarrierStatus.QUEUED),
        ("sending", gateway_interface.CarrierStatus.SENDING),
        ("sent", gateway_interface.CarrierStatus.SENT),
        ("failed", gateway_interface.CarrierStatus.FAILED),
        ("canceled", gateway_interface.CarrierStatus.CANCELED),
        ("read", gateway_interface.CarrierStatus.DELIVERED),
        ("partially_delivered", gateway_interface.CarrierStatus.SENT),
    ],
)
def test_statuses(status: str, read: gateway_interface.CarrierStatus) -> None:
    receipt = twilio_gateway.read_receipt("x" * 22, FORM | {"MessageStatus": status})
    assert receipt is not None
    assert receipt.status is read


@pytest.mark.parametrize(
    "changed",
    [
        {"MessageSid": ""},
        {"MessageSid": "SM1"},
        {"MessageSid": SID + "\n"},
        {"MessageSid": None},
        {"MessageStatus": "received"},
        {"MessageStatus": "Delivered"},
        {"MessageStatus": ""},
        {"MessageStatus": None},
        {"MessageStatus": ["sent"]},
    ],
)
def test_an_unreadable_receipt_is_none(changed: dict[str, Any]) -> None:
    assert twilio_gateway.read_receipt("x" * 22, FORM | changed) is None
    missing = {name: value for name, value in FORM.items() if name not in changed}
    assert twilio_gateway.read_receipt("x" * 22, missing) is None


@pytest.mark.parametrize("reference", ["", "short", "x" * 22 + "\n", "x" * 21 + "/", "é" * 22, "x" * 200])
def test_a_reference_of_another_shape_was_never_ours(reference: str) -> None:
    assert twilio_gateway.read_receipt(reference, FORM) is None


@pytest.mark.parametrize("code", ["", "0", "abc", "30003; x", "-1", "99999999"])
def test_an_error_code_is_digits_or_nothing(code: str) -> None:
    receipt = twilio_gateway.read_receipt("x" * 22, FORM | {"ErrorCode": code})
    assert receipt is not None
    assert receipt.error_code is None
