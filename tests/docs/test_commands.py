"""Commands and options that the documents name exist, and every command is documented."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import cc
from contact_center.cli import main
from tests.docs.pages import block_lines, name, pages, read, section, spans

STARTS = re.compile(r"^(?:\$ )?(?:python3 cc\.py|contact-center)(?: |$)")
OF_SETUP = {"test", "setup", "help"}


def commands(text: str) -> list[list[str]]:
    """The commands of a page as words, those of `contact-center` and of cc.py alike."""
    found = []
    for line in [*spans(text), *block_lines(text)]:
        line = line.strip()
        if start := STARTS.match(line):
            words = shlex.split(line[start.end() :].split("  ")[0], comments=True)
            if words:
                found.append(words)
    return found


def problem(words: list[str]) -> str:
    """What is wrong with a command, '' where nothing is."""
    if words[0] in OF_SETUP:
        return "" if words[0] in cc.USAGE else f"cc.py tells nothing of {words[0]}"
    command: click.Command = main
    context = click.Context(command)
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        if rest[0].isupper() or "|" in rest[0]:  # COMMAND; check|play
            return ""
        found = command.get_command(context, rest[0])
        if found is None:
            return f"there is no command {rest[0]}"
        command = found
        rest.pop(0)
    known = {option for parameter in command.get_params(context) for option in parameter.opts}
    known |= {"--help", "-h"}
    unknown = [word for word in rest if word.startswith("-") and word.partition("=")[0] not in known]
    return f"it has no option {', '.join(unknown)}" if unknown else ""


@pytest.mark.parametrize("page", pages(), ids=name)
def test_commands_that_a_page_names_exist_with_their_options(page: Path) -> None:
    found = {" ".join(words): problem(words) for words in commands(page.read_text(encoding="utf-8"))}
    assert {command: what for command, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ("contacts show X", ""),
        ("contacts shaw X", "there is no command shaw"),
        ("contact list", "there is no command contact"),
        ("serve --prot 1", "it has no option --prot"),
        ("flows graph front_door -o file.svg", ""),
    ],
)
def test_a_wrong_command_would_be_found(command: str, what: str) -> None:
    assert problem(command.split()) == what


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[str]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, word))
        else:
            yield " ".join((*path, word))


@pytest.mark.parametrize("command", list(leaves(main)))
def test_every_command_is_documented(command: str) -> None:
    assert f"`contact-center {command}`" in section(read("docs/operations.md"), "Every command")


def test_every_option_of_serve_is_documented() -> None:
    serve = main.get_command(click.Context(main), "serve")
    assert serve is not None
    text = section(read("docs/operations.md"), "Start and stop")
    assert [option for parameter in serve.params for option in parameter.opts if option not in text] == []
