"""The table of endpoints as aiohttp routes: sign-in, limits, reading, answering, and never a stack trace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel

from contact_center.api.doorkeeper import Doorkeeper
from contact_center.api.endpoint import Call, Endpoint, Replay, Stream
from contact_center.api.models.common import PREFIX
from contact_center.api.once import Once, read_once
from contact_center.api.openapi import document
from contact_center.api.page import CONTENT_SECURITY_POLICY, page
from contact_center.api.problems import Problem, of_store
from contact_center.api.reading import read_body, read_params, read_path, read_version
from contact_center.api.table import ENDPOINTS
from contact_center.room import Room
from crm_store.errors import Conflict, Duplicate, StoreError

log = structlog.get_logger(__name__)

DOCS: Final = f"{PREFIX.removesuffix('/v1')}/docs"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """See `contact_center.api.api_routes`."""

    def __init__(self, room: Room, on_changed: Callable[[str], None], replay: Replay | None = None) -> None:
        self.room = room
        self.on_changed = on_changed
        self.replay = replay
        self._door = Doorkeeper(room)
        self._methods: dict[str, set[str]] = {}
        for endpoint in ENDPOINTS:
            self._methods.setdefault(endpoint.path, set()).add(endpoint.method)

    def routes(self) -> list[web.RouteDef]:
        """Every endpoint, the documents, and what answers at any other address under the prefix."""
        found = [
            web.route(endpoint.method, f"{PREFIX}{endpoint.path}", self._handler(endpoint))
            for endpoint in ENDPOINTS
        ]
        found += [
            web.route("*", f"{PREFIX}{path}", self._other_method(methods))
            for path, methods in self._methods.items()
        ]
        found += [
            web.get(f"{PREFIX}/openapi.json", _fixed(document().encode(), "application/json")),
            web.get(DOCS, _fixed(page().encode(), "text/html", csp=CONTENT_SECURITY_POLICY)),
            web.route("*", f"{PREFIX}/{{rest:.*}}", _nothing_here),
        ]
        return found

    def _handler(self, endpoint: Endpoint) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await self._answer(endpoint, request)
            except Problem as problem:
                return _refuse(problem)
            except StoreError as error:
                return _refuse(of_store(error, reading=not endpoint.changes))
            except Exception as error:
                return _refuse(self._unexpected(endpoint, error))

        return handle

    async def _answer(self, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
        room, at = self.room, self.room.clock.now()
        caller = await self._door.admit(request, at)
        if not caller.may(endpoint.role):
            raise Problem(
                "forbidden", f"This needs the role {endpoint.role}; this token has the role {caller.role}."
            )
        call: Call[Any, Any] = Call(
            room=room,
            caller=caller,
            at=at,
            path=read_path(request),
            params=read_params(request, endpoint),
            body=await read_body(request, endpoint, room.config.server.max_body_bytes),
            version=read_version(request, endpoint),
            replay=self.replay,
        )
        if endpoint.repeatable:
            call.once = read_once(request, caller.token_id, call.body)
        if call.once is not None:
            return await self._answer_once(endpoint, call, call.once)
        answer = await self._carry_out(endpoint, call)
        return await _stream(request, answer) if isinstance(answer, Stream) else _respond(endpoint, answer)

    async def _carry_out(self, endpoint: Endpoint, call: Call[Any, Any]) -> BaseModel | Stream | None:
        answer = await endpoint.handler(call)
        for contact_id in call.changed:
            self.on_changed(contact_id)
        return answer

    async def _answer_once(self, endpoint: Endpoint, call: Call[Any, Any], once: Once) -> web.Response:
        """Carry it out, or answer as before where that was done under this key already."""
        store = self.room.store
        earlier = await store.read(once.earlier)
        if earlier is None:
            try:
                answer = await self._carry_out(endpoint, call)
            except Duplicate:
                earlier = await store.read(once.earlier)
            else:
                assert isinstance(answer, BaseModel)  # only GET streams, and every POST answers something
                body = answer.model_dump_json()
                await store.write(lambda connection: once.keep(connection, endpoint.status, body))
                return _respond(endpoint, answer)
        if earlier is None:
            raise Conflict("the same request is being carried out just now; try again")
        status, body = earlier
        headers = {**_HEADERS, "Idempotent-Replayed": "true"}
        return web.Response(
            body=body.encode(), status=status, content_type="application/json", headers=headers
        )

    def _unexpected(self, endpoint: Endpoint, error: Exception) -> Problem:
        reference = self.room.ids.new("err")
        log.exception(
            "an API request failed",
            request_id=reference,
            route=endpoint.path,
            method=endpoint.method,
            error=type(error).__name__,
        )
        return Problem("unexpected", f"Something went wrong here; the server's log has it as {reference}.")

    def _other_method(self, methods: set[str]) -> Handler:
        allowed = ", ".join(sorted(methods))

        async def handle(request: web.Request) -> web.StreamResponse:
            detail = f"{request.method} is not possible here; use {allowed}."
            return _refuse(Problem("method_not_allowed", detail, headers={"Allow": allowed}))

        return handle


def _respond(endpoint: Endpoint, answer: BaseModel | None) -> web.Response:
    if answer is None:
        return web.Response(status=204, headers=_HEADERS)
    headers = dict(_HEADERS)
    version = getattr(answer, "version", None)
    if version is not None:
        headers["ETag"] = f'"{version}"'
    body = answer.model_dump_json().encode()
    return web.Response(body=body, status=endpoint.status, content_type="application/json", headers=headers)


async def _stream(request: web.Request, answer: Stream) -> web.StreamResponse:
    """The first piece is made before anything is sent, so that a refusal is still a proper answer."""
    pieces = aiter(answer.chunks)
    first = await anext(pieces, b"")
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{answer.filename}"'}
    response = web.StreamResponse(headers=headers)
    response.content_type = answer.content_type
    response.charset = "utf-8"
    await response.prepare(request)
    if request.method == "HEAD":  # a body would be taken for the next answer on this connection
        await response.write_eof()
        return response
    await response.write(first)
    try:
        async for piece in pieces:
            await response.write(piece)
    except ConnectionResetError:
        return response  # nobody listens any more
    except Exception as error:
        log.exception("an export broke off", error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()  # so that nobody takes the half for the whole
        return response
    await response.write_eof()
    return response


def _refuse(problem: Problem) -> web.Response:
    response = problem.response()
    response.headers.update(_HEADERS)
    return response


async def _nothing_here(_request: web.Request) -> web.StreamResponse:
    return _refuse(Problem("not_found", f"There is nothing at this address; {DOCS} lists what there is."))


def _fixed(body: bytes, content_type: str, csp: str = "default-src 'none'") -> Handler:
    headers = {
        "Content-Security-Policy": csp,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-cache",
    }

    async def handle(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)

    return handle
