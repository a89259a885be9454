"""``call``: a telephone, or a chat, in the terminal, into the running contact centre."""

from __future__ import annotations

import http.client
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any, Final

import click

from contact_center.channels_in_use import console_secret
from contact_center.cli.common import CliError, config_option, load_config

HELP: Final = (
    "Keys: type digits, * or #.  Words: type them.  Enter alone: say nothing.  hangup: end the call."
)
SECONDS: Final = 20.0
KEYPAD: Final = frozenset("0123456789*#")


class Terminal:
    """One call over the console channel (contact_center/channels/console.py has the shapes)."""

    def __init__(self, host: str, port: int, secret: str, about: dict[str, Any]) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
        self._secret = secret
        self._about = about
        self._asked = 0
        self.answer: dict[str, Any] = {}

    def send(self, event: str, **fields: Any) -> dict[str, Any]:
        """One event, and what the contact centre answers."""
        body = self._about | {"n": self._asked} | fields
        if "turn" in self.answer:
            body["turn"] = self.answer["turn"]
        self._asked += 1
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        try:
            self._connection.request("POST", f"/console/{event}", json.dumps(body), headers)
            response = self._connection.getresponse()
            text = response.read().decode()
        except OSError as error:
            raise CliError(
                f"The contact centre does not answer on port {self._connection.port}; start it in another "
                "terminal (python3 cc.py serve), or name the port that it printed (--port)"
            ) from error
        if response.status != 200:
            raise CliError(_complaint(text, response.status))
        self.answer = json.loads(text)
        return self.answer


def _complaint(text: str, status: int) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return f"The contact centre answered {status}: {text.strip()[:200]}"


@click.command()
@config_option
@click.option("--from", "caller", default="", help="The number that calls; leave out for a withheld one.")
@click.option("--to", "called", default="", help="The number that is called; it chooses the flow.")
@click.option("--language", default="", help="The language to begin in, as en or zh.")
@click.option("--text", "chat", is_flag=True, help="Chat instead of calling.")
@click.option("--port", type=int, help="Where the contact centre listens, if not at server.port.")
def call(
    config_path: Path | None, caller: str, called: str, language: str, chat: bool, port: int | None
) -> None:
    """Call the running contact centre from this terminal."""
    config, folder = load_config(config_path)
    about = {"session": secrets.token_hex(12), "as": "chat" if chat else "phone"}
    terminal = Terminal("127.0.0.1", port or config.server.port, console_secret(folder / "var"), about)
    answer = terminal.send("start", **{"from": caller, "to": called, "language": language})
    click.echo(click.style(HELP, dim=True))
    try:
        while True:
            show(answer, chat)
            if answer["ended"]:
                break
            answer = react(terminal, answer)
    except (EOFError, KeyboardInterrupt, click.Abort):
        answer = terminal.send("hang_up", reason="customer")
        click.echo("\nYou hung up.")
    click.echo(
        click.style(f"The log of it: python3 cc.py contacts show {terminal.answer['contact']}", dim=True)
    )


def show(answer: dict[str, Any], chat: bool) -> None:
    """Print what was said, and of the choices those that were not."""
    if chat:
        for message in answer["messages"]:
            click.echo(message["text"])
        return
    for item in answer["say"]:
        if item.get("text"):
            click.echo(f"  {item['text']}")
        elif "play" in item:
            click.echo(click.style(f"  (plays {item['play']})", dim=True))
    heard = " ".join(item.get("text", "") for item in answer["say"])
    for option in answer["await"].get("options", ()):
        if option["key"] and option["label"] not in heard:
            click.echo(click.style(f"    [{option['key']}] {option['label']}", dim=True))
    if answer["ended"]:
        click.echo(click.style(f"  (the call has ended: {answer['reason']})", dim=True))


def react(terminal: Terminal, answer: dict[str, Any]) -> dict[str, Any]:
    """Ask the person at the keyboard for what comes next, and send it."""
    awaited = answer["await"]
    kind = awaited["kind"]
    if kind == "queue":
        return _wait(terminal, awaited)
    if kind == "recording":
        began = time.monotonic()
        read("(recording; Enter to stop) ")
        return terminal.send("recorded", seconds=round(time.monotonic() - began, 1) or 1.0)
    if kind == "connect":
        outcome = read(f"(ringing {awaited['target']}; answered, busy or no_answer?) ") or "answered"
        return terminal.send("connect_ended", outcome=outcome, seconds=30)
    if kind == "nothing":
        return terminal.send("resume")
    text = read("> ")
    if not text:
        return terminal.send("silence")
    keyed = awaited["keys"] is not None and set(text) <= KEYPAD
    return terminal.send("keys", digits=text) if keyed else terminal.send("words", text=text)


def _wait(terminal: Terminal, awaited: dict[str, Any]) -> dict[str, Any]:
    keys = ", ".join(f"{key} = {name}" for key, name in awaited["leave_keys"].items())
    text = read(f"(waiting in {awaited['queue']}; Enter to wait on{'; ' + keys if keys else ''}) ")
    if text:
        return terminal.send("keys", digits=text)
    return terminal.send("wait", page=awaited["page"] + 1)


def read(prompt: str) -> str:
    """One line from the person; `EOFError` and ``hangup`` end the call."""
    click.echo(click.style(prompt, dim=True), nl=False)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    if not sys.stdin.isatty():
        click.echo(line.rstrip("\n"))
    text = line.strip()
    if text.lower() in ("hangup", "hang up", "挂断"):
        raise EOFError
    return text
