"""A page read strictly: every element closed in its place, or the reading fails."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

VOID = frozenset(("br", "hr", "img", "input", "link", "meta"))


@dataclass
class Element:
    """One element with its attributes and the text directly and deeply inside."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""


class StrictPage(HTMLParser):
    """All elements of a page in order. Raises AssertionError for elements that overlap or stay open."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        element = Element(tag=tag, attributes=dict(attrs))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def every(self, tag: str, **wanted: str | None) -> list[Element]:
        """Elements of a kind whose attributes have these values; `class_` stands for `class`.

        None stands for an attribute that is missing or has no value.
        """
        pairs = [(name.rstrip("_").replace("_", "-"), value) for name, value in wanted.items()]
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.attributes.get(name) == value for name, value in pairs)
        ]

    def rows(self) -> list[Element]:
        """The rows of a list that is worked from the keyboard."""
        return [element for element in self.elements if "data-row" in element.attributes]

    @property
    def said(self) -> str:
        """All text of the page's body, its white space evened out."""
        (body,) = self.every("body")
        return " ".join(body.text.split())
