"""The shared store: customers, contacts, their journal, tickets and what the engine needs to run.

Plain functions over a SQLAlchemy connection, the same on SQLite and PostgreSQL; `Store` opens the
database, reads, and commits units of work in groups. See docs/architecture.md, "The store".
"""
