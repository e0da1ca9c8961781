from __future__ import annotations

from collections import Counter

from config import content_files
from evaluation.texts import labelled_texts
from evaluation.texts.labelled_texts import Part
from recovery.domain.clinical.symptoms import MAX_SCORE, WarningSign
from recovery.domain.inbound import text_classifier
from recovery.domain.inbound.text_meaning import QuestionTopic, TextLevel
from tests.tools import reader_training

SIGNS = {sign.value for sign in WarningSign} | {"call_me"}


def test_labels_are_words_that_are_known() -> None:
    for part in Part:
        for text in labelled_texts.read(part):
            assert TextLevel(text.level) is TextLevel.NONE or text.signs, text.id
            assert set(text.signs) <= SIGNS, text.id
            assert text.question is None or QuestionTopic(text.question), text.id
            assert all(0 <= score <= MAX_SCORE for score in text.scores.values()), text.id
            assert text.language in ("en", "es", "fr", "mixed"), text.id
            assert text.text.strip(), text.id


def test_every_text_has_a_name_of_its_own_and_no_writer_stands_in_both_parts() -> None:
    seen, unseen = labelled_texts.read(Part.SEEN), labelled_texts.read(Part.UNSEEN)
    assert max(Counter(text.id for text in [*seen, *unseen]).values()) == 1
    assert not {text.writer for text in seen} & {text.writer for text in unseen}


def test_the_unseen_part_is_large_enough_to_measure_by() -> None:
    unseen = labelled_texts.read(Part.UNSEEN)
    assert sum(text.level == "emergency" for text in unseen) >= 300
    assert sum(text.opt_out for text in unseen) >= 100
    assert len({text.writer for text in unseen}) >= 3


def test_the_digest_tells_the_parts_apart() -> None:
    assert labelled_texts.digest(Part.SEEN) != labelled_texts.digest(Part.UNSEEN)


def test_the_shipped_weights_were_learnt_from_the_seen_texts_as_they_are() -> None:
    files = content_files.read_content_files()
    shipped = text_classifier.parse(files.reader_weights)
    assert shipped.texts == reader_training.digest(files), "run make reader"
