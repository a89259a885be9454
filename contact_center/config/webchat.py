"""The web chat's section of config.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field, SecretStr

from contact_center.config.base import Count, Fault, Section, form

Origin = Annotated[
    str,
    form(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?", "an origin such as https://www.example.com, without a path"),
]
FileType = Annotated[str, form(r"[a-z]+/[a-z0-9.+-]+", "a content type such as image/png")]

SHORTEST_SECRET: Final = 32
"""Characters of a secret for HS256: fewer could be guessed from one token (RFC 7518, 3.2)."""


class Webchat(Section):
    """The chat that web sites embed.

    ``token_secret`` is shared with the host site, which signs tokens with it for its signed-in users.
    """

    origins: tuple[Origin, ...] = ()
    token_secret: SecretStr = SecretStr("")
    session_days: Annotated[int, Field(ge=1, le=400)] = 30
    messages_per_minute: Count = 30
    messages_per_minute_and_address: Count = 300
    max_file_bytes: Annotated[int, Field(ge=0, le=104_857_600)] = 5_242_880
    file_types: tuple[FileType, ...] = (
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "application/pdf",
        "text/plain",
    )

    def faults(self) -> Iterator[Fault]:
        from contact_center.chat.sniffing import KNOWN

        secret = self.token_secret.get_secret_value()
        if secret and len(secret) < SHORTEST_SECRET:
            yield "token_secret", f"has {len(secret)} characters; it needs at least {SHORTEST_SECRET}"
        unknown = [name for name in self.file_types if name not in KNOWN]
        if unknown:
            yield "file_types", f"'{unknown[0]}' cannot be told by its content; use {', '.join(KNOWN)}"
