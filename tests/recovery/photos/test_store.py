from __future__ import annotations

import re
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recovery.photos import store


class BucketServer(ThreadingHTTPServer):
    """What is kept under its address, and how many requests were signed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Bucket)
        self.kept: dict[str, bytes] = {}
        self.signed = 0


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as three calls need; what is kept lies in the server."""

    server: BucketServer
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self.server.kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"")

    def do_GET(self) -> None:
        found = self.server.kept.get(self.path)
        missing = b"<Error><Code>NoSuchKey</Code></Error>"
        self._answer(200 if found is not None else 404, missing if found is None else found)

    def do_POST(self) -> None:
        """Deletes several, as a store is asked to even for one."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        (key,) = re.findall("<Key>([^<]+)</Key>", asked)
        bucket = self.path.split("?")[0].rstrip("/")
        self.server.kept.pop(f"{bucket}/{key}", None)
        said = f"<DeleteResult><Deleted><Key>{key}</Key></Deleted></DeleteResult>"
        self._answer(200, said.encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.server.signed += "AWS4-HMAC-SHA256" in self.headers.get("Authorization", "")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 08:12:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketServer]:
    """An S3-compatible store on this machine, named by the usual variables."""
    server = BucketServer()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name, value in (
        ("AWS_ENDPOINT", f"http://127.0.0.1:{server.server_port}"),
        ("AWS_ACCESS_KEY_ID", "key"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "eu-central-1"),
    ):
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def keeps(photos: store.PhotoStore) -> None:
    name = store.new_name()
    with pytest.raises(store.NoSuchObject):
        photos.get(name)
    photos.put(name, b"first")
    photos.put(name, b"second")
    assert photos.get(name) == b"second"
    photos.delete(name)
    photos.delete(name)
    with pytest.raises(store.NoSuchObject):
        photos.get(name)


def test_a_folder_keeps_pictures_for_this_account_only(tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "photos"
    photos = store.open_store(folder.as_uri())
    keeps(photos)
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IRWXU
    assert list(folder.iterdir()) == []


def test_a_bucket_keeps_them_too(bucket: BucketServer) -> None:
    keeps(store.open_store("s3://pictures/of/skin"))
    photos = store.open_store("s3://pictures/of/skin")
    photos.put("abc", b"x")
    assert list(bucket.kept) == ["/pictures/of/skin/abc"]
    assert bucket.signed > 4


def test_a_store_that_cannot_be_reached_says_so(
    tmp_path: Path, bucket: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(store.StoreUnavailable):
        store.open_store((tmp_path / "file" / "photos").as_uri()).put("abc", b"x")
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    photos = store.open_store("s3://pictures")
    for attempt in (lambda: photos.put("abc", b"x"), lambda: photos.get("abc"), lambda: photos.delete("abc")):
        with pytest.raises(store.StoreUnavailable):
            attempt()


def test_names_are_never_the_same() -> None:
    assert len({store.new_name() for _ in range(1000)}) == 1000
