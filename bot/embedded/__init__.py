"""An in-process runtime of a Rasa project: the same files, no server.

`EmbeddedBot.load` reads and checks, `EmbeddedBot.start` trains. Inside, a message goes through
`text` (safe characters), `understanding` (entities, intent), `slots`, and `turn` (forms, rules,
stories, responses, actions); `load_project` reads the files.
"""

from __future__ import annotations

from bot.embedded.bot import SHIPPED_PROJECT, EmbeddedBot
from bot.embedded.yaml_lines import ProjectError

__all__ = ["SHIPPED_PROJECT", "EmbeddedBot", "ProjectError"]
