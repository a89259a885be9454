"""``/chat/socket``: a browser that chats, a WebSocket of JSON lines (docs/webchat.md).

Browser to server                               Server to browser
  hello  session, token, after, language          ready   visitor, session (once), limits
  start, say, end  (`channels.webchat`)           message, state   (`transcript`)
  got, seen  place                                typing
  typing                                          refused  line, reason

The visitor's own words come back as a `message` with the ``line`` that the browser gave them: that is how it
knows that they are kept. Whatever was not taken is said again after the next hello, under the same id.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from sqlalchemy.engine import Connection

from contact_center.announcing import Told
from contact_center.api.doorkeeper import networks, remote_address
from contact_center.bucket import Bucket
from contact_center.channels.base import BadDelivery, Inbound
from contact_center.channels.webchat import (
    CHANNEL,
    FILES,
    LARGEST_LINE,
    MOST_FILES,
    SOCKET,
    WebChat,
    message_ref,
)
from contact_center.chat.files import ChatFiles
from contact_center.chat.hub import Browser, ChatHub
from contact_center.chat.limits import LINES_A_MINUTE, Limits
from contact_center.chat.origins import Origins
from contact_center.chat.tokens import BadToken
from contact_center.chat.transcript import Place, read_place, read_since, standing
from contact_center.chat.visits import Visit, Visits
from contact_center.conductor import Conductor
from contact_center.room import Room
from crm_store import attachments, chats, deliveries, messages, visitors
from crm_store.attachments import Attachment
from crm_store.errors import Conflict, StoreError

log = structlog.get_logger(__name__)

PING_SECONDS: Final = 20.0
HELLO_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 2.0
"""How long a browser may take to say good-bye."""

AGAIN_SECONDS: Final = 1.0
"""How often the store is asked again while it does not answer."""

TYPING_SECONDS: Final = 2.0
"""How often the desk is told that the visitor is typing."""

MOST_SOCKETS: Final = 10
"""Of one visitor, in one process."""

LONGEST_TURN: Final = 20.0
"""Seconds that a line may take until the browser is told that it failed."""

LOOKED_AT: Final = 5
"""A visitor's latest conversations in which a line may have been taken already."""

WAITING: Final = frozenset({"queued", "sent", "delivered"})
"""What a message of ours is until the visitor has seen it."""


class _Asked(msgspec.Struct, frozen=True):
    """Any line of a browser: what all or several kinds have."""

    type: str
    id: str = ""
    session: str = ""
    token: str = ""
    after: str = ""
    place: str = ""
    language: str = ""
    files: tuple[str, ...] = ()


_DECODER: Final = msgspec.json.Decoder(_Asked)


@dataclass
class _Talk:
    """One socket and what is known of it."""

    socket: web.WebSocketResponse
    browser: Browser
    visit: Visit
    address: str
    language: str
    place: Place | None
    state: dict[str, Any] = field(default_factory=dict)
    latest: str = ""
    agent_id: str | None = None
    unread: dict[str, tuple[Place, str]] = field(default_factory=dict)  # by message: its place and status
    typed_at: float = -TYPING_SECONDS
    lines: Bucket = field(default_factory=lambda: Bucket(LINES_A_MINUTE))


class ChatSocket:
    """See the module."""

    def __init__(
        self, room: Room, conductor: Conductor, hub: ChatHub, visits: Visits, files: ChatFiles
    ) -> None:
        self.room = room
        self.conductor = conductor
        self.hub = hub
        self.channel = WebChat()
        self._visits = visits
        self._files = files
        self._limits: Limits = files.limits
        self._origins: Origins = files.origins
        self._trusted = networks(room.config.server.trusted_proxies)

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.get("/chat/socket", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One browser from its first to its last line."""
        address = remote_address(request, self._trusted)
        if not self._origins.allows(request):
            return web.Response(status=403, text="Pages of this site may not use the chat.\n")
        if not await self._limits.may_connect(address):
            return web.Response(status=429, text="Too many connections; wait a minute.\n")
        socket = web.WebSocketResponse(
            heartbeat=PING_SECONDS, max_msg_size=LARGEST_LINE, timeout=CLOSE_SECONDS
        )
        await socket.prepare(request)
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                hello = _read(await socket.receive())
        except TimeoutError:
            hello = None
        if hello is None or hello.type != "hello":
            return await _dismiss(socket, "no_hello")
        try:
            visit = await self._greet(hello, address)
        except BadToken as error:
            return await _dismiss(socket, f"token_{error.reason}")
        except StoreError:
            return await _dismiss(socket, "try_again")
        if visit is None or self.hub.of(visit.visitor.id) >= MOST_SOCKETS:
            return await _dismiss(socket, "too_many")
        with self.hub.connected(visit.visitor.id) as browser:
            talk = _Talk(socket, browser, visit, address, hello.language[:20], read_place(hello.after))
            await self._serve(talk)
        return socket

    async def _greet(self, hello: _Asked, address: str) -> Visit | None:
        """The visitor; None where too many new ones come from there."""
        language = hello.language[:20]
        known = await self._visits.known(hello.session, hello.token, language)
        if known is not None or not await self._limits.may_be_new(address):
            return known
        return await self._visits.new(language)

    async def _serve(self, talk: _Talk) -> None:
        settings = self._files.settings
        ready: dict[str, Any] = {
            "type": "ready",
            "visitor": talk.visit.visitor.id,
            "known": talk.visit.visitor.subject is not None,
            "files": {"types": settings.file_types, "bytes": settings.max_file_bytes, "most": MOST_FILES},
        }
        if talk.visit.secret:
            ready["session"] = talk.visit.secret
        await talk.socket.send_str(_line(ready))
        talk.browser.look()
        sending = asyncio.create_task(self._send(talk), name="chat")
        try:
            async for message in talk.socket:
                asked = _read(message)
                if not talk.lines.take(self.room.clock.monotonic()):
                    await _dismiss(talk.socket, "too_many")
                    break
                if asked is None:
                    talk.browser.tell({"type": "refused", "line": "", "reason": "bad"})
                else:
                    await self._take(talk, asked, message.data)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await talk.socket.close()

    # --- what a browser says ------------------------------------------------------------------------

    async def _take(self, talk: _Talk, asked: _Asked, text: str) -> None:
        if asked.type in ("got", "seen"):
            await self._mark(talk, read_place(asked.place), "delivered" if asked.type == "got" else "read")
        elif asked.type == "typing":
            self._tell_typing(talk)
        elif asked.type in ("start", "say", "end"):
            reason = await self._conduct(talk, asked, text)
            if reason:
                talk.browser.tell({"type": "refused", "line": asked.id[:36], "reason": reason})
        else:
            talk.browser.tell({"type": "refused", "line": asked.id[:36], "reason": "bad"})

    async def _conduct(self, talk: _Talk, asked: _Asked, text: str) -> str:
        """Have the line change the contact; why it was refused, '' where it was taken."""
        visitor = talk.visit.visitor
        if not await self._limits.may_write(visitor.id, talk.address):
            return "too_many"
        try:
            sent = await self._sent_files(visitor.id, asked.files)
            delivery = self.channel.parse(self._inbound(talk, asked, text, sent))
            if asked.type != "say" and await self._is_done(visitor.id, asked.type, delivery.key):
                talk.browser.look()
                return ""
            async with asyncio.timeout(LONGEST_TURN):
                await self.conductor.handle(delivery, self.channel.traits(CHANNEL))
            await self._note(visitor.id, asked, text, sent)
        except BadDelivery:
            return "bad"
        except Conflict:
            if not await self._is_kept(visitor.id, asked.id):
                return "failed"
        except (StoreError, TimeoutError) as error:
            log.error("a line of a chat could not be kept", error=type(error).__name__)
            return "failed"
        except Exception as error:
            log.exception("a line of a chat failed", error=type(error).__name__)
            return "failed"
        self.hub.wake(visitor.id)
        return ""

    def _inbound(self, talk: _Talk, asked: _Asked, text: str, sent: list[Attachment]) -> Inbound:
        visitor = talk.visit.visitor
        headers = {
            "visitor": visitor.id,
            "identity": visitor.subject or "",
            "language": talk.language or visitor.language,
        }
        return Inbound(
            route=asked.type,
            method=SOCKET,
            target="/chat/socket",
            query=(),
            form=tuple((FILES + each.id, each.content_type) for each in sent),
            headers=headers,
            body=text.encode(errors="replace"),
            remote=talk.address,
        )

    async def _sent_files(self, visitor_id: str, file_ids: tuple[str, ...]) -> list[Attachment]:
        """The visitor's own uploads with these ids. Raises `BadDelivery` for any other."""
        if not file_ids:
            return []
        if len(file_ids) > MOST_FILES:
            raise BadDelivery("too many files with one message")
        found = await self.room.store.read(
            lambda connection: attachments.find_all(connection, [name[:40] for name in file_ids])
        )
        mine = [
            found[name]
            for name in file_ids
            if name in found and found[name].visitor_id == visitor_id and found[name].agent_id is None
        ]
        if len(mine) != len(file_ids):
            raise BadDelivery("there is no such file of this visitor's")
        return mine

    async def _note(self, visitor_id: str, asked: _Asked, text: str, sent: list[Attachment]) -> None:
        """What goes beside the contact: which message the files went with, what the form said."""
        form = msgspec.json.decode(text, type=_Form).form if asked.type == "start" else {}
        if not (sent or form):
            return

        def write(connection: Connection) -> None:
            if form:
                visitors.told(connection, visitor_id, form.get("name", ""), form.get("email", ""))
            kept = messages.get_by_provider_ref(connection, message_ref(visitor_id, asked.id))
            if kept is not None:
                attachments.sent(connection, [each.id for each in sent], visitor_id, kept.id)

        await self.room.store.write(write)

    async def _is_done(self, visitor_id: str, kind: str, key: str) -> bool:
        """Whether this beginning or end of a conversation has been taken, perhaps in an earlier one, or there
        is nothing to begin."""

        def read(connection: Connection) -> bool:
            found = chats.of_visitor(connection, visitor_id, LOOKED_AT)
            if kind == "start" and found and found[-1].open_key is not None:
                return True
            return any(deliveries.get(connection, contact.id, key) is not None for contact in found)

        return await self.room.store.read(read)

    async def _is_kept(self, visitor_id: str, line_id: str) -> bool:
        ref = message_ref(visitor_id, line_id)
        return await self.room.store.read(
            lambda connection: messages.get_by_provider_ref(connection, ref) is not None
        )

    async def _mark(self, talk: _Talk, place: Place | None, status: str) -> None:
        """The browser has got, or the visitor has seen, everything up to ``place``."""
        if place is None:
            return
        reached = [name for name, (where, was) in talk.unread.items() if where <= place and was != status]
        if not reached:
            return
        at = self.room.clock.now()
        try:
            new = await self.room.store.write(lambda connection: chats.mark(connection, reached, status, at))
        except StoreError:
            return  # the next mark goes as far
        for name in reached:
            if status == "read":
                del talk.unread[name]
            else:
                talk.unread[name] = (talk.unread[name][0], status)
        self._tell_desk(talk, "message_status", {"message_ids": new, "status": status} if new else None)

    def _tell_typing(self, talk: _Talk) -> None:
        now = self.room.clock.monotonic()
        if now - talk.typed_at >= TYPING_SECONDS:
            talk.typed_at = now
            self._tell_desk(talk, "typing", {})

    def _tell_desk(self, talk: _Talk, event: str, data: dict[str, Any] | None) -> None:
        """A notice for the desks of the agent who talks with the visitor."""
        if data is None or not talk.agent_id:
            return
        told = Told()
        told.notice(talk.agent_id, event, {"contact_id": talk.latest, **data})
        self.room.announcer.tell(told)

    # --- what a browser is told ---------------------------------------------------------------------

    async def _send(self, talk: _Talk) -> None:
        try:
            while not talk.browser.leaving or talk.browser.woken.is_set():
                await talk.browser.woken.wait()
                talk.browser.woken.clear()
                await self._say(talk)
            await talk.socket.close(code=WSCloseCode.GOING_AWAY)
        except ConnectionError:
            return  # the browser comes back and names the place that it has seen
        except Exception as error:
            log.exception("a chat could not be shown", error=type(error).__name__)
            await talk.socket.close(code=WSCloseCode.INTERNAL_ERROR)

    async def _say(self, talk: _Talk) -> None:
        try:
            await self._show(talk)
        except StoreError:
            await asyncio.sleep(AGAIN_SECONDS)
            talk.browser.look()
        signs, talk.browser.signs = talk.browser.signs, []
        for sign in signs:
            await talk.socket.send_str(_line(sign))

    async def _show(self, talk: _Talk) -> None:
        """Everything that came since the last look, in order, and then how the chat stands."""
        visitor_id = talk.visit.visitor.id
        since = await self.room.store.read(lambda connection: read_since(connection, visitor_id, talk.place))
        anew = since.anew and (talk.place is not None or not talk.state)
        if anew:
            await talk.socket.send_str(_line({"type": "anew"}))
        for message in since.messages:
            if message.status in WAITING:
                place = read_place(message.place)
                assert place is not None
                talk.unread[message.id] = (place, message.status)
            await talk.socket.send_str(_line(message))
            talk.place = read_place(message.place)
        state = await standing(since, self.conductor, self.channel.traits(CHANNEL))
        talk.place, talk.browser.stand = since.place, since.stand
        latest = since.latest
        talk.latest = latest.id if latest else ""
        talk.agent_id = latest.agent_id if latest and latest.owner == "agent" else None
        if state != talk.state or anew or since.messages:
            talk.state = state
            await talk.socket.send_str(_line(state | {"place": str(talk.place) if talk.place else ""}))


class _Form(msgspec.Struct, frozen=True):
    form: dict[str, str] = {}


def _read(message: WSMessage) -> _Asked | None:
    """A line of a browser; None for what is none."""
    if message.type is not WSMsgType.TEXT:
        return None
    try:
        return _DECODER.decode(message.data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


async def _dismiss(socket: web.WebSocketResponse, reason: str) -> web.WebSocketResponse:
    """Say why, and close."""
    if not socket.closed:
        with suppress(ConnectionError):
            await socket.send_str(_line({"type": "refused", "line": "", "reason": reason, "final": True}))
        await socket.close(code=WSCloseCode.POLICY_VIOLATION)
    return socket


def _line(value: Any) -> str:
    return msgspec.json.encode(value).decode()
