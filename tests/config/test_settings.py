from __future__ import annotations

from pathlib import Path

import pytest

from config import settings
from config.settings import Settings, SettingsError, SmsGateway

OWNER, API, WORKER = (
    f"postgresql+psycopg://{role}:hunter2@db/afterglow" for role in ("owner", "api", "worker")
)
DATABASES = {"DATABASE_URL": OWNER, "DATABASE_API_URL": API, "DATABASE_WORKER_URL": WORKER}
TWILIO = {
    "SMS_GATEWAY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "hunter2-token",
    "TWILIO_FROM": "+12025550100",
}


def without(given: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in names}


def load(monkeypatch: pytest.MonkeyPatch, **given: str) -> Settings:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return settings.load()


def test_nothing_set_is_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load(monkeypatch)
    assert loaded.embedded
    assert (loaded.host, loaded.port, loaded.sms_gateway) == ("127.0.0.1", 8000, SmsGateway.CONSOLE)
    assert loaded.links_at == loaded.public_url == "http://localhost:8000"


def test_this_machine_is_reached_at_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, PORT="8123").links_at == "http://localhost:8123"


def test_what_is_whole_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    links = {"PUBLIC_URL": "https://care.example/", "LINK_URL": "https://c.example/"}
    loaded = load(monkeypatch, **DATABASES, **TWILIO, **links)
    assert not loaded.embedded
    assert loaded.links_at == "https://c.example"
    assert "hunter2" not in str(loaded.twilio_auth_token)


def test_ways_to_tell_somebody_are_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {
        "HEARTBEAT_URL": "https://watch.example/ping?key=hunter2",
        "ALERT_WEBHOOK": "http://127.0.0.1:9/x",
    }
    mail = {"SMTP_URL": "smtps://u:hunter2@mail.example:465", "MAIL_FROM": "afterglow@c.example"}
    loaded = load(monkeypatch, **told, **mail, ALERT_EMAIL="a@c.example, b@c.example")
    assert loaded.alert_addresses == ("a@c.example", "b@c.example")
    assert loaded.heartbeat_url is not None
    assert loaded.heartbeat_url.get_secret_value() == told["HEARTBEAT_URL"]
    assert "hunter2" not in repr(loaded)


def test_an_empty_value_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, DATABASE_URL="", TWILIO_FROM="", LINK_URL="").embedded


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (without(DATABASES, "DATABASE_URL"), ["DATABASE_URL"]),
        (without(DATABASES, "DATABASE_API_URL"), ["DATABASE_API_URL"]),
        (without(DATABASES, "DATABASE_API_URL", "DATABASE_WORKER_URL"), ["DATABASE_WORKER_URL"]),
        (DATABASES | {"DATABASE_URL": "postgres://owner:hunter2@db/x"}, ["database URLs"]),
        (DATABASES | {"DATABASE_API_URL": OWNER}, ["three different roles"]),
        ({"HEARTBEAT_URL": "http://hunter2.example/ping"}, ["HEARTBEAT_URL"]),
        ({"ALERT_WEBHOOK": "hunter2"}, ["ALERT_WEBHOOK"]),
        ({"SMTP_URL": "mail.hunter2.example", "MAIL_FROM": "a@c.example"}, ["SMTP_URL"]),
        ({"SMTP_URL": "smtps://u:hunter2@mail.example"}, ["MAIL_FROM"]),
        ({"ALERT_EMAIL": "ops@c.example"}, ["SMTP_URL"]),
        ({"ALERT_EMAIL": "hunter2"}, ["ALERT_EMAIL"]),
        ({"METRICS_TOKEN": "hunter2"}, ["METRICS_TOKEN"]),
        ({"PORT": "0"}, ["PORT"]),
        ({"PORT": "hunter2"}, ["PORT"]),
        ({"WEB_WORKERS": "0"}, ["WEB_WORKERS"]),
        ({"TRUSTED_HOPS": "-1"}, ["TRUSTED_HOPS"]),
        ({"LOG_LEVEL": "hunter2"}, ["LOG_LEVEL"]),
        ({"SMS_RATE": "0"}, ["SMS_RATE"]),
        ({"SMS_GATEWAY": "pigeon-hunter2"}, ["SMS_GATEWAY"]),
        ({"PUBLIC_URL": "http://care.example"}, ["PUBLIC_URL"]),
        ({"PUBLIC_URL": "http://localhost.hunter2.example"}, ["PUBLIC_URL"]),
        ({"PUBLIC_URL": "http://127.0.0.1.hunter2.example"}, ["PUBLIC_URL"]),
        ({"PUBLIC_URL": "http://localhost@hunter2.example"}, ["PUBLIC_URL"]),
        ({"PUBLIC_URL": "https://"}, ["PUBLIC_URL"]),
        ({"LINK_URL": "http://c.example"}, ["LINK_URL"]),
        ({"SMS_GATEWAY": "twilio"}, ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]),
        (without(TWILIO, "TWILIO_AUTH_TOKEN"), ["TWILIO_AUTH_TOKEN"]),
        (without(TWILIO, "TWILIO_FROM"), ["TWILIO_FROM", "TWILIO_MESSAGING_SERVICE_SID"]),
        (TWILIO | {"TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32}, ["TWILIO_FROM"]),
        (TWILIO | {"TWILIO_API_KEY_SID": "SK" + "0" * 32}, ["TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"]),
        (TWILIO | {"TWILIO_ACCOUNT_SID": "hunter2"}, ["TWILIO_ACCOUNT_SID"]),
        (TWILIO | {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32 + "\n"}, ["TWILIO_ACCOUNT_SID"]),
        (TWILIO | {"TWILIO_FROM": "555 hunter2"}, ["TWILIO_FROM"]),
        (
            {"PORT": "hunter2", "TRUSTED_HOPS": "hunter2", "SMS_RATE": "hunter2"},
            ["PORT", "TRUSTED_HOPS", "SMS_RATE"],
        ),
    ],
    ids=lambda value: " ".join(value),
)
def test_what_is_half_right_is_refused_by_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], named: list[str]
) -> None:
    with pytest.raises(SettingsError) as refused:
        load(monkeypatch, **given)
    told = str(refused.value)
    assert [name for name in named if name not in told] == []
    assert "hunter2" not in told
    assert "hunter2" not in repr(refused.value)
    assert refused.value.__cause__ is None


def test_every_setting_is_in_the_example() -> None:
    example = (Path(settings.PROJECT) / "config" / "example.env").read_text("utf-8")
    listed = {line.lstrip("# ").split("=")[0].strip() for line in example.splitlines() if "=" in line}
    assert {name.upper() for name in Settings.model_fields} - listed == set()
