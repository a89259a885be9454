"""An extractor over the shipped formats and lists, with few examples of its own, so that these tables
do not hang on the shipped training data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.embedded import SHIPPED_PROJECT
from bot.embedded.entities import Entity, Extractor
from bot.embedded.load_nlu import NluReader
from bot.embedded.project import Domain, Nlu
from bot.embedded.text import clean
from bot.embedded.yaml_lines import read_yaml

EXAMPLES = """\
nlu:
  - intent: inform
    examples: |
      - it is [serious](severity)
      - [not serious](severity)
      - [annoying](severity)
      - [urgent](severity)
      - [严重](severity)
      - [不严重](severity)
      - [一般](severity)
      - [很急](severity)
      - speak [English](language)
      - speak [Chinese](language)
      - 说[中文](language)
      - from [Berlin]{"entity": "place", "role": "from"} to [Paris]{"entity": "place", "role": "to"}
      - deliver it in [Paris]{"entity": "place", "role": "to"} please
      - stuck in [Berlin]{"entity": "place", "role": "from"} for days
      - I was charged twice, what are these charges
      - I printed the label
"""

DOMAIN = Domain(
    intents=frozenset(["inform"]),
    entities={
        **dict.fromkeys(("ticket_number", "order_number", "phone", "email", "date", "amount"), ()),
        **dict.fromkeys(("product", "severity", "language"), ()),
        "place": ("from", "to"),
    },
    slots={},
    forms={},
    responses={},
    actions=frozenset(),
)
TODAY = date(2026, 11, 26)  # a Thursday

Find = Callable[..., list[str]]


@pytest.fixture(scope="session")
def nlu(tmp_path_factory: pytest.TempPathFactory) -> Nlu:
    folder = tmp_path_factory.mktemp("nlu")
    (folder / "examples.yml").write_text(EXAMPLES, encoding="utf-8")
    shipped = SHIPPED_PROJECT / "data" / "nlu" / "entities.yml"
    reader = NluReader()
    for path, root in ((shipped, SHIPPED_PROJECT), (folder / "examples.yml", folder)):
        reader.read(read_yaml(Path(path), root).mapping({"version", "nlu"})["nlu"])
    return reader.finish()


@pytest.fixture(scope="session")
def extractor(nlu: Nlu) -> Extractor:
    return Extractor(DOMAIN, nlu)


@pytest.fixture(scope="session")
def find(extractor: Extractor) -> Find:
    """What is found in a text: "order_number A1001", "place:from Berlin"."""

    def found(text: str, expected: str = "", today: date | None = None) -> list[str]:
        entities = extractor.extract(clean(text), frozenset(expected.split()), today)
        return [_shown(one) for one in entities]

    return found


def _shown(one: Entity) -> str:
    return f"{one.entity}:{one.role} {one.value}" if one.role else f"{one.entity} {one.value}"
