"""What the fake Twilio shows its test and is told by it, beside Twilio's own addresses.

`GET /control/ledger` lists what was taken, `/control/statuses` where each text stands by sid,
`/control/asked` the references of all requests that came, `/control/faults` how often which fault was
played, `/control/receipts` how often receipts got which answer, `/control/kills` which senders were
killed. `PUT /control/plan` exchanges the plan, `PUT /control/kill` arms a kill.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.support.carrier.twilio_faults import Plan
from tests.support.carrier.twilio_kills import KillPoint
from tests.support.carrier.twilio_message import reference_in

if TYPE_CHECKING:
    from tests.support.carrier.fake_twilio import FakeTwilio


def shown(twilio: FakeTwilio, path: str) -> object:
    """What stands under a control address; an empty object under an unknown one."""
    match path:
        case "/control/ledger":
            return [message.as_line() for message in list(twilio.ledger)]
        case "/control/statuses":
            return {message.sid: message.status for message in list(twilio.ledger)}
        case "/control/asked":
            return [reference_in(form.get("StatusCallback")) for _, form in list(twilio.requests)]
        case "/control/faults":
            return dict(twilio.faults)
        case "/control/receipts":
            return Counter(str(delivery.answer) for delivery in list(twilio.callbacks.delivered))
        case "/control/kills":
            return [dataclasses.asdict(kill) for kill in list(twilio.kills.done)]
    return {}


def put(twilio: FakeTwilio, path: str, fields: dict[str, Any]) -> object:
    """Take a new plan, or a kill: `{"key": "SK...", "pid": 1, "point": "taken"}`; a null point disarms."""
    if path == "/control/kill":
        point = None if fields["point"] is None else KillPoint(fields["point"])
        twilio.kills.arm(key=fields["key"], pid=fields["pid"], point=point)
    else:
        twilio.plan = Plan.from_json(fields)
    return {}
