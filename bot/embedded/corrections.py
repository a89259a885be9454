"""Which of two values a customer meant: "not 1234 but 1235", "1235, not 1234", "1234, sorry, 1235".

Slots take the last value said, so what was taken back is left out.
"""

from __future__ import annotations

import re

import msgspec

from bot.embedded.entity import Entity

_WINDOW = 40
_NOUNS = r"(?: ?(?:the|my|an?|order|ticket|number|no\.?|it's|it is|for|from|to|in|on))?+"
_DENIED = re.compile(
    rf"(?:(?<![a-z])(?:not|isn't|wasn't|instead of|rather than|isnt|wasnt){_NOUNS}{_NOUNS}[ #:,]{{1,3}}"
    r"|(?<![是要])(?:不是|而不是|并非|而非)(?:订单号?|单号|工单|从|到|寄到|在)?[ :]?)\Z"
)
_ALTERED = re.compile(
    r"[ ,.;:-]{0,3}+(?:(?:oh|uh|um|no|wait|sorry|oops|i mean|i meant|actually|correction|make that"
    r"|make it|or rather|scratch that|my mistake|that's wrong|excuse me|pardon"
    r"|哦|不对|不是|不|错了|说错了|我说错了|我是说|应该是|应该|更正|抱歉|对不起|其实是)"
    r"[ ,.;:-]{0,3}+){1,4}+"
    r"(?:(?:it's|it is|it was|its|order|ticket|number|the|for|from|to|on|是|订单|到|从) ?){0,3}+"
)
_MOST_BETWEEN = 60


def settle(text: str, found: list[Entity], directed: frozenset[str] = frozenset()) -> list[Entity]:
    """The entities without those that were taken back; who replaces one takes over its role.

    Of ``directed`` entities (they have the roles from and to) the one taken back is where it comes from.
    """
    low = text.lower()
    if len(low) != len(text):
        return found
    denied = {at for at, one in enumerate(found) if _is_denied(low, one)}
    meant = {one.entity for at, one in enumerate(found) if at not in denied}
    kept: list[Entity] = []
    for at, one in enumerate(found):
        if at in denied and one.entity in directed:
            one = msgspec.structs.replace(one, role="from")
        elif at in denied and (one.entity in meant or _is_bare_denial(low, one)):
            continue
        before = kept[-1] if kept else None
        if before is not None and before.entity == one.entity and _is_altered(low[before.end : one.start]):
            kept.pop()
            if one.role is None and before.role is not None:
                one = msgspec.structs.replace(one, role=before.role)
        kept.append(one)
    return kept


def _is_denied(low: str, one: Entity) -> bool:
    return _DENIED.search(low, max(0, one.start - _WINDOW), one.start) is not None


def _is_bare_denial(low: str, one: Entity) -> bool:
    """ "it's not 1234" names no other value, and 1234 is none either."""
    return re.search(r"(?:not|n't|不是|并非) ?\Z", low[max(0, one.start - 8) : one.start]) is not None


def _is_altered(between: str) -> bool:
    return len(between) <= _MOST_BETWEEN and _ALTERED.fullmatch(between) is not None
