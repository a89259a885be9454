"""The sound of recordings over the API: of the built-in phone from its folder, of Twilio's from Twilio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from sqlalchemy.engine import Connection

from contact_center.api.caller import Caller
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing, Stream
from contact_center.api.problems import Problem
from contact_center.local_carrier.tapes import recording_file
from contact_center.room import Room
from crm_store import audit, recordings
from crm_store.recordings import Recording

PIECE: Final = 65_536
"""Bytes read at once."""

NOT_THEIRS: Final = (
    "Conversations are heard by supervisors, and by agents who have had the contact. Ask a supervisor."
)


async def get_audio(call: Call[Nothing, Nothing]) -> Stream:
    recording_id = call.path["recording_id"]

    def work(connection: Connection) -> Recording:
        found = recordings.get(connection, recording_id)
        if not may_hear(connection, call.caller, found):
            raise Problem("forbidden", NOT_THEIRS)
        note = Note("recording.heard", found.id, {"contact_id": found.contact_id})
        audit.write(connection, note.action, note.subject, note.data, **call.by)
        return found

    found = await call.write(work)
    path = await _here(call.room, found)
    if path is not None:
        return Stream(_of_file(path), "audio/webm", f"{found.id}.webm")
    if _is_twilios(call.room, found.url):
        return Stream(_of_twilio(call.room, found.url), "audio/mpeg", f"{found.id}.mp3")
    raise Problem("not_found", "There is no sound of this recording: nothing was said, or it was deleted.")


def may_hear(connection: Connection, caller: Caller, recording: Recording) -> bool:
    """Supervisors hear everything; agents what customers left for whoever calls back, and conversations of
    contacts that they have had."""
    if caller.may("supervisor") or recording.purpose == "voicemail":
        return True
    if caller.agent_id is None:
        return False
    return recordings.had_by(connection, recording.contact_id, caller.agent_id)


async def _here(room: Room, found: Recording) -> Path | None:
    if room.recordings is None:
        return None
    try:
        path = recording_file(room.recordings, found.provider_ref or "")
    except ValueError:
        return None
    return path if await asyncio.to_thread(path.is_file) else None


async def _of_file(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


def _is_twilios(room: Room, url: str) -> bool:
    """Whether it is where our account is: nothing else is asked with its password."""
    twilio = room.config.twilio
    there = urlsplit(twilio.api_base_url)
    return twilio.enabled and room.http is not None and urlsplit(url)[:2] == there[:2]


async def _of_twilio(room: Room, url: str) -> AsyncIterator[bytes]:
    twilio = room.config.twilio
    assert room.http is not None
    headers: dict[str, Any] = {
        "Authorization": aiohttp.encode_basic_auth(twilio.account_sid, twilio.auth_tokens[0])
    }
    async with room.http.get(f"{url}.mp3", headers=headers) as answer:
        if answer.status != 200:
            raise Problem(
                "not_found", f"Twilio has no sound of this recording (it answered {answer.status})."
            )
        async for piece in answer.content.iter_chunked(PIECE):
            yield piece


ENDPOINTS = (
    Endpoint(
        "GET",
        "/recordings/{recording_id}/audio",
        "agent",
        "Hear a recording; that it was heard is noted in the audit trail",
        get_audio,
        None,
        media=("audio/webm", "audio/mpeg"),
        refusals=("not_found",),
    ),
)
