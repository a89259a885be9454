"""``why``: what routing did with a contact and for which reasons."""

from __future__ import annotations

from pathlib import Path

import click

from contact_center.cli.common import config_option, json_option, open_desk
from contact_center.cli.printing import print_json


@click.command()
@click.argument("contact")
@json_option
@config_option
def why(config_path: Path | None, contact: str, as_json: bool) -> None:
    """Tell why CONTACT went to whom: each decision with its candidates and who was passed over.

    CONTACT may be a ticket as well, by its number or id.
    """
    import msgspec

    from contact_center.api.models.works import Explanation
    from contact_center.tickets import find_ticket
    from contact_center.why import explain, explain_ticket, tell

    with open_desk(config_path) as desk:
        with desk.reading() as connection:
            if contact.startswith("con_"):
                found = explain(connection, contact)
            else:
                found = explain_ticket(connection, find_ticket(connection, contact).id)
        told = tell(found)
        if as_json:
            lines = [line for _, some in told for line in some]
            print_json(Explanation.model_validate(msgspec.to_builtins(found) | {"lines": lines}))
            return
        if not told:
            click.echo("It never waited for an agent.")
        for at, lines in told:
            first, *others = lines
            click.echo(f"{at.astimezone(desk.zone):%H:%M:%S}.{at.microsecond // 1000:03d}  {first}")
            for line in others:
                click.echo(f"              {line}")
