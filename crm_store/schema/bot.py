"""What the chatbot did not understand, for people to look at."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table

from crm_store.schema.base import at, id_column, metadata

bot_reviews = Table(  # one row a wording, however often it is said
    "bot_reviews",
    metadata,
    id_column(),
    Column("wording", String(64), nullable=False, unique=True),  # sha256 of the text's letters and digits
    Column("text", String(500), nullable=False),  # masked: without numbers, addresses and names
    Column("language", String(20), nullable=False, server_default=""),
    Column("channel", String(20), nullable=False, server_default=""),
    Column("intent", String(80), nullable=False, server_default=""),  # the bot's guess, and its next
    Column("confidence", Float, nullable=False),
    Column("runner_up", String(80), nullable=False, server_default=""),
    Column("runner_up_confidence", Float, nullable=False),
    Column(
        "understood", Boolean, nullable=False
    ),  # False = the bot said that it did not; True = it was unsure
    Column("times", Integer, nullable=False),
    Column("contact_id", String(40), nullable=True),  # the last contact in which it was said
    Column("status", String(20), nullable=False),  # open labelled dismissed
    Column("label", String(80), nullable=False, server_default=""),  # the intent that it has
    Column("reviewed_by", String(80), nullable=False, server_default=""),
    at("reviewed_at"),
    at("first_seen_at", nullable=False),
    at("last_seen_at", nullable=False),
    Index("ix_bot_reviews_status_times", "status", "times"),
    Index("ix_bot_reviews_last_seen_at", "last_seen_at"),
)
