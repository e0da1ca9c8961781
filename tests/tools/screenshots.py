"""Makes the pictures in docs/images: the console of the demonstration, wide and narrow, light and dark."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, StorageState, sync_playwright

from commands import demo
from tests.support.ports import free_port
from tests.tools.browser_ready import chromium

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
WIDTHS = {1280: 900, 820: 1180, 390: 844}
NARROW = 600
"""Below this width a page is a phone's: pictured whole, and light only."""

FLAG_HEIGHT = 1300
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = {
    "queue": "/console",
    "follow-up": "/console/follow-up",
    "to-read": "/console/to-read",
    "second-factor": "/console/second-factor",
    "flag": "/console",
}


@dataclass(frozen=True)
class Running:
    """The demonstration, up."""

    base: str
    nurse: demo.SignIn
    manager: demo.SignIn


@contextmanager
def running() -> Iterator[Running]:
    """`manage.py up` with data of its own, until the block ends."""
    data = Path(tempfile.mkdtemp(prefix="afterglow-pictures-"))
    data.chmod(0o711)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    environment = os.environ | {"DATA_DIR": str(data), "PORT": str(port), "PUBLIC_URL": base}
    with (data / "output").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=PROJECT, env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "Ctrl-C ends everything" not in (data / "output").read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((data / "output").read_text())
            time.sleep(0.2)
        nurse, *_, manager = demo.kept_sign_ins(data / "demo-sign-ins.json")
        yield Running(base=base, nurse=nurse, manager=manager)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def main(folder: Path) -> int:
    """Write a picture of every page at each width in WIDTHS, light and dark."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        nurse = _signed_in(browser, product)
        for width, height in WIDTHS.items():
            for scheme in SCHEMES if width > NARROW else SCHEMES[:1]:
                _pictures(browser, product, folder, nurse=nurse, size=(width, height), scheme=scheme)
        browser.close()
    return 0


def _pictures(
    browser: Browser,
    product: Running,
    folder: Path,
    *,
    nurse: StorageState,
    size: tuple[int, int],
    scheme: Literal["light", "dark"],
) -> None:
    width, height = size
    narrow = width < NARROW
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        storage_state=nurse,
        device_scale_factor=2 if narrow else 1,
    )
    page = context.new_page()
    ending = f"{width}-dark.png" if scheme == "dark" else f"{width}.png"
    for name, path in PAGES.items():
        page.goto(f"{product.base}{path}")
        if name == "flag":
            page.get_by_role("link", name="Rosa Demo").first.click()
            page.set_viewport_size({"width": width, "height": height if narrow else FLAG_HEIGHT})
        page.screenshot(path=folder / f"{name}-{ending}", full_page=narrow)
        page.set_viewport_size({"width": width, "height": height})
    context.close()


def _signed_in(browser: Browser, product: Running) -> StorageState:
    """What a browser keeps of a sign-in: a code is good once, so every picture shares one."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{product.base}/console")
    page.get_by_label("E-mail").fill(product.nurse.email)
    page.get_by_label("Password").fill(product.nurse.password)
    page.get_by_label("Code").fill(product.nurse.code(now=datetime.now(UTC)))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    kept = context.storage_state()
    context.close()
    return kept


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
