"""Files that someone might send as a photo: made here, by kind, each with what has to become of it."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

CANARY = "CANARY-51.4779N-0.0015W"
"""Stands in all data about a picture that these files carry."""


class Fate(StrEnum):
    """What has to become of a file: the type of the problem, or that it is kept, bare."""

    KEPT = "kept"
    NOT_A_PHOTO = "not-a-photo"
    TOO_LARGE = "photo-too-large"


@dataclass(frozen=True, kw_only=True)
class HostileFile:
    """One file as it is sent."""

    kind: str
    name: str
    content_type: str
    data: bytes
    fate: Fate


def skin(width: int = 640, height: int = 480) -> Image.Image:
    """Something with shades in it; its left half is darker."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    picture.paste((120, 60, 50), (0, 0, width // 2, height))
    return picture


def encoded(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """A picture as bytes in one of Pillow's formats, or HEIF."""
    if form == "HEIF":
        pillow_heif.register_heif_opener()
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def every() -> Iterator[HostileFile]:
    """All of them."""
    for kind, make in (
        ("pixel flood", _pixel_floods),
        ("polyglot", _polyglots),
        ("truncated", _truncated),
        ("animated", _animated),
        ("wrong type", _wrong_types),
        ("metadata", _with_metadata),
    ):
        for name, content_type, data, fate in make():
            yield HostileFile(kind=kind, name=name, content_type=content_type, data=data, fate=fate)


_Made = Iterator[tuple[str, str, bytes, Fate]]


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    """A PNG whose header says what it likes about its compressed rows."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def _pixel_floods() -> _Made:
    black = encoded(Image.new("1", (13_000, 13_000)), "PNG")
    yield "thirteen thousand squared in twenty kilobytes", "image/png", black, Fate.TOO_LARGE
    claimed = png(60_000, 60_000, zlib.compress(b"\0" * 1000))
    yield "a header that lies", "image/png", claimed, Fate.TOO_LARGE
    row = zlib.compress(b"\0" * (6_300 * 4 + 1) * 6_300, 9)
    yield "just within the pixels", "image/png", png(6_300, 6_300, row, colour=6), Fate.TOO_LARGE
    frame = bytearray(encoded(Image.new("RGB", (16, 16))))
    place = frame.index(b"\xff\xc0") + 5
    frame[place : place + 4] = struct.pack(">HH", 65_000, 65_000)
    yield "a JPEG of four thousand megapixels", "image/jpeg", bytes(frame), Fate.TOO_LARGE
    endless = png(100, 100, zlib.compress(b"\0" * 200_000_000, 9))
    yield "more rows than it has", "image/png", endless, Fate.KEPT


def _polyglots() -> _Made:
    plain = encoded(skin())
    yield "a picture, then an archive", "image/jpeg", plain + b"PK\x03\x04" + CANARY.encode(), Fate.KEPT
    script = f"<script>alert('{CANARY}')</script>".encode()
    yield "a picture, then a page", "image/jpeg", plain + b"<html>" + script, Fate.KEPT
    comment = encoded(skin(), comment=b"/*" + script + b"*/=1;")
    yield "a picture that is a script", "image/jpeg", comment, Fate.KEPT
    yield "a page, then a picture", "image/jpeg", b"<html>" + script + plain, Fate.NOT_A_PHOTO
    yield "a PDF, then a picture", "image/jpeg", b"%PDF-1.7\n" + plain, Fate.NOT_A_PHOTO


def _truncated() -> _Made:
    for form, content_type in (("JPEG", "jpeg"), ("PNG", "png"), ("WEBP", "webp"), ("HEIF", "heic")):
        whole = encoded(skin(), form)
        half = whole[: len(whole) // 2]
        yield f"half a {form}", f"image/{content_type}", half, Fate.NOT_A_PHOTO
    yield "a beginning", "image/jpeg", encoded(skin())[:3], Fate.NOT_A_PHOTO
    yield "nothing", "image/jpeg", b"", Fate.NOT_A_PHOTO


def _animated() -> _Made:
    first, others = skin(64, 64), [skin(64, 64).rotate(90 * turn) for turn in (1, 2, 3)]
    more: dict[str, Any] = {"save_all": True, "append_images": others}
    yield "a moving PNG", "image/png", encoded(first, "PNG", **more), Fate.NOT_A_PHOTO
    yield "a moving WebP", "image/webp", encoded(first, "WEBP", **more), Fate.NOT_A_PHOTO
    yield "a GIF", "image/png", encoded(first, "GIF", **more), Fate.NOT_A_PHOTO
    yield "two lenses in one JPEG", "image/jpeg", encoded(first, "MPO", **more), Fate.KEPT
    yield "two pictures in one HEIC", "image/heic", encoded(first, "HEIF", **more), Fate.KEPT


def _wrong_types() -> _Made:
    for form in ("TIFF", "BMP", "ICO", "PPM", "JPEG2000"):
        yield f"a {form}", "image/jpeg", encoded(skin(64, 64), form), Fate.NOT_A_PHOTO
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield "a drawing with a script", "image/png", drawing, Fate.NOT_A_PHOTO
    program = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file\n"
    yield "PostScript", "image/png", program, Fate.NOT_A_PHOTO
    yield "a PNG called JPEG", "image/jpeg", encoded(skin(64, 64), "PNG"), Fate.KEPT


def _with_metadata() -> _Made:
    exif = Image.Exif()
    exif[0x010E], exif[0x0110], exif[0x0132] = CANARY, CANARY, "2026:11:23 08:12:00"
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, 40.0), 3: "W", 4: (0.0, 0.0, 5.0), 29: CANARY})
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{CANARY}</a></x:xmpmeta>'.encode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + CANARY.encode()
    about: dict[str, Any] = {"exif": exif.tobytes(), "xmp": xmp, "icc_profile": profile}
    yield "all about it in a JPEG", "image/jpeg", encoded(skin(), comment=CANARY, **about), Fate.KEPT
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", CANARY)
    words.add_itxt("XML:com.adobe.xmp", xmp.decode())
    kept = {"exif": about["exif"], "icc_profile": profile, "pnginfo": words}
    yield "all about it in a PNG", "image/png", encoded(skin(), "PNG", **kept), Fate.KEPT
    yield "all about it in a WebP", "image/webp", encoded(skin(), "WEBP", **about), Fate.KEPT
    yield "all about it in a HEIC", "image/heic", encoded(skin(), "HEIF", **about), Fate.KEPT
    wrong = encoded(skin(), icc_profile=b"\0\0\1\0" + b"acsp" * 100 + CANARY.encode())
    yield "a profile that is none", "image/jpeg", wrong, Fate.KEPT
