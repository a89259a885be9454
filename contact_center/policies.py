"""How each queue's work is routed: the queue's row as a `QueuePolicy`, checked with all others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.engine import Connection

from contact_center.routing.model import QueuePolicy
from contact_center.routing.policy import read_policies
from crm_store import queues
from crm_store.queues import Queue


def fields_of(queue: Queue, strategy: Sequence[str]) -> dict[str, Any]:
    """A queue's row as the fields of a policy: its skills are required, its service level is the target, and
    ``strategy`` holds where it names none."""
    settings = dict(queue.routing)
    required = settings.pop("required", {})
    if isinstance(required, dict):  # whatever else it is, is refused where it is read
        required = {**required, **queue.skills}
    level = queue.service_level
    return {
        "strategy": list(strategy),
        "target": level.target,
        "target_seconds": level.seconds,
        **settings,
        "required": required,
    }


def policies_of(found: Iterable[Queue], strategy: Sequence[str]) -> dict[str, QueuePolicy]:
    """Every queue's policy. Raises `PolicyError`, which names queue and field, and the valid names."""
    return read_policies({queue.name: fields_of(queue, strategy) for queue in found})


def read_queue_policies(connection: Connection, strategy: Sequence[str]) -> dict[str, QueuePolicy]:
    """As `policies_of`, of all queues in the store."""
    return policies_of(queues.list_queues(connection), strategy)
