"""How soon the patient's page can be used on a slow phone, beside an empty page of the same server.

    python -m benchmarks.companion_page [ROUNDS]

Chromium with its processor slowed down four times. Prints milliseconds from asking for the page until its
heading has the focus and the thread is free: on a first visit with nothing kept, and on a later one, signed
in and served by the service worker; then the same of an empty page, and the ratios. Then the script's size.
"""

from __future__ import annotations

import gzip
import sys
from datetime import UTC, datetime
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser.companion import Companion
from tests.tools import companion_pictures
from tests.tools.browser_ready import chromium
from tests.tools.companion_build import BUILT
from tests.tools.screenshots import running

SLOWER = 4
ROUNDS = 9
USABLE = """new Promise((done) => {
  const look = () => {
    const start = document.querySelector("h1");
    if (start && document.activeElement === start) setTimeout(() => done(performance.now()), 0);
    else requestAnimationFrame(look);
  };
  look();
})"""
"""Milliseconds since the page was asked for, once the heading has the focus and the thread is free."""
LOADED = """new Promise((done) => {
  const then = () => setTimeout(() => done(performance.now()), 0);
  if (document.readyState === "complete") then();
  else addEventListener("load", then);
})"""


def slow(page: Page) -> None:
    """From here on the page's processor is a slow phone's."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def first_visit(browser: Browser, address: str, *, until: str) -> float:
    """One load with nothing kept."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    slow(page)
    page.goto(address, wait_until="commit")
    taken = float(page.evaluate(until))
    context.close()
    return taken


def later_visits(browser: Browser, way_in: str, *, base: str, rounds: int) -> list[float]:
    """Loads of somebody signed in, the page kept on the phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    Companion(page).sign_in(way_in)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    slow(page)
    taken = []
    for _ in range(rounds):
        page.goto(f"{base}/check-in", wait_until="commit")
        taken.append(float(page.evaluate(USABLE)))
        page.wait_for_load_state("networkidle")
    context.close()
    return taken


def main(rounds: int) -> None:
    """Measure and print."""
    with running() as product, sync_playwright() as playwright:
        token = companion_pictures.staff_token(product)
        way_in = companion_pictures.treated(product, token=token, now=datetime.now(UTC))
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        floor = [first_visit(browser, f"{product.base}/healthz", until=LOADED) for _ in range(rounds)]
        first = [first_visit(browser, f"{product.base}/check-in", until=USABLE) for _ in range(rounds)]
        later = later_visits(browser, way_in, base=product.base, rounds=rounds)
        browser.close()
    empty = median(floor)
    for name, taken in (("first visit", first), ("signed in, later", later), ("empty page", floor)):
        middle = median(taken)
        print(f"{name:17} median {middle:5.0f} ms, worst {max(taken):5.0f} ms, {middle / empty:.1f} x empty")
    for name in ("app.js", "sw.js"):
        print(
            f"{name:17} {len(gzip.compress((BUILT / name).read_bytes(), mtime=0)) / 1000:.1f} kB compressed"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
