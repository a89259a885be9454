"""config.yaml, docs/configuration.md and the models say the same (STYLE habit 22)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from contact_center.config import ConfigError, load
from contact_center.config.base import SecretUrl
from contact_center.config.keys import keys
from contact_center.config.problems import dotted

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([a-z_.]+)` \| `(.*?)`( \(secret\))? \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, tuple[str, bool]]:
    """Default and "is a secret" of each key in the reference."""
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    return {key: (default, bool(secret)) for key, default, secret, _ in ROW.findall(text)}


def plain(value: Any) -> Any:
    """A default as YAML would give it."""
    if isinstance(value, (SecretStr, SecretUrl)):
        return value.get_secret_value()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def test_every_key_is_documented_and_every_documented_key_is_one() -> None:
    assert sorted(documented()) == sorted(dotted(path) for path in keys())


@pytest.mark.parametrize("key", keys().values(), ids=lambda key: dotted(key.path))
def test_the_documented_default_is_the_default(key: Any) -> None:
    default, secret = documented()[dotted(key.path)]
    assert yaml.safe_load(default) == plain(key.default)
    assert secret is key.secret


def test_the_shipped_file_is_the_defaults() -> None:
    assert load(ROOT / "config.yaml", {}) == load(ROOT / "there-is-none.yaml", {})


def test_the_shipped_file_has_every_key() -> None:
    tree = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    missing = []
    for path in keys():
        branch = tree
        for part in path:
            branch = branch.get(part, KeyError) if isinstance(branch, dict) else KeyError
        if branch is KeyError:
            missing.append(dotted(path))
    assert missing == []


def test_examples_of_problems_are_real(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    shown = re.findall(r"^(?:config\.yaml line \d+|environment variable \w+): .*$", text, re.MULTILINE)
    file = tmp_path / "config.yaml"
    file.write_text("\n" * 11 + "server: {prot: 1}\n" + "\n" * 17 + "log: {level: loud}\n")
    with pytest.raises(ConfigError) as caught:
        load(file, {"CC_SERVER__PORT": "http"})
    assert sorted(str(caught.value).splitlines()) == sorted(shown)
