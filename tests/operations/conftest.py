from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from operations.notifiers import Notifiers
from tests.support.machine.alert_receivers import MailServer, Outside


@pytest.fixture
def outside() -> Iterator[Outside]:
    with Outside() as one:
        yield one


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as one:
        yield one


@pytest.fixture
def outlets(outside: Outside) -> Notifiers:
    """A heartbeat and a webhook."""
    return Notifiers(
        heartbeat=f"{outside.url}/alive",
        webhook=f"{outside.url}/alerts",
        smtp=None,
        mail_from=None,
        mails=(),
        installation="https://c.example",
    )


@pytest.fixture
def with_mail(outlets: Notifiers, mail_server: MailServer) -> Notifiers:
    """Mail as well."""
    return dataclasses.replace(
        outlets, smtp=mail_server.url, mail_from="afterglow@c.example", mails=("ops@c.example",)
    )
