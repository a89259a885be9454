"""Where the music for the time in a line is: at URLs that say how many seconds of it they are.

A page of a queue takes exactly as long as it should that way, and a carrier can tell before the sound is
there. `contact_center.music` makes the sound.
"""

from __future__ import annotations

import re
from typing import Final

from contact_center.channels.twilio_settings import TwilioSettings
from ivr_flows.instructions import Pause, Play, Prompt, WaitInQueue

ROUTE: Final = "/voice/music/{seconds}.wav"
"""Under the path of Twilio's webhooks."""

LONGEST: Final = 120
"""Seconds of one piece."""

LONGEST_WAIT: Final = 600
"""Seconds between two announcements."""

SILENCE: Final = "none"
"""In place of a URL: no music."""

_OURS: Final = re.compile(r"https?://[^/?#]+/(?:[^?#]*/)?voice/music/([1-9][0-9]{0,2})\.wav")


def between(item: WaitInQueue, settings: TwilioSettings) -> list[Prompt]:
    """What is heard until the next announcement: the queue's or the company's music, as long as that is; else
    ours, or silence, for exactly the time between announcements."""
    music, seconds = item.music.strip() or settings.wait_music, max(1, min(item.every, LONGEST_WAIT))
    if music == SILENCE:
        return [Pause(seconds)]
    if music:
        return [Play(music)]
    return [Play(settings.root + ROUTE.format(seconds=piece)) for piece in pieces(seconds)]


def pieces(seconds: int) -> list[int]:
    """The lengths of the pieces, one after another, that make ``seconds``."""
    whole, rest = divmod(seconds, LONGEST)
    return [LONGEST] * whole + ([rest] if rest else [])


def seconds_of(url: str) -> int:
    """How long the music at ``url`` is; 0 where it is none of ours."""
    found = _OURS.fullmatch(url)
    seconds = int(found[1]) if found else 0
    return seconds if seconds <= LONGEST else 0
