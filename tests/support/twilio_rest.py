"""A Twilio to test against: its REST API on loopback as twilio's own client speaks it, and its callbacks.

    async with FakeTwilio(ACCOUNT, TOKEN) as twilio:
        api = TwilioApi(Twilio(account_sid=ACCOUNT, auth_token=TOKEN, api_base_url=twilio.url))
        ...
        twilio.world.rings("leg_1")
        twilio.world.answers("leg_1")
        await twilio.deliver()                    # what is to be told is posted to us now, signed
        twilio.fail_next(503)                     # the next request fails

`tests.support.twilio_world` is what happens behind it.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.support.twilio_world import Callback, FakeCall, FakeConference, FakeParticipant, TwilioError, World

VERSION = "2010-04-01"
CREATED = "Mon, 02 Mar 2026 02:00:00 +0000"

Post = Callable[[str, dict[str, str], dict[str, str]], Awaitable[object]]
"""Takes a callback's URL, form and headers."""


@dataclass(frozen=True)
class Asked:
    """A request to the API; ``path`` begins after the account."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class _Fault:
    status: int
    code: int
    where: str
    left: int
    hang: bool
    drop: bool
    after: bool
    body: str


class FakeTwilio:
    """See the module. ``post`` takes the callbacks; without it they go to their URLs over HTTP."""

    def __init__(self, account: str, token: str, post: Post | None = None) -> None:
        self.account, self.token = account, token
        self.world = World(account)
        self.requests: list[Asked] = []
        self.delivered: list[Callback] = []
        self.url = ""
        self.post: Post = post or _over_http
        self._faults: list[_Fault] = []
        self._released = asyncio.Event()
        self._port = 0
        self._runner: web.AppRunner | None = None
        credentials = base64.b64encode(f"{account}:{token}".encode()).decode()
        self._authorization = f"Basic {credentials}"

    async def __aenter__(self) -> FakeTwilio:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.refuse()

    async def open(self) -> None:
        """Listen, after `refuse` at the same port."""
        self._released = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def refuse(self) -> None:
        """Listen no more: connections are refused."""
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def fail_next(
        self,
        status: int = 500,
        code: int = 0,
        *,
        times: int = 1,
        where: str = "",
        hang: bool = False,
        drop: bool = False,
        after: bool = False,
        body: str = "",
    ) -> None:
        """Let the next requests (whose path contains ``where``) fail.

        ``hang``: never answer; ``drop``: break the connection. ``after``: the thing is done all the same.
        ``body``: answer that text, with ``status``.
        """
        self._faults.append(_Fault(status, code or status, where, times, hang, drop, after, body))

    def participants(self, room: str) -> list[FakeParticipant]:
        """Who is in the room, or on the way there."""
        conference = self.world.open_conference(room)
        return [] if conference is None else list(conference.members)

    async def deliver(self, callbacks: list[Callback] | None = None) -> int:
        """Post the callbacks that wait, and those that come of them (or just the given ones); how many."""
        posted = 0
        given = callbacks is not None
        waiting = callbacks if callbacks is not None else self.world.callbacks
        while waiting:
            callback = waiting.pop(0)
            signature = RequestValidator(self.token).compute_signature(callback.url, callback.form)
            await self.post(callback.url, dict(callback.form), {"X-Twilio-Signature": signature})
            self.delivered.append(callback)
            posted += 1
            if not given:
                waiting = self.world.callbacks
        return posted

    # --- the API --------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        prefix = f"{VERSION}/Accounts/{self.account}/"
        path = request.match_info["path"]
        if request.headers.get("Authorization") != self._authorization:
            return _error(TwilioError(401, 20003, "Authenticate"))
        if not path.startswith(prefix) or not path.endswith(".json"):
            return _error(TwilioError(404, 20404, "The requested resource was not found"))
        body = parse_qs(await request.text(), keep_blank_values=True)
        path = path.removeprefix(prefix).removesuffix(".json")
        asked = Asked(request.method, path, dict(request.query), body)
        self.requests.append(asked)
        fault = self._fault(path)
        if fault is None:
            return self._done(asked)
        if fault.after:
            self._done(asked)
        if fault.hang:
            await self._released.wait()
        if fault.drop and request.transport is not None:
            request.transport.abort()
        if fault.body:
            return web.Response(text=fault.body, status=fault.status)
        return _error(TwilioError(fault.status, fault.code))

    def _fault(self, path: str) -> _Fault | None:
        for fault in self._faults:
            if fault.left and fault.where in path:
                fault.left -= 1
                return fault
        return None

    def _done(self, asked: Asked) -> web.Response:
        head, *rest = asked.path.split("/")
        try:
            status, answer = _RESOURCES[head](self, asked, rest)
        except TwilioError as error:
            return _error(error)
        except KeyError:
            return _error(TwilioError(404, 20404, "The requested resource was not found"))
        return web.json_response(answer, status=status) if answer is not None else web.Response(status=status)

    def _messages(self, asked: Asked, rest: list[str]) -> tuple[int, dict[str, Any]]:
        form = {name: values[0] for name, values in asked.form.items()}
        form["MessageSid"] = self.world.sid("SM")
        self.world.messages.append(form)
        return 201, {"sid": form["MessageSid"], "status": "queued", "to": form["To"], "body": form["Body"]}

    def _calls(self, asked: Asked, rest: list[str]) -> tuple[int, dict[str, Any] | None]:
        call = self.world.calls.get(rest[0])
        if len(rest) > 1:
            return self._recordings(asked, rest[2:], call)
        if asked.method == "POST":
            call = self.world.update_call(rest[0], asked.form)
        if call is None:
            raise KeyError(rest[0])
        return 200, _call(call)

    def _recordings(
        self, asked: Asked, rest: list[str], of: FakeCall | FakeConference | None
    ) -> tuple[int, dict[str, Any]]:
        if of is None:
            raise KeyError
        if not rest:
            if of.status != "in-progress":
                raise TwilioError(400, 21220, "Requested resource is not eligible for recording")
            of.recording = "in-progress"
            return 201, {"sid": self.world.sid("RE"), "status": of.recording}
        if of.recording in ("", "stopped"):
            raise KeyError
        of.recording = asked.form["Status"][0]
        return 200, {"sid": rest[0], "status": of.recording}

    def _conferences(self, asked: Asked, rest: list[str]) -> tuple[int, dict[str, Any] | None]:
        if not rest:
            wanted = asked.query.get("FriendlyName")
            found = [one for one in self.world.conferences.values() if wanted in (None, one.name)]
            page = {"conferences": [_conference(one) for one in reversed(found)], "page": 0, "page_size": 20}
            return 200, page | {"next_page_uri": None, "uri": ""}
        conference = self.world.conferences.get(rest[0])
        if rest[1:] == ["Participants"] and asked.method == "POST":
            conference, member = self.world.add(rest[0], asked.form)
            return 201, _participant(conference, member)
        if conference is None:
            raise KeyError(rest[0])
        if rest[1:2] == ["Recordings"]:
            return self._recordings(asked, rest[2:], conference)
        if conference.status == "completed" and len(rest) > 1:
            raise KeyError(rest[0])
        if rest[1:2] == ["Participants"]:
            return self._participants(asked, rest[2:], conference)
        if asked.method == "POST":
            self.world.close(conference)
        return 200, _conference(conference)

    def _participants(
        self, asked: Asked, rest: list[str], conference: FakeConference
    ) -> tuple[int, dict[str, Any] | None]:
        if not rest:
            members = [_participant(conference, member) for member in conference.members]
            return 200, {
                "participants": members,
                "page": 0,
                "page_size": 50,
                "next_page_uri": None,
                "uri": "",
            }
        member = self.world.member(conference, rest[0])
        if asked.method == "DELETE":
            self.world.hangs_up(member.call.sid)
            return 204, None
        if asked.method == "POST":
            if not member.joined:
                raise KeyError(rest[0])
            self.world.modify(conference, member, asked.form)
        return 200, _participant(conference, member)


_RESOURCES: dict[str, Callable[..., tuple[int, dict[str, Any] | None]]] = {
    "Messages": FakeTwilio._messages,
    "Calls": FakeTwilio._calls,
    "Conferences": FakeTwilio._conferences,
}


def _call(call: FakeCall) -> dict[str, Any]:
    return {"sid": call.sid, "status": call.status, "to": call.to, "from": call.caller,
            "date_created": CREATED, "direction": "outbound-api" if call.label else "inbound"}  # fmt: skip


def _conference(conference: FakeConference) -> dict[str, Any]:
    return {"sid": conference.sid, "friendly_name": conference.name, "status": conference.status,
            "date_created": CREATED, "api_version": VERSION}  # fmt: skip


def _participant(conference: FakeConference, member: FakeParticipant) -> dict[str, Any]:
    status = "connected" if member.joined else "ringing" if member.call.status == "ringing" else "connecting"
    return {"call_sid": member.call.sid, "conference_sid": conference.sid, "label": member.label or None,
            "muted": member.muted, "hold": member.hold, "coaching": bool(member.coaching),
            "call_sid_to_coach": member.coaching or None, "end_conference_on_exit": member.ends,
            "status": status, "date_created": CREATED}  # fmt: skip


def _error(error: TwilioError) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{error.code}"
    body = {"code": error.code, "message": str(error), "more_info": more, "status": error.status}
    return web.json_response(body, status=error.status)


async def _over_http(url: str, form: dict[str, str], headers: dict[str, str]) -> None:
    async with aiohttp.ClientSession() as session, session.post(url, data=form, headers=headers) as answer:
        await answer.read()
        assert answer.status == 200, f"{url} answered {answer.status}"
