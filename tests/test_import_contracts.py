"""The import contracts see every module, and each is broken by what it forbids."""

from __future__ import annotations

import ast
import copy
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

PROJECT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
SETTINGS: Mapping[str, Any] = PYPROJECT["tool"]["importlinter"]
CONTRACT_TYPES: Mapping[str, type[Contract]] = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
}
NO_PRODUCT = {"tests", "docs"}
GUNICORN_READS = Path("config/gunicorn.conf.py")
"""gunicorn's own name for its settings. The checker cannot read a name with two dots, so this test does."""


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Who imports whom in the project, other people's packages included."""
    return grimp.build_graph(*SETTINGS["root_packages"], include_external_packages=True, cache_dir=None)


@pytest.fixture
def planted(imports: grimp.ImportGraph) -> grimp.ImportGraph:
    """The same, to plant a violation in."""
    return copy.deepcopy(imports)


configuration.configure()


def broken(imports: grimp.ImportGraph) -> set[str]:
    """The names of the contracts that do not hold."""
    names = set()
    for options in SETTINGS["contracts"]:
        # The contracts read what an INI file would say.
        said = {name: str(value) if isinstance(value, bool) else value for name, value in options.items()}
        contract = CONTRACT_TYPES[options["type"]](options["name"], dict(SETTINGS), said)
        if not contract.check(copy.deepcopy(imports), verbose=False).kept:
            names.add(options["name"])
    return names


def packages() -> Iterator[str]:
    """The packages at the top of the project that hold the product."""
    for folder in sorted(PROJECT.iterdir()):
        if folder.name not in NO_PRODUCT and not folder.name.startswith(".") and any(folder.glob("*.py")):
            yield folder.name


def test_every_top_level_package_is_under_the_contracts() -> None:
    assert set(packages()) == set(SETTINGS["root_packages"])
    (layers,) = (each for each in SETTINGS["contracts"] if each["name"].startswith("Entry points"))
    layered = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert layered == set(SETTINGS["root_packages"])
    (circles,) = (each for each in SETTINGS["contracts"] if each["type"] == "acyclic_siblings")
    assert set(circles["ancestors"]) == set(SETTINGS["root_packages"])


def test_no_module_is_passed_over_in_silence(imports: grimp.ImportGraph) -> None:
    for package in packages():
        for path in (PROJECT / package).rglob("*.py"):
            relative = path.relative_to(PROJECT)
            # alembic reads the steps by their path; each stands alone.
            if {"node_modules", "versions"} & {*relative.parts} or relative == GUNICORN_READS:
                continue
            name = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
            assert name in imports.modules, f"{relative} is in no contract"


def test_what_gunicorn_reads_knows_the_settings_only() -> None:
    tree = ast.parse((PROJECT / GUNICORN_READS).read_text("utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert modules == {"config"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))


def test_the_product_knows_no_test() -> None:
    for package in packages():
        for path in (PROJECT / package).rglob("*.py"):
            if package == "benchmarks" or "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    assert (node.module or "").partition(".")[0] != "tests", path


def test_all_contracts_hold(imports: grimp.ImportGraph) -> None:
    assert broken(imports) == set()


FORBIDDEN = [
    # one for each contract, and one that each package at the top must not import
    ("api.app", "worker.ticks", "Entry points above recovery above config"),
    ("worker.ticks", "commands.up", "Entry points above recovery above config"),
    ("operations.monitor", "worker.ticks", "Entry points above recovery above config"),
    ("migrations.upgrade", "operations.monitor", "Entry points above recovery above config"),
    ("recovery.domain.clinic.staff_roles", "migrations.grants", "Entry points above recovery above config"),
    ("config.settings", "recovery.domain.clinic.staff_roles", "Entry points above recovery above config"),
    ("postgres_launcher.folders", "config.settings", "Entry points above recovery above config"),
    ("commands.up", "benchmarks.replay", "Entry points above recovery above config"),
    ("evaluation.metrics", "api.app", "Entry points above recovery above config"),
    ("recovery.models.core.base", "recovery.services.core.audit", "The layers of recovery"),
    ("recovery.domain.clinical.bands", "sqlalchemy", "The domain is true without any machine"),
    ("recovery.services.core.audit", "flask", "recovery knows no entry point, no settings, no framework"),
    ("operations.monitor", "flask", "The worker runs without Flask and marshmallow"),
    ("api.app", "apscheduler", "The web never schedules"),
    ("recovery.services.core.audit", "twilio", "Services speak to the port, never to a carrier"),
    ("worker.ticks", "apscheduler", "Only one module knows APScheduler"),
    ("api.patient.reports", "api.clinic.flags.flags", "Callers do not know each other"),
    ("evaluation.month", "recovery.models.core.base", "The evaluation knows the domain only"),
    ("estimation.own_curves", "recovery.models.core.base", "The estimate knows the domain only"),
    ("api.app", "estimation.own_curves", "Nothing that runs for a clinic knows the estimate or its library"),
    ("worker.ticks", "scipy", "Nothing that runs for a clinic knows the estimate or its library"),
    ("recovery.domain.clinical.bands", "recovery.domain.flags.flag_lifecycle", "No circles"),
    ("recovery.models.treatments.treatments", "recovery.models.flags.flags", "No circles"),
    ("recovery.services.access.authentication", "recovery.services.clinic.clinics", "No circles"),
    ("api.console.formatting", "api.console.flags.queue_page", "No circles"),
]


@pytest.mark.parametrize(("importer", "imported", "contract"), FORBIDDEN)
def test_a_planted_violation_is_found(
    planted: grimp.ImportGraph, importer: str, imported: str, contract: str
) -> None:
    assert importer in planted.modules
    assert imported in planted.modules
    planted.add_import(importer=importer, imported=imported)
    assert contract in broken(planted)


def test_each_contract_has_a_planted_violation() -> None:
    assert {contract for _, _, contract in FORBIDDEN} == {each["name"] for each in SETTINGS["contracts"]}
