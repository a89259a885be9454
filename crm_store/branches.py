"""How many contacts took which way through a flow: a fold over the journal's paths."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store.ids import first_id

_COUNT: Final = (
    "SELECT {node} AS node, {exit} AS exit, count(DISTINCT j.contact_id) FROM journal AS j, {steps} AS step "
    "WHERE j.contact_id >= :first AND j.kind = 'path' AND {flow} = :flow GROUP BY 1, 2"
)
_STATEMENTS: Final = {
    "postgresql": sa.text(
        _COUNT.format(
            steps="jsonb_array_elements(j.data -> 'steps')",
            flow="step ->> 0",
            node="step ->> 1",
            exit="step ->> 2",
        )
    ),
    "sqlite": sa.text(
        _COUNT.format(
            steps="json_each(j.data, '$.steps')",
            flow="json_extract(step.value, '$[0]')",
            node="json_extract(step.value, '$[1]')",
            exit="json_extract(step.value, '$[2]')",
        )
    ),
}


def taken(connection: Connection, flow: str, since: datetime) -> dict[tuple[str, str], int]:
    """How many of the contacts that began at ``since`` or later left which node of ``flow`` by which exit: by
    (node, exit), '' for the wait at a node. Ids sort by time, so that only their part of the journal is read.
    """
    values = {"first": first_id("con", since), "flow": flow}
    rows = connection.execute(_STATEMENTS[connection.dialect.name], values)
    return {(node, way): int(number) for node, way, number in rows}
