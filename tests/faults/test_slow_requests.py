"""Phones that fall silent in the middle of a request take nobody else's turn."""

from __future__ import annotations

import socket
from datetime import datetime

import pytest

from api.server.gunicorn_worker import STALL_SECONDS
from tests.support.data.people import Clinic
from tests.support.machine.processes import Processes, eventually

pytestmark = pytest.mark.faults

SILENT = 40
HEAD = (
    "PUT /api/v1/me/treatments/{0}/reports/{0} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {1}\r\n"
    "Content-Type: application/json\r\n"
)


@pytest.mark.parametrize("rest", [None, "", 'Content-Length: 1000\r\n\r\n{"seen_at":'])
def test_who_falls_silent_is_let_go_and_others_are_answered(
    processes: Processes, clinic: Clinic, now: datetime, rest: str | None
) -> None:
    patient = clinic.add_patient(now=now)
    web = processes.web(workers=1)
    begun = "" if rest is None else HEAD.format(patient.treatment_id, patient.token) + rest
    phones = [socket.create_connection(("127.0.0.1", web.port), timeout=30) for _ in range(SILENT)]
    for phone in phones:
        phone.sendall(begun.encode())

    # Without an end to their waiting this would wait as long as they stay connected.
    def answered() -> bool:
        try:
            return web.request("GET", "/api/v1/me", headers=patient.headers)[0] == 200
        except TimeoutError:
            return False

    assert eventually(answered, what="an answer to somebody else", within=SILENT * STALL_SECONDS)
    for phone in phones:
        if begun:
            # Let go: closed, perhaps after a few words on why.
            while phone.recv(1000):
                pass
        phone.close()
