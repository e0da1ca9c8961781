from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session, sessionmaker

from api.app_state import state
from api.patient.photos import LARGEST, TYPES
from config.settings import Settings
from recovery.models.core.audit import AuditEntry
from recovery.models.reports.photos import Photo
from recovery.photos.store import StoreUnavailable
from recovery.services.reports.photos import MOST_OF_A_REPORT
from tests.support.access.documented_client import DocumentedClient
from tests.support.data import hostile_images
from tests.support.data.hostile_images import CANARY, Fate, encoded, skin
from tests.support.data.people import Clinic, Patient

Rows = Callable[[], dict[str, int]]
Sessions = sessionmaker[Session]


@pytest.fixture
def report_id(client: DocumentedClient, patient: Patient, now: datetime) -> UUID:
    """A report of the patient's."""
    made = uuid4()
    body = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}
    assert client.put(patient.report_path(made), json=body, headers=patient.headers).status_code == 201
    return made


@pytest.fixture
def put(client: DocumentedClient, patient: Patient, report_id: UUID) -> Callable[..., Any]:
    def send(
        photo_id: UUID,
        data: bytes,
        *,
        by: Patient = patient,
        report: UUID = report_id,
        content_type: str = "image/jpeg",
    ) -> Any:
        headers = by.headers | {"Content-Type": content_type}
        return client.put(f"/api/v1/me/reports/{report}/photos/{photo_id}", data=data, headers=headers)

    return send


def folder(settings: Settings) -> Path:
    return Path(urlsplit(settings.photos_at).path)


def kept(settings: Settings) -> set[str]:
    return {path.name for path in folder(settings).iterdir()} if folder(settings).exists() else set()


def test_a_photo_is_stored_once_and_seen_by_its_patient_and_the_clinic(
    client: DocumentedClient,
    clinic: Clinic,
    patient: Patient,
    put: Callable[..., Any],
    report_id: UUID,
    rows: Rows,
    settings: Settings,
    sessions: Sessions,
) -> None:
    photo_id, sent = uuid4(), encoded(skin(2400, 1800))
    before, files = rows(), kept(settings)
    first = put(photo_id, sent)
    assert first.status_code == 201
    assert (first.json["id"], first.json["report_id"]) == (str(photo_id), str(report_id))
    assert (first.json["width"], first.json["height"]) == (1600, 1200)
    again = put(photo_id, sent, content_type="image/png")
    assert (again.status_code, again.data) == (200, first.data)
    added = {name: count - before[name] for name, count in rows().items() if count != before[name]}
    assert added == {"photo": 1, "audit_entry": 1}
    new = kept(settings) - files
    with sessions() as session:
        row = session.query(Photo).one()
        assert new == {row.object_name, row.thumbnail_name}
    own, staff = f"/api/v1/me/reports/{report_id}/photos", f"/api/v1/reports/{report_id}/photos"
    for path, headers in ((own, patient.headers), (staff, clinic.nurse.headers)):
        listed = client.get(path, headers=headers)
        assert listed.json == {"items": [first.json], "next": None}
        for query, longest in (("", 1600), ("?size=thumbnail", 320)):
            picture = client.get(f"{path}/{photo_id}{query}", headers=headers)
            assert max(Image.open(io.BytesIO(picture.data)).size) == longest
            assert picture.headers["X-Content-Type-Options"] == "nosniff"
            assert picture.headers["Content-Disposition"].startswith("attachment; filename=")
            assert "sandbox" in picture.headers["Content-Security-Policy"]
    with sessions() as session:
        acts = Counter(entry.action for entry in session.query(AuditEntry))
    assert (acts["photo.store"], acts["photo.list"], acts["photo.read"]) == (1, 1, 2)


def test_a_photo_belongs_to_one_report_of_one_patient(
    client: DocumentedClient,
    clinic: Clinic,
    other_clinic: Clinic,
    put: Callable[..., Any],
    report_id: UUID,
    rows: Rows,
    now: datetime,
) -> None:
    photo_id, sent = uuid4(), encoded(skin())
    assert put(photo_id, sent).status_code == 201
    before = rows()
    unknown = put(uuid4(), sent, report=uuid4())
    assert (unknown.status_code, unknown.json["type"]) == (404, "urn:afterglow:problem:not-found")
    for someone in (clinic.add_patient(now=now), other_clinic.add_patient(now=now)):
        path = f"/api/v1/me/reports/{report_id}/photos"
        refused = [put(photo_id, sent, by=someone), put(uuid4(), sent, by=someone)]
        refused += [client.get(one, headers=someone.headers) for one in (path, f"{path}/{photo_id}")]
        assert {(answer.status_code, answer.data) for answer in refused} == {(404, unknown.data)}
    for nurse, status in ((clinic.nurse, 200), (other_clinic.nurse, 404)):
        path = f"/api/v1/reports/{report_id}/photos/{photo_id}"
        assert client.get(path, headers=nurse.headers).status_code == status
    after = {name: count - before[name] for name, count in rows().items() if name in ("photo", "report")}
    assert after == {"photo": 0, "report": 0}


def test_an_id_is_one_photo_and_a_report_has_few(
    client: DocumentedClient, patient: Patient, put: Callable[..., Any], now: datetime
) -> None:
    ids = [uuid4() for _ in range(MOST_OF_A_REPORT)]
    for photo_id in ids:
        assert put(photo_id, encoded(skin(32, 32))).status_code == 201
    other = put(ids[0], encoded(skin(33, 32)))
    assert (other.status_code, other.json["type"]) == (409, "urn:afterglow:problem:photo-id-taken")
    full = put(uuid4(), encoded(skin(32, 32)))
    assert (full.status_code, full.json["type"]) == (409, "urn:afterglow:problem:too-many-photos")
    assert put(ids[0], encoded(skin(32, 32))).status_code == 200
    second = uuid4()
    body = {"seen_at": now.isoformat(), "scores": {"redness": 1, "swelling": 1, "peeling": 0}}
    client.put(patient.report_path(second), json=body, headers=patient.headers)
    elsewhere = put(ids[0], encoded(skin(32, 32)), report=second)
    assert (elsewhere.status_code, elsewhere.json["type"]) == (409, "urn:afterglow:problem:photo-id-taken")


def test_the_same_photo_six_times_at_once_is_one(
    app: Flask, patient: Patient, report_id: UUID, settings: Settings, rows: Rows
) -> None:
    path, sent, answers = f"/api/v1/me/reports/{report_id}/photos/{uuid4()}", encoded(skin(64, 64)), []
    files, begin = kept(settings), threading.Barrier(6)

    def send() -> None:
        begin.wait()
        headers = patient.headers | {"Content-Type": "image/jpeg"}
        answer = app.test_client().put(path, data=sent, headers=headers)
        answers.append((answer.status_code, answer.data))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers) == [200] * 5 + [201]
    assert len({data for _, data in answers}) == 1
    assert (rows()["photo"], len(kept(settings) - files)) == (1, 2)


def test_of_a_hostile_file_nothing_but_pixels_is_kept(
    client: DocumentedClient,
    patient: Patient,
    put: Callable[..., Any],
    settings: Settings,
    now: datetime,
) -> None:
    body = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}
    files = kept(settings)
    for sent in hostile_images.every():
        # The others meet the same fate in the tests of the reader.
        if sent.kind not in ("metadata", "polyglot", "truncated"):
            continue
        report, photo_id = uuid4(), uuid4()
        client.put(patient.report_path(report), json=body, headers=patient.headers)
        answer = put(photo_id, sent.data, report=report, content_type=sent.content_type)
        if sent.fate is not Fate.KEPT:
            assert answer.status_code == 422, sent.name
            assert answer.json["type"] == f"urn:afterglow:problem:{sent.fate}", sent.name
            assert kept(settings) == files, sent.name
            continue
        assert answer.status_code == 201, sent.name
        new, files = kept(settings) - files, kept(settings)
        assert len(new) == 2
        for name in new:
            _nothing_but_pixels((folder(settings) / name).read_bytes())


def _nothing_but_pixels(data: bytes) -> None:
    assert CANARY.encode() not in data
    assert b"script" not in data
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "JPEG"
    assert dict(picture.getexif()) == {}
    assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert getattr(picture, "n_frames", 1) == 1


def test_names_lead_nowhere(
    client: DocumentedClient, patient: Patient, report_id: UUID, settings: Settings
) -> None:
    files, path = kept(settings), f"/api/v1/me/reports/{report_id}/photos/"
    for name in ("../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "a" * 300):
        headers = patient.headers | {
            "Content-Type": "image/jpeg",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
        sent = encoded(skin(32, 32))
        assert client.put(path + name, data=sent, headers=headers).status_code == 404
        assert client.put(path + str(uuid4()), data=sent, headers=headers).status_code == 201
    new = kept(settings) - files
    assert len(new) == 8
    assert all(len(one) == 32 and set(one) <= set("0123456789abcdef") for one in new)


def test_what_is_no_upload_is_said_so(
    client: DocumentedClient, patient: Patient, put: Callable[..., Any], rows: Rows
) -> None:
    before = rows()
    for content_type in ("application/octet-stream", "text/html", "image/svg+xml", "multipart/form-data", ""):
        assert put(uuid4(), encoded(skin(32, 32)), content_type=content_type).status_code == 415
    too_long = put(uuid4(), b"\xff" * (LARGEST + 1))
    assert (too_long.status_code, too_long.json["type"]) == (413, "urn:afterglow:problem:body-too-large")
    assert rows() == before
    # Elsewhere the limit stays what it was.
    json = patient.headers | {"Content-Type": "application/json"}
    big = client.put(patient.report_path(), data=b" " * 70_000, headers=json)
    assert big.status_code == 413
    assert {"image/jpeg", "image/png", "image/webp", "image/heic"} <= set(TYPES)


class _Away:
    """A store whose disk is full."""

    def put(self, name: str, data: bytes) -> None:
        raise StoreUnavailable

    def get(self, name: str) -> bytes:
        raise StoreUnavailable

    def delete(self, name: str) -> None:
        raise StoreUnavailable


def test_a_store_that_is_away_loses_nothing(
    app: Flask, client: DocumentedClient, patient: Patient, put: Callable[..., Any], report_id: UUID
) -> None:
    photo_id, sent = uuid4(), encoded(skin(64, 64))
    with app.app_context():
        kept_state = state()
        there = kept_state.photos
        object.__setattr__(kept_state, "photos", _Away())
    answer = put(photo_id, sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    path = f"/api/v1/me/reports/{report_id}/photos"
    assert client.get(path, headers=patient.headers).get_json()["items"] == []
    assert client.get(f"{path}/{photo_id}", headers=patient.headers).status_code == 404
    object.__setattr__(kept_state, "photos", there)
    assert put(photo_id, sent).status_code == 201
    assert client.get(f"{path}/{photo_id}", headers=patient.headers).status_code == 200
