"""Which carrier the settings name, built, with its rate, its records, its account and how long lookups
wait."""

from __future__ import annotations

import sys
from datetime import timedelta

from config.settings import Settings, SmsGateway
from recovery.sms.console_gateway import ConsoleGateway
from recovery.sms.gateway_interface import Gateway, RecordLookup
from recovery.sms.twilio_gateway import TwilioGateway
from worker.context import LookupDelays

CONSOLE_RATE = 100.0
LONG_CODE_RATE = 1.0
"""Texts a second: a terminal takes what comes; an ordinary US number carries one segment a second."""


def build_gateway(settings: Settings) -> Gateway:
    """The gateway; the settings were checked to be whole."""
    if settings.sms_gateway is SmsGateway.CONSOLE:
        return ConsoleGateway(sys.stdout, settings.sms_console_file)
    return _twilio(settings)


def credential_gateway(settings: Settings) -> TwilioGateway | None:
    """The carrier whose credentials can be tried; None where texts only go to the terminal."""
    return None if settings.sms_gateway is SmsGateway.CONSOLE else _twilio(settings)


def _twilio(settings: Settings) -> TwilioGateway:
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        raise ValueError("the carrier's account is missing")
    secret = settings.twilio_api_key_secret
    return TwilioGateway(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        api_key_sid=settings.twilio_api_key_sid,
        api_key_secret=None if secret is None else secret.get_secret_value(),
        from_number=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        receipts_url=f"{settings.public_url.rstrip('/')}/webhooks/twilio/receipts",
        api_base=settings.twilio_api_base,
    )


def rate_of(settings: Settings) -> float:
    """Texts a second this process may submit."""
    if settings.sms_rate is not None:
        return settings.sms_rate
    return CONSOLE_RATE if settings.sms_gateway is SmsGateway.CONSOLE else LONG_CODE_RATE


def record_lookup_of(gateway: Gateway) -> RecordLookup | None:
    """The carrier's records, where it keeps any that can be asked."""
    return gateway if isinstance(gateway, ConsoleGateway | TwilioGateway) else None


def account_of(settings: Settings) -> str:
    """What the circuit of this carrier is kept under."""
    return settings.twilio_account_sid or settings.sms_gateway.value


def lookup_delays_of(settings: Settings) -> LookupDelays:
    """How long doubts and silence are left alone."""
    quiet = timedelta(seconds=settings.sms_quiet_seconds)
    return LookupDelays(
        before_first_lookup=quiet,
        before_second_lookup=quiet / 10,
        before_receipt_recovery=timedelta(seconds=settings.sms_sweep_seconds),
    )
