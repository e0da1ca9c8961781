from __future__ import annotations

import pytest

from config import content_files
from recovery.domain.inbound import reader_bounds
from recovery.domain.inbound.reader_bounds import BoundsError

TEXT = content_files.read_content_files().reader_limits


def test_the_shipped_bounds_are_in_order() -> None:
    bounds = reader_bounds.parse(TEXT)
    assert bounds.same_day <= bounds.emergency < bounds.sure_emergency
    assert bounds.pause < bounds.stop


@pytest.mark.parametrize(
    ("old", "new"), [("[next_day]", "[later]"), ("named = ", "nomed = "), ("obeyed = 0.9", "obeyed = 1.9")]
)
def test_faults_are_refused(old: str, new: str) -> None:
    with pytest.raises(BoundsError, match="line"):
        reader_bounds.parse(TEXT.replace(old, new))
