from __future__ import annotations

import json
from pathlib import Path

from recovery.services.content.content import Content
from tests.tools import companion_build


def test_what_is_served_is_what_the_source_and_its_lock_make(tmp_path: Path) -> None:
    companion_build.build(tmp_path / "built")
    made = {path.name: path.read_bytes() for path in (tmp_path / "built").iterdir()}
    served = {path.name: path.read_bytes() for path in companion_build.BUILT.iterdir()}
    assert made.keys() == served.keys()
    assert [name for name, content in made.items() if served[name] != content] == []
    assert {"shell.html", "app.js", "app.css", "sw.js", "manifest.webmanifest"} <= served.keys()


def test_the_page_warns_of_the_signs_that_the_api_warns_of(content: Content) -> None:
    script = (companion_build.BUILT / "app.js").read_text("utf-8")
    for language, asked in content.check_in_words.items():
        signs = content.words[language].signs.anywhere
        told = asked.emergency["anywhere"].format(signs=signs[0].upper() + signs[1:])
        assert json.dumps(told, ensure_ascii=False) in script


def test_the_lock_names_no_place_to_fetch_from() -> None:
    lock = json.loads((companion_build.SOURCE / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert len(packages) > 50
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one["integrity"].startswith("sha512-")] == []


def test_running_the_product_needs_no_node() -> None:
    assert "nodejs" not in (companion_build.COMPANION.parents[1] / "requirements.txt").read_text("utf-8")
