"""Content as it was before the program knew something that it knows now."""

from __future__ import annotations

from collections.abc import Mapping

from recovery.domain.clinical.symptoms import WarningSign


def without_sign(parts: Mapping[str, str], sign: WarningSign) -> dict[str, str]:
    """The parts of a bundle as they were before a sign had a name."""
    older = {}
    for name, text in parts.items():
        if name == "signs":
            text = text.replace(f'[[questions]]\nsigns = ["{sign}"]\n', "")
        elif name.startswith("signs "):
            head, _, rest = text.partition(f"[signs.{sign}]")
            text = head + rest[rest.index("[signs.") :]
        elif name.startswith("protocol "):
            text = text.replace(f'"{sign}", ', "").replace(f', "{sign}"', "")
        older[name] = text
    return older
