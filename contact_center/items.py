"""Work as the router sees it: one place where a row becomes the router's value, for what runs and for what
simulates.
"""

from __future__ import annotations

from datetime import datetime

from contact_center.routing.model import Item
from crm_store.works import Work


def item_of(work: Work) -> Item:
    """Work as the router sees it."""
    return Item(
        id=work.id,
        kind=work.kind,
        queue=work.queue,
        queued_at=work.queued_at.timestamp(),
        entered_at=work.entered_at.timestamp(),
        priority=work.priority,
        language=work.language,
        tier=work.tier,
        required=work.required,
        preferred=work.preferred,
        owners=work.owners,
        last_agent=work.last_agent,
        owner_first=work.owner_first,
        wanted=work.wanted,
        passed={agent: datetime.fromisoformat(until).timestamp() for agent, until in work.passed.items()},
        not_before=work.not_before.timestamp() if work.not_before else 0.0,
        version=work.version,
    )
