"""What tests ask of the shapes that travel: which a module describes, and what they are read from."""

from __future__ import annotations

import dataclasses
import inspect
from types import ModuleType

import marshmallow as ma
from sqlalchemy import inspect as mapped

from api.formats.request_bodies import Body
from recovery.models.core.base import Base


def bodies_of(module: ModuleType) -> list[type[ma.Schema]]:
    """The bodies that a module describes."""
    return [shape for shape in _schemas_of(module) if issubclass(shape, Body)]


def answers_of(module: ModuleType) -> list[type[ma.Schema]]:
    """The answers that a module describes: neither bodies nor what stands in an address."""
    return [
        shape
        for shape in _schemas_of(module)
        if not issubclass(shape, Body) and not shape.__name__.endswith(("Query", "WholePage", "Problem"))
    ]


def refusals(shape: ma.Schema, body: object) -> list[str]:
    """The names of the fields over which a body is refused; empty where it is taken."""
    return sorted(str(name) for name in shape.validate(body))  # type: ignore[arg-type]


def attributes_of(kind: type) -> set[str]:
    """What a row of a table, or an object of a dataclass, has to be read from."""
    if dataclasses.is_dataclass(kind) and not issubclass(kind, Base):
        return {field.name for field in dataclasses.fields(kind)}
    return set(mapped(kind).attrs.keys())


def _schemas_of(module: ModuleType) -> list[type[ma.Schema]]:
    return [
        shape
        for _, shape in inspect.getmembers(module, inspect.isclass)
        if issubclass(shape, ma.Schema) and shape.__module__ == module.__name__
    ]
