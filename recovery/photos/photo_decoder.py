"""What was sent as a photo becomes two plain JPEGs or is refused: the child process started, waited for, its
answer read."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHILD = Path(__file__).with_name("decode_in_child.py")
_AT_ONCE = threading.BoundedSemaphore(2)
_SECONDS_TO_WAIT = 5.0
_SECONDS_TO_READ = 10.0
_STOPPED_AT_A_LIMIT = frozenset({signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ})
_JPEG = b"\xff\xd8\xff"


class NotAPhoto(Exception):
    """These bytes are no still picture in JPEG, PNG, WebP or HEIC, or they end too early."""


class PhotoTooLarge(Exception):
    """The picture has more pixels than can be read; a smaller copy can."""


class TooManyPhotosAtOnce(Exception):
    """Other photos are being read; try again in a moment."""


@dataclass(frozen=True, kw_only=True)
class DecodedPhoto:
    """A photo and its thumbnail, each a JPEG without anything but its pixels; the photo's size in pixels."""

    photo: bytes
    thumbnail: bytes
    width: int
    height: int


def decode(sent: BinaryIO) -> DecodedPhoto:
    """The pictures made of an open file, from where it stands to its end.

    Raises NotAPhoto, PhotoTooLarge, and TooManyPhotosAtOnce where this process reads two already. Takes at
    most ten seconds, 200 MB in the other process, and nothing of it is left behind.
    """
    if not _AT_ONCE.acquire(timeout=_SECONDS_TO_WAIT):
        raise TooManyPhotosAtOnce
    try:
        with tempfile.TemporaryFile() as answer:
            _run(sent, answer)
            answer.seek(0)
            return _taken_apart(answer.read())
    finally:
        _AT_ONCE.release()


def _run(sent: BinaryIO, answer: BinaryIO) -> None:
    # `-I`: neither the environment nor the folder we stand in decides what the child loads.
    try:
        ended = subprocess.run(
            [sys.executable, "-I", "-B", str(_CHILD)],
            stdin=sent,
            stdout=answer,
            stderr=subprocess.PIPE,
            env={},
            cwd=os.sep,
            timeout=_SECONDS_TO_READ,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PhotoTooLarge from None
    if ended.returncode == 0:
        return
    # A decoder that was stopped at its limit of time was asked for too much; one that fell over was misled.
    if ended.stderr == b"too-large" or -ended.returncode in _STOPPED_AT_A_LIMIT:
        raise PhotoTooLarge
    raise NotAPhoto


def _taken_apart(answer: bytes) -> DecodedPhoto:
    try:
        (length,) = struct.unpack_from(">I", answer)
        header = json.loads(answer[4 : 4 + length])
        middle = 4 + length + int(header["photo"])
        read = DecodedPhoto(
            photo=answer[4 + length : middle],
            thumbnail=answer[middle:],
            width=int(header["width"]),
            height=int(header["height"]),
        )
    except (struct.error, ValueError, KeyError, TypeError):
        raise NotAPhoto from None
    if not (read.photo.startswith(_JPEG) and read.thumbnail.startswith(_JPEG)):
        raise NotAPhoto
    return read
