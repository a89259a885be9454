"""What each browser is told of a conversation, PURE: to whom it is connected, whom it hears and who hears it.

The browsers send each other sound directly, each to each (at most `conference.MOST` of them), so hold, mute
and whisper are a matter of who sends to whom.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contact_center.local_carrier.conference import Conference, Member, hears


class Peer(msgspec.Struct, frozen=True):
    """One other end. ``polite`` decides whose offer gives way where both offer at once; ``send`` and
    ``hear``: whether sound goes there and comes from there; ``whisper``: it is meant for this end alone, and
    is in no recording."""

    peer: str
    polite: bool
    send: bool
    hear: bool
    whisper: bool = False


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one end sees it; without peers there is none. ``record``: this end records it now."""

    peers: tuple[Peer, ...] = ()
    hold: bool = False
    muted: bool = False
    record: bool = False


def pictures(
    conference: Conference, names: Mapping[str, str], recorder: str = "", *, paused: bool = False
) -> dict[str, Picture]:
    """By call, what its end is to be told. ``names``: by call, what the others call its end; who has no
    name has no browser. ``recorder``: the call whose end records."""
    inside = [member for member in conference.inside if member.call_sid in names]
    return {
        member.call_sid: Picture(
            peers=tuple(
                Peer(
                    names[other.call_sid],
                    polite=place < inside.index(other),  # who was here first gives way
                    send=hears(conference, other, member),
                    hear=hears(conference, member, other),
                    whisper=other.coaching == member.call_sid,
                )
                for other in inside
                if other is not member
            ),
            hold=member.hold,
            muted=member.muted,
            record=member.call_sid == recorder and not paused and len(inside) > 1,
        )
        for place, member in enumerate(inside)
    }


def recorder_of(conference: Conference, agents: frozenset[str], present: str = "") -> str:
    """Whose browser records: whoever does so already, else the first agent inside who is heard; '' where
    nobody can. Never who whispers: their own voice would be in it."""
    able = [member for member in conference.inside if member.call_sid in agents and not member.coaching]
    if any(member.call_sid == present for member in able):
        return present
    speaking = [member for member in able if not member.muted]
    return speaking[0].call_sid if speaking else ""


def knows(conference: Conference, one: Member, other: Member) -> bool:
    """Whether signals may pass between two ends: both are in the conversation."""
    return one in conference.inside and other in conference.inside and one is not other
