"""``/phone/socket``: a telephone in a browser, a WebSocket of JSON lines (`messages`).

A customer needs no account, as with any telephone; an agent is known as everywhere, by session cookie or by
a bearer token (which may come as a subprotocol, because browsers send no headers here), and is hung up on
within seconds when that is over: a microphone must not stay open behind a sign-out. What anybody may do
to us is limited by address, and what they send by size and rate. A page of another site cannot use it: the
Origin must be ours.
"""

from __future__ import annotations

import asyncio
import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from contact_center.actions.act import act
from contact_center.actions.shut_out import leave_calls
from contact_center.api.caller import Caller
from contact_center.api.doorkeeper import Doorkeeper, networks, remote_address
from contact_center.api.problems import Problem
from contact_center.bucket import Bucket
from contact_center.config.phone import Phone as Settings
from contact_center.desk.socket import PROTOCOL, with_token
from contact_center.live import LiveDown
from contact_center.local_carrier import messages
from contact_center.local_carrier.errors import ApiError
from contact_center.local_carrier.exchange import Exchange
from contact_center.local_carrier.ice import ice_servers
from contact_center.local_carrier.inbox import Heard, Left, Pressed, Spoken
from contact_center.local_carrier.messages import Error, FromPhone, Ready, Sample
from contact_center.local_carrier.phones import CUSTOMER, Lines, Phone
from contact_center.room import Room
from contact_center.sign_in.watch import Guest, Watch
from crm_store.errors import StoreError

log = structlog.get_logger(__name__)

PING_SECONDS: Final = 4.0
HELLO_SECONDS: Final = 10.0
LAST_WORDS_SECONDS: Final = 2.0
"""How long a telephone that is hung up on may take to hear why."""

LARGEST_MESSAGE: Final = 3_000_000
"""Bytes of a line with a voice message, as base64: some five minutes."""

LARGEST: Final = 65_536
"""Bytes of any other line; a session description has some ten thousand."""

LINES_A_MINUTE: Final = 600
DIALS_A_MINUTE: Final = 20
SOCKETS_A_MINUTE: Final = 60

_GOODBYES: Final = frozenset({WSCloseCode.OK, WSCloseCode.GOING_AWAY})
"""How a browser leaves whose page is closed; anything else is a connection that broke."""

_KEYS: Final = frozenset("0123456789*#")
_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_OURS: Final = re.compile(r"\+?[0-9*#]{1,20}")


class PhoneSocket:
    """See the module. ``may_choose``: whether customers may say which number they call from; ``samples``:
    such numbers, to try it."""

    def __init__(
        self,
        room: Room,
        exchange: Exchange,
        settings: Settings,
        *,
        may_choose: bool,
        numbers: tuple[str, ...],
        samples: tuple[Sample, ...] = (),
    ) -> None:
        self._room = room
        self._exchange = exchange
        self._settings = settings
        self._may_choose = may_choose
        self._numbers = numbers
        self._samples = samples if may_choose else ()
        self._door = Doorkeeper(room)
        self._watch = Watch(room)
        self._trusted = networks(room.config.server.trusted_proxies)
        server = room.config.server
        self._origins = frozenset({_origin(server.own_url), _origin(server.local_url)})

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.get("/phone/socket", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One telephone from its first to its last word."""
        address = remote_address(request, self._trusted)
        origin = request.headers.get("Origin")
        if origin is not None and not self._is_ours(origin, request):
            return web.Response(status=403, text="This page may not use the telephone.\n")
        if not await self._allowed(f"phone:socket:{address}", SOCKETS_A_MINUTE):
            return web.Response(status=429, text="Too many telephones; wait a minute.\n")
        socket = web.WebSocketResponse(
            heartbeat=PING_SECONDS, max_msg_size=LARGEST_MESSAGE, protocols=(PROTOCOL,)
        )
        await socket.prepare(request)
        greeted = await self._greeted(request, socket, address)
        if greeted is None:
            return socket
        phone, resumed, caller = greeted
        if caller is None:
            await self._serve(socket, phone, resumed)
            return socket
        async with self._watch.guest(caller.agent_id or "", caller.token_id, caller.role) as guest:
            turning_out = asyncio.create_task(
                self._turn_out(phone, phone.lines, guest), name="phone's session"
            )
            try:
                await self._serve(socket, phone, resumed)
            finally:
                turning_out.cancel()
                await asyncio.gather(turning_out, return_exceptions=True)
        return socket

    async def _turn_out(self, phone: Phone, lines: Lines, guest: Guest) -> None:
        """Once the session or token is over, so is the agent's part in calls here, and the telephone."""
        await guest.over.wait()
        if phone.lines is not lines:
            return  # it is another connection's by now, which has rights of its own
        exchange = self._exchange  # what only rings may ring elsewhere, too
        refs = frozenset(sid for sid in phone.calls if phone not in exchange.find(sid).ringing)
        try:
            await act(self._room, "desk", lambda deed: leave_calls(deed, guest.agent_id, calls=refs))
        except StoreError as error:
            log.warning("calls of who was signed out end as if hung up", why=str(error))
        for sid in refs & phone.calls:
            exchange.hang_up(phone, sid)
        phone.tell(Error("You are signed out."))
        phone.hang_up()
        exchange.gone(phone)

    def _is_ours(self, origin: str, request: web.Request) -> bool:
        """Whether the page is one of ours: at the configured address, or at the very host that it asks, where
        that is this machine (localhost and 127.0.0.1 are two origins)."""
        try:
            host = urlsplit(origin).hostname or ""
        except ValueError:  # such as http://[
            return False
        if _origin(origin) in self._origins:
            return True
        return origin.partition("://")[2] == request.host and host in ("localhost", "127.0.0.1", "::1")

    async def _greeted(
        self, request: web.Request, socket: web.WebSocketResponse, address: str
    ) -> tuple[Phone, bool, Caller | None] | None:
        """The telephone, once it has said who it is, whether it was here before, and which agent's it is;
        None where nobody may be that, or said nothing."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await socket.receive()
            hello = messages.decode(first.data) if first.type is WSMsgType.TEXT else None
        except (TimeoutError, msgspec.DecodeError):
            hello = None
        if not isinstance(hello, messages.Hello) or hello.as_ not in (CUSTOMER, "agent"):
            await _refuse(socket, 'Say first {"type": "hello", "as": "customer"} or "agent".')
            return None
        identity, number = CUSTOMER, ""
        caller: Caller | None = None
        if hello.as_ == "agent":
            try:
                caller = await self._door.admit(with_token(request), self._room.clock.now())
            except Problem as problem:
                await _refuse(socket, str(problem))
                return None
            if caller.agent_id is None:
                await _refuse(socket, "An agent's telephone needs the session or token of an agent.")
                return None
            identity = f"client:{caller.agent_id}"
        elif hello.number:
            if not (self._may_choose and _NUMBER.fullmatch(hello.number)):
                await _refuse(socket, "A number cannot be chosen here, or it is none.")
                return None
            number = hello.number
        known = self._exchange.phones.of(hello.resume, identity)
        if known is not None and known.resume(hello.heard):
            known.address = address
            return known, True, caller
        return Phone(self._exchange.sids.key(), identity, address, number), False, caller

    async def _serve(self, socket: web.WebSocketResponse, phone: Phone, resumed: bool) -> None:
        lines, goodbye, sending = phone.lines, False, None
        self._exchange.phones.add(phone)
        try:
            await socket.send_str(messages.encode(self._ready(phone, resumed)))
            sending = asyncio.create_task(_send(socket, lines), name="phone")
            goodbye = await self._listen(socket, phone)
        except ConnectionError:
            pass  # it broke before anything was said
        finally:
            if phone.lines is lines:  # else another connection goes on with it
                if goodbye:
                    self._exchange.gone(phone)
                else:
                    self._exchange.lost(phone, self._settings.grace_seconds)
            if sending is not None:
                if not socket.closed:
                    await asyncio.wait({sending}, timeout=LAST_WORDS_SECONDS)
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            await socket.close()

    def _ready(self, phone: Phone, resumed: bool) -> Ready:
        return Ready(
            phone.identity,
            ice_servers(self._settings, self._room.clock.now()),
            self._numbers,
            self._may_choose,
            () if phone.is_agent else self._samples,
            resume=phone.name,
            grace=self._settings.grace_seconds,
            resumed=resumed,
            heard=phone.heard,
        )

    async def _listen(self, socket: web.WebSocketResponse, phone: Phone) -> bool:
        """Until the connection ends; whether the browser has left on purpose."""
        here, rate = phone.lines, Bucket(LINES_A_MINUTE)
        while not phone.gone:
            message = await socket.receive()
            if phone.lines is not here:
                return False  # what comes here still is said again over the new connection
            if message.type is WSMsgType.CLOSE:
                return message.data in _GOODBYES
            if message.type in (WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return False
            if message.type is not WSMsgType.TEXT:
                continue
            if not rate.take(self._room.clock.monotonic()):
                phone.tell(Error("Too many lines at once."))
                phone.hang_up()
                break
            phone.heard += 1
            await self._take(phone, message.data)
        return True

    async def _take(self, phone: Phone, text: str) -> None:
        """One line of a telephone; what cannot be is said, and changes nothing."""
        try:
            line = messages.decode(text)
        except msgspec.DecodeError:
            phone.tell(Error("That line is none that a telephone says."))
            return
        if len(text) > LARGEST and not isinstance(line, messages.Recorded):
            phone.tell(Error("That line is too long."))
        elif isinstance(line, messages.DialOut):
            await self._dial(phone, line)
        else:
            take = _TAKES.get(type(line))
            if take is None:
                phone.tell(Error("Hello was said already."))
            else:
                take(self._exchange, phone, line)

    async def _dial(self, phone: Phone, line: messages.DialOut) -> None:
        refusal = await self._refusal(phone, line)
        if refusal:
            phone.tell(Error(refusal))
            return
        if line.from_:
            phone.number = line.from_
        try:
            self._exchange.call_in(phone, phone.number, line.to)
        except ApiError as error:
            phone.tell(Error(str(error)))

    async def _refusal(self, phone: Phone, line: messages.DialOut) -> str:
        """Why this call cannot be made, '' where it can."""
        if phone.is_agent:
            return "An agent's telephone is called, and calls nobody."
        if not _OURS.fullmatch(line.to):
            return "That is no number: digits, * and #, perhaps with a + before them."
        if line.from_ and not (self._may_choose and _NUMBER.fullmatch(line.from_)):
            return "You cannot choose your number here, or it is none."
        most = self._settings.max_calls_per_address
        if phone.calls or self._exchange.phones.calls_from(phone.address) >= most:
            return "You are calling already."
        if not await self._allowed(f"phone:dial:{phone.address}", DIALS_A_MINUTE):
            return "Too many calls; wait a minute."
        return ""

    async def _allowed(self, key: str, most: int) -> bool:
        try:
            return await self._room.live.rate_limit(key, most, 60.0)
        except LiveDown as error:
            self._room.announcer.live_is_down(error)
            return True


async def _send(socket: web.WebSocketResponse, lines: Lines) -> None:
    while (line := await lines.get()) is not None:
        await socket.send_str(messages.encode(line))
    await socket.close()


async def _refuse(socket: web.WebSocketResponse, text: str) -> None:
    """Say why, and hang up."""
    with suppress(ConnectionError):  # nobody may be there any more
        await socket.send_str(messages.encode(Error(text)))
    await socket.close()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


# --- what a telephone can say ------------------------------------------------------------------------


def _keys(exchange: Exchange, phone: Phone, line: messages.Keys) -> None:
    digits = "".join(digit for digit in line.digits if digit in _KEYS)[: messages.LONGEST_DIGITS]
    if digits:
        exchange.heard(phone, line.call, Pressed(digits))


def _words(exchange: Exchange, phone: Phone, line: messages.Words) -> None:
    sure = line.confidence if line.confidence is None or 0 <= line.confidence <= 1 else None
    exchange.heard(phone, line.call, Spoken(line.text[: messages.LONGEST_WORDS], sure, line.final))


def _said(exchange: Exchange, phone: Phone, line: messages.Said) -> None:
    exchange.heard(phone, line.call, Heard(line.seq))


def _recorded(exchange: Exchange, phone: Phone, line: messages.Recorded) -> None:
    try:
        sound = b64decode(line.data, validate=True)
    except (binascii.Error, ValueError):
        phone.tell(Error("The message's sound is no base64."))
        return
    seconds = line.seconds if 0 <= line.seconds < 1e6 else 0.0
    exchange.heard(phone, line.call, Left(seconds, sound))


def _answer(exchange: Exchange, phone: Phone, line: messages.Answer) -> None:
    exchange.answer(phone, line.call)


def _decline(exchange: Exchange, phone: Phone, line: messages.Decline) -> None:
    exchange.decline(phone, line.call)


def _hang_up(exchange: Exchange, phone: Phone, line: messages.HangUp) -> None:
    exchange.hang_up(phone, line.call)


def _signal(exchange: Exchange, phone: Phone, line: messages.Signal) -> None:
    exchange.signal(phone, line.call, line.peer, line.data)


def _media(exchange: Exchange, phone: Phone, line: messages.Media) -> None:
    if line.state == "failed" and line.call in phone.calls:
        log.warning(
            "two browsers could not reach each other; is a TURN server configured (phone.ice_servers)?"
        )


_TAKES: Final[dict[type[FromPhone], Callable[[Exchange, Phone, Any], None]]] = {
    messages.Keys: _keys,
    messages.Words: _words,
    messages.Said: _said,
    messages.Recorded: _recorded,
    messages.Answer: _answer,
    messages.Decline: _decline,
    messages.HangUp: _hang_up,
    messages.Signal: _signal,
    messages.Media: _media,
}
