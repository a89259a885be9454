"""Reads domain files: intents, entities, slots with mappings, forms, responses, actions."""

from __future__ import annotations

from bot.embedded.project import (
    Domain,
    Form,
    FormState,
    Slot,
    SlotMapping,
    Variation,
)
from bot.embedded.yaml_lines import Item
from bot.runtime import Button, SlotValue

SECTIONS = {
    "version", "intents", "entities", "slots", "forms", "responses", "actions", "session_config",
}  # fmt: skip
"""What a domain may hold; session_config is Rasa's own: here the caller ends conversations."""

_SLOT_KINDS = {"text", "bool", "categorical", "float", "list", "any"}
_MAPPING_KEYS = {
    "from_entity": {"entity", "role", "intent", "not_intent"},
    "from_text": {"intent", "not_intent"},
    "from_intent": {"intent", "not_intent", "value"},
    "custom": {"action"},
}


class DomainReader:
    """Gathers the domain of all files. The items are kept for refusals that need the whole."""

    def __init__(self) -> None:
        self.intents: dict[str, Item] = {}
        self.entities: dict[str, tuple[str, ...]] = {}
        self.slots: dict[str, Slot] = {}
        self.forms: dict[str, Form] = {}
        self.responses: dict[str, tuple[Variation, ...]] = {}
        self.actions: set[str] = set()
        self.places: dict[str, Item] = {}

    def read(self, file: Item) -> None:
        """Take in one domain file."""
        sections = file.mapping(SECTIONS)
        for item in _list(sections, "intents"):
            name, options = item.single() if item.is_mapping else (item.text(), None)
            if options is not None:
                options.mapping({"use_entities", "ignore_entities"})
            self._once(self.intents, name, item, "intent")
            self.intents[name] = item
        for item in _list(sections, "entities"):
            name, options = item.single() if item.is_mapping else (item.text(), None)
            self._once(self.entities, name, item, "entity")
            self.entities[name] = ()
            if options is not None:
                roles = options.mapping({"roles"})
                self.entities[name] = tuple(role.text() for role in _list(roles, "roles"))
        for name, item in _map(sections, "slots"):
            self._once(self.slots, name, item, "slot")
            self.slots[name] = _slot(name, item)
            self.places[f"slot {name}"] = item
        for name, item in _map(sections, "forms"):
            self._once(self.forms, name, item, "form")
            self.forms[name] = _form(name, item)
            self.places[f"form {name}"] = item
        for name, item in _map(sections, "responses"):
            self._once(self.responses, name, item, "response")
            if not name.startswith("utter_"):
                item.fail(f"the response '{name}' must begin with 'utter_'")
            self.responses[name] = tuple(_variation(one) for one in item.sequence())
            self.places[f"response {name}"] = item
        self.actions.update(item.text() for item in _list(sections, "actions"))

    @staticmethod
    def _once(known: object, name: str, item: Item, kind: str) -> None:
        if isinstance(known, dict) and name in known:
            item.fail(f"the {kind} '{name}' is declared twice")

    def finish(self, retrieval: set[str]) -> Domain:
        """The whole, after checking that its parts know each other; ``retrieval`` are the full
        names of retrieval intents in the training data."""
        for slot in self.slots.values():
            for mapping in slot.mappings:
                self._check_mapping(slot, mapping)
        for form in self.forms.values():
            item = self.places[f"form {form.name}"]
            for name in form.required:
                if name not in self.slots:
                    item.fail(f"form {form.name} asks for slot '{name}', which is not declared")
                asks = (f"utter_ask_{form.name}_{name}", f"utter_ask_{name}")
                if not any(ask in self.responses for ask in asks):
                    item.fail(f"form {form.name} has no response '{asks[1]}' to ask with")
        for name, variations in self.responses.items():
            for variation in variations:
                for slot_name, _ in variation.conditions:
                    if slot_name not in self.slots:
                        self.places[f"response {name}"].fail(
                            f"a condition of {name} names slot '{slot_name}', which is not declared"
                        )
        return Domain(
            intents=frozenset(self.intents) | retrieval,
            entities=self.entities,
            slots=self.slots,
            forms=self.forms,
            responses=self.responses,
            actions=frozenset(self.actions),
        )

    def _check_mapping(self, slot: Slot, mapping: SlotMapping) -> None:
        item = self.places[f"slot {slot.name}"]
        if mapping.entity is not None and mapping.entity not in self.entities:
            item.fail(f"slot {slot.name} is filled by entity '{mapping.entity}', not declared")
        if mapping.role is not None and mapping.role not in self.entities[mapping.entity or ""]:
            item.fail(f"slot {slot.name} is filled by role '{mapping.role}', not declared")
        for intent in sorted(mapping.intents | mapping.not_intents):
            if intent not in self.intents:
                item.fail(f"a mapping of slot {slot.name} names intent '{intent}', not declared")
        for condition in mapping.conditions:
            if condition.loop not in self.forms:
                item.fail(f"a mapping of slot {slot.name} names form '{condition.loop}', not declared")


def _list(sections: dict[str, Item], key: str) -> list[Item]:
    return sections[key].sequence() if key in sections else []


def _map(sections: dict[str, Item], key: str) -> list[tuple[str, Item]]:
    return list(sections[key].mapping().items()) if key in sections else []


def _slot(name: str, item: Item) -> Slot:
    fields = item.mapping({"type", "values", "initial_value", "influence_conversation", "mappings"})
    if "type" not in fields or "mappings" not in fields:
        item.fail(f"slot {name} needs a type and mappings")
    kind = fields["type"].text()
    if kind not in _SLOT_KINDS:
        fields["type"].fail(f"slots of type '{kind}' are not supported")
    influence = fields.get("influence_conversation")
    influences = kind != "any" and (influence is None or influence.boolean())
    if influences and kind == "float":
        item.fail(
            f"slot {name} is a number that influences the choice of stories, which is not run here:"
            " write influence_conversation: false"
        )
    initial = fields.get("initial_value")
    return Slot(
        name=name,
        kind=kind,
        values=frozenset(value.text() for value in _list(fields, "values")),
        initial=_value(initial, kind) if initial is not None else None,
        mappings=tuple(_mapping(one, kind) for one in _list(fields, "mappings")),
        influences=influences,
    )


def _mapping(item: Item, kind: str) -> SlotMapping:
    fields = item.mapping()
    how = fields["type"].text() if "type" in fields else ""
    if how not in _MAPPING_KEYS:
        item.fail(f"slot mappings of type '{how}' are not supported")
    item.mapping({"type", "conditions", *_MAPPING_KEYS[how]})
    if how == "from_entity" and "entity" not in fields:
        item.fail("from_entity needs an entity")
    if how == "from_intent" and not {"intent", "value"} <= fields.keys():
        item.fail("from_intent needs an intent and a value")
    return SlotMapping(
        kind=how,
        entity=fields["entity"].text() if "entity" in fields else None,
        role=fields["role"].text() if "role" in fields else None,
        value=_value(fields["value"], kind) if "value" in fields else None,
        intents=_words(fields.get("intent")),
        not_intents=_words(fields.get("not_intent")),
        conditions=tuple(_form_state(one) for one in _list(fields, "conditions")),
    )


def _form_state(item: Item) -> FormState:
    fields = item.mapping({"active_loop", "requested_slot"})
    if "active_loop" not in fields:
        item.fail("a condition needs active_loop")
    requested = fields.get("requested_slot")
    return FormState(fields["active_loop"].text(), requested.text() if requested else None)


def _words(item: Item | None) -> frozenset[str]:
    if item is None:
        return frozenset()
    items = item.sequence() if item.is_sequence else [item]
    return frozenset(one.text() for one in items)


def _value(item: Item, kind: str) -> SlotValue:
    if item.is_null:
        return None
    if kind == "bool":
        return item.boolean()
    if kind == "float":
        return item.number()
    if kind == "list":
        return [one.text() for one in item.sequence()]
    return item.text()


def _form(name: str, item: Item) -> Form:
    fields = item.mapping({"required_slots", "ignored_intents"})
    required = tuple(one.text() for one in _list(fields, "required_slots"))
    if not required:
        item.fail(f"form {name} asks for nothing")
    return Form(name, required, _words(fields.get("ignored_intents")))


def _variation(item: Item) -> Variation:
    fields = item.mapping({"text", "channel", "condition", "buttons"})
    if "text" not in fields:
        item.fail("a response needs a text")
    conditions = []
    for one in _list(fields, "condition"):
        parts = one.mapping({"type", "name", "value"})
        if not {"type", "name", "value"} <= parts.keys() or parts["type"].text() != "slot":
            one.fail("a condition is {type: slot, name: ..., value: ...}")
        conditions.append((parts["name"].text(), _condition_value(parts["value"])))
    buttons = []
    for one in _list(fields, "buttons"):
        parts = one.mapping({"title", "payload"})
        if len(parts) != 2:
            one.fail("a button has a title and a payload")
        buttons.append(Button(parts["title"].text(), parts["payload"].text()))
    channel = fields.get("channel")
    return Variation(
        text=fields["text"].text(),
        channel=channel.text() if channel else None,
        conditions=tuple(conditions),
        buttons=tuple(buttons),
    )


def _condition_value(item: Item) -> SlotValue:
    if item.is_null:
        return None
    word = item.text()
    return word == "true" if word in ("true", "false") else word
