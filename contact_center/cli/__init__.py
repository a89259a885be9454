"""The program ``contact-center``: one group whose commands are imported only when they are used."""

from __future__ import annotations

import importlib
from typing import Any, Final, NamedTuple

import click

from contact_center import VERSION


class Lazy(NamedTuple):
    """Where a command is (``module:attribute``), and what help says of it."""

    target: str
    summary: str


COMMANDS: Final[dict[str, Lazy]] = {
    "serve": Lazy("contact_center.cli.serve:serve", "Run the contact centre."),
    "call": Lazy("contact_center.cli.call:call", "A telephone or chat in the terminal."),
    "doctor": Lazy("contact_center.cli.doctor:doctor", "Check what is set up, and say how to mend it."),
    "contacts": Lazy("contact_center.cli.contacts:contacts", "Calls and conversations: list, show."),
    "customers": Lazy("contact_center.cli.customers:customers", "Customers: list, show, merge, unmerge."),
    "tickets": Lazy(
        "contact_center.cli.tickets:tickets",
        "Tickets: list, show, claim, note, reassign, resolve, reopen.",
    ),
    "log": Lazy("contact_center.cli.log:log", "Search and export the log of all contacts; its index."),
    "agents": Lazy("contact_center.cli.staff:agents", "People who serve customers: list."),
    "queues": Lazy("contact_center.cli.staff:queues", "Lines that contacts wait in: list, export, apply."),
    "calendars": Lazy("contact_center.cli.staff:calendars", "When the business is open: list."),
    "tokens": Lazy("contact_center.cli.tokens:tokens", "Tokens for the HTTP API: create, list, revoke."),
    "why": Lazy("contact_center.cli.why:why", "Tell why a contact went to whom."),
    "desk": Lazy("contact_center.cli.desk:desk", "An agent's desk in the terminal."),
    "simulate": Lazy("contact_center.cli.simulate:simulate", "Play days in virtual time, invented or real."),
    "staffing": Lazy("contact_center.cli.staffing:staffing", "How many people a queue needs."),
    "bot": Lazy(
        "contact_center.cli.bot:bot",
        "The chatbot: check, train, test, talk, evaluate, review.",
    ),
    "rasa": Lazy("contact_center.cli.rasa:rasa", "A Rasa server for the bot: prepare, train, serve."),
    "flows": Lazy("contact_center.cli.flows:flows", "Check, play, draw and test flows."),
    "replay": Lazy("contact_center.cli.replay:replay", "Run a contact's journal through its flow again."),
    "db": Lazy("contact_center.cli.db:db", "The database: upgrade, downgrade, where it stands."),
    "seed": Lazy("contact_center.cli.seed:seed", "Put demo data into the database."),
}
"""Every command, in the order in which help lists them."""


class LazyGroup(click.Group):
    """A group that knows its commands by `COMMANDS` and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        module, _, attribute = lazy.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command named where there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1, cutoff=0.5)
            hint = f" Did you mean '{near[0]}'?" if near else " `contact-center --help` lists them."
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table's summaries: help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in COMMANDS.items()])


@click.version_option(VERSION, prog_name="contact-center")
@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main(**_: Any) -> None:
    """Run and look after a contact centre. `contact-center COMMAND --help` tells more of each."""
