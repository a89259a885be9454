"""Flows as they are drawn and checked, and the way of one contact through them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Shown

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,64}$")]


class Flow(Shown):
    """A flow that new contacts run on."""

    name: str
    title: dict[str, str] = Field(description="What people call it, by language; '' for any")
    languages: list[str] = Field(description="Languages of its texts; the first is the default")
    lines: list[str] = Field(
        description="The numbers and channels that it answers; none for a part of others"
    )
    nodes: int
    errors: int = Field(description="Mistakes found in it, see `GET /flows/{name}/check`")
    warnings: int


class FlowQuery(Given):
    """Parameters of a flow's picture."""

    language: Literal["en", "zh"] = Field(default="en", description="Language of the texts in the picture")
    digest: Digest | None = Field(
        default=None, description="A version of the flows, as in `versions`; the one in force when left out"
    )


class Branch(Shown):
    """A way out of a node."""

    node: str
    exit: str = Field(description="Empty: it waited there for the customer")
    contacts: int = Field(description="How many of today's contacts took it, each counted once")


class FlowWay(Shown):
    """A way out of a node as it is drawn: an exit, or several that lead to the same place."""

    exits: list[str]
    label: str = Field(description="What people read: the key with its name, the condition")
    target: str = Field(description="A node; `@end` for the end of the contact; empty: back from a subflow")


class FlowNode(Shown):
    """A node as it is drawn."""

    name: str
    kind: str
    group: str = Field(description="What its kind is for: say, ask, decide, look, person or bot")
    text: str = Field(description="The beginning of what it says; empty where it says nothing")
    ways: list[FlowWay] = Field(description="Without the usual way to a person after repeated failure")


class FlowGraph(Shown):
    """The nodes of a flow and how they hang together."""

    name: str
    title: str
    start: str
    person: str = Field(description="The node that repeated failure leads to; may be empty")
    nodes: list[FlowNode]


class FlowVersion(Shown):
    """A version of a flow that contacts ran on."""

    digest: str
    since: datetime = Field(description="When it was first in force")


class FlowPicture(Flow):
    """A flow as it is drawn, with how many of today's contacts took each way."""

    digest: str = Field(description="The version of the flows that is drawn")
    in_force: bool = Field(description="Whether new contacts run on this version")
    versions: list[FlowVersion] = Field(
        description="Of the sets of flows kept last, those in which this flow was changed, newest first"
    )
    since: datetime = Field(description="When the day began")
    branches: list[Branch]
    graph: FlowGraph
    svg: str = Field(description="An SVG document, without scripts")


class FlowFinding(Shown):
    """Something to mend in a flow."""

    level: str = Field(description="error (it does not run, or leads nobody to a person) or warning")
    node: str
    field: str
    line: int = Field(description="In the flow's file")
    message: str
    remedy: str


class FlowCheck(Shown):
    """What the check found in a flow that is in force."""

    name: str
    digest: str
    findings: list[FlowFinding]


class FlowPathQuery(Given):
    """Parameters of a contact's way."""

    language: Literal["en", "zh"] = Field(default="en", description="Language of the flows' texts")


class PathStep(Shown):
    """A node that a contact passed."""

    turn: int
    at: datetime
    offset: float = Field(description="Seconds since the contact began")
    flow: str
    node: str
    exit: str = Field(description="The exit it was left by; empty while it waits there")


class ContactPath(Shown):
    """The way of a contact through the flows, and these as drawn."""

    contact_id: str
    digest: str = Field(description="The version of the flows that it ran on; empty where none answered it")
    kept: bool = Field(
        description="Whether `flows` are of that version; else it was not kept, and they are those in force"
    )
    steps: list[PathStep]
    flows: list[FlowGraph] = Field(description="The flows that it passed, in that order")
