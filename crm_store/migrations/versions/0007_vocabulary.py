"""The vocabulary behind the search in the log, which PostgreSQL's triggers keep (see `crm_store.vocabulary`).

What is indexed already is taken in afterwards, by the running program or ``contact-center log reindex``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Places are counted by days (86,400,000,000 microseconds of 1024 places). Each term is looked up by its key,
# however many the planner thinks there are, and nothing is written where its day is known: a row that
# ON CONFLICT finds is locked, and that is written too.
LEARN = """
INSERT INTO contact_vocabulary (term, until)
SELECT term, max(day_end) FROM (
    SELECT unnest(tsvector_to_array(terms)) AS term, (place / 88473600000000 + 1) * 88473600000000 AS day_end
    FROM changed
) AS said
WHERE NOT starts_with(term, '_') AND coalesce(
    (SELECT known.until FROM contact_vocabulary AS known WHERE known.term = said.term), 0
) < day_end
GROUP BY term ORDER BY term
ON CONFLICT (term) DO UPDATE SET until = greatest(contact_vocabulary.until, excluded.until);
"""
WATCHED = (("vocabulary_by_new_words", "INSERT"), ("vocabulary_by_words", "UPDATE"))


def upgrade() -> None:
    op.create_table(
        "contact_vocabulary",
        sa.Column(
            "term", sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_contact_vocabulary"),
    )
    if op.get_bind().dialect.name != "postgresql":
        return
    for name, event in WATCHED:
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {LEARN} RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON contact_words REFERENCING NEW TABLE AS changed "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
    # Now that nothing can come into the index unseen.
    op.execute(
        "INSERT INTO contact_vocabulary (term, until) "
        "SELECT '', CASE WHEN EXISTS (SELECT FROM contact_words) THEN 4611686018427387904 ELSE 0 END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, _ in WATCHED:
            op.execute(f"DROP TRIGGER {name} ON contact_words")
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("contact_vocabulary")
