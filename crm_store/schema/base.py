"""What every table is made with: the metadata, and the columns that recur."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, String

from crm_store.types import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> Column[str]:
    """The row's own id; made by the caller (`crm_store.ids`)."""
    return Column("id", String(40), primary_key=True)


def ref(name: str, target: str, *, nullable: bool = True, index: bool = False) -> Column[str]:
    """An id of a row of ``target``."""
    return Column(name, String(40), ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def at(name: str, *, nullable: bool = True) -> Column[object]:
    """An instant."""
    return Column(name, UtcDateTime, nullable=nullable)
