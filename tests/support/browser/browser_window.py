"""A browser's window that notices what its page does wrong."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Dialog, Page

PATIENCE_MS = 30_000
"""How long a page may take before a test gives up: an end to every wait, not a promise about speed."""

CONSOLE_SCREENS = [(1280, 900, "light"), (820, 1180, "dark")]
"""Width, height and colours: a desk and a tablet."""
HOSTILE = (
    "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    '=HYPERLINK("https://evil.example","x") \u202egnp.exe \u2066 {{ 7 * 7 }} </bdi></p><svg onload=alert(1)>'
)
"""Words of somebody who means harm: script, a formula, directions turned around, a template's braces."""


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """A new page, and what went wrong in it: failed scripts, dialogs nobody asked for, a broken policy."""
    page, faults = context.new_page(), list[str]()

    def asked(dialog: Dialog) -> None:
        faults.append(dialog.message)
        dialog.dismiss()

    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", asked)
    page.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    return page, faults


def press(page: Page, *keys: str) -> None:
    """One key after the other, once the page's scripts are there to hear them."""
    page.wait_for_load_state("load")
    for key in keys:
        page.keyboard.press(key)
