"""``seed``: demo data into an empty database."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from contact_center.cli.common import config_option, json_option, open_desk


@click.command()
@config_option
@json_option
def seed(config_path: Path | None, as_json: bool) -> None:
    """Put demo data into the database, where there are no customers yet."""
    from crm_store.seed import seed as write

    with open_desk(config_path) as desk, desk.writing() as connection:
        seeded = write(connection, at=desk.at, ids=desk.ids)
    counts = msgspec.to_builtins(seeded)
    if as_json:
        click.echo(msgspec.json.encode(counts).decode())
    elif not any(counts.values()):
        click.echo("There is data already; nothing was added.")
    else:
        click.echo("Added " + ", ".join(f"{number} {name}" for name, number in counts.items()) + ".")
