"""``request_callback``: a promise to call back, with the place in line kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contact_center import contact as life
from contact_center.line import add_work, told_of
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import addresses, callbacks
from crm_store.works import Work
from ivr_flows.effects import RequestCallback


async def request_callback(effect: RequestCallback, scene: Scene, room: Room) -> dict[str, Any]:
    """Refused for numbers that cannot be called (anonymous, short codes, not a number)."""
    contact = scene.contact
    address = addresses.parse_address(
        effect.number or contact.from_address, region=room.config.company.region or None
    )
    if not address.dialable:
        return {"accepted": False, "reason": "not_dialable", "number_spoken": "", "due_at": ""}
    owed = await room.store.read_quick(
        lambda connection: callbacks.open_for_number(connection, effect.queue, address.value)
    )
    spoken = " ".join(address.value.lstrip("+"))
    if owed is None:
        promise = callbacks.Callback(
            id=room.ids.new("cbk"),
            contact_id=contact.id,
            customer_id=contact.customer_id,
            queue=effect.queue,
            number=address.value,
            queued_at=contact.queued_at or scene.at,
            due_at=_wished(effect.preferred_at),
            created_at=scene.at,
        )
        scene.insert("callbacks", callbacks.row(promise))
        await _promise_work(scene, room, promise)
        owed = promise
    scene.journal("callback_requested", {"callback_id": owed.id, "queue": effect.queue})
    scene.change(life.achieved(scene.contact, "callback"))
    due = owed.due_at.isoformat() if owed.due_at else ""
    return {"accepted": True, "reason": "", "number_spoken": spoken, "due_at": due}


async def _promise_work(scene: Scene, room: Room, promise: callbacks.Callback) -> None:
    """The promise stands in line in the customer's stead, at their old place."""
    customer = scene.customer
    work = Work(
        id=room.ids.new("wrk"),
        kind="callback",
        contact_id=scene.contact.id,
        callback_id=promise.id,
        queue=promise.queue,
        priority=scene.contact.priority,
        language=scene.session.language.partition("-")[0],
        tier=customer.tier if customer is not None else "",
        owners=(customer.owner_id,) if customer is not None and customer.owner_id else (),
        reason=scene.contact.reason,
        queued_at=promise.queued_at,
        entered_at=scene.at,
        not_before=promise.due_at,
    )
    add_work(scene, room, work)
    scene.journal("queued", told_of(work))


def _wished(text: str) -> datetime | None:
    """The customer's time, where it is one with a zone; otherwise as soon as it is their turn."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
