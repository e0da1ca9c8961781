"""`Idempotency-Key` of staff's endpoints: what is created by a request that may come twice is created
once."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response, request

from api import auth, database
from api.errors import problems
from api.formats.responses import raw
from api.openapi.document import IDEMPOTENCY_KEY, KEY_FORM
from recovery.services.access import repeated_requests

DOC: dict[str, Any] = {"parameters": [IDEMPOTENCY_KEY]}
"""What an operation that is wrapped by `once` documents."""

_FORM = re.compile(KEY_FORM)


def once(secrets: Mapping[str, str | None] | None = None) -> Callable[..., Any]:
    """Answer a request whose key came before like the first time, for a day, and do nothing.

    `secrets` are members of the answer that are shown once, with what stands there in a repeated answer.
    """

    def wrap(view: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Response:
            key = _key()
            if key is None:
                return view(*args, **kwargs)
            session, now = database.current(), database.request_time()
            asked = orjson.dumps(
                [request.method, request.path, args, kwargs],
                default=str,
                option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS,
            )
            repeatable = repeated_requests.identify(auth.staff(), key=key, asked=asked)
            kept = repeated_requests.find_answer(session, repeatable, wait=False, now=now)
            if kept is not None:
                return raw(kept.body or b"", status=kept.status)
            response = view(*args, **kwargs)
            body = response.get_data()
            if secrets:
                body = orjson.dumps(orjson.loads(body) | secrets)
            repeated_requests.keep_answer(
                session, repeatable, status=response.status_code, body=body, now=now
            )
            return response

        return answered

    return wrap


def _key() -> str | None:
    """The key of this request, without its quotation marks. Raises UnreadableKey."""
    key = request.headers.get(IDEMPOTENCY_KEY["name"])
    if key is None:
        return None
    if _FORM.fullmatch(key) is None:
        raise problems.UnreadableKey
    return key.strip('"')
