"""``/chat/files``: files that visitors and agents send, in and out.

    POST /chat/files               the body is the file; X-File-Name (percent-encoded) is its name
    POST /chat/contacts/ID/files   the same from the agent who has that chat
    GET  /chat/files/ID            the file again, for that chat's visitor and for whoever may use the API

A visitor proves who they are with ``Authorization: ChatSession SECRET`` or ``ChatToken TOKEN``. What a file
claims to be is compared with its content; it lies outside of everything that is served, under a name that we
draw, and is given out only as something to save.
"""

from __future__ import annotations

import asyncio
import codecs
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec
import structlog
from aiohttp import web

from contact_center.api.doorkeeper import Doorkeeper, networks, remote_address
from contact_center.api.problems import Problem, of_store
from contact_center.chat.limits import Limits
from contact_center.chat.origins import Origins
from contact_center.chat.sniffing import HEAD, is_really, safe_name
from contact_center.chat.tokens import BadToken
from contact_center.chat.transcript import shown_file
from contact_center.chat.visits import Visits
from contact_center.config.webchat import Webchat
from contact_center.room import Room
from crm_store import attachments, chats, contacts
from crm_store.attachments import Attachment
from crm_store.errors import StoreError
from crm_store.visitors import Visitor

log = structlog.get_logger(__name__)

FOLDER: Final = "files"
"""Inside the process's own folder."""

UPLOAD_SECONDS: Final = 120.0
PIECE: Final = 65_536
UNSENT: Final = 5
"""A visitor may have so many of the largest files uploaded that went with no message."""

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


class ChatFiles:
    """See the module. ``folder`` is made when the first file comes."""

    def __init__(
        self, room: Room, settings: Webchat, visits: Visits, folder: Path, *,
        random_name: Callable[[], str] = lambda: secrets.token_hex(24),
    ) -> None:  # fmt: skip
        self.room = room
        self.settings = settings
        self.folder = folder
        self.origins = Origins(room.config.server, settings.origins)
        self.limits = Limits(room, settings)
        self._visits = visits
        self._door = Doorkeeper(room)
        self._trusted = networks(room.config.server.trusted_proxies)
        self._random_name = random_name

    def routes(self) -> list[web.RouteDef]:
        """In, out, and browsers that ask first."""
        return [
            web.post("/chat/files", self.upload),
            web.options("/chat/files", self.preflight),
            web.post("/chat/contacts/{contact}/files", self.upload_by_agent),
            web.get("/chat/files/{file}", self.download, allow_head=False),
            web.options("/chat/files/{file}", self.preflight),
        ]

    async def preflight(self, request: web.Request) -> web.StreamResponse:
        """Whether a page of another site may ask."""
        return self.origins.preflight(request, "GET, POST")

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Take a file; it is sent with the message that names its id."""
        try:
            shown = msgspec.to_builtins(shown_file(await self._taken(request)))
            return self._answer(request, 201, shown)
        except _Refusal as refusal:
            answer = self._answer(request, refusal.status, {"reason": refusal.reason})
            answer.force_close()  # the rest of the body is not read
            return answer
        except StoreError:
            return self._answer(request, 503, {"reason": "try_again"})

    async def upload_by_agent(self, request: web.Request) -> web.StreamResponse:
        """Take a file of an agent's; `POST /contacts/ID/messages` sends it, by its id."""
        try:
            caller = await self._door.admit(request, self.room.clock.now())
            contact = await self.room.store.read(
                lambda connection: contacts.get(connection, request.match_info["contact"][:40])
            )
            mine = caller.agent_id is not None and contact.agent_id == caller.agent_id
            if contact.channel != chats.CHANNEL or contact.provider_ref is None or contact.state == "ended":
                raise Problem("refused", "Files go with messages of a web chat that is going on.")
            if not (mine and contact.owner == "agent") and not caller.may("supervisor"):
                raise Problem("refused", "Another agent has this conversation; ask for a transfer.")
            taken = await self._kept(request, contact.provider_ref, caller.agent_id or caller.token_id)
        except Problem as problem:
            return problem.response()
        except _Refusal as refusal:
            answer = Problem(*_WORDS[refusal.reason]).response()
            answer.force_close()
            return answer
        except StoreError as error:
            return of_store(error, reading=False).response()
        return web.json_response(msgspec.to_builtins(shown_file(taken)), status=201)

    async def _taken(self, request: web.Request) -> Attachment:
        if not self.origins.allows(request):
            raise _Refusal(403, "origin")
        visitor = await self._visitor(request)
        if visitor is None:
            raise _Refusal(401, "unknown")
        address = remote_address(request, self._trusted)
        if not await self.limits.may_upload(visitor.id, address):
            raise _Refusal(429, "too_many")
        return await self._kept(request, visitor.id, None)

    async def _kept(self, request: web.Request, visitor_id: str, agent_id: str | None) -> Attachment:
        """The file in the body, kept for the visitor's chat. Raises `_Refusal`."""
        if request.content_type not in self.settings.file_types:
            raise _Refusal(415, "type")
        if (request.content_length or 0) > self.settings.max_file_bytes:
            raise _Refusal(413, "size")
        unsent = await self.room.store.read(
            lambda connection: attachments.bytes_unsent(connection, visitor_id, agent_id)
        )
        if unsent >= UNSENT * self.settings.max_file_bytes:
            raise _Refusal(429, "too_many")
        stored_as = self._random_name()
        path = self.folder / stored_as
        try:
            size = await self._received(request, path)
            attachment = Attachment(
                id=self.room.ids.new("att"),
                visitor_id=visitor_id,
                agent_id=agent_id,
                stored_as=stored_as,
                name=safe_name(unquote(request.headers.get("X-File-Name", ""))[:500], request.content_type),
                content_type=request.content_type,
                size=size,
                created_at=self.room.clock.now(),
            )
            await self.room.store.write(lambda connection: attachments.add(connection, attachment))
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        return attachment

    async def _received(self, request: web.Request, path: Path) -> int:
        """The body in a file of its own; its size. Raises `_Refusal` as soon as it is not what it may be."""
        check = _Check(request.content_type, self.settings.max_file_bytes)
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                async for piece in request.content.iter_chunked(PIECE):
                    check.take(piece)
                    await asyncio.to_thread(_append, path, piece)
        except TimeoutError:
            raise _Refusal(408, "slow") from None
        check.end()
        return check.size

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give a file to whoever may have it; for all others there is none."""
        headers = HEADERS | self.origins.headers(request)
        if not self.origins.allows(request):
            return web.Response(status=403, text="Pages of this site may not use the chat.\n")
        if not await self.limits.may_fetch(remote_address(request, self._trusted)):
            return web.Response(status=429, text="Too many files; wait a minute.\n", headers=headers)
        name = request.match_info["file"][:40]
        try:
            found = await self.room.store.read(lambda connection: attachments.find(connection, name))
            allowed = await self._may_have(request, found)
        except Problem as problem:
            return problem.response()
        except StoreError:
            return web.Response(status=503, text="Try again in a moment.\n", headers=headers)
        path = self.folder / found.stored_as if found else None
        if found is None or path is None or not allowed or not path.is_file():
            return web.Response(status=404, text="There is no such file.\n", headers=headers)
        return web.FileResponse(path, headers=headers | _saved_as(found))

    async def _may_have(self, request: web.Request, found: Attachment | None) -> bool:
        if request.headers.get("Authorization", "").startswith("Chat"):
            visitor = await self._visitor(request)
            return visitor is not None and found is not None and found.visitor_id == visitor.id
        await self._door.admit(request, self.room.clock.now())  # any agent, as for the messages themselves
        return True

    async def _visitor(self, request: web.Request) -> Visitor | None:
        scheme, _, proof = request.headers.get("Authorization", "").partition(" ")
        session = proof.strip() if scheme == "ChatSession" else ""
        token = proof.strip() if scheme == "ChatToken" else ""
        with suppress(BadToken):
            visit = await self._visits.known(session, token)
            return visit.visitor if visit else None
        return None

    def _answer(self, request: web.Request, status: int, body: Any) -> web.Response:
        headers = self.origins.headers(request) | {"Cache-Control": "no-store"}
        return web.Response(
            status=status, body=msgspec.json.encode(body), content_type="application/json", headers=headers
        )


_WORDS: Final[dict[str, tuple[str, str]]] = {
    "type": ("wrong_type", "Files of this type may not be sent; GET /desk-setup lists those that may."),
    "content": ("wrong_type", "The file is not what it says to be; open it and save it as one of its type."),
    "size": ("too_large", "The file is too large; GET /desk-setup says how large it may be."),
    "too_many": ("too_many", "Too many files were uploaded and not sent; send or wait a little."),
    "empty": ("bad_request", "The file is empty."),
    "slow": ("bad_request", "The file came too slowly; try again."),
}
"""Why an agent's file is not taken, as a problem of the API."""


class _Refusal(Exception):
    """A file that is not taken; ``reason`` is for the browser to put into words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _Check:
    """Looks at a file as it comes: its size, its first bytes, and of a text every byte."""

    def __init__(self, content_type: str, most: int) -> None:
        self.size = 0
        self._type = content_type
        self._most = most
        self._head = b""
        self._text = codecs.getincrementaldecoder("utf-8")() if content_type == "text/plain" else None

    def take(self, piece: bytes) -> None:
        """One more piece. Raises `_Refusal`."""
        self.size += len(piece)
        if self.size > self._most:
            raise _Refusal(413, "size")
        if len(self._head) < HEAD:
            self._head += piece[: HEAD - len(self._head)]
        if self._text is not None:
            self._look(piece, final=False)

    def end(self) -> None:
        """That was all. Raises `_Refusal`."""
        if not self.size:
            raise _Refusal(400, "empty")
        if self._text is not None:
            self._look(b"", final=True)
        elif not is_really(self._type, self._head):
            raise _Refusal(415, "content")

    def _look(self, piece: bytes, *, final: bool) -> None:
        assert self._text is not None
        try:
            text = self._text.decode(piece, final)
        except UnicodeDecodeError:
            raise _Refusal(415, "content") from None
        if any(letter < " " and letter not in "\t\n\r\f" for letter in text):
            raise _Refusal(415, "content")


def _append(path: Path, piece: bytes) -> None:
    with path.open("ab") as file:
        file.write(piece)


def _saved_as(found: Attachment) -> dict[str, str]:
    """Headers with which a browser saves the file under its name, and never shows or runs it (RFC 6266)."""
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    name = quote(found.name, safe="")
    return {
        "Content-Type": found.content_type,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}",
    }
