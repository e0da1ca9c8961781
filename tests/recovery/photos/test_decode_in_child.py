"""The process that reads a photo: what it refuses, what it may use, what it makes of a picture."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from recovery.photos import decode_in_child
from tests.support.data import hostile_images
from tests.support.data.hostile_images import Fate, encoded, skin

PROJECT = Path(__file__).resolve().parents[3]
MOST_KIB = 200_000_000 // 1024
HOSTILE = list(hostile_images.every())


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(one.kind for one in HOSTILE)
    assert len(HOSTILE) >= 30
    assert len(kinds) == 6
    assert min(kinds.values()) >= 4


@pytest.mark.parametrize("sent", HOSTILE, ids=lambda one: one.name)
def test_a_hostile_file_takes_200_mb_at_most_and_meets_its_fate(
    sent: hostile_images.HostileFile, tmp_path: Path
) -> None:
    script = PROJECT / "tests/support/machine/measured_child.py"
    command = [sys.executable, "-I", "-B", str(script), str(PROJECT)]
    path = tmp_path / "sent"
    path.write_bytes(sent.data)
    with path.open("rb") as file:
        ended = subprocess.run(command, stdin=file, capture_output=True, env={}, timeout=60, check=False)
    said = re.fullmatch(r"(\S*) peak_kib=(\d+) cpu=([\d.]+)", ended.stderr.decode())
    assert said is not None, (ended.returncode, ended.stderr)
    assert int(said[2]) <= MOST_KIB
    fates = {"": Fate.KEPT, "not-a-photo": Fate.NOT_A_PHOTO, "too-large": Fate.TOO_LARGE}
    assert fates[said[1]] == sent.fate
    assert ended.returncode == (0 if sent.fate is Fate.KEPT else 1)


CONFINED = """
import resource, socket, sys
sys.path.insert(0, sys.argv[1])
from recovery.photos import decode_in_child as child

child.prepare()
child.apply_limits()
for attempt in (
    lambda: open("/etc/passwd"),
    lambda: open("left", "w"),
    socket.socket,
    lambda: bytearray(child.DATA_BYTES),
):
    try:
        attempt()
        print("could")
    except (OSError, MemoryError):
        print("could not")
print(resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_the_reader_can_open_nothing_and_leave_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-c", CONFINED, str(PROJECT)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.splitlines() == ["could not"] * 4 + ["(2, 2) (0, 0)"]
    assert list(tmp_path.iterdir()) == []


def test_the_limits_are_those_that_are_promised() -> None:
    assert decode_in_child.MOST_PIXELS == 40_000_000
    assert decode_in_child.CPU_SECONDS == 2


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ((1600, 1200), (1600, 1200)),
        ((3200, 800), (1600, 400)),
        ((800, 3200), (400, 1600)),
        ((9, 7), (9, 7)),
    ],
)
@pytest.mark.parametrize("form", ["PNG", "HEIF"])
def test_no_side_is_longer_than_allowed_and_a_small_photo_stays_as_it_is(
    form: str, sent: tuple[int, int], kept: tuple[int, int]
) -> None:
    image = decode_in_child.shrink(io.BytesIO(encoded(skin(*sent), form)))
    assert (image.size, image.mode) == (kept, "RGB")


def test_several_pictures_in_one_file_are_no_photo() -> None:
    sent = io.BytesIO()
    skin(64, 48).save(sent, "PNG", save_all=True, append_images=[Image.new("RGB", (64, 48), "white")])
    with pytest.raises(decode_in_child.UndecodablePhoto):
        decode_in_child.shrink(io.BytesIO(sent.getvalue()))


@pytest.mark.parametrize(("width", "refused"), [(8000, False), (8001, True)])
def test_the_number_of_pixels_is_what_counts(width: int, refused: bool) -> None:
    sent = io.BytesIO(encoded(Image.new("1", (width, 5000)), "PNG"))
    if refused:
        with pytest.raises(decode_in_child.TooLarge):
            decode_in_child.shrink(sent)
    else:
        assert decode_in_child.shrink(sent).size == (1600, 1000)


def test_a_jpeg_keeps_nothing_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    image = decode_in_child.shrink(io.BytesIO(encoded(skin(64, 48), "JPEG", exif=exif.tobytes())))
    image.info["comment"] = b"a name"
    with Image.open(io.BytesIO(decode_in_child.encode_jpeg(image))) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (64, 48), {})
        assert not {"comment", "icc_profile", "exif"} & set(kept.info)


def test_the_answer_is_a_header_then_the_photo_then_its_thumbnail() -> None:
    answer = decode_in_child.encode_answer(skin(640, 480))
    (length,) = struct.unpack_from(">I", answer)
    header = json.loads(answer[4 : 4 + length])
    photo, thumbnail = (
        answer[4 + length : 4 + length + header["photo"]],
        answer[4 + length + header["photo"] :],
    )
    assert (header["width"], header["height"], header["thumbnail"]) == (640, 480, len(thumbnail))
    for picture, size in ((photo, (640, 480)), (thumbnail, (320, 240))):
        with Image.open(io.BytesIO(picture), formats=["JPEG"]) as opened:
            assert opened.size == size
