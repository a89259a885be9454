"""The table of endpoints: who may do what, and that the documents tell exactly what is served."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import validate

from contact_center.api.endpoint import Endpoint, Nothing
from contact_center.api.openapi import TAGS, document
from contact_center.api.page import page
from contact_center.api.problems import PROBLEMS
from contact_center.api.table import ENDPOINTS
from contact_center.clock import ManualClock
from crm_store.agents import ROLES
from tests.api.conftest import Api

BY_OPERATION = [pytest.param(endpoint, id=endpoint.operation) for endpoint in ENDPOINTS]


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(document())
    return found


def filled(endpoint: Endpoint) -> str:
    """The endpoint's path with names of things that are not there."""
    return re.sub(r"\{\w+\}", "none-such", endpoint.path)


def test_the_document_is_valid_openapi(told: dict[str, Any]) -> None:
    validate(told)
    assert told["openapi"].startswith("3.1")


@pytest.mark.parametrize("endpoint", BY_OPERATION)
def test_every_endpoint_is_documented(endpoint: Endpoint, told: dict[str, Any]) -> None:
    operation = told["paths"][f"/api/v1{endpoint.path}"][endpoint.method.lower()]
    assert operation["summary"]
    assert f"`{endpoint.role}`" in operation["description"]
    assert operation["tags"][0] in TAGS
    good = operation["responses"][str(endpoint.status)]
    assert ("content" in good) == (endpoint.status != 204)
    assert {"401", "403", "429", "503"} <= operation["responses"].keys()
    assert ("requestBody" in operation) == (endpoint.body is not Nothing)
    assert set(endpoint.refusals) <= PROBLEMS.keys()


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [endpoint.operation for endpoint in ENDPOINTS]
    assert len(set(names)) == len(names)


def test_every_reference_leads_to_a_described_model(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)):
        assert name in schemas
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []


async def test_each_role_may_do_what_the_table_says(api: Api, clock: ManualClock) -> None:
    for endpoint in ENDPOINTS:
        clock.advance(60)  # nobody meets a limit
        needed = ROLES.index(endpoint.role)
        for rank, role in enumerate(ROLES):
            response = await api.ask(endpoint.method, filled(endpoint), role=role)
            where = f"{endpoint.operation} as {role}: {response.status} {await response.text()}"
            assert (response.status == 403) == (rank < needed), where
            assert response.status not in (401, 429, 500), where
        nobody = await api.ask(endpoint.method, filled(endpoint), role=None)
        assert nobody.status == 401, endpoint.operation


async def test_the_documents_are_served_without_a_token(api: Api) -> None:
    served = await api.ask("GET", "/openapi.json", role=None)
    assert await served.json() == json.loads(document())
    docs = await api.client.get("/api/docs")
    assert docs.content_type == "text/html"
    assert "default-src 'none'" in docs.headers["Content-Security-Policy"]


def test_the_page_needs_nothing_from_elsewhere_and_lists_everything() -> None:
    text = page()
    assert "<script" not in text
    assert "src=" not in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    for endpoint in ENDPOINTS:
        assert f'id="{endpoint.operation}"' in text
    for code in PROBLEMS:
        assert f'id="problem-{code}"' in text


async def test_another_method_is_told_which_ones_there_are(api: Api) -> None:
    response = await api.ask("PATCH", "/contacts")
    assert response.status == 405
    assert response.headers["Allow"] == "GET"
    assert (await response.json())["code"] == "method_not_allowed"


async def test_an_unknown_address_is_a_problem_too(api: Api) -> None:
    problem = await api.problem(404, "GET", "/nowhere/at/all")
    assert "/api/docs" in problem["detail"]
