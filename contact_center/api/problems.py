"""Refusals as RFC 9457 problem documents: a stable code, a title, and a sentence for people.

`PROBLEMS` is every kind there is; the documentation page and the OpenAPI document are made from it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from aiohttp import web
from pydantic import BaseModel, Field, ValidationError

from contact_center.api.models.common import PREFIX
from crm_store import errors

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """One kind of problem: HTTP ``status``, ``title``, and the ``remedy`` that the documentation gives."""

    status: int
    title: str
    remedy: str


PROBLEMS: Final[dict[str, Kind]] = {
    "bad_request": Kind(400, "The request cannot be read", "Send what the detail asks for."),
    "invalid": Kind(422, "A value is not allowed", "Mend the fields named in `errors` and send it again."),
    "unauthenticated": Kind(
        401, "Sign in", "Send `Authorization: Bearer cc_...`; `contact-center tokens create` makes a token."
    ),
    "forbidden": Kind(403, "Not allowed with this role", "Use a token of the role that the detail names."),
    "not_found": Kind(404, "There is no such thing", "Check the id; the lists show what is there."),
    "method_not_allowed": Kind(405, "Not this method", "Use a method named in the `Allow` header."),
    "refused": Kind(409, "A rule forbids it", "The detail says which rule and what to do instead."),
    "conflict": Kind(
        409, "Somebody else was first", "Read it again and repeat the change if it still holds."
    ),
    "cannot_text": Kind(
        409, "No message may be sent there", "Reach the customer another way; the detail says why."
    ),
    "carrier": Kind(502, "The carrier did not do it", "Try again; the detail says what it answered."),
    "stale": Kind(
        412, "It has changed since you read it", "Read it again and send its version in `If-Match`."
    ),
    "too_large": Kind(413, "The body is too large", "Send at most the number of bytes the detail names."),
    "wrong_type": Kind(415, "Not this content type", "Send `Content-Type: application/json` in UTF-8."),
    "version_needed": Kind(
        428, "Say which version you read", 'Send the version you read, as `If-Match: "3"`.'
    ),
    "too_many": Kind(429, "Too many requests", "Wait for the seconds in `Retry-After`."),
    "unexpected": Kind(
        500,
        "Something went wrong here",
        "Try again; if it stays, look in the server's log for the reference.",
    ),
    "store_down": Kind(
        503, "The database does not answer", "Try again in a while; see `contact-center doctor`."
    ),
}


class FieldError(BaseModel):
    """What is wrong with one field or parameter."""

    field: str = Field(description="Path of the field in the body, or the parameter, as `identities.0.kind`")
    detail: str


class ProblemDocument(BaseModel):
    """Why a request was refused (RFC 9457)."""

    type: str = Field(description="Address of the kind's documentation, ending in its code")
    title: str
    status: int
    detail: str = Field(description="What happened and what to do, for people")
    code: str = Field(description="Stable word for programs")
    errors: list[FieldError] = Field(default=[], description="The fields that are wrong, if any are")


class Problem(Exception):
    """Raised by a handler to refuse; ``code`` is one of `PROBLEMS`, ``detail`` holds no personal data."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        fields: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.fields = tuple(fields)
        self.headers = dict(headers or {})

    def response(self) -> web.Response:
        """The problem as an HTTP answer."""
        kind = PROBLEMS[self.code]
        document = ProblemDocument(
            type=f"{PREFIX.removesuffix('/v1')}/docs#problem-{self.code}",
            title=kind.title,
            status=kind.status,
            detail=self.detail,
            code=self.code,
            errors=[FieldError(field=field, detail=detail) for field, detail in self.fields],
        )
        return web.Response(
            body=document.model_dump_json(exclude=None if self.fields else {"errors"}).encode(),
            status=kind.status,
            content_type=MEDIA_TYPE,
            headers=self.headers,
        )


def of_store(error: errors.StoreError, *, reading: bool) -> Problem:
    """The store's refusal as a problem; where nothing was to be changed, a refusal means a bad parameter."""
    text = _sentence(str(error))
    if isinstance(error, errors.NotFound):
        return Problem("not_found", text)
    if isinstance(error, errors.StoreDown):
        detail = "The database does not answer just now; nothing was changed. Try again in a while."
        return Problem("store_down", detail, headers={"Retry-After": "5"})
    if isinstance(error, (errors.Conflict, errors.Duplicate)):
        return Problem("conflict", text)
    return Problem("invalid" if reading else "refused", text)


def of_validation(error: ValidationError, *, names: Iterable[str], what: str) -> Problem:
    """Pydantic's errors as a problem that names each field; ``names`` are those allowed at the top."""
    allowed = sorted(names)
    fields: list[tuple[str, str]] = []
    for item in error.errors(include_url=False, include_input=False):
        path = ".".join(map(str, item["loc"])) or what
        if item["type"] == "extra_forbidden":
            near = allowed if len(item["loc"]) == 1 else []
            fields.append((path, f"there is no such {what}{nearest(str(item['loc'][-1]), near)}"))
        elif item["type"] == "missing":
            fields.append((path, "is needed"))
        else:
            fields.append((path, item["msg"].removeprefix("Value error, ")))
    listed = "; ".join(f"{path}: {text}" for path, text in fields[:5])
    return Problem("invalid", _sentence(listed), fields=fields)


def nearest(name: str, names: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where one of ``names`` is near, else what is allowed."""
    known = list(names)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; allowed: {', '.join(known)}" if known else ""


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."
