"""What leaves by webhook, mail and heartbeat, and what a failure says of itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from config.settings import Settings
from operations.notifiers import NotificationFailed, Notifiers
from operations.operator_alerts import AlertAddresses, Notification
from recovery.models.operations.alerts import AlertChannel, IncidentChange, IncidentKind
from tests.support.machine.alert_receivers import MailServer, Outside
from tests.support.machine.ports import free_port

NOTICE = Notification(
    id=UUID(int=1),
    alert_id=UUID(int=2),
    trouble=IncidentKind.TEXTS_LATE,
    news=IncidentChange.RAISED,
    channel=AlertChannel.WEBHOOK,
    recipient="",
    subject="",
    since=datetime(2026, 11, 23, 12, 0, 0, 987, tzinfo=UTC),
)
MAIL = dataclasses.replace(
    NOTICE,
    channel=AlertChannel.MAIL,
    recipient="ops@c.example",
    trouble=IncidentKind.FLAG_UNSEEN,
    subject="ab12cd",
)
NOWHERE = Notifiers(heartbeat=None, webhook=None, smtp=None, mail_from=None, mails=(), installation="")


def test_the_settings_name_the_ways_out(settings: Settings) -> None:
    given = {
        "public_url": "https://c.example/",
        "heartbeat_url": "https://beat.example/x",
        "alert_webhook": "https://hook.example/y",
        "smtp_url": "smtps://user:secret@mail.example:465",
        "mail_from": "afterglow@c.example",
        "alert_email": "ops@c.example, night@c.example",
    }
    notifiers = Notifiers.from_settings(Settings(_env_file=None, **given))  # type: ignore[call-arg, arg-type]
    assert notifiers == Notifiers(
        heartbeat="https://beat.example/x",
        webhook="https://hook.example/y",
        smtp="smtps://user:secret@mail.example:465",
        mail_from="afterglow@c.example",
        mails=("ops@c.example", "night@c.example"),
        installation="https://c.example",
    )
    assert notifiers.addresses == AlertAddresses(
        webhook=True, emails=("ops@c.example", "night@c.example"), mail_configured=True
    )
    assert Notifiers.from_settings(settings).addresses == AlertAddresses(
        webhook=False, emails=(), mail_configured=False
    )


def test_a_webhook_gets_what_a_machine_can_read(outlets: Notifiers, outside: Outside) -> None:
    outlets.notify(NOTICE)
    outlets.notify(dataclasses.replace(NOTICE, subject="ab12cd"))
    (method, path, body), (_, _, about_a_flag) = outside.calls
    assert (method, path) == ("POST", "/alerts")
    assert body.pop("text").startswith("Texts leave more than five minutes late.")
    assert body == {
        "id": str(UUID(int=2)),
        "alert": "texts_late",
        "state": "raised",
        "since": "2026-11-23T12:00:00+00:00",
        "ref": None,
        "installation": "https://c.example",
    }
    assert about_a_flag["ref"] == "ab12cd"
    assert about_a_flag["text"].endswith("Ref ab12cd")


def test_a_mail_says_what_since_when_and_where_to_look(with_mail: Notifiers, mail_server: MailServer) -> None:
    with_mail.notify(MAIL)
    (mail,) = mail_server.mails
    assert (mail["From"], mail["To"]) == ("afterglow@c.example", "ops@c.example")
    assert mail["Subject"] == "Afterglow: flag unseen"
    assert mail["Auto-Submitted"] == "auto-generated"
    words = mail.get_content()
    assert "Ref ab12cd" in words
    assert "Since 2026-11-23 12:00 UTC." in words
    assert "https://c.example/console" in words


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_no_success_is_a_failure_and_nobody_is_followed(
    outlets: Notifiers, outside: Outside, status: int
) -> None:
    outside.script.append(status)
    with pytest.raises(NotificationFailed) as failed:
        outlets.notify(NOTICE)
    assert failed.value.code == f"http_{status}"
    assert len(outside.calls) == 1


def test_a_failure_names_neither_the_address_nor_its_secret(with_mail: Notifiers) -> None:
    port = free_port()
    gone = dataclasses.replace(
        with_mail,
        heartbeat=f"http://127.0.0.1:{port}/secret",
        webhook=f"http://127.0.0.1:{port}/secret",
        smtp=f"smtp://127.0.0.1:{port}",
    )
    calls: list[Callable[[], None]] = [
        lambda: gone.notify(NOTICE),
        lambda: gone.notify(MAIL),
        gone.call_heartbeat,
    ]
    for call in calls:
        with pytest.raises(NotificationFailed) as failed:
            call()
        assert failed.value.code in {"ConnectionError", "ConnectionRefusedError"}
        assert str(failed.value) == failed.value.code
        assert failed.value.__suppress_context__


def test_an_address_with_a_line_break_is_a_failure_like_any_other(
    with_mail: Notifiers, mail_server: MailServer
) -> None:
    with pytest.raises(NotificationFailed) as failed:
        with_mail.notify(dataclasses.replace(MAIL, recipient="ops@c.example\nBcc: x@c.example"))
    assert failed.value.code == "ValueError"
    assert mail_server.mails == []


def test_what_was_not_named_is_not_used() -> None:
    for notice, code in ((NOTICE, "no_webhook"), (MAIL, "no_mail_server")):
        with pytest.raises(NotificationFailed) as failed:
            NOWHERE.notify(notice)
        assert failed.value.code == code
    NOWHERE.call_heartbeat()


def test_a_mail_needs_a_server_and_a_sender(with_mail: Notifiers) -> None:
    assert with_mail.can_mail
    for without in (
        dataclasses.replace(with_mail, smtp=None),
        dataclasses.replace(with_mail, mail_from=None),
    ):
        assert not without.can_mail
        with pytest.raises(NotificationFailed, match="no_mail_server"):
            without.notify(MAIL)


def test_all_is_well_is_one_call(outlets: Notifiers, outside: Outside) -> None:
    outlets.call_heartbeat()
    assert outside.calls == [("GET", "/alive", None)]
    outside.script.append(503)
    with pytest.raises(NotificationFailed, match="http_503"):
        outlets.call_heartbeat()


def test_a_proxy_of_the_environment_is_not_used(
    outlets: Notifiers, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    outlets.notify(NOTICE)
    assert outside.told == [("texts_late", "raised")]
