"""``call``: a telephone, or a chat, in the terminal, into the running contact centre.

While somebody waits in a queue or talks with an agent, things happen though nobody types: then the program
asks by itself what there is to hear.
"""

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
from contact_center.cli.keyboard import Keyboard

HELP: Final = (
    "Keys: type digits, * or #.  Words: type them.  Enter alone: say nothing.  hangup: end the call."
)
SECONDS: Final = 20.0
POLL: Final = 1.0
"""Seconds between questions whether there is anything new."""

MISSED_POLLS: Final = 60
"""Questions in a row that may fail: a contact outlives a restart of the contact centre."""

KEYPAD: Final = frozenset("0123456789*#")
TALKING: Final = "(you are connected with {who}; hangup ends the {what})"


class Unreached(CliError):
    """The contact centre does not answer at all."""


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
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unreached(
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
    person = Caller(terminal, Keyboard(sys.stdin), chat=chat)
    answer = terminal.send("start", **{"from": caller, "to": called, "language": language})
    click.echo(click.style(HELP, dim=True))
    try:
        person.go_on(answer)
    except (EOFError, KeyboardInterrupt, click.Abort):
        terminal.send("hang_up", reason="customer")
        click.echo("\nYou hung up.")
    click.echo(
        click.style(f"The log of it: python3 cc.py contacts show {terminal.answer['contact']}", dim=True)
    )


def show(answer: dict[str, Any], *, chat: bool) -> None:
    """Print what was said, and of the choices those that were not."""
    if chat:
        texts = [message["text"] for message in answer["messages"]]
        # what was said before we asked again is in no message of this answer
        for text in texts or [item["text"] for item in answer["say"] if item.get("text")]:
            click.echo(text)
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


class Caller:
    """The person at the keyboard: sees what is said, and types what they say and press."""

    def __init__(self, terminal: Terminal, keyboard: Keyboard, *, chat: bool) -> None:
        self._terminal = terminal
        self._keyboard = keyboard
        self._chat = chat
        self._missed = 0

    def go_on(self, answer: dict[str, Any]) -> None:
        """Until the contact has ended. `EOFError`: the person hangs up."""
        while True:
            show(answer, chat=self._chat)
            if answer["ended"]:
                return
            answer = self._react(answer)

    def _react(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Ask the person for what comes next, and send it."""
        terminal, awaited = self._terminal, answer["await"]
        kind = awaited["kind"]
        if kind == "queue":
            return self._wait(awaited)
        if kind == "talk":
            return self._talk(awaited)
        if kind == "recording":
            began = time.monotonic()
            self._read("(recording; Enter to stop) ")
            return terminal.send("recorded", seconds=round(time.monotonic() - began, 1) or 1.0)
        if kind == "connect":
            outcome = (
                self._read(f"(ringing {awaited['target']}; answered, busy or no_answer?) ") or "answered"
            )
            return terminal.send("connect_ended", outcome=outcome, seconds=30)
        if kind == "nothing":
            return terminal.send("resume")
        text = self._read("> ")
        if not text:
            return terminal.send("silence")
        keyed = awaited["keys"] is not None and set(text) <= KEYPAD
        return terminal.send("keys", digits=text) if keyed else terminal.send("words", text=text)

    def _wait(self, awaited: dict[str, Any]) -> dict[str, Any]:
        """In line: until an announcement is due, a key was pressed, or the waiting is over."""
        keys = ", ".join(f"{key} = {name}" for key, name in awaited["leave_keys"].items())
        _prompt(f"(waiting in {awaited['queue']}; Enter to wait on{'; ' + keys if keys else ''}) ")
        page = awaited["page"]
        left = max(1, round(awaited["every"] / POLL))
        while (text := self._typed(POLL)) is None:
            left -= 1
            answer = self._poll("wait", page=page if left > 0 else page + 1)
            if answer is None:
                continue
            if left <= 0 or _differs(answer["await"], awaited):
                click.echo()
                return answer
        if not text:
            return self._terminal.send("wait", page=page + 1)
        if set(text) <= KEYPAD:
            return self._terminal.send("keys", digits=text)
        return self._terminal.send("words", text=text)

    def _talk(self, awaited: dict[str, Any]) -> dict[str, Any]:
        """With an agent, until the flow goes on. In a chat what is typed goes to the agent."""
        what = "chat" if self._chat else "call"
        click.echo(click.style(TALKING.format(who=awaited["agent"] or "an agent", what=what), dim=True))
        while True:
            text = self._typed(POLL)
            if text and self._chat:
                answer = self._terminal.send("words", text=text)
            elif (polled := self._poll("resume")) is not None:
                answer = polled
            else:
                continue
            if answer["ended"] or answer["await"]["kind"] != "talk":
                return answer
            show(answer, chat=self._chat)

    def _poll(self, event: str, **fields: Any) -> dict[str, Any] | None:
        """Ask whether there is anything new; None where the contact centre does not answer just now."""
        try:
            answer = self._terminal.send(event, **fields)
        except Unreached:
            self._missed += 1
            if self._missed > MISSED_POLLS:
                raise
            if self._missed == 1:
                click.echo(click.style("\n(the contact centre does not answer; still trying)", dim=True))
            return None
        self._missed = 0
        return answer

    def _read(self, prompt: str) -> str:
        """One line from the person, however long it takes."""
        _prompt(prompt)
        return self._typed(None) or ""

    def _typed(self, seconds: float | None) -> str | None:
        """What was typed, None for nothing in that time. At the end, and for ``hangup``: `EOFError`."""
        line = self._keyboard.line(seconds)
        if line is None:
            return None
        if not sys.stdin.isatty():
            click.echo(line)
        text = line.strip()
        if text.lower() in ("hangup", "hang up", "挂断"):
            raise EOFError
        return text


def _prompt(text: str) -> None:
    click.echo(click.style(text, dim=True), nl=False)
    sys.stdout.flush()


def _differs(now: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether the person waits for something else, or in another line."""
    return (now["kind"], now.get("queue")) != (before["kind"], before.get("queue"))
