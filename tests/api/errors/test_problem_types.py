from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections import defaultdict

import pytest

from api.errors.problem_types import KINDS, InvalidBody, ProblemType
from recovery import services
from recovery.services.access import authentication
from recovery.services.clinic import staff_phones

OF_PAGES_AND_COMMANDS = {
    "HeldDraft",
    "NotAStrayText",
    "NothingPutAside",
    "UnknownStrayText",
    "NotReadyToGoLive",
    "PasswordRefused",
    "PhoneNotProved",
    "StaffInvitationEnded",
    "UnknownSession",
    "UnknownStaff",
    "UnusableFile",
    "WeakPassword",
    "WrongPassword",
}
"""Errors of use cases that no operation of the API reaches: the console and the commands tell them."""

KNOWN = sorted(KINDS.items(), key=lambda item: item[0].__qualname__)


def test_every_error_of_a_use_case_is_told_to_callers_or_belongs_to_pages_and_commands() -> None:
    untold = set()
    for found in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        module = importlib.import_module(found.name)
        for name, member in inspect.getmembers(module, inspect.isclass):
            own = issubclass(member, Exception) and member.__module__ == module.__name__
            if own and not name.startswith("_") and not any(base in KINDS for base in member.__mro__):
                untold.add(name)
    assert untold == OF_PAGES_AND_COMMANDS


@pytest.mark.parametrize(("error", "kind"), KNOWN, ids=[error.__qualname__ for error, _ in KNOWN])
def test_a_kind_is_an_error_with_a_stable_type_and_plain_words(
    error: type[Exception], kind: ProblemType
) -> None:
    assert issubclass(error, Exception)
    assert kind.status in (400, 401, 403, 404, 409, 415, 422, 429, 503)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.type)
    assert kind.title[0].isupper()
    assert not re.search(r"[{}%\n]|\.$", kind.title)


def test_one_type_has_one_status() -> None:
    statuses = defaultdict(set)
    for kind in KINDS.values():
        statuses[kind.type].add(kind.status)
    assert {name: found for name, found in statuses.items() if len(found) != 1} == {}
    assert statuses["not-found"] == {404}
    assert statuses["invalid"] == {422}


def test_only_what_is_wrong_in_a_body_points_into_it() -> None:
    for kind in KINDS.values():
        if kind.pointer is not None:
            assert kind.status == 422, kind
            assert re.fullmatch(r"#(/[a-z_]+)+", kind.pointer), kind


def test_whatever_does_not_exist_is_told_in_the_same_words() -> None:
    told = {(kind.type, kind.title, kind.pointer) for kind in KINDS.values() if kind.status == 404}
    assert told == {("not-found", "Not found", None)}


def test_only_wrong_secrets_count_although_they_are_refused() -> None:
    assert {error for error, kind in KINDS.items() if kind.counts} == {
        authentication.SignInRefused,
        authentication.TooManyWrongSecrets,
        staff_phones.WrongPhoneCode,
    }


def test_an_invalid_body_keeps_where_and_why_and_says_nothing_by_itself() -> None:
    places = [("#/scores/pain", "Not a whole number from 0 to 10."), ("#/note", "Too long.")]
    error = InvalidBody(places)
    assert error.errors == places
    assert str(error) == ""
