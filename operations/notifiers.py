"""The ways to tell somebody outside: webhook, mail and heartbeat call, each with a timeout."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from config.settings import LOCAL_HOSTS, Settings
from operations.operator_alerts import AlertAddresses, Notification
from operations.rules import operator_alerts
from recovery.models.operations.alerts import AlertChannel

TIMEOUT = (3.0, 10.0)
"""Seconds to connect, and to answer."""


class NotificationFailed(Exception):
    """It did not arrive. `code` is a short word: the failure's own text would name addresses and secrets."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Notifiers:
    """What the settings name; nothing is sent where nothing is named."""

    heartbeat: str | None
    webhook: str | None
    smtp: str | None
    mail_from: str | None
    mails: tuple[str, ...]
    installation: str

    @classmethod
    def from_settings(cls, settings: Settings) -> Notifiers:
        """The settings' ways out."""
        secrets = (settings.heartbeat_url, settings.alert_webhook, settings.smtp_url)
        heartbeat, webhook, smtp = (
            None if secret is None else secret.get_secret_value() for secret in secrets
        )
        return cls(
            heartbeat=heartbeat,
            webhook=webhook,
            smtp=smtp,
            mail_from=settings.mail_from,
            mails=settings.alert_addresses,
            installation=settings.public_url.rstrip("/"),
        )

    @property
    def addresses(self) -> AlertAddresses:
        """Who is told about the installation."""
        return AlertAddresses(
            webhook=self.webhook is not None, emails=self.mails, mail_configured=self.smtp is not None
        )

    def notify(self, notice: Notification) -> None:
        """Send one notification. Raises NotificationFailed."""
        if notice.channel is AlertChannel.MAIL:
            self._mail(notice)
        else:
            self._post(notice)

    def call_heartbeat(self) -> None:
        """Call the heartbeat address, which alerts when calls stop. Raises NotificationFailed."""
        if self.heartbeat is not None:
            _call("GET", self.heartbeat)

    def _post(self, notice: Notification) -> None:
        if self.webhook is None:
            raise NotificationFailed("no_webhook")
        body = {
            "id": str(notice.alert_id),
            "alert": notice.trouble.value,
            "state": notice.news.value,
            "since": notice.since.isoformat(timespec="seconds"),
            "ref": notice.subject or None,
            "text": operator_alerts.render_alert(notice.trouble, notice.news, subject=notice.subject),
            "installation": self.installation,
        }
        _call("POST", self.webhook, json=body)

    @property
    def can_mail(self) -> bool:
        """Whether there is a server to hand mails to."""
        return self.smtp is not None and self.mail_from is not None

    def _mail(self, notice: Notification) -> None:
        words = operator_alerts.render_alert(notice.trouble, notice.news, subject=notice.subject)
        since = notice.since.strftime("%Y-%m-%d %H:%M UTC")
        self.mail(
            to=notice.recipient,
            subject=operator_alerts.render_subject(notice.trouble, notice.news),
            text=f"{words}\n\nSince {since}.\n{self.installation}/console\n",
        )

    def mail(self, *, to: str, subject: str, text: str) -> None:
        """Hand one mail to the server. Raises NotificationFailed."""
        if self.smtp is None or self.mail_from is None:
            raise NotificationFailed("no_mail_server")
        message = EmailMessage()
        try:
            # An address with a line break in it is refused here already.
            message["From"], message["To"] = self.mail_from, to
            message["Subject"] = subject
            message["Auto-Submitted"] = "auto-generated"
            message.set_content(text)
            _hand_to_server(self.smtp, message)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotificationFailed(type(error).__name__) from None


def _call(method: str, url: str, **body: Any) -> None:
    try:
        with requests.Session() as session:
            # Proxies and passwords are not picked up from the process environment.
            session.trust_env = False
            answer = session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **body)
    except (requests.RequestException, ValueError) as error:
        raise NotificationFailed(type(error).__name__) from None
    if not 200 <= answer.status_code < 300:
        raise NotificationFailed(f"http_{answer.status_code}")


def _hand_to_server(url: str, message: EmailMessage) -> None:
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "smtps"
    port = parts.port or (465 if tls else 587)
    with contextlib.ExitStack() as stack:
        server: smtplib.SMTP
        if tls:
            secure = ssl.create_default_context()
            server = stack.enter_context(smtplib.SMTP_SSL(host, port, timeout=TIMEOUT[1], context=secure))
        else:
            server = stack.enter_context(smtplib.SMTP(host, port, timeout=TIMEOUT[1]))
            if host not in LOCAL_HOSTS:
                server.starttls(context=ssl.create_default_context())
        if parts.username and parts.password:
            server.login(unquote(parts.username), unquote(parts.password))
        server.send_message(message)
