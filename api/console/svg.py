"""SVG elements for any drawing, made by an XML writer: nothing that a label says can become markup."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

WIDTH = 340.0
"""How wide a drawing is, in its own units, where nothing else is asked for."""


def drawing(ident: str, *, title: str, text: str, height: float, width: float = WIDTH) -> Element:
    """An empty drawing with its name, and what it shows in words. `ident` is unique on the page."""
    empty = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": "panel",
            "viewBox": f"0 0 {width:g} {height:g}",
            "role": "img",
            "aria-labelledby": f"{ident}-title {ident}-text",
        },
    )
    SubElement(empty, "title", {"id": f"{ident}-title"}).text = title
    SubElement(empty, "desc", {"id": f"{ident}-text"}).text = text
    return empty


def line(into: Element, *, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
    """A straight line; `kind` is its class."""
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    SubElement(into, "line", {"class": kind, **{name: number(end) for name, end in ends.items()}})


def text(into: Element, *, x: float, y: float, text: str, kind: str, anchor: str = "start") -> Element:
    """A label; it begins, has its middle or ends at `x`."""
    label = SubElement(into, "text", {"class": kind, "x": number(x), "y": number(y), "text-anchor": anchor})
    label.text = text
    return label


def path(places: Sequence[tuple[float, float]]) -> str:
    """The way through these places."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)


def number(value: float) -> str:
    """A place as it is written, to a hundredth. Raises ValueError for what is no place."""
    if not math.isfinite(value):
        raise ValueError(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def markup(finished: Element) -> Markup:
    """The drawing as it stands in a page."""
    return Markup(tostring(finished, encoding="unicode"))  # noqa: S704  (escaped by the XML writer)
