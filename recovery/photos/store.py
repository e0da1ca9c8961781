"""Where the pictures lie: an object store or a folder, put, got and deleted under names that say nothing."""

from __future__ import annotations

import os
import secrets
import stat
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

SCHEMES = ("file", "s3")
_OF_A_REQUEST = timedelta(seconds=10)
_RETRIES = 2


class StoreUnavailable(Exception):
    """The pictures cannot be reached now; nothing was lost."""


class NoSuchObject(Exception):
    """Nothing is kept under this name."""


class PhotoStore(Protocol):
    """Keeps bytes under names made by `new_name`. Every call ends within half a minute."""

    def put(self, name: str, data: bytes) -> None:
        """Keep the bytes, durably; they replace what had this name. Raises StoreUnavailable."""

    def get(self, name: str) -> bytes:
        """The bytes. Raises NoSuchObject, StoreUnavailable."""

    def delete(self, name: str) -> None:
        """Forget the bytes; fine where there are none. Raises StoreUnavailable."""


def new_name() -> str:
    """A name nobody can guess and nobody learns anything from."""
    return secrets.token_hex(16)


def open_store(url: str) -> PhotoStore:
    """The store at `file:///a/folder` or `s3://bucket/prefix`; the latter takes its keys, region and
    endpoint from the usual AWS_ variables. Nothing is made or asked before the first call.
    """
    if urlsplit(url).scheme == "file":
        return _Folder(Path(url2pathname(urlsplit(url).path)))
    return _Objects(
        from_url(
            url,
            client_options={
                "connect_timeout": timedelta(seconds=3),
                "timeout": _OF_A_REQUEST,
                "default_content_type": "image/jpeg",
                # Only an endpoint that its operator named with http:// is spoken to without encryption.
                "allow_http": True,
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": 2 * _OF_A_REQUEST},
        )
    )


class _Objects:
    """Any store that obstore knows."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, name: str, data: bytes) -> None:
        try:
            obstore.put(self._store, name, data)
        except (BaseError, OSError) as error:
            raise StoreUnavailable from error

    def get(self, name: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, name).bytes())
        except (NotFoundError, FileNotFoundError):
            raise NoSuchObject(name) from None
        except (BaseError, OSError) as error:
            raise StoreUnavailable from error

    def delete(self, name: str) -> None:
        try:
            obstore.delete(self._store, name)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise StoreUnavailable from error


class _Folder:
    """A folder of this machine, for this account only, made when the first picture comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        try:
            self._folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
            _Objects(self._opened()).put(name, data)
            # What was answered is on disk.
            for path in (self._folder / name, self._folder):
                opened = os.open(path, os.O_RDONLY)
                try:
                    os.fsync(opened)
                finally:
                    os.close(opened)
        except OSError as error:
            raise StoreUnavailable from error

    def get(self, name: str) -> bytes:
        if not self._folder.is_dir():
            raise NoSuchObject(name)
        return _Objects(self._opened()).get(name)

    def delete(self, name: str) -> None:
        if self._folder.is_dir():
            _Objects(self._opened()).delete(name)

    def _opened(self) -> LocalStore:
        return LocalStore(self._folder)
