"""What the sections of the configuration are made of: frozen models that refuse what they do not know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Secret,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

_PASSWORD = re.compile(r"(?P<before>^[a-z][a-z0-9+.-]*://[^/?#:@]*:|[?&]password=)[^@&]+", re.IGNORECASE)

Fault = tuple[str, str]
"""A key of the section and what is wrong with its value, to be read after ``section.key:``."""


class Section(BaseModel):
    """One mapping in config.yaml. A section's rules across its keys are in `faults`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with keys that are each right by themselves."""
        yield from ()

    @model_validator(mode="after")
    def _refuse_faults(self) -> Self:
        errors = [
            InitErrorDetails(
                type=PydanticCustomError("fault", "{text}", {"text": text}), loc=(key,), input=None
            )
            for key, text in self.faults()
        ]
        if errors:
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        return self


class SecretUrl(Secret[str]):
    """A URL that may hold a password; printed without it."""

    def _display(self) -> str:
        return _PASSWORD.sub(r"\g<before>***", self.get_secret_value())


def is_secret(annotation: object) -> bool:
    """Whether a field of this type (or its items) must come from the environment in whole."""
    return annotation is SecretStr or annotation == tuple[SecretStr, ...]


def has_password(url: str) -> bool:
    """Whether ``url`` has a password, before ``@`` or as a parameter."""
    match = _PASSWORD.search(url)
    return match is not None and ("@" in url or match["before"].endswith("="))


def form(pattern: str, hint: str) -> AfterValidator:
    """A text that must match ``pattern`` in full; ``hint`` says to people how to write it."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise PydanticCustomError("form", "{hint}", {"hint": hint})
        return text

    return AfterValidator(check)


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        hint = "an address or a network such as 10.0.0.0/8"
        raise PydanticCustomError("form", "{hint}", {"hint": hint}) from None
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as Europe
        hint = "a time zone such as Europe/Berlin"
        raise PydanticCustomError("form", "{hint}", {"hint": hint}) from None
    return name


def _texts(value: object) -> object:
    return {"": value} if isinstance(value, str) else value


WebUrl = Annotated[
    str,
    form(
        r"(https?://[^/?#\s@]+(/[^?#\s]*)?)?",
        "http:// or https://, a host and perhaps a path; no user, no query",
    ),
    AfterValidator(lambda text: text.rstrip("/")),
]
"""``http(s)://host[:port][/path]``, kept without a slash at the end; '' = not set."""

TimeZone = Annotated[str, AfterValidator(_timezone)]
Network = Annotated[str, AfterValidator(_network)]
Texts = Annotated[dict[str, Annotated[str, Field(min_length=1)]], BeforeValidator(_texts)]
"""A text for each language, or one for all, which is kept under ''."""

Language = Annotated[str, form(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?", "a language such as en, zh or pt-BR")]
Name = Annotated[str, form(r"[a-z][a-z0-9_]*", "a name of small letters, digits and _")]
Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
