"""The console's addresses as the application itself lists them, so that no test leaves a new one out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

HOME = "/console"
_PLACE = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")
_NEVER_PAGES = frozenset({"console.static", "console.nowhere"})


@dataclass(frozen=True, kw_only=True, order=True)
class Route:
    """One method of one address; `path` has its places in braces."""

    path: str
    method: str
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        """How tables name it: the method and what stands after /console."""
        return f"{self.method} {self.path.removeprefix(HOME) or '/'}"

    def at(self, ids: Mapping[str, str]) -> str:
        """The address with its places filled."""
        return self.path.format(**ids)


def routes(app: Flask) -> list[Route]:
    """Every route of the console but for its files, in order of path."""
    return sorted(
        Route(
            path=_PLACE.sub(r"{\1}", rule.rule),
            method=method,
            names=tuple(_PLACE.findall(rule.rule)),
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and rule.endpoint not in _NEVER_PAGES
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    )
