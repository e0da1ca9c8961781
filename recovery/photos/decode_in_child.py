"""The process that decodes one photo: limits laid on itself, the picture read, turned, shrunk and written as
JPEG.

Run as a script with three open files and nothing inherited: what was sent on standard input, what is made
of it on standard output, what went wrong on standard error as one word. Whoever sends a photo chose its
bytes, so the limits are set before the first of them is looked at: memory, processor time, the size of what
is written, and no file or connection can be opened any more.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import warnings
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageCms, ImageOps

MOST_PIXELS = 40_000_000
DATA_BYTES = 170 * 1024 * 1024
"""What the process may hold of its own. With the libraries' code it stays below 200 MB altogether."""
CPU_SECONDS = 2
LARGEST_OUTPUT = 8 * 1024 * 1024
LONGEST_SIDE = 1600
THUMBNAIL_SIDE = 320
_FORMATS = ("JPEG", "PNG", "WEBP")
_STRIP_ROWS = 64
_SHRINKS_SMOOTHLY = ("L", "RGB", "RGBA", "CMYK", "YCbCr")


class UndecodablePhoto(Exception):
    """The bytes are no still picture in one of the known formats, or they end too early."""


class TooLarge(Exception):
    """The picture has more pixels than are looked at."""


def prepare() -> None:
    """Load all that will be needed: afterwards no file can be opened."""
    pillow_heif.options.DECODE_THREADS = 1
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error")
    for name in _FORMATS:
        sample = io.BytesIO()
        Image.new("RGB", (8, 8)).save(sample, name)
        with Image.open(sample) as opened:
            opened.load()


def apply_limits() -> None:
    """From here on: so much memory and time, nothing to open, nothing to leave behind."""
    for limit, value in (
        (resource.RLIMIT_DATA, DATA_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def shrink(source: BinaryIO) -> Image.Image:
    """The photo upright, in sRGB, on white, no side longer than LONGEST_SIDE.

    Raises UndecodablePhoto, TooLarge.
    """
    if pillow_heif.is_supported(source):
        return _of_heif(source)
    with Image.open(source, formats=_FORMATS) as opened:
        _check_size(opened.size)
        # A phone may put a depth map behind the picture of a JPEG; the first one is the photo.
        if opened.format != "MPO" and getattr(opened, "n_frames", 1) > 1:
            raise UndecodablePhoto
        profile = opened.info.get("icc_profile")
        side = (LONGEST_SIDE, LONGEST_SIDE)
        opened.draft("RGB", side)
        small: Image.Image = opened
        if opened.mode not in _SHRINKS_SMOOTHLY:
            # A palette cannot be blended, and all of its colours at once would not fit.
            opened.thumbnail((LONGEST_SIDE * 2, LONGEST_SIDE * 2), Image.Resampling.NEAREST)
            small = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
        small.thumbnail(side, Image.Resampling.LANCZOS, reducing_gap=1.0)
        return _on_white(_in_srgb(ImageOps.exif_transpose(small), profile))


def _of_heif(source: BinaryIO) -> Image.Image:
    """The first picture, already upright. It is made small strip by strip: whole it would be there twice."""
    opened = pillow_heif.open_heif(source)
    image = opened[opened.primary_index]
    width, height = image.size
    _check_size(image.size)
    factor = max(1, max(width, height) // LONGEST_SIDE)
    small = Image.new(image.mode, (-(-width // factor), -(-height // factor)))
    pixels, rows = memoryview(image.data), _STRIP_ROWS * factor
    for top in range(0, height, rows):
        size = (width, min(rows, height - top))
        part = bytes(pixels[top * image.stride : (top + size[1]) * image.stride])
        strip = Image.frombuffer(image.mode, size, part, "raw", image.mode, image.stride, 1)
        small.paste(strip.reduce(factor), (0, top // factor))
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _on_white(_in_srgb(small, image.info.get("icc_profile")))


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise TooLarge


def _in_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The same colours without the profile that explained them: redness must not change its shade."""
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA"):
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def encode_jpeg(image: Image.Image) -> bytes:
    """JPEG with nothing in it but the picture."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=85, optimize=True, exif=b"", icc_profile=None, comment=b"")
    return out.getvalue()


def encode_answer(image: Image.Image) -> bytes:
    """A header that says how long it is, then the photo, then its thumbnail."""
    photo, (width, height) = encode_jpeg(image), image.size
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    thumbnail = encode_jpeg(image)
    sizes = {"photo": len(photo), "thumbnail": len(thumbnail), "width": width, "height": height}
    header = json.dumps(sizes).encode()
    return struct.pack(">I", len(header)) + header + photo + thumbnail


def main() -> int:
    """Zero and an answer, or one and the reason."""
    prepare()
    apply_limits()
    try:
        sys.stdout.buffer.write(encode_answer(shrink(sys.stdin.buffer)))
        sys.stdout.buffer.flush()
    except (TooLarge, MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.stderr.write("too-large")
        return 1
    except Exception:
        # Whatever a decoder stumbles over is in the bytes. The message may quote them: it is not passed on.
        sys.stderr.write("not-a-photo")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
