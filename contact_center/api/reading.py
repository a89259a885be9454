"""From an HTTP request to checked values, or to a `Problem` that names what is wrong."""

from __future__ import annotations

import re
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from contact_center.api.endpoint import Endpoint
from contact_center.api.problems import Problem, of_validation

LONGEST_NAME: Final = 200
_VERSION: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def read_path(request: web.Request) -> dict[str, str]:
    """The parameters in the path."""
    found = dict(request.match_info)
    for value in found.values():
        if len(value) > LONGEST_NAME or not value.isprintable():
            raise Problem("not_found", "There is nothing at this address.")
    return found


def read_params(request: web.Request, endpoint: Endpoint) -> BaseModel:
    """The parameters behind the ``?``, each at most once."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise Problem("invalid", f"{name}: is given twice.", fields=[(name, "is given twice")])
        if "\0" in value:
            raise Problem("invalid", f"{name}: holds the character NUL.", fields=[(name, "holds NUL")])
        given[name] = value
    return _checked(endpoint.params, given, "parameter")


async def read_body(request: web.Request, endpoint: Endpoint, most: int) -> BaseModel:
    """The JSON in the body; an empty body is an empty object. ``most``: bytes allowed."""
    raw = await _bytes(request, most)
    if not raw.strip():
        return _checked(endpoint.body, {}, "field")
    charset = (request.charset or "utf-8").lower()
    if request.content_type != "application/json" or charset not in ("utf-8", "utf8"):
        raise Problem("wrong_type", "Send the body as JSON with Content-Type: application/json, in UTF-8.")
    try:
        data = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise Problem("bad_request", "The body is not JSON in UTF-8.") from None
    if not isinstance(data, dict):
        raise Problem("bad_request", "The body must be a JSON object.")
    if _holds_nul(data):
        raise Problem("bad_request", "A text in the body holds the character NUL; leave it out.")
    return _checked(endpoint.body, data, "field")


def read_version(request: web.Request, endpoint: Endpoint) -> int | None:
    """The version in ``If-Match``, where the endpoint takes one."""
    header = request.headers.get("If-Match")
    if header is None or not endpoint.versioned:
        return None
    match = _VERSION.fullmatch(header.strip())
    if match is None:
        raise Problem("bad_request", 'If-Match must be the version that was read, as in If-Match: "3".')
    return int(match[1])


async def _bytes(request: web.Request, most: int) -> bytes:
    too_large = Problem(
        "too_large", f"The body may have {most} bytes at most.", headers={"Connection": "close"}
    )
    if (request.content_length or 0) > most:
        raise too_large
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in request.content.iter_any():
            size += len(chunk)
            if size > most:
                raise too_large
            parts.append(chunk)
    except web.RequestPayloadError:
        raise Problem(
            "bad_request", "The body ended too early or is not encoded as its headers say."
        ) from None
    return b"".join(parts)


def _checked(model: type[BaseModel], given: dict[str, Any], what: str) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise of_validation(error, names=model.model_fields, what=what) from None


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))
