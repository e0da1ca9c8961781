"""The form of the pages on micro-needling: topics, a title, paragraphs and lists; text parsed, its places
filled, faults named.

A point of a list that is a place, `- {emergency_signs}`, stands for several: what a page says of signs is not
written in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

LONGEST_TITLE = 80
LONGEST_PAGE = 6000


LISTS = ("emergency_signs", "same_day_signs")
"""The places a page may have: the signs to call for now, and on the same day."""


class PageFault(ValueError):
    """The text is not a page; the message says why in words for whoever wrote it."""


class KnowledgeTopic(StrEnum):
    """What there is a page about, in the order in which they are read."""

    WHAT_IT_IS = "what-it-is"
    WHAT_IT_TREATS = "what-it-treats"
    HOW_IT_WORKS = "how-it-works"
    CONSULTATION = "consultation"
    PROCEDURE = "procedure"
    RADIO_FREQUENCY = "radio-frequency"
    DISCOMFORT = "discomfort"
    SKIN_TYPES = "skin-types"
    SESSIONS = "sessions"
    BENEFITS = "benefits"
    WHAT_TO_EXPECT = "what-to-expect"
    AFTERCARE = "aftercare"
    SIDE_EFFECTS = "side-effects"
    INFECTION = "infection"
    WHEN_TO_CALL = "when-to-call"
    PURPOSE = "purpose"


@dataclass(frozen=True, kw_only=True)
class PageBlock:
    """A paragraph (`text`), or a list (`items`); the other is empty."""

    text: str
    items: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KnowledgePage:
    """One page, as text and understood. `source` is what `parse` was given."""

    title: str
    blocks: tuple[PageBlock, ...]
    source: str

    @property
    def sentences(self) -> str:
        """Its words as running text, each point of a list a sentence of its own."""
        said = [self.title, *(line for block in self.blocks for line in (block.text, *block.items) if line)]
        return " ".join(line if line[-1] in ".!?:" else f"{line}." for line in said)


def parse(source: str) -> KnowledgePage:
    """A page from its text: `# Title`, then paragraphs and lists of `- ` lines with empty lines between.

    Raises PageFault.
    """
    if len(source) > LONGEST_PAGE:
        raise PageFault(f"A page has at most {LONGEST_PAGE} characters.")
    plain = source.strip().replace("\r\n", "\n")
    head, *parts = [part for part in plain.split("\n\n") if part.strip()] or [""]
    if not head.startswith("# ") or "\n" in head.strip():
        raise PageFault("A page begins with a line like: # Title")
    title = head[2:].strip()
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise PageFault(f"A title has 1 to {LONGEST_TITLE} characters.")
    if not parts:
        raise PageFault("A page says something under its title.")
    return KnowledgePage(title=title, blocks=tuple(_block(part) for part in parts), source=plain + "\n")


def fill(page: KnowledgePage, lists: Mapping[str, Sequence[str]]) -> KnowledgePage:
    """The page with its places filled."""
    return replace(page, blocks=tuple(_filled(block, lists) for block in page.blocks))


def parse_all(texts: Mapping[str, str], *, older: bool = False) -> Mapping[KnowledgeTopic, KnowledgePage]:
    """The pages of one language by topic. Raises PageFault for a faulty, missing or unknown one.

    `older`: a topic that there was no page about then is left out.
    """
    known = {topic.value for topic in KnowledgeTopic}
    if wrong := sorted(set(texts) - known if older else known ^ set(texts)):
        raise PageFault(f"The page {wrong[0]} is missing or unknown.")
    pages = {}
    for topic in (topic for topic in KnowledgeTopic if topic in texts):
        try:
            pages[topic] = parse(texts[topic])
        except PageFault as fault:
            raise PageFault(f"{topic}: {fault}") from fault
    return pages


def _block(part: str) -> PageBlock:
    lines = [line.strip() for line in part.splitlines() if line.strip()]
    listed = [line.startswith("- ") for line in lines]
    if all(listed):
        return PageBlock(text="", items=tuple(_item(line[2:].strip()) for line in lines))
    if any(listed):
        raise PageFault("An empty line stands between a paragraph and a list.")
    if lines[0].startswith("#"):
        raise PageFault("A page has one title; everything under it is paragraphs and lists.")
    return PageBlock(text=" ".join(lines), items=())


def _item(item: str) -> str:
    if item.startswith("{") and item[1:-1] not in LISTS:
        raise PageFault(f"A place of a list is one of {', '.join(f'{{{name}}}' for name in LISTS)}.")
    return item


def _filled(block: PageBlock, lists: Mapping[str, Sequence[str]]) -> PageBlock:
    items = [told for item in block.items for told in lists.get(item.strip("{}"), (item,))]
    return replace(block, items=tuple(items))
