"""``PUT /phone/recordings/{recording}/{n}``: a piece of a recording, from the browser that makes it.

Only that browser was told the key: it goes in the header ``X-Recording-Key``. Pieces come in order from 0;
the last one says ``?last=1`` (it may be empty). Nobody reads anything here: recordings are heard through the
API.
"""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from contact_center.local_carrier.recorder import Recorder
from contact_center.local_carrier.tapes import LARGEST_PIECE, Tape

KEY_HEADER: Final = "X-Recording-Key"


class Uploads:
    """See the module."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def routes(self) -> list[web.RouteDef]:
        """The one route."""
        return [web.put("/phone/recordings/{recording}/{number}", self.handle)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take one piece."""
        sid, number = request.match_info["recording"], request.match_info["number"]
        tape = self._recorder.tapes.running.get(sid)
        if tape is None or not tape.opens_with(request.headers.get(KEY_HEADER, "")):
            return web.Response(status=404, text="No recording takes this piece.\n")
        if request.content_length is None or request.content_length > LARGEST_PIECE:
            return web.Response(status=413, text=f"A piece has at most {LARGEST_PIECE} bytes.\n")
        piece = await request.read()
        async with self._recorder.intake(sid):
            status = await self._take(tape, number, piece)
        if status == 204 and request.query.get("last") == "1":
            self._recorder.last_piece(sid)
        return web.Response(status=status)

    async def _take(self, tape: Tape, number: str, piece: bytes) -> int:
        if number == str(tape.pieces - 1):
            return 204  # it came twice: the answer to the first was lost
        if number != str(tape.pieces):
            return 409
        if not piece:
            return 204
        if not tape.has_room(len(piece)) or tape.sid not in self._recorder.tapes.running:
            return 413
        await asyncio.to_thread(self._recorder.tapes.write, tape, piece)
        tape.pieces += 1
        tape.size += len(piece)
        return 204
