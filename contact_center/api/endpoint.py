"""What an endpoint of the API is: one frozen value, from which its route and its documentation are made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy.engine import Connection

from contact_center.actions.act import Act
from contact_center.api.caller import Caller
from contact_center.api.once import Once
from contact_center.api.problems import Problem
from contact_center.room import Room
from crm_store import audit
from crm_store.errors import Conflict

T = TypeVar("T")
P = TypeVar("P", bound=BaseModel)
B = TypeVar("B", bound=BaseModel)

MOST_ATTEMPTS: Final = 5
"""Times a write is run where others change the same rows meanwhile."""


class Nothing(BaseModel):
    """No parameters, or no body."""

    model_config = {"extra": "forbid"}


@dataclass(frozen=True)
class Stream:
    """An answer of unknown length: ``chunks`` of bytes under a file's name."""

    chunks: AsyncIterator[bytes]
    content_type: str
    filename: str


Replay = Callable[[Room, str], Awaitable[Any]]
"""Runs a contact's journal through its flow again; the answer has the fields of `models.contacts.Replay`."""


@dataclass(frozen=True)
class Note:
    """A line for the audit trail: ``data`` holds what was changed, and never a message's words."""

    action: str
    subject: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Call(Generic[P, B]):
    """One authorised request as a handler sees it: checked values, no HTTP.

    ``at`` is when it came. ``path`` has the path's parameters; ``version`` is what ``If-Match``
    said, None without one. ``given`` are the names of the body's fields that were sent.
    ``once`` is the request's key where it has one: it may be done only once.
    A handler adds to ``changed`` the ids of the contacts that it touched.
    """

    room: Room
    caller: Caller
    at: datetime
    path: Mapping[str, str]
    params: P
    body: B
    version: int | None = None
    replay: Replay | None = None
    once: Once | None = None
    changed: list[str] = field(default_factory=list)

    @property
    def by(self) -> dict[str, Any]:
        """``at``, ``ids`` and ``actor``, as the store's functions take them."""
        return {"at": self.at, "ids": self.room.ids, "actor": self.caller.actor}

    @property
    def given(self) -> dict[str, Any]:
        """The fields of the body that were sent, by name."""
        return {name: getattr(self.body, name) for name in self.body.model_fields_set}

    async def read(self, function: Callable[[Connection], T]) -> T:
        """``function(connection)`` on a reader of the store."""
        return await self.room.store.read(function)

    async def write(
        self, function: Callable[[Connection], T], note: Note | None = None, *, quick: bool = False
    ) -> T:
        """``function(connection)`` in one transaction, with its line in the audit trail.

        ``note`` is None for functions of the store that write that line themselves. Run again where
        somebody else changed the same rows meanwhile, unless the caller named a version: then the
        caller is told that it is stale.
        """

        def work(connection: Connection) -> T:
            if self.once is not None:
                self.once.claim(connection, self.at)
            result = function(connection)
            if note is not None:
                audit.write(connection, note.action, note.subject, note.data, **self.by)
            return result

        for _ in range(MOST_ATTEMPTS):
            try:
                return await self.room.store.write(work, quick=quick)
            except Conflict:
                if self.version is not None:
                    raise Problem("stale", "It was changed by somebody else since you read it.") from None
        raise Conflict("it is being changed by others faster than this request can follow; try again")

    async def act(self, action: Callable[[Act], T], note: Note | None = None) -> T:
        """An action of `contact_center.actions` as a write; who must hear of it is told after the commit."""
        ran: list[Act] = []

        def work(connection: Connection) -> T:
            ran[:] = [Act(connection, self.room, self.room.clock.now(), self.caller.actor)]
            result = action(ran[0])
            ran[0].flush()
            return result

        result = await self.write(work, note, quick=True)
        self.room.announcer.tell(ran[0].told)
        return result

    def needed_version(self) -> int:
        """The version in ``If-Match``. Refuses a request without one."""
        if self.version is None:
            raise Problem("version_needed", "Send the version that you have read in the header If-Match.")
        return self.version


Handler = Callable[[Call[Any, Any]], Awaitable[BaseModel | Stream | None]]


@dataclass(frozen=True)
class Endpoint:
    """One method on one path.

    ``role`` is the least role that may use it. ``answer`` is the model of the body answered, None for none
    (204) and for streams, whose content types are ``media``. ``refusals`` are the codes of
    `problems.PROBLEMS` that it gives beside those of every endpoint. ``versioned``: takes ``If-Match``.
    ``secret``: the answer may be kept nowhere, so it takes no ``Idempotency-Key``; every other POST does.
    """

    method: str
    path: str
    role: str
    summary: str
    handler: Handler
    answer: type[BaseModel] | None
    params: type[BaseModel] = Nothing
    body: type[BaseModel] = Nothing
    status: int = 200
    media: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    versioned: bool = False
    secret: bool = False
    description: str = ""

    @property
    def tag(self) -> str:
        """The resource that it belongs to: the first word of its path."""
        return self.path.split("/")[1]

    @property
    def changes(self) -> bool:
        """Whether it is there to change something."""
        return self.method != "GET"

    @property
    def repeatable(self) -> bool:
        """Whether it takes an ``Idempotency-Key``."""
        return self.method == "POST" and not self.secret

    @property
    def operation(self) -> str:
        """A name that no other endpoint has: its handler's."""
        return str(getattr(self.handler, "__name__", self.path))
