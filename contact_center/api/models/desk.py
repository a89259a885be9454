"""What a desk needs when it begins: what agents choose from, and what they may send."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Language, Shown

ReplyName = Annotated[str, StringConstraints(pattern=r"^[^\s/]{1,40}$")]


class Choice(Shown):
    """One of a list: the code is stored, the title is shown."""

    code: str
    title: dict[str, str] = Field(description="By language; under an empty key for all")


class Disposition(Choice):
    """What can have come of work."""

    queues: list[str] = Field(description="Where; empty: in all queues")


class CannedReply(Shown):
    """A canned reply of the company's."""

    name: str = Field(description="Typed as /name")
    text: dict[str, str] = Field(
        description="By language, with variables: {name}, {agent}, {order}, {ticket}, {company}"
    )
    queues: list[str] = Field(description="Where; empty: in all queues")


class OwnReply(Shown):
    """A canned reply that an agent keeps."""

    id: str
    name: str
    language: str = Field(description="Empty: for all")
    queue: str = Field(description="Where; empty: in all queues")
    text: str
    updated_at: datetime
    version: int


class NewReply(Given):
    """A canned reply to keep."""

    name: ReplyName = Field(description="Typed as /name: without spaces")
    language: Language = ""
    queue: Annotated[str, StringConstraints(max_length=80)] = ""
    text: Annotated[str, StringConstraints(min_length=1, max_length=1600)]


class FileLimits(Shown):
    """What may be sent in a web chat."""

    types: list[str]
    bytes: int = Field(description="Of one file; 0: none may be sent")
    most: int = Field(description="Files with one message")


class DeskSetup(Shown):
    """What a desk needs when it begins."""

    company: dict[str, str] = Field(description="The company's name by language")
    dispositions: list[Disposition]
    other_dispositions: bool = Field(description="Whether an agent may write another one")
    break_reasons: list[Choice]
    other_break_reasons: bool
    replies: list[CannedReply]
    own_replies: list[OwnReply]
    files: FileLimits
    names: dict[str, dict[str, str]] = Field(
        description="How reasons, intents, skills, tags and flows are called, by language; under an empty "
        "key for all. {} in a name stands for what differs each time, and is filled into its texts"
    )
