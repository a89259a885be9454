"""The OpenAPI 3.1 document, made from the table of endpoints: it cannot differ from what is served."""

from __future__ import annotations

import json
import re
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contact_center.api.endpoint import Endpoint, Nothing
from contact_center.api.models.common import PREFIX
from contact_center.api.once import HEADER, LONGEST
from contact_center.api.problems import MEDIA_TYPE, PROBLEMS, ProblemDocument
from contact_center.api.table import ENDPOINTS

Json = dict[str, Any]
Mode = Literal["serialization", "validation"]

VERSION: Final = "1.0.0"
"""Of the API's shapes: the second number goes up with what is added, the first with what breaks callers."""

EVERYWHERE: Final = ("unauthenticated", "forbidden", "too_many", "unexpected", "store_down")
"""Problems that every endpoint can answer with."""

TAGS: Final[dict[str, str]] = {
    "contacts": "One customer's one matter on one channel, its journal and its messages",
    "works": "What waits for an agent or is with one: calls, chats, texts, tickets, callbacks",
    "offers": "Agents are asked, and answer",
    "states": "How agents are doing at work",
    "lines": "How queues stand now",
    "desk-setup": "What a desk needs when it begins",
    "replies": "Canned replies that agents keep for themselves",
    "phone": "The telephone that rings in the desk",
    "wallboard": "How the contact centre does now and today",
    "live": "Open contacts and agents as they stand now",
    "flows": "Flows as they are drawn, and the ways that contacts took",
    "log": "Search and export of all contacts",
    "recordings": "What was said in calls and on voicemail, as sound",
    "customers": "Who they are, how they are recognised, what may be sent to them",
    "merges": "Customers that turned out to be one",
    "tickets": "What customers want mended",
    "orders": "What customers bought, as the ERP or shop tells us",
    "agents": "People who serve customers",
    "queues": "Lines that contacts wait in",
    "calendars": "When the business is open",
    "bot-reviews": "What the chatbot did not understand, for people to teach it",
    "tokens": "Tokens for this API",
    "audit": "Who did what",
}

_DESCRIPTION: Final = (
    "Everything the desk does, for integrations as well. Send `Authorization: Bearer cc_...`. Lists are "
    "pages: pass `next_cursor` as `cursor`. Refusals are `application/problem+json` (RFC 9457). Times are "
    "RFC 3339 with a zone, answered in UTC."
)
_PLACE: Final = re.compile(r"\{(\w+)\}")


def document() -> str:
    """The document as JSON text."""
    return json.dumps(describe(ENDPOINTS), ensure_ascii=False, indent=1)


def describe(endpoints: tuple[Endpoint, ...]) -> Json:
    """The document of these endpoints."""
    schemas, references = _schemas(endpoints)
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, references)
        paths.setdefault(f"{PREFIX}{endpoint.path}", {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Contact centre",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of `/tokens`"}
            },
        },
    }


def _schemas(endpoints: tuple[Endpoint, ...]) -> tuple[Json, dict[type[BaseModel], Json]]:
    """All models by name, and for each model used as a body or answer the reference to it."""
    wanted: dict[type[BaseModel], Mode] = {ProblemDocument: "serialization"}
    for endpoint in endpoints:
        if endpoint.answer is not None:
            wanted[endpoint.answer] = "serialization"
        if endpoint.body is not Nothing:
            wanted[endpoint.body] = "validation"
    references, definitions = models_json_schema(
        list(wanted.items()), ref_template="#/components/schemas/{model}"
    )
    return definitions["$defs"], {model: references[model, mode] for model, mode in wanted.items()}


def _operation(endpoint: Endpoint, references: dict[type[BaseModel], Json]) -> Json:
    role = f"Needs the role `{endpoint.role}`."
    operation: Json = {
        "operationId": endpoint.operation,
        "tags": [endpoint.tag],
        "summary": endpoint.summary,
        "description": f"{endpoint.description} {role}".strip(),
        "x-role": endpoint.role,
        "responses": _responses(endpoint, references),
    }
    parameters = _parameters(endpoint)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not Nothing:
        operation["requestBody"] = {
            "required": any(field.is_required() for field in endpoint.body.model_fields.values()),
            "content": {"application/json": {"schema": references[endpoint.body]}},
        }
    return operation


def _parameters(endpoint: Endpoint) -> list[Json]:
    found: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 200}}
        for name in _PLACE.findall(endpoint.path)
    ]
    schema = endpoint.params.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        parameter: Json = {"name": name, "in": "query", "required": name in schema.get("required", ())}
        if "description" in field:
            parameter["description"] = field.pop("description")
        parameter["schema"] = field
        found.append(parameter)
    if endpoint.versioned:
        found.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": "version_needed" in endpoint.refusals,
                "description": "The version that was read; refused where it has changed since",
                "schema": {"type": "string"},
            }
        )
    if endpoint.repeatable:
        found.append(
            {
                "name": HEADER,
                "in": "header",
                "required": False,
                "description": "Sent again with the same key, it is answered again and not done again",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
            }
        )
    return found


def _responses(endpoint: Endpoint, references: dict[type[BaseModel], Json]) -> Json:
    good: Json = {"description": endpoint.summary}
    if endpoint.answer is not None:
        good["content"] = {"application/json": {"schema": references[endpoint.answer]}}
    elif endpoint.media:
        good["content"] = {media: {"schema": {"type": "string"}} for media in endpoint.media}
    responses: Json = {str(endpoint.status): good}
    for code in _refusals(endpoint):
        kind = PROBLEMS[code]
        status = str(kind.status)
        text = f"{kind.title} (`{code}`)"
        if status in responses:
            text = f"{responses[status]['description']}, or: {text}"
        responses[status] = {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": references[ProblemDocument]}},
        }
    return responses


def _refusals(endpoint: Endpoint) -> list[str]:
    found = [*EVERYWHERE, *endpoint.refusals]
    if endpoint.params is not Nothing or endpoint.body is not Nothing:
        found.append("invalid")
    if endpoint.body is not Nothing:
        found += ["bad_request", "too_large", "wrong_type"]
    return sorted(dict.fromkeys(found), key=lambda code: (PROBLEMS[code].status, code))
