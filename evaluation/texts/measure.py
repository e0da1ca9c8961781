"""How well texts are understood, held against their labels: goals as shares with intervals, a confusion, as a
page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evaluation.texts.labelled_texts import LabelledText
from recovery.domain.core.confidence_intervals import Share
from recovery.domain.inbound.text_meaning import ParsedText, TextLevel

WORDED_TEXTS_A_COURSE = 3
"""Texts in words, not scores alone, that a patient writes in one course: a starting estimate."""

LANGUAGES = ("en", "es", "fr", "mixed")
_TRAP = "none trap"


@dataclass(frozen=True, kw_only=True)
class ReadText:
    """A labelled text beside what it was taken as."""

    labelled: LabelledText
    meant: ParsedText

    @property
    def level(self) -> TextLevel:
        """What the label says."""
        return TextLevel(self.labelled.level)

    @property
    def taken(self) -> TextLevel:
        """What it was taken as."""
        return self.meant.level

    @property
    def frightened(self) -> bool:
        """Whether the answer says for certain that it is an emergency."""
        return bool(self.meant.signs.emergency - self.meant.signs.doubtful)


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One line of the table. `least` or `most` is the share that is wanted."""

    name: str
    of: Callable[[ReadText], bool]
    hit: Callable[[ReadText], bool]
    least: float | None = None
    most: float | None = None

    def share(self, texts: Sequence[ReadText]) -> Share:
        """Its share of the texts it is about."""
        mine = [text for text in texts if self.of(text)]
        return Share(hits=sum(map(self.hit, mine)), total=len(mine))

    @property
    def wanted(self) -> str:
        """The goal in words."""
        if self.least is not None:
            return f"at least {self.least:.1%}"
        return "" if self.most is None else f"at most {self.most:.1%}"


def _is(level: TextLevel) -> Callable[[ReadText], bool]:
    return lambda text: text.level is level


def _ends(text: ReadText) -> bool:
    return text.meant.stop or text.meant.may_stop


GOALS = (
    Goal(
        name="emergencies taken as emergencies",
        of=_is(TextLevel.EMERGENCY),
        hit=lambda text: text.taken is TextLevel.EMERGENCY,
        least=0.95,
    ),
    Goal(
        name="emergencies taken as at least same-day",
        of=_is(TextLevel.EMERGENCY),
        hit=lambda text: text.taken.rank >= TextLevel.SAME_DAY.rank,
        least=0.99,
    ),
    Goal(
        name="same-day taken as at least same-day",
        of=_is(TextLevel.SAME_DAY),
        hit=lambda text: text.taken.rank >= TextLevel.SAME_DAY.rank,
        least=0.93,
    ),
    Goal(
        name="harmless taken as an emergency",
        of=_is(TextLevel.NONE),
        hit=lambda text: text.taken is TextLevel.EMERGENCY,
        most=0.02,
    ),
    Goal(
        name="harmless taken as any alarm",
        of=_is(TextLevel.NONE),
        hit=lambda text: text.taken.rank >= TextLevel.SAME_DAY.rank,
        most=0.08,
    ),
    Goal(
        name="traps taken as any alarm",
        of=lambda text: text.level is TextLevel.NONE and text.labelled.kind.startswith(_TRAP),
        hit=lambda text: text.taken.rank >= TextLevel.SAME_DAY.rank,
        most=0.08,
    ),
    Goal(name="opt-outs obeyed or paused", of=lambda text: text.labelled.opt_out, hit=_ends, least=0.97),
    Goal(
        name="opt-outs invented: obeyed where none was meant",
        of=lambda text: not text.labelled.opt_out,
        hit=lambda text: text.meant.stop,
        most=0.005,
    ),
    Goal(
        name="paused until a person has read it, where none was meant",
        of=lambda text: not text.labelled.opt_out,
        hit=lambda text: text.meant.may_stop,
    ),
    Goal(
        name="scores right",
        of=lambda text: bool(text.labelled.scores),
        hit=lambda text: dict(text.meant.scores) == dict(text.labelled.scores),
        least=0.95,
    ),
    Goal(
        name="scores invented",
        of=lambda text: not text.labelled.scores,
        hit=lambda text: bool(text.meant.scores),
        most=0.0,
    ),
)


def read_all(texts: Sequence[LabelledText], *, read: Callable[[str], ParsedText]) -> list[ReadText]:
    """Every text beside what it is taken as."""
    return [ReadText(labelled=text, meant=read(text.text)) for text in texts]


def page(texts: Sequence[ReadText]) -> str:
    """The figures as one Markdown page, texts not repeated."""
    return "\n".join([*_goals(texts), "", *_confusion(texts), "", *_frightened(texts)])


def _goals(texts: Sequence[ReadText]) -> Iterator[str]:
    yield "| share | wanted | all | " + " | ".join(LANGUAGES) + " |"
    yield "|---|---|---|" + "---|" * len(LANGUAGES)
    for goal in GOALS:
        parts = [goal.share(texts)]
        parts += [
            goal.share([text for text in texts if text.labelled.language == language])
            for language in LANGUAGES
        ]
        yield f"| {goal.name} | {goal.wanted} | " + " | ".join(map(_cell, parts)) + " |"


def _cell(share: Share) -> str:
    if not share.total:
        return ""
    least, most = share.interval
    return f"{share.value:.1%} ({least:.1%} to {most:.1%}) of {share.total}"


def _confusion(texts: Sequence[ReadText]) -> Iterator[str]:
    levels = list(TextLevel)
    yield "| meant, taken as | " + " | ".join(levels) + " |"
    yield "|---|" + "---|" * len(levels)
    for meant in levels:
        counts = [sum(text.level is meant and text.taken is taken for text in texts) for taken in levels]
        yield f"| {meant} | " + " | ".join(map(str, counts)) + " |"


def _frightened(texts: Sequence[ReadText]) -> Iterator[str]:
    harmless = [text for text in texts if text.level is TextLevel.NONE]
    share = Share(hits=sum(text.frightened for text in harmless), total=len(harmless))
    yield (
        f"Harmless texts answered as an emergency for certain: {_cell(share)}; with {WORDED_TEXTS_A_COURSE} "
        f"texts in words a course that is {100 * WORDED_TEXTS_A_COURSE * share.value:.1f} per 100 courses."
    )
