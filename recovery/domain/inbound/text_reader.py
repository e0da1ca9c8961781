"""From a text to its meaning, the one way in: cleaned, scores, keywords, signs and the weights' word put
together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recovery.domain.inbound import sign_reader, text_cleaning, text_features, text_normalization, vocabulary
from recovery.domain.inbound.lexicon import Lexicon
from recovery.domain.inbound.reader_bounds import ReaderBounds
from recovery.domain.inbound.scores import score_parser
from recovery.domain.inbound.scores.number_run import IN_ORDER
from recovery.domain.inbound.scores.score_parser import ParsedScores
from recovery.domain.inbound.text_classifier import TextClassifier
from recovery.domain.inbound.text_cleaning import CleanedText
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText, QuestionTopic
from recovery.domain.inbound.vocabulary import Vocabulary, Words

SIGNS, REPLY, TOPIC = "signs", "reply", "topic"
"""The questions that weights answer about a text."""

STOP, START = "stop", "start"
"""The labels of texts whose sender wants no more of them, or wants them back."""

_TOPICS = {topic.value: topic for topic in QuestionTopic}

_PERSONAL = frozenset(("asked", "seen_to"))
"""What only a person writes beside the words of an automatic answer."""

Shares = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, kw_only=True)
class TextReader:
    """`own` are our own wordings as rows of words, which come back as quotes."""

    vocabulary: Vocabulary
    lexicon: Lexicon
    classifier: TextClassifier
    bounds: ReaderBounds
    own: frozenset[tuple[str, ...]]

    def read(self, text: str) -> ParsedText:
        """What a text means; never raises, whatever was sent."""
        cleaned = self.clean(text)
        if cleaned.reaction and not cleaned.plain:
            return ParsedText(written=False)
        meant = self._meaning(cleaned)
        return ParsedText(written=False) if self._is_automatic(cleaned, meant) else meant

    def read_signs(self, note: str) -> NamedSigns:
        """The signs that a note names in words."""
        return self.read(note).signs

    def reasons(self, text: str, sign: str) -> list[str]:
        """The words and parts of words that spoke most for a sign, the strongest first."""
        head = self.classifier.heads[SIGNS]
        return head.reasons(self.learnt_from(text), label=sign) if sign in head.labels else []

    def clean(self, text: str) -> CleanedText:
        """The text without what the patient did not write."""
        return text_cleaning.clean(text, self.vocabulary.unwritten, own=self.own)

    def features(self, cleaned: CleanedText) -> list[str]:
        """What the weights are held against."""
        return text_features.list_features(cleaned.plain, self.lexicon)

    def learnt_from(self, text: str) -> list[str]:
        """What the weights are learnt for; nothing where no word is left to weigh."""
        cleaned = self.clean(text)
        return self.features(cleaned) if _has_words(cleaned) else []

    def _is_automatic(self, cleaned: CleanedText, meant: ParsedText) -> bool:
        """Whether a phone wrote all of it: nothing is told, asked or wanted, and nobody goes to be seen."""
        if not cleaned.automatic or meant not in (ParsedText(), ParsedText(more=True)):
            return False
        left = self.vocabulary.unwritten.automatic.sub(" ", _line(cleaned)).split()
        return not any(mention.concept in _PERSONAL for mention in self.lexicon.mentions(left))

    def _weigh(self, cleaned: CleanedText) -> Shares:
        """How likely each answer is, question by question; nothing for a text without a word."""
        if not _has_words(cleaned):
            return {SIGNS: {}, REPLY: {}, TOPIC: {}}
        features = self.features(cleaned)
        return {name: head.shares(features) for name, head in self.classifier.heads.items()}

    def _signs(self, cleaned: CleanedText, shares: Shares) -> NamedSigns:
        return sign_reader.read_signs(
            cleaned.plain,
            shares[SIGNS],
            words=self.vocabulary,
            lexicon=self.lexicon,
            bounds=self.bounds,
        )

    def _meaning(self, cleaned: CleanedText) -> ParsedText:
        words = self.vocabulary
        scored, whole = self._scored(cleaned)
        if whole in words.stop | words.start | words.help:
            return ParsedText(
                stop=whole in words.stop,
                start=whole in words.start,
                help=whole in words.help,
                scores=scored.scores,
            )
        if whole in words.no_signs:
            return ParsedText(no_signs=True, scores=scored.scores)
        if whole in words.calls | words.some_signs:
            calls = whole in words.calls
            return ParsedText(nurse=True, prefers_calls=calls, some_signs=not calls, scores=scored.scores)
        besides = words.nurse.sub("", text_normalization.join_words(whole)).split()
        called = not besides and words.nurse.search(_line(cleaned)) is not None
        if called and not scored.same and not scored.unclear:
            return ParsedText(nurse=True, scores=scored.scores)
        weighed = self._weighed(cleaned, self._weigh(cleaned))
        return replace(
            weighed,
            signs=self._signs_beside_scores(cleaned, weighed) if scored.scores else weighed.signs,
            scores=scored.scores,
            same_scores=scored.same,
            unclear_scores=scored.unclear,
            nurse=weighed.nurse or called,
            more=bool(besides),
            yes=whole in words.yes,
        )

    def _signs_beside_scores(self, cleaned: CleanedText, meant: ParsedText) -> NamedSigns:
        """The signs of a text with scores. A single word beside them may be an emergency by itself, which
        four low numbers would hide."""
        said = [word for word in _line(cleaned).split() if word.isalpha()]
        if meant.signs.emergency or len(said) != 1:
            return meant.signs
        beside = replace(cleaned, plain=said[0])
        alone = self._signs(beside, self._weigh(beside))
        return alone if alone.emergency else meant.signs

    def _scored(self, cleaned: CleanedText) -> tuple[ParsedScores, Words]:
        """The scores, and the other words without polite ones. The word for "none", which is a zero as well,
        answers the question about signs where it stands alone or follows all that was to be scored."""
        words = self.vocabulary
        said = tuple(token.word for token in text_normalization.tokenize(cleaned.plain))
        alone = vocabulary.strip_polite_words(said, words.polite)
        if alone in words.no_signs:
            return ParsedScores(scores={}, rest=alone), alone
        scored = score_parser.parse_scores(cleaned.plain, words)
        if said[-1:] in words.no_signs and len(scored.scores) < len(IN_ORDER):
            before = score_parser.parse_scores(cleaned.plain[: cleaned.plain.rindex(said[-1])], words)
            if len(before.scores) == len(IN_ORDER) and not before.rest:
                return before, said[-1:]
        return scored, vocabulary.strip_polite_words(scored.rest, words.polite)

    def _weighed(self, cleaned: CleanedText, shares: Shares) -> ParsedText:
        """What the words mean that are no keyword and no scores."""
        bounds = self.bounds
        line = _line(cleaned)
        kept = self.vocabulary.no_stop.search(line) is not None
        stops = 0.0 if kept else shares[REPLY].get(STOP, 0.0)
        stop = (
            self.vocabulary.stop_sentences.search(self.vocabulary.no_stop.sub("_", line)) is not None
            or stops >= bounds.stop
        )
        signs = self._signs(cleaned, shares)
        nurse = sign_reader.asks_for_call(shares[SIGNS], bounds)
        return ParsedText(
            stop=stop,
            may_stop=not stop and stops >= bounds.pause,
            start=not stop and shares[REPLY].get(START, 0.0) >= bounds.start,
            signs=signs,
            question=None if signs or nurse or stop else self._topic(shares),
            nurse=nurse,
        )

    def _topic(self, shares: Shares) -> QuestionTopic | None:
        likely = [(share, label) for label, share in shares[TOPIC].items() if label in _TOPICS]
        share, label = max(likely, default=(0.0, ""))
        return _TOPICS[label] if share >= self.bounds.question else None


def _line(cleaned: CleanedText) -> str:
    return text_normalization.join_words(token.word for token in text_normalization.tokenize(cleaned.plain))


def _has_words(cleaned: CleanedText) -> bool:
    return any(char.isalpha() for char in cleaned.plain)
