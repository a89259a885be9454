"""The database's history, one file a step (Alembic); run by `crm_store.migrate`, not by hand."""
