"""The commands of docs/first-report.md, run as they stand there against `manage.py up`."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "first-report.md"
READY_SECONDS = 90


@dataclass(frozen=True)
class Running:
    """A product that is up."""

    base: str
    sign_ins: list[dict[str, str]]
    output: Path
    data: Path
    process: subprocess.Popen[bytes]


@pytest.fixture
def running() -> Iterator[Running]:
    """`manage.py up` with its own data and port, stopped by Ctrl-C."""
    data = Path(tempfile.mkdtemp(prefix="afterglow-up-"))
    data.chmod(0o711)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    output = data / "output"
    environment = os.environ | {"DATA_DIR": str(data), "PORT": str(port), "PUBLIC_URL": base}
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(base, output, process)
        sign_ins = json.loads((data / "demo-sign-ins.json").read_text())
        yield Running(base=base, sign_ins=sign_ins, output=output, data=data, process=process)
        process.send_signal(signal.SIGINT)
        process.wait(40)
    finally:
        if process.poll() is None:
            process.kill()
        shutil.rmtree(data, ignore_errors=True)


def wait_for(base: str, output: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while "Ctrl-C ends everything" not in output.read_text():
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline, output.read_text()
        time.sleep(0.1)
    with urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
        assert answer.status == 200


def test_every_command_of_the_page_works_and_ctrl_c_leaves_nothing(running: Running) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 7
    nurse = next(one for one in running.sign_ins if one["role"] == "nurse")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        env=os.environ
        | {"DATA_DIR": str(running.data), "BASE": running.base}
        | {"EMAIL": nurse["email"], "PASSWORD": nurse["password"]},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr + running.output.read_text()
    report, rest = json.JSONDecoder().raw_decode(done.stdout)[0], done.stdout
    assert report["assessment"]["level"] == "abnormal"
    assert {finding["rule"] for finding in report["assessment"]["findings"]} >= {"warning_sign"}
    assert "\nclaimed\n" in rest, rest
    assert '"state": "resolved"' in rest

    group = running.process.pid
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(40) == 0, running.output.read_text()
    left = subprocess.run(
        ["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    assert str(running.output.parent) not in left
    assert not [line for line in left.splitlines() if line.split()[0] == str(group)]
    assert "SADeprecationWarning" not in running.output.read_text()
