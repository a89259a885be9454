"""The commands over the store: tables for people, JSON as the API has it, errors in one line."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from contact_center.api.models import contacts as contact_shapes
from contact_center.api.models import customers as customer_shapes
from contact_center.api.models import staff as staff_shapes
from contact_center.api.models import tickets as ticket_shapes
from contact_center.api.models.common import Page
from contact_center.cli import COMMANDS, main
from crm_store import audit, customers, tickets, tokens
from crm_store.audit import AuditFilter
from crm_store.ticket_numbers import format_number
from tests.api.samples import LI
from tests.cli.conftest import Program

HERE = Path(__file__).parents[2]


# --- contacts and the log --------------------------------------------------------------------------


def test_contacts_are_listed_for_people_and_programs(program: Program) -> None:
    lines = program.lines("contacts", "list", "--channel", "phone")
    assert lines[0].split() == [
        "STARTED", "CONTACT", "CHANNEL", "FROM", "STATE", "OUTCOME", "FLOW", "REASON",
    ]  # fmt: skip
    assert lines[1].startswith("2026-03-02 16:30:00")  # the company's clock
    assert program.samples.call in lines[1]
    page = Page[contact_shapes.Contact].model_validate(program.json("contacts", "list", "--channel", "phone"))
    assert [contact.id for contact in page.items] == [program.samples.call]


def test_a_list_goes_on_where_its_page_ends(program: Program) -> None:
    first = program.run("contacts", "list", "--limit", "3")
    cursor = first.stderr.partition("--cursor ")[2].strip()
    rest = program.json("contacts", "list", "--limit", "3", "--cursor", cursor)
    assert [contact["id"] for contact in rest["items"]] == [program.samples.call]
    assert rest["next_cursor"] is None


def test_a_time_without_zone_is_the_companys(program: Program) -> None:
    since = program.json("contacts", "list", "--since", "2026-03-02T16:31")
    until = program.json("contacts", "list", "--until", "2026-03-02T16:31")
    assert [contact["id"] for contact in until["items"]] == [program.samples.call]
    assert len(since["items"]) == 3


def test_a_contact_is_shown_as_it_happened(program: Program) -> None:
    text = "\n".join(program.lines("contacts", "show", program.samples.call))
    assert f"({program.samples.li})" in text
    assert "16:30:00    +00:00  Phone call from +8613800138000 to +12025550143" in text
    assert "16:30:09    +00:09  Customer: “my parcel is late”" in text
    chinese = program.lines("contacts", "show", program.samples.call, "--language", "zh")
    assert any("客户按键 4" in line for line in chinese)
    story = program.json("contacts", "show", program.samples.call)
    contact_shapes.ContactStory.model_validate(story)
    assert story["contact"]["tickets"] == [program.samples.ticket_number]


def test_the_log_is_searched_and_exported(program: Program, tmp_path: Path) -> None:
    found = program.json("log", "search", "--words", "parcel")
    assert [contact["id"] for contact in found["items"]] == [program.samples.call]
    rows = list(csv.DictReader(io.StringIO("\n".join(program.lines("log", "export")))))
    assert len(rows) == 4
    file = tmp_path / "out.jsonl"
    program.lines("log", "export", "--format", "jsonl", "--output", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["id"] for line in lines] == [row["id"] for row in rows]
    assert program.lines("log", "export", "--json") == file.read_text().splitlines()
    assert "cannot be written" in program.error("log", "export", "--output", str(tmp_path / "no" / "out.csv"))


# --- customers ---------------------------------------------------------------------------------------


def test_a_customer_is_listed_and_shown(program: Program) -> None:
    page = program.json("customers", "list", "--text", LI)
    assert [customer["name"] for customer in page["items"]] == ["Li Wei"]
    text = "\n".join(program.lines("customers", "show", program.samples.li))
    for part in ("Li Wei", "gold", LI, "SO-1001", "2 × Kettle", "The kettle is broken", program.samples.call):
        assert part in text
    customer_shapes.CustomerDetail.model_validate(program.json("customers", "show", program.samples.li))


def test_customers_are_merged_and_parted_again(program: Program) -> None:
    words = ("customers", "merge", program.samples.li, program.samples.chen)
    lines = program.lines(*words, "--reason", "same person")
    with program.store.reading() as connection:
        assert customers.get(connection, program.samples.li).merged_into == program.samples.chen
        actor = audit.list_entries(connection, AuditFilter(action="customer.merged")).items[0].actor
    assert actor.startswith("cli:")
    undo = lines[-1].partition("contact-center ")[2].split()
    assert "two customers again" in program.lines(*undo)[0]
    with program.store.reading() as connection:
        assert customers.get(connection, program.samples.li).merged_into is None
    assert "undone already" in program.error(*undo)


# --- tickets -----------------------------------------------------------------------------------------


def test_a_ticket_is_worked_on(program: Program) -> None:
    number = format_number(program.samples.ticket_number)
    assert number in program.lines("tickets", "list", "--open", "--order", "work")[1]
    for action, more, status in (
        ("claim", ("--agent", "wang@example.com"), "in_progress"),
        ("note", ("asked the depot",), "in_progress"),
        ("reassign", ("--queue", "sales", "--reason", "wrong team"), "open"),
        ("resolve", ("--resolution", "sent a new one"), "resolved"),
        ("reopen", ("--reason", "it did not come"), "open"),
    ):
        assert program.json("tickets", action, number, *more)["status"] == status
    shown = "\n".join(program.lines("tickets", "show", number))
    assert "resolution: sent a new one" in shown
    detail = ticket_shapes.TicketDetail.model_validate(program.json("tickets", "show", number))
    assert detail.queue == "sales"
    with program.store.reading() as connection:
        history = tickets.history(connection, program.samples.ticket)
        noted = audit.list_entries(connection, AuditFilter(action="ticket.noted")).items
    assert all(event.actor.startswith("cli:") for event in history[1:])
    assert [entry.subject for entry in noted] == [program.samples.ticket]


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("tickets", "show", "1234-5678"), "no ticket with that number"),
        (("contacts", "show", "con_none"), "no contact con_none"),
        (("contacts", "list", "--cursor", "made-up"), "next_cursor"),
        (("contacts", "list", "--limit", "0"), "--limit: Input should be greater"),
        (("contacts", "list", "--since", "yesterday"), "2026-03-02T09:30"),
        (("contacts", "list", "--channel", "fax"), "'phone'"),
        (("customers", "merge", "cus_1", "cus_1", "--reason", "x"), "merged with itself"),
        (("tokens", "revoke", "tok_none"), "no token tok_none"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    program: Program, words: tuple[str, ...], hint: str
) -> None:
    assert hint in program.error(*words)


# --- tokens and staff --------------------------------------------------------------------------------


def test_tokens_are_made_listed_and_revoked(program: Program) -> None:
    (secret,) = program.lines("tokens", "create", "shop", "--role", "supervisor")
    with program.store.reading() as connection:
        token = tokens.find_by_secret(connection, secret)
    assert token is not None
    assert (token.name, token.role) == ("shop", "supervisor")
    listed = program.lines("tokens", "list")
    assert "shop" in listed[1]
    assert secret not in "\n".join(listed)
    program.lines("tokens", "revoke", token.id)
    with program.store.reading() as connection:
        assert tokens.find_by_secret(connection, secret) is None
    made = staff_shapes.CreatedToken.model_validate(
        program.json("tokens", "create", "wang", "--agent", "wang@example.com")
    )
    assert made.agent_id == program.samples.agent


def test_staff_is_listed(program: Program) -> None:
    assert program.json("agents", "list")["items"][0]["skills"] == {"refunds": 7}
    assert [queue["name"] for queue in program.json("queues", "list")["items"]] == ["complaints", "sales"]
    assert "mon 09:00-18:00" in "\n".join(program.lines("calendars", "list"))


def test_what_is_stored_cannot_command_the_terminal(program: Program) -> None:
    with program.store.writing() as connection:
        from crm_store import schema

        update = schema.customers.update().where(schema.customers.c.id == program.samples.li)
        connection.execute(update.values(name="Li\x1b[2J[bold]Wei[/bold]"))
    text = "\n".join(program.lines("customers", "list"))
    assert "\x1b" not in text
    assert "[bold]Wei[/bold]" in text


# --- the program itself ----------------------------------------------------------------------------


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("store: {url: 'sqlite:///none.db'}\n")
    result = CliRunner().invoke(main, ["contacts", "list", "--config", str(config)])
    assert result.exit_code == 1
    assert "contact-center serve" in result.stderr
    assert not (tmp_path / "none.db").exists()


def test_a_wrong_configuration_is_told(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("serverr: {}\n")
    result = CliRunner().invoke(main, ["contacts", "list", "--config", str(config)])
    assert result.exit_code == 1
    assert "serverr" in result.stderr


def test_an_old_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "old.db").touch()
    config = tmp_path / "config.yaml"
    config.write_text("store: {url: 'sqlite:///old.db'}\n")
    result = CliRunner().invoke(main, ["contacts", "list", "--config", str(config)])
    assert result.exit_code == 1
    assert "db upgrade" in result.stderr


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    result = CliRunner().invoke(main, ["contact"])
    assert result.exit_code == 2
    assert "Did you mean 'contacts'?" in result.stderr


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys; from contact_center.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'sqlalchemy', 'aiohttp', 'rich', 'pydantic', 'twilio'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"
    for name in COMMANDS:
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there_and_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0, result.exception
    assert result.output.startswith("Usage:")


def test_listing_needs_no_web_server() -> None:
    code = "import sys, contact_center.cli.contacts as _; print('aiohttp' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=HERE, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
