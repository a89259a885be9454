"""Reading lines from a person, or from a pipe, without being stuck: somebody may talk in the meantime."""

from __future__ import annotations

import io
import os
import select
from typing import TextIO

PIECE = 4096


class Keyboard:
    """Lines of ``stream`` (standard input). Whoever uses one must read nothing from the stream beside it.

    A terminal, pipe or file is waited for by its descriptor, so that no thread hangs in a read when the
    program ends. A stream that has none (in tests) is read as it comes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._typed = b""
        self._over = False
        try:
            self._descriptor: int | None = stream.fileno()
        except (AttributeError, ValueError, io.UnsupportedOperation):
            self._descriptor = None

    def line(self, seconds: float | None = None) -> str | None:
        """The next line without its end; None where nothing was typed for ``seconds`` (None: wait for ever).

        Raises `EOFError` at the end of the input.
        """
        if self._descriptor is None:
            text = self._stream.readline()
            if not text:
                raise EOFError
            return text.rstrip("\r\n")
        while b"\n" not in self._typed and not self._over:
            ready, _, _ = select.select([self._descriptor], [], [], seconds)
            if not ready:
                return None
            piece = os.read(self._descriptor, PIECE)
            self._typed += piece
            self._over = not piece
        if not self._typed:
            raise EOFError
        line, _, self._typed = self._typed.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")
