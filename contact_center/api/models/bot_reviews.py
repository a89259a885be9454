"""The review list of the chatbot as the API shows and takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Paging, Shown, Word
from crm_store.bot_reviews import ReviewFilter


class BotReview(Shown):
    """Words that the bot did not understand, or was not sure of; numbers, addresses and names are masked."""

    id: str
    text: str
    language: str
    channel: str = Field(description="The channel on which it was last said")
    intent: str = Field(description="What the bot took it for; empty where it had no idea")
    confidence: float = Field(description="0 to 1")
    runner_up: str
    runner_up_confidence: float
    understood: bool = Field(description="The bot went by its guess; else it asked again or gave up")
    times: int = Field(description="How often it was said")
    contact_id: str | None = Field(description="The last contact in which it was said")
    status: str = Field(description="`open`, `labelled` or `dismissed`")
    label: str = Field(description="The intent that a person says it has")
    reviewed_by: str
    reviewed_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime


class BotReviewQuery(Paging):
    """Parameters of the review list."""

    status: Literal["open", "labelled", "dismissed", "all"] = "open"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = Field(
        default=None, description="Such as en or zh"
    )
    intent: Word | None = Field(default=None, description="What the bot took it for")
    label: Word | None = Field(default=None, description="What a person says it is")
    order: Literal["often", "newest"] = Field(
        default="often", description="`often`: what was said most often first; `newest`: last"
    )

    def which(self) -> ReviewFilter:
        """The same in the store's words."""
        status = None if self.status == "all" else self.status
        return ReviewFilter(status=status, language=self.language, intent=self.intent, label=self.label)


class BotReviewLabel(Given):
    """What the customer wanted."""

    intent: Word = Field(description="An intent of the bot's project")
