"""`compose.yaml`, `Dockerfile` and the configuration of the proxy.

As far as they can be checked without Docker: every name in them is one that exists, and the configuration
that they make is one that loads.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from contact_center.config import load
from contact_center.health import health_routes

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CADDY = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
NODES = ("node-a", "node-b")
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
GIVEN = {"POSTGRES_PASSWORD": "s3cret"}


def filled_in(text: str) -> str:
    """A value as Compose would hand it over, with only `GIVEN` in its environment."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        assert kind == "-" or name in GIVEN, f"{name} is needed and nobody is told"
        return GIVEN.get(name, rest or "")

    return _VARIABLE.sub(value, text)


def environment(service: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[service]["environment"]
    return {name: filled_in(str(value)) for name, value in found.items()}


@pytest.mark.parametrize("node", NODES)
def test_a_node_gets_a_configuration_that_loads(node: str) -> None:
    given = environment(node)
    config = load(ROOT / "config.yaml", environ=given)
    assert config.server.host == "0.0.0.0"
    assert config.server.port == 8080
    assert config.store.url.get_secret_value() == "postgresql://cc:s3cret@postgres/contact_center"
    assert config.live.redis_url.get_secret_value() == "redis://redis:6379/0"
    [subnet] = [each["subnet"] for each in COMPOSE["networks"]["default"]["ipam"]["config"]]
    assert [str(network) for network in config.server.trusted_proxies] == [subnet]


@pytest.mark.parametrize("name", sorted(environment("node-a")))
def test_every_variable_of_a_node_is_a_key_or_named_in_the_configuration(name: str) -> None:
    """A key that does not exist would be passed over in silence."""
    if not name.startswith("CC_"):
        assert re.search(rf"\${{{name}(:-)?}}", (ROOT / "config.yaml").read_text(encoding="utf-8"))
        return
    section, key = name.removeprefix("CC_").lower().split("__")
    settings = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8").replace("${", "$ {"))
    assert key in settings[section]


def test_the_database_is_set_up_with_what_the_nodes_use() -> None:
    given = environment("postgres")
    assert environment("node-a")["CC_STORE__URL"] == (
        f"postgresql://{given['POSTGRES_USER']}:{given['POSTGRES_PASSWORD']}@postgres/{given['POSTGRES_DB']}"
    )


def test_services_name_only_services_and_volumes_that_there_are() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", ())) <= set(SERVICES), name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), volume
            else:
                assert source in COMPOSE["volumes"], volume
        waited_for = service.get("depends_on", {})
        for other in waited_for if isinstance(waited_for, dict) else ():
            assert "healthcheck" in SERVICES[other], f"{name} would wait for {other} for ever"
        assert "build" in service or re.search(r":\d", service["image"]), f"{name} has no version"


def test_a_node_has_more_time_to_end_than_it_takes() -> None:
    config = load(ROOT / "config.yaml", environ=environment("node-a"))
    seconds = int(SERVICES["node-a"]["stop_grace_period"].removesuffix("s"))
    assert seconds >= config.server.shutdown_grace_seconds + 2 * 7


def test_the_proxy_sends_to_the_nodes_and_asks_for_their_health() -> None:
    found = re.search(r"reverse_proxy \{\$CC_NODES:([^}]*)\}", CADDY)
    assert found
    assert found[1].split() == [f"{node}:8080" for node in NODES]
    health = re.search(r"health_uri (\S+)", CADDY)
    assert health
    assert health[1] in {route.path for route in health_routes({})}
    outside = re.search(r"@world path (.*)", CADDY)
    assert outside
    assert "/console" not in outside[1]
    assert "/metrics" not in outside[1]


def test_the_image_has_all_that_the_program_imports() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    packages = {"bot", "contact_center", "crm_store", "ivr_flows"}
    assert copied == packages
    assert packages <= {line.removeprefix("!") for line in ignored}
    for path in re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE):
        for each in path.split():
            assert (ROOT / each).exists()
            assert f"!{each.split('/')[0]}" in ignored
