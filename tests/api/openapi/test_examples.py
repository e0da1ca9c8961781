from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from api.openapi.examples import NAMED, build_example

Schema = dict[str, Any]
WORDS: Schema = {"type": "string"}


def example(schema: Schema, *, name: str = "", **schemas: Schema) -> Any:
    return build_example(schema, schemas=schemas, name=name)


def test_a_schema_s_own_example_comes_before_everything_else() -> None:
    assert example({"type": "string", "enum": ["a"], "example": "b"}, name="phone") == "b"
    assert example({"type": "integer", "example": 0}) == 0


def test_a_reference_is_followed_under_the_name_of_the_property() -> None:
    shape = {"$ref": "#/components/schemas/Text"}
    assert example(shape, name="phone", Text=WORDS) == NAMED["phone"]
    assert example({"allOf": [shape]}, name="phone", Text=WORDS) == NAMED["phone"]


def test_of_several_schemas_the_first_that_is_not_null_is_taken() -> None:
    schema = {"anyOf": [{"type": "null"}, {"type": "boolean"}, WORDS]}
    assert example(schema) is True


@pytest.mark.parametrize(
    ("schema", "name", "made"),
    [
        ({"type": "string", "enum": ["text", "desk"]}, "phone", "text"),
        ({"type": "boolean"}, "phone", True),
        ({"type": "integer", "minimum": 4}, "", 4),
        ({"type": "integer"}, "", 1),
        ({"type": "number", "minimum": 0.5}, "", 0.5),
        ({"type": "integer"}, "year_of_birth", NAMED["year_of_birth"]),
        ({"type": "number"}, "depth_mm", NAMED["depth_mm"]),
        ({"type": "integer", "minimum": 2}, "depth_mm", 2),
        ({"type": "integer", "minimum": 2}, "phone", 2),
        (WORDS, "email", NAMED["email"]),
        (WORDS, "year_of_birth", "year of birth"),
        (WORDS, "", "words"),
        ({"type": ["string", "null"]}, "strange", None),
        ({"type": ["null", "string"]}, "note", NAMED["note"]),
        ({"type": "array", "items": WORDS}, "tips", ["tips"]),
        ({"type": "array", "items": WORDS}, "mon", NAMED["mon"]),
        ({"type": "array"}, "tips", ["tips"]),
        ({"type": "object"}, "weekly_hours", NAMED["weekly_hours"]),
        ({"type": "object"}, "phone", {}),
        ({}, "phone", NAMED["phone"]),
    ],
)
def test_a_value_is_made_of_the_name_where_it_fits_and_else_of_the_schema(
    schema: Schema, name: str, made: object
) -> None:
    assert example(schema, name=name) == made


def test_words_are_as_long_as_they_may_and_must_be() -> None:
    assert example({"type": "string", "maxLength": 4}, name="strange_words") == "stra"
    assert example({"type": "string", "minLength": 8}, name="short") == "shortxxx"


def test_formats_are_what_they_say() -> None:
    def of(form: str) -> str:
        return str(example({"type": "string", "format": form}, name="at"))

    assert UUID(of("uuid"))
    assert date.fromisoformat(of("date"))
    assert datetime.fromisoformat(of("date-time")).tzinfo is not None
    assert "@" in of("email")
    assert of("strange") == "at"


def test_an_object_has_all_that_is_sent_and_nothing_that_is_only_read() -> None:
    schema = {
        "type": "object",
        "properties": {"phone": WORDS, "id": {"type": "string", "readOnly": True}, "ok": {"type": "boolean"}},
    }
    assert example(schema) == {"phone": NAMED["phone"], "ok": True}


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    inner = {"$ref": "#/components/schemas/Node"}
    node: Schema = {"type": "object", "properties": {"inner": inner}}
    made, depth = example(inner, Node=node), 0
    while made is not None:
        assert list(made) == ["inner"]
        made, depth = made["inner"], depth + 1
    assert 1 < depth < 40


def test_the_same_schema_has_the_same_example_each_time() -> None:
    schema = {"type": "object", "properties": {"phone": WORDS, "at": {"type": "string", "format": "uuid"}}}
    assert example(schema) == example(schema)
