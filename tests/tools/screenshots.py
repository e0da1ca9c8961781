"""Makes the pictures of docs/console.md: every page of the console of the demonstration, light and dark."""

from __future__ import annotations

import io
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

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from commands import demo
from recovery.domain.clinic.staff_roles import Role
from tests.support.machine.ports import free_port
from tests.tools import console_pictures
from tests.tools.browser_ready import chromium
from tests.tools.console_pictures import PICTURES, SIGN_IN, Picture

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 120
WIDE = (1280, 900)
NARROW = ((820, 1180), (390, 844))
QUALITY = 42
"""Of a picture as WebP keeps it: letters stay sharp, and every colour is there."""

STATE_HEIGHT = 1320

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@dataclass(frozen=True)
class Running:
    """The demonstration, up."""

    base: str
    people: list[demo.DemoSignIn]

    def who(self, role: Role) -> demo.DemoSignIn:
        """The first of the demonstration's people in this role."""
        return next(one for one in self.people if one.role == role)


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
        yield Running(base=base, people=demo.read_sign_ins(data / "demo-sign-ins.json"))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(data, ignore_errors=True)


def main(folder: Path) -> int:
    """Write a picture of every page, wide in both schemes; the first two on a tablet and a phone as well."""
    folder.mkdir(parents=True, exist_ok=True)
    with running() as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        director = _signed_in(browser, product, Role.MEDICAL_DIRECTOR)
        sign_in = Picture(name="sign-in", opened=lambda page, base: _open(page, f"{base}{SIGN_IN}"))
        for scheme in SCHEMES:
            for picture in PICTURES.values():
                _take(browser, product.base, picture, folder, signed_in=director, scheme=scheme)
            _take(browser, product.base, sign_in, folder, signed_in=None, scheme=scheme)
        for size in NARROW:
            for picture in (one for one in PICTURES.values() if one.narrow):
                _take(browser, product.base, picture, folder, signed_in=director, scheme="light", size=size)
        for scheme in SCHEMES:
            for opened in (console_pictures.taken, console_pictures.held):
                picture = Picture(name=f"flag-{opened.__name__}", opened=opened, tall=STATE_HEIGHT)
                _take(browser, product.base, picture, folder, signed_in=director, scheme=scheme)
        closed_at = _close(browser, product.base, director)
        for scheme in SCHEMES:
            closed = Picture(
                name="flag-closed", opened=lambda page, _: _open(page, closed_at), tall=STATE_HEIGHT
            )
            _take(browser, product.base, closed, folder, signed_in=director, scheme=scheme)
        browser.close()
    return 0


def _close(browser: Browser, base: str, director: StorageState) -> str:
    """Close the flag of the patient who is shown; its address."""
    context = browser.new_context(storage_state=director)
    page = context.new_page()
    console_pictures.held(page, base)
    console_pictures.close(page)
    address = page.url
    context.close()
    return address


def _open(page: Page, address: str) -> None:
    page.goto(address)


def _take(
    browser: Browser,
    base: str,
    picture: Picture,
    folder: Path,
    *,
    signed_in: StorageState | None,
    scheme: Scheme,
    size: tuple[int, int] = WIDE,
) -> None:
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, storage_state=signed_in
    )
    page, failed = context.new_page(), list[str]()
    page.on("response", lambda one: failed.append(f"{one.status} {one.url}") if one.status >= 400 else None)
    picture.opened(page, base)
    page.wait_for_load_state("networkidle")
    if failed:
        raise RuntimeError(f"{picture.name}: {failed}")
    if picture.tall:
        page.set_viewport_size({"width": width, "height": picture.tall})
    name = f"{picture.name}-{width}{'-dark' if scheme == 'dark' else ''}.webp"
    _keep(page.screenshot(full_page=width < WIDE[0]), folder / name)
    context.close()


def _keep(shot: bytes, file: Path) -> None:
    with Image.open(io.BytesIO(shot)) as image:
        image.convert("RGB").save(file, "WEBP", quality=QUALITY, method=6)


def _signed_in(browser: Browser, product: Running, role: Role) -> StorageState:
    """What a browser keeps of a sign-in: a code is good once, so every picture shares one."""
    who = product.who(role)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{product.base}/console")
    page.get_by_label("E-mail").fill(who.email)
    page.get_by_label("Password").fill(who.password)
    page.get_by_label("Code").fill(who.code(now=datetime.now(UTC)))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: not url.endswith("/sign-in"))
    kept = context.storage_state()
    context.close()
    return kept


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
