from __future__ import annotations

import io
import json
import stat
import subprocess
import sys
from pathlib import Path

from recovery.sms import console_gateway, gateway_interface

TEXT = gateway_interface.OutgoingText(
    reference="r3f_" + "x" * 18, to="+15005550123", body="Afterglow: Day 1 check-in."
)

WRITER = """
import io, pathlib, sys
from recovery.sms import console_gateway, gateway_interface
gateway = console_gateway.ConsoleGateway(stream=io.StringIO(), file=pathlib.Path(sys.argv[1]))
for n in range(200):
    text = f"é{n} " * 60
    reference = f"{sys.argv[2]}-{n}"
    gateway.submit(gateway_interface.OutgoingText(reference=reference, to="+15005550123", body=text))
"""


def test_the_terminal_shows_the_body_and_a_masked_number_only() -> None:
    stream = io.StringIO()
    answer = console_gateway.ConsoleGateway(stream=stream).submit(TEXT)
    assert isinstance(answer, gateway_interface.Accepted)
    assert stream.getvalue() == "+1•••••123  Afterglow: Day 1 check-in.\n"


def test_ids_differ_by_text_and_do_not_give_the_reference_away() -> None:
    gateway = console_gateway.ConsoleGateway(stream=io.StringIO())
    other = gateway_interface.OutgoingText(reference="other", to=TEXT.to, body=TEXT.body)
    first, second = gateway.submit(TEXT), gateway.submit(other)
    assert isinstance(first, gateway_interface.Accepted)
    assert isinstance(second, gateway_interface.Accepted)
    assert first.carrier_id.startswith("console-")
    assert first.carrier_id != second.carrier_id
    assert TEXT.reference not in first.carrier_id


def test_a_body_cannot_write_a_second_line_or_drive_the_terminal() -> None:
    stream = io.StringIO()
    body = "one\ntwo\x1b[31m"
    console_gateway.ConsoleGateway(stream=stream).submit(
        gateway_interface.OutgoingText(reference="r", to=TEXT.to, body=body)
    )
    assert stream.getvalue() == "+1•••••123  one\\ntwo\\x1b[31m\n"


def test_a_terminal_without_unicode_or_closed_does_not_stop_a_text() -> None:
    raw = io.BytesIO()
    plain = io.TextIOWrapper(raw, encoding="ascii")
    gateway = console_gateway.ConsoleGateway(stream=plain)
    assert isinstance(gateway.submit(TEXT), gateway_interface.Accepted)
    assert raw.getvalue() == b"+1?????123  Afterglow: Day 1 check-in.\n"
    plain.close()
    assert isinstance(gateway.submit(TEXT), gateway_interface.Accepted)


def test_the_file_holds_the_whole_text_and_is_private(tmp_path: Path) -> None:
    file = tmp_path / "texts.ndjson"
    gateway = console_gateway.ConsoleGateway(stream=io.StringIO(), file=file)
    gateway.submit(TEXT)
    gateway.submit(gateway_interface.OutgoingText(reference="r2", to="+442079460958", body='two\n"é"'))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert lines == [
        {"to": TEXT.to, "body": TEXT.body, "reference": TEXT.reference},
        {"to": "+442079460958", "body": 'two\n"é"', "reference": "r2"},
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_text_that_cannot_be_written_down_is_not_taken(tmp_path: Path) -> None:
    stream = io.StringIO()
    gateway = console_gateway.ConsoleGateway(stream=stream, file=tmp_path / "missing" / "texts.ndjson")
    assert gateway.submit(TEXT) == gateway_interface.NotAccepted(code="console_file")
    assert stream.getvalue() == ""


def test_four_processes_write_at_once_and_no_line_is_torn(tmp_path: Path) -> None:
    file = tmp_path / "texts.ndjson"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), f"writer{n}"]) for n in range(4)]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert {line["reference"] for line in lines} == {f"writer{w}-{n}" for w in range(4) for n in range(200)}
    assert len(lines) == 800
    assert all(line["body"] == f"é{line['reference'].split('-')[1]} " * 60 for line in lines)
