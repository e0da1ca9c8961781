"""What a library keeps to itself may change with any release of it, so nothing here leans on it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "api", "recovery", "worker", "operations", "postgres_launcher", "config", "commands", "migrations",
    "evaluation",
)  # fmt: skip
SINGLE = ("manage", "wsgi")

MEANT_FOR_SUBCLASSES = {
    ("marshmallow.fields", "_deserialize"),
    ("marshmallow.fields", "_serialize"),
}
"""Underscored, and yet the way that marshmallow's guide to custom fields says to take."""

OWN_OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}
"""Underscored so that no field can have their name; they are documented."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def sources() -> list[Path]:
    found = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]
    return [*found, *(PROJECT / f"{name}.py" for name in SINGLE)]


def parsed() -> Iterator[tuple[str, ast.AST]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            yield f"{path.relative_to(PROJECT)}:{getattr(node, 'lineno', 0)}", node


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            # These two are scripts: to import them is to run them.
            if found.name not in ("worker.__main__", "migrations.env"):
                yield importlib.import_module(found.name)


def test_no_private_name_is_imported() -> None:
    imported = [(where, node) for where, node in parsed() if isinstance(node, ast.ImportFrom)]
    assert len(imported) > 1000
    assert [
        f"{where} {node.module} {one.name}"
        for where, node in imported
        for one in node.names
        if any(is_private(part) for part in (*(node.module or "").split("."), one.name))
    ] == []


def test_private_attributes_are_used_by_their_owner_only() -> None:
    used = [
        (where, node)
        for where, node in parsed()
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in OWN_OF_NAMED_TUPLES
    ]
    assert len(used) > 100
    assert [
        f"{where} {ast.unparse(node)}"
        for where, node in used
        if ast.unparse(node.value) not in ("self", "cls", "super()")
    ] == []


def mentioned() -> dict[tuple[str, str], set[str]]:
    """The private names that each class defines or asks of itself, by its module and its name."""
    found = {}
    for path in sources():
        module = ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[module, node.name] = set(filter(is_private, names_in(node)))
    return found


def names_in(written: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(written):
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def of_libraries(kind: type, names: set[str]) -> Iterator[str]:
    """Which of the names are a library's: of a class that this one descends from."""
    for parent in kind.__mro__:
        whose = parent.__module__
        if whose.partition(".")[0] not in (*PACKAGES, *SINGLE):
            for name in names & vars(parent).keys():
                if (whose, name) not in MEANT_FOR_SUBCLASSES and name not in OWN_OF_NAMED_TUPLES:
                    yield f"{kind.__module__}.{kind.__name__}: {name} of {whose}.{parent.__name__}"


def test_no_private_part_of_a_library_is_overridden_or_inherited() -> None:
    names = mentioned()
    ours = {
        kind
        for module in modules()
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if (kind.__module__, kind.__name__) in names
    }
    assert len(ours) > 300
    found = {one for kind in ours for one in of_libraries(kind, names[kind.__module__, kind.__name__])}
    assert sorted(found) == []
