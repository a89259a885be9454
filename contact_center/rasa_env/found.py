"""The file by which an engine finds the Rasa server that `contact-center rasa serve` runs beside it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

FILE = "server.json"


class RunningServer(msgspec.Struct, frozen=True):
    """A server that is up: ``url`` and ``token`` are what the engine needs; ``pid`` is that of the
    command that runs it, ``model`` the name of the trained model, ``started`` its time in ISO 8601."""

    url: str
    token: str
    pid: int
    model: str
    started: str


def find_server(folder: Path) -> RunningServer | None:
    """The server noted in ``folder`` (the engine's data folder and "rasa"), None where none runs."""
    try:
        server = msgspec.json.decode((folder / FILE).read_bytes(), type=RunningServer)
    except (OSError, msgspec.DecodeError):
        return None
    return server if is_alive(server.pid) else None


def write_server(folder: Path, server: RunningServer) -> None:
    """Note a server, readable for this user only; whole or not at all."""
    new = folder / f"{FILE}.new"
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(server))
    new.replace(folder / FILE)


def remove_server(folder: Path, pid: int) -> None:
    """Take the note away, unless another server has replaced it."""
    found = find_server(folder)
    if found is None or found.pid == pid:
        (folder / FILE).unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether a process of this id runs."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
