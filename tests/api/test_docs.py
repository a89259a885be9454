"""docs/api.md against the code: roles, problems, limits, and every endpoint that it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contact_center.api.models.common import PREFIX
from contact_center.api.problems import PROBLEMS
from contact_center.api.table import ENDPOINTS
from crm_store.agents import ROLES
from crm_store.paging import DEFAULT_LIMIT, MAX_LIMIT

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_problem_is_in_the_docs(code: str) -> None:
    assert f"| `{code}` | {PROBLEMS[code].status} | {PROBLEMS[code].title} |" in TEXT


def test_the_docs_name_no_problem_that_there_is_not() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| \d+ \|", TEXT, re.MULTILINE)) == PROBLEMS.keys()


def test_roles_and_limits_are_as_documented() -> None:
    for role in ROLES:
        assert f"| `{role}` |" in TEXT
    assert f"`limit` is 1 to {MAX_LIMIT}, {DEFAULT_LIMIT} when left out" in TEXT
    assert f"Base: `{PREFIX}`" in TEXT


def test_every_endpoint_in_the_docs_is_served() -> None:
    served = {(endpoint.method, re.sub(r"\{\w+\}", "*", endpoint.path)) for endpoint in ENDPOINTS}
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[\w/-]*)", TEXT)
    assert named
    for method, path in named:
        pattern = re.sub(r"/(ID|NUMBER)\b", "/*", path)
        assert (method, pattern) in served, f"{method} {path}"
