"""The music that callers hear while they wait in a line, made here, so that nobody owns it.

Slow broken chords over soft ones, twenty-five seconds that lead into themselves. Each piece fades in and out
and is as long as its URL says, in what telephones speak anyway: 8 kHz, one channel, µ-law, in a WAV file,
which Twilio's <Play> and every browser take. Nothing of a caller is in it, so anybody may hear it.
"""

from __future__ import annotations

import asyncio
import struct
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from aiohttp import web

from contact_center.channels.wait_music import LONGEST, ROUTE

RATE: Final = 8_000
"""Samples a second, each of one byte."""

Sound = npt.NDArray[np.float64]

_NOTE_SECONDS: Final = 0.4
_RINGS_SECONDS: Final = 2.0
_FADE_SECONDS: Final = 1.2
_LOUDEST: Final = 0.35  # of full scale: as loud as the voices that speak between
_KEPT: Final = 16  # lengths; at most a megabyte each

_BARS: Final = (
    (262, 330, 392, 494),
    (220, 262, 330, 392),
    (175, 220, 262, 330),
    (196, 247, 294, 349),
    (262, 330, 392, 494),
    (165, 247, 330, 392),
    (147, 220, 262, 349),
    (196, 247, 294, 349),
)
"""The chords, in Hz."""

_STEPS: Final = ((0, 1, 2, 3, 2, 1, 2, 3), (0, 2, 1, 3, 2, 3, 1, 2))
"""In which order their notes are played, bar by bar."""

_KEEP: Final = "public, max-age=31536000, immutable"


def music_routes(base_path: str = "/twilio") -> list[web.RouteDef]:
    """The pieces, for whoever asks."""
    return [web.get(base_path + ROUTE, _serve)]


async def _serve(request: web.Request) -> web.Response:
    """One piece, or the part of it that is asked for: some browsers play only what can be had in parts."""
    asked = request.match_info["seconds"]
    seconds = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= len(str(LONGEST)) else 0
    if not 1 <= seconds <= LONGEST or asked != str(seconds):
        return web.Response(status=404, text=f"There is music of 1 to {LONGEST} seconds.\n")
    body = await asyncio.to_thread(wav, seconds)
    headers = {"Content-Type": "audio/wav", "Cache-Control": _KEEP, "Accept-Ranges": "bytes"}
    if "Range" not in request.headers:
        return web.Response(body=body, headers=headers)
    try:
        begin, end, _ = request.http_range.indices(len(body))
    except ValueError:
        begin = end = 0
    if begin >= end:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {begin}-{end - 1}/{len(body)}"
    return web.Response(status=206, body=body[begin:end], headers=headers)


@lru_cache(maxsize=_KEPT)
def wav(seconds: int) -> bytes:
    """A WAV file of exactly that many seconds."""
    sound = np.resize(_round(), seconds * RATE)
    fade = np.sin(np.linspace(0, np.pi / 2, round(min(_FADE_SECONDS, seconds / 3) * RATE))) ** 2
    sound[: len(fade)] *= fade
    sound[-len(fade) :] *= fade[::-1]
    data = _mu_law(sound)
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 7, 1, RATE, RATE, 1, 8, 0)  # 7 = µ-law
    count = struct.pack("<4sII", b"fact", 4, len(data))
    chunks = form + count + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI4s", b"RIFF", 4 + len(chunks), b"WAVE") + chunks


@lru_cache(maxsize=1)
def _round() -> Sound:
    """The whole piece once; what rings on at its end does so at its beginning."""
    note, steps = round(_NOTE_SECONDS * RATE), len(_STEPS[0])
    sound = np.zeros(len(_BARS) * steps * note)
    for bar, chord in enumerate(_BARS):
        begin = bar * steps * note
        _add(sound, begin, _pad(chord, steps * note))
        for beat, step in enumerate(_STEPS[bar % len(_STEPS)]):
            _add(sound, begin + beat * note, _plucked(chord[step] * 2))
    loud: Sound = sound * (_LOUDEST / np.abs(sound).max())
    return loud


def _add(sound: Sound, begin: int, part: Sound) -> None:
    sound[(begin + np.arange(len(part))) % len(sound)] += part


def _plucked(pitch: float) -> Sound:
    """One note, which dies away."""
    at = np.arange(round(_RINGS_SECONDS * RATE)) / RATE
    tone = _sines(pitch, at, (1.0, 0.25, 0.08))
    rises, falls = np.minimum(1, at / 0.02), np.exp(-at * 2.2)
    plucked: Sound = tone * rises * falls * np.minimum(1, (_RINGS_SECONDS - at) / 0.2)
    return plucked


def _pad(chord: tuple[int, ...], length: int) -> Sound:
    """A whole bar's chord, which swells, and goes over into the next one's."""
    over = round(_NOTE_SECONDS * RATE)
    at = np.arange(length + over) / RATE
    tone = np.sum([_sines(pitch, at, (0.3, 0.12, 0.05)) for pitch in chord], axis=0)
    pad: Sound = tone * np.minimum(1, np.minimum(at, at[::-1]) / _NOTE_SECONDS)
    return pad


def _sines(pitch: float, at: Sound, levels: tuple[float, ...]) -> Sound:
    waves = [level * np.sin(2 * np.pi * pitch * (part + 1) * at) for part, level in enumerate(levels)]
    together: Sound = np.sum(waves, axis=0)
    return together


def _mu_law(sound: Sound) -> bytes:
    """Samples between -1 and 1 as ITU-T G.711 has them: sign, eighth of the scale, place in it; inverted."""
    whole = np.rint(sound * 32_767).astype(np.int32)
    size = np.minimum(np.abs(whole), 32_635) + 132
    eighth = np.frexp(size)[1] - 8
    place = (size >> (eighth + 3)) & 15
    coded: bytes = (~((whole < 0) * 128 | eighth << 4 | place) & 255).astype(np.uint8).tobytes()
    return coded
