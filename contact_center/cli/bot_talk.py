"""A conversation with the bot in the terminal, or through a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from bot.embedded.entities import Extractor
from bot.embedded.project import Project
from bot.embedded.text import clean
from bot.runtime import ActionRunner, Bot, BotTurn, Message, NoActions
from contact_center.bot_lab.looking import LookingActions
from contact_center.cli.common import CliError, open_desk
from contact_center.cli.printing import shown


@contextmanager
def looking_actions(config_path: Path | None, *, off: bool) -> Iterator[ActionRunner]:
    """What the bot may look up: the configured database, where there is one."""
    if off:
        yield NoActions()
        return
    try:
        desk = open_desk(config_path)
        opened = desk.__enter__()
    except CliError as error:
        click.echo(f"Orders and tickets cannot be looked up: {error.message}.", err=True)
        yield NoActions()
        return
    try:
        yield LookingActions(opened.store)
    finally:
        desk.__exit__(None, None, None)


@dataclass
class Talk:
    """One conversation; ``state`` is the bot's."""

    language: str | None
    channel: str
    verbose: bool
    state: str = ""
    buttons: list[str] = field(default_factory=list)
    extractor: Extractor | None = None
    said: str = ""

    def begin(self, project: Project) -> None:
        """Say what can be done here, to people."""
        self.extractor = Extractor(project.domain, project.nlu)
        if sys.stdin.isatty():
            click.echo("Type a message, or the number of a button. An empty line ends the conversation.")

    def ask(self) -> str | None:
        """The next message, None at the end."""
        if sys.stdin.isatty():
            click.echo("> ", nl=False)
        line = sys.stdin.readline()
        text = line.strip()
        if not text:
            return None
        if not sys.stdin.isatty():
            click.echo(f"> {shown(text)}")
        return text

    async def say(self, bot: Bot, text: str) -> BotTurn:
        """The bot's answer to ``text``, or to the button of that number."""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
        self.said = self.buttons[number - 1] if 0 < number <= len(self.buttons) else text
        turn = await bot.respond(Message("talk", self.said, self.language, self.channel), self.state)
        self.state = turn.state
        return turn

    def tell(self, turn: BotTurn) -> None:
        """What the bot answered."""
        if self.verbose:
            self._explain(turn)
        self.buttons = []
        for reply in turn.replies:
            click.echo(f"bot: {shown(reply.text)}")
            for button in reply.buttons:
                self.buttons.append(button.payload)
                click.echo(f"     [{len(self.buttons)}] {shown(button.title)}")
        if turn.handoff:
            click.echo(f"(a person takes over: {turn.handoff_reason})")
        elif turn.closed:
            click.echo("(the conversation is over)")

    def _explain(self, turn: BotTurn) -> None:
        others = ", ".join(f"{name} {share:.2f}" for name, share in turn.alternatives if name != turn.intent)
        understood = "" if turn.understood else "; not understood"
        click.echo(
            f"  intent: {turn.intent} {turn.confidence:.2f}{f' ({others})' if others else ''}{understood}"
        )
        if self.extractor is not None and (found := self.extractor.extract(clean(self.said))):
            told = ", ".join(f"{one.entity}{f':{one.role}' if one.role else ''}={one.value}" for one in found)
            click.echo(f"  entities: {shown(told)}")
        if turn.slots:
            click.echo(
                f"  slots: {shown(', '.join(f'{name}={value}' for name, value in turn.slots.items()))}"
            )
        click.echo(f"  actions: {', '.join(turn.actions) or '-'}")
