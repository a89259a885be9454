"""The shipped bot, trained once for all tests of this folder, and a small project to break."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.embedded import SHIPPED_PROJECT, EmbeddedBot
from tests.bot.recording_actions import RecordingActions

SMALL_PROJECT = {
    "config.yml": """\
recipe: default.v1
language: en
pipeline:
  - name: WhitespaceTokenizer
  - name: FallbackClassifier
    threshold: 0.3
policies:
  - name: RulePolicy
""",
    "domain.yml": """\
version: "3.1"
intents:
  - hello
  - weather
entities:
  - city
slots:
  city:
    type: text
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: city
responses:
  utter_hello:
    - text: Hello
  utter_weather:
    - text: It is fine in {city}
  utter_ask_city:
    - text: Where?
  utter_default:
    - text: Hm
  utter_rephrase:
    - text: What?
  utter_handoff:
    - text: One moment
  utter_action_unavailable:
    - text: Not now
forms:
  weather_form:
    required_slots:
      - city
""",
    "data/nlu.yml": """\
version: "3.1"
nlu:
  - intent: hello
    examples: |
      - hello
      - good day
  - intent: weather
    examples: |
      - the weather in [Rome](city)
      - is it raining in [Oslo](city)
""",
    "data/rules.yml": """\
version: "3.1"
rules:
  - rule: Hello
    steps:
      - intent: hello
      - action: utter_hello
  - rule: Weather
    steps:
      - intent: weather
      - action: weather_form
      - active_loop: weather_form
  - rule: The place is known
    condition:
      - active_loop: weather_form
    steps:
      - action: weather_form
      - active_loop: null
      - action: utter_weather
""",
}


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shipped project's model lies after its one training."""
    folder = tmp_path_factory.mktemp("bot-models")
    asyncio.run(EmbeddedBot.load(SHIPPED_PROJECT, folder).start())
    return folder


@pytest.fixture(scope="session")
def finds_everything() -> RecordingActions:
    """For tests that do not look at the calls."""
    return RecordingActions()


@pytest.fixture
def actions() -> RecordingActions:
    return RecordingActions()


@pytest.fixture
async def bot(model_cache: Path, actions: RecordingActions) -> EmbeddedBot:
    """The shipped bot with actions that find everything."""
    ready = EmbeddedBot.load(SHIPPED_PROJECT, model_cache, actions)
    await ready.start()
    return ready


@pytest.fixture
def write_project(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small project with some of its text replaced: ``(file, old, new)``."""

    def write(*changes: tuple[str, str, str]) -> Path:
        files = dict(SMALL_PROJECT)
        for file, old, new in changes:
            assert old in files[file]
            files[file] = files[file].replace(old, new, 1)
        for file, text in files.items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write
