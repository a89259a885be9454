"""The desk's section of config.yaml: what agents choose from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from contact_center.config.base import Fault, Name, Section, Texts

VARIABLES: Final = frozenset({"name", "agent", "order", "ticket", "company"})
"""What a reply may name: the customer, the agent, the customer's latest order and ticket, the company."""

Code = Annotated[Name, Field(max_length=40)]
QueueName = Annotated[str, Field(min_length=1, max_length=80)]
Called = Annotated[str, Field(min_length=1, max_length=120)]
Title = Annotated[Texts, Field(min_length=1)]


class Choice(Section):
    """One of a list: the ``code`` is stored, the ``title`` (by language) is shown."""

    code: Code
    title: Texts


class Disposition(Choice):
    """What can have come of work in these ``queues``; none named: in all."""

    queues: tuple[QueueName, ...] = ()


class Reply(Section):
    """A canned reply: ``name`` is typed as ``/name``; ``text`` by language, with variables as ``{name}``.

    ``queues``: where it is offered; none named: in all.
    """

    name: Code
    text: Texts
    queues: tuple[QueueName, ...] = ()


class Desk(Section):
    """What agents choose from at their desks; an empty list is the one that comes with the program
    (`contact_center.desk.lists`). Agents' own replies are in the database.

    ``names``: how reasons, intents, skills and tags are called on the screen; ``{}`` in a name stands for
    what differs each time. They are added to those that come with the program (`contact_center.desk.names`).
    """

    dispositions: tuple[Disposition, ...] = ()
    other_dispositions: bool = True
    break_reasons: tuple[Choice, ...] = ()
    other_break_reasons: bool = True
    replies: tuple[Reply, ...] = ()
    names: dict[Called, Title] = Field(default={})

    def faults(self) -> Iterator[Fault]:
        named = {
            "dispositions": [each.code for each in self.dispositions],
            "break_reasons": [each.code for each in self.break_reasons],
            "replies": [each.name for each in self.replies],
        }
        for key, names in named.items():
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                yield key, f"'{twice}' is there twice; each needs a name of its own"
        for reply in self.replies:
            unknown = next((name for name in variables(reply.text) if name not in VARIABLES), None)
            if unknown is not None:
                known = ", ".join(sorted(VARIABLES))
                yield "replies", f"'{reply.name}' has the variable '{unknown}'; known are {known}"
        for name, title in self.names.items():
            if any(text.count("{}") != name.count("{}") for text in title.values()):
                yield "names", f"'{name}' needs as many {{}} in each of its texts as in itself"


def variables(texts: dict[str, str]) -> Iterator[str]:
    """The variables in a reply."""
    for text in texts.values():
        yield from re.findall(r"\{(\w+)\}", text)
