"""What a careless or hostile client puts where a documented body wants something else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

HUGE_INTEGER = "9" * 5000
CHARSETS = ("utf-16", "utf-32", "latin-1", "utf-7", "no-such-charset")

NOT_INTEGERS = ("2.9", "3.0", '"3"', "true", "[3]", "{}", "1e400", "-1e400", "NaN", "Infinity", "-Infinity")
NOT_TEXTS = (
    "3",
    "2.9",
    "true",
    "[]",
    "{}",
    '"a\\u0000b"',
    '"a\\ud800b"',
    '"\\udc00"',
    '"a\\u0007b"',
    '"\\u001b[2J"',
)
NOT_TIMES = (
    "1763971200",
    '"now"',
    '""',
    '"2026-11-23"',
    '"2026-11-23T08:12:00"',
    '"2026-11-23 08:12:00Z"',
    '"20261123T081200Z"',
    '"2026-W48-1T08:12:00Z"',
    '"2026-02-30T08:12:00Z"',
    '"2026-11-23T25:00:00Z"',
    '"2026-11-23T08:12:60Z"',
    '"2026-11-23T08:12:00+99:99"',
    '"2026-11-23T08:12:00+24:00"',
    '"0000-01-01T00:00:00Z"',
    '"0001-01-01T00:00:00+23:59"',
    '"1999-12-31T23:59:59Z"',
    '"2201-01-01T00:00:00Z"',
    '"9999-12-31T23:59:59-23:59"',
    '"99999-01-01T00:00:00Z"',
    '"-2026-11-23T08:12:00Z"',
    '"\\u0662\\u0660\\u0662\\u0666-11-23T08:12:00Z"',
)


def as_json(value: Any) -> str:
    """A value as JSON text."""
    return json.dumps(value)


def wrong_values(described: Mapping[str, Any]) -> Iterator[str]:
    """JSON texts that a field described like this must refuse."""
    types = described.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    if "null" not in kinds and None not in described.get("enum", ()):
        yield "null"
    if "enum" in described:
        yield from (*NOT_TEXTS, '"nonsense"', '""', as_json(described["enum"][0].upper()), '" "')
    elif described.get("format") == "date-time":
        yield from (*NOT_TEXTS, *NOT_TIMES)
    elif "integer" in kinds:
        yield from (*NOT_INTEGERS, HUGE_INTEGER, "-1", str(10**12), str(described["maximum"] + 1))
        yield from (str(described["minimum"] - 1), f"{described['minimum']}.5")
    elif "number" in kinds:
        yield from ('"1.5"', '"NaN"', "true", "[1]", "{}", "NaN", "Infinity", "1e400", HUGE_INTEGER)
        yield from ("-1", "0", "1e-9", str(described["maximum"] + 0.01))
        if "exclusiveMinimum" in described:
            # A length in millimetres is stored with two decimals, and never rounded to them.
            yield "1.234"
    elif "array" in kinds:
        yield from ("3", "true", '"x"', "{}", '{"pus": 1}', "[[]]", "[null]", "[true]", '["nonsense"]')
        if "enum" in described["items"]:
            yield "[" + ", ".join([as_json(described["items"]["enum"][0])] * 60) + "]"
    elif "string" in kinds:
        yield from (*NOT_TEXTS, as_json("x" * 5000))
    elif "object" in kinds or "$ref" in described:
        yield from ("3", "true", '"x"', "[]", "[[]]")


def unreadable(good: bytes) -> Iterator[tuple[str, bytes]]:
    """Bodies that are no JSON in UTF-8, or are not to be read one way only, with what is wrong about each."""
    yield "empty", b""
    yield "blank", b" \r\n"
    yield "cut short", good[:-1]
    yield "two bodies", good + good
    yield "byte order mark", b"\xef\xbb\xbf" + good
    yield "UTF-16", good.decode().encode("utf-16")
    yield "not UTF-8", good.replace(b'"', b'"\xff', 1)
    yield "overlong UTF-8", good.replace(b'"', b'"\xc0\x80', 1)
    yield "NUL", good.replace(b'"', b'"\x00', 1)
    yield "NUL at the end", good + b"\x00"
    yield "line break in a text", good.replace(b'"', b'"\n', 1)
    yield "single quotes", good.replace(b'"', b"'")
    yield "comment", good + b"// x"
    yield "comma at the end", good[:-1] + b",}"
    yield "deep arrays", b"[" * 5000 + b"]" * 5000
    yield "deep objects", b'{"a":' * 5000 + b"1" + b"}" * 5000
    yield "deep and open", b"[" * 5000
    yield "deep inside", good[:-1] + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}"
    yield "not a number", b"NaN"
    yield "a form", b"redness=3&swelling=2"
