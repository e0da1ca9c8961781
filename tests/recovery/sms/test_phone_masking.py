from __future__ import annotations

import pytest

from recovery.sms import phone_masking


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+15005550123", "+1•••••123"),
        ("+79161234567", "+7•••••567"),
        ("+442079460958", "+44•••••958"),
        ("+351912345678", "+351•••••678"),
        ("+2105550123", "•••••"),
        ("+1", "•••••"),
        ("15005550123", "•••••"),
        ("+1500555012x", "•••••"),
        ("", "•••••"),
    ],
)
def test_masked(number: str, shown: str) -> None:
    assert phone_masking.mask_number(number) == shown
