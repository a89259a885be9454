"""The index of words behind the search in the log.

Migration 0006 also makes what is there on one database only, or has no words in SQLAlchemy: PostgreSQL's GIN
index of ``contact_words.terms``, SQLite's full-text table ``contact_terms`` over the same column with the
triggers that keep it, and the triggers that fill ``contact_words_due``; migration 0007 those that fill
``contact_vocabulary`` on PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.dialects import postgresql

from crm_store.schema.base import metadata

contact_words = Table(  # one row a contact that is indexed
    "contact_words",
    metadata,
    # When it began, in microseconds times 1024, plus a number: unique, and sorted by time.
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("contact_id", String(40), ForeignKey("contacts.id"), nullable=False, unique=True),
    Column("said", Text, nullable=False),  # crm_store.terms.Said.lines
    # crm_store.terms and facts: a set, in SQLite with spaces between
    Column("terms", Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
)

contact_words_due = Table(  # contacts whose words or facts have changed since they were indexed
    "contact_words_due",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("contact_id", String(40), nullable=False),
)

contact_vocabulary = Table(  # crm_store.vocabulary; empty in SQLite
    "contact_vocabulary",
    metadata,
    Column("term", Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), primary_key=True),
    Column("until", BigInteger, nullable=False),  # no place from here on holds it
)
