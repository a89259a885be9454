"""Chooses how a response is said: by slots, channel and, among equals, by the conversation."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from bot.embedded.project import Variation
from bot.runtime import Reply, SlotValue

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def say(
    variations: tuple[Variation, ...], slots: Mapping[str, SlotValue], channel: str, key: str
) -> Reply | None:
    """The reply, or None where no variation fits.

    As in Rasa, variations for the channel go before those for any, and of these the ones whose
    conditions hold before unconditional ones. Of several conditional ones, those with the most
    conditions win (Rasa picks among them by chance). ``key`` decides between equals, always the same way.
    """
    fitting = [
        one
        for one in variations
        if one.channel in (None, channel)
        and all(_same(slots.get(name), value) for name, value in one.conditions)
    ]
    if not fitting:
        return None
    best = max(_rank(one) for one in fitting)
    equals = [one for one in fitting if _rank(one) == best]
    number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big")
    chosen = equals[number % len(equals)]
    return Reply(text=_filled(chosen.text, slots), buttons=chosen.buttons)


def _same(held: SlotValue, wanted: SlotValue) -> bool:
    """Equal; texts whatever their case, as in Rasa."""
    if isinstance(held, str) and isinstance(wanted, str):
        return held.casefold() == wanted.casefold()
    return held == wanted


def _rank(one: Variation) -> tuple[bool, int]:
    return one.channel is not None, len(one.conditions)


def _filled(text: str, slots: Mapping[str, SlotValue]) -> str:
    """``{slot}`` replaced by its value, once: what a customer said is never read as a template."""

    def value(match: re.Match[str]) -> str:
        held = slots.get(match[1])
        return ", ".join(held) if isinstance(held, list) else str("" if held is None else held)

    return _PLACEHOLDER.sub(value, text)
