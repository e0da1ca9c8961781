"""Writes the list of every file into docs/architecture.md, each with the first sentence of its docstring.

Run it after a module came, went or says something else of itself: `make listing`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "architecture.md"
PACKAGES = (
    "recovery/domain", "recovery/models", "recovery/services", "recovery", "api", "worker", "operations",
    "commands", "evaluation", "estimation", "migrations", "config", "postgres_launcher", "benchmarks", ".",
)  # fmt: skip
"""The floors one after the other, then what stands beside them, and at last the project's folder itself."""

VERSIONS = Path("migrations/versions")
A_VERSION = "One numbered step of the schema a file: tables, columns, indexes, functions, policies, data"
"""What the list says of all migrations together."""

SUBJECTS = (
    "core", "clinical", "access", "content", "clinic", "patients", "tasks", "messaging", "treatments",
    "reports", "flags", "inbound", "review", "changes", "training", "operations", "read_models",
)  # fmt: skip
"""The order of the subjects on every floor: who knows nobody comes first."""

_LISTING = re.compile(r"(## Every file\n.*?```\n).*?(```\n)", re.DOTALL)


def modules() -> list[Path]:
    """Every module of the product, below the project, without migrations and packages that hold no code."""
    tops = sorted({package.partition("/")[0] for package in PACKAGES} - {"."})
    below = (path for top in tops for path in (PROJECT / top).rglob("*.py"))
    return sorted(
        path.relative_to(PROJECT)
        for path in (*below, *PROJECT.glob("*.py"))
        if not {"versions", "node_modules"} & {*path.parts} and not _is_bare_package(path)
    )


def _is_bare_package(path: Path) -> bool:
    """Whether it only says what its folder is for."""
    return path.name == "__init__.py" and len(ast.parse(path.read_text("utf-8")).body) < 2


def sentence(path: Path) -> str:
    """What a module says of itself in its first sentence. Raises ValueError where it says nothing."""
    text = ast.get_docstring(ast.parse((PROJECT / path).read_text("utf-8")))
    if not text:
        raise ValueError(f"{path} has no docstring")
    first, _, _ = " ".join(text.partition("\n\n")[0].split()).partition(". ")
    return first.removesuffix(".")


def listing() -> str:
    """The whole list: a line a folder, and below it a line a file."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in modules():
        folders[path.parent].append(path)
    lines = {VERSIONS: [f"  {A_VERSION}\n"]}
    for folder, paths in folders.items():
        lines[folder] = [f"  {path.stem:<24}{sentence(path)}\n" for path in paths]
    return "".join(f"{_name(folder)}\n{''.join(lines[folder])}" for folder in sorted(lines, key=_place))


def _name(folder: Path) -> str:
    """A folder as the list names it, with what its package says of itself where it holds no code."""
    if folder == Path():
        return "the project's folder"
    package = PROJECT / folder / "__init__.py"
    bare = package.exists() and _is_bare_package(package)
    return f"{folder}: {sentence(folder / package.name)}" if bare else str(folder)


def _place(folder: Path) -> tuple[int, int, str]:
    package = next(at for at, name in enumerate(PACKAGES) if folder.is_relative_to(name))
    below = folder.relative_to(PACKAGES[package]).parts
    subject = SUBJECTS.index(below[0]) if below and below[0] in SUBJECTS else len(SUBJECTS) * bool(below)
    return package, subject, str(folder)


def page() -> str:
    """The page with the list as it should be."""

    def written(found: re.Match[str]) -> str:
        return found[1] + listing() + found[2]

    return _LISTING.sub(written, PAGE.read_text("utf-8"), count=1)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
