"""One text as the fake Twilio keeps it and as Twilio's API shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit


def reference_in(callback: str | None) -> str | None:
    """The last part of a callback's address."""
    return urlsplit(callback).path.rpartition("/")[2] if callback else None


@dataclass
class CarrierMessage:
    """One text the carrier took. `created_at` by the fake's clock; `events` are the statuses reached."""

    sid: str
    to: str
    body: str
    sender: str
    callback: str | None
    validity: int | None
    created_at: datetime
    visible_at: float
    status: str = "queued"
    error_code: int | None = None
    events: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str | None:
        """The last part of the callback's address."""
        return reference_in(self.callback)

    def as_line(self) -> dict[str, Any]:
        """The line of the ledger's file."""
        return {
            "sid": self.sid,
            "to": self.to,
            "body": self.body,
            "callback": self.callback,
            "time": self.created_at.isoformat(),
        }

    def as_twilio(self, account_sid: str) -> dict[str, Any]:
        """The resource as Twilio's API shows it."""
        created = self.created_at.strftime("%a, %d %b %Y %H:%M:%S +0000")
        uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{self.sid}"
        service = self.sender if self.sender.startswith("MG") else None
        return {
            "account_sid": account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": created,
            "date_sent": None if self.status == "queued" else created,
            "date_updated": created,
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": None if service else self.sender,
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }
