"""Everything the product knows about Twilio: submitting, looking up, its receipts, inbound texts, error codes
and signatures.

Creating a message is not idempotent at Twilio (its page on error 20500), so every answer is sorted by
one question: is it certain that the text was not taken? Only then may it be sent again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import requests
import urllib3.exceptions
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from recovery.sms import gateway_interface, twilio_http

CONNECT_TIMEOUT = 3.0
READ_TIMEOUT = 10.0
"""Seconds. The wait before a doubt may be settled by listing has to be longer than both together."""

SIGNATURE_HEADER = "X-Twilio-Signature"

_PAGE_SIZE = 500
_MAX_PAGES = 10
_CLOCK_ALLOWANCE = timedelta(seconds=60)
_MAX_VALIDITY = 36_000
_RECEIPT_RETRIES = "#rc=3&rp=all"
"""Connection overrides: three more tries on any failure. A fragment is not part of the signed address."""

_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}", re.ASCII)
_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}", re.ASCII)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)

_OPTED_OUT = 21610
_UNREACHABLE = frozenset({21211, 21614, 30003, 30004, 30005, 30006})
"""No such number, no mobile one, switched off for long, blocked, unknown, or a landline."""
_NOT_FOUND = 20404
_NEVER_PROCESSED = frozenset({20429, 20503})
"""Too many requests, and unavailable: Twilio's pages promise that nothing was done."""
_BUSY = frozenset({14107, 21611, 30001, 30500, 63017, 63038})
"""Rate limits and full queues, where they come with a 4xx: the same text may be sent again."""
_ACCOUNT_FAULT = frozenset(
    {20003, 20005, 20006, 20404, 21603, 21606, 21659, 21701, 21703, 21704, 21705, 30034}
)
"""Our account, key, sender or registration: true of every text, so none may be burnt as refused."""
_INTERNAL = 20500
"""Twilio's own page: may have been sent."""

_LONGEST_SENDER = 64

_TRIAL_PREFIX = "Sent from your Twilio trial account - "
"""Trial accounts put this before every body; a listing shows it."""

_STATUSES = {status.value: status for status in gateway_interface.CarrierStatus} | {
    "read": gateway_interface.CarrierStatus.DELIVERED,
    "partially_delivered": gateway_interface.CarrierStatus.SENT,
}


class TwilioGateway:
    """Hands texts to Twilio and looks them up there, as `Gateway` and `RecordLookup`.

    Sends with the API key where one is given, else with the auth token. `sender` is a number or a
    messaging service: exactly one of `from_number` and `messaging_service_sid`. `receipts_url` is the
    public address receipts come to, without the reference. `api_base` (scheme, host and port) points
    the client at a stand-in. Timeouts in seconds; the read timeout counts from byte to byte.
    Several threads may share one gateway.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        receipts_url: str,
        auth_token: str | None = None,
        api_key_sid: str | None = None,
        api_key_secret: str | None = None,
        from_number: str | None = None,
        messaging_service_sid: str | None = None,
        api_base: str | None = None,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
    ) -> None:
        if not _ACCOUNT_SID.fullmatch(account_sid):
            raise ValueError("account_sid is AC and 32 hexadecimal digits")
        self._sender = _sender(from_number=from_number, messaging_service_sid=messaging_service_sid)
        username, password = _credentials(account_sid, auth_token, api_key_sid, api_key_secret)
        self._receipts_url = receipts_url.rstrip("/")
        self._messages = f"/2010-04-01/Accounts/{account_sid}/Messages"
        self._transport = twilio_http.Transport(
            api_base=api_base, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        # Region and edge would otherwise be read from the process environment.
        self._client = Client(
            username,
            password,
            account_sid,
            http_client=self._transport,
            environment={"TWILIO_REGION": "", "TWILIO_EDGE": ""},
        )

    def submit(self, outgoing: gateway_interface.OutgoingText) -> gateway_interface.Answer:
        """Hand over one text, once; see `Gateway`."""
        if not _E164.fullmatch(outgoing.to):
            return gateway_interface.Rejected(code="invalid_number")
        if not _encodable(outgoing.body):
            return gateway_interface.Rejected(code="unencodable")
        try:
            reply = self._request("POST", f"{self._messages}.json", data=self._form(outgoing))
        except requests.RequestException as failure:
            code = twilio_http.code_of(failure)
            if twilio_http.never_sent(failure):
                return gateway_interface.NotAccepted(code=code)
            return gateway_interface.Unconfirmed(code=code)
        except urllib3.exceptions.HTTPError:
            return gateway_interface.Unconfirmed(code="network")
        return _answer(reply)

    def find(
        self, outgoing: gateway_interface.OutgoingText, since: datetime
    ) -> tuple[gateway_interface.CarrierRecord, ...]:
        """Records of exactly this body to this number; see `RecordLookup`.

        Filters by number only: Twilio's date filter goes by the sending time, which a queued message
        may lack. Reads at most 5,000 records and raises LookupFailed where there are more.
        """
        earliest = since - _CLOCK_ALLOWANCE
        records = [
            sighting
            for record in self._records(outgoing.to)
            if record.get("body") in (outgoing.body, _TRIAL_PREFIX + outgoing.body)
            and (sighting := _sighting(record)).created_at >= earliest
        ]
        return tuple(sorted(records, key=lambda sighting: sighting.created_at))

    def fetch(self, carrier_id: str) -> gateway_interface.CarrierRecord | None:
        """The record of one text; an id of another shape was never Twilio's. See `RecordLookup`."""
        if not _MESSAGE_SID.fullmatch(carrier_id):
            return None
        reply = self._look_up(f"{self._messages}/{carrier_id}.json")
        if reply.status == 404 and _error_code(reply) == _NOT_FOUND:
            return None
        return _sighting(_readable(reply))

    def check_credentials(self) -> None:
        """One cheap question that needs our credentials and changes nothing. Raises LookupFailed."""
        _readable(self._look_up(f"{self._messages}.json", {"PageSize": "1"}))

    def close(self) -> None:
        """Close kept connections."""
        self._transport.close()

    def _form(self, outgoing: gateway_interface.OutgoingText) -> dict[str, str]:
        # Smart encoding would swap characters: a listing could then no longer be matched by body.
        form = {
            "To": outgoing.to,
            "Body": outgoing.body,
            "SmartEncoded": "false",
            "StatusCallback": f"{self._receipts_url}/{outgoing.reference}{_RECEIPT_RETRIES}",
        }
        if outgoing.valid_for is not None:
            seconds = int(outgoing.valid_for.total_seconds())
            form["ValidityPeriod"] = str(min(max(seconds, 1), _MAX_VALIDITY))
        return form | self._sender

    def _records(self, to: str) -> Iterable[Mapping[str, Any]]:
        path: str | None = f"{self._messages}.json"
        params: dict[str, str] | None = {"To": to, "PageSize": str(_PAGE_SIZE)}
        for _ in range(_MAX_PAGES):
            page = _readable(self._look_up(str(path), params))
            records, path, params = page.get("messages"), page.get("next_page_uri"), None
            if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
                raise gateway_interface.LookupFailed("unreadable")
            yield from records
            if path is None:
                return
            if not isinstance(path, str) or not path.startswith(f"{self._messages}.json?"):
                raise gateway_interface.LookupFailed("unreadable")
        raise gateway_interface.LookupFailed("too_many_records")

    def _look_up(self, path: str, params: dict[str, str] | None = None) -> twilio_http.HttpReply:
        try:
            return self._request("GET", path, params=params)
        except requests.RequestException as failure:
            # Not chained: the failure's own words hold the address asked for, and so the number.
            raise gateway_interface.LookupFailed(twilio_http.code_of(failure)) from None
        except urllib3.exceptions.HTTPError:
            raise gateway_interface.LookupFailed("network") from None

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        data: dict[str, str] | None = None,
    ) -> twilio_http.HttpReply:
        response = self._client.request(method, twilio_http.PUBLIC_API + path, params=params, data=data)
        return twilio_http.HttpReply(
            status=response.status_code, text=response.text, headers=response.headers or {}
        )


def read_receipt(reference: str, form: Mapping[str, str]) -> gateway_interface.Receipt | None:
    """What a status callback says, None where it is not a readable one.

    `reference` is the last part of the address the callback came to. The caller has checked the
    signature; parameters this function does not know are passed over, as Twilio adds some over time.
    """
    carrier_id, status = form.get("MessageSid"), _STATUSES.get(str(form.get("MessageStatus")))
    if not _REFERENCE.fullmatch(reference) or status is None:
        return None
    if not isinstance(carrier_id, str) or not _MESSAGE_SID.fullmatch(carrier_id):
        return None
    code = _code_text(form.get("ErrorCode"))
    return gateway_interface.Receipt(
        reference=reference,
        carrier_id=carrier_id,
        status=status,
        error_code=code,
        unreachable=code is not None and int(code) in _UNREACHABLE,
        opted_out=code == str(_OPTED_OUT),
    )


def read_inbound(form: Mapping[str, str]) -> gateway_interface.InboundMessage | None:
    """What an inbound text says, None where it is not a readable one. The caller has checked the signature.

    Characters that no database keeps are replaced, nothing is cut off.
    """
    carrier_id, sender, pictures = form.get("MessageSid"), form.get("From"), form.get("NumMedia", "")
    if not isinstance(carrier_id, str) or not _MESSAGE_SID.fullmatch(carrier_id):
        return None
    if not isinstance(sender, str) or not sender.strip():
        return None
    taken_as = str(form.get("OptOutType", "")).strip().lower()
    return gateway_interface.InboundMessage(
        carrier_id=carrier_id,
        sender=_storable(_without_channel(sender.strip()))[:_LONGEST_SENDER],
        body=_storable(form.get("Body", "")),
        pictures=int(pictures) if pictures.isascii() and pictures.isdigit() and len(pictures) < 3 else 0,
        keyword=gateway_interface.CarrierKeyword(taken_as)
        if taken_as in list(gateway_interface.CarrierKeyword)
        else None,
    )


def _without_channel(sender: str) -> str:
    """`whatsapp:+1...` and `rcs:+1...` are that number; a sender that is none stays as it came."""
    number = sender.partition(":")[2].strip()
    return number if _E164.fullmatch(number) else sender


def is_genuine(auth_token: str, *, url: str, form: Mapping[str, Any], signature: str | None) -> bool:
    """Whether Twilio signed this request with `auth_token`; never raises.

    `url` is the public address Twilio was told, with its query and without the fragment, not what
    arrived behind a proxy. `form` maps names to strings, or is a MultiDict. A name given twice, a
    value that is no string or a name Twilio would not use is refused: the signature joins names and
    values without separators, so such requests can be recut from a genuine one. The set of names is
    left open, because Twilio adds parameters without notice; what matters is checked by its reader.
    The scheme has no time in it, so a replay is genuine: receivers have to bear repetition.
    """
    if not isinstance(signature, str) or not signature or not auth_token:
        return False
    parameters = _single_values(form)
    if parameters is None:
        return False
    try:
        return bool(RequestValidator(auth_token).validate(url, parameters, signature))
    except (ValueError, TypeError, AttributeError):
        return False


def _single_values(form: object) -> dict[str, str] | None:
    if not isinstance(form, Mapping):
        return None
    parameters: dict[str, str] = {}
    for name in form:
        values = form.getlist(name) if hasattr(form, "getlist") else [form[name]]
        if len(values) != 1 or not isinstance(name, str) or not isinstance(values[0], str):
            return None
        if not _PARAMETER.fullmatch(name):
            return None
        parameters[name] = values[0]
    return parameters


def _sender(*, from_number: str | None, messaging_service_sid: str | None) -> dict[str, str]:
    if bool(from_number) == bool(messaging_service_sid):
        raise ValueError("exactly one of from_number and messaging_service_sid is needed")
    if from_number:
        return {"From": from_number}
    return {"MessagingServiceSid": str(messaging_service_sid)}


def _credentials(
    account_sid: str, auth_token: str | None, api_key_sid: str | None, api_key_secret: str | None
) -> tuple[str, str]:
    if bool(api_key_sid) != bool(api_key_secret):
        raise ValueError("api_key_sid and api_key_secret belong together")
    if api_key_sid and api_key_secret:
        return api_key_sid, api_key_secret
    if not auth_token:
        raise ValueError("an API key or the auth token is needed")
    return account_sid, auth_token


def _storable(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def _encodable(body: str) -> bool:
    try:
        body.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _answer(reply: twilio_http.HttpReply) -> gateway_interface.Answer:
    if 200 <= reply.status < 300:
        sid = (reply.json() or {}).get("sid")
        if isinstance(sid, str) and _MESSAGE_SID.fullmatch(sid):
            return gateway_interface.Accepted(carrier_id=sid)
        return gateway_interface.Unconfirmed(code="unreadable")
    code = str((number := _error_code(reply)) or f"http_{reply.status}")
    later = gateway_interface.NotAccepted(
        code=code, retry_after=twilio_http.retry_after(reply), account_rejected=_refuses_us(reply)
    )
    if reply.status == 429 or number in _NEVER_PROCESSED:
        return later
    if not 400 <= reply.status < 500 or reply.status == 408 or number == _INTERNAL:
        return gateway_interface.Unconfirmed(code=code)
    # Without a code of Twilio's the answer came from something in between, and no account fault
    # may use up a text: both are certainly not taken, and pass.
    if number is None or reply.status == 401 or number in _ACCOUNT_FAULT | _BUSY:
        return later
    return gateway_interface.Rejected(code=code, opted_out=number == _OPTED_OUT)


def _refuses_us(reply: twilio_http.HttpReply) -> bool:
    return reply.status == 401 or _error_code(reply) in _ACCOUNT_FAULT


def _error_code(reply: twilio_http.HttpReply) -> int | None:
    number = (reply.json() or {}).get("code")
    if isinstance(number, int) and not isinstance(number, bool) and 10_000 <= number <= 99_999:
        return number
    return None


def _readable(reply: twilio_http.HttpReply) -> Mapping[str, Any]:
    if not 200 <= reply.status < 300:
        code = _error_code(reply) or f"http_{reply.status}"
        raise gateway_interface.LookupFailed(str(code), refuses_us=_refuses_us(reply))
    fields = reply.json()
    if fields is None:
        raise gateway_interface.LookupFailed("unreadable")
    return fields


def _sighting(record: Mapping[str, Any]) -> gateway_interface.CarrierRecord:
    sid, to, body = record.get("sid"), record.get("to"), record.get("body")
    created_at = twilio_http.http_date(str(record.get("date_created")))
    status = _STATUSES.get(str(record.get("status")))
    if not (isinstance(sid, str) and _MESSAGE_SID.fullmatch(sid)) or created_at is None or status is None:
        raise gateway_interface.LookupFailed("unreadable")
    if not isinstance(to, str) or not isinstance(body, str):
        raise gateway_interface.LookupFailed("unreadable")
    return gateway_interface.CarrierRecord(
        carrier_id=sid,
        to=to,
        body=body.removeprefix(_TRIAL_PREFIX),
        created_at=created_at,
        status=status,
        error_code=_code_text(record.get("error_code")),
    )


def _code_text(value: object) -> str | None:
    """Twilio's error number as text; absent, empty, zero or no number is None."""
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return text if re.fullmatch(r"[1-9][0-9]{3,5}", text, re.ASCII) else None
