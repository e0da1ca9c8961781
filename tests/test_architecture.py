"""Rules of the code's shape that neither the linter nor the import contracts can see."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import ForeignKeyConstraint, Table

from tests.support.machine import databases

PROJECT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400
MOST_BESIDE = 15
LONG_ENOUGH_FOR_A_TEST = 60
MOST_BY_POSITION = 2
"""What a function is about; a session and the key of a row, in two parts, may come before the named ones."""
CALLED_BY_LIBRARIES = {"handle_error", "redact", "strip_exception_text"}
CODE = {".py", ".js", ".css", ".html", ".toml", ".sh", ".sql"}
GENERATED = ("migrations/versions/", "requirements")
OF_ALL_CLINICS = {
    "alert",
    "alert_notice",
    "carrier_circuit",
    "clinic",
    "content_bundle",
    "content_part",
    "sign_in_code",
    "stray_text",
    "try_count",
    "worker",
}
"""Tables that belong to the installation, not to one clinic."""

# A savepoint is none: it begins and ends nothing for anybody else.
TRANSACTION_ENDS = {"commit", "rollback", "begin", "invalidate"}
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {
        "time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "clock_gettime", "localtime",
    },
    "func": {"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "current_timestamp"},
}  # fmt: skip


def ours() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [PROJECT / line for line in listed.stdout.splitlines() if (PROJECT / line).is_file()]


def calls(package: str) -> Iterator[tuple[str, str, str]]:
    """Every `owner.name(...)` in a package, with where it stands."""
    for path in sorted((PROJECT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                yield f"{path.relative_to(PROJECT)}:{node.lineno}", str(name), node.func.attr


def test_recovery_leaves_the_transaction_to_its_callers() -> None:
    found = list(calls("recovery"))
    assert len(found) > 500
    assert [where for where, _, name in found if name in TRANSACTION_ENDS] == []


def test_recovery_is_told_the_time() -> None:
    looked = [where for where, owner, name in calls("recovery") if name in CLOCKS.get(owner, ())]
    assert looked == []
    imported = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in sorted((PROJECT / "recovery").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "time"
    ]
    assert imported == []


def loaded_by(statement: str) -> set[str]:
    """The top-level names of all modules that a fresh process has after a statement."""
    script = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(ended.stdout.split())


def test_the_domain_stands_on_the_standard_library() -> None:
    modules = [
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for path in sorted((PROJECT / "recovery" / "domain").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert len(modules) > 10
    before = loaded_by("pass")
    added = loaded_by("import " + ", ".join(modules)) - before
    # The build's own settings are a module named after the platform.
    strange = {name for name in added - sys.stdlib_module_names if not name.startswith("_sysconfigdata")}
    assert strange == {"recovery"}


def test_the_worker_loads_no_web_framework() -> None:
    loaded = loaded_by("import worker.__main__")
    assert {"apscheduler", "sqlalchemy", "worker"} <= loaded
    assert not loaded & {"flask", "flask_smorest", "flask_sqlalchemy", "marshmallow", "webargs", "api"}


def test_the_web_loads_no_scheduler() -> None:
    loaded = loaded_by("import api.app")
    assert {"flask", "recovery"} <= loaded
    assert not loaded & {"apscheduler", "worker", "evaluation"}


@pytest.mark.parametrize("module", ["api.app", "worker.__main__", "manage"])
def test_what_learns_curves_is_loaded_by_its_command_only(module: str) -> None:
    assert not loaded_by(f"import {module}") & {"scipy", "numpy"}


def of_a_clinic() -> list[Table]:
    return [table for name, table in sorted(databases.all_tables().items()) if name not in OF_ALL_CLINICS]


def test_every_row_of_a_clinic_is_found_under_its_clinic() -> None:
    for table in of_a_clinic():
        assert next(iter(table.primary_key.columns)).name == "clinic_id", table.name
        assert len(table.primary_key.columns) > 1, table.name


def test_no_reference_can_leave_its_clinic() -> None:
    known = {table.name for table in of_a_clinic()}
    seen = 0
    for table in of_a_clinic():
        own = [one for one in table.constraints if isinstance(one, ForeignKeyConstraint)]
        assert ["clinic_id"] in [one.column_keys for one in own], table.name
        for reference in own:
            if reference.referred_table.name in known:
                pairs = [(element.parent.name, element.column.name) for element in reference.elements]
                assert pairs[0] == ("clinic_id", "clinic_id"), (table.name, pairs)
                seen += 1
    assert seen > 10


def test_every_column_that_names_a_row_of_a_clinic_refers_to_it() -> None:
    by_hand = {
        ("audit_entry", "actor_id"),
        ("audit_entry", "subject_id"),
        ("message", "worker_id"),
        ("sent_count", "worker_id"),
        ("message", "carrier_id"),
        ("inbound_text", "carrier_id"),
        # Of whoever is erased it is noted that their figures change.
        ("figure_change", "patient_id"),
    }
    for table in of_a_clinic():
        referring = {
            name
            for one in table.constraints
            if isinstance(one, ForeignKeyConstraint)
            for name in one.column_keys
        }
        pointing = {column.name for column in table.columns if column.name.endswith("_id")}
        assert {name for name in pointing - referring if (table.name, name) not in by_hand} == set()


def test_files_can_be_read_in_one_sitting() -> None:
    long = {
        str(path.relative_to(PROJECT)): lines
        for path in ours()
        if path.suffix in CODE and not str(path.relative_to(PROJECT)).startswith(GENERATED)
        # A protocol is signed as one text, with a table of scores for each curve and symptom.
        if path.parent != PROJECT / "config" / "protocols"
        if (lines := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def sources() -> list[Path]:
    """The product's own modules: no tests, no benchmarks, no steps of migrations."""
    return [
        path
        for path in ours()
        if path.suffix == ".py"
        and path.relative_to(PROJECT).parts[0] not in ("tests", "benchmarks")
        and "versions" not in path.parts
    ]


def test_no_folder_holds_more_than_one_looks_through() -> None:
    beside: Counter[Path] = Counter()
    for path in ours():
        if path.suffix == ".py" and path.name != "__init__.py" and "versions" not in path.parts:
            beside[path.parent.relative_to(PROJECT)] += 1
    assert {str(folder): count for folder, count in beside.items() if count > MOST_BESIDE} == {}


def test_the_tests_mirror_the_source() -> None:
    missing = [
        str(path.relative_to(PROJECT))
        for path in sources()
        if path.name not in ("__init__.py", "__main__.py", "gunicorn.conf.py")
        and len(path.read_text("utf-8").splitlines()) > LONG_ENOUGH_FOR_A_TEST
        and not (PROJECT / "tests" / path.parent.relative_to(PROJECT) / f"test_{path.name}").exists()
    ]
    assert missing == []


def test_what_an_argument_means_is_said_where_it_is_given() -> None:
    many = []
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
            most = MOST_BY_POSITION + (names[:1] in (["self"], ["cls"])) + ("session" in names[:2])
            # What a library calls with arguments of its own.
            if len(names) > most and node.name not in CALLED_BY_LIBRARIES and not node.decorator_list:
                many.append(f"{path.relative_to(PROJECT)}:{node.lineno} {node.name}")
    assert many == []
