"""Recordings of the built-in phone: pieces of sound from a browser become a file, and Twilio's callbacks.

A conversation is recorded by the browser of the agent who talks, which sends its pieces while it does. A
pause (card data) pauses there; nothing of it is ever sent. Where another agent takes over, that one's browser
makes a recording of its own: two containers cannot be joined without a media server.

    folder/RE….part     while it comes in
    folder/RE….webm     complete
"""

from __future__ import annotations

import hmac
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import msgspec

from contact_center.local_carrier.verbs import RecordingCallback

IN_PROGRESS: Final = "in-progress"
PAUSED: Final = "paused"
STOPPED: Final = "stopped"
COMPLETED: Final = "completed"
ABSENT: Final = "absent"

LARGEST_PIECE: Final = 1_000_000
LARGEST: Final = 200_000_000


class Tape(msgspec.Struct, kw_only=True):
    """One recording. ``key`` opens it for pieces; ``ran`` are the seconds before the present run."""

    sid: str
    key: str
    call_sid: str = ""
    conference_sid: str = ""
    source: str
    callback: RecordingCallback | None
    started_at: datetime
    status: str = IN_PROGRESS
    since: datetime | None = None
    ran: float = 0.0
    pieces: int = 0
    size: int = 0

    def move(self, status: str, at: datetime) -> None:
        """In progress, paused or stopped; the clock runs only while it is in progress."""
        if self.since is not None:
            self.ran += max(0.0, (at - self.since).total_seconds())
            self.since = None
        if status == IN_PROGRESS:
            self.since = at
        self.status = status

    def opens_with(self, key: str) -> bool:
        return hmac.compare_digest(self.key.encode(), key.encode("utf-8", "replace"))

    def has_room(self, size: int) -> bool:
        """Whether a piece of that size is taken."""
        return size <= LARGEST_PIECE and self.size + size <= LARGEST


class Tapes:
    """The recordings under way, and the folder of all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, Tape] = {}

    def begin(self, tape: Tape) -> Tape:
        self.running[tape.sid] = tape
        return tape

    def write(self, tape: Tape, piece: bytes) -> None:
        """Add a piece (blocking)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._part(tape.sid).open("ab") as file:
            file.write(piece)

    def keep(self, sid: str, sound: bytes) -> None:
        """Keep a whole recording (blocking)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        recording_file(self.folder, sid).write_bytes(sound)

    def finish(self, tape: Tape) -> str:
        """The recording is over; ``completed``, or ``absent`` where nothing has come (blocking)."""
        self.running.pop(tape.sid, None)
        if not tape.pieces:
            return ABSENT
        self._part(tape.sid).replace(recording_file(self.folder, tape.sid))
        return COMPLETED

    def _part(self, sid: str) -> Path:
        return self.folder / f"{sid}.part"


def recording_file(folder: Path, sid: str) -> Path:
    """Where the sound of a recording is. Raises ValueError for what is no RecordingSid."""
    if not (sid.startswith("RE") and len(sid) == 34 and sid.isalnum() and sid.isascii()):
        raise ValueError("not a RecordingSid")
    return folder / f"{sid}.webm"


def fields(account: str, tape: Tape, status: str, root: str) -> dict[str, str]:
    """A recordingStatusCallback. ``root``: the account's URL, under which recordings are."""
    form = {
        "AccountSid": account,
        "RecordingSid": tape.sid,
        "RecordingStatus": status,
        "RecordingChannels": "1",
        "RecordingStartTime": format_datetime(tape.started_at),
        "RecordingSource": tape.source,
    }
    form |= {"CallSid": tape.call_sid} if tape.call_sid else {}
    form |= {"ConferenceSid": tape.conference_sid} if tape.conference_sid else {}
    if status == COMPLETED:
        form |= {"RecordingUrl": f"{root}/Recordings/{tape.sid}", "RecordingDuration": str(round(tape.ran))}
    return form
