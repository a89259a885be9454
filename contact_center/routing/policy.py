"""Reads how queues decide from plain mappings (YAML, JSON), with errors for people, and writes it back.

Errors name the queue and the field: "queue 'billing', rings[2].after: ...".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from contact_center.routing import ORDERS, STRATEGIES
from contact_center.routing.model import Overflow, QueuePolicy, Ring
from contact_center.routing.strategies.base import Ranking

LEVELS: Final = range(1, 11)
"""Levels of a skill, from learning to expert; weights of preferred skills have the same bounds."""

LANGUAGE_RULES: Final = ("required", "preferred", "ignored")

_TYPES: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
_KINDS: Final[dict[str, type[msgspec.Struct]]] = {"rings": Ring, "overflow": Overflow}
_POSITIVE: Final = ("offer_seconds", "target_seconds")
_NOT_NEGATIVE: Final = ("ageing", "prefer_seconds", "pass_seconds", "wrap_up_seconds")


class PolicyError(ValueError):
    """A queue's policy cannot be used; the text says where, why, and what to write."""


def read_policies(data: Mapping[str, Mapping[str, Any]]) -> dict[str, QueuePolicy]:
    """The policies of all queues by name, with what they say of each other checked."""
    policies = {name: read_policy(name, fields) for name, fields in data.items()}
    for name, policy in policies.items():
        for number, ring in enumerate(policy.rings, 1):
            for other in ring.queues:
                _known(name, f"rings[{number}].queues", "queue", other, policies)
        for number, rule in enumerate(policy.overflow, 1):
            _known(name, f"overflow[{number}].to", "queue", rule.to, policies)
    _refuse_circles(policies)
    return policies


def read_policy(name: str, data: Mapping[str, Any]) -> QueuePolicy:
    """One queue's policy. ``strategy`` may be one name instead of a list. Other queues are not looked at."""
    if not isinstance(data, Mapping):
        raise _wrong(name, "", f"expected a mapping of fields and found {data!r}; {{}} takes all defaults")
    fields = dict(data)
    _no_strange_fields(name, fields)
    if isinstance(fields.get("strategy"), str):
        fields["strategy"] = [fields["strategy"]]
    try:
        policy = msgspec.convert(fields, QueuePolicy)
    except msgspec.ValidationError as error:
        raise _of_type(name, error) from None
    _check_names(name, policy)
    _check_numbers(name, policy)
    _check_rings(name, policy)
    _check_overflow(name, policy)
    return policy


def write_policy(policy: QueuePolicy) -> dict[str, Any]:
    """The fields that differ from the defaults, as `read_policy` takes them."""
    return _differing(policy, QueuePolicy())


def _differing(value: msgspec.Struct, usual: msgspec.Struct | None) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for field in msgspec.structs.fields(type(value)):
        mine = getattr(value, field.name)
        default = getattr(usual, field.name) if usual is not None else field.default
        if usual is None and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if mine == default:
            continue
        if field.name in _KINDS:
            written[field.name] = [_differing(each, None) for each in mine]
        elif field.name == "strategy" and len(mine) == 1:
            written[field.name] = mine[0]
        else:
            written[field.name] = msgspec.to_builtins(mine)
            if isinstance(mine, tuple):
                written[field.name] = list(mine)
    return written


def _wrong(queue: str, field: str, what: str) -> PolicyError:
    return PolicyError(f"queue '{queue}'" + (f", {field}: " if field else ": ") + what)


def _known(queue: str, field: str, kind: str, word: str, names: Iterable[str]) -> None:
    known = sorted(names)
    if word in known:
        return
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'? " if near else ""
    raise _wrong(queue, field, f"there is no {kind} '{word}'; {hint}known: {', '.join(known)}")


def _no_strange_fields(queue: str, fields: Mapping[str, Any]) -> None:
    for field in fields:
        _known(queue, str(field), "field", str(field), QueuePolicy.__struct_fields__)
    for name, kind in _KINDS.items():
        listed = fields.get(name, ())
        for number, each in enumerate(listed if isinstance(listed, (list, tuple)) else (), 1):
            for field in each if isinstance(each, Mapping) else ():
                _known(queue, f"{name}[{number}].{field}", "field", str(field), kind.__struct_fields__)


def _of_type(queue: str, error: msgspec.ValidationError) -> PolicyError:
    """The library's error in our words; lists count from 1."""
    what, _, path = str(error).partition(" - at `$")
    field = re.sub(r"\[(\d+)\]", lambda found: f"[{int(found[1]) + 1}]", path.rstrip("`").lstrip("."))
    field = field.replace("[...]", "")
    if what.startswith("Invalid enum value"):
        word = what.removeprefix("Invalid enum value ").strip("'")
        return _wrong(queue, field, f"'{word}' is not allowed; allowed: {', '.join(LANGUAGE_RULES)}")
    if what.startswith("Object missing required field"):
        return _wrong(queue, field, f"'{what.split('`')[1]}' is missing; add it")
    what = re.sub(r"`([^`]+)`", lambda found: _in_words(found[1]), what)
    return _wrong(queue, field, what[:1].lower() + what[1:])


def _in_words(types: str) -> str:
    return " or ".join(_TYPES.get(each, each) for each in types.split(" | "))


def _check_names(queue: str, policy: QueuePolicy) -> None:
    _known(queue, "order", "order", policy.order, ORDERS)
    for strategy in policy.strategy:
        _known(queue, "strategy", "strategy", strategy, STRATEGIES)
    ranking = [name for name in policy.strategy if isinstance(STRATEGIES[name], Ranking)]
    all_rankings = ", ".join(name for name, each in STRATEGIES.items() if isinstance(each, Ranking))
    if not ranking:
        raise _wrong(
            queue, "strategy", f"no strategy ranks all agents; end the list with one of {all_rankings}"
        )
    if len(ranking) > 1:
        raise _wrong(queue, "strategy", f"only one can rank all agents; keep one of {', '.join(ranking)}")
    if policy.strategy[-1] != ranking[0]:
        raise _wrong(queue, "strategy", f"'{ranking[0]}' ranks all agents and must be the last of the list")
    if len(set(policy.strategy)) < len(policy.strategy):
        raise _wrong(queue, "strategy", "a name is listed twice; leave one out")


def _check_numbers(queue: str, policy: QueuePolicy) -> None:
    for field in _POSITIVE:
        _at_least(queue, field, getattr(policy, field), above=True)
    for field in _NOT_NEGATIVE:
        _at_least(queue, field, getattr(policy, field))
    if not 0 < policy.target <= 1:
        raise _wrong(queue, "target", f"{policy.target:g} is not a share; write 0.8 for 80 %")
    _check_levels(queue, "required", policy.required)
    _check_levels(queue, "preferred", policy.preferred)


def _at_least(queue: str, field: str, number: float, *, above: bool = False) -> None:
    if number < 0 or (above and number == 0) or number != number or number == float("inf"):
        raise _wrong(
            queue, field, f"{number:g} is not allowed; write a number {'above' if above else 'of at least'} 0"
        )


def _check_levels(queue: str, field: str, skills: Mapping[str, int]) -> None:
    for skill, level in skills.items():
        if level not in LEVELS:
            raise _wrong(
                queue, f"{field}.{skill}", f"{level} is not allowed; write a whole number from 1 to 10"
            )


def _check_rings(queue: str, policy: QueuePolicy) -> None:
    before = -1.0
    for number, ring in enumerate(policy.rings, 1):
        field = f"rings[{number}]"
        _at_least(queue, f"{field}.after", ring.after)
        if ring.after <= before:
            raise _wrong(
                queue, f"{field}.after", f"{ring.after:g} is not later than the ring before it; sort them"
            )
        before = ring.after
        _at_least(queue, f"{field}.lower", ring.lower)
        _check_levels(queue, f"{field}.required", ring.required or {})
        if ring == Ring(after=ring.after):
            raise _wrong(queue, field, "it widens nothing; give it lower, required, language or queues")


def _check_overflow(queue: str, policy: QueuePolicy) -> None:
    for number, rule in enumerate(policy.overflow, 1):
        field = f"overflow[{number}]"
        _at_least(queue, f"{field}.after", rule.after)
        if rule.longer_than is not None:
            _at_least(queue, f"{field}.longer_than", rule.longer_than)
        elif not rule.after:
            raise _wrong(queue, field, "it would move all work at once; give it after or longer_than")
        if rule.to == queue:
            raise _wrong(queue, f"{field}.to", "a queue cannot overflow into itself; name another one")


def _refuse_circles(policies: Mapping[str, QueuePolicy]) -> None:
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise _wrong(
                name, "overflow", f"work would go round in a circle: {circle}; take one of these out"
            )
        if name in done:
            return
        for rule in policies[name].overflow:
            walk(rule.to, (*path, name))
        done.add(name)

    for name in policies:
        walk(name, ())
