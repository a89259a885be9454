"""How people call what a company has named: queues, reasons, intents, skills and tags, by language.

Names are ids everywhere: in the database, in flows, in the API. Only what is shown to people goes through
here, and a name without a title is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

Title = Mapping[str, str]
"""A text by language; under '' for every language."""

PLACE: Final = "{}"
"""Stands in a name for what differs each time: ``order {}``."""

_FROM_BOT: Final = re.compile(r"wanted: ([^;]*);")
"""How a bot begins what it hands on (`bot.actions.conversation.summary`): intents, then what is known."""


class Titles:
    """Titles by name. ``queues`` are apart, because a queue and a reason may have one name."""

    def __init__(self, names: Mapping[str, Title] | None = None, queues: Mapping[str, Title] | None = None):
        self.names = names or {}
        self.queues = queues or {}
        with_places = sorted((name for name in self.names if PLACE in name), key=len, reverse=True)
        self.patterns = [(_pattern(name), self.names[name]) for name in with_places]

    def queue(self, name: str, language: str) -> str:
        """A queue's title in ``en`` or ``zh``."""
        return in_language(self.queues.get(name, {}), language) or name

    def of(self, name: str, language: str) -> str:
        """The title of anything else; of what a bot hands on, only what was wanted."""
        wanted = _FROM_BOT.match(name)
        if wanted:
            comma = "，" if language == "zh" else ", "
            return comma.join(self._intent(one, language) for one in wanted[1].split(", "))
        return self._found(name, language) or name

    def _intent(self, name: str, language: str) -> str:
        return self._found(name, language) or name.replace("_", " ")

    def _found(self, name: str, language: str) -> str:
        if name in self.names:
            return in_language(self.names[name], language)
        for pattern, title in self.patterns:
            found = pattern.fullmatch(name)
            if found:
                return filled(in_language(title, language), found.groups())
        return ""


def in_language(title: Title, language: str) -> str:
    """A title in ``en`` or ``zh`` (``zh-CN`` is found too), else that for all, the English one, any."""
    near = next((tag for tag in title if tag.partition("-")[0] == language), "")
    return title.get(language) or title.get(near) or title.get("en") or next(iter(title.values()), "")


def filled(text: str, values: Iterable[str]) -> str:
    """``text`` with the values in its places, in order."""
    for value in values:
        text = text.replace(PLACE, value.replace(PLACE, ""), 1)
    return text


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(map(re.escape, name.split(PLACE))), re.DOTALL)
