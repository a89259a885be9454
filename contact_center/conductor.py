"""One delivery from load to reply: load, advance, carry out effects, commit, answer (DESIGN D1-D3).

`Conductor.handle` is the only way anything a provider tells us changes a contact. Deliveries of one
contact are taken one after another here; between processes the contact's version decides, and
the loser runs its turn again. A delivery that was answered before gets that same answer.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec
import structlog
from sqlalchemy.engine import Connection

from contact_center.channels.base import Delivery, LegEvent, MessageIn, MessageStatus, Reply
from contact_center.events import happen
from contact_center.holding import Holding
from contact_center.message_reports import report_unit
from contact_center.room import Room
from contact_center.scene import Scene
from crm_store import deliveries, messages
from crm_store.deliveries import StoredDelivery
from crm_store.errors import Conflict, Duplicate
from ivr_flows.session import Traits

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 8
"""Runs of one turn before we give up on it: every lost run means that another delivery has won."""

REMEMBERED = 1_000
"""Replies kept in memory; older redeliveries are answered from the store."""


class Conductor:
    """See the module. ``holding`` keeps what is known of open contacts; ``leg_event`` is told of legs."""

    def __init__(self, room: Room, holding: Holding) -> None:
        self.room = room
        self.holding = holding
        self.leg_event: Callable[[str, LegEvent], Awaitable[None]] | None = None
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    async def handle(self, delivery: Delivery, traits: Traits) -> Reply:
        """The reply to ``delivery``, once everything it changed is durable.

        Raises `StoreDown` where the store does not answer, and `Conflict` where the contact is changed by
        others faster than we can follow; then nothing was changed, and the channel apologises.
        """
        if (known := self._replies.get(delivery.key)) is not None:
            self.room.metrics.meet_duplicate(delivery.channel)
            return known
        async with self._alone(delivery.open_key or delivery.contact_id or delivery.provider_ref):
            if (known := self._replies.get(delivery.key)) is not None:  # it was under way while we waited
                self.room.metrics.meet_duplicate(delivery.channel)
                return known
            for _ in range(MOST_ATTEMPTS):
                try:
                    reply = await self._attempt(delivery, traits)
                except Conflict:
                    self.room.metrics.meet_conflict()
                    self._forget(delivery)
                    continue
                except Duplicate:
                    self._forget(delivery)
                    if not delivery.key or isinstance(delivery.event, MessageIn):
                        continue  # another process has taken this page's turn, or this message
                    self.room.metrics.meet_duplicate(delivery.channel)
                    reply = await self._earlier_reply(delivery)
                self._remember(delivery.key, reply)
                return reply
        raise Conflict("a contact is being changed faster than this delivery can follow")

    async def _attempt(self, delivery: Delivery, traits: Traits) -> Reply:
        if isinstance(delivery.event, MessageStatus):
            return await self._message_status(delivery, delivery.event)
        if isinstance(delivery.event, LegEvent):
            # What the carrier says of a leg is told by the leg's own row from what is known already.
            if self.leg_event is not None:
                await self.leg_event(delivery.contact_id, delivery.event)
            return Reply()
        if isinstance(delivery.event, MessageIn):
            # A call's turn number tells a redelivery before it does anything. A message has none, and what
            # its turn asks of other systems must not be asked twice.
            known = await self._earlier_message(delivery, delivery.event)
            if known is not None:
                return known
        held = await self.holding.find(delivery)
        new = False
        if held is None:
            if delivery.opens is None:
                return Reply()
            held, new = self.holding.begin(delivery.opens, delivery.open_key), True
            await self.holding.recognise(held, delivery.opens)
        scene = Scene(held, traits, self.room.clock.now(), new=new)
        if new:
            self.holding.introduce(scene, delivery)
        reply = await happen(delivery, scene, self.room)
        if scene.touched:
            # A page that is never redelivered may still take a turn (a wait that is over): its reply is kept
            # for the action that asks for it next.
            key = delivery.key or (f"turn:{reply.contact_id}:{reply.turn}" if scene.turned else "")
            await self.room.store.commit(scene.unit(key, reply))
            self._committed(scene, delivery)
        elif delivery.key:
            await self.room.store.commit(scene.answer_only(delivery.key, reply))
        else:
            await self.room.store.read_quick(scene.check)
        return reply

    async def _message_status(self, delivery: Delivery, event: MessageStatus) -> Reply:
        """A word about a message of ours: it belongs to that message's contact, open or long over."""
        unit, reply = report_unit(delivery, event, self.room.clock.now(), self.room.ids), Reply()
        contact_id = (await self.room.store.commit(unit))[0]
        if contact_id:
            self.holding.forget_contact(contact_id)
        return reply

    def _forget(self, delivery: Delivery) -> None:
        """Read the delivery's contact from the store next time."""
        self.holding.forget(delivery.open_key)
        self.holding.forget_contact(delivery.contact_id)

    def _committed(self, scene: Scene, delivery: Delivery) -> None:
        self.holding.keep(scene.contact.open_key or delivery.open_key, scene.held())
        for function in scene.after_commit:
            function()

    async def _earlier_message(self, delivery: Delivery, event: MessageIn) -> Reply | None:
        """The reply that this very message has got before, in this conversation or one that is over."""

        def read(connection: Connection) -> StoredDelivery | None:
            message = messages.get_by_provider_ref(connection, event.provider_ref)
            return None if message is None else deliveries.get(connection, message.contact_id, delivery.key)

        stored = await self.room.store.read_quick(read)
        if stored is None:
            return None
        self.room.metrics.meet_duplicate(delivery.channel)
        return msgspec.json.decode(stored.reply, type=Reply)

    async def _earlier_reply(self, delivery: Delivery) -> Reply:
        """The reply stored under the delivery's key. The row is there: its key has just refused ours."""
        if isinstance(delivery.event, MessageStatus):
            return Reply()
        held = await self.holding.find(delivery)
        contact_id = held.contact.id if held else ""
        stored = await self.room.store.read_quick(
            lambda connection: deliveries.get(connection, contact_id, delivery.key)
        )
        if stored is None:
            raise Conflict("a delivery's stored reply has been pruned while it was redelivered")
        return msgspec.json.decode(stored.reply, type=Reply)

    def _remember(self, key: str, reply: Reply) -> None:
        if not key:
            return
        self._replies[key] = reply
        if len(self._replies) > REMEMBERED:
            self._replies.popitem(last=False)

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """One delivery of a contact at a time in this process (it saves conflicts, not correctness)."""
        lock, users = self._locks.get(name) or (asyncio.Lock(), 0)
        self._locks[name] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[name]
            if users == 1:
                del self._locks[name]
            else:
                self._locks[name] = (lock, users - 1)
