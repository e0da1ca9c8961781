"""Every operation of the document, tried with what it allows and with what it forbids.

CONTRACT_CASES says how many cases; `make contract` runs 20,000, `make test` some for each operation. No
answer may be a failure of ours, none may be other than documented, every error is a problem document, and
what the document forbids is refused.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.access.documented_client import DOCUMENT_PATH, PROBLEM
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.long_runs import sized

CASES = int(os.environ.get("CONTRACT_CASES", sized("500", long="20000")))
FIRST_SEED = int(os.environ.get("CONTRACT_SEED", "1"))
TOO_LARGE = "413"
MOST_SECONDS = max(900, CASES)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
SETTINGS = hypothesis.settings(
    deadline=None,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(hypothesis.HealthCheck),
)


@dataclass
class Tried:
    """What the cases came to."""

    statuses: dict[int, int] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """How many were tried."""
        return sum(self.statuses.values())


@dataclass
class Callers:
    """A token for every kind of caller, fresh again whenever one has been ended by a case."""

    clinic: Clinic
    now: datetime
    patient: Patient
    tokens: dict[str, list[str]] = field(default_factory=dict)

    def renew(self) -> None:
        """New tokens for everyone."""
        self.patient = self.clinic.add_patient(now=self.now)
        self.tokens = {
            "patient": [self.patient.token],
            "staff": [self.clinic.add_nurse(now=self.now, role=role).token for role in Role],
        }

    def headers(self, operation: Any, choice: int) -> dict[str, str]:
        """What a request of this operation carries."""
        for scheme in operation.definition.raw["security"]:
            (kind,) = scheme
            own = self.tokens[kind]
            return {"Authorization": f"Bearer {own[choice % len(own)]}"}
        return {}


@pytest.fixture
def known(
    app: Flask,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    texting: Texting,
    now: datetime,
) -> tuple[Callers, Mapping[str, Any]]:
    """Callers, and something real behind every id that a path can name."""
    callers = Callers(clinic=clinic, now=now, patient=clinic.add_patient(now=now))
    callers.renew()
    patient, report_id = callers.patient, uuid4()
    body = {"seen_at": now.isoformat(), "scores": {"redness": 3, "swelling": 2, "peeling": 0}}
    client = app.test_client()
    sent = body | {"warning_signs": ["pus"], "note": "Itches."}
    assert client.put(patient.report_path(report_id), json=sent, headers=patient.headers).status_code == 201
    with sessions.begin() as session:
        report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=10)
    texting.send(patient.phone, "hello", now=now)
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    ids: dict[str, UUID | str] = {
        "patient_id": patient.id,
        "treatment_id": patient.treatment_id,
        "report_id": report_id,
        "flag_id": flag["id"],
        "task_id": texting.tasks()[0].id,
        "entry_id": texting.entries()[0].id,
        "staff_id": clinic.nurse.id,
        "version": "standard-2026-11",
        "language": "en",
        "key": "day0",
        "topic": "aftercare",
        "what": "sun",
    }
    return callers, {name: str(value) for name, value in ids.items()}


def strategies_of(operation: Any, ids: Mapping[str, str]) -> strategies.SearchStrategy[Any]:
    """Cases of one operation, half of them about something that exists where its path names something."""
    named = [parameter.name for parameter in operation.path_parameters]
    real = {name: ids[name] for name in named if name in ids}
    found = []
    for mode in GenerationMode:
        found.append(operation.as_strategy(generation_mode=mode))
        if real:
            found.append(operation.as_strategy(generation_mode=mode, path_parameters=real))
    if operation.body:
        numbered = operation.as_strategy(
            generation_mode=GenerationMode.POSITIVE, path_parameters=real or None
        )
        found.append(numbered.map(with_a_real_number))
    return strategies.one_of(found)


def with_a_real_number(case: Any) -> Any:
    """The case with a phone number that somebody may have: few of the right form are one."""
    if isinstance(case.body, dict) and isinstance(case.body.get("phone"), str):
        case.body["phone"] = f"+1202555{case.body['phone'][-4:]:0>4}"
    return case


def problems_are_problems(response: Any) -> None:
    """An error is a problem document."""
    if response.status_code >= 400:
        (kind,) = response.headers["content-type"]
        assert kind == PROBLEM, f"an error as {kind}"


def try_one(
    operation: Any, *, callers: Callers, ids: Mapping[str, str], tries: int, seed: int, tried: Tried
) -> None:
    """So many cases of one operation; the first wrong answer is kept."""

    @hypothesis.seed(seed)
    @hypothesis.settings(SETTINGS, max_examples=tries)
    @hypothesis.given(case=strategies_of(operation, ids), choice=strategies.integers(0, 9))
    def run(case: Any, choice: int) -> None:
        headers = callers.headers(operation, choice)
        response = case.call(headers=headers)
        tried.statuses[response.status_code] = tried.statuses.get(response.status_code, 0) + 1
        problems_are_problems(response)
        case.validate_response(response, checks=CHECKS)
        if response.status_code == 401 and headers:
            callers.renew()

    try:
        run()
    except (Exception, FailureGroup) as error:  # whatever it is, the other operations are still to be tried
        tried.wrong.setdefault(operation.label, str(error)[:1500])


@pytest.mark.timeout(MOST_SECONDS)
def test_every_answer_is_as_documented(app: Flask, known: tuple[Callers, Mapping[str, str]]) -> None:
    callers, ids = known
    schema = schemathesis.openapi.from_wsgi(DOCUMENT_PATH, app)
    # A body too large to be read is refused without a look at it.
    refusing = schema.config.checks.negative_data_rejection
    refusing.expected_statuses = [*refusing.expected_statuses, TOO_LARGE]
    operations = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operations.append(found.ok())
    assert len(operations) > 50
    tried, seed = Tried(), FIRST_SEED
    while tried.cases < CASES and not tried.wrong:
        tries = max((CASES - tried.cases) // len(operations), 1)
        for operation in operations:
            try_one(operation, callers=callers, ids=ids, tries=tries, seed=seed, tried=tried)
        seed += 1
    print(f"{tried.cases} cases from seed {FIRST_SEED}: {dict(sorted(tried.statuses.items()))}")  # noqa: T201
    assert tried.wrong == {}
    assert {200, 201, 204, 401, 403, 404, 422} <= set(tried.statuses)
