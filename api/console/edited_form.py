"""Two people on one form: what others changed since it was shown is found by its base fields, and nothing
typed is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.console.form_reader import Form

BASE_FIELD = "base"
"""What was kept when the form was shown."""


@dataclass(frozen=True, kw_only=True)
class ForeignChange:
    """One field that somebody else has changed since the form was shown: what stood there, what stands there
    now, and whether something else is typed over it here.
    """

    field: str
    before: str
    now: str
    is_typed_over: bool


def base_of(kept: Mapping[str, str]) -> str:
    """What a form carries of what is kept, so that a change in between is seen."""
    return json.dumps({name: value for name, value in sorted(kept.items()) if value}, ensure_ascii=False)


def take_over(form: Form, *, kept: Mapping[str, str]) -> Sequence[ForeignChange]:
    """What others changed since the form was shown. What was not touched here becomes what they made of it.

    A form without its base, as a program sends it, is taken as it is.
    """
    base = _base(form)
    if base is None:
        return []
    changes = []
    for name in sorted({*base, *kept}):
        before, now = base.get(name, ""), kept.get(name, "")
        if _plain(before) == _plain(now):
            continue
        typed = form.raw(name)
        own = _plain(typed) not in (_plain(before), _plain(now))
        changes.append(ForeignChange(field=name, before=before, now=now, is_typed_over=own))
        if not own:
            form.put(name, now)
    return changes


def _base(form: Form) -> dict[str, str] | None:
    try:
        base = json.loads(form.raw(BASE_FIELD) or "null")
    except ValueError:
        return None
    if not isinstance(base, dict) or not all(isinstance(value, str) for value in base.values()):
        return None
    return base


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
