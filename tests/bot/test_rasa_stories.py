"""The project's own Rasa test stories, run against the embedded runtime turn by turn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.embedded import SHIPPED_PROJECT
from bot.embedded.load_project import load_project
from bot.embedded.stories import StoryMemory
from bot.embedded.tracker import decode
from bot.embedded.turn import Runtime, Turn
from bot.embedded.understanding import learn
from bot.runtime import ActionRunner, Message

_MARK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def _stories() -> Iterator[Any]:
    for path in sorted((SHIPPED_PROJECT / "tests").glob("*.yml")):
        for story in yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]:
            yield pytest.param(story["steps"], id=story["story"])


@pytest.fixture(scope="module")
def runtime(model_cache: Path, finds_everything: ActionRunner) -> Runtime:
    project = load_project(SHIPPED_PROJECT)
    understanding = learn(project, model_cache, lambda share: None)
    stories = StoryMemory(project.stories, project.settings.max_history)
    return Runtime(project, understanding, stories, finds_everything)


@pytest.mark.parametrize("steps", list(_stories()))
async def test_story(steps: list[dict[str, Any]], runtime: Runtime) -> None:
    state = ""
    position = 0
    while position < len(steps):
        step = steps[position]
        message = Message("story", _MARK.sub(r"\1", step["user"]).strip())
        turn = Turn(runtime, message, decode(state, runtime.project.domain), {})
        answer = await turn.run()
        state = answer.state
        position += 1
        expected = []
        while position < len(steps) and "user" not in steps[position]:
            after = steps[position]
            if "action" in after:
                expected.append(after["action"])
            for slots in after.get("slot_was_set", []):
                for name, value in slots.items():
                    if name != "requested_slot":
                        assert answer.slots[name] == value
            position += 1
        assert answer.intent.split("/")[0] == step["intent"]
        assert turn.trace == expected
