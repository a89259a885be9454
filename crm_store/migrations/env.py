"""What Alembic runs for every command: the migrations, over the connection `crm_store.migrate` hands in."""

from __future__ import annotations

from alembic import context

from crm_store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=connection.dialect.name == "postgresql",  # SQLite shows '' as a change
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
