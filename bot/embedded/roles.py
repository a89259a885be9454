"""Tells the roles of an entity apart: "from Berlin to Shanghai"."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec

from bot.embedded.entity import Entity
from bot.embedded.project import Domain, Nlu
from bot.embedded.text import HAN

_NEIGHBOUR = re.compile(f"[{HAN}]|[^\\W{HAN}]+")
_WINDOW = 24

_BEFORE: Mapping[str, tuple[str, ...]] = {
    "from": ("from", "leaving", "left", "of", "从", "由", "自", "离开", "原来是", "原来在"),
    "to": ("to", "into", "towards", "toward", "到", "至", "往", "去", "改成", "换成", "改为", "发", "寄"),
}
"""Words right before a place that settle its role, whatever the examples say."""
_OPPOSITE = {"from": "to", "to": "from"}


class RoleChooser:
    """Goes by the word before where that settles it, else by the words beside an entity in the marked
    examples (naive Bayes); of two places where one has a role, the other has the opposite one."""

    def __init__(self, domain: Domain, nlu: Nlu) -> None:
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._roles = domain.entities
        self.directed = frozenset(
            one for one, roles in domain.entities.items() if set(roles) == {"from", "to"}
        )
        for example in nlu.examples:
            for span in example.spans:
                if span.role:
                    seen = _neighbours(example.text, span.start, span.end)
                    self._counts[span.entity, span.role].update(seen)

    def choose(self, text: str, found: list[Entity]) -> list[Entity]:
        """The entities of a text with their roles."""
        chosen = [self._choose(text, one) for one in found]
        for entity in self.directed:
            places = [at for at, one in enumerate(chosen) if one.entity == entity]
            if len(places) == 2:
                _oppose(chosen, *places)
        return chosen

    def _choose(self, text: str, one: Entity) -> Entity:
        roles = self._roles.get(one.entity, ())
        if not roles or one.role:
            return one
        said = _settled(text, one.start, roles)
        if said:
            return msgspec.structs.replace(one, role=said)
        seen = _neighbours(text, one.start, one.end)
        known = [word for word in seen if any(self._counts[one.entity, r][word] for r in roles)]
        if not known:
            return one

        def likelihood(role: str) -> float:
            counts = self._counts[one.entity, role]
            total = counts.total() + 50
            return sum(math.log((counts[word] + 0.5) / total) for word in known)

        return msgspec.structs.replace(one, role=max(roles, key=likelihood))


def _oppose(chosen: list[Entity], first: int, second: int) -> None:
    for here, there in ((first, second), (second, first)):
        role = chosen[there].role
        if chosen[here].role is None and role is not None:
            chosen[here] = msgspec.structs.replace(chosen[here], role=_OPPOSITE[role])


def _settled(text: str, start: int, roles: tuple[str, ...]) -> str | None:
    before = text[max(0, start - _WINDOW) : start].lower().rstrip()
    words = before.split()
    for role in roles:
        for word in _BEFORE.get(role, ()):
            if word.isascii() and words and words[-1] == word and (word != "of" or words[-2:-1] == ["out"]):
                return role
            if not word.isascii() and before.endswith(word):
                return role
    return None


def _neighbours(text: str, start: int, end: int) -> list[str]:
    before = _NEIGHBOUR.findall(text[max(0, start - _WINDOW) : start].lower())
    after = _NEIGHBOUR.findall(text[end : end + _WINDOW].lower())
    return [f"-{word}" for word in before[-2:]] + [f"+{word}" for word in after[:1]]
