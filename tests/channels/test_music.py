"""The music for the time in a line: what is in the files, and how they are served."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from contact_center import music
from contact_center.channels.wait_music import LONGEST
from contact_center.web_headers import hardening

HEADER = 58
Client = TestClient[web.Request, web.Application]


def samples(file: bytes) -> music.Sound:
    """Decoded as G.711 says, between -1 and 1; written apart from what encodes."""
    coded = ~np.frombuffer(file[HEADER:], np.uint8) & 255
    size = (((coded & 15).astype(np.int32) << 3) + 132 << (coded >> 4 & 7)) - 132
    sound: music.Sound = np.where(coded & 128, -size, size) / 32_768
    return sound


@pytest.mark.parametrize("seconds", [1, 2, 5, 30, 120])
def test_a_file_says_what_it_is_and_is_exactly_as_long_as_asked(seconds: int) -> None:
    file = music.wav(seconds)
    riff, size, wave, form, form_size, code, channels, rate, per_second, align, bits, extra = struct.unpack(
        "<4sI4s4sIHHIIHHH", file[:38]
    )
    assert (riff, size, wave) == (b"RIFF", len(file) - 8, b"WAVE")
    assert (form, form_size, extra) == (b"fmt ", 18, 0)
    assert (code, channels, rate, per_second, align, bits) == (7, 1, 8000, 8000, 1, 8), "µ-law as telephones"
    assert struct.unpack("<4sII", file[38:50]) == (b"fact", 4, seconds * 8000)
    assert struct.unpack("<4sI", file[50:HEADER]) == (b"data", seconds * 8000)
    assert len(file) == HEADER + seconds * 8000


@pytest.mark.parametrize("seconds", [1, 5, 30, 120])
def test_it_is_as_loud_as_voices_nowhere_cut_off_and_begins_and_ends_softly(seconds: int) -> None:
    sound = samples(music.wav(seconds))
    assert 0.2 < np.abs(sound).max() < 0.5
    assert -27 < 20 * np.log10(np.sqrt(np.mean(sound**2))) < -15
    assert max(abs(sound[0]), abs(sound[-1])) < 0.001
    assert abs(sound.mean()) < 0.005
    assert np.abs(np.diff(sound)).max() < 0.3, "no clicks"


def test_it_never_falls_silent_and_leads_into_itself() -> None:
    sound = samples(music.wav(LONGEST))[16_000:-16_000]
    blocks = np.abs(sound[: len(sound) // 400 * 400].reshape(-1, 400)).max(axis=1)
    assert blocks.min() > 0.03
    whole = music._round()
    jumps = np.abs(np.diff(np.concatenate([whole, whole[:1]])))
    assert jumps[-1] <= jumps[:-1].max()
    assert len(whole) / music.RATE < 30, "it goes round in what is tested"


@pytest.mark.parametrize("level", [-1.0, -0.5, -0.01, -0.0001, 0.0, 0.0001, 0.01, 0.5, 1.0])
def test_each_sample_stays_what_it_was_but_for_the_rounding_of_telephones(level: float) -> None:
    (back,) = samples(bytes(HEADER) + music._mu_law(np.array([level])))
    assert abs(back - level) <= max(abs(level) / 32, 0.0003) + (0.02 if abs(level) == 1 else 0)


# --- served -------------------------------------------------------------------------------------------


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application()
    app.on_response_prepare.append(hardening(https=False))
    app.add_routes(music.music_routes())
    async with TestClient(TestServer(app)) as made:
        yield made


async def test_anybody_may_hear_it_and_keep_it(client: Client) -> None:
    answer = await client.get("/twilio/voice/music/30.wav")
    assert (answer.status, answer.content_type) == (200, "audio/wav")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert await answer.read() == music.wav(30)
    head = await client.head("/twilio/voice/music/30.wav")
    assert head.headers["Content-Length"] == str(HEADER + 240_000)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *[(name, 200) for name in ("1", "120")],
        *[
            (name, 404)
            for name in ("0", "121", "-1", "030", "1.5", "x", "٣", "9" * 5000, "", "1/2", "..%2f1")
        ],
    ],
)
async def test_only_lengths_that_a_line_needs(client: Client, name: str, status: int) -> None:
    assert (await client.get(f"/twilio/voice/music/{name}.wav")).status == status


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-1", 0, 2), ("bytes=100-", 100, 16_058), ("bytes=-58", 16_000, 16_058),
     ("bytes=5-99999", 5, 16_058)],
)  # fmt: skip
async def test_parts_are_served_to_browsers_that_want_them(
    client: Client, asked: str, begin: int, end: int
) -> None:
    answer = await client.get("/twilio/voice/music/2.wav", headers={"Range": asked})
    assert answer.status == 206
    assert answer.headers["Content-Range"] == f"bytes {begin}-{end - 1}/16058"
    assert await answer.read() == music.wav(2)[begin:end]


@pytest.mark.parametrize("asked", ["bytes=16058-", "bytes=9-2", "bytes=x", "lines=1-2"])
async def test_parts_that_are_not_there(client: Client, asked: str) -> None:
    answer = await client.get("/twilio/voice/music/2.wav", headers={"Range": asked})
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */16058")
