"""What the telephone's requests have in common: the delivery, and Twilio's words for how a call stands."""

from __future__ import annotations

from contact_center.channels.base import AnyEvent, Delivery, NewContact
from contact_center.channels.twilio_request import Request, whole

OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""The statuses after which a call has no other."""


def call_delivery(
    request: Request,
    sid: str,
    event: AnyEvent,
    unique: tuple[str, ...],
    opens: NewContact | None = None,
    contact_id: str = "",
) -> Delivery:
    """The delivery for the call ``sid``; without ``unique`` it changes nothing and is not remembered."""
    return Delivery(
        key=request.key(*unique) if unique else "",
        channel="phone",
        open_key=f"phone:{sid}" if sid else "",
        event=event,
        provider_ref=sid,
        opens=opens,
        turn=whole(request.ours("t")),
        contact_id=contact_id,
    )
