"""Fills slots from a message, as Rasa's action_extract_slots does."""

from __future__ import annotations

from bot.embedded.project import Domain, Slot, SlotMapping
from bot.embedded.tracker import Tracker
from bot.embedded.understanding import Parsed
from bot.runtime import SlotValue


def fill_slots(domain: Domain, tracker: Tracker, parsed: Parsed) -> frozenset[str]:
    """Set what the message tells; returns the names of the slots it spoke of (changed or not).

    An intent that the active form ignores fills nothing, as in Rasa.
    """
    form = domain.forms.get(tracker.loop)
    if form is not None and parsed.rule_intent in form.ignored_intents:
        return frozenset()
    filled: dict[str, SlotValue] = {}
    for slot in domain.slots.values():
        for mapping in slot.mappings:
            value = _value(slot, mapping, tracker, parsed)
            if value is not None:
                filled[slot.name] = value
                break
    tracker.slots.update(filled)
    return frozenset(filled)


def expected_entities(domain: Domain, tracker: Tracker) -> frozenset[str]:
    """The entities that would answer what the active form has just asked."""
    slot = domain.slots.get(tracker.requested)
    if slot is None:
        return frozenset()
    return frozenset(mapping.entity for mapping in slot.mappings if mapping.entity)


def _value(slot: Slot, mapping: SlotMapping, tracker: Tracker, parsed: Parsed) -> SlotValue:
    """What one mapping makes of the message; None where it does not apply."""
    intents = {parsed.intent, parsed.rule_intent}
    if mapping.intents and not mapping.intents & intents:
        return None
    if mapping.not_intents & intents:
        return None
    if mapping.conditions and not any(
        condition.loop == tracker.loop and condition.requested in (None, tracker.requested)
        for condition in mapping.conditions
    ):
        return None
    if mapping.kind == "from_intent":
        return mapping.value
    if mapping.kind == "from_text":
        return parsed.text or None
    if mapping.kind != "from_entity":
        return None
    values = [
        entity.value
        for entity in parsed.entities
        if entity.entity == mapping.entity and mapping.role in (None, entity.role)
    ]
    return _typed(slot, values) if values else None


def _typed(slot: Slot, values: list[str]) -> SlotValue:
    """Entity values as the slot's type has them; several for a single slot: the last one said."""
    if slot.kind == "list":
        return values
    last = values[-1]
    if slot.kind == "categorical":
        return next((value for value in slot.values if value.lower() == last.lower()), None)
    if slot.kind == "float":
        try:
            return float(last)
        except ValueError:
            return None
    if slot.kind == "bool":
        return last.lower() in ("true", "yes", "1")
    return last
