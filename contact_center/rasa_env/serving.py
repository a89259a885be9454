"""Runs a Rasa server and its action server on this machine's loopback until told to stop."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from contact_center.rasa_env.environment import Say
from contact_center.rasa_env.errors import RasaEnvError
from contact_center.rasa_env.found import RunningServer, find_server, remove_server, write_server
from contact_center.rasa_env.workshop import Workshop

HOST: Final = "127.0.0.1"
RASA_PORT: Final = 5005
ACTIONS_PORT: Final = 5055
_START_SECONDS = 300.0
_STOP_SECONDS = 15.0
_PAUSE = 0.5
_TAIL = 4_000


class Server:
    """One of the two processes, its output in a file."""

    def __init__(
        self, name: str, command: list[str], folder: Path, log: Path, variables: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 our own words
                command,
                cwd=folder,
                env=dict(variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us, who stop it in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def check(self) -> None:
        """Raises `RasaEnvError` with its last words where it has ended."""
        status = self._process.poll()
        if status is None:
            return
        raise RasaEnvError(f"{self.name} ended with status {status}; {self.log} ends with:\n{self._tail()}")

    def _tail(self) -> str:
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL))
            lines = file.read().decode(errors="replace").splitlines()[-12:]
        return "\n".join(f"  {line}" for line in lines)

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """End it: in order, and after ``seconds`` at once."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _die_with_parent() -> None:
    """Linux ends the child when we are gone without a word; it would go on holding a gigabyte."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def serve(
    workshop: Workshop,
    folder: Path,
    model: Path,
    *,
    engine_url: str,
    token: str,
    ports: tuple[int, int],
    say: Say,
    environment: Mapping[str, str],
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Start both servers, tell the engine where they are, and watch them until ``until`` or Ctrl-C.

    ``ports`` are those of Rasa and of the actions; 0 takes the usual one, or any where that is taken.
    Raises `RasaEnvError` where one does not start, or ends.
    """
    running = find_server(folder)
    if running is not None and answers(f"{running.url}/webhooks/engine/", running.token):
        raise RasaEnvError(
            f"A Rasa server already runs for this folder, at {running.url} (process {running.pid})."
        )
    token = token or secrets.token_urlsafe(32)
    rasa_port, actions_port = free_port(ports[0], RASA_PORT), free_port(ports[1], ACTIONS_PORT)
    commands = _commands(workshop, folder, model, rasa_port, actions_port)
    variables = workshop.variables(environment) | {"RASA_TOKEN": token, "CC_ENGINE_URL": engine_url}
    url = f"http://{HOST}:{rasa_port}"
    servers: list[Server] = []
    try:
        for (name, log), command in commands.items():
            servers.append(Server(name, command, workshop.project, folder / log, variables))
        say("starting the Rasa server and its action server (about half a minute)")
        waits = {f"http://{HOST}:{actions_port}/health": "", f"{url}/webhooks/engine/": token}
        if not _wait(servers, waits, say, until):
            return
        started = datetime.now(UTC).isoformat(timespec="seconds")
        write_server(folder, RunningServer(url, token, os.getpid(), model.name, started))
        say(f"Rasa answers at {url}; an engine with bot.runtime: rasa in its configuration finds it")
        while not until():
            for server in servers:
                server.check()
            time.sleep(_PAUSE)
    finally:
        say("stopping")
        remove_server(folder, os.getpid())
        for server in reversed(servers):
            server.stop()


def _commands(
    workshop: Workshop, folder: Path, model: Path, rasa_port: int, actions_port: int
) -> dict[tuple[str, str], list[str]]:
    """How each server is started, by what it is called and where it logs."""
    endpoints = _endpoints(workshop.project, folder, actions_port)
    python = workshop.rasa[0]
    return {
        ("the action server", "actions.log"): [
            python, "-m", "rasa_sdk", "--actions", "bot.rasa_project.actions", "-p", str(actions_port),
        ],
        ("the Rasa server", "rasa.log"): [
            *workshop.rasa, "run", "-i", HOST, "-p", str(rasa_port), "--model", str(model),
            "--credentials", str(_own_or_shipped(workshop, "credentials.yml")),
            "--endpoints", str(endpoints),
        ],
    }  # fmt: skip


def _own_or_shipped(workshop: Workshop, name: str) -> Path:
    own = workshop.project / name
    return own if own.is_file() else workshop.shipped / name


def _endpoints(project: Path, folder: Path, actions_port: int) -> Path:
    """The project's endpoints.yml with the action server's real port."""
    own = project / "endpoints.yml"
    try:
        known: Any = yaml.safe_load(own.read_text(encoding="utf-8")) if own.is_file() else None
    except yaml.YAMLError as error:
        raise RasaEnvError(f"{own} is no YAML: {error}") from None
    endpoints = known if isinstance(known, dict) else {"nlg": {"type": "bot.rasa_components.EngineResponses"}}
    actions = endpoints.get("action_endpoint") or {"enable_selective_domain": True}
    endpoints["action_endpoint"] = {**actions, "url": f"http://{HOST}:{actions_port}/webhook"}
    file = folder / "endpoints.yml"
    file.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    return file


def free_port(wanted: int, usual: int) -> int:
    """``wanted`` where given, which must be free; else the usual one, or any where that is taken."""
    for port in [wanted] if wanted else [usual, 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RasaEnvError(f"Port {wanted} is taken: stop what listens there, or give another.")


def _wait(servers: list[Server], waits: Mapping[str, str], say: Say, until: Callable[[], bool]) -> bool:
    """Until every URL answers, or False when told to stop; tells every ten seconds that it still waits."""
    began = time.monotonic()
    left, told = dict(waits), 0
    while left:
        if until():
            return False
        for server in servers:
            server.check()
        left = {url: token for url, token in left.items() if not answers(url, token)}
        waited = time.monotonic() - began
        if waited > _START_SECONDS:
            raise RasaEnvError(
                f"The Rasa server did not answer within {_START_SECONDS:.0f} s: see {servers[-1].log}."
            )
        if int(waited // 10) > told:
            told = int(waited // 10)
            say(f"  still starting after {waited:.0f} s")
        if left:
            time.sleep(_PAUSE)
    return True


def answers(url: str, token: str = "") -> bool:
    """Whether a server gives its good answer there."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 http alone
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2) as response:
            return bool(json.load(response))
    except (urllib.error.URLError, OSError, ValueError):
        return False
