"""Contacts as the API shows them: the row, its timeline, its messages; and what may be asked and sent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from contact_center.api.models.common import Given, Line, Page, Paging, Prose, Shown, Tag, Time, Word
from contact_center.channels.webchat import MOST_FILES

ChannelWord = Literal["phone", "sms", "whatsapp", "web", "console", "console_chat"]


class Contact(Shown):
    """One customer's one matter on one channel, from its first second to its last."""

    id: str
    channel: str
    direction: str
    state: str = Field(description="in_flow, waiting, connected or ended")
    owner: str = Field(description="Who speaks with the customer: flow, bot, agent or nobody")
    customer_id: str | None
    from_address: str
    to_address: str
    language: str
    reason: str = Field(description="What it is about, as the flow learnt it")
    tags: list[str]
    flow: str
    flow_digest: str
    queue: str | None
    priority: int
    agent_id: str | None
    outcome: str = Field(description="What came of it; empty while it is open and nothing has")
    end_reason: str
    started_at: datetime
    queued_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    version: int


class ContactFilters(Given):
    """Which contacts; what is left out lets all pass."""

    since: Time | None = Field(default=None, description="Began at this instant or later")
    until: Time | None = Field(default=None, description="Began before this instant")
    channel: ChannelWord | None = None
    direction: Literal["inbound", "outbound"] | None = None
    state: Literal["in_flow", "waiting", "connected", "ended"] | None = None
    queue: Word | None = Field(default=None, description="Name of the queue it waits in")
    agent: Word | None = Field(default=None, description="Id of the agent")
    customer: Word | None = Field(default=None, description="Id of the customer")
    address: Line | None = Field(
        default=None, description="Either end's number or address, as +8613800138000"
    )
    outcome: Word | None = None
    end_reason: Word | None = None
    flow: Word | None = None
    language: Word | None = None
    tag: Tag | None = None
    ticket: Word | None = Field(default=None, description="Number of a ticket that it opened or joined")


class ContactQuery(ContactFilters, Paging):
    """Parameters of the list of contacts."""


class LogFilters(ContactFilters):
    """What to look for in the log; everything given must hold."""

    queue: Word | None = Field(default=None, description="Name of a queue that it has stood in")
    agent: Word | None = Field(default=None, description="Id of an agent who has had it")
    words: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None,
        description="What customers and agents said, typed, keyed, noted, what was recognised, and the "
        'customer\'s name, in any order; `"quotation marks"` for a phrase; the last word may be the '
        "beginning of one",
    )
    path: Annotated[str, StringConstraints(min_length=1, max_length=170)] | None = Field(
        default=None, description="A node that it passed, as `node` or `flow/node`"
    )


class LogPage(Page[Contact]):
    """Contacts that were found. A page may be short, even empty, with a cursor: the search goes on there."""

    unindexed: int = Field(
        description="Changes of contacts that are not in the index yet, up to 1,000; 0: nothing is missed"
    )
    excerpts: dict[str, str] = Field(
        description="Where `words` were found, by contact; none where they are only in the name"
    )


class LogQuery(LogFilters, Paging):
    """Parameters of the search in the log."""


class ExportQuery(LogFilters):
    """Parameters of the export: as the search, without pages."""

    format: Literal["csv", "jsonl"] = Field(default="csv", description="CSV, or a JSON object a line")


class JournalEntry(Shown):
    """One entry of the journal as it is stored."""

    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


class TimelineLine(Shown):
    """One thing that happened, in words."""

    seq: int = Field(description="The journal's entry that it tells of")
    at: datetime
    offset: float = Field(description="Seconds since the contact began")
    kind: str
    text: str


class TimelineQuery(Given):
    """Parameters of the timeline."""

    language: Literal["en", "zh"] = Field(default="en", description="Language of the lines")


class WhyQuery(Given):
    """Parameters of the why."""

    language: Literal["en", "zh"] = Field(default="en", description="Language of the lines")


class Timeline(Shown):
    """A contact's journal, in words for people and as it is stored."""

    contact_id: str
    language: str
    lines: list[TimelineLine]
    entries: list[JournalEntry]


class Media(Shown):
    """A file with a message; ``url`` is the provider's, or of a web chat our own."""

    url: str
    content_type: str
    name: str = Field(default="", description="In a web chat")
    size: int = Field(default=0, description="Bytes, in a web chat")


class Message(Shown):
    """A message of a contact, in or out."""

    id: str
    contact_id: str
    direction: str
    author: str = Field(description="customer, flow, bot, agent or system")
    author_id: str | None
    text: str
    media: list[Media]
    status: str
    error: str
    at: datetime
    status_at: datetime | None


class NewMessage(Given):
    """What an agent writes to the customer."""

    text: Annotated[str, StringConstraints(max_length=1600)] = ""
    files: Annotated[list[Word], Field(max_length=MOST_FILES)] = Field(
        default=[], description="Of a web chat: what was uploaded with POST /chat/contacts/ID/files"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.text or self.files):
            raise ValueError("say something, or send a file")
        return self


class NewNote(Given):
    """What an agent wants remembered of a contact."""

    text: Annotated[Prose, StringConstraints(min_length=1)]


class KnownSlot(Shown):
    """Something that the bot has learnt."""

    name: str = Field(description="The bot's slot")
    label: str = Field(description="What people call it")
    value: str


class BotLine(Shown):
    """A line of the conversation with the bot."""

    at: datetime
    who: str = Field(description="customer or bot")
    text: str


class Handoff(Shown):
    """What the bot has left to a person: what is wanted, what is known, why it gave up, the last words."""

    at: datetime
    intent: str = Field(description="What the customer wants, as the bot calls it")
    wants: str = Field(description="The same in words")
    reason: str = Field(
        description="requested, misunderstood, frustrated, urgent, action_failed, too_long, no_answer or "
        "unavailable"
    )
    why: str = Field(description="The same in words")
    summary: str
    slots: list[KnownSlot]
    lines: list[BotLine] = Field(description="Said last, oldest first")


class ContactParameters(Given):
    """Parameters of one contact."""

    language: Literal["en", "zh"] = Field(default="en", description="Language of the handoff's words")


class ContactDetail(Contact):
    """A contact with what belongs to it."""

    handoff: Handoff | None = Field(description="What the bot has left to a person, last")

    tickets: list[str] = Field(description="Numbers of the tickets that it opened or joined")
    recordings: list[Recording]
    surveys: list[Survey]
    callbacks: list[Callback]


class Recording(Shown):
    """A recording of a contact and its words."""

    id: str
    purpose: str = Field(description="voicemail or conversation")
    status: str
    seconds: float
    transcript: str
    started_at: datetime
    completed_at: datetime | None
    audible: bool = Field(
        default=False,
        description="Whether there is something to hear and the caller may: supervisors may hear all, agents "
        "messages left, and conversations of contacts that they have had",
    )


class Survey(Shown):
    """What the customer answered: ``score`` 1 (bad) to 5 (good)."""

    survey: str
    score: int
    comment: str
    at: datetime


class Callback(Shown):
    """A call back that was promised."""

    id: str
    queue: str
    number: str
    status: str
    queued_at: datetime
    due_at: datetime | None


class ContactStory(Shown):
    """A contact and its timeline together, as ``contacts show --json`` prints them."""

    contact: ContactDetail
    timeline: Timeline


class ReplayStep(Shown):
    """One node passed, and the exit it was left by (empty while it waits)."""

    flow: str
    node: str
    exit: str


class ReplayTurn(Shown):
    """One turn as it was recorded and as it is now."""

    turn: int
    recorded: list[ReplayStep]
    replayed: list[ReplayStep]
    skipped: bool = Field(description="Not run again: it holds a sensitive answer, which was never kept")
    same: bool


class Replay(Shown):
    """A contact's journal run through its version of the flows again."""

    contact_id: str
    digest: str = Field(description="The version of the flows")
    same: bool
    turns: list[ReplayTurn]
