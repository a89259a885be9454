"""``replay``: run a contact's journal through its own flow version again."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from contact_center.cli.common import config_option, json_option, open_desk


@click.command()
@config_option
@json_option
@click.argument("contact_id", metavar="CONTACT")
def replay(config_path: Path | None, as_json: bool, contact_id: str) -> None:
    """Run CONTACT's journal through its flow version again, and show the path or where it differs."""
    from contact_center.app import company_facts, read_calendars_now
    from contact_center.replay import Replay, replay_journal

    with open_desk(config_path) as desk, desk.reading() as connection:
        told: Replay = replay_journal(
            connection, contact_id, company_facts(desk.config), read_calendars_now(connection)
        )
    if as_json:
        click.echo(msgspec.json.encode(msgspec.to_builtins(told)).decode())
    else:
        click.echo(describe(told))
    if not told.same:
        raise SystemExit(1)


def describe(told: object) -> str:
    """The replay as lines for a person."""
    from contact_center.replay import Replay, ReplayedTurn

    assert isinstance(told, Replay)

    def line(turn: ReplayedTurn) -> str:
        path = " > ".join(f"{step.node}({step.exit})" if step.exit else step.node for step in turn.recorded)
        mark = "skipped, sensitive" if turn.skipped else "same" if turn.same else "DIFFERENT"
        text = f"turn {turn.turn:>3}  {mark:<10} {path}"
        if not turn.same:
            other = " > ".join(f"{step.node}({step.exit})" for step in turn.replayed)
            text += f"\n      now would be  {other}"
        return text

    verdict = "The replay takes the same path." if told.same else "The replay goes another way."
    return "\n".join([*(line(turn) for turn in told.turns), verdict])
