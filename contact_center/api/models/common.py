"""What the models of all resources share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from crm_store.paging import DEFAULT_LIMIT, MAX_LIMIT

PREFIX: Final = "/api/v1"

T = TypeVar("T")
S = TypeVar("S", bound="Shown")


class Shown(BaseModel):
    """Base of what is answered; made from the store's values by attribute."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Given(BaseModel):
    """Base of bodies and parameters: nothing unknown, texts without space around them."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )


class Page(Shown, Generic[T]):
    """Some items of a list; pass ``next_cursor`` as ``cursor`` to get those behind them."""

    model_config = ConfigDict(
        json_schema_extra={"description": "Items of a list; `next_cursor` leads to those behind them"}
    )

    items: list[T]
    next_cursor: str | None = Field(default=None, description="None at the end of the list")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """``ContactPage``, as the schema and clients made from it call it."""
        return f"{params[0].__name__}Page"


def listed(kind: type[S], items: Iterable[object]) -> Page[S]:
    """Values of the store as a whole list, in one page."""
    return Page[kind](items=[kind.model_validate(item) for item in items])  # type: ignore[valid-type]  # made at run time


class Paging(Given):
    """Parameters of every list."""

    cursor: str | None = Field(
        default=None, max_length=1000, description="`next_cursor` of the page before, as it came"
    )
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Items in one page at most")


def _in_range(at: datetime) -> datetime:
    if not 1900 <= at.year < 3000:
        raise ValueError("must be between the years 1900 and 2999")
    return at


Time = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""An instant with its zone (RFC 3339); answered in UTC."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Line = Annotated[str, StringConstraints(max_length=200)]
Prose = Annotated[str, StringConstraints(max_length=10_000)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Language = Annotated[str, StringConstraints(pattern=r"^([a-z]{2,3}(-[A-Za-z]{2,4})?)?$")]
"""A language tag such as ``en`` or ``zh-CN``; '' where it is not known."""

Severity = Literal["low", "normal", "high", "urgent"]
Tier = Literal["standard", "silver", "gold", "key"]
Role = Literal["agent", "supervisor", "administrator"]
