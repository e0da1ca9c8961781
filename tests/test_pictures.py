"""docs/console.md shows every page there is, and nothing there is not."""

from __future__ import annotations

import re

from flask import Flask

from config.settings import PROJECT
from tests.support.access.console_routes import routes
from tests.tools.console_pictures import NO_PAGES, PICTURES, SIGN_IN, STATES

DOCS = PROJECT / "docs"
FOLDER = DOCS / "images" / "console"
MOST_BYTES = 3_500_000


def test_every_page_has_its_picture_and_every_picture_its_place(app: Flask) -> None:
    pages = {route.path for route in routes(app) if route.method == "GET"} - NO_PAGES
    assert pages == {*PICTURES, SIGN_IN}, "add the page to tests/tools/console_pictures.py"
    states = {f"flag-{state}" for state in STATES}
    names = {*(one.name for one in PICTURES.values()), "sign-in", *states}
    there = {file.name for file in FOLDER.iterdir() if file.stat().st_size > 0}
    for name in names:
        assert {f"{name}-1280.webp", f"{name}-1280-dark.webp"} <= there, "run make screenshots"
    told = set(re.findall(r"images/console/([\w.-]+)", (DOCS / "console.md").read_text("utf-8")))
    assert told == there
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < MOST_BYTES
