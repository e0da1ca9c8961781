from __future__ import annotations

import dataclasses

from evaluation.texts import labelled_texts, near_duplicates
from evaluation.texts.labelled_texts import Part


def test_no_unseen_text_is_nearly_a_seen_one() -> None:
    unseen, seen = labelled_texts.read(Part.UNSEEN), labelled_texts.read(Part.SEEN)
    assert list(near_duplicates.find(unseen, among=seen)) == []


def test_a_text_with_another_end_is_nearly_the_same() -> None:
    text = labelled_texts.read(Part.SEEN)[0]
    copy = dataclasses.replace(text, id="copy", text=f"{text.text.upper()} x")
    other = dataclasses.replace(text, id="other", text="quite another thing about the weather")
    assert list(near_duplicates.find([copy, other], among=[text])) == [("copy", text.id)]
