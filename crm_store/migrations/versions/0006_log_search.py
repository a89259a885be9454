"""The search in the log: an index of words, what keeps it, and indexes for what supervisors watch live.

SQLite keeps the terms in FTS5 with the tokenizer ``ascii``: they come ready cut, and it leaves every
character beyond ASCII as it is. The triggers note whose words or facts have changed; who they are cut by is
`crm_store.contact_words`. All contacts that are there are noted, the newest last: those are indexed first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = "terms, content='contact_words', content_rowid='place', detail=none, tokenize='ascii tokenchars _', "
SQLITE = (
    f"CREATE VIRTUAL TABLE contact_terms USING fts5({KEPT} prefix='2 3')",
    "CREATE TRIGGER contact_words_added AFTER INSERT ON contact_words BEGIN "
    "INSERT INTO contact_terms(rowid, terms) VALUES (new.place, new.terms); END",
    "CREATE TRIGGER contact_words_removed AFTER DELETE ON contact_words BEGIN "
    "INSERT INTO contact_terms(contact_terms, rowid, terms) VALUES ('delete', old.place, old.terms); END",
    "CREATE TRIGGER contact_words_changed AFTER UPDATE OF terms ON contact_words BEGIN "
    "INSERT INTO contact_terms(contact_terms, rowid, terms) VALUES ('delete', old.place, old.terms); "
    "INSERT INTO contact_terms(rowid, terms) VALUES (new.place, new.terms); END",
)

# What changes words or facts: (name, event, table, which contacts). Every change of a contact, its journal
# entries among them, goes with a new version of its row.
OF_CUSTOMER = "SELECT contacts.id FROM contacts JOIN changed ON contacts.customer_id = changed.id"
WATCHED = (
    ("due_by_new_contact", "INSERT", "contacts", "id"),
    ("due_by_contact", "UPDATE", "contacts", "id"),
    ("due_by_message", "INSERT", "messages", "contact_id"),
    ("due_by_new_recording", "INSERT", "recordings", "contact_id"),
    ("due_by_recording", "UPDATE", "recordings", "contact_id"),
)


def upgrade() -> None:
    here = op.get_bind().dialect.name
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "contact_words",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(40), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_contact_words_contact_id"),
        sa.PrimaryKeyConstraint("place", name="pk_contact_words"),
        sa.UniqueConstraint("contact_id", name="uq_contact_words_contact_id"),
    )
    op.create_table(
        "contact_words_due",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_words_due"),
    )
    op.execute("INSERT INTO contact_words_due (contact_id) SELECT id FROM contacts ORDER BY started_at, id")
    if here == "postgresql":
        op.execute(
            "CREATE INDEX ix_contact_words_terms ON contact_words USING gin (terms) WITH (fastupdate=off)"
        )
    else:
        for statement in SQLITE:
            op.execute(statement)
    _watch(here)
    op.create_index("ix_works_queued_at", "works", ["queued_at"])
    open_ = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_contacts_open", "contacts", ["started_at", "id"], sqlite_where=open_, postgresql_where=open_
    )


def _watch(here: str) -> None:
    if here == "postgresql":
        for name, event, table, column in WATCHED:
            _watch_postgres(name, event, table, f"SELECT DISTINCT {column} FROM changed")  # noqa: S608 ours
        _watch_postgres("due_by_customer", "UPDATE", "customers", OF_CUSTOMER)
        return
    for name, event, table, column in WATCHED:
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN "  # noqa: S608 ours
            f"INSERT INTO contact_words_due (contact_id) VALUES (new.{column}); END"
        )
    op.execute(
        "CREATE TRIGGER due_by_customer AFTER UPDATE OF name ON customers WHEN old.name <> new.name BEGIN "
        "INSERT INTO contact_words_due (contact_id) SELECT id FROM contacts WHERE customer_id = new.id; END"
    )


def _watch_postgres(name: str, event: str, table: str, which: str) -> None:
    before = ""
    if table == "customers":
        before = "OLD TABLE AS former "
        which += " JOIN former ON former.id = changed.id AND former.name <> changed.name"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"INSERT INTO contact_words_due (contact_id) {which}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {before}NEW TABLE AS changed "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def downgrade() -> None:
    here = op.get_bind().dialect.name
    op.drop_index("ix_contacts_open", "contacts")
    op.drop_index("ix_works_queued_at", "works")
    for name, _, table, _ in (*WATCHED, ("due_by_customer", "", "customers", "")):
        if here == "postgresql":
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")
    if here == "sqlite":
        op.execute("DROP TABLE contact_terms")
    op.drop_table("contact_words_due")
    op.drop_table("contact_words")
