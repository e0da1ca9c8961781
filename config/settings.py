"""All that the environment decides (`Settings`), typed, and refused by name when half-right."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from postgres_launcher.folders import default_data_dir

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
PROJECT = Path(__file__).resolve().parent.parent
"""Characters a link in a text may have, its 22-character token included."""


SHORTEST_QUIET = 23
"""Seconds: the carrier's connect (3) and read (10) timeouts and 10 more; before that its records prove
nothing about a text in doubt."""


_ONE_MAIL = r"[^@\s,]+@[^@\s,]+"
_MAIL_ADDRESS = rf"^{_ONE_MAIL}$"
_MAIL_ADDRESSES = rf"^{_ONE_MAIL}(\s*,\s*{_ONE_MAIL})*$"


WEB_THREADS = 4
"""Threads of a web process, each with one connection to the database."""


class SettingsError(ValueError):
    """Settings that cannot be used; the message names each and never shows a value."""


class SmsGateway(StrEnum):
    """Who carries the texts."""

    CONSOLE = "console"
    TWILIO = "twilio"


class Settings(BaseSettings):
    """The environment (and `.env`), as in config/example.env. Empty values count as unset."""

    model_config = SettingsConfigDict(
        env_file=PROJECT / ".env", extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    database_url: str | None = None
    database_api_url: str | None = None
    database_worker_url: str | None = None
    data_dir: Path | None = None
    photo_store: str | None = Field(default=None, pattern=r"^(file:///|s3://[a-z0-9])\S+$")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: str = ""
    link_url: str | None = None
    trusted_hops: int = Field(default=0, ge=0, le=10)
    web_workers: int = Field(default=2, ge=1, le=64)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    sms_gateway: SmsGateway = SmsGateway.CONSOLE
    sms_console_file: Path | None = None
    sms_rate: float | None = Field(default=None, gt=0, le=1000)
    sms_quiet_seconds: float = Field(default=600, ge=SHORTEST_QUIET, le=86_400)
    sms_sweep_seconds: float = Field(default=900, ge=1, le=86_400)
    twilio_account_sid: str | None = Field(default=None, pattern="^AC[0-9a-f]{32}$")
    twilio_auth_token: SecretStr | None = None
    twilio_api_key_sid: str | None = Field(default=None, pattern="^SK[0-9a-f]{32}$")
    twilio_api_key_secret: SecretStr | None = None
    twilio_from: str | None = Field(default=None, pattern=r"^\+[1-9][0-9]{6,14}$|^[0-9]{3,8}$")
    twilio_messaging_service_sid: str | None = Field(default=None, pattern="^MG[0-9a-f]{32}$")
    twilio_api_base: str | None = None

    segment_price: str | None = Field(default=None, pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})? [A-Z]{3}$")

    heartbeat_url: SecretStr | None = None
    alert_webhook: SecretStr | None = None
    smtp_url: SecretStr | None = None
    mail_from: str | None = Field(default=None, pattern=_MAIL_ADDRESS)
    alert_email: str | None = Field(default=None, pattern=_MAIL_ADDRESSES)
    metrics_token: SecretStr | None = Field(default=None, min_length=16)

    @property
    def embedded(self) -> bool:
        """Whether the product brings its own PostgreSQL."""
        return self.database_url is None

    @property
    def links_at(self) -> str:
        """Where links in texts point to, without a slash at the end."""
        return (self.link_url or self.public_url).rstrip("/")

    @property
    def photos_at(self) -> str:
        """The address of the store of photos: a folder of this machine where nothing else is said."""
        folder = self.data_dir or default_data_dir(PROJECT, os.environ)
        return self.photo_store or (PROJECT / folder / "photos").as_uri()

    @property
    def alert_addresses(self) -> tuple[str, ...]:
        """Who hears by mail of what is wrong with the installation."""
        return tuple(address.strip() for address in (self.alert_email or "").split(",") if address.strip())

    @property
    def alerts_leave(self) -> bool:
        """Whether there is a way to tell somebody outside the console: mail or a webhook."""
        return self.smtp_url is not None or self.alert_webhook is not None

    @model_validator(mode="after")
    def _alerts_can_leave(self) -> Self:
        for name, url in (("HEARTBEAT_URL", self.heartbeat_url), ("ALERT_WEBHOOK", self.alert_webhook)):
            if url is not None and not _is_safe(url.get_secret_value(), whole=True):
                raise ValueError(f"{name} is an https:// address (http:// only for this machine)")
        if self.smtp_url is not None and not _is_mail_server(self.smtp_url.get_secret_value()):
            raise ValueError("SMTP_URL is smtps://user:password@host:465, or smtp://... with STARTTLS")
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("SMTP_URL needs MAIL_FROM, the address that mails come from")
        if self.alert_email is not None and self.smtp_url is None:
            raise ValueError("ALERT_EMAIL needs SMTP_URL")
        return self

    @model_validator(mode="after")
    def _three_databases_or_none(self) -> Self:
        given = [self.database_url, self.database_api_url, self.database_worker_url]
        if any(given) and not all(given):
            raise ValueError("DATABASE_URL, DATABASE_API_URL and DATABASE_WORKER_URL belong together")
        if any(url and not url.startswith("postgresql+psycopg://") for url in given):
            raise ValueError("database URLs begin with postgresql+psycopg://")
        if len({url for url in given if url}) not in (0, 3):
            raise ValueError("the three database URLs name three different roles")
        return self

    @model_validator(mode="after")
    def _links_are_safe(self) -> Self:
        self.public_url = self.public_url or f"http://localhost:{self.port}"
        for name, url in (("PUBLIC_URL", self.public_url), ("LINK_URL", self.link_url or self.public_url)):
            if not _is_safe(url):
                raise ValueError(f"{name} is https:// and a host (http:// only for this machine)")
        return self

    @model_validator(mode="after")
    def _carrier_is_whole(self) -> Self:
        if self.sms_gateway is not SmsGateway.TWILIO:
            return self
        if not (self.twilio_account_sid and self.twilio_auth_token):
            raise ValueError(
                "SMS_GATEWAY=twilio needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (it signs receipts)"
            )
        if bool(self.twilio_api_key_sid) != bool(self.twilio_api_key_secret):
            raise ValueError("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together")
        if bool(self.twilio_from) == bool(self.twilio_messaging_service_sid):
            raise ValueError("SMS_GATEWAY=twilio needs one of TWILIO_FROM, TWILIO_MESSAGING_SERVICE_SID")
        return self


def _is_mail_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme in ("smtp", "smtps") and bool(host) and not parts.path.strip("/") and not parts.query


def _is_safe(url: str, *, whole: bool = False) -> bool:
    """Whether what is sent there is read by nobody in between: encrypted, or never leaving this machine.

    `whole`: an address to call, with its query and credentials, not one that others are appended to.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or (not whole and ("@" in parts.netloc or parts.query or parts.fragment)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)


def load() -> Settings:
    """The settings of this process. Raises SettingsError naming every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in problem["loc"]).upper()
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {message}" if name else message)
        raise SettingsError("\n".join(lines)) from None
