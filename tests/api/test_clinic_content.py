"""What a clinic runs on comes from one place: nothing else of the API looks at what merely ships."""

from __future__ import annotations

import ast
from pathlib import Path

API = Path(__file__).resolve().parents[2] / "api"
WHAT_SHIPS = {
    # Where the content of a clinic is found.
    "clinic_content.py",
    # What is changed, tried and signed.
    "clinic/clinic/clinic_setup.py",
    "clinic/content/avoidance.py",
    "clinic/content/knowledge_pages.py",
    "clinic/content/protocols.py",
    "clinic/content/withdrawals.py",
    "clinic/content/wordings.py",
    "console/clinic/clinic_page.py",
    "console/content/calibration_page.py",
    "console/content/curve_page.py",
    "console/content/protocol_pages.py",
    "console/content/withdrawal_page.py",
    "console/content/wordings_page.py",
    # Handed to what finds each clinic's own.
    "patient/reports.py",
    "webhooks/twilio.py",
}


def test_only_these_look_at_what_ships() -> None:
    found = set()
    for path in API.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            named = isinstance(node, ast.Attribute) and node.attr == "newest"
            # `upgrade.newest()` is another thing.
            if named and not ast.unparse(node).startswith("upgrade."):
                found.add(str(path.relative_to(API)))
    assert found <= WHAT_SHIPS, "patients get what their clinic runs on: api/clinic_content.py"
    assert found >= {"clinic_content.py", "patient/reports.py", "webhooks/twilio.py"}
