from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import structlog

from config.logging import HIDDEN
from recovery.services.access import credentials

PHONES = (
    "+12025550188",
    "+1 (202) 555-0188",
    "202-555-0188",
    "+44 7700 900123",
    "2025550188",
    "+33.6.12.34.56.78",
)
BEARER = f"ag_{'0123456789abcdef' * 2}_{'Zq-_' * 10}abc"
TOKENS = (BEARER, "Abcdefghijkl-_12345678", "ABCDefgh_ijklMNOPqrst-", "-bcdEfghijklmnopqrstuv")
NAME, NOTE = "Canary Birdwell", "It hurts near the left eye"
TELLING = (
    "phone", "to", "from", "to_phone", "body", "access_token", "secret", "password", "Authorization",
    "cookie", "name", "first_name", "last_name", "email", "note", "comment", "scores", "warning_signs",
    "findings", "year_of_birth", "pin", "totp", "url", "database_url", "invitation", "link", "reference",
    "patient", "answer",
)  # fmt: skip


@pytest.fixture
def line(logged: Callable[[], str]) -> Callable[..., str]:
    """One log line as it is written."""

    def write(event: str, **values: object) -> str:
        structlog.get_logger("tests").info(event, **values)
        written = logged().splitlines()[-1]
        assert json.loads(written)["level"] == "info"
        return written

    return write


@pytest.mark.parametrize("key", TELLING)
def test_values_under_telling_names_are_hidden(line: Callable[..., str], key: str) -> None:
    for value in (NAME, NOTE, 7, [NOTE], {"x": NOTE}, NOTE.encode(), ValueError(NOTE)):
        written = line("something happened", **{key: value})
        assert json.loads(written)[key] == HIDDEN
    nested = line("something happened", request={"inner": [{key: NOTE}]})
    assert NOTE not in nested


@pytest.mark.parametrize("canary", [*PHONES, *TOKENS])
def test_numbers_and_tokens_are_hidden_wherever_they_stand(line: Callable[..., str], canary: str) -> None:
    for written in (
        line(f"call {canary} back"),
        line(f"{canary}"),
        line("GET", path=f"/{canary}"),
        line("GET", path=f"/x/{canary}/y?z={canary}"),
        line("GET", detail={"list": [f"x={canary}", (canary,), {canary}]}),
        line("GET", detail={canary: 1}),
        line("GET", detail=canary.encode()),
        line("GET", detail=ValueError(canary)),
        line(f"2026-11-23T08:12:00Z {canary}"),
        line(f"{uuid4()} {canary}"),
        line("GET", at=f"2026-11-23 08:12 {canary}"),
        line(f"\x000\x00 {canary}"),
    ):
        assert canary not in written


def test_fresh_tokens_are_hidden(line: Callable[..., str]) -> None:
    for _ in range(300):
        token, bearer = credentials.new_short_token(), credentials.new_bearer(UUID(int=7))
        written = line("GET", path=f"/{token}", detail=f"Bearer {bearer}")
        assert token not in written
        assert bearer not in written


def test_a_number_without_its_plus_is_hidden_too(line: Callable[..., str]) -> None:
    assert "12025550188" not in line("GET", detail=12025550188)
    assert "12025550188" not in line("GET", detail=[12025550188])


def test_what_helps_stays_readable(line: Callable[..., str]) -> None:
    flag, moment = uuid4(), "2026-11-23T08:12:00.123456+00:00"
    said = {
        "path": f"/api/v1/flags/{flag}", "status": 503, "error_class": "ReadOnlySqlTransaction", "at": moment,
        "seconds": 0.25, "done": None, "tick_name": "review", "ready": True, "flag": flag,
    }  # fmt: skip
    written = json.loads(line(f"flag {flag} at {moment}", **said))
    assert written["event"] == f"flag {flag} at {moment}"
    assert {name: written[name] for name in said} == said | {"flag": str(flag)}


@pytest.mark.parametrize("through", ["structlog", "logging"])
def test_an_exception_is_its_classes_and_places(logged: Callable[[], str], through: str) -> None:
    try:
        try:
            raise KeyError(NOTE)
        except KeyError as error:
            raise RuntimeError(f"{NAME} {PHONES[0]}") from error
    except RuntimeError:
        if through == "structlog":
            structlog.get_logger("tests").exception("it failed")
        else:
            logging.getLogger("tests").exception("it failed for %s", PHONES[0])
    written = logged()
    for canary in (NOTE, NAME, PHONES[0]):
        assert canary not in written
    told = json.loads(written)["exception"]
    assert told["classes"] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert Path(__file__).name in told["places"][-1]


def test_libraries_are_read_too(logged: Callable[[], str]) -> None:
    logging.getLogger("some.library").warning("POST /Messages %s %s", {"To": PHONES[0]}, TOKENS[0])
    for noisy in ("twilio.http_client", "apscheduler.executors", "urllib3.connectionpool"):
        logging.getLogger(noisy).info("every call")
    (written,) = logged().splitlines()
    assert PHONES[0] not in written
    assert TOKENS[0] not in written
