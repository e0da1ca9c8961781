from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from recovery.photos import photo_decoder
from tests.support.data.hostile_images import encoded, skin


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture), formats=["JPEG"])


def read(sent: bytes, folder: Path) -> photo_decoder.DecodedPhoto:
    path = folder / "sent"
    path.write_bytes(sent)
    with path.open("rb") as file:
        return photo_decoder.decode(file)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_kind_of_photo_becomes_a_small_upright_jpeg(form: str, tmp_path: Path) -> None:
    sent = skin(1840, 1380)
    exif = Image.Exif()
    exif[0x0112] = 6 if form != "HEIF" else 1
    read_back = read(encoded(sent, form, exif=exif.tobytes()), tmp_path)
    photo, thumbnail = opened(read_back.photo), opened(read_back.thumbnail)
    assert photo.size == (read_back.width, read_back.height)
    assert photo.size == ((1600, 1200) if form == "HEIF" else (1200, 1600))
    assert max(thumbnail.size) == 320
    # Turned to the right, what was dark on the left is above.
    dark = photo.getpixel((600, 100) if form != "HEIF" else (100, 600))
    assert isinstance(dark, tuple)
    assert dark == pytest.approx((120, 60, 50), abs=9)


def test_photos_as_cameras_take_them_are_read(tmp_path: Path) -> None:
    for form, size in (("JPEG", (7000, 5600)), ("HEIF", (4032, 3024))):
        read_back = read(encoded(skin(64, 48).resize(size), form), tmp_path)
        assert max(read_back.width, read_back.height) == 1600


def test_colours_stay_what_they_look_like_without_their_profile(tmp_path: Path) -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # In this space the number that is called red shines green, and the other way round.
    swapped = plain.replace(b"rXYZ", b"none").replace(b"gXYZ", b"rXYZ").replace(b"none", b"gXYZ")
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red = Image.new("RGB", (64, 64), (200, 80, 70))
    for profile, looks in ((plain, (200, 80, 70)), (swapped, (80, 200, 70)), (lab, (200, 80, 70))):
        for form in ("PNG", "HEIF"):
            kept = read(encoded(red, form, icc_profile=profile), tmp_path)
            assert opened(kept.photo).getpixel((32, 32)) == pytest.approx(looks, abs=6), form


def test_what_is_seen_through_stands_on_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (64, 64), (200, 80, 70, 0))
    palette = skin(64, 64).convert("P")
    assert opened(read(encoded(clear, "PNG"), tmp_path).photo).getpixel((9, 9)) == (255, 255, 255)
    assert opened(read(encoded(palette, "PNG"), tmp_path).photo).mode == "RGB"
    for mode in ("L", "LA", "I;16", "1", "CMYK"):
        form = "JPEG" if mode == "CMYK" else "PNG"
        assert opened(read(encoded(Image.new(mode, (64, 64)), form), tmp_path).photo).mode == "RGB"


def test_two_are_read_at_once_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_decoder, "_SECONDS_TO_WAIT", 0.01)
    refused = []
    with photo_decoder._AT_ONCE, photo_decoder._AT_ONCE:

        def attempt() -> None:
            try:
                read(encoded(skin()), tmp_path)
            except photo_decoder.TooManyPhotosAtOnce:
                refused.append(1)

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert refused == [1]
    assert read(encoded(skin()), tmp_path).width == 640
